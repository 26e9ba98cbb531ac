// Values that would run, pollute or swell on the host's side if they crossed as they are.
import type { Program } from '../../../host/api.js'
import { attacks, type Guest } from '../guest.js'

/** What a careless host does with what it gets. */
async function merge(program: Program): Promise<unknown> {
  const value = (await program.call('attack')) as Record<string, unknown>
  const target: Record<string, unknown> = {}
  for (const key in value) target[key] = value[key]
  Object.assign({}, value)
  return `${String(JSON.stringify(value)).length > 0} ${({} as Record<string, unknown>).polluted}`
}

const value = ['value', 'thrown'] as const

export const boundary: readonly Guest[] = [
  ...attacks(
    ['value'],
    {
      'an own __proto__ key': 'return JSON.parse(\'{"__proto__":{"polluted":1}}\')',
      'a defined __proto__ key':
        'return Object.defineProperty({}, "__proto__", { value: { polluted: 1 }, enumerable: true })',
      'a constructor key': 'return { constructor: { prototype: { polluted: 1 } } }',
      'toJSON, valueOf and toString':
        'const f = () => { throw new Error("ran") }; return { toJSON: 1, a: { valueOf: 1, toString: 1 } }',
      'an inherited setter for every key':
        'Object.defineProperty(Object.prototype, "a", { set() { throw 1 }, configurable: true }); return { a: 1 }',
    },
    { act: merge, gives: 'true undefined' },
  ),
  ...attacks(value, {
    'a thenable': 'return { then(resolve) { resolve({ then(r) { r(1) } }) } }',
    'a thenable that never settles its callback': 'return { get then() { return undefined } }',
    'then that changes': 'let n = 0; return { get then() { return n++ ? () => {} : undefined } }',
    'a proxy': 'return new Proxy({ a: 1 }, { get: (t, k) => k === "then" ? undefined : 1 })',
    'a proxy of an array': 'return new Proxy([1], {})',
    'a proxy that throws': 'return new Proxy({}, { ownKeys() { throw new Error("no") } })',
    'a revoked proxy': 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return [proxy]',
    'a getter that throws': 'return { get a() { throw new Error("no") } }',
    'a symbol': 'return Symbol.iterator',
    'a weak map': 'return new WeakMap()',
    'a promise inside': 'return { p: Promise.resolve(1) }',
    'a cycle': 'const o = {}; o.o = o; return o',
    'a sparse array': 'const a = []; a[40000] = 1; return a',
    'an array that says it is longer': 'return new Proxy([1, 2], { get: (t, k) => k === "length" ? 30000 : t[k] })',
    'a date, a map and a set with changed prototypes':
      'Map.prototype.forEach = Set.prototype.forEach = Date.prototype.getTime = () => { throw 1 }; return [new Map([[1, 2]]), new Set([1]), new Date(0)]',
    'a regular expression with its own source': 'return Object.defineProperty(/x/, "source", { value: "(a+)+$" })',
    'a typed array with its own length': 'return Object.defineProperty(new Uint8Array(2), "length", { value: 1e9 })',
    'a boxed string': 'return Object("x")',
    'an object without a prototype': 'return Object.assign(Object.create(null), { a: 1 })',
    'names with control characters': 'return { ["\\x1b[2J"]: "\\x1b[31m" }',
    'a lone surrogate': 'return "\\ud800"',
    'strange numbers': 'return [NaN, -0, Infinity, 1e308, 10n ** 300n]',
    'a function under the name then': 'return { then: 1, a: { then: () => {} } }',
    'a namespace with an export called then': 'return 1',
    'Array.prototype with setters':
      'Object.defineProperty(Array.prototype, 0, { set() { throw 1 }, configurable: true }); return [[1], { a: [2] }]',
    'String.prototype.slice redefined': 'String.prototype.slice = () => "+"; return { a: 1 }',
  }),
  ...attacks(['ERR_REGROW_MEMORY'], {
    'a string of 30 MB': 'return "x".repeat(3e7)',
    'one string ten thousand times': 'const s = "x".repeat(1e5); return Array.from({ length: 1e4 }, () => s)',
    'one string ten thousand times, by one object':
      'const s = "x".repeat(1e5); return Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => ["k" + i, s]))',
    'too deep': 'let o = {}; for (let i = 0; i < 1e4; i++) o = { o }; return o',
    'too deep in arrays': 'let o = []; for (let i = 0; i < 1e4; i++) o = [o]; return o',
    'a proxy without end':
      'const p = () => new Proxy({}, { get: p, ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }); return [p()]',
    'a buffer of 10 MB': 'return new Uint8Array(1e7)',
    'an array of a billion holes': 'const a = []; a.length = 1e9; return a',
    'a giant BigInt': 'return 1n << 100000n',
    'a long error of long errors': 'return Array.from({ length: 5000 }, () => new Error("x".repeat(9000)))',
  }),
  ...attacks(
    ['ERR_REGROW_MEMORY'],
    {
      'too many parts': 'return Array.from({ length: 2e5 }, () => ({}))',
      'too many parts in a map': 'return new Map(Array.from({ length: 2e5 }, (_, i) => [i, i]))',
    },
    { limits: { nodes: 10_000 } },
  ),
  ...attacks(value, {
    'a shared structure of 2^40 paths': 'let o = {}; for (let i = 0; i < 40; i++) o = { a: o, b: o }; return o',
    'a string of 30 MB for the host': 'return host.sync("x".repeat(3e7))',
    'a deep value for the host': 'let o = {}; for (let i = 0; i < 1e4; i++) o = { o }; return host.sync(o)',
    'a proxy for the host': 'return host.sync(new Proxy({}, { get() { throw 1 } }))',
    'ten thousand arguments for the host': 'return host.sync(...Array(1e4).fill(1))',
  }),
  {
    title: 'a namespace that is awaited',
    source: 'export const then = resolve => resolve("ran"); export const attack = () => 1',
    ends: ['value'],
    act: async program => typeof (await program.get('then')),
    gives: 'function',
  },
  {
    title: 'names that every object has are no exports',
    source: 'export const attack = () => 1',
    ends: ['ERR_REGROW_LINK'],
    act: program => program.call('constructor'),
  },
  {
    title: 'more functions for the host than it may hold',
    source: 'export const attack = () => Array.from({ length: 200 }, () => () => 1)',
    ends: ['thrown', 'ERR_REGROW_MEMORY'],
    limits: { heldFunctions: 100 },
  },
]
