// Moves what is known of a piece of code to another place in it.
import type { ClassElement, ClassSpec, Edit, FunctionSpec, Item, Literal, PrivateAccess } from './record.js'

interface Range {
  readonly start: number
  readonly end: number
}

const shiftRange = <T extends Range>(range: T, by: number): T => ({
  ...range,
  start: range.start + by,
  end: range.end + by,
})

const shiftSpec = (spec: FunctionSpec, by: number): FunctionSpec => shiftRange(spec, by)

function shiftLiteral(literal: Literal, by: number): Literal {
  return {
    ...shiftRange(literal, by),
    spec: shiftSpec(literal.spec, by),
    ...(literal.computedKey && { computedKey: shiftRange(literal.computedKey, by) }),
    selfPlaces: literal.selfPlaces.map(each => shiftRange(each, by)),
  }
}

function shiftElement(element: ClassElement, by: number): ClassElement {
  return {
    ...shiftRange(element, by),
    keyStart: element.keyStart + by,
    keyEnd: element.keyEnd + by,
    valueStart: element.valueStart + by,
    valueEnd: element.valueEnd + by,
    bodyStart: element.bodyStart + by,
    literals: element.literals.map(each => shiftLiteral(each, by)),
  }
}

const shiftAccess = (access: PrivateAccess, by: number): PrivateAccess => ({
  ...access,
  objectStart: access.objectStart + by,
  objectEnd: access.objectEnd + by,
  ...(access.chainEnd !== undefined && { chainEnd: access.chainEnd + by }),
})

function shiftClass(spec: ClassSpec, by: number): ClassSpec {
  return {
    ...shiftRange(spec, by),
    ...(spec.heritage && { heritage: shiftRange(spec.heritage, by) }),
    bodyStart: spec.bodyStart + by,
    elements: spec.elements.map(each => shiftElement(each, by)),
    assigned: spec.assigned.map(each => shiftElement(each, by)),
    privateAccesses: spec.privateAccesses.map(each => shiftAccess(each, by)),
  }
}

/** @param key is its key there */
export function shiftItem(item: Item, by: number, key: string): Item {
  if (by === 0) return item.key === key ? item : { ...item, key }
  const moved = { ...shiftRange(item, by), key }
  switch (moved.kind) {
    case 'function':
      return { ...moved, spec: shiftSpec(moved.spec, by) }
    case 'class':
      return { ...moved, spec: shiftClass(moved.spec, by) }
    case 'data':
      return {
        ...moved,
        initStart: moved.initStart + by,
        initEnd: moved.initEnd + by,
        literals: moved.literals.map(each => shiftLiteral(each, by)),
      }
    case 'statement':
      return {
        ...moved,
        literals: moved.literals.map(each => shiftLiteral(each, by)),
        ...(moved.product && { product: shiftRange(moved.product, by) }),
        ...(typeof moved.once === 'object' && { once: shiftRange(moved.once, by) }),
      }
  }
}

export function shiftEdit(edit: Edit, by: number): Edit {
  if (by === 0) return edit
  const moved = shiftRange(edit, by)
  if ('member' in moved) return { ...moved, nameEnd: moved.nameEnd + by, propertyStart: moved.propertyStart + by }
  if ('token' in moved && moved.token !== undefined) return { ...moved, token: moved.token + by }
  return moved
}
