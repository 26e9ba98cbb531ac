// Trampolines: the functions that captured references hold. Here they are kept in step with the newest implementation.
import {
  defineProperty,
  FunctionPrototype,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  setPrototypeOf,
} from './primordials.js'

export type Callable = (...args: any[]) => any

/** Where it stands, beside a function's slot, how many arguments it takes: undefined when it may notice any. */
export const takesKey = (slot: string): string => `#${slot}`

/** Gives a trampoline its implementation's `length`, `name` and kind (async, generator). Idempotent, so it also takes back. */
export function matchTrampoline(trampoline: Callable, implementation: Callable): void {
  if (trampoline.length !== implementation.length) copy(trampoline, implementation, 'length')
  if (trampoline.name !== implementation.name) copy(trampoline, implementation, 'name')
  const kind = getPrototypeOf(implementation)
  if (getPrototypeOf(trampoline) !== kind) setPrototypeOf(trampoline, kind)
  // V8 makes a function's prototype when somebody asks for it.
  if (kind === FunctionPrototype) return
  // Generators find their iterators' prototype on the function that runs, so both must hold the same one.
  const isGenerator = hasOwn(implementation, 'prototype') && !hasOwn(implementation.prototype, 'constructor')
  if (!isGenerator) return
  if (implementation.prototype === trampoline.prototype) {
    // They share it already; after a failure its kind is to be put back.
    setPrototypeOf(trampoline.prototype, kind.prototype)
    return
  }
  if (hasOwn(trampoline, 'prototype')) {
    setPrototypeOf(trampoline.prototype, getPrototypeOf(implementation.prototype))
    implementation.prototype = trampoline.prototype
  } else defineProperty(trampoline, 'prototype', getOwnPropertyDescriptor(implementation, 'prototype')!)
}

function copy(trampoline: Callable, implementation: Callable, key: 'name' | 'length'): void {
  const descriptor = getOwnPropertyDescriptor(implementation, key)
  if (descriptor && typeof descriptor.value !== 'function') defineProperty(trampoline, key, descriptor)
}
