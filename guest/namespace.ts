// Module namespace objects: one for each module that needs it, live, whose keys follow the edits.
import {
  create,
  defineProperty,
  getOwnPropertyDescriptor,
  mapForEach,
  mapGet,
  mapHas,
  NativeProxy,
  ownKeys,
  push,
  sort,
  toStringTag,
} from './primordials.js'

/** How to read each export. */
export type Exports = Map<string, () => unknown>

export interface Namespace {
  readonly object: object
  update(exports: Exports): void
}

export function createNamespace(): Namespace {
  const target = create(null)
  defineProperty(target, toStringTag, { value: 'Module' })
  const handler = create(null) as ProxyHandler<object>
  handler.set = () => false
  handler.deleteProperty = (_target, name) => getOwnPropertyDescriptor(target, name) === undefined
  handler.defineProperty = () => false
  handler.setPrototypeOf = (_target, prototype) => prototype === null
  handler.preventExtensions = () => false
  handler.getOwnPropertyDescriptor = (_target, name) => {
    const own = getOwnPropertyDescriptor(target, name)
    // A proxy may not call a property fixed that can go away: `configurable` is true where the language says false.
    return own?.get
      ? { value: (own.get as () => unknown)(), writable: true, enumerable: true, configurable: true }
      : own
  }
  return {
    object: new NativeProxy(target, handler),
    update(exports) {
      const before = ownKeys(target)
      let isSame = before.length === exports.size + 1
      for (let index = 0; isSame && index < before.length; index++) {
        const name = before[index]!
        isSame = name === toStringTag || mapHas(exports, name as string)
      }
      // The names are defined anew when they change, so that their order is the sorted one.
      if (!isSame)
        for (let index = 0; index < before.length; index++)
          if (before[index] !== toStringTag) delete (target as any)[before[index]!]
      const names: string[] = []
      mapForEach(exports, (_read, name) => push(names, name))
      sort(names)
      for (let index = 0; index < names.length; index++) {
        defineProperty(target, names[index]!, {
          get: mapGet(exports, names[index]!)!,
          enumerable: true,
          configurable: true,
        })
      }
    },
  }
}
