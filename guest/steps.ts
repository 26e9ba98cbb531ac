// The steps of a transaction around its evaluation: prepare and replace in place before it, remove what is gone after it.
import { saveStaticPrivates } from './class-record.js'
import type { Work } from './evaluate.js'
import type { KernelState } from './kernel-state.js'
import type { ModuleState } from './module-state.js'
import {
  apply,
  call,
  construct,
  define,
  getOwnPropertyDescriptor,
  hasOwn,
  isObject,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  NativeMap,
  push,
  tryDelete,
  weakGet,
  weakSet,
} from './primordials.js'
import type {
  ChangedBinding,
  ModuleNames,
  ModulePatch,
  Operation,
  PatchFunction,
  TransactionRequest,
} from './protocol.js'
import { bindingsOf } from './saved-bindings.js'
import { type Bag, objectAt } from './scope.js'
import type { Transaction } from './transaction.js'
import { logOfNew } from './undo-log.js'

/** Prepares the modules. @returns what is to be done of each */
export function prepare(kernel: KernelState, transaction: Transaction, request: TransactionRequest): Work[] {
  if (request.runsCode) saveBindings(kernel, transaction, request.patches)
  prepareModules(kernel, transaction, request.patches)
  noteLeaving(kernel, transaction, request)
  noteMoved(kernel, transaction, request.patches)
  setNamespaces(kernel, transaction, request.namespaces)
  saveProperties(kernel, transaction, request.saved)
  const works: Work[] = []
  for (let index = 0; index < request.patches.length; index++) {
    const patch = request.patches[index]!
    push(works, { patch, module: mapGet(kernel.modules, patch.id)!, operations: [], next: 0 })
  }
  return works
}

/** Removes what is gone, once everything has run. */
export function complete(kernel: KernelState, transaction: Transaction, request: TransactionRequest): void {
  transaction.place = {}
  const moves = movesIn(request.patches)
  for (let index = 0; index < request.patches.length; index++) {
    const patch = request.patches[index]!
    remove(kernel, transaction, patch, moves)
    kernel.setAssignable(mapGet(kernel.modules, patch.id)!, patch.assignable)
  }
  const { removedModules } = request
  const kept = removedModules.length ? kernel.host.importedMeanwhile(removedModules) : []
  for (let index = 0; index < removedModules.length; index++) {
    const id = removedModules[index]!
    const module = mapGet(kernel.modules, id)
    if (!module || includes(kept, id)) continue
    push(transaction.removed, module)
    kernel.setAssignable(module, [])
    transaction.undo.forget(kernel.modules, id)
  }
}

function includes(list: readonly string[], value: string): boolean {
  for (let index = 0; index < list.length; index++) if (list[index] === value) return true
  return false
}

const moveKey = (module: string, name: string): string => `${name} ${module}`

/** Where bindings have gone, for those who import them: whoever holds a function goes with it. */
function movesIn(patches: readonly ModulePatch[]): Map<string, ChangedBinding> {
  const moves = new NativeMap<string, ChangedBinding>()
  for (let index = 0; index < patches.length; index++) {
    const moved = patches[index]!.moved ?? []
    for (let at = 0; at < moved.length; at++) {
      const { from, to } = moved[at]!
      mapSet(moves, moveKey(from.module, from.name), to)
    }
  }
  return moves
}

/** What the items of before had made is outdated. */
export function handOver(
  { ownership, modules }: KernelState,
  { begun, removed }: Transaction,
  request: TransactionRequest,
): void {
  for (let index = 0; index < begun.length; index++) {
    const { owner, id } = begun[index]!
    // A class that is patched keeps what its other static fields and its blocks have made.
    if (id !== undefined) ownership.keep(owner, id, owner.kind === 'class')
  }
  for (let index = 0; index < removed.length; index++) ownership.removeModule(removed[index]!)
  for (let index = 0; index < request.patches.length; index++) {
    const { id, removedOwners } = request.patches[index]!
    if (removedOwners.length === 0) continue
    const module = mapGet(modules, id)!
    // Statements have no names: one that ran may be what a removed one has become.
    const isGone = !hasRun(begun, module)
    for (let at = 0; at < removedOwners.length; at++) ownership.remove(module, removedOwners[at]!, isGone)
  }
}

/** Whether a statement of a module has run. */
function hasRun(begun: Transaction['begun'], module: ModuleState): boolean {
  for (let index = 0; index < begun.length; index++) {
    const { owner } = begun[index]!
    if (owner.module === module && owner.kind === 'statement') return true
  }
  return false
}

/** What the items of a failed transaction have made is to go. */
export function giveUp({ ownership }: KernelState, { begun }: Transaction): void {
  for (let index = 0; index < begun.length; index++) ownership.outdate(begun[index]!.owner, true)
}

/** Ends the transaction for the modules it changes. */
export function release(kernel: KernelState, { patches }: TransactionRequest): void {
  for (let index = 0; index < patches.length; index++) {
    const module = mapGet(kernel.modules, patches[index]!.id)
    if (!module) continue
    module.transaction = undefined
    module.undo = undefined
  }
}

function prepareModules(kernel: KernelState, transaction: Transaction, patches: readonly ModulePatch[]): void {
  const { declared } = kernel
  for (let index = 0; index < patches.length; index++) {
    const patch = patches[index]!
    if (patch.meta) {
      const module = kernel.createModule(patch.id, patch.declared.length)
      module.handle = kernel.createHandle(module, patch.meta)
      transaction.undo.set(kernel.modules, patch.id, module)
    }
    const module = mapGet(kernel.modules, patch.id)!
    const undo = patch.meta ? logOfNew : transaction.undo
    module.transaction = transaction
    module.undo = undo
    const { scope, calls } = module
    const before = weakGet(declared, scope) ?? []
    weakSet(declared, scope, patch.declared)
    weakSet(declared, calls, patch.declared)
    if (undo.isOfNew) continue
    undo.record(() => {
      weakSet(declared, scope, before)
      weakSet(declared, calls, before)
    })
  }
}

