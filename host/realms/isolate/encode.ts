// A value of the host's → text that can cross into an isolate. Always a copy; functions only where they are granted.
import { types } from 'node:util'
import { type CrossingLimits, tag } from '../../../guest/isolate/wire.js'
import { RegrowError } from '../../errors.js'

/** Gives a function its number in the host's table. */
export type Grant = (callee: (...args: any[]) => unknown, owner: object | undefined) => number

/**
 * @param grant without it, a function cannot cross
 * @throws RegrowError ERR_REGROW_OPTION for what cannot be copied, ERR_REGROW_MEMORY for what is too large
 */
export function encode(value: unknown, limits: CrossingLimits, grant?: Grant): string {
  const seen = new Map<object, number>()
  let nodes = 0
  let characters = 0

  const tooLarge = (what: string): never => {
    throw new RegrowError('ERR_REGROW_MEMORY', `a value is too large to cross into an isolate: more than ${what}`)
  }
  const text = (of: string): string => {
    if ((characters += of.length) > limits.characters) tooLarge(`${limits.characters} characters`)
    return JSON.stringify(of)
  }

  function write(value: unknown, depth: number, owner: object | undefined): string {
    if (++nodes > limits.nodes) tooLarge(`${limits.nodes} parts`)
    switch (typeof value) {
      case 'string':
        return text(value)
      case 'boolean':
        return String(value)
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? String(value)
          : `["${tag.number}","${Object.is(value, -0) ? '-0' : value}"]`
      case 'undefined':
        return `["${tag.undefined}"]`
      case 'bigint':
        return `["${tag.bigint}",${text(String(value))}]`
      case 'symbol':
        throw cannot('a symbol')
    }
    if (value === null) return 'null'
    const object = value as object
    const known = seen.get(object)
    if (known !== undefined) return `["${tag.again}",${known}]`
    if (depth > limits.depth) tooLarge(`${limits.depth} levels`)
    seen.set(object, seen.size)
    if (typeof value === 'function') {
      if (!grant) throw cannot('a function')
      const id = grant(value as never, owner)
      return `["${tag.function}",${id},${text(String(value.name).slice(0, 200))}]`
    }
    return writeObject(object, depth)
  }

  function writeObject(object: object, depth: number): string {
    const inner = (value: unknown) => write(value, depth + 1, object)
    if (Array.isArray(object)) {
      if (object.length > limits.nodes) tooLarge(`${limits.nodes} parts`)
      let out = `["${tag.array}"`
      for (let index = 0; index < object.length; index++)
        out += `,${index in object ? inner(object[index]) : `["${tag.hole}"]`}`
      return `${out}]`
    }
    if (ArrayBuffer.isView(object) || types.isAnyArrayBuffer(object)) return bytes(object)
    if (types.isMap(object)) return list(tag.map, [...object].flat(1), inner)
    if (types.isSet(object)) return list(tag.set, [...object], inner)
    if (types.isDate(object)) return `["${tag.date}",${Number.isNaN(+object) ? 'null' : +object}]`
    if (types.isRegExp(object)) return `["${tag.regexp}",${text(object.source)},"${object.flags}"]`
    if (types.isNativeError(object)) return writeError(object, text)
    if (types.isBoxedPrimitive(object)) return write(object.valueOf(), depth, undefined)
    if (types.isPromise(object) || types.isWeakMap(object) || types.isWeakSet(object))
      throw cannot(`a ${object.constructor.name} inside a value`)
    let out = `["${tag.object}"`
    for (const key of Object.keys(object)) {
      if (key !== '__proto__') out += `,${text(key)},${inner((object as Record<string, unknown>)[key])}`
    }
    return `${out}]`
  }

  function list(kind: string, values: readonly unknown[], inner: (value: unknown) => string): string {
    return `["${kind}"${values.map(value => `,${inner(value)}`).join('')}]`
  }

  function bytes(object: ArrayBufferView | ArrayBufferLike): string {
    // A small Buffer is a view on a pool of Node's: its bytes cross, never what they lie in.
    const copy = ArrayBuffer.isView(object)
      ? Buffer.from(object.buffer, object.byteOffset, object.byteLength)
      : Buffer.from(object)
    const type = ArrayBuffer.isView(object)
      ? Buffer.isBuffer(object)
        ? 'Uint8Array'
        : (Object.prototype.toString.call(object).slice(8, -1) as string)
      : 'ArrayBuffer'
    if (copy.length > limits.characters) tooLarge(`${limits.characters} bytes`)
    return `["${tag.bytes}",${text(type)},${text(copy.toString('base64'))}]`
  }

  return write(value, 0, undefined)
}

/** Name and message only: a stack of the host's tells of its paths. */
export function writeError(error: Error, text: (of: string) => string = of => JSON.stringify(of)): string {
  const type = error instanceof TypeError ? 'TypeError' : error instanceof RangeError ? 'RangeError' : 'Error'
  const { code } = error as NodeJS.ErrnoException
  return `["${tag.error}","${type}",${text(String(error.name).slice(0, 200))},${text(String(error.message).slice(0, 10_000))},null,${typeof code === 'string' ? text(code.slice(0, 200)) : 'null'}]`
}

const cannot = (what: string) => new RegrowError('ERR_REGROW_OPTION', `${what} cannot be copied into an isolate`)
