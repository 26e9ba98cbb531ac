// Rule R6: function literals inside items are patched in place.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

/** A module that registers callbacks and counts registrations. */
const bus = {
  'bus.js': `
    const listeners = []
    export const log = []
    export function on(name, ...callbacks) { log.push(name); listeners.push(...callbacks) }
    export function replace(name, callback) { log.push(name); listeners.splice(0, Infinity, callback) }
    export function emit(...args) { return listeners.map(listener => listener(...args)) }`,
}
const head = `import { emit, log, on, replace } from './bus.js'\nexport function run(...args) { return [emit(...args), log] }\n`

describe('R6 literals', () => {
  inEveryRealm(start => {
    it('a callback literal is patched in place and not registered again', async () => {
      const app = await start({ ...bus, 'main.js': `${head}on('event', text => 'one ' + text)` })
      await app.expect('run', [['one a'], ['event']], 'a')
      const report = await app.edit({ 'main.js': `${head}on('event', text => { return 'two ' + text })` })
      await app.expect('run', [['two a'], ['event']], 'a')
      assert.deepEqual([moduleReport(report).patched.length, moduleReport(report).evaluated], [1, []])
    })

    it('every form of literal argument is patched', async () => {
      const source = (n: number) => `${head}
        on('many', function () { return ${n} }, function named() { return [${n}, typeof named] }, () => ${n}, async () => ${n},
          function* () { yield ${n} }, { handle() { return ${n} } }.handle)
        export const registrations = () => log
        export async function all() { return Promise.all(emit().map(each => typeof each?.next === 'function' ? [...each] : each)) }`
      const app = await start({ ...bus, 'main.js': source(1) })
      await app.expect('all', [1, [1, 'function'], 1, 1, [1], 1])
      await app.edit({ 'main.js': source(2) })
      await app.expect('all', [2, [2, 'function'], 2, 2, [2], 2])
      await app.expect('registrations', ['many'])
    })

    it('a report names the lines of statements as TypeScript was written', async () => {
      const source = (text: string, more: string) => `
        interface Shape {
          size: number
        }
        const out: unknown[] = []

        out.push(() => '${text}')
        ${more}
        export function run() { return out.length }`
      const app = await start({ 'main.ts': source('one', 'out.push(1)') })
      const patched = await app.edit({ 'main.ts': source('two', 'out.push(1)') })
      assert.deepEqual(moduleReport(patched, 'main.ts').patched, ['statement at line 7'])
      const removed = await app.edit({ 'main.ts': source('two', '') })
      assert.deepEqual(moduleReport(removed, 'main.ts').removed, ['statement at line 8'])
    })

    it('of two literals in one statement only the edited one changes', async () => {
      const source = (second: string) => `${head}on('pair', () => 'first', () => '${second}')`
      const app = await start({ ...bus, 'main.js': source('one') })
      await app.expect('run', [['first', 'one'], ['pair']])
      await app.edit({ 'main.js': source('two') })
      await app.expect('run', [['first', 'two'], ['pair']])
    })

    it('a patched literal uses live state and a binding that came with the same edit', async () => {
      const app = await start({ ...bus, 'main.js': `${head}let seen = 0\non('event', () => ++seen)` })
      await app.expect('run', [[1], ['event']])
      await app.edit({ 'main.js': `${head}let seen = 0\nconst unit = 'x'\non('event', () => (seen += 10) + unit)` })
      await app.expect('run', [['11x'], ['event']])
    })

    it('a literal nested in a literal changes with it', async () => {
      const source = (n: number) =>
        `${head}on('event', list => { const add = item => item + ${n}; return list.map(item => add(item)) })`
      const app = await start({ ...bus, 'main.js': source(1) })
      await app.expect('run', [[[2, 3]], ['event']], [1, 2])
      await app.edit({ 'main.js': source(10) })
      await app.expect('run', [[[11, 12]], ['event']], [1, 2])
    })

    it('methods, accessors and arrows of an exported object change while its state stays', async () => {
      const app = await start({
        'main.js': `
          import app from './app.js'
          const first = app, { fetch } = app
          export function run() { return [app.fetch('a'), fetch.call(app, 'b'), app.size, app.arrow(), app.hits, app === first] }
          export function set() { app.size = 3; return app.stored }`,
        'app.js': `export default { hits: 0, fetch(text) { this.hits++; return 'one ' + text }, get size() { return 1 }, set size(n) { this.stored = n }, arrow: () => 1 }`,
      })
      await app.expect('run', ['one a', 'one b', 1, 1, 2, true])
      await app.expect('set', 3)
      const report = await app.edit({
        'app.js': `export default { hits: 0, fetch(text) { this.hits++; return 'two ' + text }, get size() { return 2 }, set size(n) { this.stored = n * 2 }, arrow: () => 2 }`,
      })
      await app.expect('run', ['two a', 'two b', 2, 2, 4, true])
      await app.expect('set', 6)
      assert.deepEqual(moduleReport(report, 'app.js').evaluated, [])
    })

    it('symbol, async and generator methods of an object are patched', async () => {
      const source = (n: number) => `
        const object = { hits: 0, async later() { return ${n} }, *[Symbol.iterator]() { yield ${n} }, 'quoted key'() { return ${n} } }
        export async function run() { return [++object.hits, await object.later(), ...object, object['quoted key']()] }`
      const app = await start(source(1))
      await app.expect('run', [1, 1, 1, 1])
      await app.edit(source(2))
      await app.expect('run', [2, 2, 2, 2])
    })

    it('an object method that uses super belongs to its object: an edit makes the object anew', async () => {
      const source = (n: number) => `
        const base = { tell() { return 'base' } }
        const object = { __proto__: base, hits: 0, tell() { return super.tell() + ${n} } }
        export function run() { return [++object.hits, object.tell()] }`
      const app = await start(source(1))
      await app.expect('run', [1, 'base1'])
      await app.edit(source(2))
      await app.expect('run', [1, 'base2'])
    })

    it('a function assigned to a property is patched through captured references', async () => {
      const source = (n: number) => `
        const parser = { parse: null }, exported = {}
        parser.parse = function (text) { return text + ${n} }
        exported.tools = { deep: () => ${n} }
        const { parse } = parser
        parser.parse.calls = 5
        export function run() { return [parser.parse('a'), parse('b'), exported.tools.deep(), parser.parse === parse, parse.calls] }`
      const app = await start(source(1))
      await app.expect('run', ['a1', 'b1', 1, true, 5])
      const report = moduleReport(await app.edit(source(2)))
      await app.expect('run', ['a2', 'b2', 2, true, 5])
      assert.deepEqual(report.evaluated, [])
    })

    it('a wrapper such as memo keeps its cache while the wrapped body changes', async () => {
      const source = (n: number) => `
        function memo(compute) { const cache = new Map(); return x => { if (!cache.has(x)) cache.set(x, compute(x)); return cache.get(x) } }
        const scaled = memo(x => x * ${n})
        export function run(x) { return scaled(x) }`
      const app = await start(source(2))
      await app.expect('run', 6, 3)
      const report = await app.edit(source(10))
      await app.expect('run', 6, 3)
      await app.expect('run', 40, 4)
      assert.deepEqual(moduleReport(report).evaluated, [])
    })

    it('a literal that was called while its item was evaluated makes the item run again', async () => {
      const source = (n: number) => `
        const doubled = [1, 2].map(x => x * ${n})
        const invoked = (() => ({ n: ${n} }))()
        const promised = await new Promise(resolve => resolve(${n}))
        const sorted = [1, 2, 3].sort((a, b) => (a - b) * (${n} - 3))
        export function run() { return [doubled, invoked.n, promised, sorted] }`
      const app = await start(source(2))
      await app.expect('run', [[2, 4], 2, 2, [3, 2, 1]])
      const report = await app.edit(source(5))
      await app.expect('run', [[5, 10], 5, 5, [1, 2, 3]])
      assert.deepEqual(moduleReport(report).evaluated, ['doubled', 'invoked', 'promised', 'sorted'])
    })

    it('names in a called literal count as the names of its item', async () => {
      const source = (factor: number) => `
        const FACTOR = ${factor}
        const scaled = [1, 2].map(n => n * FACTOR)
        const lazy = { hits: 0, scale: n => n * FACTOR }
        export function run() { return [scaled, ++lazy.hits, lazy.scale(1)] }`
      const app = await start(source(2))
      await app.expect('run', [[2, 4], 1, 2])
      const report = await app.edit(source(3))
      await app.expect('run', [[3, 6], 2, 3])
      assert.deepEqual(moduleReport(report).evaluated, ['FACTOR', 'scaled'])
    })

    it('a describe-like statement runs again when something in its callback changes', async () => {
      const source = (text: string) => `
        import { log } from './bus.js'
        function suite(name, define) { log.push(name); define() }
        suite('a', () => { suite('b', () => { log.push('${text}') }) })
        export function run() { return log }`
      const app = await start({ ...bus, 'main.js': source('one') })
      await app.expect('run', ['a', 'b', 'one'])
      await app.edit({ 'main.js': source('two') })
      await app.expect('run', ['a', 'b', 'one', 'a', 'b', 'two'])
    })

    it('a literal that closes over a block-scoped variable makes its statement run again', async () => {
      const source = (n: number) => `${head}{ let hidden = 0; replace('block', () => hidden += ${n}) }`
      const app = await start({ ...bus, 'main.js': source(1) })
      await app.expect('run', [[1], ['block']])
      await app.expect('run', [[2], ['block']])
      await app.edit({ 'main.js': source(10) })
      await app.expect('run', [[10], ['block', 'block']])
    })

    it('a literal in a loop that names the loop variable makes the loop run again', async () => {
      const source = (text: string) => `${head}for (const name of ['a', 'b']) replace(name, () => name + '${text}')`
      const app = await start({ ...bus, 'main.js': source('1') })
      await app.expect('run', [['b1'], ['a', 'b']])
      await app.edit({ 'main.js': source('2') })
      await app.expect('run', [['b2'], ['a', 'b', 'a', 'b']])
    })

    it('a change outside the literal runs the statement again', async () => {
      const app = await start({ ...bus, 'main.js': `${head}replace('before', () => 1)` })
      await app.expect('run', [[1], ['before']])
      await app.edit({ 'main.js': `${head}replace('after', () => 1)` })
      await app.expect('run', [[1], ['before', 'after']])
      await app.edit({ 'main.js': `${head}replace('last', () => 2)` })
      await app.expect('run', [[2], ['before', 'after', 'last']])
    })

    it('a literal handed to a constructor is patched without a new construction', async () => {
      const source = (n: number) => `
        class Server { static made = 0; constructor(options) { this.options = options; Server.made++ } get(x) { return this.options.onRequest(x) } }
        const server = new Server({ onRequest(x) { return x * ${n} }, onClose: () => {} })
        export function run() { return [server.get(1), Server.made] }`
      const app = await start(source(2))
      await app.expect('run', [2, 1])
      await app.edit(source(3))
      await app.expect('run', [3, 1])
    })

    it('a called literal in a statement lists the statement as stale when a value it names changes', async () => {
      const source = (n: number) => `
        import { log } from './bus.js'
        const N = ${n};
        [1].forEach(x => log.push(x + N))
        export function run() { return log }`
      const app = await start({ ...bus, 'main.js': source(1) })
      await app.expect('run', [2])
      const report = await app.edit({ 'main.js': source(2) })
      await app.expect('run', [2])
      assert.deepEqual(moduleReport(report).stale, ['statement at line 4'])
    })

    it('getters and traps are patched in place, whatever they are called: nobody asks them for disposers', async () => {
      const source = (by: number) => `
        let made = 0
        class Candle { get close() { made++; return () => {} } }
        export const other = new Candle()
        export const candle = { open: 1, ticks: [], get close() { return (this.ticks.at(-1) ?? this.open) * ${by} }, get on() { return ${by} } }
        export const store = new Proxy({ n: 0 }, { get(target, key) { return target[key] * ${by} } })
        export const tick = value => { candle.ticks.push(value); store.n = value }
        export const run = () => [candle.close, candle.ticks.length, candle.on, store.n, made]`
      const app = await start(source(1))
      await app.call('tick', 5)
      await app.expect('run', [5, 1, 1, 5, 0])
      const report = moduleReport(await app.edit(source(10)))
      await app.expect('run', [50, 1, 10, 50, 0])
      assert.deepEqual([report.patched, report.evaluated], [['candle', 'store'], []])
    })
  })
})
