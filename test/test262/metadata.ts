// What a test of test262 says of itself: the YAML between `/*---` and `---*/`.
import { parse } from 'yaml'

export interface Metadata {
  readonly flags: ReadonlySet<string>
  /** Harness files, besides those that every test gets. */
  readonly includes: readonly string[]
  /** Names a harness file gives. */
  readonly defines: readonly string[]
  readonly negative?: { readonly phase: 'parse' | 'resolution' | 'runtime'; readonly type: string }
}

export function metadataOf(source: string): Metadata {
  const text = /\/\*---\r?\n?([\s\S]*?)---\*\//.exec(source)?.[1]
  const found = (text === undefined ? {} : parse(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n'))) ?? {}
  return {
    flags: new Set(found.flags ?? []),
    includes: found.includes ?? [],
    defines: found.defines ?? [],
    ...(found.negative && { negative: found.negative }),
  }
}
