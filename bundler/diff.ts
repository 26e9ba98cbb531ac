// Compares two versions of a module, item by item: what stays, what is replaced in place, what runs (R1–R6, R9).
import { classHistory } from './class-history.js'
import { staticsOf } from './class-slots.js'
import { Comparison, type Lines, lineOf, type RunningVersion, usesOf, type WithLiterals } from './comparison.js'
import { diffClass } from './diff-class.js'
import { runTogether } from './diff-together.js'
import type { ClassHistory, PatchedFunction, PatchPlan, Run } from './emit.js'
import type { Relink } from './links.js'
import { removedMembers } from './namespaces.js'
import { outlineOf } from './outline.js'
import {
  type ClassItem,
  type DataItem,
  type FunctionItem,
  type Item,
  type Literal,
  literalsIn,
  type ModuleRecord,
} from './record.js'

export interface Difference extends PatchPlan {
  readonly literalIds: Map<Literal, number>
  readonly owners: Map<Item, number>
  readonly nextOwner: number
  /** Owners whose items are gone, or became others. */
  readonly removedOwners: readonly number[]
  readonly classes: Map<string, ClassHistory>
  /** The old item each new one continues. */
  readonly matches: ReadonlyMap<Item, Item>
  readonly matchedLiterals: ReadonlyMap<Literal, Literal>
  /** Names of what was added, replaced in place or removed, as reports show them. */
  readonly added: readonly string[]
  readonly patched: readonly string[]
  /** Classes that are other ones now, although they are the same objects. */
  readonly changedClasses: readonly string[]
  readonly removed: readonly string[]
  readonly removedBindings: readonly string[]
  readonly removedLiterals: readonly number[]
  /** What namespaces have lost, as paths that begin with the binding's name. */
  readonly removedMembers: readonly (readonly string[])[]
  /** Bindings whose value may be another one after this patch, before anything that depends on them. */
  readonly disturbed: ReadonlySet<string>
}

/**
 * @param relinked names that link elsewhere than in the running version
 * @param takeId gives an id to a new literal
 * @param lines in what the author wrote; those of the code unless told
 */
export function diff(
  running: RunningVersion,
  after: ModuleRecord,
  relinked: ReadonlyMap<string, Relink>,
  takeId: () => number,
  lines: Lines = { before: offset => lineOf(running.record.code, offset), after: offset => lineOf(after.code, offset) },
): Difference {
  const comparison = new Comparison(running, after, relinked, takeId, lines)
  const { matches } = comparison
  for (const item of after.items) {
    const old = matches.get(item)
    if (!old || old.kind !== item.kind) addNew(comparison, item, old)
    else if (item.kind === 'function') diffFunction(comparison, item, old as FunctionItem)
    else if (item.kind === 'class') diffClass(comparison, item, old as ClassItem)
    else diffWithLiterals(comparison, item, old as WithLiterals)
  }
  runTogether(comparison)
  const continued = new Set(matches.values())
  findRemoved(comparison, continued)
  return result(comparison, continued)
}

/** An item that is new, or another kind of thing under the old name. */
function addNew(comparison: Comparison, item: Item, old: Item | undefined): void {
  const { before, matches, functions, disturbed, patched, added, classes } = comparison
  matches.delete(item)
  comparison.continueLiterals(literalsIn(item), comparison.replacedBy(item)?.literals ?? [])
  if (item.kind === 'function' && item.isHoisted)
    functions.push({ item, isNew: true, succeedsClass: old?.kind === 'class' && isLikeClass(item, comparison.after) })
  else if (!isThereBefore(comparison, item)) comparison.run(item)
  if (old) {
    for (const name of item.names) disturbed.add(name)
    if (item.kind === 'function' || item.kind === 'class') patched.push(...item.names)
  }
  if (item.kind !== 'statement') added.push(...item.names.filter(name => !before.bindings.has(name)))
  if (item.kind === 'class') classes.set(item.names[0]!, classHistory(item, undefined, false))
}

