// The record of a text, from that of the text before: read again are only the statements around what changed, among stand-ins for the names
// that the others declare. The rest is taken over, moved to its place. What comes of it is what `analyse` gives; where that is not plain,
// nothing comes of it. Longer than most: each part of a record is cut and joined here, and nowhere else.
import { analyse, summaryOf } from './analyse.js'
import { ParseError } from './parse.js'
import { countWhile, firstFrom } from './places.js'
import {
  type Binding,
  bindingOf,
  type Edit,
  type ImportEntry,
  type Item,
  literalsIn,
  type ModuleRecord,
} from './record.js'
import { shiftEdit, shiftItem } from './shift.js'

interface Range {
  readonly start: number
  readonly end: number
}

/** What is read again: from `start` to `end` in the code before, `by` more characters in the new one. */
interface Cut extends Range {
  readonly by: number
  /** The statements at its ends: they did not change, but might have become one with what did. Undefined where that cannot be. */
  readonly first: Range | undefined
  readonly last: Range | undefined
  readonly isTop: boolean
  readonly isBottom: boolean
}

/** More than this part of a text is not worth the trouble. */
const largestPart = 0.7

/** Lowered decorators are told from their neighbours. */
const lowered = /_dec|__runInit/

/**
 * @param before is not a record of typed text
 * @param code JavaScript
 * @returns undefined where the whole text must be read: `analyse` tells what is wrong with it, if anything is
 */
export function reanalyse(before: ModuleRecord, code: string): ModuleRecord | undefined {
  const { imports, prefix } = before
  if (prefix !== '$_' || before.hasEval) return undefined
  const cut = findCut(before, code)
  if (!cut) return undefined
  const changed = code.slice(cut.start, cut.end + cut.by)
  if (changed.length > code.length * largestPart || changed.includes(prefix) || lowered.test(changed)) return undefined
  const kept = split(before, cut)
  if (!kept) return undefined
  const part = read(
    changed,
    kept.names,
    [...imports].filter(([, each]) => each.start < cut.start || each.start > cut.end),
  )
  if (!part || !fits(part, cut) || touchesLinks(before, cut, part)) return undefined
  const items = [...kept.items[0], ...part.items, ...kept.items[1]]
  if (items.some(each => each.kind === 'statement' && each.decorates !== undefined)) return undefined
  const otherwise = difference(new Set(part.bindings.keys()), kept.replaced)
  if (otherwise.size > 0 && namesAny(kept, before, cut, otherwise)) return undefined
  const edits = [
    ...kept.edits[0],
    ...part.edits.map(each => shiftEdit(each, cut.start)),
    ...kept.edits[1].map(each => shiftEdit(each, cut.by)),
  ]
  const moved =
    <T extends { readonly start: number }>(by: number) =>
    (each: T) => ({ ...each, start: each.start + by })
  const memberPlaces = [
    ...kept.members[0],
    ...part.memberPlaces.map(moved(cut.start)),
    ...kept.members[1].map(moved(cut.by)),
  ]
  return {
    code,
    ...moveLinks(before, cut, part),
    dynamicRequests: before.dynamicRequests,
    bindings: joinBindings(before, kept, part, edits),
    items: placeItems(kept, part, cut),
    edits,
    statements: joinStatements(before, cut, part),
    memberPlaces,
    hasEval: false,
    prefix,
    ...summaryOf(items, memberPlaces),
  }
}