function noteLeaving({ modules }: KernelState, { leaving }: Transaction, request: TransactionRequest): void {
  for (let index = 0; index < request.patches.length; index++) {
    const { id, removedOwners } = request.patches[index]!
    for (let at = 0; at < removedOwners.length; at++) {
      const owner = mapGet(modules, id)!.owner(removedOwners[at]!)
      if (owner) push(leaving, owner)
    }
  }
  for (let index = 0; index < request.removedModules.length; index++)
    mapGet(modules, request.removedModules[index]!)?.forEachOwner(owner => push(leaving, owner))
}

function noteMoved({ modules }: KernelState, transaction: Transaction, patches: readonly ModulePatch[]): void {
  for (let index = 0; index < patches.length; index++) {
    const { id, moved } = patches[index]!
    for (let at = 0; moved && at < moved.length; at++) {
      const { name, from, to } = moved[at]!
      const before = mapGet(modules, from.module)
      const after = mapGet(modules, to.module)
      if (!before || !after) continue
      transaction.move(id, name, { scope: before.scope, name: from.name }, { scope: after.scope, name: to.name })
    }
  }
}

function setNamespaces(
  kernel: KernelState,
  transaction: Transaction,
  namespaces: TransactionRequest['namespaces'],
): void {
  for (let index = 0; index < namespaces.length; index++) {
    const { module: id, exports } = namespaces[index]!
    const module = mapGet(kernel.modules, id)
    if (!module) continue
    const before = module.exports
    transaction.undo.record(() => kernel.setExports(module, before))
    kernel.setExports(module, kernel.exportTable(exports))
  }
}

/** Of all modules: code that runs may call whatever it gets hold of. A new version may assign other bindings than the one of before. */
function saveBindings(kernel: KernelState, transaction: Transaction, patches: readonly ModulePatch[]): void {
  transaction.save(kernel.assignable)
  const patched = new NativeMap<string, { scope: Bag; assignable: readonly string[] }>()
  for (let index = 0; index < patches.length; index++) {
    const { id, assignable } = patches[index]!
    const module = mapGet(kernel.modules, id)
    if (module) mapSet(patched, id, { scope: module.scope, assignable })
  }
  transaction.save(bindingsOf(patched))
}

/** What code may add to or change in functions and classes. */
function saveProperties(kernel: KernelState, { undo }: Transaction, modules: readonly ModuleNames[]): void {
  for (let index = 0; index < modules.length; index++) {
    const { module: id, names } = modules[index]!
    const module = mapGet(kernel.modules, id)
    if (!module) continue
    for (let at = 0; at < names.length; at++) {
      const name = names[at]!
      // Also what data holds, as `export default lib` does.
      const value = mapGet(module.trampolines, name) ?? (hasOwn(module.scope, name) ? module.scope[name] : undefined)
      if (typeof value !== 'function') continue
      undo.save(value)
      const prototype = getOwnPropertyDescriptor(value, 'prototype')?.value as unknown
      if (isObject(prototype)) undo.save(prototype)
    }
    mapForEach(module.classes, record => {
      undo.save(record.stable)
      undo.save(record.stable.prototype)
      saveStaticPrivates(undo, record)
    })
  }
}

/** Runs the code of a patch: functions and literals get their implementations, the rest comes back as operations. */
export function replaceInPlace(kernel: KernelState, transaction: Transaction, work: Work): void {
  const { patch, module } = work
  transaction.place = { module: patch.id }
  for (let index = 0; index < patch.removedMembers.length; index++)
    removeMember(transaction, module.scope, patch.removedMembers[index]!)
  if (patch.compile) work.operations = runPatch(kernel, module, patch.compile(), patch)
  if (patch.meta) module.makeFast()
}

function removeMember({ undo }: Transaction, scope: Bag, path: readonly string[]): void {
  const object = objectAt(scope, path, path.length - 1)
  if (!object) return
  undo.save(object)
  tryDelete(object, path[path.length - 1]!)
}

function runPatch(
  kernel: KernelState,
  module: ModuleState,
  code: PatchFunction,
  { dependencies }: ModulePatch,
): readonly Operation[] {
  const parameters: unknown[] = [module.handle, module.scope, module.calls, apply, call, construct]
  for (let at = 0; at < dependencies.length; at++) push(parameters, kernel.dependency(dependencies[at]!))
  return apply(code, undefined, parameters) as readonly Operation[]
}

function remove(
  kernel: KernelState,
  transaction: Transaction,
  patch: ModulePatch,
  moves: Map<string, ChangedBinding>,
): void {
  const module = mapGet(kernel.modules, patch.id)!
  const { scope } = module
  for (let index = 0; index < patch.removedBindings.length; index++) {
    const name = patch.removedBindings[index]!
    if (hasOwn(scope, name)) {
      const value = scope[name]
      transaction.undo.record(() => define(scope, name, value))
      delete scope[name]
      transaction.undo.refresh(scope, name)
    }
    if (hasOwn(module.calls, name)) kernel.redirectCalls(module, name, mapGet(moves, moveKey(patch.id, name)))
    transaction.undo.forget(module.trampolines, name)
    transaction.undo.forget(module.classes, name)
  }
  if (patch.removedLiterals.length) mapSet(kernel.orphaned, module.id, module)
  for (let index = 0; index < patch.removedLiterals.length; index++) {
    const literal = patch.removedLiterals[index]!
    transaction.undo.record(() => void mapDelete(module.orphans, literal))
    mapSet(module.orphans, literal, true)
  }
}
