// Classes whose object, prototype and instances outlive their versions. bundler/emit-class.ts tells how the pieces fit.
import { type Callable, matchTrampoline } from './callable.js'
import {
  apply,
  defineProperty,
  FunctionPrototype,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  isAbove,
  mapDelete,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  NativeTypeError,
  ObjectPrototype,
  ownKeys,
  push,
  setPrototypeOf,
  slice,
  startsWith,
} from './primordials.js'
import { type Bag, createBag } from './scope.js'
import type { Transaction } from './transaction.js'

type Constructor = (new (...args: any[]) => any) & Bag
type Factory = (heritage: unknown, slots: Bag) => any

/** What generated code says of one version of a class. */
export interface ClassVersion {
  readonly heritage?: () => unknown
  readonly layers: readonly ('static' | 'instance')[]
  readonly version?: Factory
  /** Text of the factory, to be evaluated inside the layers of before. */
  readonly code?: string
  readonly arguments?: readonly unknown[]
  readonly stable?: Factory
  readonly added?: Factory
  /** Key, whether it is computed, and when its initialiser runs: never, always, or if one of these bindings changed. */
  readonly statics: readonly (readonly [string, boolean, 0 | 1 | readonly (readonly [object, string])[]])[]
  readonly removedStatics?: readonly string[]
  readonly late?: readonly string[]
}

interface Member {
  readonly holder: 'static' | 'instance'
  readonly key: string | symbol
}

/** What the kernel keeps of a class. */
export interface ClassRecord {
  readonly stable: Constructor
  readonly slots: Bag
  /** The trampolines that stand in the slots. */
  readonly trampolines: Map<string, Callable>
  readonly members: Map<string, Member>
  readonly symbols: Map<symbol, string>
  readonly staticKeys: Map<string, PropertyKey>
  readonly layers: Constructor[]
  readonly instanceLayers: Constructor[]
  late: Map<string, true>
  version: Constructor
}

/** Gives back what it is given: a class above it adds its private fields to any object. */
function returnGiven(object: object): object {
  return object
}
const stamp = returnGiven as unknown as Constructor
/** Stands above the layers of a class without `extends`. */
class Root {}

export interface ClassServices {
  /** Keys that computed static fields got while the version was evaluated. */
  takeKeys<T>(evaluate: () => T): { result: T; keys: PropertyKey[] }
  /** Makes `toString()` of a trampoline give the newest text. */
  register(trampoline: Callable, slot: string): void
  /** The class is known by its own name from here on, inside its statics. */
  publish(stable: Constructor): void
  staticChanged(key: string): void
}

