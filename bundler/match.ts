// Pairs the items of two versions of a module, and the literals of an item.
import type { Item, Literal, StatementItem } from './record.js'

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

/** Pairs the literals of two versions of an item that are otherwise not alike: by name, and by text. What is there more than once has no pair. */
export function matchLiterals(before: readonly Literal[], after: readonly Literal[]): Map<Literal, Literal> {
  const matches = new Map<Literal, Literal>()
  const pair = (textOf: (literal: Literal) => string) => {
    const taken = new Set(matches.values())
    const old = singles(
      before.filter(each => !taken.has(each)),
      textOf,
    )
    const now = singles(
      after.filter(each => !matches.has(each)),
      textOf,
    )
    for (const [text, each] of now) {
      const found = old.get(text)
      if (found && isAccessor(found) === isAccessor(each)) matches.set(each, found)
    }
  }
  pair(nameOf)
  pair(each => each.signature)
  return matches
}

const isAccessor = ({ spec }: Literal): boolean => spec.shape === 'accessor'

function nameOf(literal: Literal): string {
  const { spec, selfName } = literal
  const name = spec.givenName || selfName
  return isAccessor(literal) ? `${spec.length === 0 ? 'get' : 'set'} ${name}` : name
}

function singles(literals: readonly Literal[], textOf: (literal: Literal) => string): Map<string, Literal> {
  const found = new Map<string, Literal>()
  const several = new Set([''])
  for (const each of literals) {
    const text = textOf(each)
    if (found.has(text)) several.add(text)
    found.set(text, each)
  }
  for (const text of several) found.delete(text)
  return found
}
