// Scopes: the live objects that hold a module's top-level bindings.
import {
  create,
  define,
  defineProperty,
  getOwnPropertyDescriptor,
  hasOwn,
  is,
  isObject,
  mapForEach,
  NativeProxy,
  NativeReferenceError,
  NativeTypeError,
  setPrototypeOf,
  weakGet,
} from './primordials.js'
import type { UndoLog } from './undo-log.js'

export type Bag = Record<string, any>

/** An object with a hidden class of its own, which V8 keeps in fast mode however many modules there are. */
export function createBag(prototype: object): Bag {
  const Bag = function (this: Bag) {} as unknown as { new (): Bag; prototype: object }
  Bag.prototype = prototype
  return new Bag()
}

/**
 * An object for implementations, which the kernel defines all at once and seldom again. It begins in slow mode, so that V8 makes no hidden
 * class for every property on the way to the last; `makeFast` is to follow. Not for what programs assign: V8 is slow to do that to
 * objects that were made fast so, and copies all properties for each one that is added.
 */
export function createSlots(prototype: object | null): Bag {
  const slots = create(null) as Bag
  if (prototype) setPrototypeOf(slots, prototype)
  return slots
}

/**
 * Stands above every scope: a binding that is not there yet, or no longer, is looked up here and throws.
 * A binding that is there is an own property and costs nothing.
 */
export function createMissing(declared: WeakMap<object, readonly string[]>): object {
  const fail = (scope: object, name: string | symbol): never => {
    const names = weakGet(declared, scope)
    for (let index = 0; names && index < names.length; index++)
      if (names[index] === name) throw new NativeReferenceError(`Cannot access '${name}' before initialization`)
    throw new NativeReferenceError(`${name === 'default' ? '*default*' : (name as string)} is not defined`)
  }
  const handler = create(null) as ProxyHandler<object>
  handler.get = (_target, name, scope) => fail(scope, name)
  handler.set = (_target, name, _value, scope) => fail(scope, name)
  handler.has = () => false
  handler.getOwnPropertyDescriptor = () => undefined
  return new NativeProxy(create(null), handler)
}

/** @returns the object that some keys of a path lead to, by properties that hold it */
export function objectAt(scope: Bag, path: readonly string[], length: number): object | undefined {
  let object: unknown = scope
  for (let index = 0; index < length; index++) {
    if (!isObject(object)) return undefined
    object = getOwnPropertyDescriptor(object, path[index]!)?.value
  }
  return isObject(object) ? object : undefined
}

/** Sets a binding, or makes it. */
export function defineBinding(undo: UndoLog, scope: Bag, name: string, value: unknown): void {
  if (hasOwn(scope, name)) {
    const old = scope[name]
    if (is(old, value)) return
    scope[name] = value
    undo.record(() => {
      scope[name] = old
    })
    undo.refresh(scope, name)
    return
  }
  define(scope, name, value)
  if (undo.isOfNew) return
  undo.record(() => {
    delete scope[name]
    undo.refresh(scope, name)
  })
}

/**
 * Makes V8 take properties of an object for constants again, so that it inlines the functions they hold. One that was assigned a second
 * time would be read from memory for ever; one that is defined anew in a new hidden class is not.
 */
export function refresh(target: Bag, keys: Map<string, true>): void {
  // Deleting any but the last property ends fast mode, and with it the hidden class; the last one would only bring back the class before.
  defineProperty(target, '~first', { configurable: true })
  defineProperty(target, '~last', { configurable: true })
  delete target['~first']
  delete target['~last']
  mapForEach(keys, (_true, key) => {
    const descriptor = getOwnPropertyDescriptor(target, key)
    if (!descriptor) return
    delete target[key]
    defineProperty(target, key, descriptor)
  })
  makeFast(target)
}

/** V8 ends slow mode for one that serves as a prototype, when an inline cache misses below it. */
export function makeFast(target: object): void {
  function Below() {}
  Below.prototype = target
  const below = new (Below as unknown as new () => Bag)()
  defineProperty(below, 'probed', { value: undefined })
  probe(below)
}

function probe(object: Bag): unknown {
  return object.probed
}

/** Functions have inline caches only after some use. */
export function warmUp(): void {
  for (let count = 0; count < 1000; count++) probe({ probed: count })
}

/** What such proxies stand for: their traps look at nothing of it. */
const nothing = create(null) as Bag

/** A proxy that assigns, and throws for constants: what an assignment to a `const` or an import compiles to. */
export const createGuard = (scope: Bag): Bag => new NativeProxy(nothing, new GuardHandler(scope))

class GuardHandler implements ProxyHandler<Bag> {
  readonly #scope: Bag

  constructor(scope: Bag) {
    this.#scope = scope
  }

  get(_target: Bag, name: string | symbol): unknown {
    return this.#scope[name as string]
  }

  set(): never {
    throw new NativeTypeError('Assignment to constant variable.')
  }
}

/** A proxy whose assignments initialise bindings: what a destructuring declaration compiles to. */
export const createInitializer = (initialize: (name: string, value: unknown) => void): Bag =>
  new NativeProxy(nothing, new InitializerHandler(initialize))

class InitializerHandler implements ProxyHandler<Bag> {
  readonly #initialize: (name: string, value: unknown) => void

  constructor(initialize: (name: string, value: unknown) => void) {
    this.#initialize = initialize
  }

  set(_target: Bag, name: string | symbol, value: unknown): boolean {
    this.#initialize(name as string, value)
    return true
  }
}

// Guest code may put traps on what objects inherit from.
setPrototypeOf(GuardHandler.prototype, null)
setPrototypeOf(InitializerHandler.prototype, null)
