// What a tsconfig.json at or below the root says about a module: path aliases for resolving, compiler options for the transform.
import { posix } from 'node:path'
import type { Expression } from 'acorn'
import type { TransformOptions } from 'esbuild'
import { lazily } from '../bundler/lazily.js'
import { decode } from './decode.js'
import { frameAt, type Place, RegrowError } from './errors.js'
import type { Sources } from './sources.js'

/** The compiler options that change what one file compiles to. */
const transformed = [
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'experimentalDecorators',
  'useDefineForClassFields',
  'target',
  'verbatimModuleSyntax',
  'alwaysStrict',
] as const

/** Those that matter besides for the metadata of decorators. */
const ofMetadata = ['emitDecoratorMetadata', 'strict', 'strictNullChecks'] as const

const acorn = lazily<typeof import('acorn')>('acorn')
const getTsconfig = lazily<typeof import('get-tsconfig')>('get-tsconfig')

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Raw = Exclude<NonNullable<TransformOptions['tsconfigRaw']>, string>

/** The governing tsconfig of each module: the nearest one, from its directory up to the root. */
export interface Tsconfig {
  /** Absolute paths that `paths` and `baseUrl` give a bare specifier, in order. @throws RegrowError ERR_REGROW_BUILD */
  candidates(specifier: string, importer: string): string[]
  /** What esbuild needs to know. @throws RegrowError ERR_REGROW_BUILD */
  transformOptions(id: string): { tsconfigRaw: Raw }
  /** Ids of the tsconfig files that were read or wanted, and of what they extend: when one changes, call `clear`. */
  files(): string[]
  /** Whether a file is one of these, or would be if it came. */
  isFile(id: string): boolean
  /** Those whose text is not what it was when it was read, or that came or went. */
  changed(): string[]
  clear(): void
}

/** A file that is part of a config. */
interface File {
  /** Undefined: it is not there. */
  readonly text: string | undefined
  /** Ids of what it extends, whatever that extends included. */
  readonly extended: readonly string[]
  readonly config?: Config
}

interface Config {
  readonly raw: Raw
  readonly candidates: (specifier: string) => string[]
}

const none: Config = { raw: {}, candidates: () => [] }

/** For guests whose tsconfig is not to be believed. */
export const noTsconfig: Tsconfig = {
  candidates: () => [],
  transformOptions: () => ({ tsconfigRaw: { compilerOptions: {} } }),
  files: () => [],
  isFile: () => false,
  changed: () => [],
  clear() {},
}

export function createTsconfig(sources: Sources): Tsconfig {
  const directories = new Map<string, Config>()
  const files = new Map<string, File>()

  const textOf = (id: string) => (sources.has(id) ? decode(sources.read(id) ?? '', id) : undefined)

  function isAsRead(id: string): boolean {
    try {
      return textOf(id) === files.get(id)?.text
    } catch {
      // Who reads it says what is wrong.
      return false
    }
  }

  function governing(directory: string): Config {
    let config = directories.get(directory)
    if (config === undefined) {
      const id = posix.join(directory, 'tsconfig.json')
      config = load(id) ?? (directory === '.' ? none : governing(posix.dirname(directory)))
      directories.set(directory, config)
    }
    return config
  }

  /** @returns undefined where there is none */
  function load(id: string): Config | undefined {
    const before = files.get(id)
    if (before?.config && isAsRead(id) && before.extended.every(isAsRead)) return before.config
    // Only what was there once is missed.
    if (!before && !sources.has(id)) return undefined
    const text = textOf(id)
    files.set(id, { text, extended: [] })
    if (text === undefined) return undefined
    const own = check(id, text)
    const extended = new Set<string>()
    for (const each of extendedBy(id, own)) note(each, extended)
    const config = read(id, own, sources)
    files.set(id, { text, extended: [...extended], config })
    return config
  }

  /** Takes note of what a config extends. */
  function note(id: string, noted: Set<string>): void {
    if (noted.has(id)) return
    noted.add(id)
    const text = textOf(id)
    // The same text may have a config of its own.
    if (!files.has(id) || files.get(id)!.text !== text) files.set(id, { text, extended: [] })
    if (text === undefined) return
    for (const each of extendedBy(id, check(id, text))) note(each, noted)
  }

  /** Ids of files of the program; packages stay as they are. */
  function extendedBy(id: string, { extends: names }: Checked): string[] {
    const isRelative = (name: Json | undefined): name is string => typeof name === 'string' && /^\.\.?(\/|$)/.test(name)
    return [names].flat().flatMap(name => {
      if (!isRelative(name)) return []
      const at = posix.join(posix.dirname(id), name)
      const candidates = [at, `${at}.json`, posix.join(at, 'tsconfig.json')].filter(
        each => each.endsWith('.json') && !each.startsWith('..'),
      )
      return candidates.find(each => sources.has(each)) ?? candidates[0] ?? []
    })
  }

  return {
    candidates: (specifier, importer) => governing(posix.dirname(importer)).candidates(specifier),
    transformOptions: id => ({ tsconfigRaw: governing(posix.dirname(id)).raw }),
    files: () => [...files.keys()],
    isFile: id => files.has(id) || posix.basename(id) === 'tsconfig.json',
    changed: () => [...files.keys()].filter(id => !isAsRead(id)),
    clear: () => directories.clear(),
  }
}

