// Rule R1: functions are replaced in place. One file a rule, however many its awkward cases.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

describe('R1 functions', () => {
  inEveryRealm(start => {
    it('a function may be called as the kernel calls literals', async () => {
      const app = await start(`export function literal(n) { return n }\nexport const run = () => String(literal)`)
      await app.expect('run', 'function literal(n) { return n }')
      await app.edit(`export function literal(n) { return n * 2 }\nexport const run = () => String(literal)`)
      await app.expect('run', 'function literal(n) { return n * 2 }')
    })

    it('every captured reference runs the new body at the next call', async () => {
      const source = (text: string) => `
        function greet(name) { return '${text} ' + name }
        const list = [greet], byName = new Map([['greet', greet]]), frozen = Object.freeze({ greet })
        const bound = greet.bind(null, 'bound'), partial = (...rest) => list[0]('partial', ...rest)
        export function run() {
          return [greet('a'), list[0]('b'), byName.get('greet')('c'), frozen.greet('d'), bound(), partial()]
        }`
      const app = await start(source('hi'))
      await app.expect('run', ['hi a', 'hi b', 'hi c', 'hi d', 'hi bound', 'hi partial'])
      const report = moduleReport(await app.edit(source('hello')))
      await app.expect('run', ['hello a', 'hello b', 'hello c', 'hello d', 'hello bound', 'hello partial'])
      assert.deepEqual([report.patched, report.evaluated, report.added, report.removed], [['greet'], [], [], []])
    })

    it('every form of function is patched through an old reference', async () => {
      const source = (n: number) => `
        function declared() { return ${n} }
        const arrow = () => ${n}, block = () => { return ${n} }, expression = function () { return ${n} }
        let loose = function named() { return ${n} }
        async function later() { return ${n} }
        const laterArrow = async () => ${n}
        function* many() { yield ${n}; yield ${n} }
        async function* manyLater() { yield ${n} }
        const held = [declared, arrow, block, expression, loose, later, laterArrow]
        const heldMany = many, heldLater = manyLater
        export async function run() {
          const results = await Promise.all(held.map(each => each()))
          for await (const value of heldLater()) results.push(value)
          return [...results, ...heldMany()]
        }`
      const app = await start(source(1))
      await app.expect('run', Array(10).fill(1))
      await app.edit(source(2))
      await app.expect('run', Array(10).fill(2))
    })

    it('a function keeps its identity, so sets, weak maps and removeListener still find it', async () => {
      const files = (text: string) => ({
        'main.js': `
          import { EventEmitter } from 'node:events'
          import { listen } from './listen.js'
          const emitter = new EventEmitter(), set = new Set([listen]), weak = new WeakMap([[listen, 'found']]), held = listen
          emitter.on('event', listen)
          export function run() {
            const heard = []
            emitter.emit('event', heard)
            return [heard, held === listen, set.has(listen), weak.get(listen), emitter.listeners('event')[0] === listen]
          }
          export function stop() { emitter.removeListener('event', listen); return emitter.listenerCount('event') }`,
        'listen.js': `export function listen(heard) { heard.push('${text}') }`,
      })
      const app = await start(files('one'))
      await app.expect('run', [['one'], true, true, 'found', true])
      await app.edit(files('two'))
      await app.expect('run', [['two'], true, true, 'found', true])
      await app.expect('stop', 0)
    })

    it('a timer that holds a function calls the new body', async () => {
      const source = (text: string) => `
        let resolve
        function tick() { resolve?.('${text}') }
        const timer = setInterval(tick, 1).unref()
        export function next() { return new Promise(done => { resolve = done }) }
        export function stop() { clearInterval(timer) }`
      const app = await start(source('one'))
      await app.expect('next', 'one')
      await app.edit(source('two'))
      await app.expect('next', 'two')
      await app.call('stop')
    })

    for (const [form, declaration] of Object.entries({
      'a named function': (n: number) => `export default function named() { return ${n} }`,
      'an anonymous function': (n: number) => `export default function () { return ${n} }`,
      'an arrow': (n: number) => `export default () => ${n}`,
      'a parenthesised function': (n: number) => `export default (function () { return ${n} })`,
      'an async arrow': (n: number) => `export default async () => ${n}`,
      'a local name': (n: number) => `function local() { return ${n} }\nexport { local as default }`,
      'a const by name': (n: number) => `const local = () => ${n}\nexport default local`,
    })) {
      it(`a default export that is ${form} is patched in place`, async () => {
        const app = await start({
          'main.js': `
            import each from './each.js'
            const held = each
            export async function run() { return [await each(), await held(), held === each] }`,
          'each.js': declaration(1),
        })
        await app.expect('run', [1, 1, true])
        await app.edit({ 'each.js': declaration(2) })
        await app.expect('run', [2, 2, true])
      })
    }

    it('name, length and toString() follow the new version', async () => {
      const app = await start(`
        const shape = function first(a) { return 'one' }
        const held = shape
        export function run() { return [held.name, held.length, /'one'/.test(held), /'two'/.test(String(held))] }`)
      await app.expect('run', ['first', 1, true, false])
      await app.edit(`
        const shape = function second(a, b, c = 1) { return 'two' }
        const held = shape
        export function run() { return [held.name, held.length, /'one'/.test(held), /'two'/.test(String(held))] }`)
      await app.expect('run', ['second', 2, false, true])
    })

    it('toString() of a function that is held while its name goes gives the text of what comes back', async () => {
      const main = `import * as own from './main.js'
        let held
        export const hold = () => { held = own.step }
        export function run() { return String(held) }`
      const app = await start({ 'main.js': `export function step() { return 'one' }\n${main}` })
      await app.call('hold')
      await app.expect('run', `function step() { return 'one' }`)
      await app.edit({ 'main.js': main })
      await app.edit({ 'main.js': `export function step() { return 'two' }\n${main}` })
      await app.expect('run', `function step() { return 'two' }`)
    })

    it('a default export without a name is called default, before and after', async () => {
      const main = `import each from './each.js'\nexport function run() { return [each.name, each.length] }`
      const app = await start({ 'main.js': main, 'each.js': 'export default (a) => 1' })
      await app.expect('run', ['default', 1])
      await app.edit({ 'each.js': 'export default (a, b) => 1' })
      await app.expect('run', ['default', 2])
    })

    it('own properties that the program put on the function stay', async () => {
      const source = (step: number) => `
        const mark = Symbol.for('mark')
        function count() { return count.total += ${step} }
        count.total = 0
        count[mark] = 'kept'
        export function run() { return [count(), count[mark], Object.keys(count)] }`
      const app = await start(source(1))
      await app.expect('run', [1, 'kept', ['total']])
      await app.edit(source(10))
      await app.expect('run', [11, 'kept', ['total']])
    })

    it('a removed function is unbound for old closures, and back when it is declared again', async () => {
      const rest = `
        const closures = [() => gone()]
        export function run() { return closures[0]() }
        export function kind() { return typeof gone }`
      const app = await start(`function gone() { return 'here' }${rest}`)
      await app.expect('run', 'here')
      const report = moduleReport(await app.edit(rest))
      await app.fails('run', /ReferenceError.*gone/)
      await app.expect('kind', 'undefined')
      assert.deepEqual(report.removed, ['gone'])
      assert.deepEqual(moduleReport(await app.edit(`function gone() { return 'again' }${rest}`)).added, ['gone'])
      await app.expect('run', 'again')
    })

    it('a reassigned function is put back by an edit of its declaration, not by an edit elsewhere', async () => {
      const source = (mine: string, other: string) => `
        function swap() { mine = () => 'swapped' }
        function mine() { return '${mine}' }
        export function other() { return '${other}' }
        export function run() { return mine() }
        export { swap }`
      const app = await start(source('one', 'a'))
      await app.call('swap')
      await app.expect('run', 'swapped')
      await app.edit(source('one', 'b'))
      await app.expect('run', 'swapped')
      await app.edit(source('two', 'b'))
      await app.expect('run', 'two')
    })

    it('a plain function becomes async, then a generator, under an old reference', async () => {
      const source = (declaration: string) => `
        ${declaration}
        const held = [value]
        export async function run() { const got = held[0](); return got?.next ? [...got] : [typeof got?.then, await got] }`
      const app = await start(source('function value() { return 1 }'))
      await app.expect('run', ['undefined', 1])
      await app.edit(source('async function value() { return 2 }'))
      await app.expect('run', ['function', 2])
      await app.edit(source('function* value() { yield 3; yield 4 }'))
      await app.expect('run', [3, 4])
    })

    it('arrows change between expression and block, and their parameters take new forms', async () => {
      const source = (arrow: string) => `
        const pick = ${arrow}
        const held = pick
        export function run() { return held({ a: 1, b: 2 }, 3, 4) }`
      const app = await start(source('options => options.a'))
      await app.expect('run', 1)
      await app.edit(source('({ a, b = 9, c = a + b }, ...rest) => { return [a, b, c, rest] }'))
      await app.expect('run', [1, 2, 3, [3, 4]])
      await app.edit(source('(options, second = 0, third = second + 1) => ({ second, third })'))
      await app.expect('run', { second: 3, third: 4 })
    })

    it('recursion through an old reference reaches the new body at every depth', async () => {
      const source = (operator: string, end: number) => `
        function fold(n) { return n === 0 ? ${end} : n ${operator} fold(n - 1) }
        const held = fold
        export function run(n) { return held(n) }`
      const app = await start(source('+', 0))
      await app.expect('run', 10, 4)
      await app.edit(source('*', 1))
      await app.expect('run', 24, 4)
    })

    it('new through an old reference to a constructor function builds with the new body on the same prototype', async () => {
      const source = (field: string) => `
        function Point(x) { if (!new.target) return 'no new'; this.${field} = x }
        Point.prototype.read = function () { return this.x ?? this.y }
        const Held = Point, old = new Point(1), prototype = Point.prototype
        export function run() {
          const made = new Held(2)
          return [old.read(), made.read(), Object.keys(made), made instanceof Point, old instanceof Held,
            Point.prototype === prototype, Held(3)]
        }`
      const app = await start(source('x'))
      await app.expect('run', [1, 2, ['x'], true, true, true, 'no new'])
      await app.edit(source('y'))
      await app.expect('run', [1, 2, ['y'], true, true, true, 'no new'])
    })

    it('this, arguments and the return value pass through to the new body', async () => {
      const source = (expression: string) => `
        function tell() { return ${expression} }
        const object = { name: 'o', tell }
        export function run() { return [object.tell(1, 2), tell.call({ name: 'c' }, 3), tell.apply({ name: 'a' }, [4, 5, 6])] }`
      const app = await start(source('this.name + arguments.length'))
      await app.expect('run', ['o2', 'c1', 'a3'])
      await app.edit(source('[...arguments].join() + this.name'))
      await app.expect('run', ['1,2o', '3c', '4,5,6a'])
    })

    it('a function that was captured goes on as the value that its name has now, with this and new', async () => {
      const rest = `
        const o = { n: 5 }
        export const hold = () => { o.f = f }
        export const run = () => [o.f(1), typeof new o.f(2)]
        export const call = () => o.f(1)`
      const app = await start(`function f(a) { return [this?.n, a] }${rest}`)
      await app.call('hold')
      await app.expect('run', [[5, 1], 'object'])
      await app.edit(`const make = () => function (a) { return [this?.n, a, 'new'] }\nvar f = make()${rest}`)
      await app.expect('run', [[5, 1, 'new'], 'object'])
      await app.edit(`var f = 5${rest}`)
      await app.fails('call', /TypeError: f is not a function/)
    })

    it('a function becomes data, then a class, then a function again, and importers see each', async () => {
      const app = await start({
        'main.js': `import { thing } from './thing.js'
          export function run() { return [typeof thing, /^class/.test(String(thing)), Number(thing?.n ?? thing)] }
          export function call() { return thing() }
          export function build() { return new thing().n }`,
        'thing.js': 'export function thing() { return 1 }',
      })
      await app.expect('call', 1)
      await app.edit({ 'thing.js': 'export const thing = 5' })
      await app.expect('run', ['number', false, 5])
      await app.fails('call', /TypeError/)
      await app.edit({ 'thing.js': 'export class thing { static n = 6; n = 7 }' })
      await app.expect('run', ['function', true, 6])
      await app.expect('build', 7)
      await app.fails('call', /TypeError/)
      await app.edit({ 'thing.js': 'export function thing() { return 8 }' })
      await app.expect('call', 8)
    })

    it('a function edited while it moves to another place keeps its references', async () => {
      const first = `function first() { return 'first' }`
      const rest = `const held = [second]\nexport function run() { return [first(), held[0](), held[0] === second] }`
      const app = await start(`${first}\nfunction second() { return 'one' }\n${rest}`)
      await app.expect('run', ['first', 'one', true])
      const report = await app.edit(`${rest}\nfunction second() { return 'two' }\n${first}`)
      await app.expect('run', ['first', 'two', true])
      assert.deepEqual(moduleReport(report).patched, ['second'])
    })

    it('a renamed function with its caller is removed under the old name and added under the new', async () => {
      const source = (name: string) => `
        function ${name}() { return '${name}' }
        export function run() { return [${name}(), typeof oldName, typeof newName] }`
      const app = await start(source('oldName'))
      await app.expect('run', ['oldName', 'function', 'undefined'])
      const report = moduleReport(await app.edit(source('newName')))
      await app.expect('run', ['newName', 'undefined', 'function'])
      assert.deepEqual([report.removed, report.added, report.patched], [['oldName'], ['newName'], ['run']])
    })

    it('a new statement may call a function that the same edit declares further down', async () => {
      const app = await start(`export const log = []\nexport function run() { return log }`)
      await app.expect('run', [])
      await app.edit(
        `export const log = []\nlog.push(below())\nfunction below() { return deeper() }\nexport function run() { return log }\nfunction deeper() { return 'hoisted' }`,
      )
      await app.expect('run', ['hoisted'])
    })

    it('of two functions in one declaration only the edited one is patched', async () => {
      const app = await start(
        `const left = () => 1, right = () => 2\nexport function run() { return [left(), right()] }`,
      )
      await app.expect('run', [1, 2])
      const report = moduleReport(
        await app.edit(`const left = () => 1, right = () => 3\nexport function run() { return [left(), right()] }`),
      )
      await app.expect('run', [1, 3])
      assert.deepEqual([report.patched, report.kept], [['right'], 2])
    })

    for (const [title, wrap] of Object.entries({
      function: (f: string) => `function held${f}`,
      literal: (f: string) => `const holder = { held${f} }\nconst held = holder.held`,
      method: (f: string) => `class C { held${f} }\nconst object = new C(), held = (...all) => object.held(...all)`,
      'static private method': (f: string) =>
        `class C { static #held${f} static call(...all) { return C.#held(...all) } }\nconst held = C.call`,
      constructor: (f: string) =>
        `class C { constructor${f.replace('return', 'this.given =')} }\nconst held = (...all) => new C(...all).given`,
    })) {
      it(`a captured ${title} gets all arguments, whatever its versions take`, async () => {
        const source = (f: string) =>
          `${wrap(f)}\nconst captured = held\nexport function run() { return [captured(), captured(1), captured(1, 2, 3), captured.call(null, undefined)] }`
        const versions: [string, unknown[]][] = [
          [`(a) { return [a ?? null] }`, [[null], [1], [1], [null]]],
          [
            `(a, b = 'b') { return [a ?? null, b] }`,
            [
              [null, 'b'],
              [1, 'b'],
              [1, 2],
              [null, 'b'],
            ],
          ],
          [`(...all) { return all.length }`, [0, 1, 3, 1]],
          [`(a) { return arguments.length }`, [0, 1, 3, 1]],
          [`() { return 'none' }`, ['none', 'none', 'none', 'none']],
          [
            `(a, b, c, d) { return [c ?? null, d ?? null] }`,
            [
              [null, null],
              [null, null],
              [3, null],
              [null, null],
            ],
          ],
          [`(a) { return [a ?? null] }`, [[null], [1], [1], [null]]],
        ]
        let shown = versions[0]![0]
        const app = await start(source(shown))
        for (const [version, expected] of versions) {
          if (version !== shown) await app.edit(source(version))
          shown = version
          await app.expect('run', expected)
        }
      })
    }

    it('what the program put on a function stays: its prototype, its name, its length', async () => {
      const source = (n: number) => `
        const base = { hi: () => 'base' }
        const marked = f => Object.defineProperty(Object.setPrototypeOf(f, base), 'name', { value: 'mine', configurable: true })
        function declared(a) { return ${n} }
        const arrow = () => ${n}
        function* many() { yield ${n} }
        const literal = marked(() => ${n})
        const made = { method() { return ${n} } }
        for (const each of [declared, arrow, many, made.method]) marked(each)
        Object.defineProperty(declared, 'length', { value: 7 })
        export function run() {
          return [declared(), arrow(), literal(), made.method(), ...many(), declared.length,
            ...[declared, arrow, many, literal, made.method].map(each => each.hi?.() + ' ' + each.name)]
        }`
      const app = await start(source(1))
      const stays = [7, ...Array(5).fill('base mine')]
      await app.expect('run', [1, 1, 1, 1, 1, ...stays])
      await app.edit(source(2))
      await app.expect('run', [2, 2, 2, 2, 2, ...stays])
      await app.edit(`${source(3)}\nthrow new Error('no')`, 'rejected')
      await app.expect('run', [2, 2, 2, 2, 2, ...stays])
    })

    it('a function that becomes async, or gets other parameters, follows its text, and a failed edit takes that back', async () => {
      const source = (f: string) => `
        const base = { hi: () => 'base' }
        const f = ${f}
        Object.defineProperty(Object.setPrototypeOf(f, base), 'length', { value: 7, configurable: true })
        export const run = () => [typeof f.hi, f.length, f.name, f() instanceof Promise]`
      const app = await start(source('() => 1'))
      await app.expect('run', ['function', 7, 'f', false])
      await app.edit(`${source('async (a, b) => 1')}\nthrow new Error('no')`, 'rejected')
      await app.expect('run', ['function', 7, 'f', false])
      await app.edit(source('async (a, b) => 1'))
      await app.expect('run', ['undefined', 2, 'f', true])
    })

    it('a frozen function runs its new body; what the freeze holds stays', async () => {
      const app = await start(
        'function f() { return 1 }\nObject.freeze(f)\nexport const run = () => [f(5), f.length, f.name]',
      )
      await app.expect('run', [1, 0, 'f'])
      await app.edit('function f(a) { return a }\nObject.freeze(f)\nexport const run = () => [f(5), f.length, f.name]')
      await app.expect('run', [5, 0, 'f'])
      await app.edit(
        'async function f(a) { return a + 1 }\nObject.freeze(f)\nexport const run = async () => [await f(5), f.length, f.name]',
      )
      await app.expect('run', [6, 0, 'f'])
    })
  })
})
