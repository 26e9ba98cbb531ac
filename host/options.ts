// Checks options and fills in what was left out.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { HostOptions, RealmKind, RunOptions, SourceStore } from './api.js'
import { RegrowError } from './errors.js'

/** Options with nothing left out. */
export interface Settings {
  readonly root: string
  readonly sources: Record<string, string> | SourceStore | undefined
  readonly realm: RealmKind
  readonly watch: boolean
  readonly globals: Readonly<Record<string, unknown>>
  readonly modules: Readonly<Record<string, Record<string, unknown>>>
  readonly packages: boolean | readonly string[]
  readonly dispose: boolean
  /** Undefined leaves `process.argv` of a main realm as it is. */
  readonly args: readonly string[] | undefined
  readonly onProgress: ((built: number, known: number) => void) | undefined
}

const hostNames = ['root', 'sources', 'realm', 'watch', 'globals', 'modules', 'packages', 'dispose']
const runNames = [...hostNames, 'args', 'onProgress']

const refuse = (message: string): never => {
  throw new RegrowError('ERR_REGROW_OPTION', message)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws RegrowError ERR_REGROW_OPTION for what is unknown or of the wrong type */
export function checkOptions(options: HostOptions | RunOptions, at: 'host' | 'run'): void {
  if (!isRecord(options)) refuse(`options must be an object, not ${options === null ? 'null' : typeof options}`)
  const known = at === 'host' ? hostNames : runNames
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) refuse(`unknown option '${name}'; there are ${known.join(', ')}`)
  }
  const { root, sources, realm, watch, globals, modules, packages, dispose, args, onProgress } = options as RunOptions
  if (root !== undefined && typeof root !== 'string') refuse('root must be a path')
  if (sources !== undefined && !isRecord(sources))
    refuse('sources must be an object of texts by module id, or a store with read()')
  if (realm !== undefined && realm !== 'main' && realm !== 'context')
    refuse(`realm must be 'main' or 'context', not ${JSON.stringify(realm)}`)
  if (watch !== undefined && typeof watch !== 'boolean') refuse('watch must be true or false')
  if (dispose !== undefined && typeof dispose !== 'boolean') refuse('dispose must be true or false')
  if (globals !== undefined && !isRecord(globals)) refuse('globals must be an object')
  if (modules !== undefined && !(isRecord(modules) && Object.values(modules).every(isRecord)))
    refuse('modules must be an object of objects: names to exports')
  const isList = Array.isArray(packages) && packages.every(each => typeof each === 'string')
  if (packages !== undefined && typeof packages !== 'boolean' && !isList)
    refuse('packages must be true, false or a list of names')
  if (args !== undefined && !(Array.isArray(args) && args.every(each => typeof each === 'string')))
    refuse('args must be a list of strings')
  if (onProgress !== undefined && typeof onProgress !== 'function') refuse('onProgress must be a function')
}

/** @throws RegrowError ERR_REGROW_OPTION when `root` is not there */
export function settle(options: RunOptions): Settings {
  const root = resolve(options.root ?? process.cwd())
  if (options.sources === undefined) {
    const found = statSync(root, { throwIfNoEntry: false })
    if (!found) refuse(`root does not exist: ${root}`)
    else if (!found.isDirectory()) refuse(`root is not a directory: ${root}`)
  }
  return {
    root,
    sources: options.sources,
    realm: options.realm ?? 'context',
    watch: options.watch ?? true,
    globals: options.globals ?? {},
    modules: options.modules ?? {},
    packages: options.packages ?? true,
    dispose: options.dispose ?? true,
    args: options.args,
    onProgress: options.onProgress,
  }
}
