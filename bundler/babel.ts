// Sources, TypeScript or JSX, as Babel reads them: with all that esbuild takes away.
import type { ParserOptions, ParserPlugin } from '@babel/parser'
import { lazily } from './lazily.js'
import type { Node } from './parse.js'

export const babel = lazily<typeof import('@babel/parser')>('@babel/parser')

/** The statements of a source; undefined where it cannot be read: esbuild says why. */
export function bodyOf(
  source: string,
  plugins: ParserPlugin[],
  options: ParserOptions = {},
): readonly Node[] | undefined {
  try {
    const all = { ...options, sourceType: 'module', plugins, allowUndeclaredExports: true } as const
    // esbuild takes the text, or says what is wrong: what Babel has against it does not count.
    return babel().parse(source, { ...all, errorRecovery: true }).program.body as unknown as Node[]
  } catch {
    return undefined
  }
}

const noChildren = new Set(['loc', 'extra', 'leadingComments', 'trailingComments', 'innerComments', 'errors'])

export function* childrenOf(node: Node): Generator<Node> {
  for (const key of Object.keys(node)) {
    if (noChildren.has(key)) continue
    const value = node[key]
    for (const each of Array.isArray(value) ? value : [value]) if (typeof each?.type === 'string') yield each
  }
}
