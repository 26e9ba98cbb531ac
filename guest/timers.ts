// Timers that guests make belong to the item that makes them (R11). The realm's own functions stay as they are.

import type { Ownership } from './ownership.js'
import {
  apply,
  create,
  defineProperty,
  getOwnPropertyDescriptor,
  isObject,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  NativeReferenceError,
  NativeWeakMap,
  ownKeys,
  weakGet,
  weakHas,
  weakSet,
} from './primordials.js'
import { ownDelay, ownTicks } from './timer-promises.js'

type Timer = (...args: unknown[]) => unknown

const clearNames = { setTimeout: 'clearTimeout', setInterval: 'clearInterval', setImmediate: 'clearImmediate' } as const

export type TimerName = keyof typeof clearNames
export const timerNames = ['setTimeout', 'setInterval', 'setImmediate'] as const

export class Timers {
  readonly #ownership: Ownership
  readonly #global: Record<string, any>
  /** By the function that makes the timers: the one that owns them. */
  readonly #owning = new NativeWeakMap<object, Timer>()
  /** Functions made here. */
  readonly #owned = new NativeWeakMap<object, true>()
  readonly #facades = new NativeMap<object, object>()

  constructor(ownership: Ownership, global: Record<string, any>) {
    this.#ownership = ownership
    this.#global = global
  }

  /** The function a guest means by a timer's name. */
  named(name: TimerName): Timer {
    const real: unknown = this.#global[name]
    if (typeof real === 'function') return this.#own(real as Timer, name)
    if (name in this.#global) return real as Timer
    throw new NativeReferenceError(`${name} is not defined`)
  }

  /** Gives an object the timers by their names. */
  define(object: object): void {
    for (let index = 0; index < timerNames.length; index++) {
      const name = timerNames[index]!
      defineProperty(object, name, { get: () => this.named(name) })
    }
  }

  /** Gives the realm's global functions that own what they make. For a realm of the guest's own. */
  install(): void {
    for (let index = 0; index < timerNames.length; index++) {
      const name = timerNames[index]!
      const descriptor = getOwnPropertyDescriptor(this.#global, name)
      if (typeof descriptor?.value !== 'function') continue
      defineProperty(this.#global, name, { ...descriptor, value: this.#own(descriptor.value, name) })
    }
  }

  #own(real: Timer, name: TimerName): Timer {
    if (weakHas(this.#owned, real)) return real
    const known = weakGet(this.#owning, real)
    if (known) return known
    const ownership = this.#ownership
    const global = this.#global
    const owning: Timer = (...args) => {
      const timer = apply(real, undefined, args)
      const owner = ownership.current()
      if (owner) {
        const clear = global[clearNames[name]]
        ownership.ownTimer(owner, timer, each => apply(clear, undefined, [each]))
      }
      return timer
    }
    this.#enter(real, owning)
    return owning
  }

  /** `name`, `length`, and what `util.promisify` goes by. */
  #enter(real: Timer, owning: Timer): void {
    const keys = ownKeys(real)
    for (let index = 0; index < keys.length; index++) {
      if (keys[index] !== 'prototype')
        defineProperty(owning, keys[index]!, getOwnPropertyDescriptor(real, keys[index]!)!)
    }
    weakSet(this.#owning, real, owning)
    weakSet(this.#owned, owning, true)
  }

  /** What guests see of `node:timers` and `node:timers/promises`; other modules as they are. */
  facade(key: string, namespace: object): object {
    if (key === 'node:timers') return this.#facade(namespace, (each, name) => this.#own(each, name))
    if (key === 'node:timers/promises') return this.#facade(namespace, (each, name) => this.#promising(each, name))
    return namespace
  }

  #facade(source: object, own: (each: Timer, name: TimerName) => Timer): object {
    const known = mapGet(this.#facades, source)
    if (known) return known
    const made = create(null) as Record<PropertyKey, unknown>
    mapSet(this.#facades, source, made)
    const keys = ownKeys(source)
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!
      let value: unknown = (source as Record<PropertyKey, unknown>)[key]
      if (typeof value === 'function' && isTimerName(key)) value = own(value as Timer, key)
      else if ((key === 'default' || key === 'module.exports') && isObject(value)) value = this.#facade(value, own)
      else if (key === 'promises' && isObject(value)) value = this.facade('node:timers/promises', value)
      const isEnumerable = getOwnPropertyDescriptor(source, key)!.enumerable ?? false
      defineProperty(made, key, { value, enumerable: isEnumerable, configurable: true, writable: true })
    }
    return made
  }

  #promising(real: Timer, name: TimerName): Timer {
    const known = weakGet(this.#owning, real)
    if (known) return known
    const ownership = this.#ownership
    const AbortController = this.#global.AbortController as (new () => AbortController) | undefined
    const AbortSignal = this.#global.AbortSignal as { any?: (signals: AbortSignal[]) => AbortSignal } | undefined
    if (!AbortController || !AbortSignal?.any) return real
    const tools = { AbortController, AbortSignal: AbortSignal as { any(signals: AbortSignal[]): AbortSignal } }
    // setImmediate takes no delay.
    const at = name === 'setImmediate' ? 1 : 2
    const owning: Timer = (...args) => {
      const owner = ownership.current()
      if (!owner) return apply(real, undefined, args)
      const { result, stop } =
        name === 'setInterval' ? ownTicks(real, args, at, tools) : ownDelay(real, args, at, tools)
      ownership.ownCallback(owner, stop)
      return result
    }
    this.#enter(real, owning)
    return owning
  }
}

const isTimerName = (key: PropertyKey): key is TimerName => mapHas(names, key as TimerName)
const names = new NativeMap<string, true>([
  ['setTimeout', true],
  ['setInterval', true],
  ['setImmediate', true],
])
