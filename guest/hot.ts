// `import.meta.hot` (R12): what modules have registered, and the steps of an update that concern it.
// Longer than most: each call of Vite's interface is a few lines over the same registrations.
import type { KernelState } from './kernel-state.js'
import type { ModuleState } from './module-state.js'
import {
  create,
  isObject,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  NativeError,
  NativeMap,
  push,
  slice,
} from './primordials.js'
import type { HotFacts, HotFailure, HotUpdateRequest } from './protocol.js'
import type { Transaction } from './transaction.js'

type Callback = (...args: any[]) => unknown

interface Acceptance {
  /** Ids of modules, its own among them when it accepts itself. */
  readonly dependencies: readonly string[]
  readonly run: Callback
  /** By `acceptExports`: names of the module's own. */
  readonly exports?: readonly string[]
}

/** Another one for each registration, also of the same function. */
interface Registered {
  readonly run: Callback
}

/** What one module has registered. */
interface HotModule {
  readonly data: object
  acceptances: Acceptance[]
  dispose: Registered | undefined
  prune: Registered | undefined
  /** One for each call of `decline`. */
  declines: object[]
}

/** A listener of an event, in the order of registration over all modules. */
interface HotListener {
  readonly module: string
  readonly event: unknown
  readonly run: Callback
}

export class Hot {
  readonly #kernel: KernelState
  readonly #modules = new NativeMap<string, HotModule>()
  #listeners: HotListener[] = []
  /** Callbacks of the update under way, taken before anything was executed. */
  #pending: { readonly acceptance: Acceptance; readonly update: HotUpdateRequest }[] = []
  #firstInvalidatedBy: string | undefined

  constructor(kernel: KernelState) {
    this.#kernel = kernel
  }

