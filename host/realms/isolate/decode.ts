// Text from an isolate → values of the host's own. Nothing in it is believed: whatever it says, plain data comes out, or an error.
import { answer, byteTypes, type CrossingLimits, errorTypes, tag } from '../../../guest/isolate/wire.js'
import { RegrowError } from '../../errors.js'
import { harmless } from './harmless.js'

export interface Decoding {
  readonly limits: CrossingLimits
  /** What stands in the host for a function of the guest's. */
  functionOf(id: number, name: string): unknown
  /** Maps the frames of a stack. */
  mapStack(text: string): string
}

type Written = string | number | boolean | null | readonly Written[]

const globals = globalThis as unknown as Record<string, any>

/** What an answer gives. @throws what the guest threw, rebuilt; RegrowError ERR_REGROW_MEMORY when a limit was passed */
export function take(text: string, decoding: Decoding): unknown {
  const rest = text.slice(1)
  switch (text[0]) {
    case answer.value:
      return decode(rest, decoding)
    case answer.thrown:
      throw decode(rest, decoding)
    case answer.limit:
      throw new RegrowError('ERR_REGROW_MEMORY', harmless(rest.slice(0, 200)))
    default:
      throw malformed()
  }
}

/** @throws RegrowError ERR_REGROW_MEMORY */
export function decode(text: string, decoding: Decoding): unknown {
  const { limits } = decoding
  // What the guest's side writes is longer than the characters it counted, but not by much.
  if (text.length > limits.characters * 8 + 1024) throw malformed()
  let written: Written
  try {
    written = JSON.parse(text)
  } catch {
    throw malformed()
  }
  const objects: object[] = []
  let nodes = 0

  const string = (value: Written | undefined): string => {
    if (typeof value !== 'string') throw malformed()
    return value
  }
  const begin = <T extends object>(object: T): T => {
    objects.push(object)
    return object
  }

  function read(value: Written | undefined, depth: number): unknown {
    if (++nodes > limits.nodes * 2 || depth > limits.depth + 8 || value === undefined) throw malformed()
    if (typeof value !== 'object' || value === null) return value
    switch (value[0]) {
      case tag.undefined:
        return undefined
      case tag.number:
        return Number(string(value[1]))
      case tag.bigint:
        if (!/^-?\d{1,1300}$/.test(string(value[1]))) throw malformed()
        return BigInt(string(value[1]))
      case tag.array: {
        const array = begin<unknown[]>([])
        for (let index = 1; index < value.length; index++) {
          const each = value[index]
          if (Array.isArray(each) && each[0] === tag.hole) array.length = index
          else array.push(read(each, depth + 1))
        }
        return array
      }
      case tag.object: {
        const object = begin<Record<string, unknown>>({})
        for (let index = 1; index < value.length; index += 2) {
          const key = string(value[index])
          const each = read(value[index + 1], depth + 1)
          // An own `__proto__` pollutes where it is merged, and a callable `then` runs where it is awaited.
          if (key === '__proto__' || (key === 'then' && typeof each === 'function')) continue
          object[key] = each
        }
        return object
      }
      case tag.date:
        return begin(new Date(typeof value[1] === 'number' ? value[1] : NaN))
      case tag.regexp:
        return begin(regExp(string(value[1]), string(value[2])))
      case tag.map: {
        const map = begin(new Map())
        for (let index = 1; index < value.length; index += 2)
          map.set(read(value[index], depth + 1), read(value[index + 1], depth + 1))
        return map
      }
      case tag.set: {
        const set = begin(new Set())
        for (let index = 1; index < value.length; index++) set.add(read(value[index], depth + 1))
        return set
      }
      case tag.error:
        return readError(value, depth)
      case tag.bytes: {
        const type = string(value[1])
        if (!byteTypes.includes(type)) throw malformed()
        const bytes = Buffer.from(string(value[2]), 'base64')
        const { buffer } = new Uint8Array(bytes)
        try {
          return begin(type === 'ArrayBuffer' ? buffer : new globals[type](buffer))
        } catch {
          throw malformed()
        }
      }
      case tag.function:
        if (!Number.isSafeInteger(value[1])) throw malformed()
        return begin(decoding.functionOf(value[1] as number, harmless(string(value[2]).slice(0, 200))) as object)
      case tag.again: {
        const known = objects[value[1] as number]
        if (!known) throw malformed()
        return known
      }
      default:
        throw malformed()
    }
  }

  function readError(value: readonly Written[], depth: number): Error {
    const [, type, name, message, stack, code, cause] = value
    const Type = globals[errorTypes.includes(type as string) ? (type as string) : 'Error'] as ErrorConstructor
    const shown = (text: Written | undefined, most: number) =>
      typeof text === 'string' ? harmless(text.slice(0, most)) : undefined
    // Whatever the guest's error says of itself, it is never one of regrow's.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    const error = begin(new Type(shown(message, 10_000) ?? ''))
    Error.stackTraceLimit = limit
    const ownName = shown(name, 200)
    if (ownName !== undefined && ownName !== error.name) hidden(error, 'name', ownName)
    hidden(error, 'stack', decoding.mapStack(shown(stack, 20_000) ?? `${error.name}: ${error.message}`))
    const isOurs = typeof code === 'string' && code.startsWith('ERR_REGROW_')
    if (typeof code === 'number' || (typeof code === 'string' && !isOurs))
      Object.assign(error, { code: typeof code === 'string' ? harmless(code.slice(0, 200)) : code })
    if (typeof cause === 'string' && depth < limits.depth) {
      // A text within the text: its own numbers, but the same bounds.
      hidden(error, 'cause', decode(cause, { ...decoding, limits: { ...limits, depth: limits.depth - 20 } }))
    }
    return error
  }

  return read(written, 0)
}

function regExp(source: string, flags: string): RegExp {
  try {
    return new RegExp(source.slice(0, 10_000), flags)
  } catch {
    throw malformed()
  }
}

function hidden(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true })
}

const malformed = () => new RegrowError('ERR_REGROW_MEMORY', 'an isolate answered with what no value of its can be')
