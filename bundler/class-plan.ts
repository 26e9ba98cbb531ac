// What is known of a class before it is written: what its past leaves to be declared, and who makes its instances.
import { fieldName, fieldNames, fieldSlot, isDeclared, isInstanceField } from './class-slots.js'
import type { ClassHistory, Run } from './emit.js'
import type { ClassElement, ClassItem, ClassSpec } from './record.js'
import type { Override, Writer } from './writer.js'

/** What stands for the literals of static fields. */
export interface StaticLiterals {
  holes(to: Writer, field: ClassElement): Override[]
  /** What their accessors hold, if there are some. */
  witness(to: Writer, field: ClassElement): string | undefined
}

export interface ClassPlan {
  /** Of the patch that the class stands in. */
  readonly writer: Writer
  readonly spec: ClassSpec
  readonly name: string
  /** The item's place in the plan, with its history. */
  readonly run: Run
  readonly history: ClassHistory | undefined
  /** The kernel's name. */
  readonly kernel: string
  /** Writes the bindings whose change makes a static initialiser run again, or a computed key. */
  readonly cells: (to: Writer, uses: readonly string[]) => string
  readonly literals: StaticLiterals
  /** It has private names, or had some. */
  readonly isLayered: boolean
  /** The stable class makes the instances. */
  readonly isByStable: boolean
  /** Private names that are to be declared. */
  readonly staticLayer: readonly ClassElement[]
  readonly instanceLayer: readonly ClassElement[]
  /** The stable class itself declares them. */
  readonly isStableLayer: boolean
  /** The fields whose initialisers are methods. */
  readonly handedOn: ReadonlySet<ClassElement>
  /** Fields that older instances get when they are first touched. */
  readonly lateFields: readonly ClassElement[]
  /** What awaits cannot stand in the functions that make the class: names of computed keys that are evaluated before them. */
  readonly hoisted: ReadonlyMap<ClassElement, string>
  slotOfField(element: ClassElement): string
}

export function planClass(
  writer: Writer,
  item: ClassItem,
  run: Run,
  cells: ClassPlan['cells'],
  literals: StaticLiterals,
): ClassPlan {
  const { spec } = item
  const { elements, assigned } = spec
  const history = run.classHistory
  const privates = elements.filter(each => each.isPrivate)
  const newPrivates = privates.filter(each => !isDeclared(history?.privates, each, spec))
  const isByStable = isMadeByStable(spec, history)
  const handedOn = handedOnFields(spec, history, newPrivates, isByStable)
  const assignedNames = assigned.map(fieldName)
  const lateFields = [...elements.filter(each => !assignedNames.includes(fieldName(each))), ...assigned].filter(
    each =>
      isInstanceField(each) &&
      !each.isComputed &&
      history?.lateFields.has(fieldName(each)) &&
      !(each.isPrivate && handedOn.has(each)),
  )
  const instanceLayer = newPrivates.filter(each => !each.isStatic)
  const computed = item.isAsync ? elements.filter(each => each.isComputed) : []
  return {
    writer,
    spec,
    name: item.names[0]!,
    run,
    history,
    kernel: writer.name('k'),
    cells,
    literals,
    isLayered: privates.length > 0 || (history?.privates.size ?? 0) > 0,
    isByStable,
    staticLayer: newPrivates.filter(each => each.isStatic),
    instanceLayer,
    isStableLayer: run.isNew && isByStable && instanceLayer.length > 0,
    handedOn,
    lateFields,
    hoisted: new Map(computed.map((each, index) => [each, writer.name(`y${index}`)])),
    slotOfField: each => fieldSlot(each, history?.privates.get(each.name), newPrivates.includes(each)),
  }
}

/** Whether the stable class makes the instances of a version. */
function isMadeByStable(spec: ClassSpec, history: ClassHistory | undefined): boolean {
  if (!history) return spec.isBase
  if (!spec.isBase || !history.fields || history.fields.join() !== fieldNames(spec).join()) return false
  return spec.elements.every(
    each => !each.isPrivate || each.isStatic || history.privates.get(each.name)?.isInStable === true,
  )
}

/**
 * The fields whose initialisers are methods, which run where the stable class or a layer defines the field. Layers do so before the version
 * defines its first field, and in the order in which the names came.
 */
function handedOnFields(
  { elements }: ClassSpec,
  history: ClassHistory | undefined,
  newPrivates: readonly ClassElement[],
  isByStable: boolean,
): Set<ClassElement> {
  const instanceFields = elements.filter(isInstanceField)
  if (isByStable) return new Set(instanceFields)
  /** Which layer's field it is, as a number that grows in the order in which layers define them. */
  const placeOf = (each: ClassElement): number | undefined => {
    if (!each.isPrivate) return undefined
    if (newPrivates.includes(each)) return 1e9 + each.start
    const known = history!.privates.get(each.name)!
    return known.isInStable ? undefined : known.place
  }
  const found = new Set<ClassElement>()
  let last = -1
  for (const each of instanceFields) {
    const place = placeOf(each)
    // In a method `eval` could name `arguments`.
    if (place === undefined || each.evaluates) last = Infinity
    else if (each.isConstant) found.add(each)
    else if (place > last) {
      last = place
      found.add(each)
    } else last = Infinity
  }
  return found
}
