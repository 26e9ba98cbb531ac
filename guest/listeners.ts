// Registrations of listeners that items make, and how they are taken back: of Node's emitters and of event targets.
import type { Owner } from './ownership.js'
import { apply, deref, isObject, NativeWeakRef, push } from './primordials.js'

export interface Listener {
  /** Weak: a listener keeps no emitter alive. */
  readonly target: WeakRef<Record<PropertyKey, any>>
  /** The method that registered it. */
  readonly name: string
  readonly event: unknown
  readonly listener: unknown
  /** What the emitter itself holds, where that is another function. */
  held: unknown
  /** Undefined for an emitter, which registers the same listener as often as it is told. */
  readonly isCapturing: boolean | undefined
  readonly options: unknown
  /** It was taken back already. */
  isOver: boolean
}

/** What was registered by `target[name](...args)`; undefined when it cannot be taken back. */
export function listenersOf(target: object, name: string, args: readonly unknown[]): Listener | undefined {
  const [event, listener, options] = [args[0], args[1], args[2]]
  const emitter = target as Record<PropertyKey, any>
  const common = { target: new NativeWeakRef(emitter), name, event, listener, options, isOver: false }
  if (name === 'addEventListener') {
    if (typeof emitter.removeEventListener !== 'function') return undefined
    const isCapturing = isObject(options) ? Boolean(options.capture) : Boolean(options)
    return { ...common, held: listener, isCapturing }
  }
  if (typeof (emitter.removeListener ?? emitter.off) !== 'function') return undefined
  const held = heldBy(emitter, name, event, listener)
  // A listener that has been called meanwhile is none any more.
  return held === undefined ? undefined : { ...common, held, isCapturing: undefined }
}

/** What an emitter holds for a listener, if it has not been called and forgotten. */
function heldBy(emitter: Record<PropertyKey, any>, name: string, event: unknown, listener: unknown): unknown {
  const isOnce = name === 'once' || name === 'prependOnceListener'
  return isOnce ? wrapperOf(emitter, event, listener) : listener
}

/** Whether an emitter has a listener still, as far as it tells. */
function isThere({ target, event, held }: Listener): boolean {
  const emitter = deref(target)
  if (typeof emitter?.rawListeners !== 'function') return emitter !== undefined
  const raw: unknown[] = emitter.rawListeners(event)
  for (let index = 0; index < raw.length; index++) if (raw[index] === held) return true
  return false
}

/** Finds the registrations of a listener that an item has made, and that are there still. */
export function findListeners(
  { possessions }: Pick<Owner, 'possessions'>,
  target: object,
  listener: unknown,
  out: Listener[],
): void {
  for (let index = 0; index < possessions.length; index++) {
    const each = possessions[index]!
    if (each.kind !== 'listener' || each.listener.isOver || each.listener.listener !== listener) continue
    if (deref(each.listener.target) === target && isThere(each.listener)) push(out, each.listener)
  }
}

/** Takes back what others are about to take the place of. */
export function takeBackAll(listeners: readonly Listener[]): void {
  for (let index = 0; index < listeners.length; index++) {
    try {
      takeBack(listeners[index]!)
    } catch {
      // What an emitter does then is no reason to reject the edit.
    }
  }
}

/** Registers what was taken back. */
export function registerAgain(listeners: readonly Listener[]): void {
  for (let index = 0; index < listeners.length; index++) {
    const each = listeners[index]!
    const target = deref(each.target)
    if (!target) continue
    const { name, event, listener, options } = each
    apply(target[name], target, options === undefined ? [event, listener] : [event, listener, options])
    if (each.isCapturing === undefined) each.held = heldBy(target, name, event, listener)
    each.isOver = false
  }
}

/** The function that an emitter holds for a listener that it calls once. */
function wrapperOf(emitter: Record<PropertyKey, any>, event: unknown, listener: unknown): unknown {
  if (typeof emitter.rawListeners !== 'function') return listener
  const raw: { listener?: unknown }[] = emitter.rawListeners(event)
  for (let index = raw.length - 1; index >= 0; index--) if (raw[index]!.listener === listener) return raw[index]
  return undefined
}

/** @param other finds the registration of the same listener that is to stay */
export function takeBack(registered: Listener, other?: (each: Listener) => Listener | undefined): void {
  const target = deref(registered.target)
  if (!target || registered.isOver) return
  registered.isOver = true
  const { event, listener, held, isCapturing } = registered
  if (isCapturing === undefined) {
    apply(target.removeListener ?? target.off, target, [event, held])
    return
  }
  // Node 20 knows no boolean here.
  apply(target.removeEventListener, target, [event, listener, { capture: isCapturing }])
  // An event target takes the same listener once: the one that stays was none while this one was there.
  const staying = other?.(registered)
  if (staying) apply(target.addEventListener, target, [event, listener, staying.options])
}
