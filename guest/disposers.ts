// How a value is disposed of: by its own symbols, or as Node's and packages' resources are that do not have them on every Node.
import {
  apply,
  asyncDispose,
  dispose,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isObject,
  weakHas,
} from './primordials.js'

export type Disposer = () => unknown

/** A method that a value has or inherits. It is looked for, not read: a getter would run code of the guest's that nobody asked for. */
function method(value: object, key: PropertyKey): ((...args: unknown[]) => unknown) | undefined {
  try {
    for (let at: object | null = value; at; at = getPrototypeOf(at)) {
      const found = getOwnPropertyDescriptor(at, key)
      if (!found) continue
      // Symbols of disposal have no other meaning.
      const isRead = found.get && typeof key === 'symbol'
      const held = isRead ? (value as Record<PropertyKey, unknown>)[key] : found.value
      return typeof held === 'function' ? (held as (...args: unknown[]) => unknown) : undefined
    }
  } catch {}
  return undefined
}

/** A server of the package ws does not end its connections when it closes. */
function closeClients(value: Record<PropertyKey, any>): void {
  const { clients } = value
  if (!isObject(clients) || !method(clients, 'forEach')) return
  clients.forEach((client: object) => {
    const close = method(client, 'terminate') && method(client, 'close')
    // 1001: going away.
    if (close) apply(close, client, [1001])
  })
}

/** An object of a class, which is not the guest's own: that one has symbols when its author wants them used. */
function isForeign(value: object, definitions: WeakMap<object, unknown>): boolean {
  const prototype = getPrototypeOf(value)
  if (prototype === null || getPrototypeOf(prototype) === null) return false
  const made = getOwnPropertyDescriptor(prototype, 'constructor')?.value
  return !(isObject(made) && weakHas(definitions, made))
}

/** It takes listeners, as far as can be told without reading anything of it. */
export const emits = (value: object) =>
  method(value, 'on') !== undefined || method(value, 'addEventListener') !== undefined

/**
 * What ends a value; undefined when it needs no ending.
 * @param definitions knows the guest's own classes
 */
export function disposerOf(value: unknown, definitions: WeakMap<object, unknown>): Disposer | undefined {
  if (!isObject(value)) return undefined
  const own = method(value, asyncDispose) ?? method(value, dispose)
  if (own) return () => apply(own, value, [])
  const close = method(value, 'close')
  if (close && (emits(value) || (typeof value === 'object' && isForeign(value, definitions)))) {
    return () => {
      closeClients(value)
      return apply(close, value, [])
    }
  }
  const terminate = method(value, 'terminate')
  if (terminate && method(value, 'postMessage')) return () => apply(terminate, value, [])
  return undefined
}

/** Ends what a server or socket that was closed still waits for. */
export function force(value: object): void {
  const end = method(value, 'closeAllConnections') ?? (method(value, 'close') && method(value, 'terminate'))
  if (end) apply(end, value, [])
  const { clients } = value as { clients?: unknown }
  if (!isObject(clients) || !method(clients, 'forEach')) return
  clients.forEach((client: object) => {
    const terminate = method(client, 'terminate')
    if (terminate) apply(terminate, client, [])
  })
}
