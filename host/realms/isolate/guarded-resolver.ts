// What an import means in an isolate: a file inside the root, or what was granted by name. Nothing else is even looked for.
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { packageScheme } from '../../../guest/isolate/wire.js'
import { RegrowError } from '../../errors.js'
import type { Resolution, Resolver } from '../../resolve.js'
import { packageName } from '../../resolve-file.js'
import { harmless } from './harmless.js'
import { guestModule, virtualRoot, virtualUrl } from './virtual.js'

/** @param granted names of the option `modules` @param packages that may be imported, without builtins of Node */
export function guardResolver(
  resolver: Resolver,
  granted: Readonly<Record<string, unknown>>,
  packages: boolean | readonly string[],
): Resolver {
  const isGranted = (specifier: string): boolean => {
    if (packages === false || !/^[@\w]/.test(specifier) || /[\0\\:%]|(?:^|\/)\.{0,2}(?:\/|$)/.test(specifier))
      return false
    return !isBuiltin(specifier) && (packages === true || packages.includes(packageName(specifier)))
  }

  function resolve(specifier: string, importer: string, kind: Parameters<Resolver['resolve']>[2]): Resolution {
    if (Object.hasOwn(granted, specifier)) return { kind: 'granted', name: specifier }
    if (specifier === 'regrow/guest') return { kind: 'external', url: guestModule }
    // What `import.meta.url` leads to.
    for (const start of [virtualUrl, virtualRoot])
      if (specifier.startsWith(`${start}/`)) return inside(`.${specifier.slice(start.length)}`, specifier, '', kind)
    if (/^\.\.?(?:\/|$)/.test(specifier)) return inside(specifier, specifier, importer, kind)
    if (isGranted(specifier)) return { kind: 'external', url: packageScheme + specifier }
    return denied(specifier, importer)
  }

  function inside(
    path: string,
    specifier: string,
    importer: string,
    kind: Parameters<Resolver['resolve']>[2],
  ): Resolution {
    // Separators and ends of names that only appear once decoded.
    if (/[\0\\]|%(?:00|2e|2f|5c)/i.test(path)) return denied(specifier, importer)
    // Whether something is there outside the root is nobody's business either.
    if (/^(?:\.\.(?:\/|$)|\/)/.test(posix.join(posix.dirname(importer), path))) return denied(specifier, importer)
    const found = resolver.resolve(path, importer, kind)
    return found.kind === 'external' || found.kind === 'granted' ? denied(specifier, importer) : found
  }

  return { resolve, clear: resolver.clear, clearFiles: resolver.clearFiles }
}

function denied(specifier: string, importer: string): Resolution {
  const shown = harmless(specifier.length > 80 ? `${specifier.slice(0, 77)}...` : specifier)
  const message = `${importer === '' ? 'the entry' : importer} may not import '${shown}': an isolate imports files inside the root, and what the options 'modules' and 'packages' grant`
  return { kind: 'failed', error: new RegrowError('ERR_REGROW_DENIED', message, { file: importer }), wanted: [] }
}
