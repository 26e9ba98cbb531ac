// Keeps directories watched that come, go and change places: one watch each, opened anew when another takes its place.
import { statSync, watch as watchNatively } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { setTimeout } from 'node:timers'
import type { FSWatcher } from 'chokidar'
import { lazily } from '../bundler/lazily.js'

export interface DirectoryWatcher {
  /** Watches a directory, which need not exist yet, until it is released as often as it was held. Not after `close`. */
  hold(directory: string): void
  release(directory: string): void
  /** Says that a file of a held directory is of interest: needed where the system is polled. */
  interest(path: string): void
  /** Resolves once the directories held so far are watched, those of them that exist. */
  ready(): Promise<void>
  close(): Promise<void>
}

export interface DirectoryWatcherOptions {
  readonly root: string
  /** Something happened to an entry of a held directory. */
  readonly onEntry: (path: string) => void
  /**
   * What lies in a directory may be other than it was: it came, went, or only now is watched.
   * @param deep whether that holds for the directories below as well
   */
  readonly onDirectory: (directory: string, deep: boolean) => void
  readonly onError: (error: Error) => void
}

/** When to look again at a directory that is polled from now on, in milliseconds. */
const againMs = 60

const chokidar = lazily<typeof import('chokidar')>('chokidar')

interface Open {
  readonly identity: string
  readonly settled: () => void
  readonly close: () => Promise<void>
  /** Looks at a file too, where the system is polled. */
  readonly add?: (path: string) => void
}

/** By the variable that chokidar reads: for file systems that tell of nothing, like those of some containers and networks. */
const isPolling = !['', '0', 'false'].includes((process.env.CHOKIDAR_USEPOLLING ?? '').toLowerCase())

