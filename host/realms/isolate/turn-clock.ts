// How long the isolates of a process have run, where neither clock can be trusted: isolated-vm counts the time that an isolate's thread
// could run, also when the machine gave it to others, and the process's own time on the processor is that of all its threads.
import { performance } from 'node:perf_hooks'

/** Milliseconds between two looks that count at most: a watcher that comes later was held up, and so were the isolates. */
const longestGap = 100

/** One isolate's turn: a call, a timer, a promise job, until it is idle again. Times are in milliseconds. */
export class Turn {
  readonly #cpuNow: () => number
  /** What isolated-vm had counted when it was looked at last. */
  #counted: number
  /** Counted since the last look, in turns that are over. */
  #before = 0
  #began = performance.now()
  /** Time on the processor, at most. */
  cpuMs = 0
  /** Time by the clock that the process was there for. */
  wallMs = 0

  /** @param cpuNow what isolated-vm has counted for the isolate */
  constructor(cpuNow: () => number) {
    this.#cpuNow = cpuNow
    this.#counted = cpuNow()
  }

  begin(): void {
    const now = this.#cpuNow()
    this.#before += Math.max(0, now - this.#counted)
    this.#counted = now
    this.#began = performance.now()
    this.cpuMs = 0
    this.wallMs = 0
  }

  /** @returns what was counted since the last look, for all turns and for this one */
  count(): { all: number; own: number } {
    const now = this.#cpuNow()
    // It counts a thread's own time in the end, which may be less than it said before.
    const own = Math.max(0, now - this.#counted)
    const all = own + this.#before
    this.#counted = now
    this.#before = 0
    return { all, own }
  }

  add(cpuMs: number, gap: number): void {
    this.cpuMs += cpuMs
    this.wallMs += Math.min(gap, longestGap, performance.now() - this.#began)
  }
}

/** Milliseconds on the processor that the process has used. */
function usedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Shares out what the process used among its isolates. */
export class TurnClock {
  #used = 0
  #looked = 0

  /** From here on `look` counts. */
  start(turns: Iterable<Turn>): void {
    this.#used = usedMs()
    this.#looked = performance.now()
    for (const turn of turns) turn.count()
  }

  look(turns: Iterable<Turn>): void {
    const used = usedMs()
    const now = performance.now()
    const [usedSince, gap] = [used - this.#used, now - this.#looked]
    this.#used = used
    this.#looked = now
    const counts = [...turns].map(turn => ({ turn, ...turn.count() }))
    const sum = counts.reduce((total, { all }) => total + all, 0)
    for (const { turn, all, own } of counts) turn.add(sum === 0 ? 0 : Math.min(own, (usedSince * all) / sum), gap)
  }
}
