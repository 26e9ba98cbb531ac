// Text from the host → a value of the guest's own realm. The text is the host's, and its bounds were checked there.
import {
  construct,
  define,
  defineProperty,
  mapGet,
  mapSet,
  NativeError,
  NativeMap,
  NativeReferenceError,
  NativeSyntaxError,
  NativeTypeError,
  push,
} from '../primordials.js'
import { fromBase64 } from './base64.js'
import {
  NativeBigInt,
  NativeDate,
  NativeNumber,
  NativeRangeError,
  NativeRegExp,
  NativeSet,
  parse,
  setAdd,
  viewBuffer,
} from './intrinsics.js'
import { byteTypes, tag } from './wire.js'

type Written = string | number | boolean | null | readonly Written[]

const errors = new NativeMap<string, ErrorConstructor>()
mapSet(errors, 'TypeError', NativeTypeError as ErrorConstructor)
mapSet(errors, 'RangeError', NativeRangeError as ErrorConstructor)
mapSet(errors, 'SyntaxError', NativeSyntaxError as ErrorConstructor)
mapSet(errors, 'ReferenceError', NativeReferenceError as ErrorConstructor)
mapSet(errors, 'EvalError', EvalError as ErrorConstructor)
mapSet(errors, 'URIError', URIError as ErrorConstructor)

const views = new NativeMap<string, new (buffer: ArrayBuffer) => object>()
for (let index = 1; index < byteTypes.length; index++)
  mapSet(views, byteTypes[index]!, (globalThis as any)[byteTypes[index]!])

/** @param functionOf gives the guest's side of a function of the host's */
export function createDecoder(functionOf: (id: number, name: string) => Function): (text: string) => unknown {
  return text => read(parse(text), [], functionOf)
}

function read(written: Written, objects: object[], functionOf: (id: number, name: string) => Function): unknown {
  if (typeof written !== 'object' || written === null) return written
  const inner = (index: number) => read(written[index]!, objects, functionOf)
  const begin = <T extends object>(object: T): T => {
    push(objects, object)
    return object
  }
  switch (written[0]) {
    case tag.undefined:
      return undefined
    case tag.number:
      return NativeNumber(written[1])
    case tag.bigint:
      return NativeBigInt(written[1] as string)
    case tag.array: {
      const array = begin<unknown[]>([])
      for (let index = 1; index < written.length; index++) {
        const each = written[index]
        if (typeof each === 'object' && each !== null && each[0] === tag.hole) array.length = index
        else define(array, index - 1, inner(index))
      }
      return array
    }
    case tag.object: {
      const object = begin({})
      for (let index = 1; index < written.length; index += 2) define(object, written[index] as string, inner(index + 1))
      return object
    }
    case tag.date:
      return begin(new NativeDate(written[1] === null ? NaN : (written[1] as number)))
    case tag.regexp:
      return begin(new NativeRegExp(written[1] as string, written[2] as string))
    case tag.map: {
      const map = begin(new NativeMap())
      for (let index = 1; index < written.length; index += 2) mapSet(map, inner(index), inner(index + 1))
      return map
    }
    case tag.set: {
      const set = begin(new NativeSet())
      for (let index = 1; index < written.length; index++) setAdd(set, inner(index))
      return set
    }
    case tag.error: {
      const Type = mapGet(errors, written[1] as string) ?? NativeError
      const error = begin(new Type((written[3] as string) ?? ''))
      if (written[2] !== null && written[2] !== error.name) defineHidden(error, 'name', written[2])
      if (written[4] !== null) defineHidden(error, 'stack', written[4])
      if (written[5] !== null) define(error, 'code', written[5])
      if (written.length > 6) defineHidden(error, 'cause', read(parse(written[6] as string), [], functionOf))
      return error
    }
    case tag.bytes: {
      const buffer = viewBuffer(fromBase64(written[2] as string))
      const View = mapGet(views, written[1] as string)
      return begin(View ? construct(View, [buffer]) : buffer)
    }
    case tag.function:
      return begin(functionOf(written[1] as number, written[2] as string))
    default:
      return objects[written[1] as number]
  }
}

function defineHidden(target: object, key: string, value: unknown): void {
  defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true })
}
