// A guest's value → text that can cross. Runs in the guest, so getters and proxies it meets spend the guest's time and nobody else's.
// Longer than most: one walk over a value, a case for each kind, over counts that all of them spend.
import {
  getOwnPropertyDescriptor,
  getPrototypeOf,
  is,
  isAbove,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeError,
  NativeMap,
  NativePromise,
  NativeTypeError,
  ObjectPrototype,
  ownKeys,
} from '../primordials.js'
import { toBase64 } from './base64.js'
import {
  booleanValue,
  bufferLength,
  dataViewBuffer,
  dataViewLength,
  dataViewOffset,
  dateTime,
  isArray,
  isView,
  mapSize,
  NativeString,
  NativeUint8Array,
  numberValue,
  regExpFlags,
  regExpSource,
  setForEach,
  setSize,
  sliceString,
  stringify,
  stringValue,
  tried,
  typedArrayName,
  viewBuffer,
  viewLength,
  viewOffset,
} from './intrinsics.js'
import { answer, type CrossingLimits, errorTypes, tag } from './wire.js'

/** A value is larger than may cross. */
class LimitPassed {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** How much of an error's texts crosses, in characters. */
const longest = { name: 200, message: 10_000, stack: 20_000 }
const deepestCause = 5

const prototypes = new NativeMap<object, string>()
const constructors = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]
for (let index = 0; index < errorTypes.length; index++)
  mapSet(prototypes, constructors[index]!.prototype, errorTypes[index]!)
const ErrorPrototype = NativeError.prototype
const PromisePrototype = NativePromise.prototype

export interface Encoder {
  /** @returns `answer.value` with the value's text, or what tells why it cannot cross */
  value(value: unknown): string
  /** @returns `answer.thrown` with the text of what was thrown */
  thrown(error: unknown): string
}

/** @param hold gives a function its number in the table of this side */
export function createEncoder(limits: CrossingLimits, hold: (callee: Function) => number): Encoder {
  return {
    value(value) {
      try {
        return answer.value + new Writing(limits, hold).write(value)
      } catch (failure) {
        if (failure instanceof LimitPassed) return answer.limit + failure.message
        return this.thrown(failure)
      }
    },
    thrown(error) {
      try {
        return answer.thrown + new Writing(limits, hold).write(error)
      } catch {
        return answer.thrown + stringify('a value that cannot be copied')
      }
    },
  }
}

class Writing {
  readonly #limits: CrossingLimits
  readonly #hold: (callee: Function) => number
  readonly #seen = new NativeMap<object, number>()
  #text = ''
  #nodes = 0
  #objects = 0

  constructor(limits: CrossingLimits, hold: (callee: Function) => number) {
    this.#limits = limits
    this.#hold = hold
  }

  write(value: unknown): string {
    this.#value(value, 0)
    this.#check()
    return this.#text
  }

  #check(): void {
    const { characters } = this.#limits
    if (this.#text.length > characters)
      throw new LimitPassed(`a value is too large to cross: more than ${characters} characters`)
  }

  #value(value: unknown, depth: number): void {
    if (++this.#nodes > this.#limits.nodes)
      throw new LimitPassed(`a value is too large to cross: more than ${this.#limits.nodes} parts`)
    switch (typeof value) {
      case 'string':
        if (value.length > this.#limits.characters) this.#tooLong()
        this.#text += stringify(value)
        this.#check()
        return
      case 'boolean':
        this.#text += value ? 'true' : 'false'
        return
      case 'number': {
        const text = is(value, -0) ? '-0' : `${value}`
        const isPlain = value - value === 0 && text !== '-0'
        this.#text += isPlain ? text : `["${tag.number}","${text}"]`
        return
      }
      case 'undefined':
        this.#text += `["${tag.undefined}"]`
        return
      case 'bigint':
        // Printing a large one cannot be interrupted: nothing that long crosses anyway.
        if (value > hugeBigInt || value < -hugeBigInt) this.#tooLong()
        this.#text += `["${tag.bigint}","${value}"]`
        return
      case 'symbol':
        throw new NativeTypeError('a symbol cannot be copied out of an isolate')
    }
    if (value === null) this.#text += 'null'
    else this.#object(value as object, depth)
  }

  #tooLong(): never {
    throw new LimitPassed(`a value is too large to cross: more than ${this.#limits.characters} characters`)
  }

  #object(value: object, depth: number): void {
    const known = mapGet(this.#seen, value)
    if (known !== undefined) {
      this.#text += `["${tag.again}",${known}]`
      return
    }
    if (depth >= this.#limits.depth)
      throw new LimitPassed(`a value is too deep to cross: more than ${this.#limits.depth} levels`)
    mapSet(this.#seen, value, this.#objects++)
    if (typeof value === 'function') {
      const name = getOwnPropertyDescriptor(value, 'name')?.value
      const shown = typeof name === 'string' ? sliceString(name, 0, longest.name) : ''
      this.#text += `["${tag.function}",${this.#hold(value)},${stringify(shown)}]`
    } else if (isArray(value)) this.#array(value, depth)
    else {
      const prototype = getPrototypeOf(value)
      if (prototype === ObjectPrototype || prototype === null) this.#record(value, depth)
      else this.#special(value, depth)
    }
  }

  #array(value: readonly unknown[], depth: number): void {
    const { length } = value
    if (length > this.#limits.nodes)
      throw new LimitPassed(`a value is too large to cross: more than ${this.#limits.nodes} parts`)
    this.#text += `["${tag.array}"`
    for (let index = 0; index < length; index++) {
      this.#text += ','
      if (getOwnPropertyDescriptor(value, index)) this.#value(value[index], depth + 1)
      else {
        this.#nodes++
        this.#text += `["${tag.hole}"]`
      }
    }
    this.#text += ']'
  }

  #record(value: object, depth: number): void {
    const keys = ownKeys(value)
    this.#text += `["${tag.object}"`
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!
      // An own `__proto__` would take the place of a prototype where somebody merges what crossed.
      if (typeof key !== 'string' || key === '__proto__') continue
      if (!getOwnPropertyDescriptor(value, key)?.enumerable) continue
      this.#text += `,${stringify(key)},`
      this.#value((value as Record<string, unknown>)[key], depth + 1)
    }
    this.#text += ']'
  }

