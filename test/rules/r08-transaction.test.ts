// Rule R8: a reload is applied whole or not at all. One file a rule, however many its awkward cases.
import assert from 'node:assert/strict'
import { describeError, inEveryRealm } from '../support/program.js'

describe('R8 transaction', () => {
  inEveryRealm((start, realm) => {
    it('a failure in a later item puts back what the items before it changed', async () => {
      const source = (n: number, end: string) => `
        export let count = ${n}
        const box = { n: ${n} }
        let loose = 0
        function plain() { return ${n} }
        class Thing { static level = ${n}; static list = []; n = ${n}; tell() { return ${n} } }
        const old = new Thing(), held = plain
        export function add() { count++; box.n++; Thing.list.push('x') }
        export function run() { return [count, box.n, plain(), held(), Thing.level, Thing.list.length, old.tell(), new Thing().n, loose] }
        ${end}`
      const app = await start(source(1, ''))
      await app.call('add')
      const before = [2, 2, 1, 1, 1, 1, 1, 1, 0]
      await app.expect('run', before)
      await app.edit(source(100, `loose = 999\ncount = 999\nnull.missing`), 'rejected')
      await app.expect('run', before)
      await app.edit(source(100, ''))
      await app.expect('run', [100, 100, 100, 100, 100, 1, 100, 100, 0])
    })

    it('a failure in the second of three modules puts back the first and does not reach the third', async () => {
      const files = (n: number, second: string) => ({
        'first.js': `export const first = ${n}\nexport const tellFirst = () => 'first${n}'`,
        'second.js': `import { log } from './log.js'\nlog.push('second${n}')\nexport const second = ${second}`,
        'third.js': `import { log } from './log.js'\nlog.push('third${n}')\nexport const third = ${n}`,
      })
      const app = await start({
        ...files(1, '1'),
        'log.js': 'export const log = []',
        'main.js': `
          import { first, tellFirst } from './first.js'
          import { second } from './second.js'
          import { third } from './third.js'
          import { log } from './log.js'
          export function run() { return [first, tellFirst(), second, third] }
          export function ran(text) { return log.includes(text) }`,
      })
      await app.expect('run', [1, 'first1', 1, 1])
      await app.edit(files(2, `(() => { throw new Error('second fails') })()`), 'rejected')
      await app.expect('run', [1, 'first1', 1, 1])
      await app.expect('ran', false, 'third2')
      await app.edit({ 'second.js': files(2, '2')['second.js'] })
      await app.expect('run', [2, 'first2', 2, 2])
      await app.expect('ran', true, 'third2')
    })

    it('the report holds what was thrown, where, and a code frame', async () => {
      const app = await start(`export let n = 1\nexport function run() { return n }`)
      const { error } = await app.edit(
        `export let n = 2\nfunction fail() {\n  throw new RangeError('too far')\n}\nfail()\nexport function run() { return n }`,
        'rejected',
      )
      assert.equal(error?.code, 'ERR_REGROW_EVALUATE')
      assert.deepEqual([error.file, error.line], ['main.js', 3])
      assert.match(describeError(error), /RangeError: too far/)
      assert.match(error.frame ?? '', /> 3 \|.*throw new RangeError/)
      await app.expect('run', 1)
    })

    for (const thrown of [`'text'`, 'null', 'undefined', '42', `{ name: 'odd' }`]) {
      it(`an edit that throws ${thrown} is rejected like any other`, async () => {
        const app = await start(`export let n = 1\nexport function run() { return n }`)
        const { error } = await app.edit(
          `export let n = 2\nthrow ${thrown}\nexport function run() { return n }`,
          'rejected',
        )
        assert.equal(error?.code, 'ERR_REGROW_EVALUATE')
        await app.expect('run', 1)
      })
    }

    it('a rejected await at the top level rejects the edit', async () => {
      const app = await start(`export let n = 1\nexport function run() { return n }`)
      const { error } = await app.edit(
        `export let n = 2\nawait Promise.reject(new Error('late'))\nexport function run() { return n }`,
        'rejected',
      )
      assert.match(describeError(error), /late/)
      await app.expect('run', 1)
    })

    it('a syntax error is rejected with its place, and mending it applies everything', async () => {
      const app = await start(`let n = 0\nexport function run() { return ++n }`)
      await app.expect('run', 1)
      const { error } = await app.edit(`let n = 0\nexport function run() { return n +=  }`, 'rejected')
      assert.equal(error?.code, 'ERR_REGROW_BUILD')
      assert.deepEqual([error.file, error.line], ['main.js', 2])
      assert.match(error.frame ?? '', /> 2 \|/)
      await app.expect('run', 2)
      await app.edit(`let n = 0\nexport function run() { return n += 10 }`)
      await app.expect('run', 12)
    })

    it('a syntax error in one file holds back the good files of the batch until it is mended', async () => {
      const app = await start({
        'main.js': `import { a } from './a.js'\nimport { b } from './b.js'\nexport function run() { return [a(), b()] }`,
        'a.js': `let n = 0\nexport const a = () => ++n`,
        'b.js': `export const b = () => 'b1'`,
      })
      await app.expect('run', [1, 'b1'])
      await app.edit(
        { 'a.js': `let n = 0\nexport const a = () => n += 10`, 'b.js': `export const b = () => 'b2` },
        'rejected',
      )
      await app.expect('run', [2, 'b1'])
      const report = await app.edit({ 'b.js': `export const b = () => 'b2'` })
      await app.expect('run', [12, 'b2'])
      assert.deepEqual(report.modules.map(module => module.id).sort(), ['a.js', 'b.js'])
    })

    it('a missing file rejects the edit; creating it brings the edit in', async () => {
      const main = `import { value } from './value.js'\nlet n = 5\nexport function run() { return [value, n] }`
      const app = await start(`let n = 5\nexport function run() { return ['none', n] }`)
      const { error } = await app.edit(main, 'rejected')
      assert.equal(error?.code, 'ERR_REGROW_LINK')
      assert.match(error.message, /value\.js/)
      assert.deepEqual([error.file, error.line], ['main.js', 1])
      await app.expect('run', ['none', 5])
      await app.edit({ 'value.js': `export const value = 'created'` })
      await app.expect('run', ['created', 5])
    })

    it('a missing export rejects the edit before anything runs; exporting it brings the edit in', async () => {
      const app = await start({
        'main.js': `import { log } from './log.js'\nexport function run() { return log }`,
        'log.js': `export const log = []`,
      })
      const main = `import { log, extra } from './log.js'\nlog.push('ran ' + extra)\nexport function run() { return log }`
      const { error } = await app.edit({ 'main.js': main }, 'rejected')
      assert.equal(error?.code, 'ERR_REGROW_LINK')
      await app.expect('run', [])
      await app.edit({ 'log.js': `export const log = []\nexport const extra = 'extra'` })
      await app.expect('run', ['ran extra'])
    })

    it('the module graph is put back, and a module that came with a failed edit is evaluated when it comes for good', async () => {
      const fresh = `import { log } from './log.js'\nlog.push('fresh')\nexport const fresh = log.length`
      const app = await start({
        'main.js': `export function run() { return 'plain' }`,
        'log.js': 'export const log = []',
      })
      const before = JSON.stringify(app.program.modules())
      const main = (end: string) => `import { fresh } from './fresh.js'\nexport function run() { return fresh }\n${end}`
      await app.edit({ 'main.js': main(`throw new Error('no')`), 'fresh.js': fresh }, 'rejected')
      assert.equal(JSON.stringify(app.program.modules()), before)
      await app.expect('run', 'plain')
      await app.edit({ 'main.js': main('') })
      await app.expect('run', 1)
      assert.deepEqual(
        app.program
          .modules()
          .map(module => module.id)
          .sort(),
        ['fresh.js', 'log.js', 'main.js'],
      )
    })

    it('members, accessors, private members and extends of a class are put back', async () => {
      const source = (n: number, heritage: string, members: string, end: string) => `
        class A { base() { return 'A' } }
        class B { base() { return 'B' } }
        class C extends ${heritage} { #x = 1; get x() { return this.#x + ${n} } ${members} static who() { return ${n} } }
        const old = new C()
        export function run() { return [old.x, old.base(), typeof old.kept, typeof old.added, C.who(), old instanceof A, Object.getOwnPropertyNames(C.prototype).sort()] }
        ${end}`
      const app = await start(source(1, 'A', 'kept() {}', ''))
      const before = [2, 'A', 'function', 'undefined', 1, true, ['constructor', 'kept', 'x']]
      await app.expect('run', before)
      await app.edit(source(2, 'B', 'added() {}', 'null.missing'), 'rejected')
      await app.expect('run', before)
      await app.edit(source(2, 'B', 'added() {}', ''))
      await app.expect('run', [3, 'B', 'undefined', 'function', 2, false, ['added', 'constructor', 'x']])
    })

    it('a static initialiser or a static block that throws puts the class back', async () => {
      const source = (n: number, statics: string) => `
        class Gate { static level = ${n}; static kept = []; ${statics} tell() { return ${n} } }
        const old = new Gate()
        Gate.kept.push('x')
        export function run() { return [Gate.level, Gate.kept, old.tell(), 'bad' in Gate] }`
      const app = await start(source(1, ''))
      const before = [1, ['x'], 1, false]
      await app.expect('run', before)
      await app.edit(source(2, 'static bad = null.x;'), 'rejected')
      await app.expect('run', before)
      await app.edit(source(2, `static { throw new Error('block') }`), 'rejected')
      await app.expect('run', before)
      await app.edit(source(2, ''))
      await app.expect('run', [2, ['x'], 2, false])
    })

    it('what a failed edit lets other modules assign is put back, also where an earlier edit taught them to', async () => {
      const counter = (code: string) => `export let count = 0\nlet calls = 0\nexport function step() { ${code} }`
      const main = (end: string) => `import { count, step } from './counter.js'
        export function run() { return count }
        ${end}`
      const app = await start({ 'counter.js': counter('calls++'), 'main.js': main('') })
      await app.edit({ 'main.js': main(`step(); throw new Error('no')`) }, 'rejected')
      await app.expect('run', 0)
      await app.edit({ 'main.js': main(''), 'counter.js': counter('calls++; count++') })
      await app.edit({ 'main.js': main(`step(); throw new Error('no')`) }, 'rejected')
      await app.expect('run', 0)
      await app.edit(
        { 'main.js': main(''), 'counter.js': `${counter('count += 10')}\nstep(); throw new Error('no')` },
        'rejected',
      )
      await app.expect('run', 0)
      await app.edit({ 'main.js': main('step()'), 'counter.js': counter('count += 10') })
      await app.expect('run', 10)
    })

    it('what a TypeScript namespace adds to its object, a function or an enum is put back', async () => {
      const source = (text: string, more: string, end: string) => ({
        'main.ts': `
          export namespace Plain { export const tell = () => '${text}'; ${more} }
          export function Callable() {}
          export namespace Callable { export let told = '${text}'; ${more} }
          export enum Level { Low }
          export namespace Level { export const told = '${text}'; ${more} }
          export const run = () => [Plain.tell(), Callable.told, Level.told, ...[Plain, Callable, Level].map(each => 'more' in each)]
          ${end}`,
      })
      const app = await start(source('one', '', ''))
      await app.edit(source('two', 'export const more = 1', `throw new Error('no')`), 'rejected')
      await app.expect('run', ['one', 'one', 'one', false, false, false])
      await app.edit(source('one', '', ''), 'unchanged')
      await app.expect('run', ['one', 'one', 'one', false, false, false])
      await app.edit(source('two', 'export const more = 1', ''))
      await app.expect('run', ['two', 'two', 'two', true, true, true])
    })

    it('literals that were patched in place are put back', async () => {
      const source = (n: number, end: string) => `
        const table = { hits: 0, tell() { return ${n} } }, list = []
        list.push(() => ${n})
        const { tell } = table
        export default { answer() { return ${n} } }
        import same from './main.js'
        export function run() { return [++table.hits, table.tell(), tell(), list.map(each => each()), same.answer()] }
        ${end}`
      const app = await start(source(1, ''))
      await app.expect('run', [1, 1, 1, [1], 1])
      await app.edit(source(2, 'null.missing'), 'rejected')
      await app.expect('run', [2, 1, 1, [1], 1])
      await app.edit(source(2, ''))
      await app.expect('run', [3, 2, 2, [2], 2])
    })

    it('what the failed edit added is gone, what it removed is there', async () => {
      const rest = `export function run() { return [typeof removed, typeof Old, typeof data, typeof added, typeof Fresh, typeof value] }`
      const app = await start(`function removed() {}\nclass Old {}\nconst data = 1\n${rest}`)
      const before = ['function', 'function', 'number', 'undefined', 'undefined', 'undefined']
      await app.expect('run', before)
      const after = `function added() {}\nclass Fresh {}\nconst value = 1\n${rest}\n`
      await app.edit(`${after}throw new Error('no')`, 'rejected')
      await app.expect('run', before)
      await app.edit(after)
      await app.expect('run', ['undefined', 'undefined', 'undefined', 'function', 'function', 'number'])
    })

    it('a changed value that makes the derived data of an importer throw is rejected as a whole', async () => {
      const app = await start({
        'main.js': `
          import { size } from './size.js'
          const list = new Array(size)
          export function run() { return [size, list.length] }`,
        'size.js': 'export const size = 3',
      })
      await app.expect('run', [3, 3])
      const { error } = await app.edit({ 'size.js': 'export const size = -1' }, 'rejected')
      assert.match(describeError(error), /RangeError/)
      await app.expect('run', [3, 3])
      await app.edit({ 'size.js': 'export const size = 4' })
      await app.expect('run', [4, 4])
    })

    it('drift is the rejected report until the program follows its sources again', async () => {
      const good = `export function run() { return 1 }`
      const app = await start(good)
      assert.equal(app.program.drift, undefined)
      const first = await app.edit('export function run( {', 'rejected')
      assert.equal(app.program.drift, first)
      const second = await app.edit('export function run() { return }}', 'rejected')
      assert.equal(app.program.drift, second)
      await app.edit('export function run() { return 2 }')
      assert.equal(app.program.drift, undefined)
      await app.expect('run', 2)
    })

    it('drift ends without a change when the old text comes back', async () => {
      const good = `let n = 0\nexport function run() { return ++n }`
      const app = await start(good)
      await app.expect('run', 1)
      await app.edit(`${good}\n)`, 'rejected')
      await app.edit(good, 'unchanged')
      assert.equal(app.program.drift, undefined)
      await app.expect('run', 2)
    })

    it('a rejected reload does not count as a version', async () => {
      const app = await start(`export const n = 1`)
      await app.edit('export const n =', 'rejected')
      assert.equal(app.program.modules()[0]?.version, 1)
      await app.edit('export const n = 2')
      assert.equal(app.program.modules()[0]?.version, 2)
      assert.deepEqual((await app.program.stats()).reloads, { applied: 1, unchanged: 0, rejected: 1 })
    })

    it('saving every half line on the way to an edit never hurts', async () => {
      const head = `let n = 0\nexport function run() { return ++n }\n`
      const tail = `export class Added { #x = [1, 'a'].map(y => y); get x() { return this.#x } }`
      const app = await start(head)
      for (let length = 1; length <= tail.length; length++) {
        app.write(head + tail.slice(0, length))
        const { outcome } = await app.program.reload()
        assert.equal(outcome === 'rejected', app.program.drift !== undefined, `after ${tail.slice(0, length)}`)
        await app.expect('run', length)
      }
      assert.equal(app.program.drift, undefined)
      if (realm !== 'isolate') assert.deepEqual(Object.keys(app.program.exports), ['Added', 'run'])
    })

    it('a namespace that a rejected reload opened first is whole afterwards', async () => {
      const main = (more: string) => `
        import { a } from './lib.js'
        ${more}
        export const look = async () => { const m = await import('./lib.js'); return [a, Object.keys(m), { ...m }] }`
      const whole = [1, ['a'], { a: 1 }]
      for (const opens of [
        `import * as ns from './lib.js'; Object.keys(ns)`,
        `const m0 = await import('./lib.js')`,
        `import './barrel.js'`,
      ]) {
        const files = { 'lib.js': 'export const a = 1', 'barrel.js': `export * as lib from './lib.js'` }
        const app = await start({ ...files, 'main.js': main('') })
        await app.edit(
          { 'main.js': main(`${opens}; throw 1`), 'lib.js': 'export const a = 1\nexport const b = 5' },
          'rejected',
        )
        await app.expect('look', whole)
        await app.edit({ 'main.js': main(opens), 'lib.js': 'export const a = 1\nexport const b = 5' })
        await app.expect('look', [1, ['a', 'b'], { a: 1, b: 5 }])
      }
    })

    it('what reads a namespace when it runs finds its names once the reload is mended', async () => {
      const main = (end: string) => `
        import * as ns from './lib.js'
        const { a: { x } } = ns
        const half = ns.a.x / 2
        export const look = () => [Object.keys(ns), x, half]
        ${end}`
      const app = await start({ 'lib.js': 'export const a = { x: 10 }', 'main.js': 'export const look = () => 1' })
      await app.edit({ 'main.js': main('throw 1') }, 'rejected')
      await app.expect('look', 1)
      await app.edit({ 'main.js': main('') })
      await app.expect('look', [['a'], 10, 5])
    })
  })
})
