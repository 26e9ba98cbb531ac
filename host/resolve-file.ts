// A path that a module names → the file it means: exact, TypeScript's `.js` for `.ts`, without extension, a directory's index.
import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, posix, relative, sep } from 'node:path'
import { similar } from './similar.js'
import type { Sources } from './sources.js'

const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json']
const written: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
}

export type FileResolution =
  | { readonly kind: 'guest'; readonly id: string }
  /** A file of a package; `name` is the package's below the node_modules that the path leads through. */
  | { readonly kind: 'package'; readonly path: string; readonly name: string }
  | { readonly kind: 'outside'; readonly path: string }
  | { readonly kind: 'missing'; readonly wanted: string[] }

export interface FileResolver {
  /** @param path absolute; with a slash at its end it names a directory */
  find(path: string): FileResolution
  /** The nearest name to the last part of `path` among the files beside it that an import would find. */
  similar(path: string): string | undefined
  /** Whether a path that exists is inside the root once links are followed, and which id it has there. */
  inside(path: string): string | undefined
  /** Forgets which files there are. */
  clear(): void
}

export function createFileResolver(root: string, sources: Sources): FileResolver {
  let realRoot: string | undefined
  /** Modules by the paths that name them: some are imported by all others. */
  const guests = new Map<string, FileResolution>()

  /** @param real a path without links */
  function insideRoot(real: string): string | undefined {
    // Not found out before it is needed: a root need not exist for modules in memory.
    realRoot ??= realpath(root)
    return idBelow(realRoot, real)
  }

  /** What a file on disk is. */
  function place(path: string): FileResolution {
    const real = realpath(path)
    const realId = insideRoot(real)
    if (realId !== undefined && packageNameIn(realId) === undefined) return { kind: 'guest', id: realId }
    const name = packageNameIn(path) ?? packageNameIn(real)
    return name === undefined ? { kind: 'outside', path: real } : { kind: 'package', path: real, name }
  }

  function find(path: string): FileResolution {
    const id = idBelow(root, path)
    if (id === undefined) {
      if (packageNameIn(path) === undefined) return { kind: 'outside', path }
      for (const each of candidates(path)) if (isFile(each)) return place(each)
      return { kind: 'missing', wanted: [] }
    }
    const wanted: string[] = []
    for (const each of candidates(id !== '' && /[\\/]$/.test(path) ? `${id}/` : id)) {
      if (sources.onDisk(each)) return place(join(root, each))
      if (sources.has(each)) return { kind: 'guest', id: each }
      wanted.push(each)
    }
    return { kind: 'missing', wanted }
  }

  return {
    inside: path => insideRoot(realpath(path)),
    clear: () => guests.clear(),
    find(path) {
      const known = guests.get(path)
      if (known) return known
      const found = find(path)
      if (found.kind === 'guest') guests.set(path, found)
      return found
    },
    similar(path) {
      const id = idBelow(root, path)
      if (id === undefined) return undefined
      const extension = posix.extname(id)
      const names = sources.names(id.includes('/') ? posix.dirname(id) : '')
      // An import that leaves the extension out, or writes .js for .ts, is answered in the same way.
      const hidden = extension === '' ? extensions : (written[extension] ?? [])
      const importable = new Set(names)
      for (const name of names)
        if (hidden.includes(posix.extname(name))) importable.add(`${posix.parse(name).name}${extension}`)
      return similar(posix.basename(id), importable)
    },
  }
}

/** The files that a path may mean, the likeliest first. */
function* candidates(path: string): Generator<string> {
  if (path !== '' && !path.endsWith('/')) {
    yield path
    const extension = posix.extname(path)
    const stem = path.slice(0, path.length - extension.length)
    for (const other of written[extension] ?? []) yield stem + other
    for (const other of extensions) yield path + other
  }
  for (const extension of extensions) yield posix.join(path, `index${extension}`)
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    return false
  }
}

function realpath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return path
  }
}

/** The id of a path below a directory, `''` for the directory itself; undefined for paths elsewhere. */
function idBelow(directory: string, path: string): string | undefined {
  const id = relative(directory, path)
  if (id === '..' || id.startsWith(`..${sep}`) || isAbsolute(id)) return undefined
  return sep === '/' ? id : id.replaceAll(sep, '/')
}

/** The package that a path leads into: `/a/node_modules/@scope/name/file` → `@scope/name`. */
export function packageNameIn(path: string): string | undefined {
  const below = /^(?:.*[\\/])?node_modules[\\/](.+)$/s.exec(path)?.[1]?.replaceAll('\\', '/')
  return below === undefined ? undefined : packageName(below)
}

/** `@scope/name/file` → `@scope/name` */
export function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