export function applyClass(
  transaction: Transaction,
  known: ClassRecord | undefined,
  patch: ClassVersion,
  services: ClassServices,
): ClassRecord {
  const hasHeritage = patch.heritage !== undefined
  const heritage = patch.heritage?.()
  const isNew = patch.stable !== undefined
  const slots = isNew ? createBag(null) : known!.slots
  const layers = isNew ? [] : known!.layers
  const instanceLayers = isNew ? [] : known!.instanceLayers
  const staticLayers: Constructor[] = []

  const { result: version, keys } = services.takeKeys(() => {
    let factory = patch.version ?? (apply(layers[layers.length - 1]!['~eval'], undefined, [patch.code]) as Callable)
    if (patch.code !== undefined) factory = apply(factory as Callable, undefined, patch.arguments as unknown[])
    const isLayered = patch.layers.length > 0 || instanceLayers.length > 0
    if (isLayered && hasHeritage) void class extends (heritage as Constructor) {} // throws as the class itself would
    const root = hasHeritage ? heritage : Root
    if (instanceLayers.length) relink(transaction, instanceLayers[0]!, root as object)
    for (let index = 0; index < patch.layers.length; index++) {
      const isStatic = patch.layers[index] === 'static'
      const above = isStatic ? stamp : (instanceLayers[instanceLayers.length - 1] ?? root)
      const layer = factory(above, slots) as Constructor
      factory = layer['~in']() as Factory
      add(transaction, layers, layer)
      if (isStatic) push(staticLayers, layer)
      else add(transaction, instanceLayers, layer)
    }
    const above = instanceLayers[instanceLayers.length - 1] ?? (hasHeritage ? heritage : Root)
    const made = factory(above, slots) as Constructor
    // `super.x` in the version must look where it would without layers.
    const parent = hasHeritage ? prototypeOf(heritage) : ObjectPrototype
    if (getPrototypeOf(made.prototype) !== parent) setPrototypeOf(made.prototype, parent)
    return made
  })

  const record = isNew
    ? createRecord(patch, version, slots, layers, instanceLayers, hasHeritage ? heritage : undefined)
    : known!
  const { stable } = record
  if (!isNew) {
    transaction.save(stable)
    transaction.save(stable.prototype)
    relink(transaction, stable, hasHeritage && heritage !== null ? (heritage as object) : FunctionPrototype)
    relink(transaction, stable.prototype, hasHeritage ? prototypeOf(heritage) : ObjectPrototype)
    const before = record.version
    transaction.record(() => {
      record.version = before
    })
    record.version = version
  }
  for (let index = 0; index < staticLayers.length; index++) new staticLayers[index]!(stable)
  putSlot(transaction, slots, 'new', version as unknown as Callable)
  if (version.length !== stable.length && typeof version.length === 'number' && typeof stable.length === 'number') {
    defineProperty(stable, 'length', { value: version.length, configurable: true })
  }
  const added = patch.added?.(undefined, slots) as Constructor | undefined
  const seen = new NativeMap<string, true>()
  syncMembers(
    transaction,
    record,
    'instance',
    version.prototype,
    stable.prototype,
    added?.prototype,
    isNew,
    seen,
    services,
  )
  syncMembers(transaction, record, 'static', version, stable, added, isNew, seen, services)
  removeMembers(transaction, record, seen)
  syncLate(transaction, record, patch.late ?? [])
  services.publish(stable)
  applyStatics(transaction, record, patch, keys, services)
  return record
}

function createRecord(
  patch: ClassVersion,
  version: Constructor,
  slots: Bag,
  layers: Constructor[],
  instanceLayers: Constructor[],
  heritage: unknown,
): ClassRecord {
  function Shim() {}
  Shim.prototype = heritage === undefined ? ObjectPrototype : prototypeOf(heritage)
  const stable = patch.stable!(Shim, slots) as Constructor
  // A shim cannot carry a null prototype: V8 would refuse it as a superclass, so the link is made by hand.
  setPrototypeOf(stable.prototype, heritage === undefined ? ObjectPrototype : prototypeOf(heritage))
  setPrototypeOf(stable, heritage === undefined || heritage === null ? FunctionPrototype : (heritage as object))
  return {
    stable,
    slots,
    layers,
    instanceLayers,
    version,
    trampolines: new NativeMap(),
    members: new NativeMap(),
    symbols: new NativeMap(),
    staticKeys: new NativeMap(),
    late: new NativeMap(),
  }
}

const prototypeOf = (heritage: unknown): object | null =>
  heritage === null ? null : (heritage as Constructor).prototype

function relink(transaction: Transaction, object: object, prototype: object | null): void {
  const before = getPrototypeOf(object)
  if (before === prototype) return
  transaction.record(() => void setPrototypeOf(object, before))
  setPrototypeOf(object, prototype)
}

function add<T>(transaction: Transaction, list: T[], value: T): void {
  push(list, value)
  transaction.record(() => {
    list.length--
  })
}

function putSlot(transaction: Transaction, slots: Bag, slot: string, implementation: Callable): void {
  const before = slots[slot]
  transaction.record(() => {
    slots[slot] = before
  })
  slots[slot] = implementation
}

