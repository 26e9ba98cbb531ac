// Classes whose object, prototype and instances outlive their versions. bundler/emit-class.ts tells how the pieces fit.
import type { Callable } from './callable.js'
import {
  createBare,
  initialiseNothing,
  ownNames,
  syncConstruction,
  syncOwnNames,
  syncTakes,
} from './class-instances.js'
import { hasPrivateNames, noLate, stamp, syncLate } from './class-late.js'
import { isTrampoline, removeMembers, syncMembers, watchDecorated } from './class-members.js'
import {
  add,
  type ClassRecord,
  type ClassServices,
  type ClassVersion,
  type Constructor,
  type Factory,
  failFrozen,
  putProperty,
  type StaticInitializer,
  saveStaticPrivates,
} from './class-record.js'
import {
  apply,
  create,
  define,
  FunctionPrototype,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  mapGet,
  NativeMap,
  ObjectPrototype,
  push,
  setPrototypeOf,
  slice,
  startsWith,
  tryDelete,
} from './primordials.js'
import { type Bag, createSlots, makeFast } from './scope.js'
import type { Transaction } from './transaction.js'
import { logOfNew, type UndoLog } from './undo-log.js'

const none: Readonly<Record<string, number>> = create(null)

/** Stands above the layers of a class without `extends`. */
class Root {}

export function applyClass(
  transaction: Transaction,
  known: ClassRecord | undefined,
  patch: ClassVersion,
  services: ClassServices,
): ClassRecord {
  const hasHeritage = patch.heritage !== undefined
  const heritage = patch.heritage?.()
  const isNew = patch.isNew === true
  const undo = isNew ? logOfNew : transaction.undo
  const slots = isNew ? createSlots(null) : known!.slots
  if (isNew && patch.isByStable) define(slots, 'how', undefined)
  const layers = isNew ? [] : known!.layers
  const steps = isNew ? [] : known!.steps
  const layersBefore = layers.length
  const staticLayers: Constructor[] = []
  let stableLayer: Constructor | undefined

  const { result: version, keys } = services.takeKeys(() => {
    let factory = patch.version as Factory
    if (patch.code !== undefined) {
      // Only text that is compiled inside the innermost layer can name what the layers declare.
      const innermost = layers[layers.length - 1]!
      const make = services.compileUncached(() => innermost['~regrow:eval'](patch.code)) as Callable
      factory = apply(make, undefined, patch.arguments as unknown[])
    }
    const fields = patch.fields ?? []
    for (let index = 0; index < fields.length; index++) define(slots, fields[index]!, initialiseNothing)
    const isLayered = patch.layers.length > 0 || layers.length > 0
    if (isLayered && hasHeritage) void class extends (heritage as Constructor) {} // throws as the class itself would
    const root = hasHeritage ? heritage : (known?.bare ?? Root)
    if (steps.length) undo.relink(steps[0]!, root as object)
    for (let index = 0; index < patch.layers.length; index++) {
      const kind = patch.layers[index]!
      const made = factory(stamp, slots) as Constructor
      const layer = kind === 'stable' ? services.takeLayer() : made
      factory = layer['~regrow:in']() as Factory
      add(undo, layers, layer)
      if (kind === 'stable') stableLayer = made
      else if (kind === 'static') push(staticLayers, made)
      else add(undo, steps, layer['~regrow:step'](steps[steps.length - 1] ?? root) as Constructor)
    }
    const made = factory(steps[steps.length - 1] ?? root, slots) as Constructor
    // `super.x` in the version must look where it would without what stands above it.
    if (!hasHeritage) setPrototypeOf(made.prototype, ObjectPrototype)
    else if (isLayered) setPrototypeOf(made.prototype, prototypeOf(heritage))
    return made
  })
  // Not read off the heritage again: it may be a getter.
  const parent = getPrototypeOf(version.prototype) as object | null

  const record = isNew ? createRecord(patch, version, stableLayer, slots, layers, steps, heritage, parent) : known!
  const { stable } = record
  const lastNames = isNew ? ownNames(stable, stable) : ownNames(slots.new, record.version)
  if (!isNew) {
    undo.save(stable)
    saveStaticPrivates(undo, record, layersBefore)
    undo.save(stable.prototype)
    const { version: last, heritage: lastHeritage, keys: lastKeys } = record
    // What the program has set stays until `extends` names another class.
    const isLinked =
      (heritage === lastHeritage ||
        undo.relink(stable, (heritage as object | null | undefined) ?? FunctionPrototype)) &&
      (parent === getPrototypeOf(last.prototype) || undo.relink(stable.prototype, parent))
    if (!isLinked) failFrozen(record, 'take its superclass')
    undo.replace(last)
    undo.record(() => {
      record.version = last
      record.heritage = lastHeritage
      record.keys = lastKeys
    })
    record.version = version
    record.heritage = heritage
  }
  record.keys = keys
  for (let index = 0; index < staticLayers.length; index++) new staticLayers[index]!(stable)
  const added = patch.added?.(undefined, slots) as Constructor | undefined
  const seen = new NativeMap<string, true>()
  syncMembers(
    undo,
    record,
    'instance',
    version.prototype,
    stable.prototype,
    added?.prototype,
    isNew,
    seen,
    patch.kept ?? [],
    services,
  )
  syncMembers(undo, record, 'static', version, stable, added, isNew, seen, patch.kept ?? [], services)
  syncConstruction(undo, record, patch)
  syncTakes(undo, record, patch.takes ?? none)
  removeMembers(undo, record, seen)
  syncLate(undo, record, patch.late ?? [], patch.assigned ?? [])
  services.publish(stable)
  removeStatics(record, patch.removedStatics ?? [])
  syncOwnNames(record, patch, lastNames)
  if (isNew) makeFast(slots)
  applyStatics(transaction, undo, record, patch, services)
  return record
}

