// Failures of guests, in words: where, why, with a code frame.
import type { TransactionResult } from '../guest/protocol.js'
import { type Change, overlay } from './change.js'
import { frameAt, RegrowError } from './errors.js'
import type { Graph } from './graph.js'
import type { LinkFault } from './link.js'
import type { BuiltModule } from './module.js'
import type { Services } from './services.js'
import { placeAt } from './stack.js'

export function linkError(built: ReadonlyMap<string, BuiltModule>, graph: Graph, fault: LinkFault): RegrowError {
  const module = overlay(graph, built)(fault.module)!
  const place = placeAt(module, fault.start)
  const frame = frameAt(module.source, place)
  return new RegrowError(
    'ERR_REGROW_LINK',
    `${fault.message} (${place.file}:${place.line}:${place.column})`,
    frame === undefined ? { place } : { place, frame },
  )
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
  const source = place && (change.changes.get(place.file)?.module ?? graph.modules.get(place.file))?.source
  const frame = place && source !== undefined ? frameAt(source, place) : undefined
  const at = place ? ` (${place.file}:${place.line}:${place.column})` : ''
  return new RegrowError('ERR_REGROW_EVALUATE', `${describe(error)}${at}`, {
    cause: error,
    ...(place ? { place } : {}),
    ...(frame === undefined ? {} : { frame }),
  })
}

function describe(error: unknown): string {
  try {
    const { name, message } = error as Error
    if (typeof message === 'string') return typeof name === 'string' ? `${name}: ${message}` : message
    return `threw ${typeof error === 'string' ? JSON.stringify(error) : String(error)}`
  } catch {
    return 'threw a value that cannot be shown'
  }
}
