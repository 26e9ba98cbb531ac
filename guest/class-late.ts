// Fields that an edit added, for instances made before it (R2).
import type { ClassRecord, Constructor } from './class-record.js'
import {
  apply,
  defineProperty,
  getPrototypeOf,
  hasOwn,
  isAbove,
  mapForEach,
  mapHas,
  mapSet,
  NativeMap,
  setPrototypeOf,
  startsWith,
} from './primordials.js'
import type { Transaction } from './transaction.js'

/** Gives back what it is given: a class above it adds its private fields to any object. */
function returnGiven(object: object): object {
  return object
}

export const stamp = returnGiven as unknown as Constructor

/** Fields an edit added read, on an older instance, as their initialiser's value, computed on first access (R2). */
export function syncLate(transaction: Transaction, record: ClassRecord, fields: readonly string[]): void {
  const { prototype } = record.stable
  const before = record.late
  const now = new NativeMap<string, true>()
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!
    mapSet(now, field, true)
    if (startsWith(field, '#') || hasOwn(prototype, field)) continue
    const define = (object: object, value: unknown) =>
      defineProperty(object, field, { value, writable: true, enumerable: true, configurable: true })
    defineProperty(prototype, field, {
      configurable: true,
      enumerable: false,
      get(this: object) {
        if (this === prototype || this === undefined || this === null) return undefined
        const value = apply(record.version.prototype[`~late ${field}`], this, [])
        define(this, value)
        return value
      },
      set(this: object, value: unknown) {
        define(this, value)
      },
    })
  }
  mapForEach(before, (_true, field) => {
    if (!mapHas(now, field) && !startsWith(field, '#')) delete prototype[field]
  })
  transaction.record(() => {
    record.late = before
  })
  record.late = now
}

/** Gives an older instance the private fields of a layer that came after it. */
export function touchLate(record: ClassRecord, name: string, object: unknown): unknown {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return object
  if (!isAbove(record.stable.prototype, object)) return object
  for (let index = 0; index < record.instanceLayers.length; index++) {
    const layer = record.instanceLayers[index]!
    const has = layer[`~has ${name}`] as ((object: object) => boolean) | undefined
    if (!has) continue
    if (has(object)) return object
    const above = getPrototypeOf(layer)
    setPrototypeOf(layer, stamp)
    try {
      new layer(object)
    } finally {
      setPrototypeOf(layer, above)
    }
    mapForEach(record.late, (_true, field) => {
      if (startsWith(field, '#') && layer[`~has ${field}`])
        apply(record.version.prototype[`~late ${field}`], object, [])
    })
    return object
  }
  return object
}
