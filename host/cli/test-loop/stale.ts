// Which modules must be evaluated anew because code below them changed. A reload patches functions in place and keeps what they had computed
// before (R4); a test wants what a fresh start would compute: `const TABLE = build()` must follow an edit of `build`.
import type { ClassItem, Item } from '../../../bundler/record.js'
import type { BuiltModule } from '../../module.js'

/**
 * @param isReached whether code of a module changes, or of one that it imports
 * @param isChanged whether the module's own text changes
 */
export function isStale(module: BuiltModule, isReached: (id: string) => boolean, isChanged: boolean): boolean {
  const { record, requests } = module
  // A function as a whole: what it took from `require` it holds.
  if (module.commonJS) return true
  const reached = new Set<string>()
  for (const [name, { specifier }] of record.imports) {
    const request = requests.get(specifier)
    if (request?.kind === 'guest' && isReached(request.id)) reached.add(name)
  }
  if (isChanged) for (const item of record.items) for (const name of item.names) reached.add(name)
  for (let before = -1; before !== reached.size; ) {
    before = reached.size
    for (const item of record.items)
      if (namesOf(item).some(name => reached.has(name))) for (const name of item.names) reached.add(name)
  }
  return record.items.some(item => evaluatedNames(item).some(name => reached.has(name)))
}

/** Every module-level name in an item; the member of a namespace counts as the namespace. */
function namesOf(item: Item): string[] {
  const literals = 'literals' in item ? item.literals.flatMap(each => each.names) : []
  return [...item.allNames, ...literals, ...item.uses].map(root)
}

/** Names that an item's code may use while the module is evaluated. */
function evaluatedNames(item: Item): string[] {
  if (item.kind === 'function') return []
  if (item.kind === 'class') return staticUses(item)
  if (item.kind === 'data' && item.form === 'empty') return []
  const own = new Set(item.kind === 'data' ? item.names : [])
  return namesOf(item).filter(name => !own.has(name))
}

const staticUses = ({ spec }: ClassItem): string[] =>
  spec.elements.filter(each => each.isStatic).flatMap(each => each.uses.map(root))

const root = (name: string): string => name.split('.')[0]!
