// One module from text to record: strip, parse, analyse.
import { analyse } from './analyse.js'
import { type CommonJS, readCommonJS } from './commonjs.js'
import { ParseError, parse } from './parse.js'
import { reanalyse } from './reanalyse.js'
import type { ModuleRecord } from './record.js'
import { loaderOf, StripError, strip, type TsconfigRaw } from './strip.js'

export interface Build {
  readonly record: ModuleRecord
  /** JSON of the map from the record's code to the source; undefined where they are the same. */
  readonly map?: string
}

export interface CommonJSBuild {
  readonly commonJS: CommonJS
  readonly map?: string
}

/** Text that does not build. `line` and `column` count from 1, in the source. */
export class BuildError extends Error {
  readonly line: number
  readonly column: number
  constructor(message: string, line: number, column: number) {
    super(message)
    this.name = 'BuildError'
    this.line = line
    this.column = column
  }
}

/**
 * Reads a CommonJS module.
 * @throws BuildError
 */
export async function buildCommonJS(source: string, id: string, tsconfigRaw: TsconfigRaw): Promise<CommonJSBuild> {
  try {
    if (isJavaScript(id)) return { commonJS: readCommonJS(source.replace(/^#!/, '//')) }
    const { code, map } = await strip(source, id, tsconfigRaw, 'cjs')
    return { commonJS: readCommonJS(code), map }
  } catch (error) {
    if (error instanceof StripError || error instanceof ParseError)
      throw new BuildError(error.message, error.line, error.column)
    throw tooDeep(error)
  }
}

/** Whether a module builds at once, without esbuild. */
export const isJavaScript = (id: string): boolean => loaderOf(id) === undefined

export interface BuildOptions {
  /** Labels statements that are run once, and are no part of the module. */
  readonly once?: string | undefined
  /** A record of another text of the module, of which much may still be true. It has nothing in it that was typed. */
  readonly before?: ModuleRecord | undefined
  /** TypeScript that may name `require` and its like beside what it imports. */
  readonly isLoose?: boolean
}

const read = (code: string, { once, before }: BuildOptions): ModuleRecord =>
  (before && once === undefined ? reanalyse(before, code) : undefined) ?? analyse(code, once)

/**
 * Builds JavaScript or JSON.
 * @throws BuildError
 */
export function buildJavaScript(source: string, id: string, options: BuildOptions = {}): Build {
  if (id.endsWith('.json')) return { record: analyse(jsonModule(source)) }
  try {
    return { record: read(source, options) }
  } catch (error) {
    if (error instanceof ParseError) throw new BuildError(error.message, error.line, error.column)
    throw tooDeep(error)
  }
}

/** Builds a file as its text: `import text from './a.txt' with { type: 'text' }`. */
export function buildText(source: string): Build {
  return { record: analyse(`export default ${JSON.stringify(source)}`) }
}

/** The tree of a source that nests without end is too deep for the call stack. */
function tooDeep(error: unknown): unknown {
  return error instanceof RangeError ? new BuildError('the source nests too deeply', 1, 1) : error
}

/** Where JSON goes wrong: the engine's message does not always say. */
function jsonFault(source: string): { line: number; column: number } {
  try {
    parse(`(${source}\n)`)
  } catch (error) {
    const lines = source.split('\n')
    if (error instanceof ParseError && error.line <= lines.length) {
      return { line: error.line, column: Math.max(1, error.line === 1 ? error.column - 1 : error.column) }
    }
    return { line: lines.length, column: lines[lines.length - 1]!.length + 1 }
  }
  return { line: 1, column: 1 }
}

function jsonModule(source: string): string {
  try {
    JSON.parse(source)
  } catch (error) {
    const { line, column } = jsonFault(source)
    throw new BuildError((error as Error).message, line, column)
  }
  // JSON is JavaScript but for its `__proto__` keys, which are plain ones.
  return `export default ${source.replace(/"__proto__"\s*:/g, '["__proto__"]:')}`
}

/**
 * Builds TypeScript or JSX.
 * @throws BuildError
 */
export async function buildTypeScript(
  source: string,
  id: string,
  tsconfigRaw: TsconfigRaw,
  options: BuildOptions = {},
): Promise<Build> {
  try {
    const { code, map } = await strip(source, id, tsconfigRaw, options.isLoose ? 'loose' : 'esm')
    return { record: read(code, options), map }
  } catch (error) {
    if (error instanceof StripError || error instanceof ParseError)
      throw new BuildError(error.message, error.line, error.column)
    throw tooDeep(error)
  }
}
