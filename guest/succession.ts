// A function with a `prototype` that becomes a class, or the other way round: another object, for only a class can be told from a function by
// `new`. What holds the one of before, its instances and what inherits from it, find the members of the one of now through it (R2).
import { removeMembers } from './class-members.js'
import type { ClassRecord } from './class-record.js'
import { getOwnPropertyDescriptor, isObject, mapForEach, NativeMap, ownKeys, tryDelete } from './primordials.js'
import type { UndoLog } from './undo-log.js'

/** Lets the class of a name take over from the function it was. */
export function succeedFunction(undo: UndoLog, before: object, { stable }: ClassRecord): void {
  const old = prototypeOf(before)
  if (!old || !link(undo, before, old, stable)) return
  undo.save(old)
  undo.save(before)
  hideNothing(old, stable.prototype)
  hideNothing(before, stable)
  // What it makes from now on is of the class, and so is what was made before.
  undo.define(before, 'prototype', { value: stable.prototype })
}

/** Lets the function of a name take over from the class it was. @returns whether it could */
export function succeedClass(undo: UndoLog, record: ClassRecord, now: object): boolean {
  const { stable, layers } = record
  // Private members are those of the class it was: what it made goes on with the methods that have them.
  if (layers.length > 0 || !link(undo, stable, stable.prototype, now)) return false
  undo.save(stable.prototype)
  undo.save(stable)
  removeMembers(undo, record, new NativeMap())
  tryDelete(stable.prototype, 'constructor')
  if (record.staticKeys) mapForEach(record.staticKeys, key => void tryDelete(stable, key))
  return true
}

/** @returns false where the prototype is another's, or is not to be changed */
function link(undo: UndoLog, before: object, old: object, now: object): boolean {
  const next = prototypeOf(now)
  const owner = getOwnPropertyDescriptor(old, 'constructor')
  if (!next || next === old || owner?.value !== before) return false
  return undo.relink(old, next) && undo.relink(before, now)
}

function prototypeOf(owner: object): object | undefined {
  const prototype: unknown = getOwnPropertyDescriptor(owner, 'prototype')?.value
  return isObject(prototype) ? prototype : undefined
}

/** Takes away what an object has in the way of what it inherits. */
function hideNothing(object: object, parent: object): void {
  const keys = ownKeys(parent)
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    if (key !== 'prototype' && key !== 'name' && key !== 'length') tryDelete(object, key)
  }
}
