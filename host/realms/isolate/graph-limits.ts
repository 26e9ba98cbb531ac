// How large the graph of a program that is not trusted may be: linking and comparing it takes the host's own time, in one go.
import { literalsIn, type ModuleRecord } from '../../../bundler/record.js'
import { RegrowError } from '../../errors.js'
import type { BuiltModule } from '../../module.js'

export interface GraphLimits {
  /** Modules of a program. */
  readonly modules: number
  /** Statements, declarations, function literals and class members of what one reload builds. */
  readonly parts: number
}

/** `export * from` of a program: names are followed through all of them. */
const mostStars = 200

/** @throws RegrowError ERR_REGROW_BUILD */
export function checkGraph(
  running: ReadonlyMap<string, BuiltModule>,
  built: ReadonlyMap<string, BuiltModule>,
  limits: GraphLimits,
): void {
  let modules = running.size
  let parts = 0
  let stars = 0
  for (const { record } of running.values()) stars += record.starExports.length
  for (const [id, { record }] of built) {
    const before = running.get(id)
    if (before) stars -= before.record.starExports.length
    else modules++
    stars += record.starExports.length
    parts += partsOf(record)
  }
  if (modules > limits.modules) refuse(`the program has more than ${limits.modules} modules`)
  if (parts > limits.parts) refuse(`more than ${limits.parts} statements, functions and class members at a time`)
  if (stars > mostStars) refuse(`the program has more than ${mostStars} times 'export * from'`)
}

export function partsOf({ items }: Pick<ModuleRecord, 'items'>): number {
  let count = items.length
  for (const item of items) {
    count += literalsIn(item).length
    if (item.kind === 'class') count += item.spec.elements.length
  }
  return count
}

function refuse(what: string): never {
  throw new RegrowError('ERR_REGROW_BUILD', `too large to link: ${what}`)
}
