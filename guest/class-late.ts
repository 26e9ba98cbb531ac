// Fields that an edit added, for instances made before it (R2).
import { type ClassRecord, type Constructor, putProperty } from './class-record.js'
import {
  apply,
  define,
  getFrom,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  isAbove,
  isExtensible,
  isFrozen,
  isObject,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  NativeWeakMap,
  ownKeys,
  slice,
  startsWith,
  tryDelete,
  weakGet,
  weakHas,
  weakSet,
} from './primordials.js'
import type { Bag } from './scope.js'
import type { UndoLog } from './undo-log.js'

/** Gives back what it is given: a class below it adds its private fields to any object. */
function returnGiven(object: object): object {
  return object
}

export const stamp = returnGiven as unknown as Constructor

/** Nobody adds to it: another map takes its place. */
export const noLate: Map<string, object | true> = new NativeMap()

/** Fields an edit added read, on an older instance, as their initialiser's value, computed on first access (R2). */
export function syncLate(
  undo: UndoLog,
  record: ClassRecord,
  fields: readonly string[],
  assigned: readonly string[],
): void {
  const { prototype } = record.stable
  const before = record.late
  if (fields.length === 0 && before.size === 0) return
  const now = new NativeMap<string, object | true>()
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!
    const known = mapGet(before, field)
    if (startsWith(field, '#')) mapSet(now, field, true)
    else if (known) mapSet(now, field, known)
    // What is assigned goes to an inherited setter, which must stay in sight.
    else if (!hasOwn(prototype, field) && !(assigns(assigned, field) && field in prototype))
      mapSet(now, field, defineLate(record, field))
  }
  mapForEach(before, (accessor, field) => {
    if (mapHas(now, field) || accessor === true) return
    if (getOwnPropertyDescriptor(prototype, field)?.get === accessor) tryDelete(prototype, field)
  })
  undo.record(() => {
    record.late = before
  })
  record.late = now
}

function assigns(assigned: readonly string[], field: string): boolean {
  for (let index = 0; index < assigned.length; index++) if (assigned[index] === field) return true
  return false
}

/** @returns the getter, to know the accessor by */
function defineLate(record: ClassRecord, field: string): object {
  const { prototype } = record.stable
  /** The values of instances that take no properties any more. */
  const values = new NativeWeakMap<object, unknown>()
  /** For whom the initialiser runs. */
  const begun = new NativeWeakMap<object, boolean>()
  /** What an instance finds that does not have the field, or not yet. */
  const above = (object: object): unknown => {
    const parent = getPrototypeOf(prototype)
    return parent ? getFrom(parent, field, object) : undefined
  }
  const accessor: PropertyDescriptor & { get(): unknown } = {
    configurable: true,
    enumerable: false,
    get(this: object) {
      if (!isObject(this) || weakGet(begun, this) || isPrototype(this)) return above(this)
      if (weakHas(values, this)) return weakGet(values, this)
      // Asked for by `super`.
      if (hasOwn(this, field)) return above(this)
      const initialise = record.version.prototype[`~regrow:late ${field}`]
      // The field is gone, and the prototype was frozen with it.
      if (initialise === undefined) return undefined
      weakSet(begun, this, true)
      try {
        const value = apply(initialise, this, [])
        if (isExtensible(this)) define(this, field, value)
        else weakSet(values, this, value)
        return value
      } finally {
        weakSet(begun, this, false)
      }
    },
    set(this: object, value: unknown) {
      if (!isObject(this) || isExtensible(this) || isFrozen(this)) define(this, field, value)
      else weakSet(values, this, value)
    },
  }
  putProperty(record, prototype, field, accessor)
  return accessor.get
}

/** Whether an object is the prototype of a class: it is nobody's instance. */
function isPrototype(object: object): boolean {
  const owner = getOwnPropertyDescriptor(object, 'constructor')?.value
  return typeof owner === 'function' && getOwnPropertyDescriptor(owner, 'prototype')?.value === object
}

/** Fields that were the stable class's own, until a superclass came, go on in a layer with the values they had. */
function moveFields({ layers }: ClassRecord, layer: Bag, object: object): void {
  const keys = ownKeys(layer)
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!
    if (typeof key !== 'string' || !startsWith(key, '~regrow:set #')) continue
    const name = slice(key, '~regrow:set '.length)
    for (let index = 0; index < layers.length; index++) {
      const stable = layers[index]!
      if (stable[`~regrow:get ${name}`] && stable[`~regrow:has ${name}`](object))
        layer[key](object, stable[`~regrow:get ${name}`](object))
    }
  }
}

/** Whether a class made an object. Where its first version had private names the object has one; else what stands above it must do. */
function isInstance({ stable, layers, origin }: ClassRecord, object: object): boolean {
  if (!origin) return isAbove(stable.prototype, object)
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index]!
    if ((layer === origin || layer['~regrow:step']) && privateNameOf(layer)?.(object)) return true
  }
  return false
}

/** Tells of one private name of a layer whether an object has it: objects have all or none. */
function privateNameOf(layer: Bag): ((object: object) => boolean) | undefined {
  const keys = ownKeys(layer)
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!
    if (typeof key === 'string' && startsWith(key, '~regrow:has #')) return layer[key]
  }
  return undefined
}

export const hasPrivateNames = (layer: Bag): boolean => privateNameOf(layer) !== undefined

/** Gives an older instance the private fields of a layer that came after it. */
export function touchLate(record: ClassRecord, name: string, object: unknown): unknown {
  if (!isObject(object)) return object
  for (let index = record.layers.length - 1; index >= 0; index--) {
    const layer = record.layers[index]!
    if (!layer['~regrow:step']) continue
    const has = layer[`~regrow:has ${name}`] as ((object: object) => boolean) | undefined
    if (!has) continue
    if (has(object) || !isInstance(record, object)) return object
    ;new (layer as Constructor)(object)
    moveFields(record, layer, object)
    mapForEach(record.late, (_true, field) => {
      if (startsWith(field, '#') && layer[`~regrow:has ${field}`])
        apply(record.version.prototype[`~regrow:late ${field}`], object, [])
    })
    return object
  }
  return object
}
