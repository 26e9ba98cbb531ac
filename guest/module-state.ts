// What the kernel keeps of a module. There may be very many, so what few modules need is made when it is asked for.
import type { Callable } from './callable.js'
import type { ClassRecord } from './class-record.js'
import type { LiteralState } from './literals.js'
import type { Exports, Namespace } from './namespace.js'
import type { Owner } from './ownership.js'
import { NativeMap } from './primordials.js'
import { type Bag, createBag, createGuard } from './scope.js'
import type { Transaction } from './transaction.js'

/** Nobody adds to an export table: a new one takes its place. */
const noExports: Exports = new NativeMap()

export class ModuleState {
  readonly id: string
  readonly scope: Bag
  /** Implementations of functions, and stable classes, by binding. */
  readonly calls: Bag
  readonly literalSlots: Bag = createBag(null)
  readonly trampolines: Map<string, Callable> = new NativeMap()
  readonly classes: Map<string, ClassRecord> = new NativeMap()
  /** Who owns what, by the number of the item. */
  readonly owners: Map<number, Owner> = new NativeMap()
  readonly initializer: Bag
  readonly guard: Bag
  /** What the module's code calls the kernel through. */
  handle!: Bag
  exports = noExports
  namespace: Namespace | undefined
  /** The transaction under way: generated code changes bindings in no other time. */
  transaction: Transaction | undefined
  /** What a CommonJS text threw, for whoever requires it again. */
  failure?: { readonly error: unknown } | undefined
  /** Settles when the module has been evaluated, where it could not be in one turn. */
  evaluation: Promise<void> | undefined
  #literals: Map<number, LiteralState> | undefined
  #orphans: Map<number, true> | undefined
  #kept: Map<string, unknown[]> | undefined

  constructor(id: string, scope: Bag, calls: Bag, initializer: Bag) {
    this.id = id
    this.scope = scope
    this.calls = calls
    this.initializer = initializer
    this.guard = createGuard(scope)
  }

  get literals(): Map<number, LiteralState> {
    return (this.#literals ??= new NativeMap())
  }

  /** Literals that are no longer in the source, whose trampolines may still be held. */
  get orphans(): Map<number, true> {
    return (this.#orphans ??= new NativeMap())
  }

  /** What `keep` keeps, by the key of the item. */
  get kept(): Map<string, unknown[]> {
    return (this.#kept ??= new NativeMap())
  }
}
