// Tells which files changed, in batches: all that one save or checkout touches together, and never a half-written state for good.
import { type BigIntStats, statSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { clock } from './clock.js'
import { createDirectoryWatcher } from './watch-directories.js'

export interface Watcher {
  /**
   * Reports changes of files from now on. They need not exist yet.
   * @param paths absolute
   * @param readAt epoch milliseconds when their content was read: what changed since then is reported as well
   */
  add(paths: Iterable<string>, readAt?: number): void
  remove(paths: Iterable<string>): void
  /** Resolves once everything added so far is watched; changes before that are found too, but later. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

export interface WatcherOptions {
  /** Directory around the files; what lies in a node_modules directory below it is not watched. */
  readonly root: string
  /** @param firstSeen `clock.now()` when the first change of the batch was seen */
  readonly onBatch: (paths: Set<string>, firstSeen: number) => void
  /** A file has changed: its present content is most likely to be the batch's. */
  readonly onTouch?: (path: string) => void
  readonly onError: (error: Error) => void
}

/** Milliseconds without an event that end a batch of one file: as long as an editor takes from one file of a save-all to the next. */
const quietMs = 2
/** The same once a second file has changed: what writes many takes its time now and then. */
const quietOfManyMs = 10
/**
 * Milliseconds that this process must have rested, too: who saves may run on the same processor, and gets on with the next file only then.
 * One of three saves of 50 files came in two batches without it (2 processors, another process saves).
 */
const restMs = 0.5
/** How much later than asked for a timer may come. */
const timerMs = 1
/** Longest time a batch is held while events keep arriving. */
const longestMs = 100
/** How long a file that vanished or was emptied may take to come back: many editors write a new one in its place. */
const comebackMs = 60
/** When to look again at files that changed, in case a change after the first made no event. */
const againMs = 60
/** More events than this in one batch may have overflown the system's queue (16,384 on Linux), so all files are looked at. */
const manyEvents = 4_000

/** Files that are looked at in one go: the program has its turn between two. */
const looksInOne = 200

const none = 'none'
/** How a file looks that has not been looked at yet. */
const unseen = ''

export function createWatcher({ root, onBatch, onTouch, onError }: WatcherOptions): Watcher {
  /** What each file looked like when it was last reported, or when it was looked at first. */
  const known = new Map<string, string>()
  /** When the content of those was read that have not been looked at yet, in epoch milliseconds. */
  const unlooked = new Map<string, number>()
  const touched = new Set<string>()
  /** Touched files that `onTouch` has not heard of yet. */
  const untold = new Set<string>()
  const timers = new Set<NodeJS.Timeout>()
  let firstSeen = 0
  let events = 0
  /** `clock.now()` after the last work for a touched file. */
  let busyUntil = 0
  let flushing: NodeJS.Timeout | undefined
  let closed = false

  const directories = createDirectoryWatcher({
    root,
    onError,
    onEntry(path) {
      events++
      if (known.has(path)) touch(path)
    },
    onDirectory(directory, deep) {
      const inside = directory.endsWith(sep) ? directory : directory + sep
      look([...known.keys()].filter(path => (deep ? path.startsWith(inside) : dirname(path) === directory)))
    },
  })

  function touch(path: string): void {
    if (closed) return
    const now = clock.now()
    if (touched.size === 0) firstSeen = now
    touched.add(path)
    flushIn(Math.min(touched.size > 1 ? quietOfManyMs : quietMs, Math.max(0, firstSeen + longestMs - now)))
    if (onTouch) tell(path, onTouch)
  }

  /** One file in a turn of the event loop, so that events are heard in between. */
  function tell(path: string, onTouch: (path: string) => void): void {
    const isTelling = untold.size > 0
    untold.add(path)
    if (isTelling) return
    const next = () => {
      for (const first of untold) {
        untold.delete(first)
        onTouch(first)
        busyUntil = clock.now()
        break
      }
      if (untold.size > 0) setImmediate(next)
    }
    setImmediate(next)
  }

  function flushIn(milliseconds: number): void {
    if (flushing) cancel(flushing)
    const due = clock.now() + milliseconds
    const end = () => {
      const now = clock.now()
      if (closed || (flushing !== timer && now - firstSeen < longestMs)) return
      if (now < due) setImmediate(end)
      else flush()
    }
    const rest = () => {
      const now = clock.now()
      const missing = Math.min(restMs - (now - busyUntil), longestMs - (now - firstSeen))
      if (missing > 0) flushing = timer = later(rest, missing)
      else setImmediate(end)
    }
    // Timers count whole milliseconds, and come one late. Events that came while the process was busy are heard before an immediate; they
    // put the end off.
    let timer = later(rest, Math.max(0, milliseconds - timerMs))
    flushing = timer
  }

  function flush(): void {
    flushing = undefined
    const waited = clock.now() - firstSeen
    const looks = new Map([...touched].map(path => [path, appearance(path)]))
    const isUnderWay = [...looks].some(([path, look]) => isBare(look) && look !== known.get(path))
    if (isUnderWay && waited < comebackMs) {
      flushIn(comebackMs - waited)
      return
    }
    const changed = new Set<string>()
    for (const [path, look] of looks) {
      if (look === known.get(path) && !isCoarse(look)) continue
      known.set(path, look)
      changed.add(path)
    }
    const again = events > manyEvents ? known : new Set(touched)
    touched.clear()
    untold.clear()
    events = 0
    later(() => look(again.keys()), againMs)
    if (changed.size > 0) onBatch(changed, firstSeen)
  }

  /** Finds changes that no event told of. */
  function look(paths: Iterable<string>): void {
    for (const path of [...paths]) {
      const before = known.get(path)
      if (before !== undefined && appearance(path) !== before) touch(path)
    }
  }

  /** Finds what changed between the reading of a file and the watch of its directory. */
  function lookFirst(): void {
    let left = looksInOne
    for (const [path, readAt] of unlooked) {
      if (left-- === 0) break
      unlooked.delete(path)
      if (known.get(path) !== unseen) continue
      const stat = statOf(path)
      if (changedSince(stat, readAt)) touch(path)
      else known.set(path, appearanceOf(stat))
    }
    if (unlooked.size > 0) later(lookFirst, 0)
  }

  /** Waits without keeping the process alive: the open watches do that. */
  function later(task: () => void, milliseconds: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer)
      task()
    }, milliseconds).unref()
    timers.add(timer)
    return timer
  }

  function cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer)
    timers.delete(timer)
  }

  return {
    add(paths, readAt = clock.timeOrigin + clock.now()) {
      if (closed) return
      const isLooking = unlooked.size > 0
      for (const path of paths) {
        if (known.has(path) || relative(root, path).split(sep).includes('node_modules')) continue
        known.set(path, unseen)
        unlooked.set(path, readAt)
        directories.interest(path)
        directories.hold(dirname(path))
      }
      if (!isLooking) lookFirst()
    },
    remove(paths) {
      for (const path of paths) {
        if (!known.delete(path)) continue
        touched.delete(path)
        unlooked.delete(path)
        directories.release(dirname(path))
      }
    },
    get ready() {
      return directories.ready()
    },
    async close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      touched.clear()
      untold.clear()
      unlooked.clear()
      await directories.close()
    },
  }
}

/** What a file looks like from outside; two contents look alike only where the file system's clock is too slow for both. */
const appearance = (path: string): string => appearanceOf(statOf(path))

const appearanceOf = (stat: BigIntStats | undefined): string =>
  stat?.isFile() ? `${stat.size}:${stat.mtimeNs}:${stat.ino}` : none

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function isBare(look: string): boolean {
  return look === none || look.startsWith('0:')
}

/** Some file systems count whole seconds: there an event is believed although the file looks as before. */
function isCoarse(look: string): boolean {
  return look.includes('000000000:')
}

/** Not the time of modification: a file moved into place keeps an old one. */
const changedSince = (stat: BigIntStats | undefined, time: number): boolean =>
  Number((stat?.ctimeNs ?? 0n) / 1000n) / 1000 > time
