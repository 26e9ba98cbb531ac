// Time: what never ends, and what V8 cannot interrupt.
import { attacks, type Guest } from '../guest.js'

const late = ['ERR_REGROW_TIMEOUT'] as const
const lateOrLarge = ['ERR_REGROW_TIMEOUT', 'ERR_REGROW_MEMORY', 'ERR_REGROW_EXIT', 'thrown'] as const

export const time: readonly Guest[] = [
  ...attacks(late, {
    'a loop': 'for (;;);',
    'a loop that catches': 'for (;;) try { throw 1 } catch {} finally { continue }',
    'a generator without end': 'for (const x of (function* () { for (;;) yield 1 })());',
    'a microtask loop': 'const f = () => Promise.resolve().then(f); f(); return 1',
    'an async loop': 'for (;;) await null',
    'microtasks that are left behind':
      'queueMicrotask(function f() { queueMicrotask(f) }); return new Promise(() => {})',
    'indexOf of a giant array-like': 'return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)',
    'includes of a giant array-like': 'return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 0)',
    'lastIndexOf of a giant array-like': 'return Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 0)',
    'reverse of a giant array-like': 'return Array.prototype.reverse.call({ length: 2 ** 53 - 1 })',
    'a regular expression that backtracks': 'return /^(a+)+$/.test("a".repeat(40) + "b")',
    'a proxy of a prototype chain':
      'const p = new Proxy({}, { get: (t, k, r) => { for (;;); } }); return Object.create(p).x',
    'a sort with a comparer that loops': 'return [3, 1, 2].sort(() => { for (;;); })',
    'a replacer that loops': 'return "aaa".replace(/a/g, () => { for (;;); })',
    'a loop in toString of an argument': 'return host.sync(String({ toString() { for (;;); } }))',
    'a loop in valueOf': 'return +{ valueOf() { for (;;); } }',
    'eval of a loop': 'return eval("for (;;);")',
    'a loop in a class static block': 'return class { static { for (;;); } }',
    'calls of the host without end': 'for (;;) host.sync(1)',
    'promises of the host without end': 'for (;;) await host.later(1)',
    'errors of the host without end': 'for (;;) try { host.fail() } catch {}',
    'stacks without end': 'for (;;) void new Error("x").stack',
    'function texts without end': 'for (;;) attack.toString()',
    'imports that nobody awaits': 'for (let i = 0; ; i++) import("./no" + i + ".js").catch(() => {})',
    'imports without end': 'for (;;) await import("./main.js")',
    'import.meta.resolve without end': 'for (;;) import.meta.resolve("./main.js")',
  }),
  // V8 frees none of its keys while it runs: an idle machine reaches the limit of memory first.
  ...attacks(['ERR_REGROW_TIMEOUT', 'ERR_REGROW_MEMORY'], {
    'fill of a giant array-like':
      'return Array.prototype.fill.call({ length: 2 ** 53 - 1, __proto__: new Proxy({}, { set: () => true }) }, 0)',
  }),
  ...attacks(lateOrLarge, {
    'a sparse sort': 'const a = []; a.length = 2 ** 32 - 1; a[0] = 1; a[2 ** 32 - 2] = 0; return a.sort()[0]',
    'a power of a BigInt': 'return (3n ** 300000000n) % 7n',
    'a BigInt that is printed': 'return String(2n ** 30000000n).length',
    'String.raw of a giant template': 'return String.raw({ raw: { length: 2 ** 53 - 1 } })',
    'encodeURIComponent over and over':
      'let s = "\\u00e9".repeat(1e6); for (;;) s = encodeURIComponent(s).slice(0, 5e6)',
    'a join of a giant array-like': 'return Array.prototype.join.call({ length: 2 ** 32 - 1 }, "")',
    'localeCompare over and over': 'for (;;) "a".repeat(1e5).localeCompare("b".repeat(1e5))',
    'normalize over and over': 'for (;;) "\\u0344".repeat(1e6).normalize("NFKD")',
    'JSON.parse of a deep text': 'return JSON.parse("[".repeat(1e7))',
    'a regular expression that is large to compile': 'return new RegExp("(".repeat(1e6) + ")".repeat(1e6)).test("a")',
    'a function with a giant body': 'return Function("return " + "1+".repeat(3e6) + "1")()',
    'structuredClone of a giant graph': 'const a = Array.from({ length: 1e6 }, () => [1]); for (;;) structuredClone(a)',
    'Intl over and over': 'for (;;) new Intl.DateTimeFormat("de").format(0)',
  }),
  {
    title: 'a loop while it is loaded',
    source: 'for (;;);\nexport const attack = () => 1',
    ends: late,
  },
  {
    title: 'a top-level await that never ends',
    source: 'await new Promise(() => {})\nexport const attack = () => 1',
    ends: late,
    limits: { wallMs: 700 },
  },
  {
    title: 'an export that loops when it is read',
    source: 'export const attack = { get a() { for (;;); } }',
    ends: late,
    act: program => program.get('attack'),
  },
  {
    title: 'a function that the host holds and that loops',
    source: 'export const attack = () => () => { for (;;); }',
    ends: late,
    act: async program => ((await program.call('attack')) as () => Promise<unknown>)(),
  },
  {
    title: 'a thousand timers that throw',
    source:
      'export const attack = () => { for (let i = 0; i < 900; i++) setInterval(() => { throw new Error("x".repeat(1000)) }, 1); return new Promise(() => {}) }',
    ends: late,
  },
  {
    title: 'a timer that loops',
    source: 'export const attack = () => new Promise(() => setTimeout(() => { for (;;); }, 1))',
    ends: late,
  },
]
