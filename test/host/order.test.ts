// The order found near a change, compared with that of a walk through the whole graph.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Graph, guestRequests } from '../../host/graph.js'
import type { BuiltModule, RunningModule } from '../../host/module.js'
import { evaluationOrder, reach } from '../../host/order.js'

const entry = 'm0'
const record = { imports: new Map(), dynamicRequests: [] } as unknown as BuiltModule['record']

function moduleOf(id: string, imports: readonly string[]): RunningModule {
  const requests = new Map(imports.map(each => [`./${each}`, { kind: 'guest', id: each }] as const))
  return { id, source: '', record, map: undefined, requests, targets: new Map() } as unknown as RunningModule
}

/** A program whose modules import others: what each change says of it, and what a start anew would. */
class Program {
  readonly graph = new Graph()
  readonly imports = new Map<string, readonly string[]>()

  constructor(imports: Readonly<Record<string, readonly string[]>>) {
    this.graph.roots.add(entry)
    this.change(imports)
  }

  #reaches(from: string, to: string): boolean {
    const found = new Set([from])
    for (const id of found) for (const below of this.imports.get(id) ?? []) found.add(below)
    return found.has(to)
  }

  change(imports: Readonly<Record<string, readonly string[]>>, root?: string): void {
    const { graph } = this
    for (const [id, of] of Object.entries(imports)) this.imports.set(id, of)
    const all = (id: string) => {
      const of = this.imports.get(id)
      return of && moduleOf(id, of)
    }
    const roots = new Set(root === undefined ? graph.roots : [...graph.roots, root])
    const { places: walked } = evaluationOrder(roots, all)
    const built = new Map<string, BuiltModule>()
    for (const id of walked.keys())
      if (!graph.modules.has(id) || id in imports) built.set(id, moduleOf(id, this.imports.get(id)!))
    const { order, removed } = reach(graph, built, roots, id => built.get(id) ?? graph.modules.get(id))
    assert.deepEqual([...removed].sort(), [...graph.modules.keys()].filter(id => !walked.has(id)).sort())
    for (const id of [...walked.keys(), ...removed]) assert.equal(order.has(id), walked.has(id), id)
    assert.equal(order.size, walked.size)
    for (const id of walked.keys())
      for (const below of guestRequests(moduleOf(id, this.imports.get(id)!))) {
        if (!this.#reaches(below, id)) assert.ok(order.get(below)! < order.get(id)!, `${below} before ${id}`)
      }
    if (order.isExact) {
      const sorted = [...walked.keys()].sort((a, b) => order.get(a)! - order.get(b)!)
      assert.deepEqual(sorted, [...walked.keys()])
    }
    for (const id of removed) graph.delete(id)
    for (const module of built.values()) graph.set(module as RunningModule)
    for (const each of roots) graph.roots.add(each)
    graph.order = order.settled()
  }
}

describe('the order of evaluation', () => {
  it('is found near an import of a new module', () => {
    const program = new Program({ m0: ['m1', 'm2'], m1: [], m2: [] })
    program.change({ m1: ['m3'], m3: ['m4', 'm1'], m4: [] })
    assert.equal(program.graph.order!.isExact, false)
    const places = ['m4', 'm3', 'm1', 'm2', 'm0'].map(id => program.graph.order!.get(id)!)
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    )
  })

  it('is exact again once several modules change', () => {
    const program = new Program({ m0: ['m1', 'm2'], m1: [], m2: [] })
    program.change({ m0: ['m3', 'm1', 'm2'], m3: [] })
    assert.equal(program.graph.order!.isExact, false)
    program.change({ m1: [], m3: [] })
    assert.equal(program.graph.order!.isExact, true)
    assert.ok(program.graph.order!.get('m3')! < program.graph.order!.get('m1')!)
  })

  it('stays exact when import() brings in modules', () => {
    const program = new Program({ m0: ['m1'], m1: [] })
    program.change({ m2: ['m1', 'm3'], m3: ['m2'] }, 'm2')
    assert.equal(program.graph.order!.isExact, true)
  })

  it('is that of a walk, or as good, whatever changes', () => {
    const id = fc.integer({ min: 0, max: 9 }).map(number => `m${number}`)
    const imports = (of: fc.Arbitrary<string>) => fc.uniqueArray(of, { maxLength: 4 })
    const whole = fc.array(imports(id), { minLength: 10, maxLength: 10 })
    const changes = fc.array(
      fc.record({
        modules: fc.uniqueArray(fc.tuple(id, imports(id)), { minLength: 1, maxLength: 2, selector: each => each[0] }),
        root: fc.option(id, { nil: undefined, freq: 6 }),
      }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(whole, changes, (start, steps) => {
        const program = new Program(Object.fromEntries(start.map((of, index) => [`m${index}`, of])))
        for (const { modules, root } of steps) program.change(Object.fromEntries(modules), root)
      }),
      { numRuns: 500 },
    )
  })
})
