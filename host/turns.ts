// The turns that work on a program takes, one after another, until the program is closed.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RegrowError } from './errors.js'

type Ends = Set<(error: RegrowError) => void>

export class Turns {
  readonly #closedError: () => RegrowError
  #queue: Promise<unknown> = Promise.resolve()
  /** Ends the wait for work that is under way. */
  readonly #abandon: Ends = new Set()
  /** The same of what is waited for, which is no work. */
  readonly #waits: Ends = new Set()
  /** A reload has begun in this turn of the event loop. */
  #isTaken = false
  #isClosed = false

  constructor(closedError: () => RegrowError) {
    this.#closedError = closedError
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** @throws RegrowError ERR_REGROW_CLOSED */
  refuseWhenClosed(): void {
    if (this.#isClosed) throw this.#closedError()
  }

  /** Does work when what was begun before has ended. */
  enter<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => {
      this.refuseWhenClosed()
      return work()
    })
    this.#queue = turn.catch(() => {})
    return turn
  }

  /**
   * One turn of the event loop has room for one reload: the program's own timers run in between, and what WeakRefs touched stays alive
   * until its turn ends.
   */
  async alone(): Promise<void> {
    if (this.#isTaken) await nextTurn()
    this.#isTaken = true
    setImmediate(() => {
      this.#isTaken = false
    }).unref()
  }

  /** Code that awaits for ever must not hold up `close()`. */
  unlessClosed<T>(work: Promise<T>): Promise<T> {
    return unless(this.#abandon, work)
  }

  /** A wait for something that need not come: closing ends it at once. */
  waitFor<T>(event: Promise<T>): Promise<T> {
    return unless(this.#waits, event)
  }

  /** Takes no more work. */
  close(): void {
    this.#isClosed = true
    for (const end of this.#waits) end(this.#closedError())
  }

  /** Waits for work under way, which may end by itself; what awaits for ever is given up after some milliseconds. */
  async ended(patience: number): Promise<void> {
    const limit = setTimeout(() => {
      for (const abandon of this.#abandon) abandon(this.#closedError())
    }, patience)
    await this.#queue.catch(() => {})
    clearTimeout(limit)
  }
}

function unless<T>(ends: Ends, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    ends.add(reject)
    work.then(resolve, reject).finally(() => ends.delete(reject))
  })
}