  /** What a module finds as `import.meta.hot`. */
  context(module: ModuleState): object {
    const { id } = module
    const kernel = this.#kernel
    const own = this.#module(id)
    const accept = (dependencies: readonly string[], run: Callback, exports?: readonly string[]) => {
      const acceptance: Acceptance = exports ? { dependencies, run, exports } : { dependencies, run }
      push(own.acceptances, acceptance)
      this.#owned(module, () => {
        own.acceptances = without(own.acceptances, acceptance)
      })
    }
    const moduleOf = (specifier: unknown) => kernel.host.moduleId(id, `${specifier}`) ?? `${specifier}`
    const context = create(null) as Record<string, unknown>
    context.data = own.data
    context.accept = (first?: unknown, callback?: Callback) => {
      if (typeof first === 'function' || !first) accept([id], modules => (first as Callback | undefined)?.(modules[0]))
      else if (typeof first === 'string') accept([moduleOf(first)], modules => callback?.(modules[0]))
      else if (isList(first)) accept(mapped(first, moduleOf), modules => callback?.(modules))
      else throw new NativeError('invalid hot.accept() usage.')
    }
    context.acceptExports = (names: unknown, callback?: Callback) => {
      const exports = isList(names) ? mapped(names, name => `${name}`) : [`${names}`]
      accept([id], modules => callback?.(modules[0]), exports)
    }
    context.dispose = (callback: Callback) => this.#setCallback(module, own, 'dispose', callback)
    context.prune = (callback: Callback) => this.#setCallback(module, own, 'prune', callback)
    context.decline = () => {
      const decline = {}
      push(own.declines, decline)
      this.#owned(module, () => {
        own.declines = without(own.declines, decline)
      })
    }
    context.invalidate = (message?: string) => {
      const firstInvalidatedBy = this.#firstInvalidatedBy ?? path(id)
      void this.notify('vite:invalidate', { path: path(id), message, firstInvalidatedBy })
      kernel.host.invalidate(id, idOf(firstInvalidatedBy))
    }
    context.on = (event: unknown, run: Callback) => {
      const listener: HotListener = { module: id, event, run }
      push(this.#listeners, listener)
      this.#owned(module, () => {
        this.#listeners = without(this.#listeners, listener)
      })
    }
    context.off = (event: unknown, run: Callback) => {
      const left: HotListener[] = []
      for (let index = 0; index < this.#listeners.length; index++) {
        const each = this.#listeners[index]!
        if (each.module !== id || each.event !== event || each.run !== run) push(left, each)
      }
      this.#listeners = left
    }
    context.send = (event: unknown, data?: unknown) => kernel.host.send(id, `${event}`, data)
    return context
  }

  #module(id: string): HotModule {
    let own = mapGet(this.#modules, id)
    if (!own) {
      own = { data: {}, acceptances: [], dispose: undefined, prune: undefined, declines: [] }
      mapSet(this.#modules, id, own)
    }
    return own
  }

  /** There is one of each; the last one given counts. */
  #setCallback(module: ModuleState, own: HotModule, kind: 'dispose' | 'prune', callback: Callback): void {
    const registered = { run: callback }
    own[kind] = registered
    this.#owned(module, () => {
      if (own[kind] === registered) own[kind] = undefined
    })
  }

  /** What an item registers goes with the item; of a module that has left the graph it is called first. */
  #owned(module: ModuleState, takeBack: () => void): void {
    const { ownership, modules } = this.#kernel
    const owner = ownership.current()
    const isThere = () => mapGet(modules, module.id) === module
    if (owner) ownership.ownRegistration(owner, () => (isThere() ? takeBack() : undefined))
  }

  /** What the host must know to see whom an edit concerns. */
  facts(): HotFacts[] {
    const facts: HotFacts[] = []
    mapForEach(this.#modules, ({ acceptances, declines }, id) => {
      const accepts: string[] = []
      let isSelfAccepting = false
      let exports: string[] | undefined
      for (let index = 0; index < acceptances.length; index++) {
        const acceptance = acceptances[index]!
        if (acceptance.exports) {
          exports = joined(exports ?? [], acceptance.exports)
          continue
        }
        const { dependencies } = acceptance
        for (let at = 0; at < dependencies.length; at++) {
          if (dependencies[at] !== id) push(accepts, dependencies[at]!)
          else isSelfAccepting = true
        }
      }
      push(facts, { id, isSelfAccepting, accepts, exports, isDeclined: declines.length > 0 })
    })
    return facts
  }

  /** Calls the listeners of an event, and waits for those that are async. Their failures are theirs. */
  async notify(event: string, payload: unknown): Promise<void> {
    const listeners = this.#listeners
    for (let index = 0; index < listeners.length; index++) {
      if (listeners[index]!.event !== event) continue
      try {
        await listeners[index]!.run(payload)
      } catch {}
    }
  }

  /** Calls what modules left behind for the moment before they are executed anew. */
  async dispose(ids: readonly string[]): Promise<HotFailure[]> {
    return this.#call(ids, 'dispose')
  }

  /** The modules have left the graph. */
  async prune(ids: readonly string[]): Promise<HotFailure[]> {
    const failures = await this.#call(ids, 'dispose')
    const more = await this.#call(ids, 'prune')
    for (let index = 0; index < more.length; index++) push(failures, more[index]!)
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index]!
      mapDelete(this.#modules, id)
      const left: HotListener[] = []
      for (let at = 0; at < this.#listeners.length; at++)
        if (this.#listeners[at]!.module !== id) push(left, this.#listeners[at]!)
      this.#listeners = left
    }
    return failures
  }

  async #call(ids: readonly string[], kind: 'dispose' | 'prune'): Promise<HotFailure[]> {
    const failures: HotFailure[] = []
    for (let index = 0; index < ids.length; index++) {
      const own = mapGet(this.#modules, ids[index]!)
      if (!own?.[kind]) continue
      try {
        await own[kind].run(own.data)
      } catch (error) {
        push(failures, { module: ids[index]!, step: kind, error })
      }
    }
    return failures
  }

  /** An update begins: whose callbacks are called is settled by what is registered now. */
  begin(transaction: Transaction, updates: readonly HotUpdateRequest[], whole: readonly string[]): void {
    // A module that is under way may bring in others, which concern nobody.
    if (updates.length === 0) return
    this.#pending = []
    transaction.undo.record(() => {
      this.#pending = []
    })
    for (let index = 0; index < updates.length; index++) {
      const update = updates[index]!
      const acceptances = mapGet(this.#modules, update.boundary)?.acceptances ?? []
      for (let at = 0; at < acceptances.length; at++) {
        const acceptance = acceptances[at]!
        if (has(acceptance.dependencies, update.acceptedVia)) push(this.#pending, { acceptance, update })
      }
    }
    for (let index = 0; index < whole.length; index++) this.#clear(transaction, whole[index]!)
  }

  /** A module that is executed whole registers anew; its data stay. */
  #clear(transaction: Transaction, id: string): void {
    const own = mapGet(this.#modules, id)
    if (!own) return
    const { acceptances, dispose, prune, declines } = own
    const listeners = this.#listeners
    transaction.undo.record(() => {
      own.acceptances = acceptances
      own.dispose = dispose
      own.prune = prune
      own.declines = declines
      this.#listeners = listeners
    })
    own.acceptances = []
    own.dispose = undefined
    own.prune = undefined
    own.declines = []
    const left: HotListener[] = []
    for (let index = 0; index < listeners.length; index++)
      if (listeners[index]!.module !== id) push(left, listeners[index]!)
    this.#listeners = left
  }

  /** Calls the callbacks of the modules that accepted, once everything has been executed. */
  runAccepted(): HotFailure[] {
    const pending = this.#pending
    this.#pending = []
    const failures: HotFailure[] = []
    for (let index = 0; index < pending.length; index++) {
      const { acceptance, update } = pending[index]!
      const modules: unknown[] = []
      for (let at = 0; at < acceptance.dependencies.length; at++) {
        const isUpdated = acceptance.dependencies[at] === update.acceptedVia
        push(modules, isUpdated ? this.#kernel.namespace(update.acceptedVia) : undefined)
      }
      this.#firstInvalidatedBy = update.firstInvalidatedBy === undefined ? undefined : path(update.firstInvalidatedBy)
      try {
        acceptance.run(modules)
      } catch (error) {
        push(failures, { module: update.boundary, step: 'accept', error })
      } finally {
        this.#firstInvalidatedBy = undefined
      }
    }
    return failures
  }
}

/** As Vite's development server would call a module. */
const path = (id: string) => `/${id}`
const idOf = (url: string) => slice(url, 1)

const isList = (value: unknown): value is readonly unknown[] => isObject(value) && typeof value.length === 'number'

function mapped<T, R>(list: readonly T[], map: (each: T) => R): R[] {
  const result: R[] = []
  for (let index = 0; index < list.length; index++) push(result, map(list[index]!))
  return result
}

function joined<T>(a: readonly T[], b: readonly T[]): T[] {
  const result = mapped(a, each => each)
  for (let index = 0; index < b.length; index++) push(result, b[index]!)
  return result
}

function without<T>(list: readonly T[], gone: T): T[] {
  const left: T[] = []
  for (let index = 0; index < list.length; index++) if (list[index] !== gone) push(left, list[index]!)
  return left
}

function has<T>(list: readonly T[], wanted: T): boolean {
  for (let index = 0; index < list.length; index++) if (list[index] === wanted) return true
  return false
}
