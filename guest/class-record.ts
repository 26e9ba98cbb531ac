// What the kernel keeps of a class, and what generated code says of one version of it.
import type { Callable } from './callable.js'
import {
  getOwnPropertyDescriptor,
  hasOwn,
  isExtensible,
  NativeTypeError,
  ownKeys,
  push,
  slice,
  startsWith,
  symbolDescription,
  tryDefine,
} from './primordials.js'
import type { Cell } from './protocol.js'
import type { Bag } from './scope.js'
import type { UndoLog } from './undo-log.js'

export type Constructor = (new (...args: any[]) => any) & Bag

export type Factory = (heritage: unknown, slots: Bag) => any

/** A static field, or a static block: its id is empty. */
export interface StaticInitializer {
  readonly id: string
  readonly isComputed?: true
  /** Not defined: an inherited setter takes it. */
  readonly isAssigned?: true
  /** A static block in which decorators replace members. */
  readonly isDecorating?: true
  /** It runs unless it is kept as it is; or only if one of these bindings changed. */
  readonly when?: 'kept' | readonly Cell[]
}

/** What generated code says of one version of a class. */
export interface ClassVersion {
  readonly isNew?: true
  /** Its text is the same, but for the layout: the binding keeps what the program has assigned. */
  readonly isSame?: true
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
export interface Member {
  readonly holder: 'static' | 'instance'
  readonly key: string | symbol
  readonly trampoline: Callable
  /** What a decorator has put in its place. */
  readonly decorated?: unknown
}

/** What the kernel keeps of a class. */
export interface ClassRecord {
  readonly stable: Constructor
  readonly slots: Bag
  /** By slot. */
  readonly members: Map<string, Member>
  /** Names of symbols in slots, computed keys by member, and keys of static fields: few classes have any. */
  symbols: Map<symbol, string> | undefined
  keys: Map<string, PropertyKey> | undefined
  staticKeys: Map<string, PropertyKey> | undefined
  /** What reaches into the classes that declare private names, the innermost last. */
  readonly layers: Bag[]
  /** The one with private names of the first version's instances, if they had any. */
  readonly origin: Bag | undefined
  /** The constructors between the version and its superclass, the highest first: each gives instances the members of a layer. */
  readonly steps: Constructor[]
  /** What makes instances for a version without superclass, where the stable class makes them for others. */
  readonly bare: Constructor | undefined
  /** Fields that came after the first version, with the getter that serves older instances. */
  late: Map<string, object | true>
  /** What stands after `extends`, if anything does. */
  heritage: unknown
  version: Constructor
}

export interface ClassServices {
  compileUncached<T>(compile: () => T): T
  /** Computed keys as they were while the version was evaluated. */
  takeKeys<T>(evaluate: () => T): { result: T; keys: Map<string, PropertyKey> | undefined }
  /** Makes `toString()` of a trampoline give the newest text. */
  register(trampoline: Callable, slot: string): void
  /** The class is known by its own name from here on, inside its statics. */
  publish(stable: Constructor): void
  /** What the stable class just made handed out of itself. */
  takeLayer(): Bag
  /** A static field or block has run. @param told what reports know it by */
  staticChanged(key: string, told: string): void
}

/**
 * Gives a class, or its prototype, a property that an edit asks for.
 * @throws TypeError when the program has frozen it, or that property
 */
export function putProperty(record: ClassRecord, object: object, key: PropertyKey, property: PropertyDescriptor): void {
  if (tryDefine(object, key, property)) return
  // What is sealed takes other values.
  const isData = property.get === undefined && property.set === undefined
  if (isData && hasOwn(object, key) && tryDefine(object, key, { value: property.value })) return
  const shown = `its '${typeof key === 'symbol' ? symbolDescription(key) : key}'`
  failFrozen(record, `take ${shown}`, hasOwn(object, key) && isExtensible(object) ? shown : 'it')
}

/**
 * @param what the class cannot do
 * @param frozen what does not let it
 */
export function failFrozen({ version }: ClassRecord, what: string, frozen = 'it'): never {
  const name: unknown = getOwnPropertyDescriptor(version, 'name')?.value
  throw new NativeTypeError(
    `${typeof name === 'string' ? name : 'The class'} cannot ${what} from the edit: the program has frozen or sealed ${frozen}`,
  )
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