/** Around what differs, one statement more on each side where what stands beside a statement may end it, or go on with it. */
function findCut({ code: old, statements }: ModuleRecord, code: string): Cut | undefined {
  const same = sameAt(old, code, Math.min(old.length, code.length), (text, from, to) => text.slice(from, to))
  const rest = Math.min(old.length, code.length) - same
  const sameEnd = sameAt(old, code, rest, (text, from, to) => text.slice(text.length - to, text.length - from))
  const count = statements.length / 2
  const startOf = (index: number) => statements[index * 2]!
  const endOf = (index: number) => statements[index * 2 + 1]!
  // The character behind a statement, and the one before, belong to what is the same: no token goes on there.
  let first = 0
  while (first < count && endOf(first) < same) first++
  let last = count - 1
  while (last >= first && startOf(last) > old.length - sameEnd) last--
  const isInside = first <= last
  const isApart = isInside && startsAsBefore(old.slice(startOf(first), same))
  const isClosed = isInside && old.length - sameEnd < endOf(last) && closes(old.slice(startOf(last), endOf(last)))
  if (!isApart) first--
  if (!isClosed) last++
  while (first > 0 && startOf(first) === endOf(first - 1)) first--
  while (last < count - 1 && endOf(last) === startOf(last + 1)) last++
  const isTop = first <= 0
  const isBottom = last >= count - 1
  if (isTop && isBottom) return undefined
  return {
    start: isTop ? 0 : startOf(first),
    end: isBottom ? old.length : endOf(last),
    by: code.length - old.length,
    first: isApart || first < 0 ? undefined : { start: startOf(first), end: endOf(first) },
    last: isClosed || last === count ? undefined : { start: startOf(last), end: endOf(last) },
    isTop,
    isBottom,
  }
}

/** Whether the first token of a statement did not change, by what is the same of it: that alone ends the statement before. */
const startsAsBefore = (same: string): boolean => /^[\w$]+[^\w$]/.test(same)

/** Whether a statement ends where it does whatever comes next. */
const closes = (statement: string): boolean =>
  statement.endsWith(';') || (statement.endsWith('}') && declaresByKeyword.test(statement))

const declaresByKeyword = /^(?:export\s+(?:default\s+)?)?(?:async\s+)?(?:function|class)\b/

/** How many characters two texts have in common, at most `most`. @param slice counts from the end where they are compared */
function sameAt(a: string, b: string, most: number, slice: (text: string, from: number, to: number) => string): number {
  let same = 0
  // V8 compares slices many times faster than single characters.
  for (let step = 4096; step >= 1; step >>= 4) {
    const isSame = (to: number) => to <= most && slice(a, same, to) === slice(b, same, to)
    while (isSame(same + step)) same += step
  }
  return same
}

/** What stays of a record, above and below the cut. */
interface Kept {
  readonly items: readonly [readonly Item[], readonly Item[]]
  readonly edits: readonly [readonly Edit[], readonly Edit[]]
  readonly members: readonly [ModuleRecord['memberPlaces'], ModuleRecord['memberPlaces']]
  readonly declared: readonly [ReadonlySet<string>, ReadonlySet<string>]
  /** What they declare. */
  readonly names: ReadonlySet<string>
  /** What the statements in the cut declared. */
  readonly replaced: ReadonlySet<string>
}

/** @returns undefined where a name is declared twice, or inside a statement */
function split({ items, edits, bindings, memberPlaces }: ModuleRecord, { start, end }: Cut): Kept | undefined {
  const parts = <T extends { readonly start: number }>(list: readonly T[]): [T[], T[], T[]] => {
    const from = firstFrom(list, start)
    const to = firstFrom(list, end + 1)
    return [list.slice(0, from), list.slice(from, to), list.slice(to)]
  }
  const [above, inside, below] = parts(items)
  const [editsAbove, , editsBelow] = parts(edits)
  const [membersAbove, , membersBelow] = parts(memberPlaces)
  const namesOf = (list: readonly Item[]) => new Set(list.flatMap(each => each.names))
  const declared = [namesOf(above), namesOf(below)] as const
  const replaced = namesOf(inside)
  const names = new Set([...declared[0], ...declared[1]])
  const all = new Set([...names, ...replaced])
  const isOnce = all.size === declared[0].size + declared[1].size + replaced.size
  if (!isOnce || all.size !== bindings.size) return undefined
  return {
    items: [above, below],
    edits: [editsAbove, editsBelow],
    members: [membersAbove, membersBelow],
    declared,
    names,
    replaced,
  }
}

