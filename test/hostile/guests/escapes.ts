// Ways out: by constructors, prototypes, stacks and whatever of the host's can be reached. `tell` says what a Function sees.
import { attacks, type Guest } from '../guest.js'

const tell = `const tell = F => { try { return F('return [typeof process, typeof require, typeof Buffer].join()')() } catch (error) { return error.name } };`
const nothing = 'undefined,undefined,undefined'

const walks: Readonly<Record<string, string>> = {
  'the constructor of a granted function': 'return tell(host.sync.constructor)',
  'the constructor of a granted async function': 'return tell(host.later.constructor)',
  'the constructor of a granted object': 'return tell(host.constructor.constructor)',
  'the constructor of what a granted function gives': 'return tell(host.sync({ a: 1 }).constructor.constructor)',
  'the constructor of a promise of the host': 'return tell(host.later(1).constructor.constructor)',
  'the constructor of an error of the host':
    'try { host.fail() } catch (error) { return tell(error.constructor.constructor) }',
  'the constructor of a rejection of the host':
    'return await host.reject().catch(error => tell(error.constructor.constructor))',
  'the constructor of a bytes copy': 'return tell(host.bytes().constructor.constructor)',
  'the buffer of a bytes copy is no pool': 'return host.bytes().buffer.byteLength === 3 ? tell(Function) : "pool"',
  'the constructor of import.meta': 'return tell(import.meta.resolve.constructor)',
  'the constructor of a namespace member': 'return tell((await import("./main.js")).attack.constructor)',
  'an async function constructor': 'return tell((async () => {}).constructor)',
  'a generator function constructor':
    'return await tell(code => { const it = (function* () {}).constructor(code)(); return () => it.next().value })',
  'indirect eval': 'return (0, eval)("[typeof process, typeof require, typeof Buffer].join()")',
  'this of a sloppy function': 'return tell(code => Function("return this")().Function(code))',
  'globalThis walked by prototypes':
    'let at = globalThis; while (Object.getPrototypeOf(at)) at = Object.getPrototypeOf(at); return tell(at.constructor.constructor)',
  'arguments.callee.caller':
    'return tell(code => { const f = Function("return arguments.callee.caller"); return (f() ?? Function)?.constructor?.(code) ?? Function(code) })',
  'a proxy as a receiver': 'return tell(code => new Proxy(Function, { construct: () => ({}) })(code))',
  'Reflect.construct on a granted function': 'try { Reflect.construct(host.sync, []) } catch {} return tell(Function)',
  'Symbol.species of a promise of the host':
    'const p = host.later(1); p.constructor = { [Symbol.species]: function (run) { run(() => {}, () => {}) } }; p.then(() => {}); return tell(Function)',
  'a realm by an error of too deep a stack':
    'const deep = () => { try { deep() } catch (error) { globalThis.e ??= error } }; deep(); return tell(globalThis.e.constructor.constructor)',
  'Error.prepareStackTrace that is set':
    'Error.prepareStackTrace = (e, sites) => { globalThis.sites = sites; return "" }; void new Error("x").stack; return globalThis.sites ? "sites" : tell(Function)',
  'Error.prepareStackTrace that is defined':
    'try { Object.defineProperty(Error, "prepareStackTrace", { value: (e, sites) => sites }) } catch {} return typeof new Error("x").stack === "string" ? tell(Function) : "sites"',
  'call sites by captureStackTrace':
    'const o = {}; Error.captureStackTrace(o); return typeof o.stack === "string" ? tell(Function) : "sites"',
  'the function that maps stacks': 'return tell(Error.prepareStackTrace?.constructor ?? Function)',
}

const told: readonly Guest[] = Object.entries(walks).map(([title, body]) => ({
  title,
  source: `${tell} export ${/\bawait\b/.test(body) ? 'async ' : ''}function attack() { ${body} }`,
  ends: ['value'],
  gives: nothing,
}))

export const escapes: readonly Guest[] = [
  ...told,
  ...attacks(
    ['value'],
    {
      'WebAssembly, shared memory and finalizers are not there':
        'return [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof FinalizationRegistry, typeof WeakRef].join()',
    },
    { gives: 'undefined,undefined,undefined,undefined,undefined' },
  ),
  ...attacks(
    ['value'],
    {
      'buffers cannot be resized':
        'return [typeof new ArrayBuffer(8, { maxByteLength: 1e9 }).resize, typeof new Uint8Array(1).buffer.constructor.prototype.resize].join()',
    },
    { gives: 'undefined,undefined' },
  ),
  ...attacks(
    ['value'],
    {
      'the host paths are in no stack and no URL':
        'return /\\/(work|home|root|tmp|dist)\\//.test(new Error("x").stack + import.meta.url + import.meta.dirname)',
    },
    { gives: false },
  ),
  ...attacks(
    ['value'],
    {
      'an error of the host has no stack of its own':
        'try { host.fail() } catch (error) { return /dist|node:/.test(error.stack ?? "") }',
    },
    { gives: false },
  ),
  ...attacks(['thrown', 'value'], {
    'a function that calls a host function with itself': 'return host.sync(attack)',
    'a host function called by bind, call and apply':
      'return host.sync.call(globalThis, host.sync.apply(null, [host.sync.bind({}, 1)()]))',
    'an array with a poisoned iterator as arguments':
      'Array.prototype[Symbol.iterator] = function* () { yield process }; return host.sync(1)',
    'JSON redefined': 'JSON.parse = JSON.stringify = () => { throw 1 }; return host.sync({ a: 1 })',
    'Reflect.apply redefined': 'Reflect.apply = () => { throw 1 }; return host.sync(1)',
  }),
]
