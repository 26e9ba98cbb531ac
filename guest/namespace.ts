// Module namespace objects: one for each module that needs it, live, whose keys follow the edits.
import {
  create,
  defineProperty,
  getOwnPropertyDescriptor,
  mapForEach,
  mapGet,
  mapHas,
  NativeProxy,
  push,
  sort,
  toStringTag,
} from './primordials.js'

/** How to read each export. */
export type Exports = Map<string, () => unknown>

/** @param exports gives the newest table at each look-up */
export function createNamespace(exports: () => Exports): object {
  const target = create(null)
  defineProperty(target, toStringTag, { value: 'Module' })
  const read = (name: string | symbol) => (typeof name === 'string' ? mapGet(exports(), name) : undefined)
  const handler = create(null) as ProxyHandler<object>
  handler.get = (_target, name) => (name === toStringTag ? 'Module' : read(name)?.())
  handler.has = (_target, name) => name === toStringTag || (typeof name === 'string' && mapHas(exports(), name))
  handler.set = () => false
  handler.deleteProperty = (_target, name) => !(name === toStringTag || read(name) !== undefined)
  handler.defineProperty = () => false
  handler.setPrototypeOf = (_target, prototype) => prototype === null
  handler.preventExtensions = () => false
  handler.ownKeys = () => {
    const names: string[] = []
    mapForEach(exports(), (_value, name) => push(names, name))
    const keys: (string | symbol)[] = sort(names)
    push(keys, toStringTag)
    return keys
  }
  handler.getOwnPropertyDescriptor = (_target, name) => {
    if (name === toStringTag) return getOwnPropertyDescriptor(target, toStringTag)
    const get = read(name)
    // A proxy may not call a property fixed that can go away: `configurable` is true where the language says false.
    return get && { value: get(), writable: true, enumerable: true, configurable: true }
  }
  return new NativeProxy(target, handler)
}
