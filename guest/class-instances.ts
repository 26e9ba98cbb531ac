// How instances are made: by the stable class, or by the version where that cannot be.
import { type Callable, takesKey } from './callable.js'
import { type ClassRecord, type ClassVersion, type Constructor, putSlot } from './class-record.js'
import { construct, getOwnPropertyDescriptor, mapGet, ownKeys, slice, startsWith, tryDefine } from './primordials.js'
import { type Bag, defineBinding } from './scope.js'
import type { UndoLog } from './undo-log.js'

/** The only argument for an instance that only has the stable class's private names. */
const bare = {}

/** What a field starts as that the version initialises itself, or no longer has. */
export function initialiseNothing(): void {}

/** @param slots those of the stable class's fields */
export function createBare(stable: Constructor, slots: readonly string[]): Constructor {
  return function (this: object) {
    const object = construct(stable, [bare], new.target!)
    // In reverse order V8 goes back to the hidden classes of before.
    for (let index = slots.length - 1; index >= 0; index--) {
      const field = slice(slots[index]!, 'field:'.length)
      if (!startsWith(field, '#')) delete object[field]
    }
    return object
  } as unknown as Constructor
}

/** Tells trampolines what the functions take that they call. */
export function syncTakes(undo: UndoLog, { slots }: ClassRecord, takes: Readonly<Record<string, number>>): void {
  const keys = ownKeys(slots)
  for (let index = 0; index < keys.length; index++) {
    const slot = keys[index] as string
    if (startsWith(slot, '#')) continue
    if (takes[slot] !== undefined || slots[takesKey(slot)] !== undefined)
      defineBinding(undo, slots, takesKey(slot), takes[slot])
  }
}

/** Lets `new` of the stable class make instances of the newest version. */
export function syncConstruction(undo: UndoLog, record: ClassRecord, patch: ClassVersion): void {
  const { slots, version } = record
  const keys = ownKeys(slots)
  for (let index = 0; index < keys.length; index++) {
    const slot = keys[index] as string
    if (startsWith(slot, 'field:') && !getOwnPropertyDescriptor(version.prototype, `~regrow:${slot}`))
      putSlot(undo, slots, slot, initialiseNothing)
  }
  if (record.bare) setHow(undo, slots, patch.isByStable ? undefined : constructs(version))
  if (!patch.isByStable) putSlot(undo, slots, 'new', version as unknown as Callable)
}

/** Makes an instance as the version does it, unless only a bare one is wanted. */
function constructs(version: Constructor) {
  return (object: object, given: ArrayLike<unknown>, newTarget: Function) =>
    given.length === 1 && given[0] === bare ? object : construct(version, given, newTarget)
}

function setHow(undo: UndoLog, slots: Bag, how: unknown): void {
  const before = slots.how
  if (before === how) return
  undo.record(() => {
    slots.how = before
  })
  undo.refresh(slots, 'how')
  slots.how = how
}

/**
 * A class has a `length` and a `name` of its own, where no static member has taken their place.
 * @param last what they were of the version before: what did not change stays as the program may have set it
 */
export function syncOwnNames(record: ClassRecord, patch: ClassVersion, last: OwnNames): void {
  const names = ownNames(record.slots.new, record.version)
  syncOwnName(record, patch, 'length', names.length, last.length)
  syncOwnName(record, patch, 'name', names.name, last.name)
}

function syncOwnName(record: ClassRecord, patch: ClassVersion, key: keyof OwnNames, own: OwnName, last: OwnName): void {
  if (!own || isTaken(record, patch, key)) return
  const now = getOwnPropertyDescriptor(record.stable, key)
  if (!now || (own.value !== last?.value && typeof now.value === typeof own.value)) tryDefine(record.stable, key, own)
}

type OwnName = PropertyDescriptor | undefined

interface OwnNames {
  readonly length: OwnName
  readonly name: OwnName
}

/** The `length` and `name` that a class has by itself. @param maker its constructor */
export function ownNames(maker: object, of: Constructor): OwnNames {
  return { length: getOwnPropertyDescriptor(maker, 'length'), name: getOwnPropertyDescriptor(of, 'name') }
}

function isTaken({ staticKeys, version }: ClassRecord, { statics }: ClassVersion, key: 'length' | 'name'): boolean {
  const own = getOwnPropertyDescriptor(version, key)
  if (own && (own.get || own.set || typeof own.value === 'function')) return true
  for (let index = 0; index < statics.length; index++) {
    const { id, isComputed } = statics[index]!
    if ((isComputed ? staticKeys && mapGet(staticKeys, id) : id) === key) return true
  }
  return false
}
