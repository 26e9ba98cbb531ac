// Checks options and fills in what was left out.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Grants, HostOptions, IsolateLimits, IsolateProcess, RealmKind, RunOptions, SourceStore } from './api.js'
import { RegrowError } from './errors.js'
import type { FetchSettings } from './realms/isolate/fetch-grant.js'

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
  /** An absolute path. */
  readonly cache: string | undefined
  readonly limits: IsolateLimits
  readonly process: IsolateProcess
  readonly grants: Required<Omit<Grants, 'fetch'>>
  readonly fetch: FetchSettings | undefined
  /** Undefined leaves `process.argv` of a main realm as it is. */
  readonly args: readonly string[] | undefined
  readonly text: string | undefined
  readonly onProgress: ((built: number, known: number) => void) | undefined
  readonly onFailedStart: ((error: RegrowError) => void) | undefined
}

const hostNames = [
  ...['root', 'sources', 'realm', 'watch', 'globals', 'modules', 'packages', 'dispose'],
  ...['cache', 'limits', 'process', 'grants'],
]
const runNames = [...hostNames, 'args', 'text', 'onProgress', 'onFailedStart']

const defaultLimits: IsolateLimits = {
  memoryMb: 128,
  cpuMs: 2000,
  wallMs: 10_000,
  messageBytes: 2_000_000,
  depth: 100,
  nodes: 50_000,
  calls: 1000,
  timers: 1000,
  heldFunctions: 10_000,
  sourceBytes: 500_000,
  reloadsPerSecond: 500,
  modules: 500,
  parts: 3000,
}

const noGrants: Settings['grants'] = { console: false, timers: false, crypto: false, performance: false }

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
  const { root, sources, realm, watch, globals, modules, packages, dispose, cache, limits, args, text } =
    options as RunOptions
  if (root !== undefined && typeof root !== 'string') refuse('root must be a path')
  if (sources !== undefined && !isRecord(sources))
    refuse('sources must be an object of texts by module id, or a store with read()')
  if (realm !== undefined && !['main', 'context', 'isolate'].includes(realm))
    refuse(`realm must be 'main', 'context' or 'isolate', not ${JSON.stringify(realm)}`)
  if (options.process !== undefined && !['own', 'shared', 'none'].includes(options.process))
    refuse(`process must be 'own', 'shared' or 'none', not ${JSON.stringify(options.process)}`)
  if (limits !== undefined) checkLimits(limits)
  if (options.grants !== undefined) checkGrants(options.grants)
  if (watch !== undefined && typeof watch !== 'boolean') refuse('watch must be true or false')
  if (cache !== undefined && cache !== false && typeof cache !== 'string')
    refuse('cache must be the path of a folder, or false')
  if (dispose !== undefined && typeof dispose !== 'boolean') refuse('dispose must be true or false')
  if (globals !== undefined && !isRecord(globals)) refuse('globals must be an object')
  if (modules !== undefined && !(isRecord(modules) && Object.values(modules).every(isRecord)))
    refuse('modules must be an object of objects: names to exports')
  const isList = Array.isArray(packages) && packages.every(each => typeof each === 'string')
  if (packages !== undefined && typeof packages !== 'boolean' && !isList)
    refuse('packages must be true, false or a list of names')
  if (args !== undefined && !(Array.isArray(args) && args.every(each => typeof each === 'string')))
    refuse('args must be a list of strings')
  if (text !== undefined && typeof text !== 'string') refuse('text must be a string')
  for (const name of ['onProgress', 'onFailedStart'] as const) {
    const callback = (options as RunOptions)[name]
    if (callback !== undefined && typeof callback !== 'function') refuse(`${name} must be a function`)
  }
}

/** What calls of a program are given. @throws RegrowError ERR_REGROW_OPTION */
export const checkCall = {
  reload(files: unknown): void {
    const isList = typeof files === 'object' && files !== null && Symbol.iterator in files
    if (files !== undefined && !(isList && [...(files as Iterable<unknown>)].every(each => typeof each === 'string')))
      refuse("reload takes a list of files: reload(['main.js'])")
  },
  update(files: unknown): void {
    if (!isRecord(files)) refuse('update takes an object: files to their texts, or null')
    for (const [file, text] of Object.entries(files as object))
      if (typeof text !== 'string' && text !== null)
        refuse(`update takes texts, or null for a file that is gone: ${file} is ${typeof text}`)
  },
  evaluate(source: unknown, options: unknown): void {
    if (typeof source !== 'string') refuse(`evaluate takes a text, not ${typeof source}`)
    checkNames('evaluate', options, ['module'])
  },
  close: (options: unknown): void => checkNames('close', options, ['dispose']),
}

