// One case for each mended bug, told as an edit. New ones go to the end.
import assert from 'node:assert/strict'
import { inEveryRealm } from '../support/program.js'

interface Story {
  readonly title: string
  readonly before: string
  /** What `run()` answers before the edits. */
  readonly first?: unknown
  readonly edits: readonly {
    readonly to: string
    readonly outcome?: 'rejected' | 'unchanged'
    readonly expect: unknown
  }[]
}

const stories: readonly Story[] = [
  {
    title: 'a function declared in a block belongs to the block',
    before: 'let held\nif (true) { function q() { return 1 }\nheld = q }\nexport const run = () => held()',
    first: 1,
    edits: [
      { to: 'let held\nif (true) { function q() { return 2 }\nheld = q }\nexport const run = () => held()', expect: 2 },
    ],
  },
  {
    title: 'what new calls at once is no literal',
    before: 'const o = new function () { this.x = 1 }\nexport const run = () => o.x',
    first: 1,
    edits: [{ to: 'const o = new function () { this.x = 2 }\nexport const run = () => o.x', expect: 2 }],
  },
  {
    title: 'a callback of a rejected reload keeps its own body',
    before: 'const bus = []\nexport const run = () => bus.map(f => f()).join()',
    first: '',
    edits: [
      {
        to: `const bus = []\nexport const run = () => bus.map(f => f()).join()\nbus.push(() => 'A')\nthrow new Error('no')`,
        outcome: 'rejected',
        expect: 'A',
      },
      {
        to: `const bus = []\nexport const run = () => bus.map(f => f()).join()\nconst o = { k: () => 'B' }`,
        expect: 'A',
      },
    ],
  },
  {
    title: 'a private getter gains a setter',
    before:
      'class C { #v = 1; get #x() { return this.#v } m() { return this.#x } }\nconst c = new C()\nexport const run = () => c.m()',
    first: 1,
    edits: [
      {
        to: 'class C { #v = 1; get #x() { return this.#v } set #x(v) { this.#v = v } m() { this.#x = 5; return this.#x } }\nconst c = new C()\nexport const run = () => [c.m(), new C().m()]',
        expect: [5, 5],
      },
    ],
  },
  {
    title: 'a private field becomes a method and a field again',
    before:
      'class C { #p = 1; m() { return this.#p } }\nconst c = new C()\nexport const run = () => [c.m(), new C().m()]',
    first: [1, 1],
    edits: [
      {
        to: 'class C { #p() { return 2 } m() { return this.#p() } }\nconst c = new C()\nexport const run = () => [c.m(), new C().m()]',
        expect: [2, 2],
      },
      {
        to: 'class C { #p = 3; m() { return this.#p } }\nconst c = new C()\nexport const run = () => [c.m(), new C().m()]',
        expect: [3, 3],
      },
    ],
  },
  {
    title: 'a late private field goes, and comes back to older instances',
    before: 'class C { }\nconst c = new C()\nexport const run = () => 0',
    edits: [
      {
        to: 'class C { #p = 1; m() { return this.#p } }\nconst c = new C()\nexport const run = () => new C().m()',
        expect: 1,
      },
      { to: 'class C { }\nconst c = new C()\nexport const run = () => 0', expect: 0 },
      {
        to: 'class C { #p = 2; m() { return this.#p } static has(o) { return #p in o } }\nconst c = new C()\nexport const run = () => [C.has(c), c.m()]',
        expect: [true, 2],
      },
    ],
  },
  {
    title: 'a method called new is a method',
    before:
      'class C { new() { return 1 } get x() { return 2 } "get x"() { return 3 } }\nexport const run = () => [new C().new(), new C().x, new C()["get x"]()]',
    first: [1, 2, 3],
    edits: [
      {
        to: 'class C { new() { return 4 } get x() { return 5 } "get x"() { return 6 } }\nexport const run = () => [new C().new(), new C().x, new C()["get x"]()]',
        expect: [4, 5, 6],
      },
    ],
  },
  {
    title: 'direct eval unlinks no name of the module',
    before:
      'const count = 3\nexport const other = text => eval(text)\nexport const run = () => [count, other("1 + 1")]',
    first: [3, 2],
    edits: [
      {
        to: 'const count = 4\nexport const other = text => eval(text)\nexport const run = () => [count, other("1 + 1")]',
        expect: [4, 2],
      },
    ],
  },
  {
    title: 'a var in a statement is put back by a failure, and seen by what derives from it',
    before: 'if (true) var v = 1\nconst w = v * 2\nexport const run = () => [v, w]',
    first: [1, 2],
    edits: [
      {
        to: 'if (true) var v = 2\nconst w = v * 2\nexport const run = () => [v, w]\nnull.x',
        outcome: 'rejected',
        expect: [1, 2],
      },
      { to: 'if (true) var v = 5\nconst w = v * 2\nexport const run = () => [v, w]', expect: [5, 10] },
    ],
  },
  {
    title: 'a static private field is put back by a failure',
    before: 'class C { static #n = 1; static n() { return C.#n } }\nexport const run = () => C.n()',
    first: 1,
    edits: [
      {
        to: 'class C { static #n = 2; static n() { return C.#n } }\nexport const run = () => C.n()\nnull.x',
        outcome: 'rejected',
        expect: 1,
      },
    ],
  },
  {
    title: 'statics of an unedited class that new code changed are put back by a failure',
    before: 'class C { static n = 1 }\nexport const run = () => C.n',
    first: 1,
    edits: [
      { to: 'class C { static n = 1 }\nexport const run = () => C.n\nC.n = 9\nnull.x', outcome: 'rejected', expect: 1 },
    ],
  },
  {
    title: 'a field that an edit added becomes a method',
    before: 'class C { }\nexport const run = () => 0',
    edits: [
      { to: 'class C { x = 1 }\nexport const run = () => new C().x', expect: 1 },
      { to: 'class C { x() { return 2 } }\nexport const run = () => new C().x()', expect: 2 },
    ],
  },
  {
    title: 'a static field becomes a static getter',
    before: 'class C { static v = 1 }\nexport const run = () => C.v',
    first: 1,
    edits: [{ to: 'class C { static get v() { return 2 } }\nexport const run = () => C.v', expect: 2 }],
  },
  {
    title: 'an arrow becomes a function that uses this and constructs',
    before: 'const f = () => 1\nconst o = { f, v: 5 }\nexport const run = () => o.f()',
    first: 1,
    edits: [
      {
        to: 'function f() { return new.target ? { made: 1 } : this.v }\nconst o = { f, v: 5 }\nexport const run = () => [o.f(), new f().made]',
        expect: [5, 1],
      },
    ],
  },
  {
    title: 'what the program put in place of a method stays when another is edited',
    before:
      'class C { m() { return 1 } n() { return 1 } }\nC.prototype.m = () => "spy"\nexport const run = () => [new C().m(), new C().n()]',
    first: ['spy', 1],
    edits: [
      {
        to: 'class C { m() { return 1 } n() { return 2 } }\nC.prototype.m = () => "spy"\nexport const run = () => [new C().m(), new C().n()]',
        expect: ['spy', 2],
      },
    ],
  },
  {
    title: 'a computed static key may itself begin with a bracket',
    before: 'class C { static [["q"][0]] = 1 }\nexport const run = () => C.q',
    first: 1,
    edits: [{ to: 'class C { static [["q" /* ] */][0] /* ] */] = 2 }\nexport const run = () => C.q', expect: 2 }],
  },
  {
    title: 'a class expression or function that assigns its own name throws, as written',
    before:
      'const f = function g() { try { g = 1 } catch (e) { return e.name } }\nclass C { static m() { try { C = 1 } catch (e) { return e.name } } }\nexport const run = () => [f(), C.m()]',
    first: ['TypeError', 'TypeError'],
    edits: [],
  },
  {
    title: 'a method whose computed key changes its value is moved',
    before:
      'const k = "a"\nclass C { [k]() { return 1 } }\nconst c = new C()\nexport const run = () => [c.a?.(), c.b?.()]',
    first: [1, null],
    edits: [
      {
        to: 'const k = "b"\nclass C { [k]() { return 1 } }\nconst c = new C()\nexport const run = () => [c.a?.(), c.b?.()]',
        expect: [null, 1],
      },
    ],
  },
  {
    title: 'a thenable that an awaiting item makes is not awaited',
    before: 'const t = { then(r) { r(5) } }\nconst b = (await 0, t)\nexport const run = () => b === t',
    first: true,
    edits: [],
  },
  {
    title: 'literals that stand side by side are told apart',
    before: 'export const width = wide() ? 1 : 23\nfunction wide() { return true }\nexport const run = () => width',
    first: 1,
    edits: [
      {
        to: 'export const width = wide() ? 12 : 3\nfunction wide() { return true }\nexport const run = () => width',
        expect: 12,
      },
    ],
  },
  {
    title: 'a private name that an edit added may be asked for while an instance is being made',
    before: `class B { constructor() { this.init() } init() {} }
class S extends B { }
export const run = () => { const s = new S(); return [s.early, s.has?.()] }`,
    first: [null, null],
    edits: [
      {
        to: `class B { constructor() { this.init() } init() {} }
class S extends B { #x = []; init() { try { this.early = this.#x.push(1) } catch { this.early = 0 } } has() { return this.#x.length } }
export const run = () => { const s = new S(); return [s.early, s.has?.()] }`,
        expect: [1, 0],
      },
      {
        to: `class B { constructor() { this.init() } init() {} }
class S extends B { #x = []; #m() { return 2 } init() { try { this.early = this.#m() } catch { this.early = 0 } } has() { return this.#m() } }
export const run = () => { const s = new S(); return [s.early, s.has?.()] }`,
        expect: [2, 2],
      },
    ],
  },
  {
    title: 'instances that stand below another prototype get the private names that an edit adds',
    before: `class A { #a = 1; static read(o) { return o.#a } }
class B {}
const o = Reflect.construct(A, [], B)
const far = Object.setPrototypeOf(new A(), null)
export const run = () => [o, far].map(A.read)`,
    first: [1, 1],
    edits: [
      {
        to: `class A { #a = 1; #b = 2; static read(o) { return [o.#a, o.#b] } }
class B {}
const o = Reflect.construct(A, [], B)
const far = Object.setPrototypeOf(new A(), null)
export const run = () => [o, far].map(A.read)`,
        expect: [
          [1, 2],
          [1, 2],
        ],
      },
    ],
  },
  {
    title: 'strangers get no private names that an edit adds where the class had some',
    before: `class A { #a = 1; static has(o) { return #a in o } }
class S extends A {}
const old = new A()
const others = [Object.create(A.prototype), S.prototype, new Proxy(old, {}), old]
export const run = () => others.map(A.has)`,
    first: [false, false, false, true],
    edits: [
      {
        to: `class A { #a = 1; #b = 2; static has(o) { return #b in o } }
class S extends A {}
const old = new A()
const others = [Object.create(A.prototype), S.prototype, new Proxy(old, {}), old]
export const run = () => others.map(A.has)`,
        expect: [false, false, false, true],
      },
    ],
  },
  {
    title: 'super does not find a field that an edit added, and leaves it alone',
    before: `class Base {}
class Sub extends Base { up() { return super.v ?? null } }
const old = new Sub()
export const run = () => { const n = new Sub(); n.v = 5; old.v = 6; return [n.up(), n.v, old.up(), old.v] }`,
    first: [null, 5, null, 6],
    edits: [
      {
        to: `class Base { v = 1 }
class Sub extends Base { up() { return super.v ?? null } }
const old = new Sub()
export const run = () => { const n = new Sub(); n.v = 5; old.v = 6; return [n.up(), n.v, old.up(), old.v] }`,
        expect: [null, 5, null, 6],
      },
    ],
  },
  {
    title: 'the initialiser of a field that an edit added may name the field',
    before: `class Base { get opts() { return { a: 1 } } }
class A extends Base {  }
const old = new A()
export const run = () => [old, new A()].map(each => [each.n, each.opts])`,
    first: [
      [null, { a: 1 }],
      [null, { a: 1 }],
    ],
    edits: [
      {
        to: `class Base { get opts() { return { a: 1 } } }
class A extends Base { n = this.n ?? 5; opts = { ...this.opts, b: 2 } }
const old = new A()
export const run = () => [old, new A()].map(each => [each.n, each.opts])`,
        expect: [
          [5, { a: 1, b: 2 }],
          [5, { a: 1, b: 2 }],
        ],
      },
    ],
  },
  {
    title: 'the prototype of a subclass takes no field that an edit added',
    before: `class Base {  }
class Sub extends Base {}
const [a, b] = [new Sub(), new Sub()]
export const run = () => { Sub.prototype.list; return [a.list === b.list, Object.keys(Sub.prototype), a.list] }`,
    first: [true, [], null],
    edits: [
      {
        to: `class Base { list = [] }
class Sub extends Base {}
const [a, b] = [new Sub(), new Sub()]
export const run = () => { Sub.prototype.list; return [a.list === b.list, Object.keys(Sub.prototype), a.list] }`,
        expect: [false, [], []],
      },
    ],
  },
  {
    title: 'what an item put on a function is put on the one that takes its place',
    before: `const f = x => x
f.meta = 1
export const run = () => [f.meta, f(2)]`,
    first: [1, 2],
    edits: [
      {
        to: `const f = function (x) { this; return x * 2 }
f.meta = 1
export const run = () => [f.meta, f(2)]`,
        expect: [1, 4],
      },
    ],
  },
  {
    title: 'a computed key may be constructor',
    before: `class A { ['constructor']() { return 'one' } }
const old = new A()
export const run = () => [old, new A()].map(each => (each.constructor === A ? 'A' : typeof each.constructor === 'function' ? each.constructor() : each.constructor))`,
    first: ['one', 'one'],
    edits: [
      {
        to: `class A { ['constructor']() { return 'two' } }
const old = new A()
export const run = () => [old, new A()].map(each => (each.constructor === A ? 'A' : typeof each.constructor === 'function' ? each.constructor() : each.constructor))`,
        expect: ['two', 'two'],
      },
      {
        to: `class A { get ['constructor']() { return 'three' } }
const old = new A()
export const run = () => [old, new A()].map(each => (each.constructor === A ? 'A' : typeof each.constructor === 'function' ? each.constructor() : each.constructor))`,
        expect: ['three', 'three'],
      },
      {
        to: `class A {  }
const old = new A()
export const run = () => [old, new A()].map(each => (each.constructor === A ? 'A' : typeof each.constructor === 'function' ? each.constructor() : each.constructor))`,
        expect: ['A', 'A'],
      },
    ],
  },
  {
    title: 'attributes and order of members are put back',
    before: `class A { m() {} static a = 1; static n = 2 }

export const run = () => [Object.keys(A.prototype), Object.keys(A), ++A.n > 2, Object.getOwnPropertyNames(A.prototype)]`,
    first: [[], ['a', 'n'], true, ['constructor', 'm']],
    edits: [
      {
        to: `class A { m() {} static a = 1; static n = 2 }
Object.defineProperty(A.prototype, 'm', { enumerable: true })
Object.defineProperty(A, 'n', { writable: false, enumerable: false })
delete A.a
A.prototype.extra = 1
throw 1
export const run = () => [Object.keys(A.prototype), Object.keys(A), ++A.n > 2, Object.getOwnPropertyNames(A.prototype)]`,
        outcome: 'rejected',
        expect: [[], ['a', 'n'], true, ['constructor', 'm']],
      },
      {
        to: `class A { m() {} static n = 2 }
throw 1
export const run = () => 1`,
        outcome: 'rejected',
        expect: [[], ['a', 'n'], true, ['constructor', 'm']],
      },
    ],
  },
  {
    title: 'two static fields of one name run again when one of them changes, and only then',
    before: `const log = []
class A { static s = log.push('one'); static s = log.push('two'); m() { return 1 } }
export const run = () => [log.length, A.s, new A().m()]`,
    first: [2, 2, 1],
    edits: [
      {
        to: `const log = []
class A { static s = log.push('one'); static s = log.push('two'); m() { return 2 } }
export const run = () => [log.length, A.s, new A().m()]`,
        expect: [2, 2, 2],
      },
      {
        to: `const log = []
class A { static s = log.push('three'); static s = log.push('two'); m() { return 2 } }
export const run = () => [log.length, A.s, new A().m()]`,
        expect: [4, 4, 2],
      },
      {
        to: `const log = []
class A { static s = log.push('three'); m() { return 2 } }
export const run = () => [log.length, A.s, new A().m()]`,
        expect: [5, 5, 2],
      },
    ],
  },
  {
    title: 'what destructuring assigns to an object is assigned to the one that takes its place',
    before: `const a = { n: 1 }
;[a.d, ...a.rest] = [1, 2]
;({ x: a.f = 4, y: { z: a.g } } = { y: { z: 5 } })
export const run = () => [a.n, a.d, a.rest, a.f, a.g]`,
    first: [1, 1, [2], 4, 5],
    edits: [
      {
        to: `const a = { n: 2 }
;[a.d, ...a.rest] = [1, 2]
;({ x: a.f = 4, y: { z: a.g } } = { y: { z: 5 } })
export const run = () => [a.n, a.d, a.rest, a.f, a.g]`,
        expect: [2, 1, [2], 4, 5],
      },
    ],
  },
  {
    title: 'a sequence of assignments completes the objects that take the place of others',
    before: 'const a = [0], b = [0]\na[1] = 7, b[1] = 8\nexport const run = () => [a, b]',
    first: [
      [0, 7],
      [0, 8],
    ],
    edits: [
      {
        to: 'const a = [1], b = [1]\na[1] = 7, b[1] = 8\nexport const run = () => [a, b]',
        expect: [
          [1, 7],
          [1, 8],
        ],
      },
    ],
  },
  {
    title: 'an arrow becomes a function whose prototype the module fills',
    before: 'const Shape = side => side\nconst held = []\nheld.push(Shape)\nexport const run = () => held[0](2)',
    first: 2,
    edits: [
      {
        to: `function Shape(side) { return side ? side * 10 : undefined }
const held = []
held.push(Shape)
Shape.prototype.draw = () => 'drawn'
export const run = () => [held[0](2), new Shape().draw()]`,
        expect: [20, 'drawn'],
      },
    ],
  },
  {
    title: 'an arrow becomes a function that the module calls with new',
    before: 'const Empty = () => 1\nexport const run = () => Empty()',
    first: 1,
    edits: [
      {
        to: 'function Empty() {}\nclass Full extends Empty {}\nexport const run = () => new Full() instanceof Empty',
        expect: true,
      },
      { to: 'const Empty = () => 2\nexport const run = () => Empty()', expect: 2 },
      { to: 'function Empty() {}\nexport const run = () => typeof new Empty()', expect: 'object' },
    ],
  },
  {
    title: 'a private name of instances becomes a static setter',
    before: 'class A { #p = 1 }\nexport const run = () => 1',
    first: 1,
    edits: [
      {
        to: 'let got\nclass A { static set #p(x) { got = x } static go() {\nA.#p = 2\nreturn got } }\nexport const run = () => A.go()',
        expect: 2,
      },
    ],
  },
  {
    title: 'a rejected reload takes back what functions were given, and their prototypes',
    before: `function A() {}
A.prototype.hi = function () { return 1 }
A.kind = 'one'
const b = () => A
b.tag = 1
export const run = () => [new A().hi(), A.kind, Object.keys(A.prototype), 'extra' in A, Object.keys(b)]`,
    first: [1, 'one', ['hi'], false, ['tag']],
    edits: [
      {
        to: `function A() {}
A.prototype.hi = 'xx'
A.prototype.more = 3
A.kind = 'two'
A.extra = 5
const b = () => A
b.other = 1
throw new Error('no')`,
        outcome: 'rejected',
        expect: [1, 'one', ['hi'], false, ['tag']],
      },
    ],
  },
  {
    title: 'a function literal that names itself at the start of a statement',
    before: `const log = []
const step = () => log.push('s')
const use = f => (f(2), f)
const poll = use(function poll(n) {
  step()
  poll.count = n
  if (n) poll(n - 1)
})
export const run = () => [log.length, poll.count]`,
    first: [3, 0],
    edits: [
      {
        to: `const log = []
const step = () => log.push('s')
const use = f => (f(2), f)
const poll = use(function poll(n) {
  step()
  poll.count = n + 10
  if (n) poll(n - 1)
})
export const run = () => [log.length, poll.count]`,
        expect: [6, 10],
      },
    ],
  },
  {
    title: 'a function literal that gives itself on as shorthand',
    before:
      'const use = f => f\nconst p = use(function plugin() { return { plugin } })\nexport const run = () => p().plugin === p',
    first: true,
    edits: [
      {
        to: 'const use = f => f\nconst p = use(function plugin() { return [{ plugin }] })\nexport const run = () => p()[0].plugin === p',
        expect: true,
      },
    ],
  },
  {
    title: 'function literals in parentheses under computed keys, which may be sequences',
    before: `const k = 'k'
const o = { [k]: (() => 1), ['c' + 1]: ((function () { return 2 })), [(0, 's')]: () => 3, [(0, 'm')]() { return 4 } }
export const run = () => [o.k(), o.c1(), o.s(), o.m(), o.k.name, o.s.name]`,
    first: [1, 2, 3, 4, 'k', 's'],
    edits: [
      {
        to: `const k = 'k'
const o = { [k]: (() => 10), ['c' + 1]: ((function () { return 20 })), [(0, 's')]: () => 30, [(0, 'm')]() { return 40 } }
export const run = () => [o.k(), o.c1(), o.s(), o.m(), o.k.name, o.s.name]`,
        expect: [10, 20, 30, 40, 'k', 's'],
      },
    ],
  },
  {
    title: 'function literals in a loop that mean themselves by their names',
    before: `const all = []
for (const n of ['a', 'b']) all.push(function self() { return all.indexOf(self) + n })
export const run = () => all.map(each => each())`,
    first: ['0a', '1b'],
    edits: [
      {
        to: `const all = []
for (const n of ['c', 'd']) all.push(function self() { return all.indexOf(self) + n })
export const run = () => all.map(each => each())`,
        expect: ['0a', '1b', '2c', '3d'],
      },
    ],
  },
  {
    title: 'the name inside a class expression that is the default export',
    before:
      'export default (class K { static n = 1; static me() { return K } static up() { return ++K.n } })\nimport D from "./main.js"\nexport const run = () => [D.me() === D, D.up(), D.n]',
    first: [true, 2, 2],
    edits: [
      {
        to: 'export default (class K { static n = 1; static me() { return [K] } static up() { return ++K.n } })\nimport D from "./main.js"\nexport const run = () => [D.me()[0] === D, D.up(), D.n]',
        expect: [true, 3, 3],
      },
    ],
  },
  {
    title: 'a named function expression whose variable is given something else',
    before: `let fact = function self(n) { return n < 2 ? 1 : n * self(n - 1) }
const real = fact
fact = n => 'other ' + real(n)
export const run = () => [fact(3), real(4)]`,
    first: ['other 6', 24],
    edits: [
      {
        to: `let fact = function self(n) { return n < 2 ? 1 : n + self(n - 1) }
const real = fact
fact = n => 'other ' + real(n)
export const run = () => [real(4)]`,
        expect: [10],
      },
    ],
  },
  {
    title: 'a static field that is a named function expression',
    before:
      'class C { static f = function me() { return [me === C.f, me.n = (me.n ?? 0) + 1] } }\nexport const run = () => C.f()',
    first: [true, 1],
    edits: [
      {
        to: 'class C { static f = function me() { return [me === C.f, me.n = (me.n ?? 0) + 10] } }\nexport const run = () => C.f()',
        expect: [true, 11],
      },
    ],
  },
  {
    title: 'functions that are defaults of patterns in blocks have their names',
    before: `const names = []
{ const { d: a = () => {} } = {}; names.push(a.name) }
for (const [k = () => {}] of [[]]) names.push(k.name)
try { throw {} } catch ({ x = () => {} }) { names.push(x.name) }
export const run = () => names`,
    first: ['a', 'k', 'x'],
    edits: [],
  },
  {
    title: 'a var that is declared twice, as a function, a class and data',
    before: `var q = () => 'fn'; var q = 5
var r = class { static n = 1 }; var r = () => 'r'
var f = () => 'one'; var f = () => 'two'
export const run = () => [q, r(), f()]`,
    first: [5, 'r', 'two'],
    edits: [
      {
        to: `var q = () => 'FN'; var q = 5
var r = class { static n = 2 }; var r = () => 'r'
var f = () => 'ONE'; var f = () => 'two'
export const run = () => [q, r(), f()]`,
        expect: [5, 'r', 'two'],
      },
      {
        to: `var q = () => 'FN'
var r = class { static n = 2 }
var f = () => 'ONE'
export const run = () => [q(), r.n, f()]`,
        expect: ['FN', 2, 'ONE'],
      },
    ],
  },
  {
    title: 'the text of class members whose keys are computed',
    before: `const k = 'k'
class C { static [k]() { return 1 } *[Symbol.iterator]() { yield 1 } get ['g' + 1]() { return 1 } }
const getter = () => Object.getOwnPropertyDescriptor(C.prototype, 'g1').get
export const run = () => [String(C.k), String(C.prototype[Symbol.iterator]), String(getter())]`,
    first: ['[k]() { return 1 }', '*[Symbol.iterator]() { yield 1 }', "get ['g' + 1]() { return 1 }"],
    edits: [
      {
        to: `const k = 'k'
class C { static [k + '']() { return 2 } *[Symbol.iterator]() { yield 2 } get ['g' + 1]() { return 2 } }
const getter = () => Object.getOwnPropertyDescriptor(C.prototype, 'g1').get
export const run = () => [String(C.k), String(C.prototype[Symbol.iterator]), String(getter())]`,
        expect: ["[k + '']() { return 2 }", '*[Symbol.iterator]() { yield 2 }', "get ['g' + 1]() { return 2 }"],
      },
    ],
  },
]

