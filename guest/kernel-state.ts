// What the kernel keeps of a realm: its modules, and for each the transaction that is changing it.
import { type Callable, takesKey } from './callable.js'
import { Disposal } from './disposal.js'
import { createHandles } from './handle.js'
import { Hot } from './hot.js'
import { ModuleState } from './module-state.js'
import { createNamespace, type Exports } from './namespace.js'
import { OldVersions } from './old-versions.js'
import { Ownership } from './ownership.js'
import {
  apply,
  construct,
  hasOwn,
  is,
  isObject,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  NativeTypeError,
  NativeWeakMap,
  weakGet,
  weakSet,
} from './primordials.js'
import type { ChangedBinding, DependencyRequest, ExportRequest, KernelHost } from './protocol.js'
import { Prototypes } from './prototypes.js'
import { type BindingList, bindingsOf } from './saved-bindings.js'
import { type Bag, createMissing, defineBinding } from './scope.js'
import { Timers } from './timers.js'

/** What typed text gave: a value, or what gives an array that holds it. */
export type Given = { readonly value: unknown } | { readonly later: Promise<unknown[] | undefined> }

export class KernelState {
  readonly host: KernelHost
  readonly modules = new NativeMap<string, ModuleState>()
  /** Names each scope declares. */
  readonly declared = new NativeWeakMap<object, readonly string[]>()
  /** Module and definition of each trampoline, for `toString()`: also of those that are gone and may come back. */
  readonly definitions = new NativeWeakMap<object, { readonly module: string; readonly definition: string }>()
  /** Modules that have orphans. */
  readonly orphaned = new NativeMap<string, ModuleState>()
  readonly oldVersions = new OldVersions()
  readonly ownership: Ownership
  readonly disposal: Disposal
  readonly timers: Timers
  readonly hot = new Hot(this)
  readonly prototypes = new Prototypes((a, b) => this.#isSameDefinition(a, b))
  given: Given | undefined
  readonly createHandle: ReturnType<typeof createHandles>
  readonly #missing = createMissing(this.declared)

  constructor(host: KernelHost) {
    this.host = host
    this.ownership = new Ownership(host, this.definitions)
    this.disposal = new Disposal(host, this.ownership, this.modules)
    this.timers = new Timers(this.ownership, globalThis)
    this.createHandle = createHandles(this)
  }

  #assignable: BindingList | undefined
  /** Bindings that code may assign, of all modules that have been evaluated. */
  get assignable(): BindingList {
    return (this.#assignable ??= bindingsOf(this.modules))
  }

  setAssignable(module: ModuleState, names: readonly string[]): void {
    if (isSameList(module.assignable, names)) return
    module.assignable = names
    this.#assignable = undefined
  }

  /** @param size how many names it declares */
  createModule(id: string, size: number): ModuleState {
    return new ModuleState(id, size, this.#missing)
  }

  /** Sets a property of an object of the kernel's own, to be taken back on failure. */
  put(module: ModuleState, target: Bag, key: string, value: unknown): void {
    defineBinding(module.undo!, target, key, value)
  }

  /** Gives a data binding its value. */
  defineData(module: ModuleState, name: string, value: unknown): void {
    const had = hasOwn(module.scope, name)
    const isChanged = !had || !is(module.scope[name], value)
    this.put(module, module.scope, name, value)
    if (mapHas(module.trampolines, name) || mapHas(module.classes, name)) {
      // It was a function or class: code from before the edit that calls by name must find what it is now.
      this.redirectCalls(module, name)
      module.undo!.forget(module.trampolines, name)
      module.undo!.forget(module.classes, name)
    }
    if (isChanged) module.transaction!.markChanged(module, name)
  }

  /** Gives a function or class binding its stable object, unless it has it. */
  defineStable(module: ModuleState, name: string, stable: object): void {
    const had = hasOwn(module.scope, name)
    if (had && module.scope[name] === stable) return
    this.put(module, module.scope, name, stable)
    if (had) module.transaction!.markChanged(module, name)
  }

  /**
   * Makes calls by name go through the scope.
   * @param to the binding to go to
   */
  redirectCalls(module: ModuleState, name: string, to: ChangedBinding = { module: module.id, name }): void {
    const { scope } = mapGet(this.modules, to.module)!
    const before = module.calls[name]
    if (typeof before === 'function') module.undo!.replace(before)
    this.put(module, module.calls, name, function (this: unknown, ...args: unknown[]) {
      const value = scope[to.name]
      if (typeof value !== 'function') throw new NativeTypeError(`${to.name} is not a function`)
      return new.target ? construct(value, args, new.target) : apply(value as Callable, this, args)
    })
    this.put(module, module.calls, takesKey(name), undefined)
  }

  /** Lets `toString()` of a trampoline find its newest text. */
  registerText(trampoline: object, module: ModuleState, definition: string): void {
    weakSet(this.definitions, trampoline, { module: module.id, definition })
  }

  /** Whether two functions are trampolines of one definition, and can do the same. */
  #isSameDefinition(a: unknown, b: unknown): boolean {
    if (!isObject(a) || !isObject(b)) return false
    const [one, other] = [weakGet(this.definitions, a), weakGet(this.definitions, b)]
    const isSame = one !== undefined && one.module === other?.module && one.definition === other.definition
    return isSame && hasOwn(a, 'prototype') === hasOwn(b, 'prototype')
  }

  dependency(request: DependencyRequest): unknown {
    if (request.kind === 'scope') return mapGet(this.modules, request.module)!.scope
    if (request.kind === 'namespace') return this.namespace(request.module)
    return this.external(request.module)
  }

  /** A package, builtin or granted module. */
  external(key: string): object {
    return this.timers.facade(key, this.host.external(key))
  }

  namespace(id: string): object {
    const module = mapGet(this.modules, id)
    if (!module) return this.external(id)
    if (!module.namespace) {
      module.namespace = createNamespace()
      module.namespace.update(module.exports)
    }
    return module.namespace.object
  }

  /** Gives a module's namespace its exports. */
  setExports(module: ModuleState, exports: Exports): void {
    module.exports = exports
    module.namespace?.update(exports)
  }

  exportTable(exports: readonly ExportRequest[]): Exports {
    const table: Exports = new NativeMap()
    for (let index = 0; index < exports.length; index++)
      mapSet(table, exports[index]!.name, this.#reader(exports[index]!))
    return table
  }

  #reader({ kind, module, binding }: ExportRequest): () => unknown {
    if (kind === 'namespace') return () => this.namespace(module)
    if (kind === 'external') return () => (this.external(module) as Bag)[binding]
    const scope = mapGet(this.modules, module)?.scope
    // A table may be older than a module it names, which then comes with the same transaction.
    return scope ? () => scope[binding] : () => mapGet(this.modules, module)?.scope[binding]
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
