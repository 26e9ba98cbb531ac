// Who owns what (R11): what an item makes while it runs belongs to it, and goes when the item runs again or is removed.
// Longer than most: each kind of thing that is made is taken note of here, and nowhere else.
import { type Disposer, disposerOf } from './disposers.js'
import { awaitPort } from './handover.js'
import type { Migration } from './item-tools.js'
import { findListeners, type Listener, listenersOf, takeBackAll } from './listeners.js'
import type { ModuleState } from './module-state.js'
import { goingWith, Places, release } from './places.js'
import { deref, isObject, mapDelete, mapHas, mapSet, NativeMap, NativeWeakRef, push } from './primordials.js'
import type { KernelHost, Operation } from './protocol.js'
import type { Place } from './servers.js'
import type { Changes } from './state.js'
import type { Transaction } from './transaction.js'

/** One thing that an item made. `part`: the static field of a class that made it. */
export type Possession = { part?: string } & (
  | { readonly kind: 'value'; readonly value: object; readonly dispose: Disposer; readonly order: number }
  /** Weak: Node holds timers that are under way, and those that are over must not stay. */
  | { readonly kind: 'timer'; readonly timer: WeakRef<object>; readonly clear: () => void; readonly order: number }
  | {
      readonly kind: 'listener'
      readonly listener: Listener
      readonly order: number
      /** What was taken back for it, and comes again if the reload is rejected. */
      instead?: readonly Listener[] | undefined
    }
  /** A server that it told to listen. */
  | { readonly kind: 'place'; readonly server: WeakRef<object>; readonly order: number }
  | { readonly kind: 'callback'; readonly run: Disposer; readonly order: number }
)

/** An item's one run. */
export interface Owner {
  readonly module: ModuleState
  readonly key: string
  readonly kind: Operation['kind']
  readonly isReload: boolean
  readonly changes: readonly Changes[]
  /** The run before. */
  before: Owner | undefined
  migrations: readonly Migration[]
  /** What `keep` gave, in order. */
  kept: readonly unknown[]
  possessions: readonly Possession[]
  /** Static fields that were evaluated in this run, or are gone. */
  parts: Map<string, true> | undefined
  /** What its calls were made on, which they did not make. */
  receivers: unknown[] | undefined
  /** What it makes from now on is disposed of at once. */
  isOver: boolean
  /** How many possessions there may be before those that are gone are swept out. */
  sweepAt: number
}

/** Most items make nothing. */
const none: readonly never[] = []

/** @returns a list that may be changed: another one in place of that for nothing */
export const changeable = <T>(list: readonly T[]): T[] => (list === none ? [] : (list as T[]))

/** @returns the list with one more */
export function added<T>(list: readonly T[], value: T): readonly T[] {
  const own = changeable(list)
  push(own, value)
  return own
}

/** What is to be disposed of, and who made it. */
export interface Due {
  readonly owner: Owner
  readonly possession: Possession
  /** The item is gone, or its run was taken back: it did not run again and leave something in place on purpose (`timer ??= setInterval(…)`). */
  readonly isGone: boolean
}

/** What goes with an item's awaits, and may be held by what the item began long after it has ended. */
interface Awaiting {
  owner: Owner | undefined
}

export class Ownership {
  readonly #host: KernelHost
  readonly #definitions: WeakMap<object, unknown>
  /** The item that runs right now. */
  running: Owner | undefined
  /** Items under way that await. */
  #awaiting = 0
  #order = 0
  #outdated: Due[] = []
  readonly places = new Places()

  constructor(host: KernelHost, definitions: WeakMap<object, unknown>) {
    this.#host = host
    this.#definitions = definitions
  }

