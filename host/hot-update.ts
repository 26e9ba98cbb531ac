// The steps of an update that concern `import.meta.hot` (R12), around the transaction: plan, tell and dispose before it, call back after it.
import type { HotFacts, HotFailure, HotUpdateRequest } from '../guest/protocol.js'
import { isVisible, type ModuleChange } from './change.js'
import { clock } from './clock.js'
import { within } from './disposal.js'
import { RegrowError } from './errors.js'
import { openNamespace } from './exports.js'
import { describe } from './failure.js'
import { findUpdates } from './hot.js'
import type { BuiltModule } from './module.js'
import { linksChanged } from './report.js'
import type { Services } from './services.js'
import { copy, stepsOf } from './steps.js'

/** A module that hands its update on: to its importers. */
export interface Invalidation {
  readonly id: string
  readonly firstInvalidatedBy: string
}

/** How long callbacks that are async are waited for, in milliseconds. */
const limit = 1000

/** Whom the changes of a reload concern. @throws RegrowError ERR_REGROW_DECLINED */
export function planUpdates(
  services: Services,
  facts: readonly HotFacts[],
  changes: ReadonlyMap<string, ModuleChange>,
  invalidation: Invalidation | undefined,
): HotUpdateRequest[] {
  if (facts.length === 0) return []
  const graph = {
    module: (id: string) => services.graph.modules.get(id),
    importers: importersOf(services),
  }
  if (invalidation) return findUpdates(graph, facts, [invalidation.id], invalidation.firstInvalidatedBy)
  const changed = [...changes.values()].filter(isEdited).map(each => each.module.id)
  for (const id of changed) {
    if (!facts.some(each => each.id === id && each.isDeclined)) continue
    throw new RegrowError('ERR_REGROW_DECLINED', `${id} declines edits by import.meta.hot.decline()`, { file: id })
  }
  return findUpdates(graph, facts, changed)
}

/** Whether anybody can tell that a module is another one, be it only by what it imports. */
function isEdited(change: ModuleChange): boolean {
  const { module, running } = change
  if (!running) return false
  return isVisible(change) || linksChanged(change) || importsIn(module) !== importsIn(running)
}

const importsIn = ({ record, requests }: BuiltModule): string =>
  JSON.stringify(
    [...record.imports].map(([local, { name, specifier }]) => [local, name, requests.get(specifier)]).sort(),
  )

/** Importers by name, by an `import()` of a literal, and by what has run. */
export function importersOf({ graph, builder, dynamicImporters }: Services): (id: string) => string[] {
  const dynamic = new Map<string, string[]>()
  for (const id of graph.importing) {
    for (const specifier of graph.modules.get(id)!.record.dynamicRequests) {
      const found = builder.tryResolve(specifier, id)
      if (found?.kind === 'guest') dynamic.set(found.id, [...(dynamic.get(found.id) ?? []), id])
    }
  }
  return id => [...new Set([...graph.importersOf(id), ...(dynamic.get(id) ?? []), ...(dynamicImporters.get(id) ?? [])])]
}

export const wholeOf = (updates: readonly HotUpdateRequest[]): string[] =>
  updates.filter(each => each.boundary === each.acceptedVia).map(each => each.boundary)

/** Tells of the updates, and lets modules dispose of what they hold, before anything is executed. */
export async function beginUpdates(services: Services, updates: readonly HotUpdateRequest[]): Promise<RegrowError[]> {
  const hot = stepsOf(services.realm)
  await patiently(hot.notify('vite:beforeUpdate', payload(updates)), undefined)
  return errorsOf(services, await patiently(hot.leave(wholeOf(updates)), []))
}

/** Lets modules that have left the graph say goodbye, before what they made is disposed of. */
export async function prune(services: Services, modules: readonly string[]): Promise<RegrowError[]> {
  const hot = stepsOf(services.realm)
  await patiently(hot.notify('vite:beforePrune', { type: 'prune', paths: modules.map(path) }), undefined)
  return errorsOf(services, await patiently(hot.prune(modules), []))
}

/** Calls back who accepted. */
export async function endUpdates(services: Services, updates: readonly HotUpdateRequest[]): Promise<RegrowError[]> {
  const hot = stepsOf(services.realm)
  for (const { acceptedVia } of updates) openNamespace(services, acceptedVia)
  const errors = errorsOf(services, await hot.accepted())
  await patiently(hot.notify('vite:afterUpdate', payload(updates)), undefined)
  return errors
}

/** Tells of a reload that was rejected. */
export async function tellError({ realm }: Services, { message, stack = '' }: RegrowError): Promise<void> {
  await patiently(stepsOf(realm).notify('vite:error', { type: 'error', err: { message, stack } }), undefined)
}

const path = (id: string) => `/${id}`

function payload(updates: readonly HotUpdateRequest[]): object {
  const timestamp = clock.today()
  return {
    type: 'update',
    updates: updates.map(({ boundary, acceptedVia, firstInvalidatedBy }) => ({
      type: 'js-update',
      timestamp,
      path: path(boundary),
      acceptedPath: path(acceptedVia),
      ...(firstInvalidatedBy === undefined ? {} : { firstInvalidatedBy: path(firstInvalidatedBy) }),
    })),
  }
}

const patiently = <T>(promise: Promise<T>, otherwise: T): Promise<T> =>
  within(Promise.resolve(promise), limit, otherwise)

function errorsOf({ stack }: Services, failures: readonly HotFailure[]): RegrowError[] {
  return copy(failures).map(({ module, step, error }) => {
    const place = stack.firstPlace(error)
    const message = `${module}: the ${step} callback of import.meta.hot failed: ${describe(error)}`
    return new RegrowError('ERR_REGROW_EVALUATE', message, { cause: error, ...(place ? { place } : { file: module }) })
  })
}
