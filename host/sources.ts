// Where the text of modules comes from: the file system, a map in memory or the embedder's store, under an overlay of pushed text.
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, posix, relative, resolve, sep } from 'node:path'
import type { SourceStore } from './api.js'
import { RegrowError } from './errors.js'

/** A source store with an overlay. All reads are synchronous. */
export interface Sources extends SourceStore {
  /** Whether a module is there: for the file system, whether a regular file is. */
  has(id: string): boolean
  /** Puts text over the store's; `null` hides a module. It stays until `forget`. @throws RegrowError ERR_REGROW_DENIED */
  push(files: Readonly<Record<string, string | null>>): void
  /** Puts text over the store's until the store has another text than now; none where the store has that very text. */
  hide(id: string, text: string | null): void
  /** Whether such text lies over the store's. */
  isHidden(id: string): boolean
  /** Ids of the modules over which such text lies. */
  hidden(): string[]
  /** Remembers what lies over the store's. @returns what puts it back */
  remember(id: string): () => void
  /** Takes pushed text away: the store's own is seen again. */
  forget(id: string): void
  /** Whether `read` would take the module from the file at `path(id)`. */
  onDisk(id: string): boolean
  /** Whether the store can tell of changes: the file system, or one that has `watch`. */
  readonly watchable: boolean
  /** The absolute path of a module; a made-up one below `root` for a store that is not the file system. */
  path(id: string): string
  /** The module id of a path, absolute or relative to `root`. @throws RegrowError ERR_REGROW_DENIED outside `root` */
  id(path: string): string
  /** Names of the files in a directory, as far as the store can tell; `''` is the root. */
  names(directory: string): string[]
}

/**
 * @param root absolute path of the directory that ids are relative to
 * @param given the modules' text by id, or a store; without it, the files under `root`
 */
export function createSources(root: string, given?: Readonly<Record<string, string>> | SourceStore): Sources {
  const overlay = new Map<string, string | null>()
  /** What the store had when text was put over it that lasts as long as that. */
  const hidden = new Map<string, Uint8Array | string | undefined>()
  const path = (id: string) => join(root, id)
  const id = (path: string) => moduleId(root, path)
  const store = given === undefined ? fileStore(path) : isStore(given) ? embedderStore(given) : memoryStore(given, id)
  const list = store.list
  const watch = store.watch

  const forget = (id: string): void => {
    overlay.delete(id)
    hidden.delete(id)
  }
  const readNow = (id: string): Uint8Array | string | undefined => {
    try {
      return store.read(id)
    } catch {
      return undefined
    }
  }
  /** Whether text lies over the store's. */
  const isCovered = (id: string): boolean => {
    if (hidden.has(id) && !isSame(hidden.get(id), readNow(id))) forget(id)
    return overlay.has(id)
  }
  const isHidden = (id: string): boolean => isCovered(id) && hidden.has(id)

  return {
    read: id => (isCovered(id) ? (overlay.get(id) ?? undefined) : store.read(id)),
    has: id => (isCovered(id) ? overlay.get(id) !== null : store.has(id)),
    push(files) {
      // Every name is checked before the first is stored: a refused push leaves nothing behind.
      for (const [name, text] of Object.entries(files).map(([name, text]) => [id(name), text] as const)) {
        forget(name)
        overlay.set(name, text)
      }
    },
    hide(id, text) {
      forget(id)
      const now = readNow(id)
      if (now === undefined ? text === null : asText(now) === text) return
      overlay.set(id, text)
      hidden.set(id, now)
    },
    isHidden,
    hidden: () => [...hidden.keys()].filter(isHidden),
    remember(id) {
      const [text, seen] = [overlay.get(id), hidden.get(id)]
      const [isOver, isSeen] = [overlay.has(id), hidden.has(id)]
      return () => {
        forget(id)
        if (isOver) overlay.set(id, text!)
        if (isSeen) hidden.set(id, seen)
      }
    },
    forget,
    onDisk: id => store.files && !isCovered(id) && store.has(id),
    watchable: store.files || watch !== undefined,
    path,
    id,
    names(directory) {
      const prefix = directory === '' ? '' : `${directory}/`
      const names = new Set(store.names(directory))
      for (const [id, text] of overlay) {
        if (!id.startsWith(prefix) || id.includes('/', prefix.length)) continue
        if (text === null) names.delete(id.slice(prefix.length))
        else names.add(id.slice(prefix.length))
      }
      return [...names]
    },
    ...(list && { list: () => withOverlay(list(), overlay) }),
    ...(watch && { watch }),
  }
}

const asText = (source: Uint8Array | string): string =>
  (typeof source === 'string' ? source : Buffer.from(source).toString()).replace(/^\ufeff/, '')

const isSame = (a: Uint8Array | string | undefined, b: Uint8Array | string | undefined): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && Buffer.compare(a, b) === 0)

interface Store extends SourceStore {
  readonly files: boolean
  has(id: string): boolean
  names(directory: string): string[]
}

/** Nothing is there, or what cannot be read as a file: a socket cannot even be opened. */
const noFile = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENXIO', 'EOPNOTSUPP'])

function fileStore(path: (id: string) => string): Store {
  return {
    files: true,
    read(id) {
      let file: number | undefined
      try {
        // A FIFO would wait for ever to be opened, and to be read.
        file = openSync(path(id), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
        return fstatSync(file).isFile() ? readFileSync(file) : undefined
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        if (code !== undefined && noFile.has(code)) return undefined
        throw new RegrowError('ERR_REGROW_BUILD', `cannot read ${id}: ${message}`, { cause: error, file: id })
      } finally {
        if (file !== undefined) closeSync(file)
      }
    },
    has(id) {
      try {
        return statSync(path(id), { throwIfNoEntry: false })?.isFile() ?? false
      } catch {
        return false
      }
    },
    names(directory) {
      try {
        return readdirSync(path(directory), { withFileTypes: true }).flatMap(entry =>
          entry.isDirectory() ? [] : [entry.name],
        )
      } catch {
        return []
      }
    },
  }
}

function memoryStore(given: Readonly<Record<string, string>>, id: (path: string) => string): Store {
  const modules = new Map(Object.entries(given).map(([name, text]) => [id(name), text]))
  return embedderStore({ read: id => modules.get(id), list: () => modules.keys() })
}

function embedderStore(given: SourceStore): Store {
  return {
    files: false,
    read: id => given.read(id),
    has: id => given.read(id) !== undefined,
    names(directory) {
      const ids = given.list === undefined ? [] : [...given.list()]
      const inside = directory === '' ? '.' : directory
      return ids.filter(id => posix.dirname(id) === inside).map(id => posix.basename(id))
    },
    ...(given.list && { list: () => given.list!() }),
    ...(given.watch && { watch: onChange => given.watch!(onChange) }),
  }
}

function isStore(given: object): given is SourceStore {
  return 'read' in given && typeof given.read === 'function'
}

function withOverlay(ids: Iterable<string>, overlay: ReadonlyMap<string, string | null>): string[] {
  const all = new Set(ids)
  for (const [id, text] of overlay) {
    if (text === null) all.delete(id)
    else all.add(id)
  }
  return [...all]
}

function moduleId(root: string, path: string): string {
  const id = relative(root, resolve(root, path))
  if (id === '' || id === '..' || id.startsWith(`..${sep}`) || isAbsolute(id))
    throw new RegrowError('ERR_REGROW_DENIED', `'${path}' is no file inside the root ${root}`)
  return sep === '/' ? id : id.replaceAll(sep, '/')
}