export function createDirectoryWatcher(options: DirectoryWatcherOptions): DirectoryWatcher {
  const { root, onEntry, onDirectory, onError } = options
  const held = new Map<string, number>()
  const chains = new Map<string, readonly string[]>()
  const open = new Map<string, Open>()
  const interesting = new Set<string>()
  const opening = new Set<Promise<void>>()
  const closing = new Set<Promise<void>>()
  const reported = new Set<string | undefined>()
  let closed = false

  function start(directory: string, now: string): void {
    if (isPolling) startPolling(directory, now)
    else startNative(directory, now)
  }

  /**
   * Only the directory itself: its events name the entries, and watches of single files lose events. By Node alone, for chokidar reads the
   * whole directory again at each event.
   */
  function startNative(directory: string, now: string): void {
    let handle: ReturnType<typeof watchNatively>
    try {
      handle = watchNatively(directory, (event, name) => seen(directory, event, name))
    } catch (error) {
      failed(directory, error as NodeJS.ErrnoException)
      return
    }
    handle.on('error', error => failed(directory, error as NodeJS.ErrnoException))
    open.set(directory, { identity: now, settled() {}, close: async () => handle.close() })
    // What came before the watch stood made no event.
    const ready = Promise.resolve().then(() => {
      opening.delete(ready)
      if (open.get(directory)?.identity === now) settleBelow(directory)
    })
    opening.add(ready)
  }

  /** A directory that is polled says nothing of its files' content, so those of interest are looked at one by one. */
  function startPolling(directory: string, now: string): void {
    let settled = () => {}
    const ready = new Promise<void>(resolve => {
      settled = resolve
    }).finally(() => opening.delete(ready))
    opening.add(ready)
    const watcher: FSWatcher = chokidar().watch(directory, {
      depth: 0,
      ignoreInitial: true,
      atomic: false,
      ignored: path => path !== directory && !interesting.has(path),
    })
    open.set(directory, {
      identity: now,
      settled,
      close: () => watcher.close(),
      add: path => void watcher.add(path),
    })
    watcher.on('raw', (event, name: string | null) => seen(directory, event, name))
    watcher.on('error', error => failed(directory, error as NodeJS.ErrnoException))
    watcher.once('ready', () => {
      settled()
      onDirectory(directory, false)
      settleBelow(directory)
      // It takes the state that it finds for the old one, a moment after it says that it is ready.
      setTimeout(() => open.get(directory)?.identity === now && onDirectory(directory, false), againMs).unref()
    })
  }

  function stop(directory: string): void {
    const { close, settled } = open.get(directory)!
    open.delete(directory)
    settled()
    const done = close().finally(() => closing.delete(done))
    closing.add(done)
  }

  function seen(directory: string, event: string, name: string | null): void {
    if (closed || !open.has(directory)) return
    const path = name === null ? directory : isAbsolute(name) ? name : join(directory, name)
    if (path === directory) {
      onDirectory(directory, false)
      settle(directory)
      settleBelow(directory)
    } else {
      onEntry(path)
      settle(path)
    }
    // Its own name: the directory itself was removed or renamed. A new one may get the same inode, so it is not compared.
    if (event === 'rename' && name === basename(directory)) settle(directory, true)
  }

  /** Makes the watch of a directory fit what is at its path now. */
  function settle(directory: string, anew = false): void {
    if (closed || !held.has(directory)) return
    const now = identity(directory)
    const before = open.get(directory)
    if (before === undefined && now === undefined) return
    if (before !== undefined && before.identity === now && !anew) return
    if (before !== undefined) stop(directory)
    if (now !== undefined) start(directory, now)
    onDirectory(directory, true)
    settleBelow(directory)
  }

  function settleBelow(directory: string): void {
    for (const path of [...held.keys()]) if (dirname(path) === directory && path !== directory) settle(path)
  }

  function failed(directory: string, error: NodeJS.ErrnoException): void {
    if (closed) return
    // On Windows the removal of a watched directory is an error of its watch.
    if (identity(directory) === undefined) settle(directory)
    else if (!reported.has(error.code)) {
      reported.add(error.code)
      onError(inWords(directory, error))
    }
  }

  return {
    hold(directory) {
      const chain = chains.get(directory) ?? chainOf(directory, root)
      chains.set(directory, chain)
      for (const link of chain) {
        const count = held.get(link) ?? 0
        held.set(link, count + 1)
        const now = count === 0 ? identity(link) : undefined
        if (now !== undefined) start(link, now)
      }
    },
    release(directory) {
      for (const link of chains.get(directory) ?? []) {
        const count = held.get(link)! - 1
        if (count > 0) held.set(link, count)
        else {
          held.delete(link)
          chains.delete(link)
          if (open.has(link)) stop(link)
        }
      }
    },
    interest(path) {
      interesting.add(path)
      open.get(dirname(path))?.add?.(path)
    },
    ready: async () => void (await Promise.all(opening)),
    async close() {
      closed = true
      for (const directory of [...open.keys()]) stop(directory)
      await Promise.all(closing)
    },
  }
}

/**
 * The directories to watch for one: itself and, since it may come, go or be renamed with one of them, those around it up to
 * the root; above the root or beside it up to the first that exists. Outermost first.
 */
function chainOf(directory: string, root: string): string[] {
  const chain = [directory]
  for (let at = directory; ; ) {
    const path = relative(root, at)
    const below = path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path)
    const parent = dirname(at)
    if (parent === at || (!below && identity(at) !== undefined)) return chain.reverse()
    chain.push((at = parent))
  }
}

/** Tells a directory from one that was made later in its place; undefined when there is none. */
function identity(directory: string): string | undefined {
  try {
    const stat = statSync(directory, { bigint: true })
    return stat.isDirectory() ? `${stat.dev}:${stat.ino}` : undefined
  } catch {
    return undefined
  }
}

function inWords(directory: string, error: NodeJS.ErrnoException): Error {
  const advice: Readonly<Record<string, string>> = {
    ENOSPC: 'the limit of watched files is reached; raise it with: sysctl fs.inotify.max_user_watches=524288',
    EMFILE:
      'too many files are open; raise the limit with: ulimit -n 10240 (on Linux perhaps: sysctl fs.inotify.max_user_instances=1024)',
  }
  const message = `cannot watch ${directory} for changes: ${advice[error.code ?? ''] ?? error.message}`
  return Object.assign(new Error(message, { cause: error }), error.code === undefined ? {} : { code: error.code })
}