/** `var x` is there, and undefined, before anything runs: code above it may have assigned it. */
const isThereBefore = ({ before, after }: Comparison, item: Item): boolean =>
  item.kind === 'data' &&
  item.form === 'empty' &&
  after.bindings.get(item.names[0]!)!.kind === 'var' &&
  !before.bindings.has(item.names[0]!)

function diffFunction(comparison: Comparison, item: FunctionItem, old: FunctionItem): void {
  const { after, functions, patched, disturbed } = comparison
  const name = item.names[0]!
  const isChanged = item.signature !== old.signature || comparison.isRelinked(item.allNames)
  if (isChanged) patched.push(name)
  // Other layout, same function: replaced all the same, so that traces and `toString()` are those of the new text.
  if (!isChanged && comparison.isSameCode(old, item)) return
  const isNew = mustConstruct(item, old, after)
  functions.push({ item, isNew, isSame: !isNew && item.signature === old.signature })
  if (isNew) disturbed.add(name)
}

/**
 * A trampoline made for an arrow cannot be called with `new`. Where that looks to be wanted, the binding gets another one, and the old
 * one goes on calling; elsewhere identity comes first (R1).
 */
const mustConstruct = (item: FunctionItem, old: FunctionItem, after: ModuleRecord): boolean =>
  old.spec.shape !== 'constructible' && isLikeClass(item, after)

const isLikeClass = ({ spec, names }: FunctionItem, after: ModuleRecord): boolean =>
  spec.shape === 'constructible' && (spec.usesThis || isUsedAsClass(names[0]!, after))

/** `new name`, `extends name` or `name.prototype` stands in the module, as one writes it. */
const isUsedAsClass = (name: string, { code, edits }: ModuleRecord): boolean =>
  edits.some(
    each =>
      'name' in each &&
      each.name === name &&
      (code.startsWith('.prototype', each.end) || /\b(?:new|extends) $/.test(code.slice(0, each.start).slice(-9))),
  )

function diffWithLiterals(comparison: Comparison, item: WithLiterals, old: WithLiterals): void {
  const { running, literalIds, lines } = comparison
  const isSameShell = item.signature === old.signature && item.literals.length === old.literals.length
  const isEmptyNow = item.kind === 'data' && item.form === 'empty'
  const isOther = isEmptyNow
    ? isForNamespace(comparison, item, old)
    : !isSameShell || comparison.haveCalledChanged(item.literals, old.literals)
  if (isOther) {
    comparison.matches.delete(item)
    comparison.continueLiterals(item.literals, old.literals)
    comparison.run(item)
    return
  }
  comparison.patchLiterals(item.literals, old.literals, () =>
    item.kind === 'data' ? item.names.join(', ') : (item.decorates ?? `statement at line ${lines.after(item.start)}`),
  )
  if (item.kind === 'data') comparison.runRelinked(item, usesOf(item, { literalIds, called: running.called }))
  else comparison.runRelinked(item, item.completes, item.registersWith)
}

/** Whether a binding is there for a TypeScript namespace now, and was for something else: the body fills an object of its own. */
function isForNamespace({ before, after }: Comparison, item: DataItem, old: WithLiterals): boolean {
  const extended = ({ items }: ModuleRecord) =>
    items.some(each => each.kind === 'statement' && each.extendsName === item.names[0])
  return old.kind === 'data' && extended(after) && (old.form !== 'empty' || !extended(before))
}

/** Names what is gone, for the report. */
function findRemoved({ before, after, matches, removed, lines }: Comparison, continued: ReadonlySet<Item>): void {
  for (const old of before.items) {
    if (continued.has(old)) continue
    if (old.kind !== 'statement') removed.push(...old.names.filter(name => !after.bindings.has(name)))
    else if (old.sets) {
      const { label } = old.sets
      if (!after.items.some(each => each.kind === 'statement' && each.sets?.label === label)) removed.push(label)
    } else if (
      old.decorates === undefined &&
      old.makes === undefined &&
      !after.items.some(each => !matches.has(each) && each.kind === 'statement')
    )
      removed.push(`statement at line ${lines.before(old.start)}`)
  }
}

