// Classes whose object, prototype and instances outlive their versions. bundler/emit-class.ts tells how the pieces fit.
import type { Callable } from './callable.js'
import { createBare, initialiseNothing, syncConstruction, syncOwnNames, syncTakes } from './class-instances.js'
import { noLate, stamp, syncLate } from './class-late.js'
import { isTrampoline, removeMembers, syncMembers } from './class-members.js'
import {
  add,
  type ClassRecord,
  type ClassServices,
  type ClassVersion,
  type Constructor,
  type Factory,
  relink,
  saveStaticPrivates,
} from './class-record.js'
import {
  apply,
  create,
  define,
  FunctionPrototype,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  mapGet,
  NativeMap,
  ObjectPrototype,
  push,
  setPrototypeOf,
  startsWith,
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
    if (steps.length) relink(undo, steps[0]!, root as object)
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

  const record = isNew
    ? createRecord(patch, version, stableLayer, slots, layers, steps, hasHeritage ? heritage : undefined, parent)
    : known!
  const { stable } = record
  const nameBefore = getOwnPropertyDescriptor(record.version, 'name')?.value
  if (!isNew) {
    undo.save(stable)
    saveStaticPrivates(undo, record, layersBefore)
    undo.save(stable.prototype)
    relink(undo, stable, hasHeritage && heritage !== null ? (heritage as object) : FunctionPrototype)
    relink(undo, stable.prototype, parent)
    const before = record.version
    undo.record(() => {
      record.version = before
    })
    record.version = version
  }
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
  syncOwnNames(record, patch, nameBefore)
  if (isNew) makeFast(slots)
  applyStatics(transaction, undo, record, patch, keys, services)
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
    setPrototypeOf(stable, heritage === undefined || heritage === null ? FunctionPrototype : (heritage as object))
  }
  return {
    stable,
    slots,
    layers,
    steps,
    bare: patch.isByStable && createBare(stable, patch.fields ?? []),
    version,
    members: new NativeMap(),
    symbols: undefined,
    staticKeys: undefined,
    late: noLate,
  }
}

const prototypeOf = (heritage: unknown): object | null =>
  heritage === null ? null : (heritage as Constructor).prototype

function removeStatics(record: ClassRecord, removed: readonly string[]): void {
  const { stable } = record
  for (let index = 0; index < removed.length; index++) {
    const key = record.staticKeys && mapGet(record.staticKeys, removed[index]!)
    if (key === undefined) continue
    const now = getOwnPropertyDescriptor(stable, key)
    if (now && !isTrampoline(record, now.value ?? now.get ?? now.set)) delete (stable as any)[key]
  }
}

function applyStatics(
  transaction: Transaction,
  undo: UndoLog,
  record: ClassRecord,
  patch: ClassVersion,
  keys: PropertyKey[],
  services: ClassServices,
): void {
  const { stable, version } = record
  for (let index = 0; index < patch.statics.length; index++) {
    const { id, isComputed, when } = patch.statics[index]!
    if (when === 'kept' || (when && !transaction.haveChanged(transaction.place.module!, when))) continue
    const value = apply(version[`~regrow:${index}`], stable, [])
    if (id !== '' && !startsWith(id, '#')) {
      const key = isComputed ? keys[index]! : id
      define(stable, key, value)
      undo.set((record.staticKeys ??= new NativeMap()), id, key)
    }
    services.staticChanged(id)
  }
}
