// Granted packages of a program in an isolate: their texts, bundled elsewhere, and what they export there. The host runs none of it.
import { BuildError } from '../../../bundler/build.js'
import { packageScheme } from '../../../guest/isolate/wire.js'
import { RegrowError } from '../../errors.js'
import type { Settings } from '../../options.js'
import type { Builds } from './build-process.js'
import type { IsolateRealm } from './isolate.js'
import { PackageError } from './package-job.js'
import { withoutPaths } from './virtual.js'

export interface GuestPackages {
  /** Bundles one, and has the isolate evaluate it. @returns names of its exports @throws RegrowError */
  load(key: string, importer: string): Promise<readonly string[]>
  /** The text of one that was loaded. */
  code(key: string): string | undefined
}

/** More names than that are not linked. */
const mostNames = 10_000

export function createGuestPackages(
  { root, packages }: Pick<Settings, 'root' | 'packages'>,
  builds: Builds,
  realm: () => IsolateRealm,
): GuestPackages {
  const codes = new Map<string, string>()
  const allowed = typeof packages === 'boolean' ? (packages ? true : []) : packages

  async function bundle(specifier: string, importer: string): Promise<string> {
    try {
      return (await builds.bundle({ kind: 'package', specifier, root, packages: allowed })).code
    } catch (error) {
      if (!(error instanceof PackageError || error instanceof BuildError)) throw error
      const code = error instanceof PackageError ? error.code : 'ERR_REGROW_BUILD'
      const message = `cannot load the package '${specifier}', imported by ${importer}: ${withoutPaths(error.message, root)}`
      throw new RegrowError(code, message, { file: importer })
    }
  }

  return {
    async load(key, importer) {
      const specifier = key.slice(packageScheme.length)
      if (!codes.has(key)) codes.set(key, await bundle(specifier, importer))
      try {
        const names = await realm().step('external', [key])
        if (!Array.isArray(names)) return []
        return names.filter(name => typeof name === 'string').slice(0, mostNames)
      } catch (cause) {
        if (RegrowError.is(cause)) throw cause
        const message = `cannot load the package '${specifier}', imported by ${importer}: ${cause instanceof Error ? cause.message : String(cause)}`
        throw new RegrowError('ERR_REGROW_EVALUATE', message, { cause, file: importer })
      }
    },
    code: key => codes.get(key),
  }
}
