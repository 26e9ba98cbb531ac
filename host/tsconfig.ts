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
  /** Ids of the tsconfig files read so far: when one changes, call `clear`. */
  files(): string[]
  /** Those whose text is not what it was when it was read, or that are gone. */
  changed(): string[]
  clear(): void
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
  changed: () => [],
  clear() {},
}

export function createTsconfig(sources: Sources): Tsconfig {
  const directories = new Map<string, Config>()
  /** With their texts. */
  const files = new Map<string, string>()

  const textOf = (id: string) => decode(sources.read(id) ?? '', id)

  function isAsRead(id: string): boolean {
    try {
      return sources.has(id) && textOf(id) === files.get(id)
    } catch {
      // Who reads it says what is wrong.
      return false
    }
  }

  function governing(directory: string): Config {
    let config = directories.get(directory)
    if (config === undefined) {
      const id = posix.join(directory, 'tsconfig.json')
      if (sources.has(id)) {
        const text = textOf(id)
        files.set(id, text)
        config = read(id, text, sources)
      } else config = directory === '.' ? none : governing(posix.dirname(directory))
      directories.set(directory, config)
    }
    return config
  }

  return {
    candidates: (specifier, importer) => governing(posix.dirname(importer)).candidates(specifier),
    transformOptions: id => ({ tsconfigRaw: governing(posix.dirname(id)).raw }),
    files: () => [...files.keys()],
    changed: () => [...files.keys()].filter(id => !isAsRead(id)),
    clear() {
      directories.clear()
      files.clear()
    },
  }
}

function read(id: string, text: string, sources: Sources): Config {
  // get-tsconfig reads malformed JSON as far as it goes, so the syntax is checked here first.
  const checked = parse(text, id)
  const invalid = (reason: string, cause?: unknown) =>
    new RegrowError('ERR_REGROW_BUILD', `${id} is invalid: ${reason}`, { file: id, cause })
  if (!isRecord(checked)) throw invalid('it must be an object')
  if (checked.extends !== undefined && !sources.onDisk(id))
    throw invalid("'extends' needs the file system; put the options into this file")
  if (checked.compilerOptions !== undefined && !isRecord(checked.compilerOptions))
    throw invalid("'compilerOptions' must be an object")
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
    throw invalid((error as Error).message, error)
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
