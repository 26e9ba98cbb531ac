// A change under way: the graph as it would be, and what must be done to the running program to get there. Nothing runs here.
// Longer than most: what a change of one module means for all others is one question.
import { keptSlots } from '../bundler/class-history.js'
import { staticsOf } from '../bundler/class-slots.js'
import { decoratedNames, usesOf, usesWithCalled } from '../bundler/comparison.js'
import { type Difference, diff, executeWhole } from '../bundler/diff.js'
import type { Run } from '../bundler/emit.js'
import { type Relink, relinkOf, type Target } from '../bundler/links.js'
import type { ClassElement, Item } from '../bundler/record.js'
import { FirstChange } from './first-version.js'
import type { Graph } from './graph.js'
import { type LinkFault, type LinkView, link } from './link.js'
import type { BuiltModule, RunningModule } from './module.js'
import { type Order, reach } from './order.js'
import { placeAt } from './source-place.js'

/** What happens to one module. */
export interface ModuleChange {
  readonly module: BuiltModule
  readonly running: RunningModule | undefined
  readonly targets: ReadonlyMap<string, Target>
  /** How names link otherwise than in the running version. */
  readonly relinked?: ReadonlyMap<string, Relink>
  readonly difference: Difference
  readonly runs: Run[]
  readonly nextLiteral: number
  readonly freeLiterals: number[]
}

export interface Change {
  readonly changes: ReadonlyMap<string, ModuleChange>
  /** Modules that may link differently, whether or not anything else happens to them. */
  readonly affected: ReadonlySet<string>
  /** Modules nobody imports any more. */
  readonly removed: readonly string[]
  readonly order: Order
  /** The entry, and what `import()` has brought in. */
  readonly roots: ReadonlySet<string>
  readonly faults: readonly LinkFault[]
}

/** Whether importers may link differently because of a new version. */
function exportsDiffer(before: BuiltModule, after: BuiltModule): boolean {
  if (before.record === after.record && before.requests === after.requests) return false
  const shape = ({ record, requests }: BuiltModule) =>
    JSON.stringify([
      [...record.localExports].map(([name, { binding }]) => [name, binding]),
      [...record.indirectExports].map(([name, entry]) => [name, entry.name, requests.get(entry.specifier)]),
      record.starExports.map(specifier => requests.get(specifier)),
    ])
  return shape(before) !== shape(after)
}

/** Modules whose names may link differently: the changed ones, and importers of those whose exports changed. */
function affectedBy(
  graph: Graph,
  built: ReadonlyMap<string, BuiltModule>,
  moduleOf: (id: string) => BuiltModule | undefined,
): Set<string> {
  const affected = new Set(built.keys())
  // Those that changed themselves pass on what happened behind them, too.
  const passing = new Set<string>()
  for (const module of built.values()) {
    const before = graph.modules.get(module.id)
    if (before && exportsDiffer(before, module)) passing.add(module.id)
  }
  for (const passed of passing) {
    for (const id of graph.importersOf(passed)) {
      const importer = moduleOf(id)
      if (!importer) continue
      affected.add(id)
      if (importer.record.starExports.length > 0 || importer.record.indirectExports.size > 0) passing.add(id)
    }
  }
  return affected
}

/**
 * @param built new versions, and modules that are new to the graph
 * @param wholeOf which modules are executed whole because of these changes (R12)
 */
export function planChange(
  graph: Graph,
  built: ReadonlyMap<string, BuiltModule>,
  roots: ReadonlySet<string>,
  view: LinkView,
  wholeOf: (changes: ReadonlyMap<string, ModuleChange>) => readonly string[],
): Change {
  const moduleOf = view.module
  const { order, removed } = reach(graph, built, roots, moduleOf)
  const changes = new Map<string, ModuleChange>()
  const faults: LinkFault[] = []
  const affected = affectedBy(graph, built, moduleOf)
  for (const id of affected) {
    const module = moduleOf(id)!
    if (!order.has(id)) continue
    const linked = link(view, module)
    faults.push(...linked.faults)
    const running = graph.modules.get(id)
    const change = planModule(module, running, linked.targets)
    if (change) changes.set(id, change)
  }
  for (const id of faults.length === 0 ? wholeOf(changes) : []) {
    const running = graph.modules.get(id)
    if (!running || !order.has(id)) continue
    const change = changes.get(id) ?? createChange(running)
    changes.set(id, { ...change, ...executeWhole(change.module.record, change.difference, running) })
  }
  if (faults.length === 0) propagate(graph, changes, order)
  return { changes, affected, removed, order, roots, faults }
}

