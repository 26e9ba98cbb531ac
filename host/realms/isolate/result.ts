// Takes a transaction's result over from an isolate. The kernel there could be another than ours by now: only what fits is believed.
import type { TransactionResult } from '../../../guest/protocol.js'
import { RegrowError } from '../../errors.js'
import { harmless } from './harmless.js'

type Loose = Readonly<Record<string, unknown>>

const list = (value: unknown): Loose[] =>
  Array.isArray(value) ? value.filter(each => typeof each === 'object' && each !== null) : []
const text = (value: unknown): string => (typeof value === 'string' ? harmless(value.slice(0, 1000)) : '')
const numbers = (value: unknown): number[] =>
  Array.isArray(value) ? value.filter(each => Number.isSafeInteger(each) && each >= 0) : []

/** @param modules that are in the transaction */
export function readResult(
  given: unknown,
  modules: ReadonlySet<string>,
  errorOf: (thrown: string) => unknown,
): TransactionResult {
  if (typeof given !== 'object' || given === null)
    throw new RegrowError('ERR_REGROW_EXIT', 'an isolate answered with what is no answer')
  const result = given as Loose
  const freed = list(result.freed).flatMap(({ module, literal }) =>
    typeof module === 'string' && Number.isSafeInteger(literal) ? [{ module, literal: literal as number }] : [],
  )
  if (result.isApplied !== true) {
    const module = typeof result.module === 'string' && modules.has(result.module) ? result.module : undefined
    return {
      isApplied: false,
      error: errorOf(String(result.thrown)),
      module,
      key: typeof result.key === 'string' ? result.key : undefined,
      freed,
    }
  }
  const known = (each: Loose) => typeof each.module === 'string' && modules.has(each.module)
  return {
    isApplied: true,
    evaluated: list(result.evaluated)
      .filter(known)
      .map(({ module, key, called }) => ({ module: module as string, key: String(key), called: numbers(called) })),
    statics: list(result.statics)
      .filter(known)
      .map(({ module, name }) => ({ module: module as string, name: text(name) })),
    changed: list(result.changed)
      .filter(each => typeof each.module === 'string')
      .map(({ module, name }) => ({ module: module as string, name: text(name) })),
    moved: list(result.moved)
      .filter(known)
      .map(({ module, name }) => ({ module: module as string, name: text(name) })),
    freed,
  }
}
