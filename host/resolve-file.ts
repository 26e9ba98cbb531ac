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
}

export function createFileResolver(root: string, sources: Sources): FileResolver {
  let realRoot: string | undefined

  function inside(path: string): string | undefined {
    // Not found out before it is needed: a root need not exist for modules in memory.
    realRoot ??= realpath(root)
    return idBelow(realRoot, realpath(path))
  }

  function place(path: string, id: string | undefined): FileResolution {
    if (id !== undefined && !sources.onDisk(id)) return { kind: 'guest', id }
    const real = realpath(path)
    const realId = inside(real)
    if (realId !== undefined && packageNameIn(realId) === undefined) return { kind: 'guest', id: realId }
    const name = packageNameIn(path) ?? packageNameIn(real)
    return name === undefined ? { kind: 'outside', path: real } : { kind: 'package', path: real, name }
  }

  return {
    inside,
    find(path) {
      const id = idBelow(root, path)
      if (id === undefined) {
        if (packageNameIn(path) === undefined) return { kind: 'outside', path }
        const found = candidates(path).find(isFile)
        return found === undefined ? { kind: 'missing', wanted: [] } : place(found, undefined)
      }
      const wanted = candidates(id !== '' && /[\\/]$/.test(path) ? `${id}/` : id)
      const found = wanted.find(sources.has)
      return found === undefined ? { kind: 'missing', wanted } : place(join(root, found), found)
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

function candidates(path: string): string[] {
  const index = extensions.map(extension => posix.join(path, `index${extension}`))
  if (path === '' || path.endsWith('/')) return index
  const extension = posix.extname(path)
  const stem = path.slice(0, path.length - extension.length)
  const sources = (written[extension] ?? []).map(other => stem + other)
  return [path, ...sources, ...extensions.map(extension => path + extension), ...index]
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