type Checked = { [key: string]: Json }

const invalid = (id: string, reason: string, cause?: unknown) =>
  new RegrowError('ERR_REGROW_BUILD', `${id} is invalid: ${reason}`, { file: id, cause })

/** get-tsconfig reads malformed JSON as far as it goes, so the syntax is checked first. */
function check(id: string, text: string): Checked {
  const checked = parse(text, id)
  if (!isRecord(checked)) throw invalid(id, 'it must be an object')
  if (checked.compilerOptions !== undefined && !isRecord(checked.compilerOptions))
    throw invalid(id, "'compilerOptions' must be an object")
  return checked
}

function read(id: string, checked: Checked, sources: Sources): Config {
  if (checked.extends !== undefined && !sources.onDisk(id))
    throw invalid(id, "'extends' needs the file system; put the options into this file")
  try {
    const config = sources.onDisk(id)
      ? getTsconfig().parseTsconfig(sources.path(id))
      : (checked as ReturnType<ReturnType<typeof getTsconfig>['parseTsconfig']>)
    const options: Record<string, unknown> = { ...config.compilerOptions }
    const matcher = getTsconfig().createPathsMatcher({ path: sources.path(id), config })
    const names =
      options.experimentalDecorators && options.emitDecoratorMetadata ? [...transformed, ...ofMetadata] : transformed
    const kept = names.flatMap(name => (options[name] === undefined ? [] : [[name, options[name]] as const]))
    return { raw: { compilerOptions: Object.fromEntries(kept) }, candidates: matcher ?? none.candidates }
  } catch (error) {
    throw invalid(id, (error as Error).message, error)
  }
}

/** JSON with comments and trailing commas is an expression of JavaScript, so its parser tells exactly where it is wrong. */
function parse(text: string, id: string): Json {
  if (text.trim() === '') return {}
  const fail = (reason: string, at: { line: number; column: number } | undefined) => {
    const lines = text.trimEnd().split('\n')
    const isPastEnd = at !== undefined && at.line > lines.length
    const line = isPastEnd ? lines.length : (at?.line ?? 1)
    // The first line has the parenthesis added below; columns count from 1 here and from 0 in acorn.
    const column = isPastEnd ? lines[line - 1]!.length + 1 : (at?.column ?? 0) + (line === 1 ? 0 : 1)
    const place: Place = { file: id, line, column }
    const frame = frameAt(text, place)
    const message = `${id} is invalid: ${reason} (line ${line}, column ${place.column})`
    return new RegrowError('ERR_REGROW_BUILD', message, frame === undefined ? { place } : { place, frame })
  }
  const value = (node: Expression): Json => {
    switch (node.type) {
      case 'ObjectExpression':
        return Object.fromEntries(
          node.properties.map(property => {
            if (property.type === 'Property' && !property.computed && !property.method && !property.shorthand) {
              const { key } = property
              if (key.type === 'Literal' && typeof key.value === 'string') return [key.value, value(property.value)]
            }
            throw fail('a property needs a name in double quotes and a value', property.loc?.start)
          }),
        )
      case 'ArrayExpression':
        return node.elements.map(element => {
          if (element && element.type !== 'SpreadElement') return value(element)
          throw fail('a list needs a value at each place', (element ?? node).loc?.start)
        })
      case 'Literal':
        if (!node.regex && node.bigint == null) return node.value as Json
    }
    throw fail('this is no JSON value', node.loc?.start)
  }
  try {
    const [statement, ...more] = acorn().parse(`(${text}\n)`, { ecmaVersion: 'latest', locations: true }).body
    if (statement?.type === 'ExpressionStatement' && more.length === 0) return value(statement.expression)
    throw fail('it must be one object', undefined)
  } catch (error) {
    if (RegrowError.is(error)) throw error
    const { message, loc } = error as SyntaxError & { loc: { line: number; column: number } }
    throw fail(message.replace(/ \(\d+:\d+\)$/, '').toLowerCase(), loc)
  }
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
