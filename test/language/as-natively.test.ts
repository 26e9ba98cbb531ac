// Programs that must answer the same under plain node, under regrow, and under regrow after an edit that moves and patches every definition.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'esbuild'
import { inEveryRealm } from '../support/program.js'

/** The body of a module that exports `run`. `// edit` marks where an edit puts a statement. */
type Snippets = Readonly<Record<string, string>>

const classes: Snippets = {
  'private fields, methods, accessors and brand checks': `
    class Account {
      #balance = 1; static #count = 0
      static #next() { // edit
        return ++Account.#count }
      #add(by) { // edit
        this.#balance += by; return this }
      get #double() { return this.#balance * 2 }
      set #double(value) { this.#balance = value / 2 }
      static is(value) { return #balance in value && #add in value }
      run() { // edit
        this.#add(2).#double = 20; return [this.#balance, this.#double, Account.#next(), Account.is(this), Account.is({})] }
    }
    export const run = () => new Account().run()`,
  'fields see the instance, and static blocks the class': `
    class A { static log = []; a = 1; b = this.a + 1; ['c' + this?.x] = 3; static { this.log.push('block', this.name) } static d = this.log.length
      'quoted key' = 4; 7 = 5; static async *gen() { yield* [1, 2] } }
    export const run = async () => { const all = []; for await (const x of A.gen()) all.push(x); return [new A().b, Object.keys(new A()), A.log, A.d, all] }`,
  'super in methods, accessors, statics, object literals and arrows': `
    class Base { hi() { return 'base ' + this.n } static make() { return this.name } get g() { return 'g' } set s(v) { this.kept = v } }
    class Sub extends Base { n = 1
      hi() { // edit
        return [1].map(() => super.hi()).join() + '!' }
      static make() { return super.make() + '+' } get g() { return super.g + 'g' } set s(v) { super.s = v + 1 }
      async later() { await null; return super.hi() } *each() { yield super.hi() } }
    const object = { __proto__: { x() { return 'proto' } }, x() { return super.x() + '!' } }
    export const run = async () => { const s = new Sub(); s.s = 1; return [s.hi(), Sub.make(), s.g, s.kept, await s.later(), [...s.each()], object.x()] }`,
  'subclasses of builtins': `
    class Failure extends Error { name = 'Failure'; constructor(m, o) { super(m, o); this.code = 7 } }
    class List extends Array { sum() { return this.reduce((a, b) => a + b, 0) } }
    class Later extends Promise { static get [Symbol.species]() { return Promise } }
    class Store extends Map { get(key) { return super.get(key) ?? 'none' } }
    export const run = async () => { const f = new Failure('m', { cause: 1 }), l = List.from([1, 2, 3]); const later = new Later(done => done(5))
      return [f instanceof Error, String(f), f.code, f.cause, l.sum(), l.map(x => x * 2) instanceof List, l.length, await later, later.then(() => 1) instanceof Later,
        new Store([['a', 1]]).get('a'), new Store().get('b'), Object.prototype.toString.call(l), Array.isArray(l)] }`,
  'reflection of class, prototype and functions': `
    class R { static s = 1; static m() {} m() {} get g() { return 1 } set g(v) {} static [Symbol.iterator]() {} #p = 1; async a() {} *y() {} constructor(a, b = 1) {} }
    function f(a, b, ...c) {}
    const g = async (a, { b }, [c]) => {}
    const names = object => Reflect.ownKeys(object).map(String)
    const flags = (object, key) => { const { value, get, set, ...rest } = Object.getOwnPropertyDescriptor(object, key); return [typeof value, typeof get, typeof set, rest] }
    export const run = () => [names(R).sort(), names(R.prototype), names(f).sort(), names(g).sort(), R.length, R.name, f.length, f.name, g.length, g.name,
      flags(R, 'prototype'), flags(R, 'm'), flags(R, 's'), flags(R.prototype, 'g'), flags(R, 'name'), R.prototype.constructor === R, typeof R,
      Object.getPrototypeOf(R) === Function.prototype, 'prototype' in R.prototype.m, 'prototype' in R.prototype.y]`,
  'new.target, abstract bases and constructors that return': `
    class Shape { constructor() { if (new.target === Shape) throw new TypeError('abstract'); this.made = new.target.name } }
    class Dot extends Shape {}
    class Single { static one; constructor() { if (Single.one) return Single.one; Single.one = this } }
    function Old(x) { if (!new.target) return new Old(x); this.x = x }
    Old.prototype.get = function () { return this.x }
    const refused = () => { try { new Shape() } catch (error) { return error.name } }
    const called = () => { try { Dot() } catch (error) { return error.name } }
    export const run = () => [new Dot().made, refused(), called(), new Single() === new Single(), Old(3).get(), new Old(4).get(), Reflect.construct(Shape, [], Dot).made]`,
  'computed and unusual keys': `
    const key = Symbol('key'); let n = 0; const next = () => 'k' + ++n
    class K { [key]() { return 1 } [next()]() { return 2 } static [next()] = 3; get ['a b']() { return 4 } static async *[Symbol.asyncIterator]() {} '__proto__'() { return 5 } constructor2() {} static static() { return 6 } get get() { return 7 } set() {} async() { return 8 } }
    export const run = () => { const k = new K(); return [k[key](), k.k1(), K.k2, k['a b'], Object.hasOwn(K.prototype, '__proto__'), K.static(), k.get, k.async(), Object.getOwnPropertyNames(K.prototype)] }`,
  'classes in expressions, names and hoisting': `
    const A = class {}, B = class Named { static self() { return Named } }, [C = class {}] = [], { D = class { static name = 'own' } } = {}
    const make = Base => class extends Base { extra() { return super.extra?.() ?? 'extra' } }
    class Mixed extends make(Object) {}
    const early = (() => { try { return new Late() } catch (error) { return error.name + ': ' + error.message } })()
    class Late {}
    export default class {}
    export const run = () => [A.name, B.name, B.self() === B, C.name, D.name, new Mixed().extra(), early, typeof Late]`,
}

