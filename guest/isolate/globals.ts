// What a guest in an isolate finds on its global object besides the language's own: what carries no authority, and what was granted.
import {
  define,
  defineProperty,
  mapDelete,
  mapHas,
  mapSet,
  NativeMap,
  NativeTypeError,
  ownKeys,
  push,
} from '../primordials.js'
import { fromBase64 } from './base64.js'
import { installConsole } from './console.js'
import {
  evaluate,
  isView,
  NativeDate,
  NativeRangeError,
  NativeUint8Array,
  viewBuffer,
  viewLength,
  viewOffset,
} from './intrinsics.js'
import type { Ask } from './main.js'
import type { IsolateConfig } from './messages.js'
import { createTimers, type Timers } from './timers.js'

/** Evaluated when a guest first names one of them: see web.mjs. */
const lazy = [
  'AbortController',
  'AbortSignal',
  'atob',
  'btoa',
  'DOMException',
  'Event',
  'EventTarget',
  'structuredClone',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
]

/** The same, where the host grants them. */
const lazyFetch = ['fetch', 'Headers', 'Response']

export function installGlobals(
  global: Record<string, unknown>,
  { grants, globals, fetch }: IsolateConfig,
  ask: Ask,
  decode: (text: string) => unknown,
): Timers {
  hide(global, 'global', global)
  hide(global, 'queueMicrotask', (callee: unknown) => {
    if (typeof callee !== 'function') throw new NativeTypeError('queueMicrotask needs a function')
    void (async () => {
      await undefined
      callee()
    })()
  })
  installLazily(global, ask, fetch === undefined ? undefined : (decode(fetch) as Function))
  if (grants.console) installConsole(global, ask)
  if (grants.crypto) hide(global, 'crypto', createCrypto(ask))
  if (grants.performance) {
    const { now } = NativeDate
    const began = now()
    hide(global, 'performance', { now: () => now() - began, timeOrigin: began })
  }
  const timers = createTimers(global, ask, grants.timers)
  const granted = decode(globals) as Record<string, unknown>
  const names = ownKeys(granted)
  for (let index = 0; index < names.length; index++) define(global, names[index]!, granted[names[index] as string])
  return timers
}

/** @param hostFetch the host's function, if it grants one */
function installLazily(global: object, ask: Ask, hostFetch: Function | undefined): void {
  const names: string[] = []
  for (let index = 0; index < lazy.length; index++) push(names, lazy[index]!)
  if (hostFetch) for (let index = 0; index < lazyFetch.length; index++) push(names, lazyFetch[index]!)
  /** Gives those their value that still wait for it. */
  const settle = (valueFor: (name: string) => unknown) => {
    for (let index = 0; index < names.length; index++)
      if (mapHas(waiting, names[index]!)) hide(global, names[index]!, valueFor(names[index]!))
  }
  const waiting = new NativeMap<string, true>()
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!
    mapSet(waiting, name, true)
    defineProperty(global, name, {
      get() {
        // The libraries look for each other's names while they are evaluated.
        settle(() => undefined)
        const web = evaluate(ask('web', 0, '')!) as Record<string, unknown>
        const fetched = hostFetch ? (web.createFetch as (host: Function) => typeof web)(hostFetch) : undefined
        const give = (each: string) => web[each] ?? fetched?.[each]
        settle(give)
        return give(name)
      },
      set(value) {
        mapDelete(waiting, name)
        hide(global, name, value)
      },
      enumerable: false,
      configurable: true,
    })
  }
}

function createCrypto(ask: Ask): object {
  const random = (length: number): Uint8Array => fromBase64(ask('random', length, '')!)
  return {
    getRandomValues(view: unknown) {
      if (!isView(view)) throw new NativeTypeError('getRandomValues needs a typed array')
      const length = viewLength(view)
      if (length > 65_536) throw new NativeRangeError('getRandomValues gives 65,536 bytes at most')
      const bytes = new NativeUint8Array(viewBuffer(view), viewOffset(view), length)
      const given = random(length)
      for (let index = 0; index < length; index++) bytes[index] = given[index]!
      return view
    },
    randomUUID: () => ask('uuid', 0, '')!,
  }
}

/** Gives an object a property as the language gives its own. */
function hide(target: object, key: string, value: unknown): void {
  defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true })
}
