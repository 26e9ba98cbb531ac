// One reload inside the realm: what it changed, and how to take it back.
import { emits } from './disposers.js'
import type { ModuleState } from './module-state.js'
import type { Owner } from './ownership.js'
import {
  append,
  createList,
  hasOwn,
  is,
  isObject,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  NativeMap,
  push,
} from './primordials.js'
import type { Cell, ChangedBinding, Evaluated, EvaluatedStatic, Operation, TransactionRequest } from './protocol.js'
import { type BindingList, SavedBindings } from './saved-bindings.js'
import type { Bag } from './scope.js'
import { serversOf } from './servers.js'
import type { Changes } from './state.js'
import { UndoLog } from './undo-log.js'

/** A name of a module's that stands for another binding now. */
interface Moved {
  readonly name: string
  readonly cell: Cell
  /** What it gave before the transaction. */
  readonly before: unknown
}

/** A module, as far as a transaction goes. */
interface Declarer {
  readonly id: string
  readonly scope: Record<string, any>
}

export class Transaction {
  readonly isReload: boolean
  readonly changes: readonly Changes[]
  readonly evaluated = createList<Evaluated>()
  readonly changed: ChangedBinding[] = []
  /** Items that have run, or begun to, and what they made. */
  readonly begun = createList<{ readonly owner: Owner; readonly id: Operation['owner'] }>()
  /** Modules that left the graph. */
  readonly removed: ModuleState[] = []
  /** Runs of items that go, and have no next one. */
  readonly leaving: Owner[] = []
  /** Runs a module whose turn has not come, if there is one. */
  runAhead: (module: string) => void = () => {}
  /** What is being done, for the report of a failure. */
  place: { module?: string; key?: string } = {}
  /** Static fields and blocks that were evaluated, as `Class.field`. */
  readonly statics: EvaluatedStatic[] = []
  readonly undo = new UndoLog()
  /** Bindings whose value is another one now, by scope. */
  readonly #changedNames = new NativeMap<object, Map<string, true>>()
  /** Names that stand for other bindings now, by module. */
  readonly #moved = new NativeMap<string, Moved[]>()
  /** Bindings that code may assign, with their values before the transaction. */
  readonly #saved = createList<SavedBindings>()

  constructor({ isReload, changes }: Pick<TransactionRequest, 'isReload' | 'changes'>) {
    this.isReload = isReload
    this.changes = changes
  }

  markChanged({ id, scope }: Declarer, name: string): void {
    if (!this.isReload) return
    let names = mapGet(this.#changedNames, scope)
    if (!names) mapSet(this.#changedNames, scope, (names = new NativeMap()))
    mapSet(names, name, true)
    push(this.changed, { module: id, name })
  }

  /** Puts bindings back on failure that code may assign while the transaction evaluates: before anything else is changed. */
  save(bindings: BindingList): void {
    append(this.#saved, new SavedBindings(bindings))
  }

  /** Notes that a module's name stands for another binding now: before anything else is changed. */
  move(module: string, name: string, { scope, name: binding }: Cell, to: Cell): void {
    let moved = mapGet(this.#moved, module)
    if (!moved) mapSet(this.#moved, module, (moved = []))
    const before = hasOwn(scope, binding) ? (scope as Bag)[binding] : unbound
    push(moved, { name, cell: to, before })
  }

  /** @returns the names that give another value now than before the transaction, in another binding */
  movedNames(): ChangedBinding[] {
    const names: ChangedBinding[] = []
    mapForEach(this.#moved, (moved, module) => {
      for (let index = 0; index < moved.length; index++)
        if (givesOther(moved[index]!)) push(names, { module, name: moved[index]!.name })
    })
    return names
  }

  /** Whether one of these bindings, as a module names them, gives another value than before the transaction. */
  haveChanged(module: string, cells: readonly Cell[]): boolean {
    const moved = mapGet(this.#moved, module)
    for (let index = 0; index < cells.length; index++) {
      const cell = cells[index]!
      if (moved?.length ? this.#givesOther(moved, cell) : this.#hasChanged(cell)) return true
    }
    return false
  }

  /** Whether one of these bindings holds another object than before, to register with. @param isServer it must be a server */
  haveNewObject(module: string, cells: readonly Cell[], isServer: boolean): boolean {
    for (let index = 0; index < cells.length; index++) {
      const { scope, name } = cells[index]!
      const value: unknown = hasOwn(scope, name) && (scope as Bag)[name]
      const isMeant = isObject(value) && (isServer ? serversOf(value)[0] === value : emits(value))
      if (isMeant && this.haveChanged(module, [cells[index]!])) return true
    }
    return false
  }

  #givesOther(moved: readonly Moved[], cell: Cell): boolean {
    let isMoved = false
    for (let index = 0; index < moved.length; index++) {
      const { scope, name } = moved[index]!.cell
      if (scope !== cell.scope || name !== cell.name) continue
      isMoved = true
      if (givesOther(moved[index]!)) return true
    }
    return !isMoved && this.#hasChanged(cell)
  }

  #hasChanged({ scope, name }: Cell): boolean {
    const names = mapGet(this.#changedNames, scope)
    if (names !== undefined && mapHas(names, name)) return true
    for (let index = 0; index < this.#saved.length; index++)
      if (this.#saved[index]!.hasChanged(scope, name)) return true
    return false
  }

  rollback(): void {
    this.undo.takeBack()
    for (let index = 0; index < this.#saved.length; index++) this.#saved[index]!.putBack()
    this.undo.commit()
  }
}

/** Stands for the value of a binding that had none. */
const unbound = {}

const givesOther = ({ cell: { scope, name }, before }: Moved): boolean =>
  !hasOwn(scope, name) || !is((scope as Bag)[name], before)
