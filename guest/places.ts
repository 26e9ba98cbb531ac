// Where servers listen that items have told to, and what becomes of that when these items run again (R11). guest/relisten.ts makes a server
// leave its place; guest/handover.ts lets another one wait for it.
import type { Owner } from './ownership.js'
import { deref, NativeWeakMap, push, weakGet, weakSet } from './primordials.js'
import { leavePlace } from './relisten.js'
import { type Later, listensAt, type Place, serversOf } from './servers.js'

export class Places {
  /** How many runs that are there have told a server to listen. */
  readonly #told = new NativeWeakMap<object, number>()

  take(server: object): void {
    weakSet(this.#told, server, (weakGet(this.#told, server) ?? 0) + 1)
  }

  leave(server: object): void {
    weakSet(this.#told, server, (weakGet(this.#told, server) ?? 1) - 1)
  }

  /** Whether who told a server to listen is gone, or goes when an item has run. */
  isLeft(server: object, owner: Owner, leaving: readonly Owner[]): boolean {
    if (weakGet(this.#told, server) === 0) return true
    const runs = goingWith(owner, leaving)
    for (let index = 0; index < runs.length; index++) if (hasToldToListen(runs[index]!, server)) return true
    return false
  }
}

/** The runs that are to go when an item has run: its own before, and others. */
export function goingWith({ before }: Owner, leaving: readonly Owner[]): readonly Owner[] {
  if (!before) return leaving
  const runs = [before]
  for (let index = 0; index < leaving.length; index++) push(runs, leaving[index]!)
  return runs
}

function hasToldToListen({ possessions }: Owner, server: object): boolean {
  for (let index = 0; index < possessions.length; index++) {
    const each = possessions[index]!
    if (each.kind === 'place' && deref(each.server) === server) return true
  }
  return false
}

/** Makes servers that are to go in an item's reload leave a place to another one. */
export function release(owner: Owner, place: Place, successor: object, later: Later): void {
  const { transaction } = owner.module
  if (!transaction) return
  const runs = goingWith(owner, transaction.leaving)
  for (let index = 0; index < runs.length; index++) {
    const { possessions } = runs[index]!
    for (let at = 0; at < possessions.length; at++) {
      const each = possessions[at]!
      const servers = each.kind === 'value' ? serversOf(each.value) : []
      for (let number = 0; number < servers.length; number++) {
        const server = servers[number]!
        if (listensAt(server, place)) leavePlace(transaction.undo, server, [], later, successor)
      }
    }
  }
}