/** Hands the version's methods and accessors to the trampolines on the stable class or prototype. */
function syncMembers(
  transaction: Transaction,
  record: ClassRecord,
  holder: 'static' | 'instance',
  from: Bag,
  to: Bag,
  added: Bag | undefined,
  isNew: boolean,
  seen: Map<string, true>,
  services: ClassServices,
): void {
  const before = holder === 'static' ? 'static ' : ''
  const keys = ownKeys(from)
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    if (key === 'constructor' && holder === 'instance') continue
    if (key === 'prototype' && holder === 'static') continue
    const descriptor = getOwnPropertyDescriptor(from, key)!
    if (descriptor.get === undefined && descriptor.set === undefined && typeof descriptor.value !== 'function') continue
    const name = slotName(record, key)
    if (typeof key === 'string' && startsWith(key, '~')) {
      // `~#m` is a private method's implementation; `~0` and `~late x` are initialisers, read off the version when needed.
      if (!startsWith(key, '~#')) continue
      if (descriptor.value) putSlot(transaction, record.slots, before + slice(key, 1), descriptor.value)
      if (descriptor.get)
        putSlot(transaction, record.slots, `${before}get ${slice(key, 1)}`, descriptor.get as Callable)
      if (descriptor.set)
        putSlot(transaction, record.slots, `${before}set ${slice(key, 1)}`, descriptor.set as Callable)
      continue
    }
    const trampolineFor = (slot: string, implementation: Callable, part: 'value' | 'get' | 'set'): Callable => {
      mapSet(seen, slot, true)
      let trampoline = mapGet(record.trampolines, slot)
      const previous = record.slots[slot]
      putSlot(transaction, record.slots, slot, implementation)
      if (!trampoline) {
        const written = isNew ? to : added
        trampoline = (written && hasOwn(written, key) ? getOwnPropertyDescriptor(written, key)![part] : undefined) as
          | Callable
          | undefined
        trampoline ??= genericTrampoline(record.slots, slot, part)
        transaction.set(record.trampolines, slot, trampoline)
        transaction.set(record.members, slot, { holder, key })
        services.register(trampoline, slot)
      }
      const held = trampoline
      matchTrampoline(held, implementation)
      if (previous !== implementation && previous) transaction.record(() => matchTrampoline(held, previous))
      return held
    }
    const wanted: { -readonly [K in keyof PropertyDescriptor]: PropertyDescriptor[K] | undefined } = {
      enumerable: false,
      configurable: true,
    }
    if (descriptor.value) {
      wanted.value = trampolineFor(before + name, descriptor.value, 'value')
      wanted.writable = true
    } else {
      // Both halves are named, so that one which went away does not stay behind.
      wanted.get = descriptor.get ? trampolineFor(`${before}get ${name}`, descriptor.get as Callable, 'get') : undefined
      wanted.set = descriptor.set ? trampolineFor(`${before}set ${name}`, descriptor.set as Callable, 'set') : undefined
    }
    const now = getOwnPropertyDescriptor(to, key)
    if (!now || now.value !== wanted.value || now.get !== wanted.get || now.set !== wanted.set)
      defineProperty(to, key, wanted as PropertyDescriptor)
  }
}

function slotName(record: ClassRecord, key: string | symbol): string {
  if (typeof key === 'string') return key
  let name = mapGet(record.symbols, key)
  if (name === undefined) {
    name = `@@${record.symbols.size}`
    mapSet(record.symbols, key, name)
  }
  return name
}

/** For members whose key is known at run time only. */
function genericTrampoline(slots: Bag, slot: string, part: 'value' | 'get' | 'set'): Callable {
  if (part === 'get')
    return getOwnPropertyDescriptor(
      {
        get get() {
          return apply(slots[slot], this, [])
        },
      },
      'get',
    )!.get as Callable
  if (part === 'set')
    return getOwnPropertyDescriptor(
      {
        set set(value: unknown) {
          apply(slots[slot], this, [value])
        },
      },
      'set',
    )!.set as Callable
  return {
    method(...args: unknown[]) {
      return apply(slots[slot], this, args)
    },
  }.method
}

