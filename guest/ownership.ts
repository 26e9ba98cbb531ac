// Who owns what (R11): what an item makes while it runs belongs to it, and goes when the item runs again or is removed.
import { type Disposer, disposerOf, force } from './disposers.js'
import { awaitPort } from './handover.js'
import type { Migration } from './item-tools.js'
import type { ModuleState } from './kernel-state.js'
import { type Listener, listenersOf, takeBack } from './listeners.js'
import {
  deref,
  isObject,
  mapDelete,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  NativePromise,
  NativeWeakRef,
  ownKeys,
  push,
  whenSettled,
} from './primordials.js'
import type { DisposalFailure, KernelHost, Operation } from './protocol.js'
import type { Changes } from './state.js'
import type { Transaction } from './transaction.js'

/** One thing that an item made. */
export type Possession =
  | { readonly kind: 'value'; readonly value: object; readonly dispose: Disposer; readonly order: number }
  /** Weak: Node holds timers that are under way, and those that are over must not stay. */
  | { readonly kind: 'timer'; readonly timer: WeakRef<object>; readonly clear: () => void; readonly order: number }
  | { readonly kind: 'listener'; readonly listener: Listener; readonly order: number }
  | { readonly kind: 'callback'; readonly run: Disposer; readonly order: number }

/** An item's one run. */
export interface Owner {
  readonly module: ModuleState
  readonly key: string
  readonly kind: Operation['kind']
  readonly isReload: boolean
  readonly changes: readonly Changes[]
  readonly migrations: Migration[]
  /** What `keep` gave, in order. */
  readonly kept: unknown[]
  possessions: Possession[]
  /** What its calls were made on, which they did not make. */
  receivers: unknown[] | undefined
  /** What it makes from now on is disposed of at once. */
  isOver: boolean
  /** How many possessions there may be before those that are gone are swept out. */
  sweepAt: number
}

export class Ownership {
  readonly #host: KernelHost
  readonly #modules: ReadonlyMap<string, ModuleState>
  readonly #definitions: WeakMap<object, unknown>
  /** The item that runs right now. */
  running: Owner | undefined
  /** Items under way that await. */
  #awaiting = 0
  #order = 0
  #outdated: Owner[] = []
  /** What was to be disposed of, but another binding holds it. */
  #strays: { readonly owner: Owner; readonly possession: Possession }[] = []

  constructor(host: KernelHost, modules: ReadonlyMap<string, ModuleState>, definitions: WeakMap<object, unknown>) {
    this.#host = host
    this.#modules = modules
    this.#definitions = definitions
  }

