// Items that run because others do.
import { staticModes } from './class-history.js'
import { type Comparison, decoratedNames } from './comparison.js'
import type { ClassItem, DataItem, Item } from './record.js'

/** Adds them to what is found to run. */
export function runTogether(comparison: Comparison): void {
  runGroups(comparison)
  runDecorated(comparison)
  runStorages(comparison)
  runCompletions(comparison)
}

/** Declarations that share a name build one value: they run together, an enum from nothing (R3). */
function runGroups(comparison: Comparison): void {
  const { before, after, runs } = comparison
  const partsBefore = countParts(before.items)
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
  for (const [name, group] of groups) {
    const first = group.find(item => item.kind === 'data' && item.isEnum)
    const changed = group.filter(item => item.kind === 'data' && runs.has(item))
    // What was declared in several parts, an enum or a `var`, has lost one.
    const isSmaller = (partsBefore.get(name) ?? 0) > group.filter(isPart).length
    if (!isSmaller && (changed.length === 0 || (group.length === 1 && !first))) continue
    const from = first ? 0 : group.indexOf(changed[0]!)
    group.forEach((item, index) => {
      if (index < from || (item.kind === 'data' && item.form === 'empty')) return
      if (!runs.has(item)) comparison.rerun(item)
      if (item === first) runs.set(item, { ...runs.get(item)!, isReset: true })
    })
  }
}

/** A declaration of one name that gives it a value. */
const isPart = (item: Item): item is DataItem =>
  item.kind === 'data' && item.form !== 'empty' && item.names.length === 1

function countParts(items: readonly Item[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { names } of items.filter(isPart)) counts.set(names[0]!, (counts.get(names[0]!) ?? 0) + 1)
  return counts
}

/** A class and the statements that decorate it run together: each decorator gets what the class itself has, as at the start. */
function runDecorated(comparison: Comparison): void {
  const { running, before, after, matches, runs, patched, changedClasses, decoratedBefore, usesOfField } = comparison
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
        comparison.rerun(item)
        continue
      }
      const history = running.classes.get(name)!
      const modes = staticModes(item, matches.get(item) as ClassItem, usesOfField)
      comparison.run(item, { isNew: false, classHistory: history, ...modes, keptSlots: [] })
    }
  }
}

/** A private static field that is set anew is added to a new map: it cannot be added to one twice. */
function runStorages(comparison: Comparison): void {
  const { after, runs } = comparison
  for (const { item } of [...runs.values()]) {
    const storage = item.kind === 'statement' ? item.sets?.storage : undefined
    const made = storage && after.items.find(each => each.kind === 'statement' && each.makes === storage)
    if (made && !runs.has(made)) comparison.rerun(made)
  }
}

/** `a.b = {…}` made a new object: what assigns `a.b.c` further down completes it, as it did the old one. What assigns `a.b` has the last word. */
function runCompletions(comparison: Comparison): void {
  const { after, runs } = comparison
  const made: string[] = []
  for (const item of after.items) {
    if (item.kind !== 'statement') continue
    if (!runs.has(item) && item.assigns.some(path => made.some(each => path === each || path.startsWith(`${each}.`))))
      comparison.rerun(item)
    if (runs.has(item)) made.push(...item.assigns)
  }
}
