// Whether a test passed: what it expects against how it ended.
import type { Ending } from './engine.js'
import type { Metadata } from './metadata.js'

/** @returns why it failed; undefined when it passed */
export function judge({ flags, negative }: Metadata, ending: Ending, lines: readonly string[]): string | undefined {
  const told = `${ending.error ?? ''}: ${ending.message ?? ''} (${ending.phase})`
  if (negative) {
    if (ending.phase === 'done') return `expected ${negative.type} in phase ${negative.phase}, and it ran`
    if (ending.phase !== negative.phase || ending.error !== negative.type)
      return `expected ${negative.type} in phase ${negative.phase}, not ${told}`
    return undefined
  }
  if (ending.phase !== 'done') return told
  if (!flags.has('async')) return undefined
  const last = lines.find(each => each.startsWith('Test262:Async'))
  if (last === undefined) return 'it never said that it was done'
  return last === 'Test262:AsyncTestComplete' ? undefined : last
}
