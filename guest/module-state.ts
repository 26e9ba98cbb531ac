// What the kernel keeps of a module. There may be very many, so what few modules need is made when it is asked for.
import type { Callable } from './callable.js'
import type { ClassRecord } from './class-record.js'
import type { LiteralState } from './literals.js'
import type { Exports, Namespace } from './namespace.js'
import type { Owner } from './ownership.js'
import { mapForEach, mapGet, NativeMap } from './primordials.js'
import { type Bag, createBag, createSlots, makeFast } from './scope.js'
import type { Transaction } from './transaction.js'
import type { UndoLog } from './undo-log.js'

/** Nobody adds to an export table: a new one takes its place. */
const noExports: Exports = new NativeMap()

const none: readonly string[] = []

/** How many names a small module declares. */
const mostInSmall = 50

export class ModuleState {
  readonly id: string
  readonly scope: Bag
  /** Implementations of functions, and stable classes, by binding. */
  readonly calls: Bag
  readonly trampolines: Map<string, Callable> = new NativeMap()
  readonly classes: Map<string, ClassRecord> = new NativeMap()
  /** What the module's code calls the kernel through. */
  handle!: Bag
  exports = noExports
  /** Bindings that its code may assign, once it has been evaluated. */
  assignable: readonly string[] = none
  namespace: Namespace | undefined
  /** The transaction under way: generated code changes bindings in no other time. */
  transaction: Transaction | undefined
  /** Where that records what it does to this module. */
  undo: UndoLog | undefined
  /** What a CommonJS text threw, for whoever requires it again. */
  failure?: { readonly error: unknown } | undefined
  /** Settles when the module has been evaluated, where it could not be in one turn. */
  evaluation: Promise<void> | undefined
  readonly #isSmall: boolean
  #literalSlots: Bag | undefined
  #owners: Map<number, Owner> | undefined
  #literals: Map<number, LiteralState> | undefined
  #orphans: Map<number, true> | undefined
  #kept: Map<string, readonly unknown[]> | undefined

  constructor(id: string, size: number, missing: object) {
    this.id = id
    this.scope = createBag(missing)
    // Function literals come one by one.
    this.#isSmall = size <= mostInSmall
    this.calls = this.#isSmall ? createSlots(missing) : createBag(missing)
  }

  /** Implementations of literals. */
  get literalSlots(): Bag {
    return (this.#literalSlots ??= createSlots(null))
  }

  get literals(): Map<number, LiteralState> {
    return (this.#literals ??= new NativeMap())
  }

  /** All functions are there, and are to be called at full speed from now on. */
  makeFast(): void {
    if (this.#isSmall) makeFast(this.calls)
    if (this.#literalSlots) makeFast(this.#literalSlots)
  }

  /** Literals that are no longer in the source, whose trampolines may still be held. */
  get orphans(): Map<number, true> {
    return (this.#orphans ??= new NativeMap())
  }

  /** What `keep` keeps, by the key of the item. */
  get kept(): Map<string, readonly unknown[]> {
    return (this.#kept ??= new NativeMap())
  }

  get keepsAny(): boolean {
    return this.#kept !== undefined && this.#kept.size > 0
  }

  /** Who owns what, by the number of the item. */
  get owners(): Map<number, Owner> {
    return (this.#owners ??= new NativeMap())
  }

  owner(id: number): Owner | undefined {
    return this.#owners && mapGet(this.#owners, id)
  }

  forEachOwner(each: (owner: Owner, id: number) => void): void {
    if (this.#owners) mapForEach(this.#owners, each)
  }
}