const modules: Snippets = {
  'names that are regrow’s own, or odd': `
    let $_ = 1, $_k = 2, $_c = 3, __proto__ = 4, $ = 5, module = 6, exports = 7, require = 8, undefined2 = 9, async = 10, of = 11, get = 12, let2 = 13, π = 14
    function kernel() { // edit
      return $_ + $_k + $_c }
    function constructor() { return 'c' } function toString() { return 't' } const hasOwnProperty = 'h'; var valueOf = 'v'
    export const run = () => [kernel(), __proto__, $, module, exports, require, async, of, get, π, constructor(), toString(), hasOwnProperty, valueOf]`,
  'this, arguments and typeof at top level': `
    const self = this, kind = typeof arguments, missing = typeof nowhere
    function sloppy() { // edit
      return this }
    const arrow = () => this
    function ofDefaults(a = arguments.length, b = () => arguments[0]) { return [a, b()] }
    export const run = () => [self, kind, missing, sloppy(), arrow(), ofDefaults(), ofDefaults(7), (function () { return typeof this })(), (() => { try { undeclared = 1 } catch (error) { return error.message } })()]`,
  'dead zones, constants and their messages': `
    const tell = action => { try { return action() } catch (error) { return error.name + ': ' + error.message } }
    const before = [tell(() => later), tell(() => { later = 1 }), tell(() => typeof later), tell(() => Late), tell(() => hoisted())]
    let later = 2; class Late {} function hoisted() { return 'hoisted' } const fixed = 1; var v = 3
    export const run = () => [before, tell(() => { fixed = 2 }), tell(() => { fixed++ }), tell(() => { [fixed] = [1] }), tell(() => { for (fixed of [1]); }), later, v, tell(() => { Late = 1; return typeof Late })]`,
  'destructuring declarations and assignments': `
    const { a, b: { c = 2, ...rest } = {}, ['d' + 1]: d = a, ...others } = { a: 1, b: { x: 1 }, e: 5 }, [first, , third = 3, ...more] = 'xyzw'
    let p, q; [p, q = p] = [1]; ({ p, r: q = 7 } = { p: 2 }); [p, q] = [q, p]
    let counter = 0; const list = []; [list[counter++], { x: list[counter++] }] = [1, { x: 2 }]
    for (const [k, v] of Object.entries({ m: 1 })) list.push(k, v)
    export const run = () => [a, c, rest, d, others, first, third, more, p, q, list, counter]`,
  'updates and compound assignments of module variables': `
    let n = 1, s = 'a', o = null, big = 1n, u
    export const run = () => { n++; ++n; n **= 2; n -= 1; n <<= 1; s += 'b'; o ??= { k: 1 }; o.k ||= 2; u &&= 1; big *= 3n; const post = n--; return [n, s, o, u, String(big), post, delete o.k, void n, typeof n] }`,
  'functions of every kind, with names': `
    const arrow = () => {}, fn = function () {}, named = function own() { return own.name }, gen = function* () { yield* arguments }, later = async () => 1, bound = fn.bind(null)
    const { x = () => {} } = {}; let y; y = () => {}; y ??= 1; const o = { m() {}, get g() { return 1 }, ['c' + 1]: () => {}, async *ag() {}, f: function () {}, 2: () => {} }
    const anonymous = [() => {}, function () {}, async () => {}, function* () {}, async function* () {}, class {}.prototype.constructor].map(f => f.name)
    export default () => {}
    export const run = async () => [arrow.name, fn.name, named(), [...gen(1, 2)], await later(), bound.name, x.name, y.name, o.m.name, o.c1.name, o.ag.name, o.f.name, o[2].name, Object.getOwnPropertyDescriptor(o, 'g').get.name, anonymous]`,
  'generators, async iteration and finally': `
    const log = []
    function* numbers(to) { // edit
      try { for (let i = 0; i < to; i++) { const got = yield i; if (got) log.push(got) } } finally { log.push('closed') } return 'end' }
    async function* slow() { for (const n of numbers(3)) { await null; yield n * 2 } }
    export const run = async () => { log.length = 0; const all = []; for await (const n of slow()) all.push(n); const it = numbers(2); it.next(); it.next('got'); it.return(9)
      for (const n of numbers(9)) if (n === 1) break; return [all, log, [...numbers(2)], Object.prototype.toString.call(it), numbers.prototype.isPrototypeOf(it)] }`,
  'a var that is assigned above its declaration': `
    above = 3; var above; const seen = [typeof below, above]; var below; below = 4; var above
    export const run = () => { // edit
      return [above, below, seen] }`,
  'labels, switch, with blocks and closures in loops': `
    var hoistedInBlock; { var hoistedInBlock = 1; function inBlock() { return 2 } } if (true) { var fromIf = 3 } for (var i = 0; i < 2; i++); try { throw 1 } catch { var caught = 4 }
    const fns = []; for (let k = 0; k < 3; k++) fns.push(() => k); outer: for (const a of [1, 2]) { for (const b of [1, 2]) { if (b === 2) continue outer; if (a === 2) break outer } }
    let picked; switch (fromIf) { case 3: { picked = 'three' } default: picked += '!' }
    export const run = () => [hoistedInBlock, fromIf, i, caught, fns.map(f => f()), picked, typeof inBlock]`,
  'import.meta and its functions': `
    const { url, dirname, filename } = import.meta
    export const run = () => [url.startsWith('file:'), filename.startsWith(dirname), url.endsWith(filename.split(/[\\\\/]/).pop()), import.meta.resolve('./x.js').endsWith('/x.js'), import.meta.resolve('node:fs'), Object.getPrototypeOf(import.meta), import.meta === import.meta]`,
  'tagged templates, regular expressions and optional chains': `
    const seen = new WeakSet(); const tag = (strings, ...values) => { const again = seen.has(strings); seen.add(strings); // edit
      return [again, strings.raw.join('|'), ...values] }
    const once = () => tag\`a\${1}\\n\`
    const o = { f() { return this === o }, n: null }
    export const run = () => [once().slice(1), once()[0], /(?<y>\\d{4})/u.exec('in 2026').groups.y, o?.f(), o.n?.x.y, o?.['f'](), (o?.f)(), o.g?.(), \`\${[1, 2]}\`, 1_000, 0b11, 010n === undefined]`.replace(
    ', 010n === undefined',
    '',
  ),
  'errors with causes, and aggregate ones': `
    class Oops extends AggregateError {} 
    const fail = cause => { throw new Error('outer', { cause }) }
    export const run = () => { try { try { null.x } catch (error) { fail(error) } } catch (error) { return [error.message, error.cause.name, new Oops([1], 'm').errors, error instanceof Error] } }`,
}

