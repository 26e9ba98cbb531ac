// More intrinsics, for what crosses the wall; captured, like those of the kernel, before guest code can change them.
import { getOwnPropertyDescriptor, getPrototypeOf, uncurry } from '../primordials.js'

type Getter = (this: unknown) => unknown
const getter = (prototype: object, key: PropertyKey) =>
  uncurry(getOwnPropertyDescriptor(prototype, key)!.get as Getter) as (self: unknown) => any

export const { isArray } = Array
export const { isView } = ArrayBuffer
export const { parse, stringify } = JSON
export const { MAX_SAFE_INTEGER } = Number
export const { fromCharCode } = String
export const toInteger = Number.parseInt
// biome-ignore lint/security/noGlobalEval: in an isolate it is the way to compile
export const evaluate = eval
export const NativeDate = Date
export const NativeRegExp = RegExp
export const NativeSet = Set
export const NativeArrayBuffer = ArrayBuffer
export const NativeUint8Array = Uint8Array
export const NativeBigInt = BigInt
export const NativeRangeError = RangeError
export const NativeNumber = Number
export const NativeString = String
export const charCodeAt = uncurry(String.prototype.charCodeAt) as (text: string, index: number) => number
export const sliceString = uncurry(String.prototype.slice) as (text: string, start: number, end?: number) => string
export const includes = uncurry(String.prototype.includes) as (text: string, part: string) => boolean
export const mapSize = getter(Map.prototype, 'size')
export const setSize = getter(Set.prototype, 'size')
export const setForEach = uncurry(Set.prototype.forEach) as <T>(set: Set<T>, each: (value: T) => void) => void
export const setAdd = uncurry(Set.prototype.add) as <T>(set: Set<T>, value: T) => void
export const dateTime = uncurry(Date.prototype.getTime) as (date: Date) => number
export const regExpSource = getter(RegExp.prototype, 'source')
export const regExpFlags = (
  [
    ['hasIndices', 'd'],
    ['global', 'g'],
    ['ignoreCase', 'i'],
    ['multiline', 'm'],
    ['dotAll', 's'],
    ['unicode', 'u'],
    ['unicodeSets', 'v'],
    ['sticky', 'y'],
  ] as const
).map(([name, flag]) => [getter(RegExp.prototype, name), flag] as const)
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype) as object
/** The name of a typed array's constructor; undefined for anything else. */
export const typedArrayName = getter(TypedArrayPrototype, Symbol.toStringTag) as (value: unknown) => string | undefined
export const viewBuffer = getter(TypedArrayPrototype, 'buffer') as (view: unknown) => ArrayBuffer
export const viewOffset = getter(TypedArrayPrototype, 'byteOffset') as (view: unknown) => number
export const viewLength = getter(TypedArrayPrototype, 'byteLength') as (view: unknown) => number
export const dataViewBuffer = getter(DataView.prototype, 'buffer') as (view: unknown) => ArrayBuffer
export const dataViewOffset = getter(DataView.prototype, 'byteOffset') as (view: unknown) => number
export const dataViewLength = getter(DataView.prototype, 'byteLength') as (view: unknown) => number
export const bufferLength = getter(ArrayBuffer.prototype, 'byteLength') as (buffer: unknown) => number
export const numberValue = uncurry(Number.prototype.valueOf) as (value: unknown) => number
export const stringValue = uncurry(String.prototype.valueOf) as (value: unknown) => string
export const booleanValue = uncurry(Boolean.prototype.valueOf) as (value: unknown) => boolean

/** What a function gives for a value, undefined where the value is of another kind. */
export function tried<T>(read: (value: any) => T, value: unknown): T | undefined {
  try {
    return read(value)
  } catch {
    return undefined
  }
}
