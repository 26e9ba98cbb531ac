// Pairs the items of two versions of a module.
import type { Item, StatementItem } from './record.js'

/** Pairs the items of two versions: by name, and statements by text and order. */
export function matchItems(before: readonly Item[], after: readonly Item[]): Map<Item, Item> {
  const matches = new Map<Item, Item>()
  const named = new Map(before.filter(each => each.kind !== 'statement').map(each => [each.key, each]))
  for (const item of after) {
    const old = item.kind === 'statement' ? undefined : named.get(item.key)
    if (old) matches.set(item, old)
  }
  const pairStatements = (textOf: (item: StatementItem) => string) => {
    const taken = new Set(matches.values())
    const waiting = new Map<string, StatementItem[]>()
    for (const each of before) {
      if (each.kind !== 'statement' || taken.has(each)) continue
      const text = textOf(each)
      const list = waiting.get(text)
      if (list) list.push(each)
      else waiting.set(text, [each])
    }
    for (const each of after) {
      if (each.kind !== 'statement' || matches.has(each)) continue
      const old = waiting.get(textOf(each))?.shift()
      if (old) matches.set(each, old)
    }
  }
  pairStatements(each => `${each.signature} ${each.literals.map(literal => literal.signature).join(' ')}`)
  pairStatements(each => each.signature)
  return matches
}
