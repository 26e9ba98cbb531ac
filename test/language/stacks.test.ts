// Stack traces: every frame of guest code stands where plain node has it, as the sources stand now. One table, however many shapes.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inEveryRealm, type RunningProgram } from '../support/program.js'
import { createFolder, startRegrow } from '../support/terminal.js'

/** Module texts by id; a bare text is `main.js`. */
type Texts = string | Readonly<Record<string, string>>

/**
 * A mark stands right before the character that V8 names: `1` in the frame that threw, `2` in its caller, and so on.
 * The export `run` fails; `begin`, where there is one, is called before, and before the edit.
 */
const shapes: Readonly<Record<string, Texts>> = {
  'a function': `export function run() {
      const text = 'on purpose'
      throw /*1*/new Error(text)
    }`,
  'calls across two modules': {
    'main.js': `import { first, second } from './lib.js'
      function inner(n) { return n + /*3*/first(n) }
      export function run() {
        return [1, /*4*/inner(2), second(3)]
      }`,
    'lib.js': `const add = (a, b) => a + b
      export function second(n) { if (n) { throw /*1*/new RangeError('no') } }
      export function first(n) {
        return add(n, 1) && /*2*/second(n)
      }`,
  },
  'an arrow': `const inner = n => { throw /*1*/new Error(n) }
    export const run = () => /*2*/inner(1)`,
  'a property of null': `const empty = null
    const read = thing => thing.missing./*1*/value
    export const run = () => [read({ missing: { value: 1 } }), /*2*/read({ empty })]`,
  'a property of a module-level null': `let nothing = null
    export const run = () => nothing./*1*/value`,
  'a call of what is no function': `const one = 1
    export const run = () => /*1*/one()`,
  'a call of a member that is no function': `const one = { two: 2 }
    export const run = () => one./*1*/two()`,
  'new of what is no constructor': `const one = 1
    export const run = () => /*1*/new one()`,
  'an assignment of a constant': `const one = 1
    export const run = () => { one /*1*/= 2 }`,
  'a name that is nowhere': `export const run = () => /*1*/nowhere`,
  'a binding before its declaration': `export const run = () => { const f = () => /*1*/late; /*2*/f(); const late = 1 }`,
  'a function expression': `const inner = function () { throw /*1*/new Error('no') }
    const named = function again(n) { return n ? /*3*/again(n - 1) : /*2*/inner() }
    export const run = function () { return /*4*/named(1) }`,
  'an async function before its await': `async function work() { /*2*/fail(); await null }
    function fail() { throw /*1*/new Error('no') }
    export async function run() { await /*3*/work() }`,
  'an async function after its await': `async function work() { await null; throw /*1*/new Error('no') }
    export async function run() {
      /*2*/await work()
    }`,
  'an async arrow': `const work = async () => { await null; return [/*2*/await inner()] }
    const inner = async () => { await null; throw /*1*/new Error('no') }
    export const run = async () => 1 + (/*3*/await work())`,
  'a generator': `function* count() { yield 1; throw /*1*/new Error('no') }
    export function run() { return [.../*2*/count()] }`,
  'a generator, step by step': `const count = function* () { yield 1; yield [null./*1*/x] }
    export function run() { const it = count(); it.next(); return it./*2*/next() }`,
  'an async generator in for await': `async function* feed() { yield 1; await null; throw /*1*/new Error('no') }
    export async function run() {
      for await (const /*2*/item of feed()) void item
    }`,
  'for await over what is no iterable': `const none = 1
    export async function run() { for await (const item of /*1*/none) void item }`,
  'for of over what is no iterable': `const none = 1
    export function run() { for (const item of /*1*/none) void item }`,
  'a constructor': `class Thing { constructor(n) { this.n = n; if (n) throw /*1*/new Error('no') } }
    export const run = () => /*2*/new Thing(1)`,
  'a derived constructor': `class Base { constructor(n) { this.n = n; throw /*1*/new Error('no') } }
    class Thing extends Base { constructor(n) { const m = n + 1; /*2*/super(m); this.m = m } }
    export const run = () => /*3*/new Thing(1)`,
  'a constructor of a class with private names': `class Thing { #n = 1; constructor() { this.n = this.#n; /*2*/fail() } }
    const fail = () => { throw /*1*/new Error('no') }
    export const run = () => /*3*/new Thing()`,
  'a field initialiser': `const fail = () => { throw /*1*/new Error('no') }
    /*3*/class Thing { one = 1; two = /*2*/fail() }
    export function run() { return /*4*/new Thing() }`,
  'a private field initialiser': `const fail = () => { throw /*1*/new Error('no') }
    /*3*/class Thing { #one = 1; #two = [/*2*/fail(), this.#one] }
    export function run() { return /*4*/new Thing() }`,
  'a field initialiser above a constructor': `const fail = () => { throw /*1*/new Error('no') }
    class Base { size = /*2*/fail(); constructor/*3*/(n) { this.n = n } }
    /*4*/class Thing extends Base { more = 1 }
    export const run = () => /*5*/new Thing(1)`,
  'a field initialiser above a constructor that returns': `const fail = () => { throw /*1*/new Error('no') }
    class Thing { size = /*2*/fail(); constructor/*3*/(n) { return n } }
    export const run = () => /*4*/new Thing({})`,
  'a field initialiser of a derived class': `const fail = () => { throw /*1*/new Error('no') }
    class Base {}
    class Thing extends Base { size = /*2*/fail(); constructor(n) { const m = n; /*3*/super(m) } }
    /*4*/class Deep extends Thing { deep = 1 }
    export const run = () => /*5*/new Deep(1)`,
  'a static block of a class inside': `const fail = () => { throw /*1*/new Error('no') }
    export function run() { /*3*/return class { static { /*2*/fail() } } }`,
  'getter and setter': `class Thing {
      get size() { return this./*2*/half * 2 }
      set size(value) { this.half = value + this./*3*/size }
      get half() { throw /*1*/new Error('no') }
    }
    export function run() { new Thing().size /*4*/= 4 }`,
  'static and private methods': `class Thing {
      static make() { return new Thing()./*3*/go() }
      go() { return this.#hidden/*2*/(1) }
      #hidden(n) { if (n) throw /*1*/new Error('no') }
    }
    export const run = () => Thing./*4*/make()`,
  'static private members': `class Thing {
      static #count() { throw /*1*/new Error('no') }
      static get #size() { return Thing.#count/*2*/() }
      static size() { return this./*3*/#size }
    }
    export const run = () => Thing./*4*/size()`,
  'super.method()': `class Base { go() { throw /*1*/new Error('no') } }
    class Thing extends Base { go() { return super./*2*/go() } }
    export const run = () => new Thing()./*3*/go()`,
  'a method keyed by a symbol': `const key = Symbol('key')
    class Thing { [key]() { throw /*1*/new Error('no') } *[Symbol.iterator]() { yield this[key]/*2*/() } }
    export const run = () => { for (const /*3*/each of new Thing()) void each }`,
  'async and generator methods': `class Thing {
      async wait() { await null; throw /*1*/new Error('no') }
      async *feed() { yield /*2*/await this.wait() }
    }
    export const run = async () => { for await (const /*3*/each of new Thing().feed()) void each }`,
  'an object and its getter': `const thing = {
      go(n) { return n + this./*2*/value },
      get value() { throw /*1*/new Error('no') },
    }
    export const run = () => thing./*3*/go(1)`,
  'a bound function': `function inner(n) { throw /*1*/new Error(this.text + n) }
    const bound = inner.bind({ text: 'no' }, 1)
    export const run = () => /*2*/bound()`,
  'a callback of map': `const double = n => { if (n > 1) throw /*1*/new Error('no'); return n * 2 }
    export const run = () => [1, 2]./*2*/map(double)`,
  'a callback written in place': `export function run() {
      return [1, 2]./*2*/map(each => {
        return each.nothing./*1*/at
      })
    }`,
  'call, apply and Reflect': `function inner() { throw /*1*/new Error('no') }
    function middle(...rest) { return inner./*2*/apply(this, rest) }
    function outer() { return middle./*3*/call(null, 1) }
    export const run = () => Reflect./*4*/apply(outer, null, [])`,
  'a tagged template': `function tag(parts, value) { throw /*1*/new Error(parts.join() + value) }
    export const run = () => tag/*2*/\`one \${1} two\``,
  'a template': `const fail = () => { throw /*1*/new Error('no') }
    export const run = () => \`one \${/*2*/fail()} two\``,
  'a default parameter': `function fail() { throw /*1*/new Error('no') }
    function inner(a, b = /*2*/fail()) { return a + b }
    export const run = (n = /*3*/inner(1)) => n`,
  destructuring: `const source = { get part() { throw /*1*/new Error('no') } }
    function read({ /*2*/part, ...rest }) { return [part, rest] }
    export const run = () => /*3*/read(source)`,
  'a rejection in then': `function fail(n) { throw /*1*/new Error(n) }
    export const run = () => Promise.resolve(1).then(n => n + /*2*/fail(n))`,
  'an executor': `export const run = () => /*2*/new Promise((_, reject) => { reject(/*1*/new Error('no')) })`,
  'a native function that throws': `function parse(text) { return JSON./*1*/parse(text) }
    export const run = () => /*2*/parse('{')`,
  'an error made by a helper': `function make(text) { return /*1*/new Error(text) }
    export const run = () => { throw /*2*/make('no') }`,
  'an error of a class of its own': `class Failure extends Error { constructor(n) { super('no'); this.n = n } }
    const fail = () => { throw /*1*/new Failure(1) }
    export const run = () => /*2*/fail()`,
  captureStackTrace: `function make() { const it = {}; Error./*1*/captureStackTrace(it); return Object.assign(new Error(), { stack: it.stack }) }
    export const run = () => { throw /*2*/make() }`,
  'names that are re-exported': {
    'main.js': `import { renamed, deep } from './index.js'
      export const run = () => /*3*/renamed(deep)`,
    'index.js': `export { go as renamed } from './middle.js'\nexport * from './middle.js'`,
    'middle.js': `export * from './deep.js'
      export function go(call) { return /*2*/call() }`,
    'deep.js': `export function deep() {
        throw /*1*/new Error('no') }`,
  },
  'members of a namespace': {
    'main.js': `import * as ns from './lib.js'
      const inner = () => [ns./*2*/go(1), ns.text]
      class Thing { size() { return ns.inner./*4*/call(inner) } }
      export const run = () => { ns.pass(1); return new Thing()./*5*/size() }`,
    'lib.js': `export const text = 'no'
      export const pass = n => n
      export function inner() { return this/*3*/() }
      export function go(n) { throw /*1*/new Error(text + n) }`,
  },
  'a default export': {
    'main.js': `import work, { Thing } from './lib.js'\nexport const run = () => /*3*/work(Thing)`,
    'lib.js': `export class Thing { constructor() { null./*1*/x } }\nexport default Type => { return /*2*/new Type() }`,
  },
  'a call at the start of a line': `const list = []
    function note(n) { throw /*1*/new Error(n) }
    export function run() {
      const one = 1
      /*2*/note(one)
      list.push(one)
    }`,
  'a call with comments, in parentheses, or optional': `function fail(n) { throw /*1*/new Error(n) }
    const commented = () => /*2*/fail /* ( ** */ // (
      (1)
    const parenthesised = () => (commented)/*3*/(1)
    const optional = () => parenthesised?./*4*/(1)
    export const run = () => /*5*/optional
      ()`,
  'calls in one line': `const a = n => n, b = n => /*2*/c(n), d = n => n
    function c(n) { return n.x./*1*/y }
    export function run() { let n = 1; n += a(1) + d(2); n *= a(d(3)) - /*3*/b(a(4)); return n }`,
  'a conditional call': `const maybe = { go: { now() { throw /*1*/new Error('no') } } }
    const call = it => it?.go?.now?./*2*/()
    export const run = () => call(null) ?? /*3*/call(maybe)`,
  'an imported value that is missing': {
    'main.js': `import { none } from './lib.js'\nexport const run = () => [1, none./*1*/part]`,
    'lib.js': 'export let none',
  },
  'imported things called in all ways': {
    'main.js': `import { Thing, tools, tag, list } from './lib.js'
      const go = () => tools./*2*/fail(list[0])
      const make = () => { /*3*/go(); return new Thing() }
      export const run = () => [tag\`x\`, /*4*/make()]`,
    'lib.js': `export class Thing {}
      export const list = [1]
      export const tag = String.raw
      export const tools = { fail(n) { throw /*1*/new Error(n) } }`,
  },
  'direct eval': `let seen = 0
    const fail = () => { throw /*1*/new Error('no') }
    export function run() { seen++; return /*2,3*/eval('fail()') }`,
  'a module with direct eval': `let seen = 0
    function fail() { throw /*1*/new Error('no' + seen) }
    export function run(text) { eval('seen = 1'); return /*2*/fail() }`,
  'lines that end with \\r\\n': `function fail() {\r\n  throw /*1*/new Error('no')\r\n}\r\nexport function run() {\r\n\r\n  return /*2*/fail()\r\n}`,
  'characters beyond ASCII': `const ü = '🦊', fail = () => { throw /*1*/new Error(ü) }
    export const run = () => '🦊🦊' + /*2*/fail()`,
  'a folder with spaces and parentheses': {
    'main.js': `import { go } from './a (b)/c d.js'\nexport const run = () => /*2*/go()`,
    'a (b)/c d.js': `export function go() { throw /*1*/new Error('no') }`,
  },
  'an array, a Map and an emitter, filled before': `import { EventEmitter } from 'node:events'
    const list = [], map = new Map(), emitter = new EventEmitter()
    function third() { throw /*1*/new Error('no') }
    const second = () => list[0]/*2*/()
    const first = () => { map.get('key')/*3*/() }
    export function begin() {
      list[0] = third
      map.set('key', second)
      emitter.removeAllListeners().on('go', first)
    }
    export const run = () => emitter./*4*/emit('go')`,
  'what Node itself throws': `import { readFileSync } from 'node:fs'
    const path = '/nowhere/at/all'
    const read = () => /*1*/readFileSync(path)
    export const run = () => /*2*/read()`,
  'a timer, started before': `let wanted
    function tick() { if (wanted) { clearInterval(timer); wanted(/*1*/new Error('no')); wanted = undefined } }
    let timer
    export function begin() { timer = setInterval(tick, 1) }
    export const run = () => new Promise((_, reject) => { wanted = reject })`,
  'a callback literal, captured before': `const handlers = []
    handlers.push(function (n) {
      return n && /*2*/fail(n)
    })
    const on = { start: n => n + handlers[0]/*3*/(n) }
    function fail(n) { throw /*1*/new Error(n) }
    export const run = () => on./*4*/start(1)`,
  'a bound method, captured before': `let held
    class Thing { #n = 1; go(n) { return n + this.#fail/*2*/() } #fail() { throw /*1*/new Error(this.#n) } }
    export function begin() { held = Thing.prototype.go.bind(new Thing()) }
    export const run = () => /*3*/held(1)`,
}

