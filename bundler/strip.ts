// TypeScript and JSX to JavaScript, through esbuild. Plain JavaScript does not pass here.
import type { ParserPlugin } from '@babel/parser'
import type { Message, TransformOptions, TransformResult } from 'esbuild'
import { asWritten } from './as-written.js'
import { commonJSNames, importRequired } from './commonjs-names.js'
import { relocate, writeDecorators } from './decorators.js'
import { assignsFields, markFields } from './field-mark.js'
import { lazily } from './lazily.js'
import { withoutAliases } from './lowered.js'
import { writeMetadata } from './metadata.js'
import type { MappedCode } from './output.js'

const esbuild = lazily<typeof import('esbuild')>('esbuild')

export type TsconfigRaw = NonNullable<TransformOptions['tsconfigRaw']>

const loaders: Readonly<Record<string, 'ts' | 'tsx' | 'jsx'>> = {
  ts: 'ts',
  mts: 'ts',
  cts: 'ts',
  tsx: 'tsx',
  jsx: 'jsx',
}

const traceMapping = lazily<typeof import('@jridgewell/trace-mapping')>('@jridgewell/trace-mapping')

/** The esbuild loader for a module id; undefined for what is JavaScript already. */
export const loaderOf = (id: string): 'ts' | 'tsx' | 'jsx' | undefined => loaders[id.slice(id.lastIndexOf('.') + 1)]

export const isTypeScript = (id: string): boolean => loaderOf(id)?.startsWith('ts') === true

/** What Babel's parser must know, decorators aside, to read what esbuild's loader reads. */
export function pluginsOf(id: string): ParserPlugin[] {
  const plugins: ParserPlugin[] = ['explicitResourceManagement']
  if (isTypeScript(id)) plugins.push('typescript')
  if (loaderOf(id)?.endsWith('x')) plugins.push('jsx')
  return plugins
}

const decoratorPlugins: readonly ParserPlugin[] = [
  'decoratorAutoAccessors',
  ['decorators', { allowCallParenthesized: true }],
]

export interface Stripped {
  readonly code: string
  /** JSON of the source map from `code` to the source. */
  readonly map: string
}

/** esbuild begins statements of the top level at the start of a line. */
const isModule = /^(?:import\b(?![(.])|export\b)/m

/** Where esbuild found the source at fault. `line` and `column` count from 1. */
export class StripError extends Error {
  readonly line: number
  readonly column: number
  constructor(message: Pick<Message, 'text' | 'location'>) {
    super(message.text)
    this.name = 'StripError'
    this.line = message.location?.line ?? 1
    this.column = (message.location?.column ?? 0) + 1
  }
}

/** What becomes of the text: of an ECMAScript module, of one that may name `require` and its like, or of a CommonJS module. */
export type StripFormat = 'esm' | 'loose' | 'cjs'

/**
 * @param tsconfigRaw the compilerOptions that matter
 * @throws StripError where the text does not parse
 */
export async function strip(
  source: string,
  id: string,
  tsconfigRaw: TsconfigRaw,
  format: StripFormat = 'esm',
): Promise<Stripped> {
  const define = format === 'loose' ? commonJSNames : undefined
  const transform = async (text: string): Promise<Stripped> => {
    const options: TransformOptions = {
      loader: loaderOf(id) ?? 'js',
      // Of a module that stays one esbuild would write `export default` otherwise.
      ...(format === 'cjs' ? { format } : {}),
      // Of the least that runs regrow: for less, attributes of imports are left out.
      target: 'node20.19',
      sourcefile: id,
      sourcemap: 'external',
      sourcesContent: false,
      charset: 'utf8',
      tsconfigRaw,
      ...(define && { define }),
      logLevel: 'silent',
    }
    const made = await transformAnew(text, options)
    if (format === 'cjs') return made
    // What neither imports nor exports esbuild takes for a script, where functions in blocks are other things.
    const { code, map } = isModule.test(made.code) ? made : await transformAnew(`${text}\nexport {}`, options)
    return asWritten(code, map, text)
  }
  const options = (typeof tsconfigRaw === 'string' ? JSON.parse(tsconfigRaw) : tsconfigRaw).compilerOptions ?? {}
  const emitsMetadata = options.experimentalDecorators && options.emitDecoratorMetadata && source.includes('@')
  const metadata = emitsMetadata
    ? writeMetadata(
        source,
        [...pluginsOf(id), 'decorators-legacy'],
        options.strictNullChecks ?? options.strict ?? false,
      )
    : undefined
  const finish = (made: Stripped): Stripped => {
    // A CommonJS module is run anew as a whole.
    if (format === 'cjs') return made
    const { code, map } = define ? importRequired(made) : made
    const text = withoutAliases(code, source)
    return { code: assignsFields(options) ? markFields(text, map, source) : text, map }
  }
  try {
    const typed = metadata && (await transform(metadata.code).catch(() => undefined))
    if (typed) return finish({ code: typed.code, map: mapTo(source, metadata, typed.map) })
    const plain = await transform(source)
    const written =
      format !== 'cjs' && plain.code.includes('__decoratorStart(')
        ? writeDecorators(source, [...pluginsOf(id), ...decoratorPlugins])
        : undefined
    const other = written && (await transform(written.code).catch(() => undefined))
    return finish(other ? { code: other.code, map: mapTo(source, written, other.map) } : plain)
  } catch (error) {
    const first = (error as { errors?: Message[] }).errors?.[0]
    throw first ? new StripError(first) : error
  }
}

/** Counts the processes of esbuild that have ended. */
let ended = 0

/** esbuild's process may end, by a text that is too much for it; then it answers nobody any more, unless another is started. */
async function transformAnew(text: string, options: TransformOptions, isSecond = false): Promise<TransformResult> {
  const before = ended
  try {
    return await esbuild().transform(text, options)
  } catch (error) {
    if (!/^The service (?:was stopped|is no longer running)/.test((error as Error).message)) throw error
    if (before === ended) {
      ended++
      await esbuild().stop()
    }
    // Whoever waited together with the text that was too much is not to blame.
    if (!isSecond) return transformAnew(text, options, true)
    throw new StripError({ text: 'esbuild ended when it read this text', location: null })
  }
}

/** The map of a rewritten text, led on to the source. */
function mapTo(source: string, written: MappedCode, json: string): string {
  const { decodedMappings, TraceMap } = traceMapping()
  const map = JSON.parse(json)
  return JSON.stringify({ ...map, mappings: relocate(decodedMappings(new TraceMap(map)), source, written) })
}
