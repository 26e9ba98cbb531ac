// Function literals that are patched in place (R6): one slot each, and any number of trampolines that call through it.
import { type Callable, matchTrampoline, takesKey } from './callable.js'
import type { KernelState } from './kernel-state.js'
import type { ModuleState } from './module-state.js'
import {
  apply,
  construct,
  create,
  defineProperty,
  deref,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  NativeWeakRef,
  push,
} from './primordials.js'
import type { FreedLiteral } from './protocol.js'
import { logOfNew } from './undo-log.js'

export interface LiteralState {
  implementation: Callable
  /** The trampolines each evaluation of the literal made. */
  trampolines: WeakRef<Callable>[]
  /** Of an accessor, in place of trampolines: what each evaluation's holds. */
  witnesses: WeakRef<object>[] | undefined
  /** How many of them there may be before dead ones are swept out. */
  sweepAt: number
}

const slot = (id: number) => `l${id}`

/** Gives a literal its newest implementation. */
export function setLiteral(
  kernel: KernelState,
  module: ModuleState,
  id: number,
  takes: number | undefined,
  implementation: Callable,
): void {
  const undo = module.undo!
  kernel.put(module, module.literalSlots, takesKey(slot(id)), takes)
  const known = mapGet(module.literals, id)
  if (!known) {
    // On failure too: the program may hold what the item made, and must find its code.
    module.literalSlots[slot(id)] = implementation
    mapSet(module.literals, id, { implementation, trampolines: [], witnesses: undefined, sweepAt: 8 })
    undo.record(() => {
      mapSet(module.orphans, id, true)
      mapSet(kernel.orphaned, module.id, module)
    })
    return
  }
  kernel.put(module, module.literalSlots, slot(id), implementation)
  const before = known.implementation
  undo.replace(before)
  undo.record(() => {
    known.implementation = before
  })
  known.implementation = implementation
  for (let index = 0; index < known.trampolines.length; index++) {
    const trampoline = deref(known.trampolines[index]!)
    if (trampoline) matchTrampoline(undo, trampoline, implementation, before)
  }
}

/** Takes note of a trampoline that an evaluation has just made. */
export function holdLiteral(
  kernel: KernelState,
  module: ModuleState,
  id: number,
  trampoline: Callable,
  name?: string,
): Callable {
  const literal = mapGet(module.literals, id)!
  matchTrampoline(logOfNew, trampoline, literal.implementation)
  if (name !== undefined) defineProperty(trampoline, 'name', { value: name, configurable: true })
  kernel.registerText(trampoline, module, `#${id}`)
  literal.trampolines = withAnother(literal, literal.trampolines, trampoline)
  return trampoline
}

/** @returns what the accessors of an evaluation are to hold, so that it is known when they are gone */
export function witnessLiterals(module: ModuleState, ids: readonly number[]): object {
  const witness = create(null) as object
  for (let index = 0; index < ids.length; index++) {
    const literal = mapGet(module.literals, ids[index]!)!
    literal.witnesses = withAnother(literal, literal.witnesses ?? [], witness)
  }
  return witness
}

function withAnother<T extends object>(literal: LiteralState, all: WeakRef<T>[], another: T): WeakRef<T>[] {
  let alive = all
  if (all.length >= literal.sweepAt) {
    alive = []
    for (let index = 0; index < all.length; index++) if (deref(all[index]!)) push(alive, all[index]!)
    literal.sweepAt = alive.length * 2 + 8
  }
  push(alive, new NativeWeakRef(another))
  return alive
}

const isAnyAlive = (references: readonly WeakRef<object>[]): boolean => {
  for (let index = 0; index < references.length; index++) if (deref(references[index]!)) return true
  return false
}

/** What a named function literal means by its own name. */
export function literalSelf(module: ModuleState, id: number): Callable {
  const { trampolines, implementation } = mapGet(module.literals, id)!
  for (let index = trampolines.length - 1; index >= 0; index--) {
    const trampoline = deref(trampolines[index]!)
    if (trampoline) return trampoline
  }
  return implementation
}

/**
 * Makes literals note that they were called, while their item runs.
 * @param called gets the ids
 * @returns what ends it
 */
export function trackCalls(module: ModuleState, literals: readonly number[], called: number[]): () => void {
  for (let index = 0; index < literals.length; index++) {
    const id = literals[index]!
    const { implementation } = mapGet(module.literals, id)!
    let isNoted = false
    module.literalSlots[slot(id)] = function (this: unknown, ...args: unknown[]) {
      if (!isNoted) push(called, id)
      isNoted = true
      return new.target ? construct(implementation, args, new.target) : apply(implementation, this, args)
    }
  }
  return () => {
    for (let index = 0; index < literals.length; index++) {
      const literal = mapGet(module.literals, literals[index]!)
      if (!literal) continue
      module.literalSlots[slot(literals[index]!)] = literal.implementation
      module.transaction?.undo.refresh(module.literalSlots, slot(literals[index]!))
    }
  }
}

/** Frees literals that left the source once nobody holds their trampolines. */
export function freeOrphans({ orphaned }: KernelState): FreedLiteral[] {
  const freed: FreedLiteral[] = []
  mapForEach(orphaned, (module, id) => {
    if (module.orphans.size === 0) return void mapDelete(orphaned, id)
    mapForEach(module.orphans, (_true, literal) => {
      const { trampolines, witnesses } = mapGet(module.literals, literal)!
      if (isAnyAlive(trampolines) || (witnesses && isAnyAlive(witnesses))) return
      mapDelete(module.orphans, literal)
      mapDelete(module.literals, literal)
      module.literalSlots[slot(literal)] = undefined
      module.literalSlots[takesKey(slot(literal))] = undefined
      push(freed, { module: id, literal })
    })
  })
  return freed
}