interface Edit {
  readonly before: Texts
  readonly after: Texts
}

/** `run` fails after the edit; marks stand in what is there then. */
const edits: Readonly<Record<string, Edit>> = {
  'a patched function': {
    before: `function inner() { throw new Error('no') }\nexport const run = () => inner()`,
    after: `// above\nfunction inner(n = 1) {\n  if (n) throw /*1*/new Error('new')\n}\nexport const run = () => /*2*/inner()`,
  },
  'a patched method': {
    before: `class Thing { go() { return 1 } }\nconst thing = new Thing()\nexport const run = () => thing.go()`,
    after: `class Thing { one() {}\n go() { this.one(); throw /*1*/new Error('no') } }
      const thing = new Thing()\nexport const run = () => thing./*2*/go()`,
  },
  'a patched method of a class with private names': {
    before: `class Thing { #n = 1; go() { return this.#n } }\nconst thing = new Thing()\nexport const run = () => thing.go()`,
    after: `\nclass Thing { #n = 1; #more = 2
        go() { return this.#hidden/*2*/() + this.#more }
        #hidden() { throw /*1*/new Error(this.#n) } }
      const thing = new Thing()\nexport const run = () => thing./*3*/go()`,
  },
  'a patched callback, captured before': {
    before: `const list = []\nlist.push(n => n)\nexport const run = () => list[0](1)`,
    after: `const list = []\n\nlist.push(n => { throw /*1*/new Error(n) })\nexport const run = () => list[0]/*2*/(1)`,
  },
  'a patched getter of an object': {
    before: `const it = { get size() { return 1 } }\nexport const run = () => it.size`,
    after: `const it = { get size() { return null./*1*/size } }\nexport const run = () => it./*2*/size`,
  },
  'a function that is captured in an array, below another edit': {
    before: `const list = []
      export function begin() { list[0] = held }
      function held() { throw new Error('no') }
      export const run = () => list[0]()`,
    after: `const list = []
      function added() { return 'added' }
      export function begin() { list[0] = held }

      function held() { throw /*1*/new Error('no') }
      export const run = () => list[0]/*2*/()`,
  },
  'functions that change places': {
    before: `const a = () => { throw new Error('no') }\nfunction b() { a() }\nexport const run = () => b()`,
    after: `export const run = () => /*3*/b()\nfunction b() { /*2*/a() }\nconst a = () => { throw /*1*/new Error('no') }\nconst c = 1`,
  },
}

