// How members of a class are known over its versions.
import type { DeclaredPrivate } from './emit.js'
import type { ClassElement, ClassSpec } from './record.js'

/** The slot a member's implementation stands in. */
export function slotOf(element: ClassElement): string {
  return `${element.isStatic ? 'static ' : ''}${element.kind}:${element.isPrivate ? '#' : ''}${element.name}`
}

/** What identifies a static field over the versions. */
export const staticKey = (element: ClassElement) =>
  `${element.isPrivate ? '#' : element.isComputed ? '[' : ''}${element.name}`

/** What a private name is: `static field`, `method`, `get set`, … */
export function privateShape(element: ClassElement, all: readonly ClassElement[]): string {
  const kinds = all.filter(each => each.isPrivate && each.name === element.name).map(each => each.kind)
  return `${element.isStatic ? 'static ' : ''}${kinds.sort().join(' ')}`
}

/** Whether the innermost layer that declares a private name declares it as the element needs. */
export function isDeclared(
  declared: ReadonlyMap<string, DeclaredPrivate> | undefined,
  element: ClassElement,
  { elements, heritage }: ClassSpec,
): boolean {
  const known = declared?.get(element.name)
  if (known?.shape !== privateShape(element, elements)) return false
  // A stable class cannot give its fields to what a superclass made.
  return !(known.isInStable && heritage)
}

export const isInstanceField = (element: ClassElement) => element.kind === 'field' && !element.isStatic

/** What identifies an instance field over the versions. */
export const fieldName = (element: ClassElement) => `${element.isPrivate ? '#' : ''}${element.name}`

/** The slot of the function that a field starts as the result of. A private name that is declared once more has a slot of its own. */
export function fieldSlot(element: ClassElement, declared: DeclaredPrivate | undefined, isRedeclared: boolean): string {
  if (!element.isPrivate || !declared) return `field:${fieldName(element)}`
  return isRedeclared ? `${declared.slot}'` : declared.slot
}

/** The instance fields of a class whose stable class makes its instances, in order. */
export const fieldNames = ({ elements }: ClassSpec): string[] => elements.filter(isInstanceField).map(fieldName)

export const isMember = (element: ClassElement) =>
  element.kind === 'method' || element.kind === 'get' || element.kind === 'set'

/** Members that hand their calls on from the stable class. */
export const publicMembers = ({ elements }: ClassSpec): ClassElement[] =>
  elements.filter(each => isMember(each) && !each.isPrivate && !each.isComputed)

/** A static field or block. */
export const isStaticInitializer = (element: ClassElement): boolean =>
  element.isStatic && (element.kind === 'field' || element.kind === 'block')

/** What runs once, when the class is evaluated, in order. */
export const staticsOf = ({ elements }: ClassSpec): ClassElement[] => elements.filter(isStaticInitializer)
