// Rule R2: classes and their prototypes keep their identity while their members change. One file a rule, however many its awkward cases.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

describe('R2 classes', () => {
  inEveryRealm((start, realm) => {
    it('changed, new and removed members reach existing instances at once', async () => {
      const rest = `
        const old = new Dog()
        export function run() { return [old.speak(), old.age, typeof old.sit, typeof old.run, Dog.kind(), typeof Dog.breed] }`
      const app = await start(
        `class Dog { speak() { return 'woof' } get age() { return 1 } sit() {} static kind() { return 'dog' } }${rest}`,
      )
      await app.expect('run', ['woof', 1, 'function', 'undefined', 'dog', 'undefined'])
      const report = await app.edit(
        `class Dog { speak() { return 'WOOF' } get age() { return 2 } run() {} static kind() { return 'DOG' } static breed() {} }${rest}`,
      )
      await app.expect('run', ['WOOF', 2, 'undefined', 'function', 'DOG', 'function'])
      const { patched } = moduleReport(report)
      assert.ok(patched.includes('Dog.speak'), `patched: ${patched.join(', ')}`)
    })

    it('new and instanceof work through a reference from before the edit', async () => {
      const source = (n: number) => `
        class Box { constructor(value) { this.value = value * ${n} } }
        const Held = [Box][0], old = new Box(1), prototype = Box.prototype
        export function run() {
          const made = new Held(1)
          return [old.value, made.value, made instanceof Box, old instanceof Held, made.constructor === Box,
            Object.getPrototypeOf(made) === prototype, Held === Box]
        }`
      const app = await start(source(1))
      await app.expect('run', [1, 1, true, true, true, true, true])
      await app.edit(source(10))
      await app.expect('run', [1, 10, true, true, true, true, true])
    })

    it('a base class edited in another module changes under a live subclass instance', async () => {
      const base = (n: number) => `
        export class Base {
          constructor(name) { this.name = name + ${n} }
          speak() { return 'base${n} ' + this.name }
          static make(name) { return new this(name) }
        }`
      const app = await start({
        'main.js': `
          import { Sub } from './sub.js'
          import { Base } from './base.js'
          const old = new Sub('old')
          export function run() {
            const made = Sub.make('new')
            return [old.speak(), made.speak(), old instanceof Base, made instanceof Sub, Object.getPrototypeOf(Sub) === Base]
          }`,
        'sub.js': `
          import { Base } from './base.js'
          export class Sub extends Base { speak() { return super.speak() + '!' } }`,
        'base.js': base(1),
      })
      await app.expect('run', ['base1 old1!', 'base1 new1!', true, true, true])
      await app.edit({ 'base.js': base(2) })
      await app.expect('run', ['base2 old1!', 'base2 new2!', true, true, true])
    })

    it('super reaches new methods, accessors and statics wherever it stands', async () => {
      const source = (n: number) => `
        class Base {
          get value() { return ${n} }
          set value(v) { this.stored = v + ${n} }
          plain() { return ${n} }
          static make() { return ${n} }
          async later() { return ${n} }
          *many() { yield ${n} }
          [Symbol.for('key')]() { return ${n} }
        }
        class Sub extends Base {
          get value() { return super.value }
          set value(v) { super.value = v }
          plain() { return (() => super.plain())() }
          static make() { return super['make']() }
          async later() { return await super.later() }
          *many() { yield* super.many() }
          [Symbol.for('key')]() { return super[Symbol.for('key')]() }
          field = super.plain()
        }
        const old = new Sub()
        export async function run() {
          old.value = 100
          return [old.value, old.stored, old.plain(), Sub.make(), await old.later(), ...old.many(), old[Symbol.for('key')](),
            old.field, new Sub().field]
        }`
      const app = await start(source(1))
      await app.expect('run', [1, 101, 1, 1, 1, 1, 1, 1, 1])
      await app.edit(source(2))
      await app.expect('run', [2, 102, 2, 2, 2, 2, 2, 1, 2])
    })

    it('super in an edited subclass method still finds the base', async () => {
      const source = (mark: string) => `
        class Base { speak() { return 'base' } static kind() { return 'kind' } }
        class Sub extends Base { speak() { return super.speak() + '${mark}' } static kind() { return super.kind() + '${mark}' } }
        const old = new Sub(), speak = old.speak
        export function run() { return [old.speak(), speak.call(old), Sub.kind()] }`
      const app = await start(source('1'))
      await app.expect('run', ['base1', 'base1', 'kind1'])
      await app.edit(source('2'))
      await app.expect('run', ['base2', 'base2', 'kind2'])
    })

    it('new.target is the class that the program sees', async () => {
      const source = (tag: string) => `
        class Base { constructor() { this.target = new.target; this.name = new.target.name + '${tag}' } }
        class Sub extends Base {}
        const Held = Base
        export function run() {
          const base = new Held(), sub = new Sub(), reflected = Reflect.construct(Held, [], Sub)
          return [base.target === Base, sub.target === Sub, reflected.target === Sub, base.name, sub.name, reflected instanceof Sub]
        }`
      const app = await start(source('1'))
      await app.expect('run', [true, true, true, 'Base1', 'Sub1', true])
      await app.edit(source('2'))
      await app.expect('run', [true, true, true, 'Base2', 'Sub2', true])
    })

    it('private members of every sort keep working on an older instance', async () => {
      const source = (n: number) => `
        class Vault {
          #value = 5
          static #made = 0
          constructor() { Vault.#made++ }
          #twice() { return this.#value * 2 + ${n} }
          get #half() { return this.#value / 5 + ${n} }
          set #half(value) { this.#value = value * 5 }
          static #count() { return Vault.#made + ${n} }
          static owns(object) { return #value in object && #twice in object }
          read() { return [this.#value, this.#twice(), this.#half, Vault.#count()] }
          write(value) { this.#half = value; return this.#value }
        }
        const old = new Vault()
        export const write = value => old.write(value)
        export function run() { return [...old.read(), Vault.owns(old), Vault.owns({})] }`
      const app = await start(source(0))
      await app.expect('run', [5, 10, 1, 1, true, false])
      await app.expect('write', 15, 3)
      await app.edit(source(100))
      await app.expect('run', [15, 130, 103, 101, true, false])
      await app.expect('write', 20, 4)
    })

    it('a private field that an edit added is there on an older instance', async () => {
      const app = await start(`
        class Counter { next() { return 'none' } }
        const old = new Counter()
        export function run() { return [old.next(), old.next()] }
        export function owns() { return 'unknown' }`)
      await app.expect('run', ['none', 'none'])
      await app.edit(`
        class Counter { #n = 10; #step() { return 5 } next() { return this.#n += this.#step() } static owns(o) { return #n in o } }
        const old = new Counter()
        export function run() { return [old.next(), old.next()] }
        export function owns() { return [Counter.owns(old), Counter.owns({})] }`)
      await app.expect('run', [15, 20])
      await app.expect('owns', [true, false])
    })

    it('base and subclass use the same private name without meeting, across edits of both', async () => {
      const source = (n: number) => `
        class Base { #x = 'base'; base() { return this.#x + ${n} } }
        class Sub extends Base { #x = 'sub'; sub() { return this.#x + ${n} } }
        const old = new Sub()
        export function run() { const made = new Sub(); return [old.base(), old.sub(), made.base(), made.sub()] }`
      const app = await start(source(1))
      await app.expect('run', ['base1', 'sub1', 'base1', 'sub1'])
      await app.edit(source(2))
      await app.expect('run', ['base2', 'sub2', 'base2', 'sub2'])
    })

    it('reading a private member of a stranger is a TypeError before and after an edit', async () => {
      const source = (n: number) => `
        class Safe { #x = ${n}; static peek(o) { return o.#x } }
        export function own() { return Safe.peek(new Safe()) }
        export function run() { return Safe.peek({}) }`
      const app = await start(source(1))
      await app.expect('own', 1)
      await app.fails('run', /TypeError/)
      await app.edit(source(2))
      await app.expect('own', 2)
      await app.fails('run', /TypeError/)
    })

    it('a field that an edit added is computed once, on first access, for an older instance', async () => {
      const source = (field: string) => `
        let computed = 0
        function make() { computed++; return [] }
        class Store { ${field} }
        const old = new Store()
        export function count() { return computed }
        export function run() { old.list?.push(1); return [old.list, old.list === old.list] }`
      const app = await start(source(''))
      await app.expect('run', [undefined, true])
      await app.edit(source('list = make()'))
      await app.expect('count', 0)
      await app.expect('run', [[1], true])
      await app.expect('run', [[1, 1], true])
      await app.expect('count', 1)
    })

    it('an added field may name this, and can be assigned before it was read', async () => {
      const source = (field: string) => `
        class Person { name = 'ann'; ${field} }
        const read = new Person(), written = new Person()
        export function run() { return read.label ?? 'none' }
        export function set() { written.label = 'set'; return written.label }`
      const app = await start(source(''))
      await app.expect('run', 'none')
      await app.edit(source(`label = 'label of ' + this.name`))
      await app.expect('set', 'set')
      await app.expect('run', 'label of ann')
    })

    it('a changed field initialiser counts for new instances; a removed field stays on old ones', async () => {
      const source = (fields: string) => `
        class Item { ${fields} }
        const old = new Item()
        export function run() { const made = new Item(); return [old.size, old.colour, made.size, made.colour ?? 'none'] }`
      const app = await start(source(`size = 1; colour = 'red'`))
      await app.expect('run', [1, 'red', 1, 'red'])
      await app.edit(source('size = 2'))
      await app.expect('run', [1, 'red', 2, 'none'])
    })

    it('an arrow in a field keeps its body on an old instance and is new on new ones', async () => {
      const source = (text: string) => `
        class Button { click = () => '${text} ' + this.label(); label() { return '${text}' } }
        const old = new Button()
        export function run() { return [old.click(), new Button().click()] }`
      const app = await start(source('one'))
      await app.expect('run', ['one one', 'one one'])
      await app.edit(source('two'))
      await app.expect('run', ['one two', 'two two'])
    })

    it('static fields: unchanged keep their value, changed are evaluated, removed go, added come', async () => {
      const source = (fields: string) => `
        class Registry { ${fields} static touch() { this.list.push('x'); return this.list } }
        const first = Registry.list
        export function touch() { return Registry.touch() }
        export function run() { return [Registry.list === first, Registry.level, 'gone' in Registry, Registry.fresh ?? 'none'] }`
      const app = await start(source('static list = []; static level = 1; static gone = true;'))
      await app.expect('touch', ['x'])
      await app.expect('run', [true, 1, true, 'none'])
      await app.edit(source(`static list = []; static level = 2; static fresh = 'fresh';`))
      await app.expect('run', [true, 2, false, 'fresh'])
      await app.expect('touch', ['x', 'x'])
    })

    it('a static field that names what moved to another module is evaluated anew if that is another there', async () => {
      const files = (from: string) => ({
        'main.js': `
          import { LIMIT, make } from './${from}.js'
          class Pool { static made = make()\n static sizes = [LIMIT] }
          Pool.sizes.push(1)
          export function run() { return [Pool.made, Pool.sizes] }`,
        'a.js': 'export const other = 1',
        'b.js': 'export const other = 2',
        [`${from}.js`]: `export const LIMIT = 5\nexport const make = () => '${from}'`,
      })
      const app = await start(files('a'))
      await app.expect('run', ['a', [5, 1]])
      await app.edit(files('b'))
      await app.expect('run', ['b', [5, 1]])
    })

    it('a static field that names changed data is evaluated anew, its neighbours are not', async () => {
      const source = (side: number) => `
        const SIDE = ${side}
        class Shape { static area = SIDE * SIDE; static cache = []; static title = Shape.name }
        Shape.cache.push('kept')
        export function run() { return [Shape.area, Shape.cache, Shape.title] }`
      const app = await start(source(2))
      await app.expect('run', [4, ['kept'], 'Shape'])
      await app.edit(source(3))
      await app.expect('run', [9, ['kept'], 'Shape'])
    })

    it('an unchanged static block is not run again, a changed one is', async () => {
      const source = (method: string, block: string) => `
        import { log } from './log.js'
        class Unit { static { log.push('${block}') } static tell() { return '${method}' } }
        export function run() { return [Unit.tell(), log] }`
      const app = await start({ 'main.js': source('one', 'a'), 'log.js': 'export const log = []' })
      await app.expect('run', ['one', ['a']])
      await app.edit(source('two', 'a'))
      await app.expect('run', ['two', ['a']])
      await app.edit(source('two', 'b'))
      await app.expect('run', ['two', ['a', 'b']])
    })

    it('symbol-named members and computed keys are patched under a live instance', async () => {
      const source = (n: number) => `
        const key = 'computed', own = Symbol('own')
        class Range {
          *[Symbol.iterator]() { yield ${n}; yield ${n + 1} }
          [Symbol.toPrimitive]() { return ${n} }
          get [Symbol.toStringTag]() { return 'Range${n}' }
          [key]() { return ${n} }
          [own]() { return ${n} }
          ['part' + ${n}]() { return ${n} }
          static [key] = ${n}
        }
        const old = new Range()
        export function run() {
          return [...old, +old, Object.prototype.toString.call(old), old.computed(), old[own](), old.part1?.(), old.part2?.(), Range.computed]
        }`
      const app = await start(source(1))
      await app.expect('run', [1, 2, 1, '[object Range1]', 1, 1, 1, undefined, 1])
      await app.edit(source(2))
      await app.expect('run', [2, 3, 2, '[object Range2]', 2, 2, undefined, 2, 2])
    })

    it('a changed extends relinks the chain of existing instances', async () => {
      const source = (heritage: string) => `
        class Cat { speak() { return 'meow' } static kind() { return 'cat' } }
        class Dog { speak() { return 'woof' } static kind() { return 'dog' } }
        class Pet ${heritage} { }
        const old = new Pet()
        export function run() { return [old.speak?.(), Pet.kind?.(), old instanceof Cat, old instanceof Dog, new Pet() instanceof Dog] }`
      const app = await start(source('extends Cat'))
      await app.expect('run', ['meow', 'cat', true, false, false])
      await app.edit(source('extends Dog'))
      await app.expect('run', ['woof', 'dog', false, true, true])
      await app.edit(source(''))
      await app.expect('run', [undefined, undefined, false, false, false])
      await app.edit(source('extends Cat'))
      await app.expect('run', ['meow', 'cat', true, false, false])
    })

    it('a class that gains a constructor with super() and a base builds right, and old instances follow', async () => {
      const base = `class Base { constructor(x) { this.x = x } twice() { return this.x * 2 } }`
      const rest = `const Held = Leaf, old = new Leaf(1)
        export function run() { const made = new Held(2); return [old.x, old.twice?.(), made.x, made.twice?.(), made.own] }`
      const app = await start(`${base} class Leaf { constructor(x) { this.x = x; this.own = 'plain' } } ${rest}`)
      await app.expect('run', [1, undefined, 2, undefined, 'plain'])
      await app.edit(
        `${base} class Leaf extends Base { constructor(x) { super(x + 1); this.own = 'derived' } } ${rest}`,
      )
      await app.expect('run', [1, 2, 3, 6, 'derived'])
    })

    it('accessor halves come and go one at a time', async () => {
      const source = (members: string) => `
        class Dial { level = 1; ${members} }
        const old = new Dial()
        export function run() { return old.value }
        export function set(value) { old.value = value; return old.level }`
      const app = await start(source('get value() { return this.level }'))
      await app.expect('run', 1)
      await app.fails('set', /TypeError/, 5)
      await app.edit(source('get value() { return this.level } set value(v) { this.level = v }'))
      await app.expect('set', 5, 5)
      await app.expect('run', 5)
      await app.edit(source('set value(v) { this.level = v * 10 }'))
      await app.expect('set', 60, 6)
      await app.expect('run', undefined)
    })

    it('a private name that an edit added can be called with new, on older instances too', async () => {
      const source = (body: string) => `
        class K { constructor(n) { this.n = n } }
        class A { ${body} }
        const old = new A()
        export const run = () => [old.make(), new A().make()]`
      const app = await start(source('_q = K; _ns = { K }; make() { return [new this._q(1).n, new this._ns.K(2).n] }'))
      await app.expect('run', [
        [1, 2],
        [1, 2],
      ])
      await app.edit(
        source(`#q = K; #ns = { K, deep: { K } }; get #g() { return K }
          make() {
            const self = this
            return [new this.#q(1).n, new this.#ns.K(2).n, new this.#ns.deep.K(3).n, (new this.#q).n ?? 4, new this.#g(5).n,
              new (this.#q)(6).n, new self.#q(new this.#q(7).n).n, new K(this.#q === K).n]
          }`),
      )
      const made = [1, 2, 3, 4, 5, 6, 7, true]
      await app.expect('run', [made, made])
    })

    it('an accessor becomes a method, a method a static, a static is gone', async () => {
      const source = (members: string) => `
        class Form { ${members} }
        const old = new Form()
        export function run() { return [typeof old.value, typeof old.act, typeof Form.act, typeof Form.make] }`
      const app = await start(source('get value() { return 1 } act() {} static make() {}'))
      await app.expect('run', ['number', 'function', 'undefined', 'function'])
      await app.edit(source('value() { return 1 } static act() {}'))
      await app.expect('run', ['function', 'undefined', 'function', 'undefined'])
    })

    it('extracted and bound methods run the new body', async () => {
      const source = (n: number) => `
        class Bank {
          balance = 1
          add(amount) { return this.balance + amount * ${n} }
          async later() { return ${n} }
          *each() { yield ${n} }
          get rate() { return ${n} }
          static make() { return ${n} }
        }
        const old = new Bank(), { add, later, each } = old, { make } = Bank, bound = old.add.bind(old, 2)
        const rate = Object.getOwnPropertyDescriptor(Bank.prototype, 'rate').get
        export async function run() {
          return [add.call(old, 1), bound(), await later(), ...each(), rate.call(old), make(), add === old.add]
        }`
      const app = await start(source(1))
      await app.expect('run', [2, 3, 1, 1, 1, 1, true])
      await app.edit(source(10))
      await app.expect('run', [11, 21, 10, 10, 10, 10, true])
    })

    it('class expressions and default exports of every form keep their identity', async () => {
      const forms: Record<string, (n: number) => string> = {
        'anonymous.js': n => `export default class { v() { return ${n} } }`,
        'named.js': n => `export default class Named { v() { return ${n} } }`,
        'expression.js': n => `export const K = class { v() { return ${n} } }\nexport default K`,
        'inner.js': n =>
          `const K = class Inner { v() { return ${n} } get self() { return Inner } }\nexport { K as default }`,
      }
      const files = (n: number) => Object.fromEntries(Object.entries(forms).map(([id, form]) => [id, form(n)]))
      const app = await start({
        ...files(1),
        'main.js': `
          import A from './anonymous.js'
          import B from './named.js'
          import C from './expression.js'
          import D from './inner.js'
          const Held = [A, B, C, D], old = Held.map(K => new K())
          export function run() {
            return [old.map(o => o.v()), Held.map(K => new K().v()), [A, B, C, D].every((K, i) => K === Held[i] && old[i] instanceof K),
              Held.map(K => K.name), old[3].self === D]
          }`,
      })
      const names = ['default', 'Named', 'K', 'Inner']
      await app.expect('run', [[1, 1, 1, 1], [1, 1, 1, 1], true, names, true])
      await app.edit(files(2))
      await app.expect('run', [[2, 2, 2, 2], [2, 2, 2, 2], true, names, true])
    })

    it('reflection sees the members, the length and the text of the new version', async () => {
      const look = `
        export function run() {
          return [Object.getOwnPropertyNames(Thing.prototype).sort(), Object.getOwnPropertyNames(Thing).sort(), Thing.length, Thing.name,
            /zebra/.test(String(Thing))]
        }`
      const statics = ['length', 'name', 'prototype']
      const app = await start(`class Thing { constructor(a) {} one() {} static first() {} }${look}`)
      await app.expect('run', [['constructor', 'one'], ['first', ...statics], 1, 'Thing', false])
      await app.edit(
        `class Thing { constructor(a, b) {} two() { return 'zebra' } get three() { return 3 } static second() {} }${look}`,
      )
      await app.expect('run', [['constructor', 'three', 'two'], [...statics, 'second'], 2, 'Thing', true])
    })

    it('a field that an edit added is an own property of new instances; for older ones an accessor that nothing enumerates', async () => {
      const look = `
        const old = new Thing()
        export function run() {
          const made = new Thing(), seen = []
          for (const key in old) seen.push(key)
          return [Object.keys(Thing.prototype), seen, Object.keys(made), made.fresh, Object.getOwnPropertyDescriptor(made, 'fresh')?.writable]
        }`
      const app = await start(`class Thing { first = 1 }${look}`)
      await app.expect('run', [[], ['first'], ['first'], undefined, undefined])
      await app.edit(`class Thing { first = 1; fresh = 2 }${look}`)
      await app.expect('run', [[], ['first'], ['first', 'fresh'], 2, true])
    })

    it('subclasses of Array, Map and Error stay exotic across edits', async () => {
      const source = (n: number) => `
        class Stack extends Array { top() { return [${n}, this[this.length - 1]] } }
        class Table extends Map { get(key) { return super.get(key) ?? ${n} } }
        class Oops extends Error { constructor(text) { super(text + ${n}); this.name = 'Oops' } }
        const stack = Stack.of(1, 2), table = new Table([['a', 'b']]), oops = new Oops('old')
        export function run() {
          return [stack.top(), stack.length, Array.isArray(stack), stack.map(x => x) instanceof Stack, table.get('a'), table.get('z'),
            String(oops), String(new Oops('new')), oops instanceof Error, oops instanceof Oops]
        }`
      const app = await start(source(1))
      await app.expect('run', [[1, 2], 2, true, true, 'b', 1, 'Oops: old1', 'Oops: new1', true, true])
      await app.edit(source(2))
      await app.expect('run', [[2, 2], 2, true, true, 'b', 2, 'Oops: old1', 'Oops: new2', true, true])
    })

    it('static methods are inherited live, and this in them is the class that was called', async () => {
      const source = (n: number) => `
        class Base { static tag = 'base'; static describe() { return this.tag + ${n} } static make() { return new this() } }
        class Sub extends Base { static tag = 'sub' }
        const { describe } = Sub
        export function run() { return [Sub.describe(), describe.call(Base), Sub.make() instanceof Sub, Object.hasOwn(Sub, 'make')] }`
      const app = await start(source(1))
      await app.expect('run', ['sub1', 'base1', true, false])
      await app.edit(source(2))
      await app.expect('run', ['sub2', 'base2', true, false])
    })

    it('calling a removed method of an old instance is a TypeError', async () => {
      const rest = `\nconst old = new Door()\nexport function run() { return old.open() }`
      const app = await start(`class Door { open() { return 'open' } }${rest}`)
      await app.expect('run', 'open')
      const report = await app.edit(`class Door { }${rest}`)
      await app.fails('run', /TypeError.*open/)
      assert.ok(moduleReport(report).removed.includes('Door.open'), 'the removed method is reported')
    })

    it('a class cannot be called without new, and without a base its constructor needs no super, after an edit too', async () => {
      const source = (n: number) => `
        class Strict { n = ${n} }
        const Held = Strict
        export function call() { return Held() }
        export function run() { return new Held().n }`
      const app = await start(source(1))
      await app.expect('run', 1)
      await app.fails('call', /TypeError/)
      await app.edit(source(2))
      await app.expect('run', 2)
      await app.fails('call', /TypeError/)
    })

    it('name and length are its own, those of static members while there are such', async () => {
      const source = (statics: string, body: string) => `
        class Tool { ${statics} use() { return '${body}' } }
        const Other = class Inner { ${body} }
        export function run() { return [Tool.name, Tool.length, Object.keys(Tool), Other.name] }`
      const both = `static name = 'custom'; static length = 7;`
      const app = await start(source(both, 'one'))
      await app.expect('run', ['custom', 7, ['length', 'name'], 'Inner'])
      await app.edit(source(both, 'two'))
      await app.expect('run', ['custom', 7, ['length', 'name'], 'Inner'])
      await app.edit(source('static length = 7;', 'two'))
      await app.expect('run', ['Tool', 7, ['length'], 'Inner'])
      await app.edit(source('static get name() { return 1 } constructor(a, b) {}', 'two').replace('Inner', 'Outer'))
      await app.expect('run', [1, 2, [], 'Outer'])
      await app.edit(`${source('', 'two')}\nthrow new Error('no')`, 'rejected')
      await app.expect('run', [1, 2, [], 'Outer'])
      await app.edit(source('', 'two'))
      await app.expect('run', ['Tool', 0, [], 'Inner'])
    })

    it('a removed member with a computed key has no name in the report', async () => {
      const rest = `\nexport function run() { return Object.keys(Door) }`
      const app = await start(`class Door { static ['a' + 1] = 1 }${rest}`)
      const report = await app.edit(`class Door { }${rest}`)
      await app.expect('run', [])
      assert.deepEqual(moduleReport(report).removed, ['Door.[computed]'])
    })

    // An isolate's files know no tsconfig.json.
    for (const kind of realm === 'isolate' ? (['standard'] as const) : (['standard', 'legacy'] as const)) {
      it(`${kind} decorators get the members as the class has them, at each edit`, async () => {
        const mark = {
          standard: `const mark = (t: string) => (method: any, _: unknown) => function (this: any) { return t + method.call(this) }`,
          legacy: `const mark = (t: string) => (_: any, _key: any, own: any) => {
            const method = own.value
            own.value = function (this: any) { return t + method.call(this) }
          }`,
        }
        const source = (first: string, body: string) => ({
          'tsconfig.json': JSON.stringify({ compilerOptions: { experimentalDecorators: kind === 'legacy' } }),
          'main.ts': `
            ${mark[kind]}
            class Door {
              ${first} open() { return '${body}' }
              @mark('b') close() { return 'close' }
              @mark('s') static make() { return 'make' }
            }
            const old = new Door()
            export function run() { return [old.open(), old.close(), Door.make(), old instanceof Door] }`,
        })
        const app = await start(source(`@mark('1') @mark('2')`, 'open'))
        await app.expect('run', ['12open', 'bclose', 'smake', true])
        for (const [decorators, body] of [
          [`@mark('1') @mark('2')`, 'OPEN'],
          [`@mark('2') @mark('1')`, 'OPEN'],
          ['', 'OPEN'],
          [`@mark('3')`, 'OPEN'],
          [`@mark('3')`, 'on'],
        ] as const) {
          const report = await app.edit(source(decorators, body))
          const { added, patched, evaluated, removed } = moduleReport(report, 'main.ts')
          assert.ok(
            patched.some(each => each.startsWith('Door')),
            `patched: ${patched}`,
          )
          assert.ok(!removed.some(each => each.startsWith('statement')), `removed: ${removed}`)
          const others = [...added, ...patched, ...evaluated, ...removed].filter(each => !each.startsWith('Door'))
          assert.deepEqual(others, [], 'what esbuild made up is not told of')
          const marks = [...decorators.matchAll(/\d/g)].join('')
          await app.expect('run', [marks + body, 'bclose', 'smake', true])
        }
      })
    }

    it('names like those that esbuild makes up are told of when they are written', async () => {
      const app = await start({
        'main.ts': 'export const _init = 1 as number\nconst _m_dec = 1\nexport const run = () => _init',
      })
      const report = await app.edit({ 'main.ts': 'export const _init = 2 as number\nexport const run = () => _init' })
      const { evaluated, removed } = moduleReport(report, 'main.ts')
      assert.deepEqual([evaluated, removed], [['_init'], ['_m_dec']])
    })

    it('a removed class is unbound, its instances live on', async () => {
      const rest = `
        const kept = []
        export function make() { kept.push(new Gone()) }
        export function run() { return [kept.map(each => each.v()), typeof Gone] }`
      const app = await start(`class Gone { v() { return 1 } }${rest}`)
      await app.call('make')
      await app.expect('run', [[1], 'function'])
      const report = await app.edit(rest)
      assert.deepEqual(moduleReport(report).removed, ['Gone'])
      await app.expect('run', [[1], 'undefined'])
      await app.fails('make', /ReferenceError.*Gone/)
    })

    it('prototypes that the program gave a class stay until its extends is another', async () => {
      const source = (n: number, heritage = '') => `
        class Emitter { on() { return 'on' } }
        class P { p() { return 'p' } }
        const mix = { hi: () => 'mix' }, statics = { make: () => 'make' }
        class Plain { m() { return ${n} } }
        class Sub extends Plain { m() { return super.m() } s() { return ${n} } }
        class Hidden { #n = ${n}; m() { return this.#n + ${n} } }
        class Below ${heritage} { m() { return ${n} } }
        Object.setPrototypeOf(Plain.prototype, Emitter.prototype)
        Object.setPrototypeOf(Plain, Emitter)
        Hidden.prototype.__proto__ = mix
        Object.setPrototypeOf(Sub, statics)
        Object.setPrototypeOf(Below.prototype, mix)
        Object.setPrototypeOf(Below, statics)
        const plain = new Plain(), sub = new Sub(), hidden = new Hidden(), below = new Below()
        export const run = () => [
          plain.m(), plain.on(), plain instanceof Emitter, Object.getPrototypeOf(Plain) === Emitter, sub.on(), sub.s(), Sub.make(),
          hidden.m(), hidden.hi(), below.m(), below.hi?.(), below.p?.(), Below.make?.(), new Below() instanceof P]`
      const app = await start(source(1))
      const above = (n: number, hidden: number, ...below: unknown[]) => [
        ...[n, 'on', true, true, 'on', n, 'make', hidden, 'mix', n],
        ...below,
      ]
      await app.expect('run', above(1, 2, 'mix', undefined, 'make', false))
      await app.edit(source(2))
      await app.expect('run', above(2, 3, 'mix', undefined, 'make', false))
      await app.edit(`${source(3, 'extends P')}\nthrow new Error('no')`, 'rejected')
      await app.expect('run', above(2, 3, 'mix', undefined, 'make', false))
      await app.edit(source(3, 'extends P'))
      await app.expect('run', above(3, 4, undefined, 'p', undefined, true))
      await app.edit(source(4))
      await app.expect('run', above(4, 5, undefined, undefined, undefined, false))
    })

    it('a name and a length that the program gave a class stay', async () => {
      const source = (body: string) => `
        class K { ${body} }
        Object.defineProperty(K, 'name', { value: 'mine' })
        Object.defineProperty(K, 'length', { value: 7 })
        export const run = () => [K.name, K.length, new K().m()]`
      const app = await start(source('m() { return 1 }'))
      await app.expect('run', ['mine', 7, 1])
      await app.edit(source('m() { return 2 }'))
      await app.expect('run', ['mine', 7, 2])
      await app.edit(source('constructor(a, b) {} m() { return 2 }'))
      await app.expect('run', ['mine', 2, 2])
    })

    for (const freeze of ['freeze', 'seal', 'preventExtensions']) {
      it(`a class after Object.${freeze} takes edits of the members it has, and no new ones`, async () => {
        const source = (body: string, heritage = '') => `
          class P {}
          class K ${heritage} { ${body} }
          Object.${freeze}(K); Object.${freeze}(K.prototype)
          const old = new K()
          export const run = () => [old.m(), K.s(), old.value, K.name, K.length, K.n]`
        const body = (n: number) =>
          `static n = 1; #x = ${n}; m() { return this.#x + ${n} } get value() { return ${n} } static s() { return ${n} }`
        const app = await start(source(body(1)))
        await app.expect('run', [2, 1, 1, 'K', 0, 1])
        await app.edit(source(body(2)))
        await app.expect('run', [3, 2, 2, 'K', 0, 1])
        for (const [edited, name] of [
          [source(`${body(3)} added() {}`), 'added'],
          [source(`${body(3)} static added() {}`), 'added'],
          [source(`${body(3)} added = 3`), 'added'],
          [source(`static added = 1; ${body(3)}`), 'added'],
          [source(body(3), 'extends P'), 'superclass'],
        ] as const) {
          const { error } = await app.edit(edited, 'rejected')
          assert.match(error!.message, new RegExp(`^TypeError: K cannot take its '?${name}.*frozen or sealed`))
          await app.expect('run', [3, 2, 2, 'K', 0, 1])
        }
        const isFrozen = freeze === 'freeze'
        const report = await app.edit(source(body(4).replace('n = 1', 'n = 4')), isFrozen ? 'rejected' : 'applied')
        if (isFrozen) assert.match(report.error!.message, /K cannot take its 'n'/)
        await app.expect('run', isFrozen ? [3, 2, 2, 'K', 0, 1] : [5, 4, 4, 'K', 0, 4])
      })

      it(`a member that an edit takes from a class after Object.${freeze} cannot be called, until it comes back`, async () => {
        const source = (member: string) =>
          `class K { ${member} m() {} }\nObject.${freeze}(K.prototype)\nconst old = new K()\nexport const run = () => old.gone()`
        const app = await start(source('gone() { return 1 }'))
        await app.edit(source(''))
        await app.fails('run', /gone is not a function/)
        if (freeze === 'preventExtensions') return
        await app.edit(source('gone() { return 3 }'))
        await app.expect('run', 3)
      })

      it(`a field that an edit adds is computed once on an instance after Object.${freeze}`, async () => {
        const source = (field: string) => `
          let runs = 0
          class K { a = 1; ${field} }
          const old = Object.${freeze}(new K()), other = Object.${freeze}(new K())
          export const run = () => [old.list, old.list === old.list, other.list, runs]
          export const set = () => (old.list = 'set', old.list)
          const unread = new K()
          export const late = () => unread.list\n`
        const app = await start(source(''))
        await app.edit(source('list = [++runs]'))
        await app.expect('run', [[1], true, [2], 2])
        if (freeze === 'freeze') await app.fails('set', /TypeError/)
        else await app.expect('set', 'set')
        const frozen = `Object.${freeze}(K.prototype);`
        await app.edit(source('list = [++runs]') + frozen)
        await app.edit(source('') + frozen)
        await app.expect('late', undefined)
      })
    }

    it('a member that the program deleted stays away until its own text changes', async () => {
      const source = (gone: number, m: number) => `
        class K { gone() { return ${gone} } m() { return ${m} } get pair() { return ${gone} } set pair(v) {} static gone() { return ${gone} } }
        delete K.prototype.gone
        delete K.prototype.pair
        delete K.gone
        const old = new K()
        export const run = () => [old.m(), old.gone?.(), old.pair, K.gone?.(), 'pair' in old]`
      const app = await start(source(1, 1))
      await app.expect('run', [1, undefined, undefined, undefined, false])
      await app.edit(source(1, 2))
      await app.expect('run', [2, undefined, undefined, undefined, false])
      await app.edit(`${source(3, 3)}\nthrow new Error('no')`, 'rejected')
      await app.expect('run', [2, undefined, undefined, undefined, false])
      await app.edit(source(3, 3))
      await app.expect('run', [3, 3, 3, 3, true])
    })

    it('a static field that loses its initialiser keeps its value, as a let does', async () => {
      const source = (...fields: string[]) => `
        class K { ${fields.map(each => `static ${each}`).join('; ')}; static read() { return [K.n, K.#hidden, ++K.n, ++K.#hidden] } }
        export const run = () => [...K.read(), 'more' in K, K.more]`
      const app = await start(source('n = 5', '#hidden = 7'))
      await app.expect('run', [5, 7, 6, 8, false, undefined])
      await app.edit(source('n', '#hidden', 'more'))
      await app.expect('run', [6, 8, 7, 9, true, undefined])
      await app.edit(source('n = 1', '#hidden = 2', 'more'))
      await app.expect('run', [1, 2, 2, 3, true, undefined])
    })

    it('computed keys are evaluated anew only when their text, or a value that they name, changed', async () => {
      const source = (constant: string, n: number, v = n) => `
        const K = '${constant}'
        let calls = 0
        const symbols = []
        const key = () => 'k' + calls++
        const sign = name => (symbols.push(Symbol(name)), symbols.at(-1))
        class A {
          [key()]() { return ${n} }
          [key()]() { return ${n} }
          static [key()] = [];
          static [key()] = {};
          [sign('m')]() { return ${n} }
          get [sign('pair')]() { return ${n} }
          set [sign('pair')](v) {}
          [key()] = ${n};
          [K + 'm']() { return ${n} }
          static [K + 's'] = 's';
          [K + 'f'] = 'f'
          v() { return ${v} }
        }
        const old = new A(), list = A.k2
        delete A.prototype[symbols[1]]
        A.prototype[symbols[0]] = () => 'mine'
        export const run = () => [calls, symbols.length, old.k0(), old.k1(), list === A.k2, old[symbols[0]](), old[symbols[1]], old.v()]
        export const keys = () => [Object.keys(A), Object.keys(new A()), Object.getOwnPropertyNames(A.prototype).sort()]`
      const app = await start(source('one', 1))
      const keys = (name: string) => [
        ['k2', 'k3', `${name}s`],
        ['k4', `${name}f`],
        ['constructor', 'k0', 'k1', `${name}m`, 'v'].sort(),
      ]
      await app.expect('run', [5, 3, 1, 1, true, 'mine', undefined, 1])
      await app.expect('keys', keys('one'))
      await app.edit(source('one', 1, 2))
      await app.expect('run', [5, 3, 1, 1, true, 'mine', undefined, 2])
      await app.edit(source('one', 2))
      await app.expect('run', [5, 3, 2, 2, true, 2, 2, 2])
      await app.expect('keys', keys('one'))
      await app.edit(`${source('two', 2)}\nthrow new Error('no')`, 'rejected')
      await app.expect('keys', keys('one'))
      await app.edit(source('two', 2))
      await app.expect('keys', keys('two'))
      await app.expect('run', [5, 3, 2, 2, true, 2, 2, 2])
    })

    it('computed keys that await are evaluated once, too', async () => {
      const source = (n: number) => `
        let calls = 0
        const key = async () => 'k' + calls++
        class A { #p = ${n}; [await key()]() { return this.#p } static [await key()] = 's'; [await key()] = ${n} }
        const old = new A()
        export const run = () => [calls, old.k0(), A.k1, old.k2, new A().k0()]`
      const app = await start(source(1))
      await app.expect('run', [3, 1, 's', 1, 1])
      await app.edit(source(2))
      await app.expect('run', [3, 1, 's', 1, 2])
    })

    it('static fields swap their keys when the constants do', async () => {
      const source = (a: string, b: string) => `
        const A = '${a}', B = '${b}'
        class K { static [A] = 1; static [B] = 2 }
        export const run = () => ({ ...K })`
      const app = await start(source('a', 'b'))
      await app.edit(source('b', 'a'))
      await app.expect('run', { a: 2, b: 1 })
    })

    for (const [title, wait] of [
      ['', ''],
      [' after an await', 'await '],
    ]) {
      it(`a superclass that extends makes stays until its text, or a value that it names, changes${title}`, async () => {
        const source = (n: number, extra: string, size: number, other = '') => `
          const size = ${size}
          let made = 0
          const mixin = (Base, size) => (made++, class extends Base { #z = 7; hi() { return 'hi' + this.#z + size + '${other}' } })
          class P {}
          class C extends mixin(${wait}P, size${extra}) { own() { return ${n} } }
          Object.defineProperty(Object.getPrototypeOf(C.prototype), 'mine', { value: 'mine', configurable: true })
          const old = new C(), base = Object.getPrototypeOf(C)
          export const run = () => [old.own(), new C().hi(), old.mine, made, Object.getPrototypeOf(C) === base]
          export const hi = () => old.hi()`
        const app = await start(source(1, '', 1))
        await app.expect('run', [1, 'hi71', 'mine', 1, true])
        await app.edit(source(2, '', 1))
        await app.expect('run', [2, 'hi71', 'mine', 1, true])
        await app.expect('hi', 'hi71')
        await app.edit(`${source(3, '', 2)}\nthrow new Error('no')`, 'rejected')
        await app.expect('run', [2, 'hi71', 'mine', 1, true])
        await app.edit(source(3, '', 2))
        await app.expect('run', [3, 'hi72', undefined, 2, false])
        await app.edit(source(3, ', 0', 2, '!'))
        await app.expect('run', [3, 'hi72!', undefined, 3, false])
      })
    }
  })
})