/** Takes away members the new version lacks, unless the program put something else there. */
function removeMembers(transaction: Transaction, record: ClassRecord, seen: Map<string, true>): void {
  mapForEach(record.members, ({ holder, key }, slot) => {
    if (mapHas(seen, slot)) return
    const object: Bag = holder === 'static' ? record.stable : record.stable.prototype
    const trampoline = mapGet(record.trampolines, slot)!
    const now = getOwnPropertyDescriptor(object, key)
    if (now && (now.value === trampoline || now.get === trampoline || now.set === trampoline))
      delete object[key as string]
    const member = { holder, key }
    transaction.record(() => {
      mapSet(record.members, slot, member)
      mapSet(record.trampolines, slot, trampoline)
    })
    mapDelete(record.members, slot)
    mapDelete(record.trampolines, slot)
    putSlot(transaction, record.slots, slot, () => {
      throw new NativeTypeError(`${slot} is not a function`)
    })
  })
}

/** Fields an edit added read, on an older instance, as their initialiser's value, computed on first access (R2). */
function syncLate(transaction: Transaction, record: ClassRecord, fields: readonly string[]): void {
  const { prototype } = record.stable
  const before = record.late
  const now = new NativeMap<string, true>()
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!
    mapSet(now, field, true)
    if (startsWith(field, '#') || hasOwn(prototype, field)) continue
    const define = (object: object, value: unknown) =>
      defineProperty(object, field, { value, writable: true, enumerable: true, configurable: true })
    defineProperty(prototype, field, {
      configurable: true,
      enumerable: false,
      get(this: object) {
        if (this === prototype || this === undefined || this === null) return undefined
        const value = apply(record.version.prototype[`~late ${field}`], this, [])
        define(this, value)
        return value
      },
      set(this: object, value: unknown) {
        define(this, value)
      },
    })
  }
  mapForEach(before, (_true, field) => {
    if (!mapHas(now, field) && !startsWith(field, '#')) delete prototype[field]
  })
  transaction.record(() => {
    record.late = before
  })
  record.late = now
}

/** Gives an older instance the private fields of a layer that came after it. */
export function touchLate(record: ClassRecord, name: string, object: unknown): unknown {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return object
  if (!isAbove(record.stable.prototype, object)) return object
  for (let index = 0; index < record.instanceLayers.length; index++) {
    const layer = record.instanceLayers[index]!
    const has = layer[`~has ${name}`] as ((object: object) => boolean) | undefined
    if (!has) continue
    if (has(object)) return object
    const above = getPrototypeOf(layer)
    setPrototypeOf(layer, stamp)
    try {
      new layer(object)
    } finally {
      setPrototypeOf(layer, above)
    }
    mapForEach(record.late, (_true, field) => {
      if (startsWith(field, '#') && layer[`~has ${field}`])
        apply(record.version.prototype[`~late ${field}`], object, [])
    })
    return object
  }
  return object
}

function applyStatics(
  transaction: Transaction,
  record: ClassRecord,
  patch: ClassVersion,
  keys: PropertyKey[],
  services: ClassServices,
): void {
  const { stable, version } = record
  const removed = patch.removedStatics ?? []
  for (let index = 0; index < removed.length; index++) {
    const key = mapGet(record.staticKeys, removed[index]!)
    if (key === undefined) continue
    const trampoline = getOwnPropertyDescriptor(stable, key)?.value
    if (!trampoline || !isTrampoline(record, trampoline)) delete (stable as any)[key]
  }
  for (let index = 0; index < patch.statics.length; index++) {
    const [id, isComputed, condition] = patch.statics[index]!
    if (condition === 0) continue
    if (condition !== 1) {
      let isHit = false
      for (let at = 0; at < condition.length; at++)
        if (transaction.hasChanged(condition[at]![0], condition[at]![1])) isHit = true
      if (!isHit) continue
    }
    const value = apply(version[`~${index}`], stable, [])
    if (id !== '' && !startsWith(id, '#')) {
      const key = isComputed ? keys[index]! : id
      defineProperty(stable, key, { value, writable: true, enumerable: true, configurable: true })
      transaction.set(record.staticKeys, id, key)
    }
    services.staticChanged(id)
  }
}

function isTrampoline(record: ClassRecord, value: unknown): boolean {
  let found = false
  mapForEach(record.trampolines, trampoline => {
    if (trampoline === value) found = true
  })
  return found
}
