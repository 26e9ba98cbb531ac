// The host's own context: full Node, the same intrinsics, no wall.
import type { KernelHost } from '../../guest/protocol.js'
import { compile, compileFirst } from '../compile.js'
import { type CreateKernel, kernelText, type LocalRealm } from './realm.js'

/** @param globals set on the global object, and taken back at close */
export function createMainRealm(host: KernelHost, globals: Readonly<Record<string, unknown>>): LocalRealm {
  const kernel = (compile(kernelText(), [], 'regrow:kernel')() as CreateKernel)(host)
  const before = Object.entries(globals).map(
    ([name]) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  )
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true })
  }
  return {
    kind: 'main',
    kernel,
    global: globalThis,
    Error,
    compile: (body, parameters, filename, around) => compile(body, parameters, filename, undefined, around),
    compileFirst: (body, parameters, filename, data) => compileFirst(body, parameters, filename, undefined, data),
    close() {
      kernel.close()
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor)
        else delete (globalThis as Record<string, unknown>)[name]
      }
    },
  }
}