function planModule(
  module: BuiltModule,
  running: RunningModule | undefined,
  targets: Map<string, Target>,
): ModuleChange | undefined {
  if (!running) return new FirstChange(module, targets)
  const relinked = new Map<string, Relink>()
  for (const name of new Set([...targets.keys(), ...running.targets.keys()])) {
    const relink = relinkOf(running.targets.get(name), targets.get(name))
    if (relink) relinked.set(name, relink)
  }
  if (running.record === module.record && relinked.size === 0) {
    if (running.requests === module.requests) return undefined
  }
  let { nextLiteral } = running
  const freeLiterals = [...running.freeLiterals]
  const takeId = () => freeLiterals.pop() ?? nextLiteral++
  const difference = diff(running, module.record, relinked, takeId, {
    before: offset => placeAt(running, offset).line,
    after: offset => placeAt(module, offset).line,
  })
  return { module, running, targets, relinked, difference, runs: [...difference.runs], nextLiteral, freeLiterals }
}

/** Adds what may have to run because a value it names may change (R4), through any number of modules. */
function propagate(graph: Graph, changes: Map<string, ModuleChange>, order: Order): void {
  const disturbed = new Map<string, Set<string>>()
  const queue: string[] = []
  const disturb = (id: string, names: Iterable<string>) => {
    let set = disturbed.get(id)
    if (!set) disturbed.set(id, (set = new Set()))
    const before = set.size
    for (const name of names) set.add(name)
    if (set.size > before && !queue.includes(id)) queue.push(id)
  }
  for (const [id, change] of changes) {
    if (!change.running) continue
    disturb(id, change.difference.disturbed)
    // What runs may assign bindings, of its own module or, through functions, of those it names.
    if (change.runs.some(run => (run.item.kind === 'statement' && !run.item.once) || run.item.kind === 'data')) {
      for (const module of [id, ...graphModules(change.targets)]) {
        const bindings = changes.get(module)?.module.record.bindings ?? graph.modules.get(module)?.record.bindings
        disturb(
          module,
          [...(bindings ?? [])].filter(([, binding]) => binding.isAssigned).map(([name]) => name),
        )
      }
    }
  }

  const visit = (id: string): void => {
    const running = graph.modules.get(id)
    const change = changes.get(id)
    // What this reload removes from the graph runs nothing any more.
    if (!running || !order.has(id) || (change && !change.running)) return
    const targets = change?.targets ?? running.targets
    const isDisturbed = (name: string) => {
      const target = targets.get(name)
      return target?.kind === 'binding' && (disturbed.get(target.module)?.has(target.binding) ?? false)
    }
    const { record } = change?.module ?? running
    if (!some(record.uses, isDisturbed)) return
    const { items } = record
    const planned = new Set(change?.runs.map(run => run.item))
    const literalIds = change?.difference.literalIds ?? running.literalIds
    // A CommonJS text may require at any time, long after it has run: what it can require counts as if it had.
    const called = running.commonJS ? new Set(literalIds.values()) : running.called
    const state = { literalIds, called }
    for (const item of items) {
      if (planned.has(item)) continue
      const run = conditionalRun(item, items, state, change?.difference.classes ?? running.classes, isDisturbed)
      if (!run) continue
      const own = change ?? createChange(running)
      changes.set(id, own)
      // What a CommonJS module requires runs after it has begun.
      const isText = own.module.commonJS !== undefined && item.kind === 'data' && item.form === 'simple'
      own.runs.push(isText ? { ...run, isConditional: false } : run)
      if (item.kind === 'data') disturb(id, item.names)
      if (item.kind !== 'class') continue
      for (const other of items)
        if (other.kind === 'statement' && other.decorates === item.names[0] && !planned.has(other))
          own.runs.push({ ...run, item: other, isNew: true })
    }
    const own = changes.get(id)
    if (own) {
      const place = new Map(items.map((item, index) => [item, index]))
      own.runs.sort((a, b) => place.get(a.item)! - place.get(b.item)!)
    }
  }
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    visit(id)
    for (const user of graph.usersOf(id)) visit(user)
    for (const [other, change] of changes) if (change.running && usesModule(change.targets, id)) visit(other)
  }
}

