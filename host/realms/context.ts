// A node:vm context with a vanilla global (a contextified one makes every global name 16 times slower). Not a security boundary.
import vm from 'node:vm'
import type { KernelHost } from '../../guest/protocol.js'
import { compile, compileFirst } from '../compile.js'
import { type CreateKernel, kernelText, type LocalRealm } from './realm.js'

/** Node loads undici for whoever asks what stands under these names. */
const lateGlobals = new Set([
  'FormData',
  'Headers',
  'Request',
  'Response',
  'MessageEvent',
  'WebSocket',
  'CloseEvent',
  'EventSource',
])

/** What Node puts on its global object and the language does not. */
function nodeGlobals(): PropertyDescriptorMap {
  const language = new Set(Object.getOwnPropertyNames(vm.runInNewContext('globalThis')))
  const found: PropertyDescriptorMap = {}
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (name === 'console' || !(language.has(name) || name === 'global')) {
      found[name] = lateGlobals.has(name)
        ? { get: () => (globalThis as Record<string, unknown>)[name] }
        : Object.getOwnPropertyDescriptor(globalThis, name)!
    }
  }
  return found
}

/** @param args what the guest finds in `process.argv` */
export function createContextRealm(
  host: KernelHost,
  globals: Readonly<Record<string, unknown>>,
  args: readonly string[],
  name: string,
): LocalRealm {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY as unknown as vm.Context, { name: `regrow ${name}` })
  const global = compile('return globalThis', [], 'regrow:kernel', context)() as Record<string, any>
  // Node's own Symbol has them before V8 does.
  for (const name of ['dispose', 'asyncDispose'] as const)
    if (!(name in global.Symbol)) Object.defineProperty(global.Symbol, name, { value: Symbol[name] })
  const kernel = (compile(kernelText(), [], 'regrow:kernel', context)() as CreateKernel)(host)
  for (const [key, descriptor] of Object.entries(nodeGlobals())) {
    // Accessors of the host's global (crypto, navigator, …) insist on their own receiver.
    const { get, set: _set, ...rest } = descriptor
    if (get)
      Object.defineProperty(global, key, {
        configurable: true,
        enumerable: rest.enumerable ?? false,
        get: () => get.call(globalThis),
        set(value) {
          Object.defineProperty(global, key, { value, writable: true, configurable: true, enumerable: true })
        },
      })
    else Object.defineProperty(global, key, { ...rest, configurable: true })
  }
  kernel.installTimers()
  define(global, 'global', global)
  define(
    global,
    'process',
    Object.create(process, { argv: { value: [...args], writable: true, enumerable: true, configurable: true } }),
  )
  for (const [key, value] of Object.entries(globals)) define(global, key, value)
  return {
    kind: 'context',
    kernel,
    global,
    Error: global.Error,
    compile: (body, parameters, filename, around) => compile(body, parameters, filename, context, around),
    compileFirst: (body, parameters, filename, data) => compileFirst(body, parameters, filename, context, data),
    close: () => kernel.close(),
  }
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}
