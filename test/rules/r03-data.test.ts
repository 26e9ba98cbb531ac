// Rule R3: data keeps its value while its initialiser is unchanged. One file a rule, however many its awkward cases.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

describe('R3 data', () => {
  inEveryRealm(start => {
    it('an unchanged initialiser keeps the same object with its mutated state', async () => {
      const source = (text: string) => `
        const list = []
        const first = list
        let count = 0
        export function add() { list.push(count++); return '${text}' }
        export function run() { return [list, list === first, count] }`
      const app = await start(source('one'))
      await app.expect('add', 'one')
      await app.expect('run', [[0], true, 1])
      await app.edit(source('two'))
      await app.expect('add', 'two')
      await app.expect('run', [[0, 1], true, 2])
    })

    it('a changed initialiser is evaluated anew and every importer sees it', async () => {
      const app = await start({
        'main.js': `
          import { settings } from './settings.js'
          import { read } from './reader.js'
          export function run() { return [settings, read()] }`,
        'reader.js': `import { settings } from './settings.js'\nexport const read = () => settings.port`,
        'settings.js': 'export const settings = { port: 1 }',
      })
      await app.expect('run', [{ port: 1 }, 1])
      const report = await app.edit({ 'settings.js': 'export const settings = { port: 2 }' })
      await app.expect('run', [{ port: 2 }, 2])
      assert.deepEqual(moduleReport(report, 'settings.js').evaluated, ['settings'])
    })

    it('a let that the program reassigned is kept, and starts over when its own text changes', async () => {
      const source = (init: string, step: number) => `
        let count = ${init}
        export function run() { return count += ${step} }`
      const app = await start(source('0', 1))
      await app.expect('run', 1)
      await app.edit(source('0', 10))
      await app.expect('run', 11)
      await app.edit(source('100', 10))
      await app.expect('run', 110)
    })

    it('a declaration without initialiser never resets', async () => {
      const source = (text: string) => `
        let loose
        var older
        export function set(value) { loose = value; older = value }
        export function run() { return ['${text}', loose, older] }`
      const app = await start(source('one'))
      await app.call('set', 5)
      await app.expect('run', ['one', 5, 5])
      await app.edit(source('two'))
      await app.expect('run', ['two', 5, 5])
    })

    it('of several declarators in one statement only the changed one is evaluated', async () => {
      const source = (second: string) => `
        let first = [], second = ${second}, third = { hits: 0 }
        export function run() { first.push(1); return [first.length, second, ++third.hits] }`
      const app = await start(source('1'))
      await app.expect('run', [1, 1, 1])
      const report = moduleReport(await app.edit(source('2')))
      await app.expect('run', [2, 2, 2])
      assert.deepEqual([report.evaluated, report.kept], [['second'], 3])
    })

    it('a destructuring declaration is kept whole, or evaluated whole when its initialiser changes', async () => {
      const source = (init: string, text: string) => `
        let { host, port: number = 80, rest: [first, ...others] } = ${init}
        export function mine() { host = 'mine'; others.push(9) }
        export function run() { return ['${text}', host, number, first, others] }`
      const app = await start(source(`{ host: 'a', rest: [1, 2] }`, 'one'))
      await app.call('mine')
      await app.expect('run', ['one', 'mine', 80, 1, [2, 9]])
      await app.edit(source(`{ host: 'a', rest: [1, 2] }`, 'two'))
      await app.expect('run', ['two', 'mine', 80, 1, [2, 9]])
      await app.edit(source(`{ host: 'b', port: 8, rest: [3] }`, 'two'))
      await app.expect('run', ['two', 'b', 8, 3, []])
    })

    it('a destructuring pattern that grows brings the new names', async () => {
      const app = await start(
        `const { a } = { a: 1, b: 2, c: 3 }\nexport function run() { return [a, typeof b, typeof rest] }`,
      )
      await app.expect('run', [1, 'undefined', 'undefined'])
      await app.edit(
        `const { a, b = 9, ...rest } = { a: 1, b: 2, c: 3 }\nexport function run() { return [a, b, rest] }`,
      )
      await app.expect('run', [1, 2, { c: 3 }])
    })

    it('a var inside a block or a loop is a binding of the module', async () => {
      const source = (value: string, text: string) => `
        if (true) { var inner = ${value} }
        for (var index = 0; index < 3; index++) { var last = index }
        export function bump() { inner += 1; index += 1 }
        export function run() { return ['${text}', inner, index, last] }`
      const app = await start(source('10', 'one'))
      await app.call('bump')
      await app.expect('run', ['one', 11, 4, 2])
      await app.edit(source('10', 'two'))
      await app.expect('run', ['two', 11, 4, 2])
      await app.edit(source('20', 'two'))
      await app.expect('run', ['two', 20, 4, 2])
    })

    it('const becomes let with the same initialiser: the value is kept, and can be assigned', async () => {
      const source = (kind: string, body: string) => `
        ${kind} store = { n: 0 }
        export function run() { ${body} return store.n }`
      const app = await start(source('const', 'store.n++;'))
      await app.expect('run', 1)
      await app.edit(source('let', 'store.n++; store = { n: store.n };'))
      await app.expect('run', 2)
      await app.expect('run', 3)
    })

    it('assigning to a const is a TypeError before and after an edit', async () => {
      const source = (n: number) => `
        const fixed = ${n}
        export function write() { fixed = 9 }
        export function run() { return fixed }`
      const app = await start(source(1))
      await app.fails('write', /TypeError/)
      await app.expect('run', 1)
      await app.edit(source(2))
      await app.fails('write', /TypeError/)
      await app.expect('run', 2)
    })

    it('an initialiser stays although the function it calls changed', async () => {
      const source = (n: number) => `
        function make() { return { made: ${n} } }
        const made = make()
        export function run() { return [made.made, make().made] }`
      const app = await start(source(1))
      await app.expect('run', [1, 1])
      const report = moduleReport(await app.edit(source(2)))
      await app.expect('run', [1, 2])
      assert.deepEqual([report.patched, report.evaluated], [['make'], []])
    })

    it('a new initialiser reads the live state of its neighbours', async () => {
      const source = (init: string) => `
        const list = []
        let size = ${init}
        export function add() { list.push('x') }
        export function run() { return size }`
      const app = await start(source('list.length'))
      await app.call('add')
      await app.expect('run', 0)
      await app.edit(source('list.length * 10'))
      await app.expect('run', 10)
    })

    it('a new binding is evaluated, a removed one is unbound for old closures', async () => {
      const rest = `
        const read = [() => gone]
        export function kind() { return [typeof gone, typeof fresh] }
        export function run() { return read[0]() }`
      const app = await start(`const gone = 1${rest}`)
      await app.expect('run', 1)
      await app.expect('kind', ['number', 'undefined'])
      const report = moduleReport(await app.edit(`const fresh = { n: 1 }${rest}`))
      assert.deepEqual([report.added, report.removed], [['fresh'], ['gone']])
      await app.fails('run', /ReferenceError.*gone/)
      await app.expect('kind', ['undefined', 'object'])
    })

    it('an unchanged default export expression keeps its object, a changed one is evaluated', async () => {
      const app = await start({
        'main.js': `import state from './state.js'\nexport function run() { return ++state.n }`,
        'state.js': 'export default { n: 0 }\nconst spare = 1',
      })
      await app.expect('run', 1)
      await app.edit({ 'state.js': 'export default { n: 0 }\nconst spare = 2' })
      await app.expect('run', 2)
      const report = await app.edit({ 'state.js': 'export default { n: 10 }\nconst spare = 2' })
      await app.expect('run', 11)
      assert.deepEqual(moduleReport(report, 'state.js').evaluated, ['default'])
    })

    it('small changes of a literal are changes: a type, a sign, a flag, a blank inside a string', async () => {
      const source = (...init: string[]) => `
        const values = [${init[0]}], pattern = ${init[1]}, text = ${init[2]}, template = \`${init[3]}\`
        export function run() { return [values, String(pattern), text, template] }`
      const app = await start(source('1', '/a/', `'a b'`, 'x y'))
      await app.expect('run', [[1], '/a/', 'a b', 'x y'])
      await app.edit(source(`'1'`, '/a/i', `'a  b'`, 'x\\n  y'))
      await app.expect('run', [['1'], '/a/i', 'a  b', 'x\n  y'])
      await app.edit(source('-1', '/a/gi', `'a b'`, `\${1 + 1}`))
      await app.expect('run', [[-1], '/a/gi', 'a b', '2'])
    })

    it('an initialiser that awaits is evaluated anew when its text changes', async () => {
      const source = (n: number) => `
        const ready = await Promise.resolve({ n: ${n}, hits: 0 })
        export function run() { return [ready.n, ++ready.hits] }
        export function tag() { return 'tag' }`
      const app = await start(source(1))
      await app.expect('run', [1, 1])
      await app.edit(source(1).replace(`'tag'`, `'other'`))
      await app.expect('run', [1, 2])
      await app.edit(source(2))
      await app.expect('run', [2, 1])
    })

    it('an enum that changes is rebuilt, an unchanged one keeps its object', async () => {
      const source = (members: string, text: string) => `
        export enum Colour { ${members} }
        const first = Colour
        let saved: Colour = 1
        export function mark() { saved = 7 }
        export function run() { return ['${text}', Object.keys(Colour), first === Colour, saved] }`
      const app = await start({ 'main.ts': source('Red, Green', 'one') })
      await app.call('mark')
      await app.expect('run', ['one', ['0', '1', 'Red', 'Green'], true, 7])
      await app.edit({ 'main.ts': source('Red, Green', 'two') })
      await app.expect('run', ['two', ['0', '1', 'Red', 'Green'], true, 7])
      await app.edit({ 'main.ts': source('Blue', 'two') })
      await app.expect('run', ['two', ['0', 'Blue'], true, 7])
    })

    it('an enum that loses one of its declarations is rebuilt', async () => {
      const source = (more: string) =>
        `enum Colour { Red = 1 }\n${more}\nexport function run() { return Object.keys(Colour) }`
      const app = await start({ 'main.ts': source('enum Colour { Green = 2 }') })
      await app.expect('run', ['1', '2', 'Red', 'Green'])
      const report = await app.edit({ 'main.ts': source('') })
      assert.deepEqual(moduleReport(report, 'main.ts').evaluated, ['Colour'])
      await app.expect('run', ['1', 'Red'])
    })

    it('a namespace that takes the place of data begins with an object of its own', async () => {
      for (const before of [
        'enum E { A, B }',
        'const E = { A: 1 }',
        `const E = 'abc'`,
        'const E = Object.freeze({})',
      ]) {
        const end = 'export function run() { return Object.keys(E) }'
        const app = await start({ 'main.ts': `${before}\n${end}` })
        await app.edit({ 'main.ts': `namespace E { export const C = 1 }\n${end}` })
        await app.expect('run', ['C'])
        await app.edit({ 'main.ts': `namespace E { export const C = 1; export const D = 2 }\n${end}` })
        await app.expect('run', ['C', 'D'])
      }
    })

    it('a namespace loses what an edit takes out of its body, in namespaces and enums inside it too, and keeps its objects', async () => {
      const source = (body: string, end = '') => `
        export namespace Space { ${body} }
        export namespace Space { export const other = 1 }
        const held = [Space, Space.Inner]
        export const run = () => [JSON.stringify(Space), held[0] === Space, held[1] === Space.Inner]
        ${end}`
      const whole = `
        export const a = 1, [b, { c }] = [2, { c: 3 }]
        export enum Level { Low, High }
        export namespace Inner { export const d = 4, e = 5; export enum Side { Left = 'l', Right = 'r' } }`
      const less = `
        export const a = 1, [b] = [2]
        export enum Level { Low }
        export namespace Inner { export const d = 6; export enum Side { Left = 'l' } }`
      const app = await start({ 'main.ts': source(whole) })
      const before = [
        '{"a":1,"b":2,"c":3,"Level":{"0":"Low","1":"High","Low":0,"High":1},"Inner":{"d":4,"e":5,"Side":{"Left":"l","Right":"r"}},"other":1}',
        true,
        true,
      ]
      await app.expect('run', before)
      await app.edit({ 'main.ts': source(less, `throw new Error('no')`) }, 'rejected')
      await app.expect('run', before)
      await app.edit({ 'main.ts': source(less) })
      await app.expect('run', [
        '{"a":1,"b":2,"Inner":{"d":6,"Side":{"Left":"l"}},"other":1,"Level":{"0":"Low","Low":0}}',
        true,
        true,
      ])
      await app.edit({ 'main.ts': source('export const a = 1') })
      await app.expect('run', ['{"a":1,"other":1}', true, false])
    })

    it('an enum that two namespaces of a name add to keeps what the other one gives', async () => {
      const source = (value: number) => `
        namespace Space { export enum E { a = ${value} } }
        namespace Space { export enum E { b = 2 } }
        export const run = () => [(Space.E as any).a, (Space.E as any).b]`
      const app = await start({ 'main.ts': source(1) })
      await app.edit({ 'main.ts': source(5) })
      await app.expect('run', [5, 2])
    })

    it('a namespace that loses the enum it was merged with keeps nothing of it', async () => {
      const source = (more: string) =>
        `${more}\nnamespace E { export const C = 1 }\nexport function run() { return Object.keys(E) }`
      const app = await start({ 'main.ts': source('enum E { A }') })
      await app.expect('run', ['0', 'A', 'C'])
      await app.edit({ 'main.ts': source('') })
      await app.expect('run', ['C'])
    })
  })
})
