// Errors and promises as a way in: what is thrown is read by whoever reports it.
import { attacks, type Guest } from '../guest.js'

export const errors: readonly Guest[] = [
  ...attacks(['thrown'], {
    'an error whose message is a getter':
      'throw Object.defineProperty(new Error(), "message", { get() { globalThis.ran = 1; throw 1 } })',
    'an error whose stack is a getter': 'throw Object.defineProperty(new Error(), "stack", { get() { throw 1 } })',
    'an error whose name is an object': 'throw Object.assign(new Error("x"), { name: { toString() { throw 1 } } })',
    'an error whose cause is itself': 'const e = new Error("x"); e.cause = e; throw e',
    'an error with a chain of causes':
      'let e = new Error("0"); for (let i = 0; i < 1000; i++) e = new Error("x", { cause: e }); throw e',
    'an error that is a proxy': 'throw new Proxy(new Error("x"), { get() { throw 1 } })',
    'an error with a long message': 'throw new Error("x".repeat(1e6))',
    'an error with a long stack':
      'throw Object.assign(new Error("x"), { stack: ("    at f (/app/main.js?regrow=1:1:1)\\n").repeat(1e5) })',
    'an error with a stack that is slow to map':
      'throw Object.assign(new Error("x"), { stack: "    at " + " (".repeat(1e5) + "?regrow=" })',
    'an error with control characters': 'throw new Error("\\x1b[2J\\x1b]0;title\\x07\\u202e")',
    null: 'throw null',
    undefined: 'throw undefined',
    'a function': 'throw () => 1',
    'a symbol': 'throw Symbol("x")',
    'a thenable': 'throw { then(resolve) { resolve(1) } }',
    'a rejection with a thenable': 'return Promise.reject({ then(resolve) { resolve(1) } })',
    'an error that says it is one of regrow':
      'throw Object.assign(new Error("x"), { name: "RegrowError", code: "ERR_REGROW_MEMORY", [Symbol.for("regrow.error")]: true })',
    'a stack overflow': 'const f = () => f() + 1; return f()',
    'a stack overflow in a getter': 'const o = { get a() { return o.a } }; return o',
    'an error of the host, thrown again with changes':
      'try { host.fail() } catch (error) { error.message = "changed"; throw error }',
    'Error.prototype redefined':
      'Object.defineProperty(Error.prototype, "name", { get() { throw 1 } }); throw new Error("x")',
    'Error.stackTraceLimit of a billion':
      'Error.stackTraceLimit = 1e9; const f = n => n ? f(n - 1) : (() => { throw new Error("deep") })(); return f(3000)',
    'an aggregate': 'throw new AggregateError([new Error("a")], "all")',
  }),
  ...attacks(
    ['ERR_REGROW_TIMEOUT'],
    {
      'a message that loops': 'throw Object.defineProperty(new Error(), "message", { get() { for (;;); } })',
      'a stack that loops': 'throw Object.defineProperty(new Error(), "stack", { get() { for (;;); } })',
      'a name that loops':
        'throw { get name() { for (;;); }, get message() { for (;;); }, get stack() { for (;;); }, get a() { for (;;); } }',
      'a getter that loops': 'return { get a() { for (;;); } }',
      'a then that loops': 'return { get then() { for (;;); } }',
      'a proxy that loops': 'return new Proxy({}, { ownKeys() { for (;;); } })',
      'toString of a thrown value that loops': 'throw { toString() { for (;;); }, get x() { for (;;); } }',
      'an async getter chain': 'return { then(resolve) { resolve({ then(r) { for (;;); } }) } }',
      'a promise that never settles': 'return new Promise(() => {})',
      'an await that never ends': 'await new Promise(() => {})',
    },
    { limits: { wallMs: 700 } },
  ),
]
