// Scopes: the live objects that hold a module's top-level bindings.
import {
  create,
  define,
  defineProperty,
  getOwnPropertyDescriptor,
  hasOwn,
  is,
  mapForEach,
  mapHas,
  mapSet,
  NativeMap,
  NativeProxy,
  NativeReferenceError,
  NativeTypeError,
  setPrototypeOf,
  weakGet,
} from './primordials.js'
import type { Transaction } from './transaction.js'

export type Bag = Record<string, any>

/** An object with a hidden class of its own, which V8 keeps in fast mode however many modules there are. */
export function createBag(prototype: object | null): Bag {
  const Bag = function (this: Bag) {} as unknown as { new (): Bag; prototype: object | null }
  Bag.prototype = prototype ?? create(null)
  return new Bag()
}

/**
 * Stands above every scope: a binding that is not there yet, or no longer, is looked up here and throws.
 * A binding that is there is an own property and costs nothing.
 */
export function createMissing(declared: WeakMap<object, Map<string, true>>): object {
  const fail = (scope: object, name: string | symbol): never => {
    const names = weakGet(declared, scope)
    if (names && mapHas(names, name as string))
      throw new NativeReferenceError(`Cannot access '${name as string}' before initialization`)
    throw new NativeReferenceError(`${name === 'default' ? '*default*' : (name as string)} is not defined`)
  }
  const handler = create(null) as ProxyHandler<object>
  handler.get = (_target, name, scope) => fail(scope, name)
  handler.set = (_target, name, _value, scope) => fail(scope, name)
  handler.has = () => false
  handler.getOwnPropertyDescriptor = () => undefined
  return new NativeProxy(create(null), handler)
}

/** Sets a binding, or makes it. */
export function defineBinding(transaction: Transaction, scope: Bag, name: string, value: unknown): void {
  if (hasOwn(scope, name)) {
    const old = scope[name]
    if (is(old, value)) return
    scope[name] = value
    transaction.record(() => {
      scope[name] = old
    })
    transaction.refresh(scope, name)
    return
  }
  define(scope, name, value)
  transaction.record(() => {
    delete scope[name]
    transaction.refresh(scope, name)
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
function makeFast(target: object): void {
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

/** The names a module declares, so that an early access says so. */
export function declare(names: readonly string[]): Map<string, true> {
  const map = new NativeMap<string, true>()
  for (let index = 0; index < names.length; index++) mapSet(map, names[index]!, true)
  return map
}
