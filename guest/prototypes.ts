// `F.prototype = {…}` that runs again: instances that exist have the object of before, which becomes what the new one is (R2).
import type { Callable } from './callable.js'
import {
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isExtensible,
  isObject,
  mapForEach,
  mapHas,
  mapSet,
  NativeMap,
  NativeWeakMap,
  ownKeys,
  tryDefine,
  tryDelete,
  weakGet,
  weakSet,
} from './primordials.js'
import { isSame, type UndoLog } from './undo-log.js'

/** What a statement gave to a function as its prototype. */
interface Given {
  readonly object: object
  readonly properties: Map<PropertyKey, PropertyDescriptor>
  readonly parent: object | null
}

export class Prototypes {
  readonly #given = new NativeWeakMap<object, Given>()
  readonly #isSameFunction: (a: unknown, b: unknown) => boolean

  /** @param isSameFunction whether two functions are trampolines of one definition, and can do the same */
  constructor(isSameFunction: (a: unknown, b: unknown) => boolean) {
    this.#isSameFunction = isSameFunction
  }

  /** @returns the prototype that a function is to have: the one it was given before, made like the new one, if it still has that */
  assign(undo: UndoLog, owner: unknown, fresh: object): object {
    if (!isObject(owner)) return fresh
    const before = weakGet(this.#given, owner)
    const given = givenAs(fresh)
    const isKept = before && getOwnPropertyDescriptor(owner, 'prototype')?.value === before.object && canChange(before)
    if (!isKept) {
      weakSet(this.#given, owner, given)
      return fresh
    }
    undo.record(() => weakSet(this.#given, owner, before))
    weakSet(this.#given, owner, { ...given, object: before.object })
    this.#change(undo, before, given)
    return before.object
  }

  /** Lets a new function keep the prototype it came with when it is given one: others lead to it already. */
  keep(owner: Callable): void {
    weakSet(this.#given, owner, givenAs(owner.prototype))
  }

  /** What others have put beside what was given stays, and the parent that they gave it. */
  #change(undo: UndoLog, { object, properties: old, parent }: Given, given: Given): void {
    undo.save(object)
    mapForEach(old, (before, key) => {
      const now = getOwnPropertyDescriptor(object, key)
      if (!mapHas(given.properties, key) && now && isSame(now, before)) tryDelete(object, key)
    })
    mapForEach(given.properties, (descriptor, key) => {
      const now = getOwnPropertyDescriptor(object, key)
      // Somebody may hold the function that it has: the same one, as it is now.
      if (now && this.#isSameFunction(now.value, descriptor.value)) mapSet(given.properties, key, now)
      else tryDefine(object, key, descriptor)
    })
    if (given.parent !== parent && getPrototypeOf(object) === parent) undo.relink(object, given.parent)
  }
}

const givenAs = (object: object): Given => ({
  object,
  properties: propertiesOf(object),
  parent: getPrototypeOf(object),
})

function propertiesOf(object: object): Map<PropertyKey, PropertyDescriptor> {
  const properties = new NativeMap<PropertyKey, PropertyDescriptor>()
  const keys = ownKeys(object)
  for (let index = 0; index < keys.length; index++)
    mapSet(properties, keys[index]!, getOwnPropertyDescriptor(object, keys[index]!)!)
  return properties
}

function canChange({ object, properties }: Given): boolean {
  let isFixed = !isExtensible(object)
  mapForEach(properties, ({ configurable }) => {
    if (!configurable) isFixed = true
  })
  return !isFixed
}
