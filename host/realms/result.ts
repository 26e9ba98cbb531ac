// Takes a transaction's result over from its realm: the guest may have changed what its arrays do when they are iterated.
import type { TransactionResult } from '../../guest/protocol.js'

function copy<T>(array: readonly T[]): T[] {
  const own: T[] = []
  for (let index = 0; index < array.length; index++) own.push(array[index]!)
  return own
}

export function takeOver(result: TransactionResult): TransactionResult {
  const freed = copy(result.freed)
  if (!result.isApplied) return { ...result, freed }
  return {
    isApplied: true,
    evaluated: copy(result.evaluated).map(each => ({ ...each, called: copy(each.called) })),
    statics: copy(result.statics),
    changed: copy(result.changed),
    moved: copy(result.moved),
    freed,
  }
}
