// Takes away what lets a guest run, wait or allocate where no limit reaches. Before guest code runs, and for good.
import { construct, defineProperty, NativeProxy } from '../primordials.js'
import { NativeArrayBuffer } from './intrinsics.js'

/**
 * Compilation of WebAssembly and waits on shared memory cannot be interrupted, and their memory is not counted; what runs when
 * something was collected runs in no call.
 */
const removed = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'FinalizationRegistry', 'WeakRef', 'gc', 'console']

export function lockDown(): void {
  for (let index = 0; index < removed.length; index++) delete (globalThis as Record<string, unknown>)[removed[index]!]
  removeResizableBuffers()
}

/** Their memory is not counted either. */
function removeResizableBuffers(): void {
  const { prototype } = NativeArrayBuffer as unknown as { prototype: Record<string, unknown> }
  for (const name of ['resize', 'resizable', 'maxByteLength', 'transfer', 'transferToFixedLength', 'detached'])
    delete prototype[name]
  const handler = { __proto__: null } as ProxyHandler<typeof NativeArrayBuffer>
  const fixed: typeof NativeArrayBuffer = new NativeProxy(NativeArrayBuffer, handler)
  handler.construct = (target, given, newTarget) =>
    construct(target as never, [given[0]], newTarget === fixed ? target : newTarget)
  defineProperty(prototype, 'constructor', { value: fixed, writable: true, enumerable: false, configurable: true })
  defineProperty(globalThis, 'ArrayBuffer', { value: fixed, writable: true, enumerable: false, configurable: true })
}
