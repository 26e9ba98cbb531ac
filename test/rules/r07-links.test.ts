// Rule R7: imports are live, and an edit that would break a link is rejected. One file a rule, however many its awkward cases.
import assert from 'node:assert/strict'
import { describeError, inEveryRealm, moduleReport, type RunningProgram } from '../support/program.js'

/** Ids of the modules that a program runs now. */
function moduleIds(app: RunningProgram): string[] {
  return app.program
    .modules()
    .map(module => module.id)
    .sort()
}

describe('R7 links', () => {
  inEveryRealm(start => {
    it('a module that an edit imports by import() in place of import stays, with its state and what it imports', async () => {
      const files = {
        'state.js': `import './deep.js'\nlet count = 0\nexport const inc = () => 'one ' + ++count`,
        'deep.js': 'export let depth = 1',
        'door.js': `export { inc } from './state.js'`,
        'main.js': `import { inc } from './state.js'\nlet ns = { inc }\nexport const run = () => ns.inc()`,
      }
      const app = await start(files)
      await app.expect('run', 'one 1')
      const run = '\nexport const run = () => ns.inc()'
      await app.edit({ 'main.js': `let ns = await import('./state.js')${run}` })
      await app.expect('run', 'one 2')
      assert.deepEqual(
        app.program
          .modules()
          .map(each => each.id)
          .sort(),
        ['deep.js', 'main.js', 'state.js'],
      )
      await app.edit({ 'state.js': files['state.js'].replace('one', 'two') })
      await app.expect('run', 'two 3')
      const app2 = await start(files)
      await app2.expect('run', 'one 1')
      await app2.edit({ 'main.js': `const door = import('./door.js')\nlet ns = await door${run}` })
      await app2.expect('run', 'one 2')
      await app2.edit({ 'state.js': files['state.js'].replace('one', 'two') })
      await app2.expect('run', 'two 3')
    })

    it('export let is read live by name, through a namespace, a default and a chain of renames', async () => {
      const counter = (step: number) => `
        export let count = 0
        export function add() { count += ${step} }
        export { count as default }`
      const app = await start({
        'main.js': `
          import value, { count, add } from './counter.js'
          import * as ns from './counter.js'
          import { total } from './outer.js'
          export function run() { add(); return [count, value, ns.count, ns.default, total] }`,
        'outer.js': `export { middle as total } from './middle.js'`,
        'middle.js': `import { count } from './counter.js'\nexport { count as middle }`,
        'counter.js': counter(1),
      })
      await app.expect('run', [1, 1, 1, 1, 1])
      await app.edit({ 'counter.js': counter(10) })
      await app.expect('run', [11, 11, 11, 11, 11])
    })

    it('export default of an expression is a snapshot, as in a fresh run', async () => {
      const app = await start({
        'main.js': `import value, { add, count } from './counter.js'\nexport function run() { add(); return [value, count] }`,
        'counter.js': 'export let count = 0\nexport function add() { count++ }\nexport default count',
      })
      await app.expect('run', [0, 1])
      await app.edit({ 'counter.js': 'export let count = 5\nexport function add() { count++ }\nexport default count' })
      await app.expect('run', [5, 6])
    })

    it('an edit at the end of a chain of re-exports reaches the importer', async () => {
      const app = await start({
        'main.js': `
          import { a, b, nested } from './face.js'
          export function run() { return [a(), b, nested.a()] }`,
        'face.js': `export * from './inner.js'\nexport * as nested from './inner.js'`,
        'inner.js': `export { first as a, second as b } from './leaf.js'`,
        'leaf.js': `export const first = () => 1\nexport const second = 1`,
      })
      await app.expect('run', [1, 1, 1])
      await app.edit({ 'leaf.js': `export const first = () => 2\nexport const second = 2` })
      await app.expect('run', [2, 2, 2])
      await app.edit({ 'inner.js': `export { second as b } from './leaf.js'\nexport const a = () => 'own'` })
      await app.expect('run', ['own', 2, 'own'])
    })

    it('a name that two stars export is absent from the namespace, and present again when one goes', async () => {
      const app = await start({
        'main.js': `
          import * as face from './face.js'
          export function run() { return ['same' in face, face.same, Object.keys(face)] }`,
        'face.js': `export * from './one.js'\nexport * from './two.js'`,
        'one.js': 'export const same = 1\nexport const one = 1',
        'two.js': 'export const two = 2',
      })
      await app.expect('run', [true, 1, ['one', 'same', 'two']])
      await app.edit({ 'two.js': 'export const two = 2\nexport const same = 2' })
      await app.expect('run', [false, undefined, ['one', 'two']])
      await app.edit({ 'one.js': 'export const one = 1' })
      await app.expect('run', [true, 2, ['one', 'same', 'two']])
    })

    it('an edit that makes an imported name ambiguous is rejected', async () => {
      const app = await start({
        'main.js': `import { same } from './face.js'\nexport function run() { return same }`,
        'face.js': `export * from './one.js'\nexport * from './two.js'`,
        'one.js': 'export const same = 1',
        'two.js': 'export const two = 2',
      })
      const report = await app.edit({ 'two.js': 'export const same = 2' }, 'rejected')
      assert.equal(report.error?.code, 'ERR_REGROW_LINK')
      await app.expect('run', 1)
      await app.edit({ 'face.js': `export * from './one.js'\nexport * from './two.js'\nexport const same = 'own'` })
      await app.expect('run', 'own')
    })

    it('importing an ambiguous name at the start is a link error that names it', async () => {
      const files = {
        'main.js': `import { same } from './face.js'\nexport function run() { return same }`,
        'face.js': `export * from './one.js'\nexport * from './two.js'`,
        'one.js': 'export const same = 1',
        'two.js': 'export const same = 2',
      }
      await assert.rejects(start(files), { code: 'ERR_REGROW_LINK', message: /same/, file: 'main.js', line: 1 })
      const app = await start({ ...files, 'two.js': `export { same } from './one.js'` })
      await app.expect('run', 1)
    })

    it('the same binding through two stars is not ambiguous', async () => {
      const leaf = (n: number) => `export const same = ${n}`
      const app = await start({
        'main.js': `import { same } from './face.js'\nexport function run() { return same }`,
        'face.js': `export * from './one.js'\nexport * from './two.js'`,
        'one.js': `export * from './leaf.js'`,
        'two.js': `export { same } from './leaf.js'`,
        'leaf.js': leaf(1),
      })
      await app.expect('run', 1)
      await app.edit({ 'leaf.js': leaf(2) })
      await app.expect('run', 2)
    })

    it('export * does not carry default', async () => {
      const app = await start({
        'main.js': `import * as face from './face.js'\nexport function run() { return Object.keys(face) }`,
        'face.js': `export * from './leaf.js'`,
        'leaf.js': 'export default 1\nexport const a = 1',
      })
      await app.expect('run', ['a'])
      await app.edit({ 'leaf.js': 'export default 1\nexport const a = 1, b = 2' })
      await app.expect('run', ['a', 'b'])
    })

    it('a member of a namespace is what it would be in a fresh run, through every kind of edit of what it stands for', async () => {
      const app = await start({
        'main.js': `
          import * as lib from './lib.js'
          export function run() { return [lib.value, lib.twice(2), lib.self() === lib, typeof lib.late, new lib.Box(3).side] }
          export function late() { return lib.late() }
          export function write() { lib.value = 5 }
          export function call() { return lib.tag\`x\${1}\` }`,
        'lib.js': `
          export let value = 1
          export const twice = n => n * 2
          export function self() { return this }
          export class Box { constructor(side) { this.side = side } }
          export const tag = (strings, ...values) => strings.join('-') + values`,
      })
      await app.expect('run', [1, 4, true, 'undefined', 3])
      await app.expect('call', 'x-1')
      await app.fails('write', /TypeError/)
      await app.fails('late', /TypeError/)
      await app.edit({
        'lib.js': `
          export * from './other.js'
          export const twice = function (n) { return this === undefined ? 'lost' : n * 3 }
          export function self() { return this }
          export class Box { constructor(side) { this.side = side + 1 } }
          export let tag = () => 'tagged'`,
        'other.js': `export const value = 'other'\nexport const late = () => 'here'`,
      })
      await app.expect('run', ['other', 6, true, 'function', 4])
      await app.expect('late', 'here')
      await app.expect('call', 'tagged')
    })

    it('a namespace keeps its identity and its sorted keys follow the edits', async () => {
      const app = await start({
        'main.js': `
          import * as ns from './ns.js'
          const first = ns, captured = { ns }
          export function run() {
            return [Object.keys(ns), ns === first, captured.ns === ns, 'b' in ns, typeof ns.gone, { ...ns }, String(ns[Symbol.toStringTag])]
          }
          export function write() { ns.a = 1 }`,
        'ns.js': 'export const a = 1\nexport const gone = 1',
      })
      await app.expect('run', [['a', 'gone'], true, true, false, 'number', { a: 1, gone: 1 }, 'Module'])
      await app.edit({ 'ns.js': 'export const c = 3\nexport const b = 2\nexport const a = 1' })
      await app.expect('run', [['a', 'b', 'c'], true, true, true, 'undefined', { a: 1, b: 2, c: 3 }, 'Module'])
      await app.fails('write', /TypeError/)
    })

    it('a new member is read through an escaped namespace by unchanged code', async () => {
      const app = await start({
        'main.js': `
          import * as ns from './ns.js'
          const read = (object, name) => object[name]
          export function run(name) { return [ns.late, read(ns, name)] }`,
        'ns.js': 'export const early = 1',
      })
      await app.expect('run', [undefined, undefined], 'late')
      await app.edit({ 'ns.js': 'export const early = 1\nexport let late = 2' })
      await app.expect('run', [2, 2], 'late')
    })

    it('dynamic import() gives the one namespace, also of a module that an edit brings', async () => {
      const app = await start({
        'main.js': `
          import * as ns from './ns.js'
          export async function run() { const got = await import('./ns.js'); return [got === ns, got.value()] }
          export async function load(name) { return (await import(name)).value }`,
        'ns.js': 'export const value = () => 1',
        'late.js': `export const value = 'late'`,
      })
      await app.expect('run', [true, 1])
      await app.edit({ 'ns.js': 'export const value = () => 2' })
      await app.expect('run', [true, 2])
      await app.expect('load', 'late', './late.js')
      await app.edit({ 'late.js': `export const value = 'later'` })
      await app.expect('load', 'later', './late.js')
    })

    it('dynamic import() of what is not there is a rejection, and works once the file is', async () => {
      const app = await start(`
        export async function run() { return (await import('./absent.js')).value }
        export const other = 1`)
      await app.fails('run', /absent/)
      app.write({ 'absent.js': `export const value = 'here'` })
      await app.program.reload()
      await app.expect('run', 'here')
    })

    it('removing an export that is imported by name is rejected with the place of the importer', async () => {
      const app = await start({
        'main.js': `\nimport { used, other } from './parts.js'\nexport function run() { return used() + other }`,
        'parts.js': 'export const used = () => 1\nexport const other = 1',
      })
      await app.expect('run', 2)
      const report = await app.edit({ 'parts.js': 'export const other = 5' }, 'rejected')
      assert.equal(report.error?.code, 'ERR_REGROW_LINK')
      assert.match(report.error.message, /main\.js/)
      assert.match(report.error.message, /used/)
      assert.deepEqual([report.error.file, report.error.line], ['main.js', 2])
      await app.expect('run', 2)
    })

    it('removing an export that nobody imports is applied', async () => {
      const app = await start({
        'main.js': `import { used } from './parts.js'\nexport function run() { return used() }`,
        'parts.js': 'export const used = () => helper()\nexport function helper() { return 1 }',
      })
      await app.expect('run', 1)
      await app.edit({ 'parts.js': 'export const used = () => helper()\nfunction helper() { return 2 }' })
      await app.expect('run', 2)
    })

    it('a rename of an export is applied when the batch mends its importers', async () => {
      const parts = (name: string) => `let n = 0\nexport function ${name}() { return ++n }`
      const app = await start({
        'main.js': `import { before } from './parts.js'\nexport function run() { return before() }`,
        'parts.js': parts('before'),
      })
      await app.expect('run', 1)
      await app.edit({ 'parts.js': parts('after') }, 'rejected')
      await app.expect('run', 2)
      await app.edit({ 'main.js': `import { after } from './parts.js'\nexport function run() { return after() }` })
      await app.expect('run', 3)
    })

    it('removing a re-exported name is rejected for the importer at the end of the chain', async () => {
      const app = await start({
        'main.js': `import { deep } from './face.js'\nexport function run() { return deep }`,
        'face.js': `export * from './leaf.js'`,
        'leaf.js': 'export const deep = 1',
      })
      const report = await app.edit({ 'leaf.js': 'export const other = 1' }, 'rejected')
      assert.equal(report.error?.code, 'ERR_REGROW_LINK')
      await app.expect('run', 1)
      await app.edit({ 'leaf.js': `export * from './root.js'`, 'root.js': 'export const deep = 2' })
      await app.expect('run', 2)
    })

    it('functions in a cycle call each other before and after an edit of either', async () => {
      const even = (zero: string) =>
        `import { odd } from './odd.js'\nexport function even(n) { return n === 0 ? ${zero} : odd(n - 1) }`
      const odd = (zero: string) =>
        `import { even } from './main.js'\nexport function odd(n) { return n === 0 ? ${zero} : even(n - 1) }`
      const app = await start({ 'main.js': even('true'), 'odd.js': odd('false') })
      await app.expect('even', true, 4)
      await app.expect('even', false, 3)
      await app.edit({ 'main.js': even(`'yes'`) })
      await app.expect('even', 'yes', 4)
      await app.edit({ 'odd.js': odd(`'no'`) })
      await app.expect('even', 'no', 3)
    })

    it('classes in a cycle extend and build each other', async () => {
      const shape = (text: string) => `
        import { Circle } from './circle.js'
        export class Shape { tell() { return '${text}' } grow() { return new Circle() } }`
      const circle = (text: string) => `
        import { Shape } from './shape.js'
        export class Circle extends Shape { tell() { return super.tell() + ' ${text}' } }`
      const app = await start({
        'main.js': `
          import { Circle } from './circle.js'
          import { Shape } from './shape.js'
          const old = new Shape().grow()
          export function run() { return [old.tell(), old.grow().tell(), old instanceof Shape, old.grow() instanceof Circle] }`,
        'shape.js': shape('shape'),
        'circle.js': circle('circle'),
      })
      await app.expect('run', ['shape circle', 'shape circle', true, true])
      await app.edit({ 'shape.js': shape('SHAPE') })
      await app.expect('run', ['SHAPE circle', 'SHAPE circle', true, true])
      await app.edit({ 'circle.js': circle('CIRCLE') })
      await app.expect('run', ['SHAPE CIRCLE', 'SHAPE CIRCLE', true, true])
    })

    it('data of a cycle that is read too early at the start is a ReferenceError', async () => {
      const files = {
        'late.js': `import { value } from './main.js'\nexport const early = value`,
        'main.js': `import { early } from './late.js'\nexport const value = 1\nexport function run() { return early }`,
      }
      await assert.rejects(start(files), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'ERR_REGROW_EVALUATE')
        assert.match(describeError(error), /ReferenceError/)
        return true
      })
    })

    it('an edit may read data of a cycle that has its value by now', async () => {
      const app = await start({
        'main.js': `import { early } from './late.js'\nexport const value = { n: 1 }\nexport function run() { return early().n }`,
        'late.js': `import { value } from './main.js'\nexport const early = () => value`,
      })
      await app.expect('run', 1)
      await app.edit({
        'late.js': `import { value } from './main.js'\nconst now = value.n + 1\nexport const early = () => ({ n: now })`,
      })
      await app.expect('run', 2)
    })

    it('data below the statement that reads it is in its dead zone in an edit too', async () => {
      const app = await start(`export function run() { return typeof later }\nlet spare = 1`)
      await app.expect('run', 'undefined')
      const report = await app.edit(
        `export function run() { return typeof later }\nlet spare = later\nconst later = 1`,
        'rejected',
      )
      assert.match(describeError(report.error), /ReferenceError.*later/)
      await app.edit(`export function run() { return typeof later }\nconst later = 1\nlet spare = later`)
      await app.expect('run', 'number')
    })

    it('an import switches to another module', async () => {
      const main = (from: string) =>
        `import { tell } from './${from}.js'\nconst held = [() => tell()]\nexport function run() { return held[0]() }`
      const app = await start({
        'main.js': main('one'),
        'one.js': `export const tell = () => 'one'`,
        'two.js': `export const tell = () => 'two'`,
      })
      await app.expect('run', 'one')
      assert.deepEqual(moduleIds(app), ['main.js', 'one.js'])
      await app.edit({ 'main.js': main('two') })
      await app.expect('run', 'two')
      assert.deepEqual(moduleIds(app), ['main.js', 'two.js'])
    })

    it('a new module in the same batch is evaluated before its importer', async () => {
      const app = await start(`export let size = 1\nexport function run() { return size }`)
      await app.expect('run', 1)
      await app.edit({
        'main.js': `import { unit, log } from './unit.js'\nexport let size = unit * 2\nlog.push('main')\nexport function run() { return [size, log] }`,
        'unit.js': `export const unit = 21, log = ['unit']`,
      })
      await app.expect('run', [42, ['unit', 'main']])
      assert.deepEqual(moduleIds(app), ['main.js', 'unit.js'])
    })

    it('deleting an imported file is rejected, deleting it with its import is applied', async () => {
      const app = await start({
        'main.js': `import { value } from './value.js'\nexport function run() { return value }`,
        'value.js': 'export const value = 1',
      })
      const report = await app.edit({ 'value.js': null }, 'rejected')
      assert.match(describeError(report.error), /value\.js/)
      await app.expect('run', 1)
      await app.edit({ 'main.js': `const value = 2\nexport function run() { return value }` })
      await app.expect('run', 2)
      assert.deepEqual(moduleIds(app), ['main.js'])
    })

    it('a file that is deleted while its module runs can still be imported by the running program', async () => {
      const app = await start({
        'main.js': `export async function run() { return (await import('./value.js')).value }`,
        'value.js': 'export const value = 1',
      })
      await app.expect('run', 1)
      await app.edit({ 'value.js': null }, 'rejected')
      await app.expect('run', 1)
      await app.edit({ 'value.js': 'export const value = 2' })
      await app.expect('run', 2)
    })

    it('a file that import() brought in goes with the last import() of it, in one save or in two', async () => {
      const main = (body: string) => `export async function run() { return ${body} }`
      const app = await start({ 'main.js': main(`(await import('./late.js')).v`), 'late.js': 'export const v = 1' })
      await app.expect('run', 1)
      await app.edit({ 'main.js': main(`'none'`), 'late.js': null })
      await app.expect('run', 'none')
      assert.deepEqual(moduleIds(app), ['main.js'])
      await app.edit({ 'main.js': main(`(await import('./late.js')).v`), 'late.js': 'export const v = 2' })
      await app.expect('run', 2)
      await app.edit({ 'main.js': main(`'again none'`) })
      const report = await app.edit({ 'late.js': null })
      assert.deepEqual(moduleReport(report, 'late.js').removed, ['module'])
      await app.expect('run', 'again none')
      assert.deepEqual(moduleIds(app), ['main.js'])
    })

    it('the entry that awaits an import() while it starts is still the entry', async () => {
      const main = (body: string) => `${body}\nexport const run = () => part`
      const app = await start({
        'main.js': main(`const { part } = await import('./part.js')`),
        'part.js': 'export const part = 1',
      })
      await app.expect('run', 1)
      const { error } = await app.edit({ 'main.js': null }, 'rejected')
      assert.match(describeError(error), /the entry is gone/)
      await app.edit({ 'main.js': main('const part = 2'), 'part.js': null })
      await app.expect('run', 2)
      assert.deepEqual(moduleIds(app), ['main.js'])
    })

    it('a file that import() brought in can be renamed, and a plugin deleted whose name is computed', async () => {
      const app = await start({
        'main.js': `
          import { names } from './names.js'
          export async function run() {
            const found = []
            for (const name of names) found.push((await import('./plugins/' + name + '.js')).value)
            return found
          }
          export async function late() { return (await import('./late.js')).value }`,
        'names.js': `export const names = ['a', 'b']`,
        'plugins/a.js': `export const value = 'a'`,
        'plugins/b.js': `export const value = 'b'`,
        'late.js': `export const value = 'late'`,
      })
      await app.expect('run', ['a', 'b'])
      await app.expect('late', 'late')
      await app.edit({ 'names.js': `export const names = ['a']`, 'plugins/b.js': null })
      await app.expect('run', ['a'])
      await app.edit({
        'main.js': `export async function late() { return (await import('./later.js')).value }`,
        'late.js': null,
        'later.js': `export const value = 'later'`,
      })
      await app.expect('late', 'later')
      const { error } = await app.edit({ 'later.js': null }, 'rejected')
      assert.match(describeError(error), /later\.js.*main\.js has import\('\.\/later\.js'\)/)
      await app.expect('late', 'later')
    })

    for (const [what, middle] of [
      ['a list', (comment: string) => `${comment}\nexport { x, f } from './a.js'`],
      ['a star', (comment: string) => `${comment}\nexport * from './a.js'`],
    ] as const)
      it(`a module that passes names on by ${what} may change in the same batch as the one behind it`, async () => {
        const app = await start({
          'one.js': `export const x = 1\nexport const f = () => 'one'\nexport class B { say() { return 'one' } }`,
          'two.js': `export const x = 2\nexport const f = () => 'two'\nexport class B { say() { return 'two' } }`,
          'a.js': `export * from './one.js'`,
          'b.js': middle(''),
          'top.js': `export * from './b.js'`,
          'main.js': `
            import { x, f } from './top.js'
            import * as all from './top.js'
            const derived = x * 10
            export const run = () => [x, f(), derived, all.x, Object.keys(all).includes('f')]`,
        })
        await app.expect('run', [1, 'one', 10, 1, true])
        await app.edit({ 'a.js': `export * from './two.js'`, 'b.js': middle('// why') })
        await app.expect('run', [2, 'two', 20, 2, true])
        assert.deepEqual(moduleIds(app), ['a.js', 'b.js', 'main.js', 'top.js', 'two.js'])
        await app.edit({
          'a.js': `const own = 3\nexport { own as x }\nexport { f } from './two.js'`,
          'b.js': middle('// how'),
        })
        await app.expect('run', [3, 'two', 30, 3, true])
        const { error } = await app.edit({ 'a.js': `export const y = 1`, 'b.js': middle('// no') }, 'rejected')
        assert.equal(error?.code, 'ERR_REGROW_LINK')
        await app.expect('run', [3, 'two', 30, 3, true])
      })

    it('a type that TypeScript modules pass on without saying so is no export, and becomes one when it is a value', async () => {
      const types = `
        export interface Shape { size: number }
        export type Sizes = Record<string, number>
        export declare class Ghost {}
        type Inner = 1
        export type { Inner }
        export default interface Main { n: number }
        export const real = 1`
      const app = await start({
        'main.ts': `
          import * as all from './index.ts'
          import { real, type Shape } from './index.ts'
          export const run = () => [Object.keys(all), real]`,
        'index.ts': `
          export { Shape, Sizes as Dimensions, Ghost, real } from './middle.ts'
          import { Inner } from './middle.ts'
          export { Inner }
          export { default as Main } from './types.ts'`,
        'middle.ts': `export { Shape, Sizes, real } from './types.ts'\nexport * from './types.ts'`,
        'types.ts': types,
      })
      await app.expect('run', [['real'], 1])
      await app.edit({ 'types.ts': types.replace('export interface Shape { size: number }', 'export const Shape = 5') })
      await app.expect('run', [['Shape', 'real'], 1])
      const { error } = await app.edit({ 'types.ts': types.replace('const real', 'const unreal') }, 'rejected')
      assert.equal(error?.code, 'ERR_REGROW_LINK')
      await app.expect('run', [['Shape', 'real'], 1])
    })

    it('a type is no value: who imports it to use it is told so', async () => {
      const app = await start({
        'main.ts': `export const run = () => 1`,
        'index.ts': `export { Shape } from './types.ts'`,
        'types.ts': `export interface Shape { size: number }`,
      })
      const { error } = await app.edit(
        { 'main.ts': `import { Shape } from './index.ts'\nexport const run = () => Shape` },
        'rejected',
      )
      assert.match(describeError(error), /main\.ts imports 'Shape' from '\.\/index\.ts'/)
      await app.expect('run', 1)
    })

    it('a function that moves to another file takes those along who hold it', async () => {
      const main = (path: string) => `
        import { greet, Page } from '${path}'
        const routes = new Map()
        routes.set('greet', greet)
        export const run = () => [routes.get('greet')('you'), greet('me')]`
      const helper = (mark: string) => `
        const mark = '${mark}'
        export function greet(name) { return mark + ' ' + name }
        export class Page {}`
      const app = await start({ 'main.js': main('./a.js'), 'a.js': helper('hello') })
      await app.expect('run', ['hello you', 'hello me'])
      await app.edit({ 'main.js': main('./b.js'), 'b.js': helper('hi'), 'a.js': 'export const left = 1' })
      await app.expect('run', ['hello you', 'hi me'])
      const stays = `import { left } from './a.js'\nexport const seen = left`
      const moved = await start({
        'main.js': `${main('./a.js')}\n${stays}`,
        'a.js': `${helper('hello')}\nexport const left = 1`,
      })
      await moved.expect('run', ['hello you', 'hello me'])
      await moved.edit({
        'main.js': `${main('./b.js')}\n${stays}`,
        'b.js': helper('hi'),
        'a.js': 'export const left = 1',
      })
      await moved.expect('run', ['hi you', 'hi me'])
      await moved.edit({ 'b.js': helper('hey') })
      await moved.expect('run', ['hey you', 'hey me'])
    })

    it('an assignment to an import is a TypeError, when it comes to it', async () => {
      const writes = [
        'n = 2',
        'n++',
        '--n',
        'n += 1',
        'n ??= 1',
        'n &&= 1',
        'n ||= 1',
        '[n] = [1]',
        '({ n } = { n: 1 })',
        'for (n of [1]);',
        'none ??= 1',
        'space += 1',
      ]
      const app = await start({
        'main.js': `
          import { n, none } from './value.js'
          import * as space from './value.js'
          const outcome = write => { try { return write() } catch (error) { return error.name } }
          export function run() { return [${writes.map(each => `outcome(() => { ${each}; return 'no error' })`).join()}] }`,
        'value.js': 'export let n = 1, none',
      })
      const expected = writes.map(each => (/n (\?\?|\|\|)= 1/.test(each) ? 'no error' : 'TypeError'))
      await app.expect('run', expected)
      await app.edit({ 'value.js': 'export let n = 2, none' })
      await app.expect('run', expected)
    })

    it('string names, default with names, and a module that imports itself', async () => {
      const main = (n: number) => `
        import fallback, { 'two words' as words, default as same } from './names.js'
        import * as self from './main.js'
        export const n = ${n}
        export function run() { return [fallback, words, same, self.n, self.run === run] }`
      const names = (n: number) => `const local = ${n}\nexport { local as 'two words' }\nexport default ${n}`
      const app = await start({ 'main.js': main(1), 'names.js': names(1) })
      await app.expect('run', [1, 1, 1, 1, true])
      await app.edit({ 'main.js': main(2), 'names.js': names(2) })
      await app.expect('run', [2, 2, 2, 2, true])
    })

    it('the exports of the program are live and keep their identity', async () => {
      const app = await start(`export let count = 1\nexport function add() { count++ }`)
      const { exports } = app.program
      await app.call('add')
      assert.deepEqual([exports.count, Object.keys(exports)], [2, ['add', 'count']])
      await app.edit(`export let count = 1\nexport function add() { count += 10 }\nexport const fresh = 3`)
      await app.call('add')
      assert.deepEqual([exports.count, exports.fresh, Object.keys(exports)], [12, 3, ['add', 'count', 'fresh']])
      assert.equal(app.program.exports, exports)
      assert.equal(await app.program.get('fresh'), 3)
    })

    it('an import() waits for what another one is evaluating, and fails with it', async () => {
      const app = await start({
        'main.js': `
          const log = globalThis.log = []
          const first = import('./a.js')
          export const b = await import('./b.js')
          export const look = async () => [(await first).v, b.v, log, await Promise.all([import('./c.js'), import('./d.js')]).then(all => all.map(each => each.v))]
          export const fails = async () => (await Promise.allSettled([import('./bad.js'), import('./above.js')])).map(each => each.status)`,
        'a.js': `log.push('a1'); await null; await null; log.push('a2')\nexport const v = 1`,
        'b.js': `import { v as below } from './a.js'\nlog.push('b')\nexport const v = below + 1`,
        'shared.js': `await null\nexport const s = 5`,
        'c.js': `import { s } from './shared.js'\nexport const v = s`,
        'd.js': `import { s } from './shared.js'\nexport const v = s + 1`,
        'bad.js': `await null; throw new Error('bad')`,
        'above.js': `import './bad.js'\nexport const v = 1`,
      })
      await app.expect('look', [1, 2, ['a1', 'a2', 'b'], [5, 6]])
      await app.expect('fails', ['rejected', 'rejected'])
      await app.expect('fails', ['rejected', 'rejected'])
    })

    it('an import() of a module that imports the one that waits for it does not wait for that', async () => {
      const app = await start({
        'main.js': `export let x = 1\nconst b = await import('./b.js')\nexport const look = () => b.v`,
        'b.js': `import { x } from './main.js'\nexport const v = x`,
      })
      await app.expect('look', 1)
    })
  })
})
