// How instances are made: by the stable class, or by the version where that cannot be.
import { type Callable, takesKey } from './callable.js'
import { type ClassRecord, type ClassVersion, type Constructor, putSlot } from './class-record.js'
import { construct, defineProperty, getOwnPropertyDescriptor, ownKeys, slice, startsWith } from './primordials.js'
import { type Bag, defineBinding } from './scope.js'
import type { Transaction } from './transaction.js'

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
export function syncTakes(
  transaction: Transaction,
  { slots }: ClassRecord,
  takes: Readonly<Record<string, number>>,
): void {
  const keys = ownKeys(slots)
  for (let index = 0; index < keys.length; index++) {
    const slot = keys[index] as string
    if (startsWith(slot, '#')) continue
    if (takes[slot] !== undefined || slots[takesKey(slot)] !== undefined)
      defineBinding(transaction, slots, takesKey(slot), takes[slot])
  }
}

/** Lets `new` of the stable class make instances of the newest version. */
export function syncConstruction(transaction: Transaction, record: ClassRecord, patch: ClassVersion): void {
  const { slots, version, stable } = record
  const keys = ownKeys(slots)
  for (let index = 0; index < keys.length; index++) {
    const slot = keys[index] as string
    if (startsWith(slot, 'field:') && !getOwnPropertyDescriptor(version.prototype, `~regrow:${slot}`))
      putSlot(transaction, slots, slot, initialiseNothing)
  }
  if (record.bare) setHow(transaction, slots, patch.isByStable ? undefined : constructs(version))
  if (!patch.isByStable) putSlot(transaction, slots, 'new', version as unknown as Callable)
  copyLength(version, patch.isByStable ? slots.new : version, stable)
}

/** Makes an instance as the version does it, unless only a bare one is wanted. */
function constructs(version: Constructor) {
  return (object: object, given: ArrayLike<unknown>, newTarget: Function) =>
    given.length === 1 && given[0] === bare ? object : construct(version, given, newTarget)
}

function setHow(transaction: Transaction, slots: Bag, how: unknown): void {
  const before = slots.how
  if (before === how) return
  transaction.record(() => {
    slots.how = before
  })
  transaction.refresh(slots, 'how')
  slots.how = how
}

/** A static member may have taken the name. */
function copyLength(version: Constructor, of: Function, stable: Constructor): void {
  if (typeof getOwnPropertyDescriptor(version, 'length')?.value !== 'number') return
  const length = getOwnPropertyDescriptor(of, 'length')!
  const before = getOwnPropertyDescriptor(stable, 'length')
  if (typeof before?.value !== 'number' || length.value === before.value) return
  defineProperty(stable, 'length', length)
}