const typescript: Snippets = {
  'enums, const enums, namespaces and merging': `
    enum Color { Red, Green = 5, Blue, Name = 'n' } enum Color { Extra = 9 } const enum Fixed { One = 1, Two = One << 1 }
    namespace Geo { export const unit = 2; export function area(s: number): number { return s * unit } export namespace Deep { export let level = 1 } }
    namespace Geo { export const more = unit + 1 }
    function counted() { return counted.calls++ } namespace counted { export let calls = 0 }
    class Tree { static grow() { return Tree.leaves } } namespace Tree { export const leaves = 3 }
    export const run = () => [Color.Red, Color[5], Color.Name, Color.Extra, Fixed.Two, Geo.area(2), Geo.more, Geo.Deep.level, counted(), counted(), Tree.grow()]`,
  'parameter properties, overloads, generics, assertions and this types': `
    abstract class Animal<T extends string> { constructor(protected readonly name: T, public age = 1) {} abstract sound(): string; speak(this: Animal<T>): string { return this.name + this.sound() } declare ghost: number }
    class Dog extends Animal<'rex'> { private tricks?: string[]; override sound() { return 'woof' } }
    function over(a: string): string; function over(a: number): number; function over(a: any) { // edit
      return a }
    const value = { a: 1 } as const satisfies { a: number }; let definite!: number; const cast = <any>value
    export type Only = string; interface Nothing {}; declare const global: unknown; export type { Nothing }
    export const run = () => { const d = new Dog('rex'); definite = value.a!; return [d.speak(), d.age, over(1), over('s'), definite, cast.a, Object.keys(d)] }`,
  'decorators as the language has them': `
    const log: string[] = []
    const tell = (name: string) => (value: any, { kind, name: key }: any) => { log.push(name + kind + String(key)); return kind === 'method' ? function (this: any, ...args: any[]) { return 'd' + value.apply(this, args) } : undefined }
    @tell('c') class D { @tell('m') hi(n: number) { return 'hi' + n } @tell('f') field = 1; @tell('a') accessor acc = 2; @tell('g') get g() { return 3 } @tell('s') static s() {} }
    export const run = () => { const d = new D(); d.acc++; return [d.hi(1), d.field, d.acc, d.g, [...new Set(log)].sort()] }`,
  'decorators of every kind of member, in order, and what they are told': `
    let log: any[] = []
    // esbuild makes accessors enumerable
    const keysOf = (object: any) => Object.keys(object).filter(each => each !== 'sa')
    const tell = (name: string) => { log.push('got ' + name); return (value: any, context: any) => {
      const { kind, name: key, static: isStatic, private: isPrivate, access } = context
      log.push([name, kind, String(key), isStatic, isPrivate, typeof value, value?.name, kind !== 'class' && value && Object.keys(value), access && Object.keys(access).sort()])
      context.metadata[name] = true
      context.addInitializer(function (this: any) { log.push(['after ' + name, typeof this, this?.constructor?.name, keysOf(this)]) })
      if (kind === 'field') return function (this: any, x: any) { log.push('init ' + name, keysOf(this)); return x + name }
      if (kind === 'accessor') return { init: (x: any) => x + name, get(this: any) { return 'got' + value.get.call(this) } }
    } }
    class Base { @tell('base') m() {} }
    @tell('C1') @tell('C2') class D extends Base {
      static first = log.push('first')
      plain = log.push('plain')
      @tell('m') m() { return super.m() }
      @tell('f') @tell('f2') f = 1; @tell('g') g?: number
      @tell('h') h!: string
      @tell('q') 'quoted-key' = 1; @tell('n') 7() { return 7 }
      @tell('p') #p = 1; @tell('sp') static #sp = 1
      @tell('a') accessor a = 2; @tell('sa') static accessor sa = 3
      @tell('get') get v() { return this.#p } @tell('set') set v(x) { this.#p = x }
      @tell('sm') static sm() { return D.#sp } @tell('sf') static sf = 4
      @tell('gen') *gen() { yield 1 } @tell('async') async later() {}
      constructor(public given = log.push('constructor')) { super(); log.push('made') }
    }
    const metadata = Symbol.metadata ?? Symbol.for('Symbol.metadata')
    const first = log
    export const run = () => { log = []; const d: any = new D(); d.v = 'v'; return [d.v, d.f, d.g, d.h, d['quoted-key'], d[7](), d.a, (D as any).sa, D.sf, D.sm(), [...d.gen()],
      Object.keys((D as any)[metadata]), Object.getPrototypeOf((D as any)[metadata]) === (Base as any)[metadata], log, first, D.name, Object.getOwnPropertyNames(D.prototype).sort()] }`,
  'decorators that replace': `
    const twice = (f: any) => function (this: any, ...a: any[]) { return [f.apply(this, a), f.apply(this, a)] }
    const bound = (f: any, { name, addInitializer }: any) => { addInitializer(function (this: any) { this[name] = this[name].bind(this) }) }
    const sub = (K: any, { name }: any) => class extends K { kind = name + 'sub' }
    const reach = (_: any, { access, private: isPrivate }: any) => { reached.push(access) }
    const reached: any[] = []
    const failing: any[] = []
    for (const bad of [1, null, 'x']) try { class F { @((() => bad) as any) m() {} } } catch (error: any) { failing.push(error.constructor.name) }
    @sub export class K { n = 1; @twice m() { // edit
      return this.n } @bound b() { return this.n } @reach #hidden = 5; @reach open = 6; static make() { return new this() } }
    export default @sub class L { @bound m() { return 'l' } }
    const E = class { @twice m() { return 1 } }
    export const run = () => { const k: any = new K(); const { b } = k
      for (const { set } of reached) set(k, 7)
      return [k.m(), b(), k.kind, K.make() instanceof K, new L().m(), (new L() as any).kind, new E().m(), reached.map(({ has, get }) => [has(k), has({}), get(k)]), failing] }`,
  'using and await using': `
    (Symbol as any).dispose ??= Symbol('dispose'); (Symbol as any).asyncDispose ??= Symbol('asyncDispose')
    const log: string[] = []
    const thing = (name: string) => ({ name, [Symbol.dispose]() { log.push(name) }, async [Symbol.asyncDispose]() { log.push('async ' + name) } })
    export const run = async () => { log.length = 0; { using a = thing('a'), b = thing('b'); await using c = thing('c'); log.push(a.name + b.name + c.name) } return [...log] }`,
}