/** What arrays have, for any values: nothing is copied. */
export function some<T>(values: Iterable<T>, isMeant: (value: T) => boolean): boolean {
  for (const each of values) if (isMeant(each)) return true
  return false
}

/** Whether somebody can tell that a module changed: a class that was only moved runs anew, and nobody sees it. */
export const isVisible = ({ difference, runs }: ModuleChange): boolean =>
  runs.some(({ item }) => item.kind !== 'class' && !(item.kind === 'statement' && item.once)) ||
  difference.added.length + difference.patched.length + difference.removed.length > 0

function graphModules(targets: ReadonlyMap<string, Target>): Set<string> {
  const ids = new Set<string>()
  for (const target of targets.values()) if (target.kind === 'binding' && !target.isOwn) ids.add(target.module)
  return ids
}

function usesModule(targets: ReadonlyMap<string, Target>, id: string): boolean {
  for (const target of targets.values()) if (target.kind === 'binding' && target.module === id) return true
  return false
}

/** A module that only runs items again. */
function createChange(running: RunningModule): ModuleChange {
  const difference: Difference = {
    functions: [],
    literals: [],
    runs: [],
    variables: [],
    literalIds: new Map(running.literalIds),
    owners: new Map(running.owners),
    nextOwner: running.nextOwner,
    removedOwners: [],
    classes: new Map(running.classes),
    matches: new Map(running.record.items.map(item => [item, item])),
    matchedLiterals: new Map([...running.literalIds.keys()].map(each => [each, each])),
    added: [],
    patched: [],
    changedClasses: [],
    removed: [],
    removedBindings: [],
    removedMembers: [],
    removedLiterals: [],
    disturbed: new Set(),
  }
  return {
    module: running,
    running,
    targets: running.targets,
    difference,
    runs: [],
    nextLiteral: running.nextLiteral,
    freeLiterals: [...running.freeLiterals],
  }
}

function conditionalRun(
  item: Item,
  items: readonly Item[],
  state: Parameters<typeof usesOf>[1],
  classes: RunningModule['classes'],
  isDisturbed: (name: string) => boolean,
): Run | undefined {
  if (item.kind === 'data') {
    const uses = usesOf(item, state)
    if (item.form === 'empty' || !uses.some(isDisturbed)) return undefined
    return { item, isConditional: true, isNew: true, isReset: item.isEnum, uses }
  }
  if (item.kind === 'statement') {
    const { completes: uses, registersWith } = item
    if (!uses.some(isDisturbed) && !registersWith.some(isDisturbed)) return undefined
    return { item, isConditional: true, isNew: true, isReset: false, uses, registersWith }
  }
  if (item.kind !== 'class') return undefined
  const statics = staticsOf(item.spec)
  const usesOfField = (each: ClassElement) => (each.kind === 'field' ? usesWithCalled(each, state) : [])
  const uses = [...item.uses, ...statics.flatMap(usesOfField)]
  if (!uses.some(isDisturbed)) return undefined
  return {
    item,
    isConditional: true,
    isNew: false,
    isReset: false,
    uses,
    classHistory: classes.get(item.names[0]!)!,
    statics: statics.map(each => {
      if (each.isDecorating) return 'run'
      const names = usesOfField(each)
      return names.length ? names : 'keep'
    }),
    keptSlots: keptSlots(item, item, decoratedNames(items)),
  }
}