/** What esbuild strips; plain node has no say. */
const stripped: Readonly<Record<string, Texts>> = {
  'a TypeScript module': {
    'main.ts': `interface Shape { readonly size: number }
      enum Colour { Red, Green }
      type Maybe<T> = T | undefined
      function inner(shape: Maybe<Shape>, colour: Colour): number {
        if (colour === Colour.Red) throw /*1*/new Error('no')
        return shape!.size
      }
      class Thing<T extends Shape> {
        private n: number = 1
        constructor(readonly shape: T) {}
        go(): number {
          return this.n + /*2*/inner(this.shape, Colour.Red)
        }
      }
      export const run = (): number => new Thing({ size: 1 } as Shape)./*3*/go()`,
  },
  'a TSX module': {
    'main.tsx': `/** @jsx make */
      const make = (type: (props: unknown) => unknown, props: unknown): unknown => /*2*/type(props)
      interface Props { readonly text: string }
      function Label({ text }: Props): unknown {
        throw /*1*/new Error(text)
      }
      export const render = () => /*3*/<Label text="no" />`,
    'main.ts': `import { render } from './main.tsx'\nexport const run = (): unknown => /*4*/render()`,
  },
}

const named = (texts: Texts) => (typeof texts === 'string' ? { 'main.js': texts } : texts)

