// Failures of guests, in words: where, why, with a code frame.
import type { Refusal, TransactionResult } from '../guest/protocol.js'
import { BuildFailure } from './builder.js'
import type { Change } from './change.js'
import { type Place, placeText, RegrowError } from './errors.js'
import { frameOf, moduleOf } from './frame.js'
import type { Graph } from './graph.js'
import type { LinkFault } from './link.js'
import type { BuiltModule } from './module.js'
import type { Services } from './services.js'
import { placeAt } from './source-place.js'

/** A name that is not exported, or by two. */
class LinkError extends RegrowError {}

export function linkError(built: ReadonlyMap<string, BuiltModule>, graph: Graph, fault: LinkFault): RegrowError {
  const module = built.get(fault.module) ?? graph.modules.get(fault.module)!
  const place = placeAt(module, fault.start)
  const frame = frameOf(module, place)
  return new LinkError(
    'ERR_REGROW_LINK',
    `${fault.message} (${placeText(place)})`,
    frame === undefined ? { place } : { place, frame },
  )
}

/** What a module threw that an `import()` brought in, or waited for. */
export class EvaluationFailure {
  readonly thrown: unknown
  constructor(thrown: unknown) {
    this.thrown = thrown
  }
}

/** What an `import()` fails with: natively a module that does not parse or link is a SyntaxError, and one that is not there an Error. */
export function refusalOf(failure: unknown): Refusal {
  if (failure instanceof EvaluationFailure) return { thrown: failure.thrown }
  const error = BuildFailure.is(failure) ? failure.error : failure
  if (!RegrowError.is(error)) throw error
  const { code, message } = error
  if (code === 'ERR_REGROW_BUILD' || error instanceof LinkError) return { name: 'SyntaxError', message }
  return { name: 'Error', message, code: code === 'ERR_REGROW_LINK' ? 'ERR_MODULE_NOT_FOUND' : code }
}

/** The same for a `require`, where Node gives what is not there another code. */
export function requireRefusalOf(failure: unknown): Refusal {
  const refusal = refusalOf(failure)
  return 'code' in refusal && refusal.code === 'ERR_MODULE_NOT_FOUND'
    ? { ...refusal, code: 'MODULE_NOT_FOUND' }
    : refusal
}

type Failed = Extract<TransactionResult, { isApplied: false }>

export function evaluationError(
  { graph, stack }: Services,
  change: Change,
  { error, module: id, key }: Failed,
): RegrowError {
  const change_ = id === undefined ? undefined : change.changes.get(id)
  const module = change_?.module
  const item = module?.record.items.find(each => each.key === key)
  const place = stack.firstPlace(error) ?? (module && item ? placeAt(module, item.start) : undefined)
  const file = place && moduleOf(place.file)
  const changed = place && !stack.isOfRunning(place) ? change.changes.get(file!)?.module : undefined
  const placed = changed ?? (file === undefined ? undefined : graph.modules.get(file))
  const frame = place && placed ? frameOf(placed, place) : undefined
  return evaluateError(error, place, frame)
}

/** The same for what typed text throws after its transaction. */
export function thrownError({ graph, stack }: Services, error: unknown): RegrowError {
  const place = stack.firstPlace(error)
  const module = place && graph.modules.get(moduleOf(place.file))
  return evaluateError(error, place, module && frameOf(module, place))
}

function evaluateError(error: unknown, place: Place | undefined, frame: string | undefined): RegrowError {
  readStacks(error, causesRead)
  const at = place ? ` (${placeText(place)})` : ''
  return new RegrowError('ERR_REGROW_EVALUATE', `${describe(error)}${at}`, {
    cause: error,
    ...(place ? { place } : {}),
    ...(frame === undefined ? {} : { frame }),
  })
}

/** How deep causes may lie, and how many errors of one are read. */
const causesRead = 10

/** V8 writes a stack when it is first read: of what caused an error that is now, while its scripts are known. */
function readStacks(error: unknown, depth: number): void {
  if (depth === 0 || typeof error !== 'object' || error === null) return
  try {
    const { stack, cause, errors } = error as AggregateError
    if (stack === undefined) return
    readStacks(cause, depth - 1)
    if (Array.isArray(errors)) for (const each of errors.slice(0, causesRead)) readStacks(each, depth - 1)
  } catch {
    // A guest's getter throws.
  }
}

/** An error of the guest's in a line. */
export function describe(error: unknown): string {
  if (error === undefined || error === null) return `threw ${error}`
  try {
    const { name, message } = error as Error
    if (typeof message === 'string') return typeof name === 'string' ? `${name}: ${message}` : message
    return `threw ${typeof error === 'string' ? JSON.stringify(error) : String(error)}`
  } catch {
    return 'threw a value that cannot be shown'
  }
}