  /** The item whose code runs now, also after its awaits; undefined outside of items. */
  current(): Owner | undefined {
    if (this.running !== undefined || this.#awaiting === 0) return this.running
    return (this.#host.currentItem() as Awaiting | undefined)?.owner
  }

  createOwner(module: ModuleState, { key, kind, owner: id }: Operation, { isReload, changes }: Transaction): Owner {
    return {
      module,
      key,
      kind,
      isReload,
      changes,
      before: id === undefined ? undefined : module.owner(id),
      migrations: none,
      kept: none,
      possessions: none,
      parts: undefined,
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
    const awaiting: Awaiting = { owner }
    const result = this.#host.inItem(awaiting, () => this.run(owner, run))
    const end = () => {
      awaiting.owner = undefined
      this.#awaiting--
      this.#host.itemEnded()
    }
    return { result, end }
  }

  /** Notes what a call of the item's is made on. */
  receive(value: unknown): void {
    const owner = this.current()
    if (owner && isObject(value)) push((owner.receivers ??= []), value)
  }

  /** The item's value, if it made one that needs an end. */
  own(owner: Owner, value: unknown): void {
    if (!this.#host.disposes || !isObject(value)) return
    const { receivers, possessions } = owner
    for (let index = 0; receivers && index < receivers.length; index++) if (receivers[index] === value) return
    for (let index = 0; index < possessions.length; index++) {
      const each = possessions[index]!
      if (each.kind === 'timer' && deref(each.timer) === value) return
    }
    const possession = this.valued(value)
    if (possession && owner.isReload) {
      const { later } = this.#host
      const patience = {
        later,
        isOver: () => owner.isOver,
        release: (place: Place, successor: object) => release(owner, place, successor, later),
      }
      awaitPort(value, patience)
    }
    if (possession) this.#add(owner, possession)
  }

  /** @returns undefined where a value needs no end */
  valued(value: object): Possession | undefined {
    const dispose = disposerOf(value, this.#definitions)
    return dispose && { kind: 'value', value, dispose, order: this.#order++ }
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
    owner.possessions = added(owner.possessions, { kind: 'callback', run, order: this.#order++ })
  }

  /** What the running class has made since the last part belongs to a static field, or to blocks, whose part is empty. */
  endPart(part: string): void {
    const owner = this.running
    if (!owner) return
    for (let index = owner.possessions.length - 1; index >= 0 && owner.possessions[index]!.part === undefined; index--)
      owner.possessions[index]!.part = part
    // Blocks have no names by which those of the next version could be told to be the same.
    if (part !== '') mapSet((owner.parts ??= new NativeMap()), part, true)
  }

  /** The class has lost a static field. */
  removePart(part: string): void {
    if (this.running) mapSet((this.running.parts ??= new NativeMap()), part, true)
  }

  ownListener(owner: Owner, target: object, name: string, args: unknown[], instead?: readonly Listener[]): void {
    const found = listenersOf(target, name, args)
    if (found) this.#add(owner, { kind: 'listener', listener: found, order: this.#order++, instead })
  }

  /**
   * Takes back what runs that are to go have registered of a listener, where an item is about to register it with the same target: of two
   * that are alike many emitters hold one, or forget the newer one.
   * @param leaving whose runs are to go besides the item's run before
   */
  takeBackFor(owner: Owner, leaving: readonly Owner[], target: object, listener: unknown): Listener[] | undefined {
    if (!owner.isReload || !this.#host.disposes) return undefined
    const found: Listener[] = []
    const runs = goingWith(owner, leaving)
    for (let index = 0; index < runs.length; index++) findListeners(runs[index]!, target, listener, found)
    takeBackAll(found)
    return found.length ? found : undefined
  }

  ownPlace(owner: Owner, server: object): void {
    this.places.take(server)
    this.#add(owner, { kind: 'place', server: new NativeWeakRef(server), order: this.#order++ })
  }

  #add(owner: Owner, possession: Possession): void {
    if (!this.#host.disposes) return
    if (owner.isOver) {
      push(this.#outdated, { owner, possession, isGone: true })
      this.#host.disposeSoon()
      return
    }
    owner.possessions = added(owner.possessions, possession)
    if (owner.possessions.length < owner.sweepAt) return
    const alive: Possession[] = []
    for (let index = 0; index < owner.possessions.length; index++) {
      const each = owner.possessions[index]!
      const isGone =
        (each.kind === 'timer' && !deref(each.timer)) ||
        (each.kind === 'listener' && !deref(each.listener.target)) ||
        (each.kind === 'place' && !deref(each.server))
      if (!isGone) push(alive, each)
    }
    owner.possessions = alive
    owner.sweepAt = alive.length * 2 + 16
  }

  /** An item has run in a transaction that ended well: what its run before had made is to go. */
  keep(owner: Owner, id: number, isAdding: boolean): void {
    const { module, possessions, migrations, parts } = owner
    const before = module.owner(id)
    owner.receivers = undefined
    owner.before = undefined
    for (let index = 0; index < possessions.length; index++) {
      const each = possessions[index]!
      if (each.kind === 'listener') each.instead = undefined
    }
    if (before && isAdding) {
      if (parts) this.#outdateParts(before, parts)
      for (let index = 0; index < possessions.length; index++)
        before.possessions = added(before.possessions, possessions[index]!)
      for (let index = 0; index < migrations.length; index++)
        before.migrations = added(before.migrations, migrations[index]!)
      return
    }
    if (before) this.outdate(before, false)
    if (possessions.length || migrations.length) mapSet(module.owners, id, owner)
    else if (before) mapDelete(module.owners, id)
  }

  #outdateParts(owner: Owner, parts: Map<string, true>): void {
    const kept: Possession[] = []
    for (let index = 0; index < owner.possessions.length; index++) {
      const possession = owner.possessions[index]!
      if (possession.part !== undefined && mapHas(parts, possession.part))
        push(this.#outdated, { owner, possession, isGone: false })
      else push(kept, possession)
    }
    owner.possessions = kept
  }

  remove(module: ModuleState, id: number, isGone: boolean): void {
    const owner = module.owner(id)
    if (!owner) return
    mapDelete(module.owners, id)
    this.outdate(owner, isGone)
  }

  removeModule(module: ModuleState): void {
    module.forEachOwner((_owner, id) => this.remove(module, id, true))
  }

  /** @param isGone it did not run again */
  outdate(owner: Owner, isGone: boolean): void {
    owner.isOver = true
    owner.receivers = undefined
    for (let index = 0; index < owner.possessions.length; index++)
      push(this.#outdated, { owner, possession: owner.possessions[index]!, isGone })
    owner.possessions = none
  }

  /** Hands over what is to be disposed of. */
  takeOutdated(): Due[] {
    const due = this.#outdated
    this.#outdated = []
    return due
  }
}
