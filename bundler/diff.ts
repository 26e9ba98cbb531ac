// Compares two versions of a module, item by item: what stays, what is replaced in place, what runs (R1–R6, R9).
// Longer than most: the rules for each kind of item share one set of results, and are read side by side.

import { classHistory, keptSlots, staticModes } from './class-history.js'
import { slotOf, staticKey, staticsOf } from './class-slots.js'
import type { ClassHistory, PatchPlan, Run } from './emit.js'
import { type Relink, relinkOfName } from './links.js'
import { matchItems } from './match.js'
import { outlineOf } from './outline.js'
import {
  type ClassElement,
  type ClassItem,
  type DataItem,
  type FunctionItem,
  type Item,
  type Literal,
  literalsIn,
  type ModuleRecord,
  type StatementItem,
} from './record.js'

/** What is remembered of a running version besides its record. */
export interface RunningVersion {
  readonly record: ModuleRecord
  readonly literalIds: ReadonlyMap<Literal, number>
  /** Ids of literals that were called while their item ran. */
  readonly called: ReadonlySet<number>
  readonly classes: ReadonlyMap<string, ClassHistory>
  readonly owners: ReadonlyMap<Item, number>
  readonly nextOwner: number
}

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
  /** Bindings whose value may be another one after this patch, before anything that depends on them. */
  readonly disturbed: ReadonlySet<string>
}

/** Tells the line an offset in the code of either version is at. */
export interface Lines {
  readonly before: (offset: number) => number
  readonly after: (offset: number) => number
}

type WithLiterals = DataItem | StatementItem

const hasLiterals = (item: Item): item is WithLiterals => item.kind === 'data' || item.kind === 'statement'

/** The names that make an item run again when their value changes: its own, and those of literals it called. */
export function usesOf(item: Item, running: Pick<RunningVersion, 'literalIds' | 'called'>): readonly string[] {
  return hasLiterals(item) ? usesWithCalled(item, running) : item.uses
}

/** The same of a static field, or of an item that has literals. */
export function usesWithCalled(
  { uses, literals }: Pick<DataItem, 'uses' | 'literals'>,
  running: Pick<RunningVersion, 'literalIds' | 'called'>,
): readonly string[] {
  const called = literals.filter(each => running.called.has(running.literalIds.get(each)!))
  return called.length ? [...new Set([...uses, ...called.flatMap(each => each.names)])] : uses
}

const isSameCode = (
  before: ModuleRecord,
  after: ModuleRecord,
  old: { start: number; end: number },
  now: { start: number; end: number },
) => before.code.slice(old.start, old.end) === after.code.slice(now.start, now.end)

/** The classes that statements of a module decorate. */
export const decoratedNames = (items: readonly Item[]): Set<string> =>
  new Set(items.flatMap(item => (item.kind === 'statement' ? (item.decorates ?? []) : [])))

/**
 * A trampoline made for an arrow cannot be called with `new`. Where that looks to be wanted, the binding gets another one, and the old
 * one goes on calling; elsewhere identity comes first (R1).
 */
const mustConstruct = (item: FunctionItem, old: Item, after: ModuleRecord): boolean =>
  item.spec.shape === 'constructible' &&
  old.kind === 'function' &&
  old.spec.shape !== 'constructible' &&
  (item.spec.usesThis || isUsedAsClass(item.names[0]!, after))

