// What the kernel keeps of a class, and what generated code says of one version of it.
import type { Callable } from './callable.js'
import { getPrototypeOf, ownKeys, push, setPrototypeOf, slice, startsWith } from './primordials.js'
import type { Cell } from './protocol.js'
import type { Bag } from './scope.js'
import type { UndoLog } from './undo-log.js'

export type Constructor = (new (...args: any[]) => any) & Bag

export type Factory = (heritage: unknown, slots: Bag) => any

/** A static field, or a static block: its id is empty. */
export interface StaticInitializer {
  readonly id: string
  readonly isComputed?: true
  /** It runs unless it is kept as it is; or only if one of these bindings changed. */
  readonly when?: 'kept' | readonly Cell[]
}

/** What generated code says of one version of a class. */
export interface ClassVersion {
  readonly isNew?: true
  /** The stable class makes the instances, with what the version has as methods. */
  readonly isByStable?: true
  readonly heritage?: () => unknown
  /** What is declared anew: in layers, or in the stable class, which is made in their place. */
  readonly layers: readonly ('static' | 'instance' | 'stable')[]
  /** Slots of the functions by which the stable class, or new layers, initialise fields. */
  readonly fields?: readonly string[]
  readonly version?: Factory
  /** Text of the factory, to be evaluated inside the layers of before. */
  readonly code?: string
  readonly arguments?: readonly unknown[]
  readonly stable?: Factory
  readonly added?: Factory
  readonly statics: readonly StaticInitializer[]
  readonly removedStatics?: readonly string[]
  readonly late?: readonly string[]
  /** Those among them that are assigned, not defined. */
  readonly assigned?: readonly string[]
  /** How many arguments the functions in slots take; others may notice any. */
  readonly takes?: Readonly<Record<string, number>>
  /** Slots of members that the edit did not touch. */
  readonly kept?: readonly string[]
}

/** What stands on the stable class or its prototype. */
interface Member {
  readonly holder: 'static' | 'instance'
  readonly key: string | symbol
  readonly trampoline: Callable
}

/** What the kernel keeps of a class. */
export interface ClassRecord {
  readonly stable: Constructor
  readonly slots: Bag
  /** By slot. */
  readonly members: Map<string, Member>
  /** Names of symbols in slots, and keys of static fields: few classes have any. */
  symbols: Map<symbol, string> | undefined
  staticKeys: Map<string, PropertyKey> | undefined
  /** What reaches into the classes that declare private names, the innermost last. */
  readonly layers: Bag[]
  /** The constructors between the version and its superclass, the highest first: each gives instances the members of a layer. */
  readonly steps: Constructor[]
  /** What makes instances for a version without superclass, where the stable class makes them for others. */
  readonly bare: Constructor | undefined
  /** Fields that came after the first version, with the getter that serves older instances. */
  late: Map<string, object | true>
  version: Constructor
}

export interface ClassServices {
  compileUncached<T>(compile: () => T): T
  /** Keys that computed static fields got while the version was evaluated. */
  takeKeys<T>(evaluate: () => T): { result: T; keys: PropertyKey[] }
  /** Makes `toString()` of a trampoline give the newest text. */
  register(trampoline: Callable, slot: string): void
  /** The class is known by its own name from here on, inside its statics. */
  publish(stable: Constructor): void
  /** What the stable class just made handed out of itself. */
  takeLayer(): Bag
  staticChanged(key: string): void
}

export function relink(undo: UndoLog, object: object, prototype: object | null): void {
  const before = getPrototypeOf(object)
  if (before === prototype) return
  undo.record(() => void setPrototypeOf(object, before))
  setPrototypeOf(object, prototype)
}

export function add<T>(undo: UndoLog, list: T[], value: T): void {
  push(list, value)
  undo.record(() => {
    list.length--
  })
}

export function putSlot(undo: UndoLog, slots: Bag, slot: string, implementation: Callable): void {
  const before = slots[slot]
  // A slot that is new keeps its implementation even on failure: somebody may hold its trampoline.
  if (before !== undefined) {
    undo.record(() => {
      slots[slot] = before
    })
    undo.refresh(slots, slot)
  }
  slots[slot] = implementation
}

const staticGetter = '~regrow:get static #'

/** Puts a class's static private fields back on failure. @param count how many layers were there before */
export function saveStaticPrivates(undo: UndoLog, { layers, stable }: ClassRecord, count = layers.length): void {
  for (let index = 0; index < count; index++) {
    const layer = layers[index]!
    const keys = ownKeys(layer)
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at]!
      if (typeof key !== 'string' || !startsWith(key, staticGetter)) continue
      const name = slice(key, staticGetter.length)
      const value = layer[key](stable)
      undo.record(() => layer[`~regrow:set static #${name}`](stable, value))
    }
  }
}
