// Functions on both sides of the wall: the host's, which the guest calls through a stand-in, and the guest's that the host holds.
import { defineProperty, mapDelete, mapGet, mapSet, NativeMap, NativePromise } from '../primordials.js'
import type { Encoder } from './encode.js'
import { NativeRangeError, sliceString, toInteger } from './intrinsics.js'
import type { Ask } from './main.js'
import { answer } from './wire.js'

interface Settle {
  resolve(value: unknown): void
  reject(error: unknown): void
}

export interface Functions {
  /** Encoder and decoder need the functions, and the other way round. */
  use(encoder: Encoder, decode: (text: string) => unknown): void
  /** The guest's side of a function of the host's. */
  ofHost(id: number, name: string): Function
  /** What an answer of the host's gives. @throws what it says was thrown */
  take(text: string | undefined): unknown
  settle(promise: number, text: string): void
  /** Keeps a function of the guest's for the host, once more. @returns its number */
  hold(callee: Function): number
  held(id: number): Function | undefined
  /** @param times how often the host had got it: it may be on its way once more */
  release(id: number, times: number): void
}

/** @param most how many functions the host may hold */
export function createFunctions(ask: Ask, most: number): Functions {
  const standIns = new NativeMap<number, Function>()
  const promises = new NativeMap<number, Settle>()
  const byId = new NativeMap<number, { readonly callee: Function; times: number }>()
  const ids = new NativeMap<Function, number>()
  let last = 0
  let count = 0
  let encode: Encoder['value']
  let decode: (text: string) => unknown

  function take(text: string | undefined): unknown {
    if (text === undefined) return undefined
    const rest = sliceString(text, 1)
    switch (text[0]) {
      case answer.value:
        return decode(rest)
      case answer.promise:
        return new NativePromise((resolve, reject) => mapSet(promises, toInteger(rest, 10), { resolve, reject }))
      case answer.limit:
        throw new NativeRangeError(rest)
      default:
        throw decode(rest)
    }
  }

  return {
    use(encoder, decoder) {
      encode = value => encoder.value(value)
      decode = decoder
    },
    ofHost(id, name) {
      let standIn = mapGet(standIns, id)
      if (!standIn) {
        standIn = (...given: unknown[]): unknown => {
          const text = encode(given)
          // What cannot cross is the caller's mistake.
          return text[0] === answer.value ? take(ask('host', id, sliceString(text, 1))) : take(text)
        }
        defineProperty(standIn, 'name', { value: name, configurable: true })
        mapSet(standIns, id, standIn)
      }
      return standIn
    },
    take,
    settle(promise, text) {
      const waiting = mapGet(promises, promise)
      if (!waiting) return
      mapDelete(promises, promise)
      let value: unknown
      try {
        value = take(text)
      } catch (error) {
        return waiting.reject(error)
      }
      waiting.resolve(value)
    },
    hold(callee) {
      let id = mapGet(ids, callee)
      if (id === undefined) {
        if (count >= most) throw new NativeRangeError(`the host holds ${most} functions of this program already`)
        count++
        id = ++last
        mapSet(byId, id, { callee, times: 0 })
        mapSet(ids, callee, id)
      }
      mapGet(byId, id)!.times++
      return id
    },
    held: id => mapGet(byId, id)?.callee,
    release(id, times) {
      const held = mapGet(byId, id)
      if (!held || (held.times -= times) > 0) return
      count--
      mapDelete(byId, id)
      mapDelete(ids, held.callee)
    },
  }
}
