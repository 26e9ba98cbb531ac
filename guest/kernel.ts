// The runtime inside a realm: holds the scopes, applies patches, takes back what fails.
import { type Callable, matchTrampoline } from './callable.js'
import { applyClass, type ClassRecord, type ClassVersion, touchLate } from './class.js'
import { createNamespace, type Exports } from './namespace.js'
import {
  apply,
  construct,
  create,
  defineProperty,
  deref,
  FunctionPrototype,
  hasOwn,
  is,
  mapDelete,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  NativePromise,
  NativeWeakMap,
  NativeWeakRef,
  push,
  weakGet,
  weakSet,
  whenSettled,
} from './primordials.js'
import type {
  DependencyRequest,
  Evaluated,
  ExportRequest,
  KernelHost,
  ModulePatch,
  Operation,
  TransactionRequest,
  TransactionResult,
} from './protocol.js'
import {
  type Bag,
  createBag,
  createGuard,
  createInitializer,
  createMissing,
  declare,
  defineBinding,
  removeProperty,
} from './scope.js'
import { Transaction } from './transaction.js'

interface LiteralState {
  implementation: Callable
  /** The trampolines each evaluation of the literal made. */
  trampolines: WeakRef<Callable>[]
}

interface ModuleState {
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
  handle: Bag
  initializer: Bag
  guard: Bag
  exports: Exports
  namespace: object | undefined
}

export interface Kernel {
  /** Applies a transaction in one turn; throws when an item awaits. */
  apply(request: TransactionRequest): TransactionResult
  applyAsync(request: TransactionRequest): Promise<TransactionResult>
  namespace(module: string): object
  setExports(module: string, exports: readonly ExportRequest[]): void
  close(): void
}

