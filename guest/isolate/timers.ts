// Timers, which guests get by the grant `timers`: the process around the isolate keeps the time, the functions stay here.
import { apply, define, defineProperty, mapDelete, mapGet, mapSet, NativeMap, NativeTypeError } from '../primordials.js'
import { NativeNumber, NativeRangeError } from './intrinsics.js'
import type { Ask } from './main.js'

export interface Timers {
  /** A timer is due. */
  fire(id: number): void
  /** Calls a function after some milliseconds, whatever guests are granted. */
  later(run: () => void, milliseconds: number): void
}

interface Timer {
  readonly callee: (...given: unknown[]) => unknown
  readonly given: unknown[]
  readonly repeats: boolean
  readonly handle: object
}

/** @param isGranted whether guests find them */
export function createTimers(global: object, ask: Ask, isGranted: boolean): Timers {
  const timers = new NativeMap<number, Timer>()
  let last = 0
  let clear = (_timer: unknown): void => {}

  /** What a guest holds of a timer; it becomes its number where one is expected. */
  class Timeout {
    readonly #id: number
    constructor(id: number) {
      this.#id = id
    }
    ref(): this {
      return this
    }
    unref(): this {
      return this
    }
    hasRef(): boolean {
      return mapGet(timers, this.#id) !== undefined
    }
    [Symbol.toPrimitive](): number {
      return this.#id
    }
    static {
      clear = value => {
        let id: number
        if (typeof value !== 'object' || value === null) id = NativeNumber(value)
        else if (#id in value) id = value.#id
        else return
        if (!mapGet(timers, id)) return
        mapDelete(timers, id)
        ask('clear', id, '')
      }
    }
  }
  const dispose = (Symbol as { dispose?: symbol }).dispose
  if (dispose) {
    const value = function (this: unknown) {
      clear(this)
    }
    defineProperty(Timeout.prototype, dispose, { value, writable: true, configurable: true })
  }

  const set = (repeats: boolean, name: string) => {
    const start = (callee: unknown, delay?: unknown, ...given: unknown[]): object => {
      if (typeof callee !== 'function') throw new NativeTypeError(`${name} needs a function`)
      const wanted = NativeNumber(delay)
      const milliseconds = wanted >= 1 && wanted <= 2 ** 31 - 1 ? wanted : 1
      const id = ++last
      if (ask('timer', id, `${repeats ? '+' : ''}${milliseconds}`) !== undefined)
        throw new NativeRangeError('too many timers are set')
      const handle = new Timeout(id)
      mapSet(timers, id, { callee: callee as Timer['callee'], given, repeats, handle })
      return handle
    }
    defineProperty(start, 'name', { value: name, configurable: true })
    return start
  }
  const setTimeout = set(false, 'setTimeout')
  if (isGranted) {
    define(global, 'setTimeout', setTimeout)
    define(global, 'setInterval', set(true, 'setInterval'))
    define(global, 'clearTimeout', (timer?: unknown) => clear(timer))
    define(global, 'clearInterval', (timer?: unknown) => clear(timer))
  }

  return {
    later: (run, milliseconds) => void setTimeout(run, milliseconds),
    fire(id) {
      const timer = mapGet(timers, id)
      if (!timer) return
      if (!timer.repeats) mapDelete(timers, id)
      apply(timer.callee, timer.handle, timer.given)
    },
  }
}