function checkNames(call: string, options: unknown, known: readonly string[]): void {
  if (!isRecord(options)) refuse(`the options of ${call} must be an object`)
  for (const name of Object.keys(options as object))
    if (!known.includes(name)) refuse(`unknown option '${name}' of ${call}; there is ${known.join(', ')}`)
}

function checkGrants(grants: unknown): void {
  if (!isRecord(grants)) refuse('grants must be an object')
  const { fetch, ...switches } = grants as Record<string, unknown>
  const names = [...Object.keys(noGrants), 'fetch']
  for (const [name, value] of Object.entries(switches)) {
    if (!names.includes(name)) refuse(`unknown grant '${name}'; there are ${names.join(', ')}`)
    if (value !== undefined && typeof value !== 'boolean') refuse(`grant ${name} must be true or false`)
  }
  if (fetch !== undefined) fetchSettings(fetch as Grants['fetch'])
}

/** @throws RegrowError ERR_REGROW_OPTION */
function fetchSettings(grant: Grants['fetch']): FetchSettings | undefined {
  if (grant === undefined) return undefined
  const given: unknown = Array.isArray(grant) ? { origins: grant } : grant
  if (!isRecord(given) || !Array.isArray(given.origins)) return refuse('grant fetch must be a list of origins')
  const { origins, timeoutMs = 10_000, maxBytes = 1_000_000, ...others } = given
  for (const name of Object.keys(others))
    refuse(`unknown option '${name}' of grant fetch; there are origins, timeoutMs, maxBytes`)
  for (const [name, value] of Object.entries({ timeoutMs, maxBytes }))
    if (!(Number.isFinite(value) && (value as number) >= 1))
      refuse(`${name} of grant fetch must be a number of 1 or more`)
  const known = (origins as unknown[]).map(each => {
    const url = typeof each === 'string' && URL.canParse(each) ? new URL(each) : undefined
    const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
    return isOrigin
      ? url.origin
      : refuse(`grant fetch takes origins like 'https://api.example.com', not ${JSON.stringify(each)}`)
  })
  return { origins: known, timeoutMs: timeoutMs as number, maxBytes: maxBytes as number }
}

function checkLimits(limits: unknown): void {
  if (!isRecord(limits)) refuse('limits must be an object of numbers')
  for (const [name, value] of Object.entries(limits as object)) {
    if (!Object.hasOwn(defaultLimits, name))
      refuse(`unknown limit '${name}'; there are ${Object.keys(defaultLimits).join(', ')}`)
    const least = name === 'memoryMb' ? 8 : name === 'reloadsPerSecond' ? 0.1 : 1
    if (value !== undefined && !(Number.isFinite(value) && value >= least))
      refuse(`limit ${name} must be a number of ${least} or more`)
  }
}

/** @throws RegrowError ERR_REGROW_OPTION when `root` is not there */
export function settle(options: RunOptions): Settings {
  const root = resolve(options.root ?? process.cwd())
  if (options.sources === undefined) {
    const found = statSync(root, { throwIfNoEntry: false })
    if (!found) refuse(`root does not exist: ${root}`)
    else if (!found.isDirectory()) refuse(`root is not a directory: ${root}`)
  }
  const realm = options.realm ?? 'context'
  const { fetch, ...switches } = options.grants ?? {}
  const given = Object.entries(options.limits ?? {}).filter(([, value]) => value !== undefined)
  return {
    root,
    sources: options.sources,
    realm,
    watch: options.watch ?? true,
    globals: options.globals ?? {},
    modules: options.modules ?? {},
    packages: options.packages ?? realm !== 'isolate',
    dispose: options.dispose ?? true,
    cache: options.cache ? resolve(options.cache) : undefined,
    limits: { ...defaultLimits, ...Object.fromEntries(given) },
    process: options.process ?? 'own',
    grants: { ...noGrants, ...switches },
    fetch: fetchSettings(fetch),
    args: options.args,
    text: options.text,
    onProgress: options.onProgress,
    onFailedStart: options.onFailedStart,
  }
}
