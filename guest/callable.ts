// Trampolines: the functions that captured references hold. Here they are kept in step with the newest implementation.
import { FunctionPrototype, getOwnPropertyDescriptor, getPrototypeOf, hasOwn, ObjectPrototype } from './primordials.js'
import type { UndoLog } from './undo-log.js'

export type Callable = (...args: any[]) => any

/** Where it stands, beside a function's slot, how many arguments it takes: undefined when it may notice any. */
export const takesKey = (slot: string): string => `#${slot}`

/**
 * Gives a trampoline its implementation's `length`, `name` and kind (async, generator), as far as it is not frozen.
 * @param last the implementation until now: where the new one is like it, the trampoline stays as it is, for the program may have set it (R1)
 */
export function matchTrampoline(
  undo: UndoLog,
  trampoline: Callable,
  implementation: Callable,
  last: Callable = trampoline,
): void {
  if (last.length !== implementation.length) copy(undo, trampoline, implementation, 'length')
  if (last.name !== implementation.name) copy(undo, trampoline, implementation, 'name')
  const kind = getPrototypeOf(implementation)
  const isOtherKind = getPrototypeOf(last) !== kind
  if (isOtherKind) undo.relink(trampoline, kind)
  // V8 makes a function's prototype when somebody asks for it.
  if (kind === FunctionPrototype) {
    // It was a generator's: what `new` makes of it is an ordinary object again.
    if (
      isOtherKind &&
      hasOwn(trampoline, 'prototype') &&
      getPrototypeOf(trampoline.prototype) === getPrototypeOf(last).prototype
    )
      undo.relink(trampoline.prototype, ObjectPrototype)
    return
  }
  // Generators find their iterators' prototype on the function that runs, so both must hold the same one.
  const isGenerator = hasOwn(implementation, 'prototype') && !hasOwn(implementation.prototype, 'constructor')
  if (!isGenerator) return
  if (hasOwn(trampoline, 'prototype')) {
    if (isOtherKind) undo.relink(trampoline.prototype, kind.prototype)
    implementation.prototype = trampoline.prototype
  } else undo.define(trampoline, 'prototype', getOwnPropertyDescriptor(implementation, 'prototype')!)
}

function copy(undo: UndoLog, trampoline: Callable, implementation: Callable, key: 'name' | 'length'): void {
  const descriptor = getOwnPropertyDescriptor(implementation, key)
  if (descriptor && typeof descriptor.value !== 'function') undo.define(trampoline, key, descriptor)
}
