// What a specifier means: a module of the guest, a file or builtin outside, a granted module, or a failure told in words.
import { isBuiltin } from 'node:module'
import { dirname, isAbsolute, resolve as resolvePath } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { HostOptions } from './api.js'
import { RegrowError } from './errors.js'
import { guestUrl, hostUrl } from './own-files.js'
import { createFileResolver, type FileResolution, packageName, packageNameIn } from './resolve-file.js'
import { createPackageResolver, type ImportKind } from './resolve-package.js'
import type { Sources } from './sources.js'
import type { Tsconfig } from './tsconfig.js'

export type Resolution =
  | { readonly kind: 'guest'; readonly id: string }
  /** What the host imports itself: a `file:` URL or a `node:` name. */
  | { readonly kind: 'external'; readonly url: string }
  | { readonly kind: 'granted'; readonly name: string }
  /** `wanted`: ids of modules whose creation would mend it. */
  | { readonly kind: 'failed'; readonly error: RegrowError; readonly wanted: readonly string[] }

export interface Resolver {
  /** @param importer id of the importing module; `''` for an entry, which is sought from the root */
  resolve(specifier: string, importer: string, kind: ImportKind): Resolution
  /** Forgets which files and packages there are: call it when that may have changed. */
  clear(): void
  /** The same of files alone. */
  clearFiles(): void
}

export interface ResolverOptions {
  readonly root: string
  readonly sources: Sources
  readonly packages: NonNullable<HostOptions['packages']>
  readonly modules: NonNullable<HostOptions['modules']>
  readonly tsconfig: Tsconfig
}

/** This package itself: guests find the copy that runs them, also where none is installed. */
const own: Readonly<Record<string, string>> = {
  regrow: hostUrl,
  'regrow/guest': guestUrl,
}