/** A record of the changed statements alone. @returns undefined where they do not parse */
function read(
  changed: string,
  names: ReadonlySet<string>,
  imports: readonly (readonly [string, ImportEntry])[],
): ModuleRecord | undefined {
  const isNamed = namesIn(changed)
  const imported = imports.flatMap(([name, entry]) =>
    isNamed(name) ? (entry.name === '*' ? `import * as ${name} from ''` : `import { _ as ${name} } from ''`) : [],
  )
  const own = [...names].filter(name => name !== 'default' && isNamed(name))
  const stand = ["import ''", ...imported, ...(own.length ? [`let ${own}`] : [])].join('\n')
  let whole: ModuleRecord
  try {
    whole = analyse(`${changed}\n${stand}`)
  } catch (error) {
    if (error instanceof ParseError || error instanceof RangeError) return undefined
    throw error
  }
  const end = changed.length
  const isInside = (each: { readonly start: number }) => each.start <= end
  const count = countWhile(whole.statements.length, index => whole.statements[index]! <= end)
  if (whole.statements[count] !== end + 1) return undefined
  return {
    ...whole,
    code: changed,
    requests: whole.requests.filter(isInside),
    bindings: new Map([...whole.bindings].filter(([name]) => !names.has(name))),
    items: whole.items.filter(isInside),
    edits: whole.edits.filter(isInside),
    memberPlaces: whole.memberPlaces.filter(isInside),
    statements: whole.statements.slice(0, count),
  }
}

/** Tells which names may stand in a text. */
function namesIn(text: string): (name: string) => boolean {
  if (text.includes('\\u')) return () => true
  const words = new Set(text.match(/[\p{ID_Continue}$\u200c\u200d]+/gu))
  return name => words.has(name)
}

