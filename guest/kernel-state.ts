// What the kernel keeps of a realm: its modules, and for each the transaction that is changing it.
import { type Callable, takesKey } from './callable.js'
import type { ClassRecord } from './class-record.js'
import { Disposal } from './disposal.js'
import { Hot } from './hot.js'
import type { LiteralState } from './literals.js'
import { createNamespace, type Exports, type Namespace } from './namespace.js'
import { type Owner, Ownership } from './ownership.js'
import { apply, create, hasOwn, is, mapGet, mapHas, mapSet, NativeMap, NativeWeakMap, weakSet } from './primordials.js'
import type { DependencyRequest, ExportRequest, KernelHost } from './protocol.js'
import { type Bag, createBag, createGuard, createInitializer, createMissing, defineBinding } from './scope.js'
import { Timers } from './timers.js'
import type { Transaction } from './transaction.js'

export interface ModuleState {
  readonly id: string
  readonly scope: Bag
  /** Implementations of functions, and stable classes, by binding. */
  readonly calls: Bag
  readonly literalSlots: Bag
  readonly trampolines: Map<string, Callable>
  readonly classes: Map<string, ClassRecord>
  readonly literals: Map<number, LiteralState>
  /** Literals that are no longer in the source, whose trampolines may still be held. */
  readonly orphans: Map<number, true>
  /** Who owns what, by the number of the item. */
  readonly owners: Map<number, Owner>
  /** What `keep` keeps, by the key of the item. */
  readonly kept: Map<string, unknown[]>
  readonly initializer: Bag
  readonly guard: Bag
  /** What the module's code calls the kernel through. */
  handle: Bag
  exports: Exports
  namespace: Namespace | undefined
  /** The transaction under way: generated code changes bindings in no other time. */
  transaction: Transaction | undefined
  /** Settles when the module has been evaluated, where it could not be in one turn. */
  evaluation: Promise<void> | undefined
}

/** What typed text gave: a value, or what gives an array that holds it. */
export type Given = { readonly value: unknown } | { readonly later: Promise<unknown[] | undefined> }

export class KernelState {
  readonly host: KernelHost
  readonly modules = new NativeMap<string, ModuleState>()
  /** Names each scope declares. */
  readonly declared = new NativeWeakMap<object, Map<string, true>>()
  /** Module and definition of each trampoline, for `toString()`. */
  readonly definitions = new NativeWeakMap<object, { readonly module: string; readonly definition: string }>()
  /** Modules that have orphans. */
  readonly orphaned = new NativeMap<string, ModuleState>()
  readonly ownership: Ownership
  readonly disposal: Disposal
  readonly timers: Timers
  readonly hot = new Hot(this)
  given: Given | undefined
  readonly #missing = createMissing(this.declared)

  constructor(host: KernelHost) {
    this.host = host
    this.ownership = new Ownership(host, this.definitions)
    this.disposal = new Disposal(host, this.ownership, this.modules)
    this.timers = new Timers(this.ownership, globalThis)
  }

  createModule(id: string): ModuleState {
    const scope = createBag(this.#missing)
    const module: ModuleState = {
      id,
      scope,
      calls: createBag(this.#missing),
      literalSlots: createBag(null),
      trampolines: new NativeMap(),
      classes: new NativeMap(),
      literals: new NativeMap(),
      orphans: new NativeMap(),
      owners: new NativeMap(),
      kept: new NativeMap(),
      initializer: createInitializer((name, value) => this.defineData(module, name, value)),
      guard: createGuard(scope),
      handle: create(null),
      exports: new NativeMap(),
      namespace: undefined,
      transaction: undefined,
      evaluation: undefined,
    }
    return module
  }

  /** Sets a property of an object of the kernel's own, to be taken back on failure. */
  put(module: ModuleState, target: Bag, key: string, value: unknown): void {
    defineBinding(module.transaction!, target, key, value)
  }

  /** Gives a data binding its value. */
  defineData(module: ModuleState, name: string, value: unknown): void {
    const had = hasOwn(module.scope, name)
    const isChanged = !had || !is(module.scope[name], value)
    this.put(module, module.scope, name, value)
    if (mapHas(module.trampolines, name) || mapHas(module.classes, name)) {
      // It was a function or class: code from before the edit that calls by name must find what it is now.
      this.redirectCalls(module, name)
      module.transaction!.forget(module.trampolines, name)
      module.transaction!.forget(module.classes, name)
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

  /** Makes calls by name go through the scope. */
  redirectCalls(module: ModuleState, name: string): void {
    this.put(module, module.calls, name, (...args: unknown[]) => apply(module.scope[name], undefined, args))
    this.put(module, module.calls, takesKey(name), undefined)
  }

  /** Lets `toString()` of a trampoline find its newest text. */
  registerText(trampoline: object, module: ModuleState, definition: string): void {
    weakSet(this.definitions, trampoline, { module: module.id, definition })
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
