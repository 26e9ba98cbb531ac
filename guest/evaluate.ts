// Runs the items of a transaction, module by module. A module that awaits holds up only those that wait for it.
// Longer than most: the two ways of running, at once and with awaits, share what begins and ends an item.
import { watchDecorated } from './class-members.js'
import type { KernelState } from './kernel-state.js'
import { trackCalls } from './literals.js'
import type { ModuleState } from './module-state.js'
import type { Owner } from './ownership.js'
import {
  append,
  hasOwn,
  mapGet,
  mapSet,
  NativeError,
  NativeMap,
  NativePromise,
  push,
  whenSettled,
} from './primordials.js'
import type { ModulePatch, Operation } from './protocol.js'
import { objectAt } from './scope.js'
import { replaceInPlace } from './steps.js'
import type { Transaction } from './transaction.js'

/** What is to run of one module. */
export interface Work {
  readonly patch: ModulePatch
  readonly module: ModuleState
  /** None before its functions are in their places, and none once all have run: their code is to go. */
  operations: readonly Operation[]
  /** Index of the operation that comes next. */
  next: number
}

/** Runs everything in one turn. No item may await. */
export function evaluate(kernel: KernelState, transaction: Transaction, works: readonly Work[]): void {
  const replaceUpTo = replacing(kernel, transaction, works)
  // In a reload, what is replaced is so before anything runs. In a load there is nothing before, and very much code: one after another.
  if (transaction.isReload) replaceUpTo(works.length - 1)
  letRunAhead(kernel, transaction, works, replaceUpTo)
  for (let index = 0; index < works.length; index++) {
    replaceUpTo(index)
    runRest(kernel, transaction, works[index]!)
  }
}

/** @returns what puts functions and literals into their places, up to a module and to those whose functions its code may call */
function replacing(kernel: KernelState, transaction: Transaction, works: readonly Work[]): (last: number) => void {
  let next = 0
  return last => {
    for (let until = last; next <= until; next++) {
      const work = works[next]!
      replaceInPlace(kernel, transaction, work)
      const { callsUpTo } = work.patch
      if (callsUpTo !== undefined && callsUpTo > until) until = callsUpTo
    }
  }
}

function runRest(kernel: KernelState, transaction: Transaction, work: Work): void {
  const { module, operations } = work
  while (work.next < operations.length) {
    const operation = operations[work.next++]!
    if (isDue(transaction, module, operation)) run(kernel, transaction, module, operation)
  }
  end(work)
}

/** Its code has run: nothing is to hold it. */
function end(work: Work): void {
  work.operations = []
  work.next = Infinity
}

/** Lets a module that requires another run it first. */
function letRunAhead(
  kernel: KernelState,
  transaction: Transaction,
  works: readonly Work[],
  replaceUpTo: (last: number) => void,
): void {
  let indexes: Map<string, number> | undefined
  transaction.runAhead = id => {
    if (!indexes) {
      indexes = new NativeMap()
      for (let index = 0; index < works.length; index++) mapSet(indexes, works[index]!.patch.id, index)
    }
    const index = mapGet(indexes, id)
    if (index === undefined || works[index]!.next > 0) return
    const { place } = transaction
    try {
      replaceUpTo(index)
      runRest(kernel, transaction, works[index]!)
    } catch (error) {
      // Whoever required it may go on without it.
      end(works[index]!)
      throw error
    }
    transaction.place = place
  }
}

interface Turn extends Work {
  hasStarted: boolean
  /** How many modules it still waits for. */
  waitsFor: number
  readonly waiters: Turn[]
  /** Settles the module's evaluation, once. */
  readonly end: (...failure: [error: unknown] | []) => void
}

/**
 * Runs everything, some of which awaits.
 * @param done called once everything ran
 * @param failed called once, as soon as something throws; what is still awaited then comes to nothing
 */
export function evaluateAsync(
  kernel: KernelState,
  transaction: Transaction,
  works: readonly Work[],
  done: () => void,
  failed: (error: unknown) => void,
): void {
  const turns = createTurns(works)
  const replaceUpTo = replacing(kernel, transaction, turns)
  letRunAhead(kernel, transaction, turns, replaceUpTo)
  let left = turns.length
  let isOver = false

  const fail = (error: unknown): void => {
    if (isOver) return
    isOver = true
    for (let index = 0; index < turns.length; index++) turns[index]!.end(error)
    failed(error)
  }

  /** Starts, in order, what waits for nothing any more. */
  const proceed = (): void => {
    for (let index = 0; index < turns.length && !isOver; index++) {
      const turn = turns[index]!
      if (!turn.hasStarted && turn.waitsFor === 0) advance(turn)
    }
    if (left > 0 || isOver) return
    isOver = true
    done()
  }

  /** Runs a module until it awaits or ends. */
  const advance = (turn: Turn): void => {
    turn.hasStarted = true
    if (!runUntilItAwaits(turn)) return
    turn.end()
    left--
    for (let index = 0; index < turn.waiters.length; index++) turn.waiters[index]!.waitsFor--
  }

  /** @returns whether the module has ended */
  const runUntilItAwaits = (turn: Turn): boolean => {
    const { module, operations } = turn
    while (turn.next < operations.length) {
      const operation = operations[turn.next++]!
      if (!isDue(transaction, module, operation)) continue
      if (operation.isAsync) {
        const resume = () => {
          if (isOver) return
          advance(turn)
          proceed()
        }
        runAsync(kernel, transaction, module, operation, resume, fail)
        return false
      }
      try {
        run(kernel, transaction, module, operation)
      } catch (error) {
        fail(error)
        return false
      }
    }
    return true
  }

  for (let index = 0; index < turns.length; index++) {
    const turn = turns[index]!
    const beyond = turn.patch.waitsBeyond ?? []
    for (let at = 0; at < beyond.length; at++) {
      const module = mapGet(kernel.modules, beyond[at]!)
      // It has failed meanwhile, and is gone.
      if (!module) fail(new NativeError(`${beyond[at]} could not be evaluated`))
      if (!module?.evaluation) continue
      turn.waitsFor++
      const go = () => {
        turn.waitsFor--
        proceed()
      }
      whenSettled(module.evaluation, go, fail)
    }
  }
  try {
    // Modules begin in another order when one before them awaits.
    if (!isOver) replaceUpTo(turns.length - 1)
  } catch (error) {
    fail(error)
  }
  proceed()
}