describe('mended bugs', () => {
  inEveryRealm((start, realm) => {
    for (const { title, before, first, edits } of stories) {
      it(title, async () => {
        const app = await start(before)
        const answer = async () => JSON.parse(JSON.stringify(await app.call('run')))
        if (first !== undefined) assert.deepEqual(await answer(), first)
        for (const { to, outcome, expect } of edits) {
          await app.edit(to, outcome)
          assert.deepEqual(await answer(), expect)
        }
      })
    }

    it('names in TypeScript that an edit takes elsewhere leave alone what uses them as local ones', async () => {
      const rest = `
        export const log: string[] = []
        ;['x'].forEach(path => log.push(path))
        const state = ['x'].map(path => ({ path, n: 0 }))
        class A { static s = [0].map(v => ({ v, n: 0 })) }
        namespace Vec { export let made = 0; export const make = () => ++made }
        enum Dir { Up = 'u' }
        const seen = { by: Dir, n: 0 }
        export const run = () => [log.length, ++state[0].n, ++A.s[0].n, Vec.make(), ++seen.n]`
      const app = await start({ 'main.ts': rest, 'p.js': 'export const path = 1, v = 2' })
      await app.expect('run', [1, 1, 1, 1, 1])
      await app.edit({
        'main.ts': `import { path, v } from './p.js'\nclass Vec2 {}\nclass Dir2 {}\n${rest}\nexport const use = () => [path, v]`,
      })
      await app.expect('run', [1, 2, 2, 2, 2])
      await app.edit({ 'main.ts': rest })
      await app.expect('run', [1, 3, 3, 3, 3])
    })

    it('a member of an enum of the same file is read from the enum', async () => {
      const source = (port: string) => `
        enum Port { Http = ${port} }
        const opened: number[] = []
        opened.push(Port.Http)
        const box = { p: Port.Http, n: 0 }
        const make = () => () => Port.Http
        const early = make()
        export const run = () => [opened, early(), make()(), box.p, ++box.n]`
      const app = await start({ 'main.ts': source('80') })
      await app.expect('run', [[80], 80, 80, 80, 1])
      await app.edit({ 'main.ts': source('81') })
      await app.expect('run', [[80], 81, 81, 81, 1])
    })

    it('what import() gave stays when the static import goes, and follows its edits', async () => {
      const a = (by: string) => `let n = 0\nexport const hit = () => (n += ${by})`
      const main = (direct: string) => `${direct}
        const kept = []
        const load = async name => kept.push(await import('./' + name + '.js'))
        export const start = () => load('a')
        export const run = () => kept[0].hit()`
      const app = await start({
        'main.js': main("import { hit } from './a.js'\nexport const direct = () => hit()"),
        'a.js': a('1'),
      })
      await app.call('start')
      await app.expect('direct', 1)
      await app.expect('run', 2)
      await app.edit({ 'main.js': main('') })
      await app.expect('run', 3)
      await app.edit({ 'a.js': a('10') })
      await app.expect('run', 13)
    })

    it('a require of what is not there fails with the code that Node gives', async () => {
      const app = await start({
        'main.js': "import { code } from './lib.cjs'\nexport const run = () => code",
        'lib.cjs': "try { require('./optional.cjs') } catch (error) { exports.code = error.code }",
      })
      await app.expect('run', 'MODULE_NOT_FOUND')
    })

    it('a module that leaves with the edit may be broken', async () => {
      const main = (from: string) => `import { x } from './${from}.js'\nexport const run = () => x`
      const bad = ["import './missing.js'", 'export const x = ;', "import 'not-installed'", "export * from './gone.js'"]
      for (const text of bad) {
        const files = { 'main.js': main('a'), 'a.js': "import './gone.js'\nexport const x = 1", 'gone.js': '' }
        const app = await start(files)
        await app.expect('run', 1)
        await app.edit({ 'a.js': text, 'gone.js': null }, 'rejected')
        await app.expect('run', 1)
        await app.edit({ 'main.js': main('b'), 'b.js': 'export const x = 2' })
        await app.expect('run', 2)
      }
    })

    it('undo brings back a file that another one took the place of, and one that had left as it was', async () => {
      const main = "import { v } from './utils'\nexport const run = () => v"
      const app = await start({ 'main.js': main, 'utils.js': "export const v = 'js'" })
      await app.edit({ 'utils.js': null, 'utils/index.js': "export const v = 'dir'" })
      await app.expect('run', 'dir')
      await app.edit({ 'main.js': 'export const run = () => 0' })
      await app.edit({ 'utils/index.js': "export const v = 'other'" }, 'unchanged')
      for (const [step, answer] of [
        ['undo', 'dir'],
        ['undo', 'js'],
        ['redo', 'dir'],
        ['redo', 0],
      ] as const) {
        assert.equal((await app.program[step]()).outcome, 'applied')
        await app.expect('run', answer)
      }
    })

    it('CommonJS in TypeScript is made anew whole', async () => {
      const lib = (text: string) => `import { n } from './n.ts'\nconst lib = () => '${text}' + n\nexport = lib`
      const app = await start({
        'main.ts':
          "import lib from './lib.ts'\nimport other from './other.ts'\nexport const run = () => [lib(), other.tell()]",
        'lib.ts': lib('one'),
        'n.ts': 'export const n: number = 1',
        'other.ts': "module.exports = { tell: (): string => 'a' }",
      })
      await app.expect('run', ['one1', 'a'])
      await app.edit({ 'lib.ts': lib('two'), 'other.ts': "module.exports = { tell: (): string => 'b' }" })
      await app.expect('run', ['two1', 'b'])
    })

    it('code that awaits for ever does not hold up close', async () => {
      const app = await start('export const run = () => 1')
      const pending = app.program.update({ 'main.js': 'await new Promise(() => {})\nexport const run = () => 2' })
      const rejected = assert.rejects(pending, { code: 'ERR_REGROW_CLOSED' })
      await app.call('run')
      await app.program.close()
      await rejected
    })

    it('an error thrown at first load names the line it was thrown at', async () => {
      await assert.rejects(start("function check() {\n  throw new Error('bad')\n}\n\ncheck()"), { line: 2, column: 9 })
    })

    it('a module that leaves with the edit may import a new one that is broken', async () => {
      const app = await start({
        'main.js': "import { x } from './x.js'\nexport const run = () => x",
        'x.js': 'export const x = 1',
      })
      await app.edit({
        'main.js': 'export const run = () => 2',
        'x.js': "import './new.js'\nimport './other.js'\nexport const x = 2",
        'new.js': "import './x.js'\nconst = ;",
        'other.js': 'export {}',
      })
      await app.expect('run', 2)
    })

    it('a file found in place of one that is gone may import what is new, however deep', async () => {
      const main = "export { v } from './a'\nexport const run = () => v()"
      const before = { 'main.js': `import { v } from './a'\n${main}`, 'a.js': 'export const v = () => 1' }
      const edits = [
        {
          'a.js': null,
          'a.ts': "import { two } from './b'\nexport const v = (): number => two",
          'b.js': 'export const two = 2',
        },
        {
          'a.js': null,
          'a.ts': "export * from './b'",
          'b.ts': "export * from './c'",
          'c.ts': 'export const v = (): number => 2',
        },
        { 'a.js': null, 'a/index.js': "export * from './b.js'", 'a/b.js': 'export const v = () => 2' },
      ]
      for (const edit of edits) {
        const app = await start(before)
        await app.expect('run', 1)
        await app.edit(edit)
        await app.expect('run', 2)
      }
    })

    it('who only assigns to a name follows what the name comes to stand for', async () => {
      const source = (head: string) => `${head}
        export const f = () => { count = 1 }
        export class A { m() { [count] = [2] } }
        export const o = { m() { for (count of [3]); } }
        const attempt = run => { try { run(); return 0 } catch (error) { return error.name } }
        export const run = () => [f, () => new A().m(), () => o.m()].map(attempt)
        export const told = () => typeof count === 'undefined' ? 'none' : count`
      const other = 'export const count = 9'
      const app = await start({ 'main.js': source(''), 'other.js': other })
      const refused = ['TypeError', 'TypeError', 'TypeError']
      for (const [head, answer, told] of [
        ['let count = 5', [0, 0, 0], 3],
        ['const count = 6', refused, 6],
        ['let count = 7', [0, 0, 0], 3],
        ["import { count } from './other.js'", refused, 9],
        ['', ['ReferenceError', 'ReferenceError', 'ReferenceError'], 'none'],
      ] as const) {
        await app.edit({ 'main.js': source(head) })
        await app.expect('run', answer)
        await app.expect('told', told)
      }
    })

    it('namespaces lie in namespaces, however deep', async () => {
      const app = await start({
        'main.js':
          "import * as top from './a.js'\nexport const run = () => [Object.keys(top.b.c), top.b.c.inc(), top.b.c.v]",
        'a.js': "export * as b from './b.js'",
        'b.js': "export * as c from './c.js'",
        'c.js': 'export let v = 1\nexport const inc = () => ++v',
        'd.js': 'export const deep = 1',
      })
      await app.expect('run', [['inc', 'v'], 2, 2])
      await app.edit({
        'c.js': "export let v = 1\nexport const inc = () => ++v\nexport * as d from './e.js'",
        'e.js': "export * as d from './d.js'",
      })
      await app.expect('run', [['d', 'inc', 'v'], 3, 3])
    })

    it('new modules of an edit may await one another by import()', async () => {
      const files = {
        'first.js': "export const lazy = await import('./lazy.js')\nexport const { c } = await import('./second.js')",
        'lazy.js': "import { c } from './second.js'\nexport const l = c + '!'",
        'second.js': "import { data } from './data.js'\nexport const c = 'c' + data",
      }
      const data = (n: number) => `await null\nexport const data = ${n}`
      const main =
        "import './data.js'\nimport { lazy, c } from './first.js'\nimport './second.js'\nexport const run = () => [lazy.l, c]"
      const app = await start({ 'main.js': "import './data.js'\nexport const run = () => 0", 'data.js': data(1) })
      await app.edit({ 'main.js': main, 'data.js': data(2), ...files })
      await app.expect('run', ['c2!', 'c2'])
      await app.edit({ 'main.js': 'export const run = () => 1' })
      await app.expect('run', 1)
    })

    it('whatever a guest throws makes a rejected report', async () => {
      const good = 'export const run = () => 1'
      const app = await start(good)
      for (const [thrown, told] of [
        ['undefined', /threw undefined/],
        ['null', /threw null/],
        ['(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()', /threw "?a value/],
        ['new Proxy({}, { getPrototypeOf() { throw new Error("trap") } })', /./],
      ] as const) {
        const report = await app.program.update({ 'main.js': `${good}\nthrow ${thrown}` })
        assert.equal(report.outcome, 'rejected')
        assert.match(report.error!.message, told)
        await app.expect('run', 1)
      }
      await app.program.update({ 'main.js': 'export const run = () => 2' })
      await app.expect('run', 2)
    })

    it('what was a generator for a while makes ordinary objects again', async () => {
      const source = (star: string) =>
        `export function${star} f() {}\nexport const run = () => [String(Reflect.construct(Object, [], f)), 'next' in f.prototype]`
      const app = await start(source(''))
      await app.expect('run', ['[object Object]', false])
      for (const star of ['*', '', ' ']) await app.edit(source(star), star === ' ' ? 'unchanged' : 'applied')
      await app.expect('run', ['[object Object]', false])
    })

    describe('a module that an edit imports by import() in place of import', () => {
      const main = (awaited: boolean) =>
        awaited
          ? "const mid = await import('./mid.js')\nconst got = mid.v\nexport const run = () => [mid.v, got]"
          : "import { v } from './mid.js'\nexport const run = () => [v]"
      const mid = (v: string) => `import { low } from './low.js'\nexport const v = '${v}' + low\nexport let hits = 0`
      const low = (n: number) => `export const low = ${n}`
      const before = { 'main.js': main(false), 'mid.js': mid('old'), 'low.js': low(1) }

      it('takes what changed in it, and below, in the same batch', async () => {
        const app = await start(before)
        await app.expect('run', ['old1'])
        await app.edit({ 'main.js': main(true), 'mid.js': mid('new'), 'low.js': low(2) })
        await app.expect('run', ['new2', 'new2'])
        await app.edit({ 'low.js': low(3) })
        assert.deepEqual(((await app.call('run')) as string[])[0], 'new3')
        assert.equal((await app.program.reload()).outcome, 'unchanged')
      })

      it('must be there, and whole', async () => {
        for (const text of ['export const = ;', null]) {
          const app = await start(before)
          await app.edit({ 'main.js': main(true), 'mid.js': text }, 'rejected')
          await app.expect('run', ['old1'])
          await app.edit({ 'mid.js': mid('new') })
          await app.expect('run', ['new1', 'new1'])
        }
      })

      it('takes what changed in it where a new module imports it, a moment later', async () => {
        const app = await start(before)
        const texts = {
          'main.js': "const x = await import('./x.js')\nexport const run = () => [x.v]",
          'x.js': "export { v } from './mid.js'",
          'mid.js': mid('new'),
        }
        const report = await app.program.update(texts)
        assert.equal(report.outcome, 'applied')
        await app.expect('run', ['new1'])
        assert.equal((await app.program.reload()).outcome, 'unchanged')
      })
    })

    it('a decorated member that an edit removes is gone', async () => {
      const source = (body: string) => ({
        'main.ts': `
          const twice = (value: any, context: any) => function (this: any) { return 'D' + value.call(this) }
          class Base { m() { return 'base' } get g(): any { return 'base' } static s() { return 'base' } }
          class T extends Base { ${body} }
          const old: any = new T()
          export const own = () => { T.prototype.m = () => 'own' }
          export const run = () => [old.m(), old.g, T.s(), new T().m()]`,
      })
      const decorated = "@twice m() { return 'm' } @twice get g() { return 'g' } @twice static s() { return 's' }"
      const app = await start(source(decorated))
      await app.expect('run', ['Dm', 'Dg', 'Ds', 'Dm'])
      await app.edit(source(''))
      await app.expect('run', ['base', 'base', 'base', 'base'])
      await app.edit(source(decorated))
      await app.expect('run', ['Dm', 'Dg', 'Ds', 'Dm'])
      await app.call('own')
      await app.edit(source(''))
      await app.expect('run', ['own', 'base', 'base', 'own'])
    })

    it('a variable that becomes a namespace is an object of its own', async () => {
      for (const value of ['[1, 2]', '5']) {
        const run = 'export const run = () => [Array.isArray(thing), Object.keys(thing)]'
        const app = await start({ 'main.ts': `let thing: any\nthing = ${value}\n${run}` })
        await app.edit({ 'main.ts': `namespace thing { export const x = 1 }\n${run}` })
        await app.expect('run', [false, ['x']])
      }
    })

    it('a member that older decorators put in place goes with its line', async () => {
      const options = realm === 'isolate' ? undefined : { experimentalDecorators: true }
      // An isolate reads no tsconfig: there a private decorated method has esbuild write such decorators.
      const source = (body: string) => ({
        ...(options && { 'tsconfig.json': JSON.stringify({ compilerOptions: options }) }),
        'main.ts': `
          const loud = (...args: any[]): any => {
            const read = args.length === 2 ? args[0] : args[2].value ?? args[2].get
            const value = function (this: any) { return read.call(this) + '!' }
            return args.length === 2 ? value : { ...args[2], [args[2].get ? 'get' : 'value']: value }
          }
          class Task { ${body} ${options ? '' : '@loud #p() { return 1 }'} }
          const old: any = new Task()
          export const run = () => [old.run?.() ?? null, old.state ?? null, (Task as any).make?.() ?? null]`,
      })
      const all = "@loud run() { return 'run' } @loud get state() { return 'on' } @loud static make() { return 'made' }"
      const app = await start(source(all))
      await app.expect('run', ['run!', 'on!', 'made!'])
      await app.edit(source("@loud start() { return 'run' }"))
      await app.expect('run', [null, null, null])
      await app.edit(source(all))
      await app.expect('run', ['run!', 'on!', 'made!'])
      await app.edit(source(''))
      await app.expect('run', [null, null, null])
    })

    it('a function in a block of a file without imports and exports belongs to the block', async () => {
      const app = await start({
        'main.ts': "import './side.ts'\nexport const run = () => (globalThis as any).picked",
        'side.ts': `
          function pick(list: number[]) { for (const n of list) { function twice() { return n * 2 } return twice() } }
          ;(globalThis as any).picked = pick([4])`,
      })
      await app.expect('run', 8)
    })

    it('text stays where a tsconfig has fields assigned', async () => {
      const text = 'class A {\n  constructor() {\n    this.x = 1\n  }\n}'
      const app = await start({
        ...(realm !== 'isolate' && { 'tsconfig.json': '{ "compilerOptions": { "target": "ES2020" } }' }),
        'main.ts': `class B { y = 2 }\nexport const run = () => [\`${text}\`, new B().y]`,
      })
      await app.expect('run', [text, 2])
    })

    it('TypeScript imports files as text', async () => {
      const app = await start({
        'main.ts': "import text from './note.txt' with { type: 'text' }\nexport const run = (): string => text",
        'note.txt': 'noted',
      })
      await app.expect('run', 'noted')
    })

    // An isolate reads no tsconfig.
    if (realm !== 'isolate')
      it('an edit of tsconfig.json reaches modules that did not change', async () => {
        const config = (directory: string, more = {}) => ({
          'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { 'lib/*': [`./${directory}/*`] }, ...more } }),
        })
        const app = await start({
          ...config('a'),
          'a/x.ts': "export const x = 'a'",
          'b/x.ts': "export const x = 'b'",
          'main.ts': `import { x } from 'lib/x'
            let calls = 0
            class C { declared: any }
            export const run = () => [x, ++calls, Object.keys(new C())]`,
        })
        await app.expect('run', ['a', 1, ['declared']])
        await app.edit(config('b'))
        await app.expect('run', ['b', 2, ['declared']])
        await app.edit(config('b', { useDefineForClassFields: false }))
        await app.expect('run', ['b', 3, []])
        assert.equal((await app.program.reload()).outcome, 'unchanged')
        await app.program.update(config('a'))
        await app.expect('run', ['a', 4, ['declared']])
      })

    it('reports call static fields with computed keys [computed]', async () => {
      const source = (value: number) => `const key = 'k'
        class N { static [key] = ${value}; static ['other'] = ${value} }
        export const run = () => [N.k, N.other]`
      const app = await start(source(1))
      const report = await app.edit(source(2))
      assert.deepEqual(report.modules[0]!.evaluated, ['N.[computed]'])
      await app.expect('run', [2, 2])
    })

    it('to import migrate is no migration', async () => {
      const source = (value: number) => `import { migrate } from 'regrow/guest'
        class A { x = ${value} }
        export const run = () => [new A().x, typeof migrate]`
      const app = await start(source(1))
      await app.edit(source(2))
      await app.expect('run', [2, 'function'])
    })

    it('reports name the line of a statement that begins with a parenthesis, in TypeScript too', async () => {
      const source = (pushed: number) => `const list: number[] = [1]

        ;(globalThis as any, list).push(${pushed})
        export const run = (): number[] => list`
      const app = await start({ 'main.ts': source(2) })
      const report = await app.edit({ 'main.ts': source(3) })
      assert.deepEqual(report.modules[0]!.evaluated, ['statement at line 3'])
      await app.expect('run', [1, 2, 3])
    })

    it('a rejected reload takes back what functions of other modules were given', async () => {
      const main = (runs: string) => `
        import { make, tag } from './lib.js'
        import * as lib from './lib.js'
        ${runs}
        export const run = () => [Object.keys(make), make.prototype.go(), Object.keys(tag)]`
      const app = await start({
        'main.js': main(''),
        'lib.js': 'export function make() {}\nmake.prototype.go = () => 1\nexport const tag = () => {}',
      })
      await app.edit(
        { 'main.js': main("make.kind = 1; make.prototype.go = () => 2; lib.tag.more = 3; throw Error('no')") },
        'rejected',
      )
      await app.expect('run', [[], 1, []])
    })

    it('a namespace in parentheses is what a method of its is called on', async () => {
      const app = await start({
        'main.js': `import * as ns from './lib.js'
          export const run = () => [(ns).f(), (ns.f)(), ns.f()]`,
        'lib.js': 'export const k = 1\nexport function f() { return this?.k }',
      })
      await app.expect('run', [1, 1, 1])
    })

    it('a CommonJS text runs again that requires what changed inside of a function', async () => {
      const lib = (text: string) => `exports.Shape = class Shape { tell() { return '${text}' } }`
      const app = await start({
        'main.js': `import test from './test.cjs'
          import { Shape } from './lib.cjs'
          export const run = () => [test.isShape(new Shape()), new Shape().tell()]`,
        'test.cjs':
          "let Shape\nexports.isShape = value => {\n  Shape ??= require('./lib.cjs').Shape\n  return value instanceof Shape\n}",
        'lib.cjs': lib('one'),
      })
      await app.expect('run', [true, 'one'])
      await app.edit({ 'lib.cjs': lib('two') })
      await app.expect('run', [true, 'two'])
    })

    it('the frame of a rejected edit shows the code that threw, also where that ran before', async () => {
      const lib = (text: string, above = '') =>
        `${above}export const make = () => x => {\n  if (x > 1) throw new Error('${text}')\n  return x\n}\n`
      const main = (x: number) =>
        `import { make } from './lib.js'\nconst check = make()\nexport const run = check(${x})`
      const app = await start({ 'main.js': main(1), 'lib.js': lib('old', '// one\n// two\n') })
      const { error } = await app.edit({ 'main.js': main(2), 'lib.js': lib('new', '// other\n') }, 'rejected')
      assert.match(error!.frame!, /^> 4 \|.*'old'/m)
    })

    it('the stack of code whose definition is gone tells that it is of before', async () => {
      const look = 'export const run = () => { try { globalThis.held() } catch (error) { return error.stack } }'
      const app = await start(
        `// one\n// two\nconst make = () => () => { throw new Error('x') }\nglobalThis.held = make()\n${look}`,
      )
      assert.match((await app.call('run')) as string, /main\.js:3:/)
      await app.edit(`${look}\nexport const more = 1`)
      assert.match((await app.call('run')) as string, /main\.js \(before an edit\)/)
    })

    it('a rejected reload takes it back also where the function is a value', async () => {
      const main = (more: string) => `
        import lib, { made } from './lib.js'
        const own = (f => f)(function () {})
        for (const each of [lib, made, own]) Object.assign(each, { a: 1${more} })
        export const run = () => [lib, made, own].map(each => Object.keys(each).join())`
      const app = await start({
        'main.js': main(''),
        'lib.js': 'const lib = () => {}\nlib.v = 1\nexport default lib\nexport const made = (f => f)(function () {})',
      })
      await app.expect('run', ['v,a', 'a', 'a'])
      await app.edit({ 'main.js': `${main(', b: 2')}\nthrow Error('no')` }, 'rejected')
      await app.expect('run', ['v,a', 'a', 'a'])
    })

    it('undo and redo leave nothing of theirs over a file that left the graph', async () => {
      const main = (uses: boolean) =>
        uses ? "import { v } from './c.js'\nexport const run = () => v" : 'export const run = () => 0'
      const app = await start({ 'main.js': main(true), 'c.js': 'export const v = 1' })
      await app.edit({ 'main.js': main(false), 'c.js': 'export const v = 2' })
      for (const [step, answer] of [
        ['undo', 1],
        ['redo', 0],
        ['undo', 1],
        ['redo', 0],
      ] as const) {
        assert.equal((await app.program[step]()).outcome, 'applied')
        await app.expect('run', answer)
      }
      await app.edit({ 'main.js': main(true) })
      await app.expect('run', 2)
    })

    it('a pattern takes its value out of parentheses', async () => {
      const app = await start(`const none = undefined, given = { a: 1, c: 3 }
        const { a } = ({ a: 1 }), [b] = (0, [2])
        export const { c } = /** @type {any} */ (none ?? given)
        const { d } = (await Promise.resolve({ d: 4 }))
        export const run = () => [a, b, c, d]`)
      await app.expect('run', [1, 2, 3, 4])
    })

    it('items stand side by side without white space', async () => {
      const source = (n: number) =>
        `const log=[],of={all:log};export function f(){return ${n}}of.all.push(f());if(f())log.at(0);{}of.all.push('end');export const run=()=>log`
      const app = await start(source(1))
      await app.expect('run', [1, 'end'])
      await app.edit(source(2).replace("'end'", "'END'"))
      await app.expect('run', [1, 'end', 'END'])
    })

    it('a save that changes the layout alone leaves what the program has put in the place of functions and classes', async () => {
      const source = (gap: string) => `
        function price(n) {${gap} return n * 2 }
        let tell = () => ${gap}'told'
        class Box { size() {${gap} return 1 } }
        export const original = [price, tell, Box]
        price = (inner => n => 'memo ' + inner(n))(price)
        tell = () => 'mine'
        Box = class Other { size() { return 'other' } }
        export const run = () => [price(2), tell(), new Box().size(), original[0](2), original[1](), new original[2]().size()]`
      const app = await start(source(''))
      const expected = ['memo 4', 'mine', 'other', 4, 'told', 1]
      await app.expect('run', expected)
      await app.edit(source('\n  '), 'unchanged')
      await app.expect('run', expected)
      await app.edit(source('\n  ').replace("'told'", "'tells'"))
      await app.expect('run', ['memo 4', 'tells', 'other', 4, 'tells', 1])
    })

    it('this and super in the heritage and the keys of an inner class are those around it', async () => {
      const app = await start(`
        class Model { static kind = 'model'; static extend = () => class extends this {}; static keyed = () => class { static [this.kind] = 1 } }
        const base = { key: () => 'hello', mixin: () => Model }
        const made = { __proto__: base, make() { return class extends super.mixin() { static [super.key()] = 2 } } }
        export const run = () => [Model.extend().kind, Model.keyed().model, made.make().hello, made.make().kind]`)
      await app.expect('run', ['model', 1, 2, 'model'])
    })

    it('an enum below a namespace of its name adds to it', async () => {
      const app = await start({
        'main.ts': `namespace Color { export const parse = () => 'parsed' }\nenum Color { Red = 1 }\nexport const run = () => [Object.keys(Color), Color.parse()]`,
      })
      await app.expect('run', [['1', 'parse', 'Red'], 'parsed'])
    })

    it('an edit of the layout of a CommonJS module moves its traces', async () => {
      const source = (lines: string) => `${lines}exports.fail = value => {\n  return value.x.y\n}`
      const where = `import tool from './tool.cjs'
        export const run = () => { try { tool.fail({}) } catch (error) { return /tool\\.cjs:(\\d+)/.exec(error.stack)[1] } }`
      const app = await start({ 'main.js': where, 'tool.cjs': source('// one\n\n\n') })
      await app.expect('run', '5')
      await app.edit({ 'tool.cjs': source('// one\n') }, 'unchanged')
      await app.expect('run', '3')
    })

    it('messages of what is called in vain at top level name it', async () => {
      for (const [call, name] of Object.entries({
        "Math.lgo('x')": 'Math.lgo',
        'const made = Math.lgo((1), 2)': 'Math.lgo',
        'await app.begin()': 'app.begin',
        "app.go(() => 1, 'x')": 'app.go',
      }))
        await assert.rejects(start(`const app = {}\n${call}`), {
          message: new RegExp(`(^|[ .])${name.replace('.', '\\.')} is not a function`),
        })
    })

    it('what a chain begins with is not owned, however it is called', async () => {
      const source = (n: number) => `
        const made = { closed: 0, [Symbol.dispose]() { this.closed++ }, get() { return this }, on(...all) { return this } }
        const a = made.get(), b = made.on((${n}), n => n), c = made.on('x').get(), d = made.on(...[${n}]).get()
        made.on((() => ${n}), ${n})
        export const run = () => [a, b, c, d].map(each => each === made).concat(made.closed)`
      const app = await start(source(1))
      await app.expect('run', [true, true, true, true, 0])
      await app.edit(source(2))
      await app.expect('run', [true, true, true, true, 0])
    })

    it('an optional chain ends before a private name that an edit added', async () => {
      const source = (name: string, method: string) => `
        class Item { ${name} next = null; peek(o) { return ${method} } }
        const old = new Item()
        old.next = old
        export const run = () => [old, new Item()].flatMap(each => [undefined, old].map(o => String(each.peek(o))))`
      for (const [name, method, expected] of [
        ['#v = 1;', 'o?.next.#v', '1'],
        ['#m() { return 2 }', 'o?.next.#m()', '2'],
        ['#v = { a: 5 };', 'o?.next/* here */.#v?.a', '5'],
        ['#v = { a: 5 };', '(o ?? old)?.next.next.#v.a', '5'],
      ] as const) {
        const app = await start(source('', '0'))
        await app.edit(source(name, method))
        const none = method.startsWith('(') ? expected : 'undefined'
        await app.expect('run', [none, expected, none, expected])
      }
    })
  })
})