const filler = Array.from({ length: 50 }, (_, index) => `const filler${index} = ${index}\n`).join('')

/** The texts with 50 lines above what was there. */
const lower = (texts: Texts) =>
  Object.fromEntries(Object.entries(named(texts)).map(([id, text]) => [id, filler + text]))

/** `file:line:column` of each mark, in their order. */
function places(texts: Texts): string[] {
  const found: string[] = []
  for (const [id, text] of Object.entries(named(texts))) {
    for (const { 0: mark, 1: numbers, index } of text.matchAll(/\/\*([\d,]+)\*\//g)) {
      const above = text.slice(0, index + mark.length).split('\n')
      for (const number of numbers!.split(','))
        found[Number(number) - 1] = `${id}:${above.length}:${above.at(-1)!.length + 1}`
    }
  }
  return found
}

/** The frames of an error's stack that stand in these modules. */
function framesIn(error: unknown, texts: Texts, folder: string): string[] {
  const { stack } = error as Error
  assert.ok(typeof stack === 'string', `no error: ${error}`)
  for (const part of ['regrow=', 'regrow:', '/dist/host/', '/dist/guest/', '(before an edit)'])
    assert.ok(!stack.includes(part), `${part} stands in ${stack}`)
  const root = `${pathToFileURL(folder).href}/`
  const ids = Object.keys(named(texts))
  return [...stack.matchAll(/(file:.*?):(\d+):(\d+)/g)].flatMap(([, url, line, column]) => {
    const id = ids.find(each => root + encodeURI(each) === url)
    return id ? `${id}:${line}:${column}` : []
  })
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    value => assert.fail(`returned ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )

describe('stack traces', () => {
  it('show frames of regrow itself with REGROW_TRACE=1', async () => {
    const texts = {
      'main.mjs': `function fail() {\n  throw new Error('no')\n}\nlet held = fail\ntry {\n  held()\n} catch (error) {\n  console.log(error.stack)\n}`,
    }
    const traces: string[] = []
    for (const value of ['0', '1']) {
      const folder = createFolder(texts)
      const options = { folder, env: { REGROW_TRACE: value } }
      const session = startRegrow(['run', '--no-watch', 'main.mjs'], options)
      try {
        assert.equal(await session.ended, 0, session.stderr)
        assert.match(session.stdout, /^Error: no\n {4}at fail \(file:.*\/main\.mjs:2:9\)\n/)
        assert.match(session.stdout, /main\.mjs:6:3\)?\n/)
        traces.push(session.stdout)
      } finally {
        await session.close()
        folder.remove()
      }
    }
    const [plain, whole] = traces
    assert.doesNotMatch(plain!, /regrow=|regrow:kernel|\/dist\/bundle\//)
    assert.match(whole!, /at fail \(.*main\.mjs\?regrow=\d+:\d+:\d+\)\n/)
    assert.match(whole!, /regrow:kernel/)
    assert.match(whole!, /\/dist\/bundle\//)
  })

  describe('in plain node', () => {
    let folder: string
    beforeEach(() => {
      folder = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-stacks-')))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    const results = Object.entries(edits).map(([title, { after }]) => [title, after] as const)
    for (const [title, texts] of [...Object.entries(shapes), ...results]) {
      it(title, async () => {
        for (const [id, text] of Object.entries(named(texts))) {
          mkdirSync(dirname(join(folder, id)), { recursive: true })
          writeFileSync(join(folder, id), text)
        }
        writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
        const main = await import(pathToFileURL(join(folder, 'main.js')).href)
        main.begin?.()
        const error = await failureOf((async () => main.run())())
        assert.deepEqual(framesIn(error, texts, folder), places(texts), (error as Error).stack)
      })
    }
  })

  inEveryRealm(start => {
    const check = async ({ program }: RunningProgram, texts: Texts) => {
      const error = await failureOf(program.call('run'))
      assert.deepEqual(framesIn(error, texts, process.cwd()), places(texts), (error as Error).stack)
    }
    const begin = async (app: RunningProgram, texts: Texts) => {
      if (Object.values(named(texts)).some(text => text.includes('function begin'))) await app.call('begin')
    }

    for (const [title, texts] of Object.entries({ ...shapes, ...stripped })) {
      it(`${title}, also 50 lines further down`, async () => {
        const app = await start(texts)
        await begin(app, texts)
        await check(app, texts)
        await begin(app, texts)
        await app.edit(lower(texts))
        await check(app, lower(texts))
      })
    }

    for (const [title, { before, after }] of Object.entries(edits)) {
      it(title, async () => {
        const app = await start(before)
        await begin(app, before)
        await app.edit(after)
        await check(app, after)
        await app.edit(lower(after))
        await check(app, lower(after))
      })
    }

    it('each program over the same files has its own lines, whichever was edited', async () => {
      const text = (head: string) =>
        `${head}function inner() { throw /*1*/new Error('no${head.length}') }\nexport const run = () => /*2*/inner()`
      const [edited, other] = [await start(text('')), await start(text(''))]
      for (let head = '\n'; head.length < 4; head += '\n') {
        await edited.edit(text(head))
        await check(edited, text(head))
        await check(other, text(''))
      }
    })

    for (const [title, text] of Object.entries({
      'a statement': `const list = []\nlist./*1*/nothing()`,
      'a function that a statement calls': `function fail(n) { throw /*1*/new Error(n) }\n\n[1]./*2*/map(fail)`,
      'an initialiser': `const source = null\nexport const text = source./*1*/text`,
      'a name before its declaration': `const one = /*1*/two\nconst two = 1`,
      'a static block': `class Thing { static one = 1\n static { this./*1*/two() } }`,
      'a heritage': `const base = () => null./*1*/x\nclass Thing extends /*2*/base() {}`,
      'a static private field': `class Thing { static #one = null\n static #two = this.#one./*1*/two }`,
    })) {
      it(`of a rejected reload: ${title}`, async () => {
        const app = await start('let kept = 1')
        const { error } = await app.edit(text, 'rejected')
        const { file, line, column, cause } = error!
        assert.equal(`${file}:${line}:${column}`, places(text)[0], (cause as Error).stack)
        assert.deepEqual(framesIn(cause, text, process.cwd()), places(text), (cause as Error).stack)
      })
    }
  })
})