/** An edit after which nothing answers otherwise: everything stands elsewhere, and every marked definition has another body. */
const edited = (text: string) =>
  `\n// above\nexport const added = 1;\n${text.replaceAll('// edit', 'void 0 // edited')}`

describe('as natively', () => {
  const directory = mkdtempSync(join(tmpdir(), 'regrow-native-'))
  after(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  let count = 0
  const natively = async (text: string, isTypeScript: boolean): Promise<unknown> => {
    const code = isTypeScript ? (await transform(text, { loader: 'ts', target: 'node20' })).code : text
    const file = join(directory, `native-${count++}.mjs`)
    writeFileSync(file, code)
    return plain(await (await import(pathToFileURL(file).href)).run())
  }

  inEveryRealm(start => {
    for (const [language, snippets] of Object.entries({ classes, modules, typescript })) {
      const isTypeScript = language === 'typescript'
      for (const [title, text] of Object.entries(snippets)) {
        it(`${language}: ${title}`, async () => {
          const file = isTypeScript ? 'main.ts' : 'main.js'
          const expected = await natively(text, isTypeScript)
          const app = await start({ [file]: text })
          assert.deepEqual(plain(await app.call('run')), expected)
          const again = await natively(edited(text), isTypeScript)
          await app.edit({ [file]: edited(text) })
          if (!changesState.has(title)) assert.deepEqual(plain(await app.call('run')), again)
        })
      }
    }
  })
})

/** Their state goes on over the edit, as it should: a second run answers otherwise. */
const changesState = new Set([
  'updates and compound assignments of module variables',
  'enums, const enums, namespaces and merging',
  'private fields, methods, accessors and brand checks',
  'tagged templates, regular expressions and optional chains',
])

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, each) => (each === undefined ? 'undefined' : each)))