export function createKernel(host: KernelHost): Kernel {
  const modules = new NativeMap<string, ModuleState>()
  const declared = new NativeWeakMap<object, Map<string, true>>()
  const missing = createMissing(declared)
  const owners = new NativeWeakMap<object, string>()
  const texts = new NativeWeakMap<object, readonly [string, string]>()
  /** Modules that have orphans. */
  const orphaned = new NativeMap<string, ModuleState>()
  let transaction: Transaction | undefined
  let changed: [string, string][] = []
  let called: number[] = []
  let statics: string[] = []
  let keys: PropertyKey[] = []

  const markChanged = (state: ModuleState, name: string) => {
    transaction?.markChanged(state.scope, name)
    push(changed, [state.id, name])
  }

  const define = (state: ModuleState, name: string, value: unknown) => {
    const had = hasOwn(state.scope, name)
    const isChanged = had && !is(state.scope[name], value)
    defineBinding(transaction, state.scope, name, value)
    becomeData(state, name)
    if (isChanged || !had) markChanged(state, name)
  }

  /** What was a function or class is a value now: code from before the edit that calls by name must find it. */
  const becomeData = (state: ModuleState, name: string) => {
    if (!mapHas(state.trampolines, name) && !mapHas(state.classes, name)) return
    put(state.calls, name, (...args: unknown[]) => apply(state.scope[name], undefined, args))
    forget(transaction!, state.trampolines, name)
    forget(transaction!, state.classes, name)
  }

  /** Sets a property of an object of the kernel's own, to be taken back on failure. */
  const put = (target: Bag, key: string, value: unknown) => defineBinding(transaction, target, key, value)

  const register = (trampoline: Callable, state: ModuleState, definition: string) =>
    weakSet(texts, trampoline, [state.id, definition])

  function createHandle(state: ModuleState, meta: ModulePatch['meta']): Bag {
    const handle = create(null) as Bag
    handle.fn = (name: string, implementation: Callable, trampoline?: Callable) => {
      const known = trampoline ?? mapGet(state.trampolines, name)!
      const before = hasOwn(state.calls, name) ? (state.calls[name] as Callable) : undefined
      put(state.calls, name, implementation)
      if (trampoline) {
        forget(transaction!, state.classes, name)
        transaction?.set(state.trampolines, name, trampoline)
        register(trampoline, state, name)
      } else if (before) transaction?.record(() => matchTrampoline(known, before))
      matchTrampoline(known, implementation)
      if (!hasOwn(state.scope, name) || state.scope[name] !== known) {
        const isOther = hasOwn(state.scope, name)
        defineBinding(transaction, state.scope, name, known)
        if (isOther) markChanged(state, name)
      }
    }
    handle.variables = (names: string[]) => {
      for (let index = 0; index < names.length; index++) {
        if (!hasOwn(state.scope, names[index]!)) defineBinding(transaction, state.scope, names[index]!, undefined)
      }
    }
    handle.literal = (id: number, implementation: Callable) => {
      const known = mapGet(state.literals, id)
      put(state.literalSlots, `l${id}`, implementation)
      if (!known) {
        transaction?.set(state.literals, id, { implementation, trampolines: [] })
        return
      }
      const before = known.implementation
      transaction?.record(() => {
        known.implementation = before
        matchLiteral(known)
      })
      known.implementation = implementation
      matchLiteral(known)
    }
    handle.hold = (id: number, trampoline: Callable) => {
      const literal = mapGet(state.literals, id)!
      matchTrampoline(trampoline, literal.implementation)
      register(trampoline, state, `literal ${id}`)
      let free = -1
      for (let index = 0; index < literal.trampolines.length; index++) {
        if (deref(literal.trampolines[index]!) === undefined) free = index
      }
      const reference = new NativeWeakRef(trampoline)
      if (free === -1) push(literal.trampolines, reference)
      else literal.trampolines[free] = reference
      return trampoline
    }
    handle.self = (id: number | string) => {
      if (typeof id === 'string') return mapGet(state.trampolines, id)
      const { trampolines, implementation } = mapGet(state.literals, id)!
      for (let index = trampolines.length - 1; index >= 0; index--) {
        const trampoline = deref(trampolines[index]!)
        if (trampoline) return trampoline
      }
      return implementation
    }
    handle.class = (name: string, version: ClassVersion) => {
      const known = version.stable ? undefined : mapGet(state.classes, name)
      const record = applyClass(transaction!, known, version, {
        takeKeys(evaluate) {
          const outer = keys
          const own: PropertyKey[] = []
          keys = own
          try {
            return { result: evaluate(), keys: own }
          } finally {
            keys = outer
          }
        },
        register: (trampoline, slot) => register(trampoline, state, `${name} ${slot}`),
        publish: stable => put(state.calls, name, stable),
        staticChanged: key => push(statics, `${name}.${key}`),
      })
      if (!known) {
        forget(transaction!, state.trampolines, name)
        transaction!.set(state.classes, name, record)
        register(record.stable as unknown as Callable, state, name)
      }
      if (!hasOwn(state.scope, name) || state.scope[name] !== record.stable) {
        const isOther = hasOwn(state.scope, name)
        defineBinding(transaction, state.scope, name, record.stable)
        if (isOther) markChanged(state, name)
      }
    }
    handle.key = (index: number, value: unknown) => {
      const holder = { [value as string]: 0 }
      const symbols = Object.getOwnPropertySymbols(holder)
      keys[index] = symbols.length ? symbols[0]! : Object.keys(holder)[0]!
      return `~${index}`
    }
    handle.late = (name: string, field: string, object: unknown) => {
      const record = mapGet(state.classes, name)
      return record ? touchLate(record, field, object) : object
    }
    handle.import = (specifier: unknown, options: unknown) =>
      new NativePromise((resolve, reject) =>
        whenSettled(host.importModule(state.id, specifier, options), value => resolve(value), reject),
      )
    if (meta) {
      const { url, dirname, filename, isMain } = meta
      const own = create(null) as Bag
      own.dirname = dirname
      own.filename = filename
      own.main = isMain
      own.resolve = (specifier: unknown) => host.resolve(state.id, `${specifier}`)
      own.url = url
      handle.meta = own
    }
    return handle
  }

  function matchLiteral(literal: LiteralState): void {
    for (let index = 0; index < literal.trampolines.length; index++) {
      const trampoline = deref(literal.trampolines[index]!)
      if (trampoline) matchTrampoline(trampoline, literal.implementation)
    }
  }

  function createState(patch: ModulePatch): ModuleState {
    const scope = createBag(missing)
    const state: ModuleState = {
      id: patch.id,
      scope,
      calls: createBag(missing),
      literalSlots: createBag(null),
      trampolines: new NativeMap(),
      classes: new NativeMap(),
      literals: new NativeMap(),
      orphans: new NativeMap(),
      handle: create(null),
      initializer: create(null),
      guard: createGuard(scope),
      exports: new NativeMap(),
      namespace: undefined,
    }
    state.handle = createHandle(state, patch.meta)
    state.initializer = createInitializer((name, value) => define(state, name, value))
    weakSet(owners, scope, patch.id)
    return state
  }

  function dependency(request: DependencyRequest): unknown {
    if (request.kind === 'scope') return mapGet(modules, request.module)!.scope
    if (request.kind === 'namespace') return namespace(request.module)
    return host.external(request.module)
  }

  function namespace(id: string): object {
    const state = mapGet(modules, id)
    if (!state) return host.external(id)
    state.namespace ??= createNamespace(() => state.exports)
    return state.namespace
  }

  function exportTable(exports: readonly ExportRequest[]): Exports {
    const table: Exports = new NativeMap()
    for (let index = 0; index < exports.length; index++) mapSet(table, exports[index]![0], reader(exports[index]!))
    return table
  }

  function reader([, kind, module, binding]: ExportRequest): () => unknown {
    if (kind === 'namespace') return () => namespace(module)
    if (kind === 'external') return () => (host.external(module) as Bag)[binding]
    const { scope } = mapGet(modules, module)!
    return () => scope[binding]
  }

  /** While an item runs, its literals note that they were called (R6). */
  function track(state: ModuleState, literals: readonly number[]): () => void {
    for (let index = 0; index < literals.length; index++) {
      const id = literals[index]!
      const { implementation } = mapGet(state.literals, id)!
      state.literalSlots[`l${id}`] = function (this: unknown, ...args: unknown[]) {
        let isKnown = false
        for (let at = 0; at < called.length; at++) if (called[at] === id) isKnown = true
        if (!isKnown) push(called, id)
        return new.target ? construct(implementation, args, new.target) : apply(implementation, this, args)
      }
    }
    return () => {
      for (let index = 0; index < literals.length; index++) {
        const known = mapGet(state.literals, literals[index]!)
        if (known) state.literalSlots[`l${literals[index]}`] = known.implementation
      }
    }
  }

  function isDue(condition: Operation[4]): boolean {
    if (condition === 0) return true
    for (let index = 0; index < condition.length; index++) {
      if (transaction!.hasChanged(condition[index]![0], condition[index]![1])) return true
    }
    return false
  }

  /** The steps of a transaction. What an item awaits is yielded; the driver passes its value in. */
  function* steps(
    request: TransactionRequest,
    evaluated: Evaluated[],
    place: { module?: string; key?: string },
  ): Generator<unknown, void, unknown> {
    const { patches } = request
    const tx = transaction!
    for (let index = 0; index < patches.length; index++) {
      const patch = patches[index]!
      let state = mapGet(modules, patch.id)
      if (patch.isNew) tx.set(modules, patch.id, (state = createState(patch)))
      const before = weakGet(declared, state!.scope) ?? new NativeMap<string, true>()
      declare(declared, state!.scope, patch.declared)
      declare(declared, state!.calls, patch.declared)
      tx.record(() => {
        weakSet(declared, state!.scope, before)
        weakSet(declared, state!.calls, before)
      })
    }
    for (let index = 0; index < request.namespaces.length; index++) {
      const [id, exports] = request.namespaces[index]!
      const state = mapGet(modules, id)
      if (!state) continue
      const table = exportTable(exports)
      const before = state.exports
      tx.record(() => {
        state.exports = before
      })
      state.exports = table
    }
    for (let index = 0; index < request.saved.length; index++) {
      const [id, names] = request.saved[index]!
      const scope = mapGet(modules, id)?.scope
      if (!scope) continue
      for (let at = 0; at < names.length; at++) {
        const name = names[at]!
        if (!hasOwn(scope, name)) continue
        const value = scope[name]
        tx.saveValue(scope, name, value)
        tx.record(() => {
          if (hasOwn(scope, name)) scope[name] = value
        })
      }
    }
    const operations: (readonly Operation[])[] = []
    for (let index = 0; index < patches.length; index++) {
      const { id, run, dependencies } = patches[index]!
      place.module = id
      if (!run) {
        push(operations, [])
        continue
      }
      const state = mapGet(modules, id)!
      const parameters: unknown[] = [
        state.handle,
        state.scope,
        state.calls,
        state.literalSlots,
        state.initializer,
        state.guard,
        apply,
        construct,
      ]
      for (let at = 0; at < dependencies.length; at++) push(parameters, dependency(dependencies[at]!))
      push(operations, apply(run, undefined, parameters) as readonly Operation[])
    }
    for (let index = 0; index < patches.length; index++) {
      const state = mapGet(modules, patches[index]!.id)!
      const own = operations[index]!
      place.module = state.id
      for (let at = 0; at < own.length; at++) {
        const [key, kind, names, literals, condition, isReset, thunk] = own[at]!
        if (!isDue(condition)) continue
        place.key = key
        if (isReset)
          for (let each = 0; each < names.length; each++)
            if (hasOwn(state.scope, names[each]!)) put(state.scope, names[each]!, undefined)
        const outerCalled = called
        const outerStatics = statics
        called = []
        statics = []
        const release = track(state, literals)
        try {
          let value = thunk()
          if (isAsyncThunk(thunk)) value = yield value
          if (kind === 'data') define(state, names[0]!, value)
        } finally {
          release()
          push(evaluated, { module: state.id, key, called, statics })
          called = outerCalled
          statics = outerStatics
        }
      }
    }
    delete place.module
    delete place.key
    for (let index = 0; index < patches.length; index++) remove(patches[index]!, tx)
    for (let index = 0; index < request.removedModules.length; index++) {
      const id = request.removedModules[index]!
      const state = mapGet(modules, id)
      if (!state) continue
      tx.record(() => mapSet(modules, id, state))
      mapDelete(modules, id)
    }
  }

  const isAsyncThunk = (thunk: () => unknown) => thunk instanceof AsyncFunction

  function remove(patch: ModulePatch, tx: Transaction): void {
    const state = mapGet(modules, patch.id)!
    for (let index = 0; index < patch.removedBindings.length; index++) {
      const name = patch.removedBindings[index]!
      if (hasOwn(state.scope, name)) {
        const value = state.scope[name]
        tx.record(() =>
          defineProperty(state.scope, name, { value, writable: true, enumerable: true, configurable: true }),
        )
        removeProperty(state.scope, name)
      }
      if (hasOwn(state.calls, name)) {
        // Code from before the edit may still call by name: it finds out as it would through the scope.
        put(state.calls, name, (...args: unknown[]) => apply(state.scope[name], undefined, args))
      }
      forget(tx, state.trampolines, name)
      forget(tx, state.classes, name)
    }
    if (patch.removedLiterals.length) mapSet(orphaned, state.id, state)
    for (let index = 0; index < patch.removedLiterals.length; index++)
      tx.set(state.orphans, patch.removedLiterals[index]!, true)
  }

  function forget<V>(tx: Transaction, map: Map<string, V>, name: string): void {
    if (!mapHas(map, name)) return
    const value = mapGet(map, name)!
    tx.record(() => mapSet(map, name, value))
    mapDelete(map, name)
  }

  /** Frees literals that left the source once nobody holds their trampolines. */
  function freeOrphans(): [string, number][] {
    const freed: [string, number][] = []
    mapForEach(orphaned, (state, module) => {
      if (state.orphans.size === 0) return void mapDelete(orphaned, module)
      mapForEach(state.orphans, (_true, id) => {
        const literal = mapGet(state.literals, id)
        for (let index = 0; index < (literal?.trampolines.length ?? 0); index++)
          if (deref(literal!.trampolines[index]!)) return
        mapDelete(state.orphans, id)
        mapDelete(state.literals, id)
        state.literalSlots[`l${id}`] = undefined
        push(freed, [state.id, id])
      })
    })
    return freed
  }

  function finish(evaluated: Evaluated[]): TransactionResult {
    const result = { isApplied: true, evaluated, changed, freed: freeOrphans() } as const
    transaction = undefined
    changed = []
    return result
  }

  function fail(error: unknown, place: { module?: string; key?: string }): TransactionResult {
    transaction!.rollback()
    transaction = undefined
    changed = []
    called = []
    statics = []
    return { isApplied: false, error, module: place.module, key: place.key }
  }

  const AsyncFunction = (async () => {}).constructor as new () => object

  // A trampoline's text is its newest implementation's, as it stands in the source.
  const toStringBefore = FunctionPrototype.toString
  const textOfFunction = {
    toString(this: Callable) {
      if (this === textOfFunction) return apply(toStringBefore, toStringBefore, [])
      const place = typeof this === 'function' ? weakGet(texts, this) : undefined
      const text = place && host.textOf(place[0], place[1])
      return text ?? apply(toStringBefore, this, [])
    },
  }.toString
  defineProperty(FunctionPrototype, 'toString', {
    value: textOfFunction,
    writable: true,
    enumerable: false,
    configurable: true,
  })

  return {
    apply(request) {
      const evaluated: Evaluated[] = []
      const place = {}
      transaction = new Transaction()
      try {
        const iterator = steps(request, evaluated, place)
        if (!iterator.next().done) throw new Error('an item awaits in a transaction that must be one turn')
      } catch (error) {
        return fail(error, place)
      }
      return finish(evaluated)
    },
    applyAsync(request) {
      const evaluated: Evaluated[] = []
      const place = {}
      const own = new Transaction()
      transaction = own
      const iterator = steps(request, evaluated, place)
      return new NativePromise(resolve => {
        const advance = (mode: 'next' | 'throw', value?: unknown) => {
          try {
            transaction = own
            const step = mode === 'next' ? iterator.next(value) : iterator.throw(value)
            if (step.done) resolve(finish(evaluated))
            else
              whenSettled(
                step.value as Promise<unknown>,
                done => advance('next', done),
                error => advance('throw', error),
              )
          } catch (error) {
            transaction = own
            resolve(fail(error, place))
          }
        }
        advance('next')
      })
    },
    namespace,
    setExports(id, exports) {
      mapGet(modules, id)!.exports = exportTable(exports)
    },
    close() {
      if (FunctionPrototype.toString === textOfFunction) {
        defineProperty(FunctionPrototype, 'toString', {
          value: toStringBefore,
          writable: true,
          enumerable: false,
          configurable: true,
        })
      }
    },
  }
}
