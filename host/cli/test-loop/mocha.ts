// The user's own mocha: found from the project, with what its command line is made of. Its types come from @types/mocha.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { RegrowError } from '../../errors.js'

/** What regrow uses of the package. */
export interface MochaPackage {
  readonly Mocha: typeof Mocha
  /** Options of the command line, the environment, the configuration file and package.json, as mocha puts them together. */
  loadOptions(args: readonly string[]): Record<string, unknown>
  /** Paths of the spec files, absolute. */
  collectFiles(options: CollectOptions): string[]
}

export interface CollectOptions {
  readonly spec: readonly string[]
  readonly file: readonly string[]
  readonly ignore: readonly string[]
  readonly extension: readonly string[]
  readonly recursive: boolean
  readonly sort: boolean
  /** None is no mistake. */
  readonly allowEmpty: boolean
}

/**
 * @param directory where the project is
 * @throws RegrowError ERR_REGROW_OPTION when mocha is not installed there, or is one that regrow does not know
 */
export function findMocha(directory: string): MochaPackage {
  const require = createRequire(join(directory, 'package.json'))
  const found = resolve(require, 'mocha')
  if (found === undefined)
    throw new RegrowError(
      'ERR_REGROW_OPTION',
      `'regrow test' runs the tests with mocha, which is not installed in ${directory}: npm install --save-dev mocha`,
    )
  const { version } = require('mocha/package.json') as { version: string }
  // Version 12 has renamed them.
  const internal = (name: string): any => {
    const path = resolve(require, `mocha/lib/cli/${name}.cjs`) ?? resolve(require, `mocha/lib/cli/${name}.js`)
    if (path !== undefined) return require(path)
    throw new RegrowError('ERR_REGROW_OPTION', `mocha ${version} is not one that regrow knows: versions 10 to 12 are`)
  }
  const loaded = require('mocha') as typeof Mocha & { default?: typeof Mocha }
  const { loadOptions } = internal('options')
  const collect = internal('collect-files')
  return {
    // An ES module since version 12.
    Mocha: loaded.default ?? loaded,
    loadOptions,
    collectFiles(options) {
      const files = collect({ ...options, spec: [...options.spec], file: [...options.file] })
      return Array.isArray(files) ? files : files.files
    },
  }
}

function resolve(require: NodeJS.Require, specifier: string): string | undefined {
  try {
    return require.resolve(specifier)
  } catch {
    return undefined
  }
}
