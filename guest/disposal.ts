// Ends what items own, once it is outdated, and at the end of the program (R11).
import { force } from './disposers.js'
import { type Listener, registerAgain, takeBack } from './listeners.js'
import type { ModuleState } from './module-state.js'
import type { Due, Owner, Ownership, Possession } from './ownership.js'
import {
  deref,
  isObject,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  NativePromise,
  ownKeys,
  push,
  whenSettled,
} from './primordials.js'
import type { DisposalFailure, KernelHost } from './protocol.js'
import { isListening } from './servers.js'

export class Disposal {
  readonly #host: KernelHost
  readonly #ownership: Ownership
  readonly #modules: Map<string, ModuleState>
  /** What was to be disposed of, but another binding holds it. */
  #strays: Due[] = []

  constructor(host: KernelHost, ownership: Ownership, modules: Map<string, ModuleState>) {
    this.#host = host
    this.#ownership = ownership
    this.#modules = modules
  }

  /**
   * Disposes of what is outdated and held by nothing else; everything is begun in one turn, what was made last first.
   * @returns undefined when there is nothing to wait for
   */
  dispose(): Promise<readonly DisposalFailure[]> | undefined {
    const due = this.#ownership.takeOutdated()
    for (let index = 0; index < this.#strays.length; index++) push(due, this.#strays[index]!)
    this.#strays = []
    if (due.length === 0) return undefined
    lastFirst(due)
    const held = this.#held()
    const failures: DisposalFailure[] = []
    const waits: Promise<unknown>[] = []
    for (let index = 0; index < due.length; index++) {
      const { owner, possession, isGone } = due[index]!
      const value = objectOf(possession)
      const isCleared = isGone && possession.kind === 'timer'
      if (value && !isCleared && mapHas(held, value)) {
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
   * Disposes of everything, one after another, what was made last first; then of servers that still listen because items told them to,
   * whoever made them.
   * @param within waits for a promise, but not for ever; says whether it settled
   */
  async disposeAll(within: (wait: Promise<unknown>) => Promise<boolean>): Promise<readonly DisposalFailure[]> {
    mapForEach(this.#modules, ({ owners }) => mapForEach(owners, owner => this.#ownership.outdate(owner, true)))
    const due = this.#ownership.takeOutdated()
    for (let index = 0; index < this.#strays.length; index++) push(due, this.#strays[index]!)
    this.#strays = []
    lastFirst(due)
    placesLast(due)
    const failures: DisposalFailure[] = []
    const ended = new NativeMap<object, true>()
    for (let index = 0; index < due.length; index++) {
      const { owner, possession: each } = due[index]!
      const server = each.kind === 'place' ? deref(each.server) : undefined
      const possession = (server && isListening(server) && this.#ownership.valued(server)) || each
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
    const fail = (error: unknown) => {
      if (!isEnded(error)) push(failures, { module: owner.module.id, key: owner.key, error })
    }
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
        takeBack(possession.listener, each => this.#otherListener(each))
        registerAgain(possession.instead ?? [])
        return undefined
      case 'place': {
        const server = deref(possession.server)
        if (server) this.#ownership.places.leave(server)
        return undefined
      }
      default:
        return possession satisfies never
    }
  }

  /** A registration of the same listener that is to stay. */
  #otherListener(listener: Listener): Listener | undefined {
    let found: Listener | undefined
    mapForEach(this.#modules, module =>
      module.forEachOwner(({ possessions }) => {
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
    mapForEach(this.#modules, ({ scope }) => {
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
    mapForEach(this.#modules, module =>
      module.forEachOwner(({ possessions }) => {
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

/** The guest has closed its server itself; Node's own disposer takes that for a failure. */
const isEnded = (error: unknown): boolean => isObject(error) && error.code === 'ERR_SERVER_NOT_RUNNING'

/** A server is closed by who made it, where that is known: with the sockets that hang on it. */
function placesLast(list: Due[]): void {
  const places: Due[] = []
  let at = 0
  for (let index = 0; index < list.length; index++) {
    const each = list[index]!
    if (each.possession.kind === 'place') push(places, each)
    else list[at++] = each
  }
  for (let index = 0; index < places.length; index++) list[at++] = places[index]!
}

function lastFirst(list: Due[]): void {
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