  /** The item whose code runs now, also after its awaits; undefined outside of items. */
  current(): Owner | undefined {
    if (this.running !== undefined || this.#awaiting === 0) return this.running
    return this.#host.currentItem() as Owner | undefined
  }

  createOwner(module: ModuleState, { key, kind }: Operation, { isReload, changes }: Transaction): Owner {
    return {
      module,
      key,
      kind,
      isReload,
      changes,
      migrations: [],
      kept: [],
      possessions: [],
      receivers: undefined,
      isOver: false,
      sweepAt: 16,
    }
  }

  /** Runs the code of an item. */
  run<T>(owner: Owner, run: () => T): T {
    const outer = this.running
    this.running = owner
    try {
      return run()
    } finally {
      this.running = outer
    }
  }

  /** Runs the code of an item that awaits, until `end` is called. */
  runAsync<T>(owner: Owner, run: () => Promise<T>): { result: Promise<T>; end: () => void } {
    this.#awaiting++
    const result = this.#host.inItem(owner, () => this.run(owner, run))
    const end = () => {
      this.#awaiting--
      this.#host.itemEnded()
    }
    return { result, end }
  }

  /** Notes what a call of the item's is made on. */
  receive(value: unknown): void {
    const owner = this.running
    if (owner && isObject(value)) push((owner.receivers ??= []), value)
  }

  /** The item's value, if it made one that needs an end. */
  own(owner: Owner, value: unknown): void {
    if (!isObject(value)) return
    const { receivers, possessions } = owner
    for (let index = 0; receivers && index < receivers.length; index++) if (receivers[index] === value) return
    for (let index = 0; index < possessions.length; index++) {
      const each = possessions[index]!
      if (each.kind === 'timer' && deref(each.timer) === value) return
    }
    const dispose = disposerOf(value, this.#definitions)
    if (dispose && owner.isReload) awaitPort(value, this.#host.later)
    if (dispose) this.#add(owner, { kind: 'value', value, dispose, order: this.#order++ })
  }

  ownTimer(owner: Owner, timer: unknown, clear: (timer: unknown) => void): void {
    if (!isObject(timer)) {
      this.ownCallback(owner, () => clear(timer))
      return
    }
    const held = new NativeWeakRef(timer)
    const stop = () => {
      const still = deref(held)
      if (still) clear(still)
    }
    this.#add(owner, { kind: 'timer', timer: held, clear: stop, order: this.#order++ })
  }

  ownCallback(owner: Owner, run: Disposer): void {
    this.#add(owner, { kind: 'callback', run, order: this.#order++ })
  }

  /** What is taken back whether or not values are disposed of: it is between the kernel and the guest alone. */
  ownRegistration(owner: Owner, run: Disposer): void {
    push(owner.possessions, { kind: 'callback', run, order: this.#order++ })
  }

  ownListener(owner: Owner, target: object, name: string, args: unknown[]): void {
    const found = listenersOf(target, name, args)
    if (found) this.#add(owner, { kind: 'listener', listener: found, order: this.#order++ })
  }

  #add(owner: Owner, possession: Possession): void {
    if (!this.#host.disposes) return
    push(owner.possessions, possession)
    if (owner.isOver) {
      push(this.#outdated, { ...owner, possessions: [possession] })
      this.#host.disposeSoon()
      return
    }
    if (owner.possessions.length < owner.sweepAt) return
    const alive: Possession[] = []
    for (let index = 0; index < owner.possessions.length; index++) {
      const each = owner.possessions[index]!
      const isGone =
        (each.kind === 'timer' && !deref(each.timer)) || (each.kind === 'listener' && !deref(each.listener.target))
      if (!isGone) push(alive, each)
    }
    owner.possessions = alive
    owner.sweepAt = alive.length * 2 + 16
  }

  /** An item has run in a transaction that ended well: what its run before had made is to go. */
  keep(owner: Owner, id: number, isAdding: boolean): void {
    const { owners } = owner.module
    const before = mapGet(owners, id)
    owner.receivers = undefined
    if (before && isAdding) {
      for (let index = 0; index < owner.possessions.length; index++) push(before.possessions, owner.possessions[index]!)
      for (let index = 0; index < owner.migrations.length; index++) push(before.migrations, owner.migrations[index]!)
      return
    }
    if (before) this.outdate(before)
    if (owner.possessions.length || owner.migrations.length) mapSet(owners, id, owner)
    else mapDelete(owners, id)
  }

  remove(module: ModuleState, id: number): void {
    const owner = mapGet(module.owners, id)
    if (!owner) return
    mapDelete(module.owners, id)
    this.outdate(owner)
  }

  removeModule(module: ModuleState): void {
    mapForEach(module.owners, (_owner, id) => this.remove(module, id))
  }

  outdate(owner: Owner): void {
    owner.isOver = true
    owner.receivers = undefined
    if (owner.possessions.length) push(this.#outdated, owner)
  }

  /**
   * Disposes of what is outdated and held by nothing else; everything is begun in one turn, what was made last first.
   * @returns undefined when there is nothing to wait for
   */
  dispose(): Promise<readonly DisposalFailure[]> | undefined {
    const due: { owner: Owner; possession: Possession }[] = []
    for (let index = 0; index < this.#outdated.length; index++) {
      const owner = this.#outdated[index]!
      for (let at = 0; at < owner.possessions.length; at++) push(due, { owner, possession: owner.possessions[at]! })
    }
    this.#outdated = []
    for (let index = 0; index < this.#strays.length; index++) push(due, this.#strays[index]!)
    this.#strays = []
    if (due.length === 0) return undefined
    lastFirst(due)
    const held = this.#held()
    const failures: DisposalFailure[] = []
    const waits: Promise<unknown>[] = []
    for (let index = 0; index < due.length; index++) {
      const { owner, possession } = due[index]!
      const value = objectOf(possession)
      if (value && mapHas(held, value)) {
        if (mapGet(held, value) === 'bound') push(this.#strays, due[index]!)
        continue
      }
      const wait = this.#end(owner, possession, failures)
      if (wait) push(waits, wait)
    }
    if (waits.length === 0 && failures.length === 0) return undefined
    return new NativePromise(resolve => {
      let left = waits.length
      const one = () => {
        if (--left === 0) resolve(failures)
      }
      for (let index = 0; index < waits.length; index++) whenSettled(waits[index]!, one, one)
      if (left === 0) resolve(failures)
    })
  }

  /**
   * Disposes of everything, one after another, what was made last first.
   * @param within waits for a promise, but not for ever; says whether it settled
   */
  async disposeAll(within: (wait: Promise<unknown>) => Promise<boolean>): Promise<readonly DisposalFailure[]> {
    const due: { owner: Owner; possession: Possession }[] = []
    const take = (owner: Owner) => {
      owner.isOver = true
      for (let at = 0; at < owner.possessions.length; at++) push(due, { owner, possession: owner.possessions[at]! })
    }
    mapForEach(this.#modules as Map<string, ModuleState>, ({ owners }) => mapForEach(owners, take))
    for (let index = 0; index < this.#outdated.length; index++) take(this.#outdated[index]!)
    for (let index = 0; index < this.#strays.length; index++) push(due, this.#strays[index]!)
    this.#outdated = []
    this.#strays = []
    lastFirst(due)
    const failures: DisposalFailure[] = []
    const ended = new NativeMap<object, true>()
    for (let index = 0; index < due.length; index++) {
      const { owner, possession } = due[index]!
      const value = objectOf(possession)
      if (value && mapHas(ended, value)) continue
      if (value) mapSet(ended, value, true)
      const wait = this.#end(owner, possession, failures)
      if (wait && !(await within(wait)) && value) force(value)
    }
    return failures
  }

  /** @returns what to wait for */
  #end(owner: Owner, possession: Possession, failures: DisposalFailure[]): Promise<unknown> | undefined {
    const fail = (error: unknown) => push(failures, { module: owner.module.id, key: owner.key, error })
    try {
      const result = this.#begin(possession)
      if (!isObject(result) || typeof result.then !== 'function') return undefined
      return new NativePromise<void>(resolve => {
        const failed = (error: unknown) => {
          fail(error)
          resolve()
        }
        try {
          result.then(() => resolve(), failed)
        } catch (error) {
          failed(error)
        }
      })
    } catch (error) {
      fail(error)
      return undefined
    }
  }

  #begin(possession: Possession): unknown {
    switch (possession.kind) {
      case 'value':
        return possession.dispose()
      case 'timer':
        return possession.clear()
      case 'callback':
        return possession.run()
      case 'listener':
        return takeBack(possession.listener, each => this.#otherListener(each))
      default:
        return possession satisfies never
    }
  }

  /** A registration of the same listener that is to stay. */
  #otherListener(listener: Listener): Listener | undefined {
    let found: Listener | undefined
    mapForEach(this.#modules as Map<string, ModuleState>, ({ owners }) =>
      mapForEach(owners, ({ possessions }) => {
        for (let index = 0; index < possessions.length; index++) {
          const each = possessions[index]!
          if (each.kind !== 'listener' || each.listener === listener || !isSame(each.listener, listener)) continue
          found = each.listener
        }
      }),
    )
    return found
  }

  /** Objects that stay: `bound` to a name, or owned by an item. */
  #held(): Map<object, 'bound' | 'owned'> {
    const held = new NativeMap<object, 'bound' | 'owned'>()
    mapForEach(this.#modules as Map<string, ModuleState>, ({ scope }) => {
      const names = ownKeys(scope)
      for (let index = 0; index < names.length; index++) {
        const value: unknown = scope[names[index] as string]
        if (isObject(value)) mapSet(held, value, 'bound')
      }
    })
    const globals = this.#host.globalValues()
    for (let index = 0; index < globals.length; index++) {
      const value = globals[index]
      if (isObject(value)) mapSet(held, value, 'bound')
    }
    mapForEach(this.#modules as Map<string, ModuleState>, ({ owners }) =>
      mapForEach(owners, ({ possessions }) => {
        for (let index = 0; index < possessions.length; index++) {
          const value = objectOf(possessions[index]!)
          if (value) mapSet(held, value, 'owned')
        }
      }),
    )
    return held
  }
}

function objectOf(possession: Possession): object | undefined {
  if (possession.kind === 'value') return possession.value
  return possession.kind === 'timer' ? deref(possession.timer) : undefined
}

function isSame(a: Listener, b: Listener): boolean {
  const target = deref(a.target)
  return (
    target !== undefined &&
    target === deref(b.target) &&
    a.event === b.event &&
    a.listener === b.listener &&
    a.isCapturing === b.isCapturing
  )
}

function lastFirst(list: { readonly possession: Possession }[]): void {
  // Insertion sort: guests may have changed Array.prototype.sort's ways; the list is nearly sorted.
  for (let index = 1; index < list.length; index++) {
    const each = list[index]!
    let at = index
    while (at > 0 && list[at - 1]!.possession.order < each.possession.order) {
      list[at] = list[at - 1]!
      at--
    }
    list[at] = each
  }
}