  #special(value: object, depth: number): void {
    const bytes = bytesOf(value)
    if (bytes) {
      if (bytes.length > this.#limits.characters) this.#tooLong()
      this.#text += `["${tag.bytes}","${bytes.type}","${toBase64(bytes.view, bytes.length)}"]`
      this.#check()
      return
    }
    if (tried(mapSize, value) !== undefined) {
      this.#text += `["${tag.map}"`
      mapForEach(value as Map<unknown, unknown>, (each, key) => {
        this.#text += ','
        this.#value(key, depth + 1)
        this.#text += ','
        this.#value(each, depth + 1)
      })
      this.#text += ']'
      return
    }
    if (tried(setSize, value) !== undefined) {
      this.#text += `["${tag.set}"`
      setForEach(value as Set<unknown>, each => {
        this.#text += ','
        this.#value(each, depth + 1)
      })
      this.#text += ']'
      return
    }
    const time = tried(dateTime, value)
    if (time !== undefined) {
      this.#text += `["${tag.date}",${time - time === 0 ? time : 'null'}]`
      return
    }
    const source = tried(regExpSource, value)
    if (typeof source === 'string') {
      this.#regExp(value, source)
      return
    }
    const primitive = tried(numberValue, value) ?? tried(stringValue, value) ?? tried(booleanValue, value)
    if (primitive !== undefined) {
      this.#value(primitive, depth)
      return
    }
    if (isAbove(ErrorPrototype, value)) {
      this.#error(value, depth)
      return
    }
    if (isAbove(PromisePrototype, value))
      throw new NativeTypeError('a promise inside a value cannot be copied out of an isolate')
    this.#record(value, depth)
  }

  #regExp(value: object, source: string): void {
    let flags = ''
    for (let index = 0; index < regExpFlags.length; index++)
      if (regExpFlags[index]![0](value)) flags += regExpFlags[index]![1]
    this.#text += `["${tag.regexp}",${stringify(source)},"${flags}"]`
    this.#check()
  }

  #error(error: object, depth: number): void {
    const read = (key: 'name' | 'message' | 'stack') => {
      const value = tried(each => each[key], error)
      return typeof value === 'string' ? sliceString(value, 0, longest[key]) : undefined
    }
    const code = tried(each => each.code, error)
    const isCode =
      typeof code === 'string' ? code.length <= longest.name : typeof code === 'number' && code - code === 0
    const parts = [typeOf(error), read('name'), read('message'), read('stack'), isCode ? code : undefined]
    this.#text += `["${tag.error}"`
    for (let index = 0; index < parts.length; index++)
      this.#text += parts[index] === undefined ? ',null' : `,${stringify(parts[index])}`
    const hasCause = tried(each => getOwnPropertyDescriptor(each, 'cause') !== undefined, error)
    if (hasCause && depth < deepestCause) this.#cause((error as Error).cause, depth)
    this.#text += ']'
    this.#check()
  }

  /** A text within the text, so that one that cannot cross takes nothing else with it. */
  #cause(cause: unknown, depth: number): void {
    const writing = new Writing(this.#limits, this.#hold)
    const text = tried(each => {
      writing.#value(each, depth + 1)
      return writing.#text
    }, cause)
    if (text !== undefined) this.#text += `,${stringify(text)}`
  }
}

const hugeBigInt = 2n ** 4096n

/** The nearest constructor of the language's own. */
function typeOf(error: object): string {
  for (let at: object | null = error, steps = 0; at && steps < 100; at = getPrototypeOf(at), steps++) {
    if (mapHas(prototypes, at)) return mapGet(prototypes, at)!
  }
  return 'Error'
}

function bytesOf(value: object): { type: string; view: Uint8Array; length: number } | undefined {
  if (isView(value)) {
    const type = typedArrayName(value)
    if (type === undefined) {
      const length = dataViewLength(value)
      return { type: 'DataView', view: copyOf(dataViewBuffer(value), dataViewOffset(value), length), length }
    }
    const length = viewLength(value)
    return { type: NativeString(type), view: copyOf(viewBuffer(value), viewOffset(value), length), length }
  }
  const length = tried(bufferLength, value)
  return length === undefined
    ? undefined
    : { type: 'ArrayBuffer', view: copyOf(value as ArrayBuffer, 0, length), length }
}

const copyOf = (buffer: ArrayBuffer, offset: number, length: number): Uint8Array =>
  new NativeUint8Array(buffer, offset, length)
