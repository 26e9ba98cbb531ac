// TypeScript and JSX to JavaScript, through esbuild. Plain JavaScript does not pass here.
import type { Message, TransformOptions } from 'esbuild'
import { lazily } from './lazily.js'

const esbuild = lazily<typeof import('esbuild')>('esbuild')

export type TsconfigRaw = NonNullable<TransformOptions['tsconfigRaw']>

const loaders: Readonly<Record<string, 'ts' | 'tsx' | 'jsx'>> = {
  ts: 'ts',
  mts: 'ts',
  cts: 'ts',
  tsx: 'tsx',
  jsx: 'jsx',
}

/** The esbuild loader for a module id; undefined for what is JavaScript already. */
export const loaderOf = (id: string): 'ts' | 'tsx' | 'jsx' | undefined => loaders[id.slice(id.lastIndexOf('.') + 1)]

export interface Stripped {
  readonly code: string
  /** JSON of the source map from `code` to the source. */
  readonly map: string
}

/** Where esbuild found the source at fault. `line` and `column` count from 1. */
export class StripError extends Error {
  readonly line: number
  readonly column: number
  constructor(message: Message) {
    super(message.text)
    this.name = 'StripError'
    this.line = message.location?.line ?? 1
    this.column = (message.location?.column ?? 0) + 1
  }
}

/**
 * @param tsconfigRaw the compilerOptions that matter
 * @throws StripError where the text does not parse
 */
export async function strip(
  source: string,
  id: string,
  tsconfigRaw: TsconfigRaw,
  format: 'esm' | 'cjs' = 'esm',
): Promise<Stripped> {
  try {
    const { code, map } = await esbuild().transform(source, {
      loader: loaderOf(id) ?? 'js',
      format,
      target: 'node20',
      sourcefile: id,
      sourcemap: 'external',
      sourcesContent: false,
      charset: 'utf8',
      tsconfigRaw,
      logLevel: 'silent',
    })
    return { code, map }
  } catch (error) {
    const first = (error as { errors?: Message[] }).errors?.[0]
    throw first ? new StripError(first) : error
  }
}
