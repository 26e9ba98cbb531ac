// Modules that are not patched: npm packages, `node:` builtins, granted modules. Imported by the host, once; into an isolate, packages as texts.
import { packageScheme } from '../guest/isolate/wire.js'
import { RegrowError } from './errors.js'
import { guestUrl } from './own-files.js'
import { guestModule } from './realms/isolate/virtual.js'
import { packageNameIn } from './resolve-file.js'

export interface Externals {
  /** @throws RegrowError ERR_REGROW_LINK when it is not there, ERR_REGROW_EVALUATE when it throws */
  load(key: string, importer: string): Promise<void>
  isLoaded(key: string): boolean
  namespace(key: string): object
  names(key: string): readonly string[]
}

/** @param loadPackage gives the names that a package granted to an isolate exports @throws RegrowError */
export function createExternals(
  granted: Readonly<Record<string, Record<string, unknown>>>,
  loadPackage: (key: string, importer: string) => Promise<readonly string[]>,
): Externals {
  const loaded = new Map<string, object>()
  return {
    async load(key, importer) {
      if (loaded.has(key)) return
      if (key.startsWith('granted:')) {
        loaded.set(key, granted[key.slice('granted:'.length)]!)
        return
      }
      if (key.startsWith(packageScheme)) {
        const names = await loadPackage(key, importer)
        loaded.set(key, Object.assign(Object.create(null), Object.fromEntries(names.map(name => [name, undefined]))))
        return
      }
      try {
        const url = key === guestModule ? guestUrl : key
        loaded.set(key, await (url.endsWith('.json') ? import(url, { with: { type: 'json' } }) : import(url)))
      } catch (cause) {
        const code = (cause as NodeJS.ErrnoException)?.code
        const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNKNOWN_BUILTIN_MODULE'
        const reason = isLinkedSource(key, code)
          ? 'it is TypeScript outside the root; name a directory above it as root'
          : cause instanceof Error
            ? cause.message
            : String(cause)
        throw new RegrowError(
          isMissing ? 'ERR_REGROW_LINK' : 'ERR_REGROW_EVALUATE',
          `cannot load ${key}, imported by ${importer}: ${reason}`,
          { cause, file: importer },
        )
      }
    },
    isLoaded: key => loaded.has(key),
    namespace: key => loaded.get(key)!,
    names: key => Object.keys(loaded.get(key)!),
  }
}

/** A package of a workspace that is linked into node_modules: Node goes by where it is. */
const isLinkedSource = (key: string, code: string | undefined): boolean =>
  code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?tsx?$/.test(key) && packageNameIn(key) === undefined