export function createResolver({ root, sources, packages, modules, tsconfig }: ResolverOptions): Resolver {
  const files = createFileResolver(root, sources)
  const packageFiles = createPackageResolver()

  function resolve(specifier: string, importer: string, kind: ImportKind): Resolution {
    if (/^\.\.?($|[\\/])/.test(specifier) || isAbsolute(specifier)) {
      return named(specifier, resolvePath(root, dirname(importer)), importer, kind)
    }
    if (Object.hasOwn(modules, specifier)) return { kind: 'granted', name: specifier }
    if (/^file:/i.test(specifier)) return fileUrl(specifier, importer)
    if (isBuiltin(specifier)) return builtin(specifier, importer)
    const scheme = /^([a-z][a-z\d+.-]*):/i.exec(specifier)
    if (scheme) return unsupported(specifier, scheme[1]!, importer)
    // `regrow/guest` gives no power, so `packages` does not guard it.
    if (Object.hasOwn(own, specifier) && (specifier === 'regrow/guest' || allowed(specifier)))
      return { kind: 'external', url: own[specifier]! }
    return bare(specifier, importer, kind)
  }

  function named(specifier: string, from: string, importer: string, kind: ImportKind): Resolution {
    // In an import the specifier is a URL, where '?' and '#' end the path and '%20' is a space; for require it is a path.
    const path = kind === 'import' ? specifier.replace(/[?#].*$/s, '') : specifier
    const directory = /(^|[\\/])\.{0,2}$/.test(path) ? '/' : ''
    const at = (path: string) => files.find(resolvePath(from, path) + directory)
    let found = at(path)
    if (found.kind === 'missing' && kind === 'import' && path.includes('%')) {
      const decoded = decodePath(path)
      if (decoded !== undefined) found = at(decoded)
    }
    return fromFile(found, specifier, path, resolvePath(from, path), importer)
  }

  function fileUrl(specifier: string, importer: string): Resolution {
    try {
      const path = fileURLToPath(specifier)
      return fromFile(files.find(path), specifier, specifier.replace(/[?#].*$/s, ''), path, importer)
    } catch (cause) {
      const message = `${who(importer)} imports '${specifier}', which is no valid file URL: ${(cause as Error).message}`
      return failed(new RegrowError('ERR_REGROW_LINK', message, { cause, file: importer }))
    }
  }

  function fromFile(
    found: FileResolution,
    specifier: string,
    written: string,
    path: string,
    importer: string,
  ): Resolution {
    switch (found.kind) {
      case 'guest':
        return found
      case 'package':
        return external(found.path, found.name, specifier, importer)
      case 'outside':
        return denied(
          `${who(importer)} may not import '${specifier}': ${found.path} is outside the root ${root}`,
          importer,
        )
      case 'missing': {
        const near = files.similar(path)
        const hint = near === undefined ? '' : `; did you mean '${written.replace(/[^\\/]*$/, '')}${near}'?`
        const query = written === specifier ? '' : `; '${specifier.slice(written.length)}' is not part of a file name`
        return missing(specifier, importer, hint || query, found.wanted)
      }
    }
  }

  function builtin(specifier: string, importer: string): Resolution {
    const url = specifier.startsWith('node:') ? specifier : `node:${specifier}`
    const plain = url.slice('node:'.length)
    if (allowed(url) || allowed(plain) || allowed(plain.split('/')[0]!)) return { kind: 'external', url }
    return notAllowed(specifier, url, importer)
  }

  function bare(specifier: string, importer: string, kind: ImportKind): Resolution {
    const wanted: string[] = []
    try {
      for (const path of tsconfig.candidates(specifier, importer)) {
        const found = files.find(path)
        if (found.kind !== 'missing') return fromFile(found, specifier, specifier, path, importer)
        wanted.push(...found.wanted)
      }
    } catch (error) {
      if (RegrowError.is(error)) return failed(error)
      throw error
    }
    const found = packageFiles.find(specifier, resolvePath(root, dirname(importer)), kind)
    if ('builtin' in found) return builtin(found.builtin, importer)
    if ('path' in found) {
      const id = files.inside(found.path)
      if (id === undefined || packageNameIn(id) !== undefined) {
        // Behind '#name' only the path tells which package it is; a linked package is known by the name imported.
        const name = specifier.startsWith('#') ? packageNameIn(found.path) : packageName(specifier)
        return external(found.path, name, specifier, importer)
      }
      return sources.has(id) ? { kind: 'guest', id } : missing(specifier, importer, `; it would be ${id}`, [id])
    }
    if (!specifier.startsWith('#') && !allowed(packageName(specifier)))
      return notAllowed(specifier, packageName(specifier), importer)
    const what = specifier.startsWith('#') ? '' : 'package '
    return missing(specifier, importer, `; ${found.missing}`, wanted, what, found.cause)
  }

  function external(path: string, name: string | undefined, specifier: string, importer: string): Resolution {
    if (name === undefined ? packages === true : allowed(name)) {
      return { kind: 'external', url: pathToFileURL(path).href }
    }
    return notAllowed(specifier, name ?? specifier, importer)
  }

  function allowed(name: string): boolean {
    return typeof packages === 'boolean' ? packages : packages.includes(name)
  }

  function notAllowed(specifier: string, name: string, importer: string): Resolution {
    const how =
      packages === false
        ? `packages are off; set the option 'packages' to true or to a list with '${name}'`
        : `add '${name}' to the option 'packages'`
    return denied(`${who(importer)} may not import '${specifier}': ${how}`, importer)
  }

  return {
    resolve,
    clear() {
      files.clear()
      packageFiles.clear()
    },
    clearFiles: files.clear,
  }
}

function who(importer: string): string {
  return importer === '' ? 'the entry' : importer
}

function failed(error: RegrowError, wanted: readonly string[] = []): Resolution {
  return { kind: 'failed', error, wanted }
}

function denied(message: string, importer: string): Resolution {
  return failed(new RegrowError('ERR_REGROW_DENIED', message, { file: importer }))
}

function missing(
  specifier: string,
  importer: string,
  hint: string,
  wanted: readonly string[],
  what = '',
  cause?: unknown,
): Resolution {
  const message = `cannot find ${what}'${specifier}'${importer === '' ? '' : ` imported by ${importer}`}${hint}`
  return failed(
    new RegrowError('ERR_REGROW_LINK', message, { file: importer, ...(cause !== undefined && { cause }) }),
    wanted,
  )
}

function unsupported(specifier: string, scheme: string, importer: string): Resolution {
  const short = specifier.length > 80 ? `${specifier.slice(0, 77)}...` : specifier
  const why = scheme === 'node' ? 'this Node has no such builtin module' : `imports by '${scheme}:' are not supported`
  return failed(new RegrowError('ERR_REGROW_LINK', `${who(importer)} imports '${short}': ${why}`, { file: importer }))
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
