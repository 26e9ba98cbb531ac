// What a transaction has changed, and how that is taken back.
import {
  append,
  createList,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  mapDelete,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  ownKeys,
  push,
  tryDefine,
  tryDelete,
  tryLink,
} from './primordials.js'
import { type Bag, refresh } from './scope.js'

export class UndoLog {
  readonly #undo: (() => void)[] | undefined
  readonly #saved = new NativeMap<object, true>()
  /** Properties, by object of the kernel's own, that are others now. */
  readonly #stale = new NativeMap<Bag, Map<string, true>>()

  /** Implementations that others have taken the place of. */
  readonly replaced: object[] = createList()

  constructor(isOfNew = false) {
    this.#undo = isOfNew ? undefined : createList()
  }

  get isOfNew(): boolean {
    return this.#undo === undefined
  }

  /** Remembers how to take a change back. */
  record(undo: () => void): void {
    if (this.#undo) append(this.#undo, undo)
  }

  /** Saves an object's own properties, once, to be put back as they were. */
  save(target: object): void {
    if (!this.#undo || mapHas(this.#saved, target)) return
    mapSet(this.#saved, target, true)
    const keys = ownKeys(target)
    const descriptors: PropertyDescriptor[] = []
    for (let index = 0; index < keys.length; index++) push(descriptors, getOwnPropertyDescriptor(target, keys[index]!)!)
    this.record(() => restore(target, keys, descriptors))
  }

  replace(implementation: object): void {
    if (this.#undo) append(this.replaced, implementation)
  }

  /** Gives an object a property. @returns false when the object does not let it */
  define(object: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    const before = getOwnPropertyDescriptor(object, key)
    if (!tryDefine(object, key, descriptor)) return false
    this.record(() => void (before ? tryDefine(object, key, before) : tryDelete(object, key)))
    return true
  }

  /** Gives an object another prototype. @returns false when the object does not let it */
  relink(object: object, prototype: object | null): boolean {
    const before = getPrototypeOf(object)
    if (before === prototype) return true
    if (!tryLink(object, prototype)) return false
    this.record(() => void tryLink(object, before))
    return true
  }

  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    if (this.#undo) {
      const had = mapHas(map, key)
      const old = mapGet(map, key)
      this.record(() => (had ? mapSet(map, key, old as V) : void mapDelete(map, key)))
    }
    mapSet(map, key, value)
  }

  forget<V>(map: Map<string, V>, name: string): void {
    if (!mapHas(map, name)) return
    const value = mapGet(map, name)!
    this.record(() => mapSet(map, name, value))
    mapDelete(map, name)
  }

  /** Lets V8 know, at the end, that what a property holds now is there to stay. */
  refresh(target: Bag, key: string): void {
    if (!this.#undo) return
    let keys = mapGet(this.#stale, target)
    if (!keys) mapSet(this.#stale, target, (keys = new NativeMap()))
    mapSet(keys, key, true)
  }

  commit(): void {
    mapForEach(this.#stale, (keys, target) => refresh(target, keys))
  }

  /** Takes everything back; `commit` is to follow. */
  takeBack(): void {
    for (let index = (this.#undo?.length ?? 0) - 1; index >= 0; index--) this.#undo![index]!()
  }
}

/** For what is new in a transaction, and goes as a whole: nothing of it is taken back, and nothing could be stale. */
export const logOfNew = new UndoLog(true)

function restore(target: object, keys: (string | symbol)[], descriptors: PropertyDescriptor[]): void {
  // From where they differ: what was deleted would come back behind the others.
  const now = ownKeys(target)
  let first = 0
  while (first < now.length && now[first] === keys[first]) first++
  for (let index = first; index < now.length; index++) tryDelete(target, now[index]!)
  for (let index = 0; index < keys.length; index++) {
    const old = descriptors[index]!
    if (!isSame(getOwnPropertyDescriptor(target, keys[index]!), old)) tryDefine(target, keys[index]!, old)
  }
}

/** Whether a property is as it was. */
export const isSame = (now: PropertyDescriptor | undefined, old: PropertyDescriptor): boolean =>
  now !== undefined &&
  now.value === old.value &&
  now.get === old.get &&
  now.set === old.set &&
  now.writable === old.writable &&
  now.enumerable === old.enumerable &&
  now.configurable === old.configurable