/** Whether the statements at the ends are what they were. */
function fits({ code, statements, hasEval }: ModuleRecord, cut: Cut): boolean {
  if (hasEval) return false
  const isAt = (range: Range | undefined, by: number, start = Number.NaN, end = Number.NaN) =>
    !range || (start === range.start + by && end === range.end + by)
  if (!isAt(cut.first, -cut.start, statements[0], statements[1])) return false
  if (!isAt(cut.last, cut.by - cut.start, statements.at(-2), statements.at(-1))) return false
  if (!cut.first && !cut.isTop && statements[0] !== 0) return false
  if (!cut.last && !cut.isBottom && !(statements.at(-1) === code.length && closes(code.slice(statements.at(-2)))))
    return false
  // Only at the top of a module is a string a directive.
  return cut.isTop || !/^['"]/.test(code)
}

/** What imports and exports of the statements between those at the ends say is said anew. */
function inner({ start, end, by, first, last }: Cut) {
  const from = first ? first.end : start
  const to = last ? last.start : end + 1
  return {
    isInside: (each: { readonly start: number }) => each.start >= from && each.start < to,
    isInPart: (each: { readonly start: number }) => each.start >= from - start && each.start < to + by - start,
  }
}

/** Whether other statements than those at the ends import something, or export what they do not declare. */
function touchesLinks(before: ModuleRecord, cut: Cut, part: ModuleRecord): boolean {
  const { isInside, isInPart } = inner(cut)
  if (part.requests.some(isInPart) || before.requests.some(isInside)) return true
  if (some(part.indirectExports, isInPart) || some(before.indirectExports, isInside)) return true
  const isList = (statements: readonly number[]) => (each: { readonly start: number }) =>
    !startsAt(statements, each.start)
  if (some(part.localExports, each => isInPart(each) && isList(part.statements)(each))) return true
  if (some(before.localExports, each => isInside(each) && isList(before.statements)(each))) return true
  for (const [name, each] of [...before.localExports, ...before.indirectExports]) {
    const again = part.localExports.get(name)
    if (again && isInPart(again) && !isInside(each)) return true
  }
  if (part.dynamicRequests.length > 0) return true
  return before.dynamicRequests.length > 0 && /\bimport\b/.test(before.code.slice(cut.start, cut.end))
}

function some<T>(map: ReadonlyMap<string, T>, isMeant: (value: T) => boolean): boolean {
  for (const value of map.values()) if (isMeant(value)) return true
  return false
}

function startsAt(statements: readonly number[], place: number): boolean {
  for (let at = 0; at < statements.length; at += 2) if (statements[at] === place) return true
  return false
}

function difference(some: ReadonlySet<string>, others: ReadonlySet<string>): Set<string> {
  const found = new Set([...some].filter(name => !others.has(name)))
  for (const name of others) if (!some.has(name)) found.add(name)
  return found
}

/** Whether what stays names something that stands for something else now. */
function namesAny(
  { items, edits }: Kept,
  { localExports }: ModuleRecord,
  cut: Cut,
  others: ReadonlySet<string>,
): boolean {
  const isMeant = (name: string) => others.has(name)
  for (const list of items)
    for (const item of list) {
      if (item.allNames.some(isMeant)) return true
      if (literalsIn(item).some(each => each.names.some(isMeant))) return true
    }
  for (const list of edits) if (list.some(each => 'name' in each && isMeant(each.name))) return true
  const { isInside } = inner(cut)
  return some(localExports, each => !isInside(each) && isMeant(each.binding))
}

/** What a record says of imports and exports. */
function moveLinks(
  before: ModuleRecord,
  cut: Cut,
  part: ModuleRecord,
): Pick<ModuleRecord, 'requests' | 'imports' | 'localExports' | 'indirectExports' | 'starExports'> {
  const { isInside, isInPart } = inner(cut)
  const isAbove = (each: { readonly start: number }) => each.start < (cut.first ? cut.first.end : cut.start)
  const move = <T extends { readonly start: number }>(each: T): T =>
    isAbove(each) ? each : { ...each, start: each.start + cut.by }
  const moveAll = <T extends { readonly start: number }>(map: ReadonlyMap<string, T>) =>
    [...map].map(([name, each]) => [name, move(each)] as const)
  const kept = moveAll(new Map([...before.localExports].filter(([, each]) => !isInside(each))))
  const own = [...part.localExports]
    .filter(([, each]) => isInPart(each))
    .map(([name, each]) => [name, { ...each, start: each.start + cut.start }] as const)
  return {
    requests: before.requests.map(move),
    imports: new Map(moveAll(before.imports)),
    localExports: new Map([
      ...kept.filter(([, each]) => isAbove(each)),
      ...own,
      ...kept.filter(([, each]) => !isAbove(each)),
    ]),
    indirectExports: new Map(moveAll(before.indirectExports)),
    starExports: before.starExports,
  }
}

/** In the order of the text, the default export last. */
function joinBindings(
  before: ModuleRecord,
  { declared }: Kept,
  part: ModuleRecord,
  edits: readonly Edit[],
): Map<string, Binding> {
  const assigned = new Set<string>()
  for (const edit of edits) if ('form' in edit && edit.form === 'write') assigned.add(edit.name)
  const [above, below] = declared
  const all = [
    ...[...before.bindings].filter(([name]) => above.has(name)),
    ...part.bindings,
    ...[...before.bindings].filter(([name]) => below.has(name)),
  ]
  const isLast = ([name]: readonly [string, Binding]) => name === 'default'
  return new Map(
    [...all.filter(each => !isLast(each)), ...all.filter(isLast)].map(([name, { kind }]) => [
      name,
      bindingOf(kind, assigned.has(name)),
    ]),
  )
}

/** Items of the same name are told apart by their number. */
function placeItems({ items: [above, below] }: Kept, part: ModuleRecord, { start, by }: Cut): Item[] {
  const count = new Map<string, number>()
  const place = (shift: number) => (item: Item) => {
    const name = item.kind === 'statement' ? 'statement' : item.names.join()
    const seen = count.get(name) ?? 0
    count.set(name, seen + 1)
    return shiftItem(item, shift, seen ? `${name}~${seen}` : name)
  }
  return [...above.map(place(0)), ...part.items.map(place(start)), ...below.map(place(by))]
}

function joinStatements({ statements }: ModuleRecord, { start, end, by }: Cut, part: ModuleRecord): number[] {
  return [
    ...statements.filter(each => each < start),
    ...part.statements.map(each => each + start),
    ...statements.filter(each => each > end).map(each => each + by),
  ]
}