/** `new name`, `extends name` or `name.prototype` stands in the module, as one writes it. */
const isUsedAsClass = (name: string, { code, edits }: ModuleRecord): boolean =>
  edits.some(
    each =>
      'name' in each &&
      each.name === name &&
      (code.startsWith('.prototype', each.end) || /\b(?:new|extends) $/.test(code.slice(0, each.start).slice(-9))),
  )

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
  const before = running.record
  const matches = matchItems(before.items, after.items)
  const matchedLiterals = new Map<Literal, Literal>()
  const literalIds = new Map<Literal, number>()
  const classes = new Map<string, ClassHistory>()
  const functions: { item: FunctionItem; isNew: boolean }[] = []
  const literals: { literal: Literal; id: number }[] = []
  const runs = new Map<Item, Run>()
  const added: string[] = []
  const patched: string[] = []
  const removed: string[] = []
  const changedClasses: string[] = []
  const disturbed = new Set<string>()
  const decoratedBefore = decoratedNames(before.items)
  const isRelinked = (names: readonly string[]) => names.some(name => relinked.has(name))
  const usesOfField = (field: ClassElement) => usesWithCalled(field, { literalIds, called: running.called })
  const isCalled = (literal: Literal) => running.called.has(running.literalIds.get(literal)!)
  /** Runs an item whose text is the same, where names in it stand for something else now: their value decides (R4). */
  const runRelinked = (item: Item, uses: readonly string[]) => {
    const relinks = uses.map(name => relinkOfName(relinked, name))
    const isReplaced = relinks.includes('replaced')
    if (isReplaced || relinks.includes('moved')) run(item, { isConditional: !isReplaced, uses })
  }

  /** `var x` is there, and undefined, before anything runs: code above it may have assigned it. */
  const isThereBefore = (item: Item) =>
    item.kind === 'data' &&
    item.form === 'empty' &&
    after.bindings.get(item.names[0]!)!.kind === 'var' &&
    !before.bindings.has(item.names[0]!)

  const run = (item: Item, options: Partial<Run> = {}) => {
    runs.set(item, { item, isConditional: false, isNew: true, isReset: false, uses: [], ...options })
    if (item.kind === 'data') for (const name of item.names) disturbed.add(name)
  }
  const identify = (found: readonly Literal[]) => {
    for (const literal of found) {
      const id = takeId()
      literalIds.set(literal, id)
      literals.push({ literal, id })
    }
  }

  for (const item of after.items) {
    const old = matches.get(item)
    if (!old || old.kind !== item.kind) {
      // New, or another kind of thing under the old name.
      matches.delete(item)
      identify(literalsIn(item))
      if (item.kind === 'function' && item.isHoisted) functions.push({ item, isNew: true })
      else if (!isThereBefore(item)) run(item)
      if (old) {
        for (const name of item.names) disturbed.add(name)
        if (item.kind === 'function' || item.kind === 'class') patched.push(...item.names)
      }
      added.push(...(item.kind === 'statement' ? [] : item.names.filter(name => !before.bindings.has(name))))
      if (item.kind === 'class') classes.set(item.names[0]!, classHistory(item, undefined, false))
      continue
    }
    if (item.kind === 'function') {
      const isChanged = item.signature !== old.signature || isRelinked(item.allNames)
      if (isChanged) patched.push(item.names[0]!)
      // Other layout, same function: replaced all the same, so that traces and `toString()` are those of the new text.
      if (isChanged || !isSameCode(before, after, old, item)) {
        const isNew = mustConstruct(item, old, after)
        functions.push({ item, isNew })
        if (isNew) disturbed.add(item.names[0]!)
      }
    } else if (item.kind === 'class') {
      diffClass(item, old as ClassItem)
    } else if (hasLiterals(item)) {
      diffWithLiterals(item, old as WithLiterals)
    }
  }
  runGroups()
  runDecorated()
  runStorages()
  runCompletions()

  function diffClass(item: ClassItem, old: ClassItem): void {
    const name = item.names[0]!
    const history = running.classes.get(name)!
    const isChanged = item.signature !== old.signature || isRelinked(item.allNames)
    const anew = diffStaticLiterals(item, old)
    if (!isChanged && isSameCode(before, after, old, item)) {
      classes.set(name, history)
      return
    }
    // What has no value to compare with the one before is taken for another.
    const isReplaced = (name: string) => relinkOfName(relinked, name) === 'replaced'
    const mustRun = (field: ClassElement) => anew.has(field) || usesOfField(field).some(isReplaced)
    const { statics, removedStatics } = staticModes(item, old, usesOfField, mustRun)
    const next = classHistory(item, { history, old }, true)
    run(item, {
      isNew: false,
      classHistory: { ...history, lateFields: next.lateFields },
      statics,
      removedStatics,
      keptSlots: keptSlots(item, old, decoratedBefore),
    })
    classes.set(name, next)
    if (!isChanged) return
    changedClasses.push(name)
    reportMembers(item, old)
  }

  /** @returns static fields that run again for their literals' sake */
  function diffStaticLiterals(item: ClassItem, old: ClassItem): Set<ClassElement> {
    const anew = new Set<ClassElement>()
    for (const field of item.spec.elements) {
      if (field.literals.length === 0) continue
      const oldField = old.spec.elements.find(
        each => each.literals.length > 0 && staticKey(each) === staticKey(field) && each.signature === field.signature,
      )
      if (!oldField || haveCalledChanged(field.literals, oldField.literals)) {
        identify(field.literals)
        anew.add(field)
      } else patchLiterals(field.literals, oldField.literals, () => `${item.names[0]}.${labelOf(field)}`)
    }
    return anew
  }

  function reportMembers(item: ClassItem, old: ClassItem): void {
    const name = item.names[0]!
    const keyOf = (each: ClassItem['spec']['elements'][number]) => `${each.kind} ${slotOf(each)}`
    const isOwn = (label: string) => label.startsWith(`${name}.`)
    // Fields that are assigned in the constructor are members like others; a constructor of nothing else has no signature.
    const membersOf = ({ spec: { elements, assigned } }: ClassItem) => {
      const names = new Set(assigned.map(keyOf))
      return [...elements.filter(each => each.signature !== '' && !names.has(keyOf(each))), ...assigned]
    }
    const [oldMembers, newMembers] = [membersOf(old), membersOf(item)]
    const was = new Map(oldMembers.map(each => [keyOf(each), each.signature]))
    const members: string[] = []
    for (const each of newMembers) {
      if (each.kind === 'block' || (each.kind === 'field' && each.isStatic)) continue
      const label = labelOf(each)
      const signature = was.get(keyOf(each))
      was.delete(keyOf(each))
      if (signature === undefined) added.push(`${name}.${label}`)
      else if (signature !== each.signature) members.push(`${name}.${label}`)
    }
    for (const [key] of was) {
      const gone = oldMembers.find(each => keyOf(each) === key)!
      if (gone.kind === 'block') continue
      if (gone.kind === 'field' && gone.isStatic && newMembers.some(each => keyOf(each) === key)) continue
      removed.push(`${name}.${labelOf(gone)}`)
    }
    const decorating = (each: ClassItem) => each.spec.elements.find(({ isDecorating }) => isDecorating)?.signature
    const isDecoratedOtherwise = decorating(item) !== decorating(old)
    const isNamed = members.length > 0 || added.some(isOwn) || removed.some(isOwn)
    patched.push(...members, ...(isNamed && !isDecoratedOtherwise ? [] : [name]))
  }

  function labelOf(element: ClassItem['spec']['elements'][number]): string {
    if (element.kind === 'constructor') return 'constructor'
    return element.isComputed ? '[computed]' : `${element.isPrivate ? '#' : ''}${element.name}`
  }

  function diffWithLiterals(item: WithLiterals, old: WithLiterals): void {
    const isSameShell = item.signature === old.signature && item.literals.length === old.literals.length
    const isEmptyNow = item.kind === 'data' && item.form === 'empty'
    const isOther = isEmptyNow
      ? isForNamespace(item, old)
      : !isSameShell || haveCalledChanged(item.literals, old.literals)
    if (isOther) {
      matches.delete(item)
      identify(item.literals)
      run(item)
      return
    }
    patchLiterals(item.literals, old.literals, () =>
      item.kind === 'data' ? item.names.join(', ') : (item.decorates ?? `statement at line ${lines.after(item.start)}`),
    )
    if (item.kind === 'data') runRelinked(item, usesOf(item, { literalIds, called: running.called }))
    else runRelinked(item, item.completes)
  }

  /** Whether a binding is there for a TypeScript namespace now, and was for something else: the body fills an object of its own. */
  function isForNamespace(item: DataItem, old: WithLiterals): boolean {
    const extended = ({ items }: ModuleRecord) =>
      items.some(each => each.kind === 'statement' && each.extendsName === item.names[0])
    return old.kind === 'data' && extended(after) && (old.form !== 'empty' || !extended(before))
  }

  function haveCalledChanged(now: readonly Literal[], old: readonly Literal[]): boolean {
    return now.some((each, index) => isCalled(old[index]!) && each.signature !== old[index]!.signature)
  }

  /** @param label what they stand in, as reports show it */
  function patchLiterals(now: readonly Literal[], old: readonly Literal[], label: () => string): void {
    now.forEach((literal, index) => {
      const oldLiteral = old[index]!
      const id = running.literalIds.get(oldLiteral)!
      literalIds.set(literal, id)
      const isOtherText = literal.signature !== oldLiteral.signature
      const isChanged = isOtherText || isRelinked(literal.names)
      // What was called links as its item does.
      if (isOtherText || (isChanged && !isCalled(oldLiteral))) patched.push(label())
      if (isChanged || !isSameCode(before, after, oldLiteral.spec, literal.spec)) literals.push({ literal, id })
      else matchedLiterals.set(literal, oldLiteral)
    })
  }

  /** Declarations that share a name build one value: they run together, an enum from nothing (R3). */
  function runGroups(): void {
    const groups = new Map<string, Item[]>()
    for (const item of after.items) {
      const name =
        item.kind === 'statement'
          ? item.extendsName
          : item.kind === 'data' && item.names.length === 1
            ? item.names[0]
            : undefined
      if (name === undefined) continue
      const group = groups.get(name)
      if (group) group.push(item)
      else groups.set(name, [item])
    }
    for (const group of groups.values()) {
      const first = group.find(item => item.kind === 'data' && item.isEnum)
      const changed = group.filter(item => item.kind === 'data' && runs.has(item))
      const isSmaller = first !== undefined && isMissingPart(first.names[0]!)
      if (!isSmaller && (changed.length === 0 || (group.length === 1 && !first))) continue
      const from = first ? 0 : group.indexOf(changed[0]!)
      group.forEach((item, index) => {
        if (index < from || (item.kind === 'data' && item.form === 'empty')) return
        if (!runs.has(item)) rerun(item)
        if (item === first) runs.set(item, { ...runs.get(item)!, isReset: true })
      })
    }
  }

  /** An enum that was declared in several parts has lost one. */
  function isMissingPart(name: string): boolean {
    const isPart = (item: Item) => item.kind === 'data' && item.isEnum && item.names[0] === name
    return before.items.filter(isPart).length > after.items.filter(isPart).length
  }

  /** A class and the statements that decorate it run together: each decorator gets what the class itself has, as at the start. */
  function runDecorated(): void {
    const kept = new Set<Item>(matches.values())
    for (const name of new Set([...decoratedBefore, ...decoratedNames(after.items)])) {
      const group = after.items.filter(item =>
        item.kind === 'statement' ? item.decorates === name : item.kind === 'class' && item.names[0] === name,
      )
      const isDecoratedAnew =
        group.some(item => item.kind === 'statement' && !matches.has(item)) ||
        before.items.some(item => item.kind === 'statement' && item.decorates === name && !kept.has(item))
      if (!isDecoratedAnew && !group.some(item => runs.has(item))) continue
      for (const item of group) {
        if (item.kind === 'class' && isDecoratedAnew && matches.has(item) && !changedClasses.includes(name))
          patched.push(name)
        if (runs.has(item)) continue
        if (item.kind !== 'class') {
          rerun(item)
          continue
        }
        const history = running.classes.get(name)!
        const modes = staticModes(item, matches.get(item) as ClassItem, usesOfField)
        run(item, { isNew: false, classHistory: history, ...modes, keptSlots: [] })
      }
    }
  }

  /** A private static field that is set anew is added to a new map: it cannot be added to one twice. */
  function runStorages(): void {
    for (const { item } of [...runs.values()]) {
      const storage = item.kind === 'statement' ? item.sets?.storage : undefined
      const made = storage && after.items.find(each => each.kind === 'statement' && each.makes === storage)
      if (made && !runs.has(made)) rerun(made)
    }
  }

  /** `a.b = {…}` made a new object: what assigns `a.b.c` further down completes it, as it did the old one. */
  function runCompletions(): void {
    const made: string[] = []
    for (const item of after.items) {
      if (item.kind !== 'statement') continue
      if (!runs.has(item) && item.assigns.some(path => made.some(each => path.startsWith(`${each}.`)))) rerun(item)
      if (runs.has(item)) made.push(...item.assigns)
    }
  }

  function rerun(item: Item): void {
    const old = matches.get(item)
    if (old && hasLiterals(item)) {
      item.literals.forEach((literal, index) => {
        literalIds.set(literal, running.literalIds.get((old as WithLiterals).literals[index]!)!)
      })
    }
    run(item)
  }

  const continued = new Set(matches.values())
  for (const old of before.items) {
    if (continued.has(old)) continue
    const names = old.names.filter(name => !after.bindings.has(name))
    if (old.kind === 'statement') {
      if (old.sets) {
        if (!after.items.some(each => each.kind === 'statement' && each.sets?.label === old.sets!.label))
          removed.push(old.sets.label)
      } else if (
        old.decorates === undefined &&
        old.makes === undefined &&
        !after.items.some(each => !matches.has(each) && each.kind === 'statement')
      )
        removed.push(`statement at line ${lines.before(old.start)}`)
    } else removed.push(...names)
  }
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
  const functions = [...difference.functions]
  const runs: Run[] = []
  for (const item of record.items) {
    const run = planned.get(item)
    if (item.kind === 'function') {
      if (run) runs.push(run)
      else if (!replaced.has(item)) functions.push({ item, isNew: false })
    } else if (item.kind === 'class') {
      const history = running.classes.get(item.names[0]!)
      const all = staticsOf(item.spec)
      const { keptSlots: _, ...again }: Run = run ?? {
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

export function lineOf(code: string, offset: number): number {
  let line = 1
  for (let at = code.indexOf('\n'); at !== -1 && at < offset; at = code.indexOf('\n', at + 1)) line++
  return line
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
