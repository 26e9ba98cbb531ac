// Whatever an edit makes of a class, its new instances are made as by a class written so from the start, and its older ones keep their
// private state. Fields, constructors and a superclass come, go and change places.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RealmKind } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import { realms } from '../support/program.js'

const seed = Number(process.env.REGROW_SEED ?? Date.now() % 2 ** 31)
/** Over both realms. */
const runs = Math.ceil(Number(process.env.REGROW_RUNS ?? 1000) / 4)

interface Version {
  /** Members, in their order. */
  readonly members: readonly string[]
  readonly kept: string
  /** Where the field stands that is always there. */
  readonly at: number
  readonly maker: string
  readonly superclass: boolean
  readonly number: number
}

const members = [
  `a = log('a', Object.keys(this))`,
  `a`,
  `b = log('b', Object.keys(this))`,
  `'c d' = log('c', Object.keys(this))`,
  `3 = log('3')`,
  `named = () => log('named')`,
  `#late = log('late', Object.keys(this))`,
  `#late = 1`,
  `#late`,
  `#late() { return log('method') }`,
  `get #other() { return 'other' }`,
  `['computed'] = log('computed')`,
  `own = eval('this') === this`,
  `static made = log('static')`,
  `static #hidden = [1]`,
]

const makers = [
  '',
  `constructor(x) { SUPER; log('new', x, Object.keys(this)); this.x = x }`,
  `constructor(x, y = log('y', typeof x)) { SUPER; this.x = x; this.y = y }`,
  `constructor(...rest) { SUPER; this.x = rest.length + arguments.length }`,
  `constructor(x) { SUPER; this.x = x; this.target = new.target.name }`,
  `constructor(x) { SUPER; if (x > 1) return { x: 'other' }; this.x = x }`,
  `constructor(x) { const late = () => { SUPER }; late(); this.x = x }`,
]

const versions: fc.Arbitrary<Version> = fc.record({
  members: fc.uniqueArray(fc.constantFrom(...members), {
    maxLength: 6,
    selector: each => /^(?:static )?(?:get )?[#'[\w]+/.exec(each)![0].replace('get ', ''),
  }),
  kept: fc.constantFrom('#kept', '#kept = 0', `#kept = log('kept')`),
  at: fc.nat(6),
  maker: fc.constantFrom(...makers),
  superclass: fc.nat(4).map(each => each === 0),
  number: fc.nat(9),
})

/** A program that tells how its instances are made. */
function render({ members, kept, at, maker, superclass, number }: Version): string {
  const body = [
    ...members.slice(0, at),
    kept,
    ...members.slice(at),
    maker.replace('SUPER', superclass ? `super(${Array(number).fill(0)})` : ''),
  ]
  const heritage = superclass ? 'extends Above ' : ''
  return `
    let entries = []
    const log = (...all) => { entries.push(all); return all[0] }
    class Above { above = log('above'); constructor(...given) { log('Above', new.target.name, given) } }
    class C ${heritage}{
      ${body.join(';\n')}
      keep(value) { this.#kept = value; return ${number} }
      read() { return this.#kept }
      static test(o) { return #kept in o }
    }
    class Below extends C { below = log('below') }
    const first = new C(1), old = [first]
    export const made = []
    const tell = object => {
      const told = entries.map(each => JSON.stringify(each))
      entries = []
      return [told, Object.keys(object), object.x, object instanceof C, JSON.stringify(object)]
    }
    export function run() {
      entries = []
      const one = new C(1)
      made.push(one)
      const results = [tell(one), tell(new C(2, 3)), tell(new Below(1, 2, 3)), C.length, C.test(one), C.test({})]
      try { C() } catch (error) { results.push(error.message) }
      return JSON.stringify([...results, one.read(), one.keep('kept'), one.read()])
    }
    export const readAll = () => JSON.stringify(made.map(each => each.read()))
  `
}

function natively(source: string): string {
  return new Function(`'use strict';${source.replaceAll('export ', '')};return run()`)()
}

async function play(all: readonly Version[], realm: RealmKind): Promise<void> {
  const sources = (version: Version) => ({ 'main.js': render(version) })
  const host = createHost({ sources: sources(all[0]!), realm, watch: false })
  try {
    const program = await host.run('./main.js')
    for (const [index, version] of all.entries()) {
      if (index > 0) {
        const report = await program.update(sources(version))
        assert.notEqual(report.outcome, 'rejected', report.error?.stack)
      }
      assert.equal(await program.call('run'), natively(render(version)))
      assert.equal(await program.call('readAll'), JSON.stringify(Array(index + 1).fill('kept')))
    }
  } finally {
    await host.close()
  }
}

describe('classes that change in any way', () => {
  for (const realm of realms) {
    it(`make instances as natively, and leave older ones their state, in realm ${realm} (REGROW_SEED=${seed})`, async function () {
      const share = Math.ceil(runs / realms.length)
      this.timeout(60_000 + share * 100)
      await fc.assert(
        fc.asyncProperty(fc.array(versions, { minLength: 2, maxLength: 5, size: 'max' }), all => play(all, realm)),
        { seed, numRuns: share, includeErrorInReport: true },
      )
    })
  }
})
