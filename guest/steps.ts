// The steps of a transaction, in order: prepare, replace in place, run what is due, remove what is gone.
import { saveStaticPrivates } from './class-record.js'
import { createHandle } from './handle.js'
import type { KernelState, ModuleState } from './kernel-state.js'
import { trackCalls } from './literals.js'
import {
  apply,
  construct,
  defineProperty,
  hasOwn,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  NativeMap,
  push,
  weakGet,
  weakSet,
} from './primordials.js'
import type { ModulePatch, Operation, TransactionRequest } from './protocol.js'
import { declare, removeProperty } from './scope.js'
import type { Transaction } from './transaction.js'

const AsyncFunction = (async () => {}).constructor as new () => object

/** Yields what an item awaits; the driver passes its value in. */
export function* steps(kernel: KernelState, request: TransactionRequest): Generator<unknown, void, unknown> {
  const { transaction } = kernel
  prepareModules(kernel, request.patches)
  setNamespaces(kernel, request.namespaces)
  saveBindings(kernel, request.saved)
  saveStatics(kernel, request.savedClasses)
  const operations = replaceInPlace(kernel, request.patches)
  for (let index = 0; index < operations.length; index++) {
    const module = mapGet(kernel.modules, request.patches[index]!.id)!
    for (let at = 0; at < operations[index]!.length; at++) {
      const operation = operations[index]![at]!
      if (isDue(transaction, operation)) yield* run(kernel, module, operation)
    }
  }
  transaction.place = {}
  for (let index = 0; index < request.patches.length; index++) remove(kernel, request.patches[index]!)
  for (let index = 0; index < request.removedModules.length; index++) {
    kernel.forget(kernel.modules, request.removedModules[index]!)
  }
}

function prepareModules(kernel: KernelState, patches: readonly ModulePatch[]): void {
  const { transaction, declared } = kernel
  for (let index = 0; index < patches.length; index++) {
    const patch = patches[index]!
    if (patch.meta) {
      const module = kernel.createModule(patch.id)
      module.handle = createHandle(kernel, module, patch.meta)
      transaction.set(kernel.modules, patch.id, module)
    }
    const { scope, calls } = mapGet(kernel.modules, patch.id)!
    const before = weakGet(declared, scope) ?? new NativeMap<string, true>()
    const names = declare(patch.declared)
    weakSet(declared, scope, names)
    weakSet(declared, calls, names)
    transaction.record(() => {
      weakSet(declared, scope, before)
      weakSet(declared, calls, before)
    })
  }
}

function setNamespaces(kernel: KernelState, namespaces: TransactionRequest['namespaces']): void {
  for (let index = 0; index < namespaces.length; index++) {
    const [id, exports] = namespaces[index]!
    const module = mapGet(kernel.modules, id)
    if (!module) continue
    const before = module.exports
    kernel.transaction.record(() => kernel.setExports(module, before))
    kernel.setExports(module, kernel.exportTable(exports))
  }
}

function saveBindings(kernel: KernelState, saved: TransactionRequest['saved']): void {
  for (let index = 0; index < saved.length; index++) {
    const [id, names] = saved[index]!
    const module = mapGet(kernel.modules, id)
    for (let at = 0; module && at < names.length; at++) {
      if (hasOwn(module.scope, names[at]!)) kernel.transaction.saveBinding(module, names[at]!)
    }
  }
}

function saveStatics(kernel: KernelState, modules: readonly string[]): void {
  for (let index = 0; index < modules.length; index++) {
    const module = mapGet(kernel.modules, modules[index]!)
    if (!module) continue
    mapForEach(module.classes, record => {
      kernel.transaction.save(record.stable)
      saveStaticPrivates(kernel.transaction, record)
    })
  }
}

/** Runs the code of the patches: functions and literals get their implementations, the rest comes back as operations. */
function replaceInPlace(kernel: KernelState, patches: readonly ModulePatch[]): (readonly Operation[])[] {
  const operations: (readonly Operation[])[] = []
  for (let index = 0; index < patches.length; index++) {
    const { id, run: patch, dependencies } = patches[index]!
    kernel.transaction.place = { module: id }
    if (!patch) {
      push(operations, [])
      continue
    }
    const { handle, scope, calls, literalSlots, initializer, guard } = mapGet(kernel.modules, id)!
    const parameters: unknown[] = [handle, scope, calls, literalSlots, initializer, guard, apply, construct]
    for (let at = 0; at < dependencies.length; at++) push(parameters, kernel.dependency(dependencies[at]!))
    push(operations, apply(patch, undefined, parameters) as readonly Operation[])
  }
  return operations
}

function isDue(transaction: Transaction, [, , , , condition]: Operation): boolean {
  if (condition === 0) return true
  for (let index = 0; index < condition.length; index++) {
    if (transaction.hasChanged(condition[index]![0], condition[index]![1])) return true
  }
  return false
}

function* run(kernel: KernelState, module: ModuleState, operation: Operation): Generator<unknown, void, unknown> {
  const [key, kind, names, literals, , isReset, thunk] = operation
  const { transaction } = kernel
  transaction.place = { module: module.id, key }
  for (let index = 0; isReset && index < names.length; index++) {
    if (hasOwn(module.scope, names[index]!)) kernel.put(module.scope, names[index]!, undefined)
  }
  const called: number[] = []
  transaction.statics = []
  const release = trackCalls(module, literals, called)
  try {
    let value = thunk()
    if (thunk instanceof AsyncFunction) {
      value = yield value
      if (kind === 'data') value = (value as unknown[])[0]
    }
    if (kind === 'data') kernel.defineData(module, names[0]!, value)
  } finally {
    release()
    push(transaction.evaluated, { module: module.id, key, called, statics: transaction.statics })
  }
}

function remove(kernel: KernelState, patch: ModulePatch): void {
  const { transaction } = kernel
  const module = mapGet(kernel.modules, patch.id)!
  const { scope } = module
  for (let index = 0; index < patch.removedBindings.length; index++) {
    const name = patch.removedBindings[index]!
    if (hasOwn(scope, name)) {
      const value = scope[name]
      transaction.record(() => {
        defineProperty(scope, name, { value, writable: true, enumerable: true, configurable: true })
      })
      removeProperty(scope, name)
    }
    if (hasOwn(module.calls, name)) kernel.redirectCalls(module, name)
    kernel.forget(module.trampolines, name)
    kernel.forget(module.classes, name)
  }
  if (patch.removedLiterals.length) mapSet(kernel.orphaned, module.id, module)
  for (let index = 0; index < patch.removedLiterals.length; index++) {
    const literal = patch.removedLiterals[index]!
    transaction.record(() => void mapDelete(module.orphans, literal))
    mapSet(module.orphans, literal, true)
  }
}