function createTurns(works: readonly Work[]): Turn[] {
  const turns: Turn[] = []
  const byId = new NativeMap<string, Turn>()
  for (let index = 0; index < works.length; index++) {
    const { patch, module, operations } = works[index]!
    const end = startEvaluation(module)
    const turn: Turn = { patch, module, operations, hasStarted: false, next: 0, waitsFor: 0, waiters: [], end }
    push(turns, turn)
    mapSet(byId, patch.id, turn)
  }
  for (let index = 0; index < turns.length; index++) {
    const turn = turns[index]!
    const waitsFor = turn.patch.waitsFor ?? []
    for (let at = 0; at < waitsFor.length; at++) {
      push(mapGet(byId, waitsFor[at]!)!.waiters, turn)
      turn.waitsFor++
    }
  }
  return turns
}

function startEvaluation(module: ModuleState): Turn['end'] {
  let settle: Turn['end'] = () => {}
  module.evaluation = new NativePromise<void>((resolve, reject) => {
    settle = (...failure) => {
      module.evaluation = undefined
      if (failure.length) reject(failure[0])
      else resolve()
    }
  })
  // Whoever imports the module hears of a failure; nobody has to.
  whenSettled(
    module.evaluation,
    () => {},
    () => {},
  )
  return settle
}

const isDue = (transaction: Transaction, { id }: ModuleState, { when, registersWith, listens }: Operation): boolean =>
  !when ||
  transaction.haveChanged(id, when) ||
  (registersWith !== undefined && transaction.haveNewObject(id, registersWith, listens === true))

function run(kernel: KernelState, transaction: Transaction, module: ModuleState, operation: Operation): void {
  const { owner, end } = begin(kernel, transaction, module, operation)
  let value: unknown
  try {
    value = kernel.ownership.run(owner, operation.run)
  } finally {
    end()
  }
  complete(kernel, operation, owner, value)
}

function runAsync(
  kernel: KernelState,
  transaction: Transaction,
  module: ModuleState,
  operation: Operation,
  done: () => void,
  failed: (error: unknown) => void,
): void {
  const { owner, end: endItem } = begin(kernel, transaction, module, operation)
  const { result, end: endRun } = kernel.ownership.runAsync(owner, operation.run as () => Promise<unknown>)
  const end = () => {
    endRun()
    endItem()
  }
  const fail = (error: unknown) => {
    transaction.place = { module: module.id, key: operation.key }
    failed(error)
  }
  const finish = (value: unknown) => {
    end()
    const held = value as unknown[] | undefined
    // The transaction failed elsewhere meanwhile.
    if (module.transaction !== transaction) {
      if (operation.makesValue) kernel.ownership.own(owner, held![0])
      return
    }
    try {
      complete(kernel, operation, owner, held?.[0])
    } catch (error) {
      return fail(error)
    }
    done()
  }
  whenSettled(result, finish, error => {
    end()
    fail(error)
  })
}

/** Takes what an item's code gave. The item has ended: what the value is asked here counts for no call of its literals (R6). */
function complete(kernel: KernelState, operation: Operation, owner: Owner, value: unknown): void {
  const { module } = owner
  const { kind, names, makesValue } = operation
  if (kind === 'data') kernel.defineData(module, names[0]!, value)
  if (!makesValue) return
  if (kind !== 'pattern') kernel.ownership.own(owner, value)
  else for (let index = 0; index < names.length; index++) kernel.ownership.own(owner, module.scope[names[index]!])
}

/** Nothing is added: there is nothing to be called. */
const noneCalled: number[] = []

/** @returns the item's owner, and what ends the item, however it ends */
function begin(
  kernel: KernelState,
  transaction: Transaction,
  module: ModuleState,
  operation: Operation,
): { owner: Owner; end: () => void } {
  const { key, names, literals, isReset, fills, decorates } = operation
  transaction.place = { module: module.id, key }
  for (let index = 0; isReset && index < names.length; index++) {
    if (hasOwn(module.scope, names[index]!)) kernel.put(module, module.scope, names[index]!, undefined)
  }
  for (let index = 0; fills && index < fills.length; index++) {
    const object = objectAt(module.scope, fills[index]!, fills[index]!.length)
    if (object) module.undo!.save(object)
  }
  const owner = kernel.ownership.createOwner(module, operation, transaction)
  append(transaction.begun, { owner, id: operation.owner })
  const called: number[] = literals ? [] : noneCalled
  const release = literals && trackCalls(module, literals, called)
  const decorated = decorates === undefined ? undefined : mapGet(module.classes, decorates)
  const noteDecorated = decorated && watchDecorated(module.undo!, decorated)
  const end = () => {
    release?.()
    if (module.transaction === transaction) noteDecorated?.()
    append(transaction.evaluated, { module: module.id, key, called })
  }
  return { owner, end }
}
