// The intrinsics the kernel uses, captured before guest code can change them.
export const { apply, construct, ownKeys, get: getFrom } = Reflect
/** These tell by their result, as `Object`'s do not, whether the object let it be done. */
export const { defineProperty: tryDefine, deleteProperty: tryDelete, setPrototypeOf: tryLink } = Reflect
export const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf, is, isExtensible, isFrozen } =
  Object
export const { create } = Object
const { bind, call: callOf } = Function.prototype
export const uncurry = bind.bind(callOf) as <This, Args extends unknown[], Result>(
  method: (this: This, ...args: Args) => Result,
) => (self: This, ...args: Args) => Result
/** Calls a function: `call(f, receiver, ...given)`. */
export const call = uncurry(callOf) as (callee: Function, receiver: unknown, ...given: unknown[]) => unknown
export const hasOwn = uncurry(Object.prototype.hasOwnProperty) as (object: object, key: PropertyKey) => boolean
export const isAbove = uncurry(Object.prototype.isPrototypeOf) as (prototype: object, object: object) => boolean
export const FunctionPrototype = Function.prototype
export const ObjectPrototype = Object.prototype
const ArrayPrototype = Array.prototype
export const startsWith = uncurry(String.prototype.startsWith) as (text: string, start: string) => boolean
export const slice = uncurry(String.prototype.slice) as (text: string, start: number) => string
export const mapGet = uncurry(Map.prototype.get) as <K, V>(map: Map<K, V>, key: K) => V | undefined
export const mapSet = uncurry(Map.prototype.set) as <K, V>(map: Map<K, V>, key: K, value: V) => void
export const mapHas = uncurry(Map.prototype.has) as <K, V>(map: Map<K, V>, key: K) => boolean
export const mapDelete = uncurry(Map.prototype.delete) as <K, V>(map: Map<K, V>, key: K) => boolean
export const mapForEach = uncurry(Map.prototype.forEach) as <K, V>(
  map: Map<K, V>,
  each: (value: V, key: K) => void,
) => void
export const weakGet = uncurry(WeakMap.prototype.get) as <K extends object, V>(
  map: WeakMap<K, V>,
  key: K,
) => V | undefined
export const weakSet = uncurry(WeakMap.prototype.set) as <K extends object, V>(
  map: WeakMap<K, V>,
  key: K,
  value: V,
) => void
export const weakHas = uncurry(WeakMap.prototype.has) as <K extends object, V>(map: WeakMap<K, V>, key: K) => boolean
export const deref = uncurry(WeakRef.prototype.deref) as <T extends object>(reference: WeakRef<T>) => T | undefined
export const sort = uncurry(Array.prototype.sort) as <T>(array: T[]) => T[]
export const whenSettled = uncurry(Promise.prototype.then) as <T>(
  promise: Promise<T>,
  done: (value: T) => void,
  failed: (error: unknown) => void,
) => void
export const symbolDescription = uncurry(
  getOwnPropertyDescriptor(Symbol.prototype, 'description')!.get as (this: symbol) => string | undefined,
) as (symbol: symbol) => string | undefined
export const NativeMap = Map
export const NativeWeakMap = WeakMap
export const NativeWeakRef = WeakRef
export const NativePromise = Promise
export const NativeProxy = Proxy
export const NativeError = Error
export const NativeSyntaxError = SyntaxError
export const NativeTypeError = TypeError
export const NativeReferenceError = ReferenceError
export const { asyncIterator } = Symbol
/** Host realms that do not have them natively were given Node's. */
export const { dispose, asyncDispose, iterator } = Symbol
export const toStringTag: typeof Symbol.toStringTag = Symbol.toStringTag

/** Gives an object a property as an assignment would, whatever stands above the object. */
export function define(target: object, key: PropertyKey, value: unknown): void {
  defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Appends without touching what guests can change on arrays. */
export function push<T>(array: T[], value: T): void {
  define(array, array.length, value)
}

/** A list of the kernel's own: nothing stands above it, so `append` may assign. */
export function createList<T>(): T[] {
  const list: T[] = []
  setPrototypeOf(list, null)
  return list
}

export function append<T>(list: T[], value: T): void {
  list[list.length] = value
}

/** Makes an array of such a list, for whoever is not the kernel. */
export function toArray<T>(list: T[]): T[] {
  setPrototypeOf(list, ArrayPrototype)
  return list
}

/** Whether a value is an object, and so can take an instance's place or have members. */
export const isObject = (value: unknown): value is Record<PropertyKey, any> =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