function result(comparison: Comparison, continued: ReadonlySet<Item>): Difference {
  const { running, before, after, matches, matchedLiterals, runs, functions, literals } = comparison
  const { literalIds, classes, added, patched, changedClasses, removed, disturbed } = comparison
  const kept = new Set(literalIds.values())
  const owners = new Map<Item, number>()
  let { nextOwner } = running
  for (const item of after.items) {
    const old = matches.get(item)
    owners.set(item, old ? running.owners.get(old)! : nextOwner++)
  }
  return {
    owners,
    nextOwner,
    removedOwners: before.items.flatMap(each => (continued.has(each) ? [] : running.owners.get(each)!)),
    functions,
    literals,
    runs: after.items.filter(each => runs.has(each)).map(each => runs.get(each)!),
    variables: [...after.bindings]
      .filter(([name, binding]) => binding.kind === 'var' && !before.bindings.has(name))
      .map(([name]) => name),
    literalIds,
    classes,
    matches,
    matchedLiterals,
    added: [...new Set(added)],
    patched: [...new Set(patched)],
    changedClasses,
    removed: [...new Set(removed)],
    removedBindings: [...before.bindings.keys()].filter(name => !after.bindings.has(name)),
    removedMembers: removedMembers(before, after),
    removedLiterals: [...running.literalIds.values()].filter(id => !kept.has(id)),
    disturbed,
  }
}

/** The same plan, with every item run and every function put back: the module is executed as if it were new, in its old scope (R12). */
export function executeWhole(
  record: ModuleRecord,
  difference: Difference,
  running: RunningVersion,
): { difference: Difference; runs: Run[] } {
  const planned = new Map(difference.runs.map(each => [each.item, each]))
  const replaced = new Set(difference.functions.map(each => each.item))
  const functions: PatchedFunction[] = difference.functions.map(({ isSame: _, ...each }) => each)
  const runs: Run[] = []
  for (const item of record.items) {
    const run = planned.get(item)
    if (item.kind === 'function') {
      if (run) runs.push(run)
      else if (!replaced.has(item)) functions.push({ item, isNew: false })
    } else if (item.kind === 'class') {
      const history = running.classes.get(item.names[0]!)
      const all = staticsOf(item.spec)
      const {
        keptSlots: _kept,
        isSame: _same,
        ...again
      }: Run = run ?? {
        item,
        isConditional: false,
        isNew: false,
        isReset: false,
        uses: [],
        ...(history ? { classHistory: history } : {}),
      }
      runs.push({ ...again, isConditional: false, ...(again.isNew ? {} : { statics: all.map(() => 'run' as const) }) })
    } else
      runs.push({
        ...(run ?? { item, isNew: true, uses: [] }),
        isConditional: false,
        isReset: item.kind === 'data' && item.isEnum,
      })
  }
  const disturbed = new Set([
    ...difference.disturbed,
    ...record.items.flatMap(each => (each.kind === 'data' ? each.names : [])),
  ])
  return { difference: { ...difference, functions, runs, disturbed }, runs }
}

/** The plan of a first load: everything is new. */
export function firstPlan(record: ModuleRecord, takeId: () => number): Difference {
  const nothing = {
    ...outlineOf(record),
    code: '',
    bindings: new Map(),
    items: [],
    edits: [],
    statements: [],
    memberPlaces: [],
  }
  return diff(
    { record: nothing, literalIds: new Map(), called: new Set(), classes: new Map(), owners: new Map(), nextOwner: 0 },
    record,
    new Map(),
    takeId,
  )
}