function createRecord(
  patch: ClassVersion,
  version: Constructor,
  stableLayer: Constructor | undefined,
  slots: Bag,
  layers: Bag[],
  steps: Constructor[],
  heritage: unknown,
  parent: object | null,
): ClassRecord {
  function Shim() {}
  Shim.prototype = parent
  const stable = stableLayer ?? (patch.stable!(Shim, slots) as Constructor)
  if (!patch.isByStable) {
    // A shim cannot carry a null prototype: V8 would refuse it as a superclass, so the link is made by hand.
    setPrototypeOf(stable.prototype, parent)
    setPrototypeOf(stable, (heritage as object | null | undefined) ?? FunctionPrototype)
  }
  return {
    stable,
    slots,
    layers,
    origin: originOf(layers, patch),
    steps,
    bare: patch.isByStable && createBare(stable, patch.fields ?? []),
    version,
    members: new NativeMap(),
    symbols: undefined,
    keys: undefined,
    staticKeys: undefined,
    late: noLate,
    heritage,
  }
}

function originOf(layers: readonly Bag[], { layers: kinds }: ClassVersion): Bag | undefined {
  for (let index = 0; index < kinds.length; index++) {
    const layer = layers[index]!
    if (kinds[index] !== 'static' && hasPrivateNames(layer)) return layer
  }
  return undefined
}

const prototypeOf = (heritage: unknown): object | null =>
  heritage === null ? null : (heritage as Constructor).prototype

function removeStatics(record: ClassRecord, removed: readonly string[]): void {
  for (let index = 0; index < removed.length; index++) {
    const key = record.staticKeys && mapGet(record.staticKeys, removed[index]!)
    if (key !== undefined) removeStatic(record, key)
  }
}

function removeStatic(record: ClassRecord, key: PropertyKey): void {
  const now = getOwnPropertyDescriptor(record.stable, key)
  if (now && !isTrampoline(record, now.value ?? now.get ?? now.set)) tryDelete(record.stable, key)
}

/** The key of a static field, and the one it had before if that was another. */
function keyOf({ keys, staticKeys }: ClassRecord, { id, isComputed }: StaticInitializer) {
  if (!isComputed) return { key: id, before: undefined }
  const key = mapGet(keys!, `static field:${slice(id, 1)}`)!
  const before = staticKeys && mapGet(staticKeys, id)
  return { key, before: before === key ? undefined : before }
}

function applyStatics(
  transaction: Transaction,
  undo: UndoLog,
  record: ClassRecord,
  patch: ClassVersion,
  services: ClassServices,
): void {
  const { stable, version } = record
  // All of them first: a field may get the key that another one had.
  for (let index = 0; index < patch.statics.length; index++) {
    const { before } = keyOf(record, patch.statics[index]!)
    if (before !== undefined) removeStatic(record, before)
  }
  for (let index = 0; index < patch.statics.length; index++) {
    const { id, when, isAssigned, isDecorating } = patch.statics[index]!
    if (when === 'kept' || (when && !transaction.haveChanged(transaction.place.module!, when))) continue
    const noteDecorated = isDecorating ? watchDecorated(undo, record) : undefined
    const value = apply(version[`~regrow:${index}`], stable, [])
    noteDecorated?.()
    if (id !== '' && !startsWith(id, '#')) {
      const { key } = keyOf(record, patch.statics[index]!)
      const own = isAssigned && getOwnPropertyDescriptor(stable, key)
      if (isAssigned && !(own && hasOwn(own, 'value'))) stable[key as string] = value
      else putProperty(record, stable, key, { value, writable: true, enumerable: true, configurable: true })
      undo.set((record.staticKeys ??= new NativeMap()), id, key)
    }
    services.staticChanged(id, id === '' ? `{${index}}` : id)
  }
}
