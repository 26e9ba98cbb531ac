// What a class's past means for its next version: which statics run, which names and fields are new.
import {
  fieldName,
  fieldNames,
  fieldSlot,
  isDeclared,
  isInstanceField,
  privateShape,
  slotOf,
  staticKey,
  staticsOf,
} from './class-slots.js'
import type { ClassHistory, StaticMode } from './emit.js'
import type { ClassElement, ClassItem } from './record.js'

/**
 * @param usesOf the names whose change makes a static field run again
 * @param mustRun whether a field runs although its signature is the same
 */
export function staticModes(
  item: ClassItem,
  old: ClassItem,
  usesOf: (field: ClassElement) => readonly string[],
  mustRun: (field: ClassElement) => boolean = () => false,
): { statics: StaticMode[]; removedStatics: string[] } {
  const waiting = staticsOf(old.spec)
  const elements = staticsOf(item.spec)
  const [oldFields, newFields] = [signaturesOf(waiting), signaturesOf(elements)]
  const removed = new Set(oldFields.keys())
  // The last of a key decides: with one of them all run.
  const running = new Set<string>()
  for (const [key, { length }] of newFields) if (length !== oldFields.get(key)?.length) running.add(key)
  const oldBlocks = waiting.filter(each => each.kind === 'block').map(each => each.signature)
  const statics = elements.map((each): StaticMode => {
    if (each.isDecorating) return 'run'
    if (each.kind === 'block') {
      const at = oldBlocks.indexOf(each.signature)
      if (at === -1) return 'run'
      oldBlocks.splice(at, 1)
      return 'keep'
    }
    const key = staticKey(each)
    const signature = oldFields.get(key)?.shift()
    removed.delete(key)
    // Like a declaration without initialiser, it never resets (R3).
    if (signature !== undefined && each.valueStart === each.valueEnd) return 'keep'
    if (signature !== each.signature || running.has(key) || mustRun(each)) {
      running.add(key)
      return 'run'
    }
    const uses = usesOf(each)
    return uses.length ? uses : 'keep'
  })
  return { statics, removedStatics: [...removed] }
}

/** Of fields, by key, for there may be more than one. */
function signaturesOf(elements: readonly ClassElement[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const each of elements) {
    if (each.kind !== 'field') continue
    const key = staticKey(each)
    if (!found.has(key)) found.set(key, [])
    found.get(key)!.push(each.signature)
  }
  return found
}

const instanceFields = ({ spec: { elements, assigned } }: ClassItem) => [
  ...elements.filter(isInstanceField),
  ...assigned,
]

/** What later versions of a class must know. */
export function classHistory(
  item: ClassItem,
  past: { history: ClassHistory; old: ClassItem } | undefined,
  isPatch: boolean,
): ClassHistory {
  const { elements } = item.spec
  const slots = new Set(
    elements
      .filter(each => ['method', 'get', 'set'].includes(each.kind) && !each.isPrivate && !each.isComputed)
      .map(slotOf),
  )
  const privates = new Map(past?.history.privates)
  const declared = past?.history.privates
  let place = Math.max(-1, ...[...privates.values()].map(each => each.place))
  for (const each of elements) {
    if (!each.isPrivate || isDeclared(declared, each, item.spec)) continue
    privates.set(each.name, {
      shape: privateShape(each, elements),
      isInStable: !past && item.spec.isBase && !each.isStatic,
      place: ++place,
      slot: fieldSlot(each, declared?.get(each.name), true),
    })
  }
  const lateFields = new Set<string>()
  if (isPatch && past) {
    const wasThere = new Set(instanceFields(past.old).map(fieldName))
    // A private name that goes and comes back is the same one: instances made before it still lack it.
    for (const name of past.history.lateFields) if (name.startsWith('#')) lateFields.add(name)
    for (const each of [...elements, ...item.spec.assigned.filter(({ isPrivate }) => !isPrivate)]) {
      if (each.isStatic || each.isComputed || (each.kind !== 'field' && !each.isPrivate)) continue
      const name = fieldName(each)
      if (past.history.lateFields.has(name)) lateFields.add(name)
      else if (each.isPrivate ? !isDeclared(declared, each, item.spec) : !wasThere.has(name)) lateFields.add(name)
    }
  }
  const fields = past ? past.history.fields : item.spec.isBase ? fieldNames(item.spec) : undefined
  return { slots, privates, fields, lateFields, heritage: item.spec.heritage?.made?.signature }
}

/**
 * Slots of members whose text stayed the same; none where decorators put something in place of members, which they must not find there
 * again.
 * @param decorated classes that statements decorated
 */
export function keptSlots(item: ClassItem, old: ClassItem, decorated: ReadonlySet<string>): string[] {
  if (decorated.has(item.names[0]!)) return []
  if ([item, old].some(({ spec }) => spec.elements.some(each => each.isDecorating))) return []
  const before = new Map(old.spec.elements.map(each => [slotOf(each), each.signature]))
  return item.spec.elements.filter(each => before.get(slotOf(each)) === each.signature).map(slotOf)
}
