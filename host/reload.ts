// The reload transaction: sources → build → link check → plan → patches → kernel, whole or not at all.
// First load, save, pushed text and undo all come through here.

import type { TransactionResult } from '../guest/protocol.js'
import { guestState } from '../guest/state.js'
import type { ReloadReport } from './api.js'
import { BuildFailure } from './builder.js'
import { type Change, planChange } from './change.js'
import { commit, keepLiteralIds } from './commit.js'
import { buildDraft } from './draft.js'
import { RegrowError } from './errors.js'
import { evaluationError, linkError } from './failure.js'
import type { Graph } from './graph.js'
import type { BuiltModule } from './module.js'
import { type Prepared, prepare } from './prepare.js'
import { localRealm } from './realms/realm.js'
import { takeOver } from './realms/result.js'
import { moduleReports, rejected, Stopwatch } from './report.js'
import { linkView, type Services } from './services.js'

/** What a reload looked at and what came of it. */
export interface Outcome {
  readonly report: ReloadReport
  /** Ids to watch for although no module of the graph has them. */
  readonly wanted: readonly string[]
  /** The text of changed modules before, for undo; null where there was none. */
  readonly before: ReadonlyMap<string, string | null>
}

/**
 * Brings the program to what the sources say of `ids`.
 * @param newRoot the entry at the start, or what `import()` brings in
 * @param firstSeen when the change was first seen, on performance.now()'s clock
 */
export async function reload(
  services: Services,
  ids: Iterable<string>,
  newRoot?: string,
  firstSeen?: number,
): Promise<Outcome> {
  const { graph } = services
  const watch = new Stopwatch(firstSeen)
  const isFirstLoad = graph.modules.size === 0
  try {
    const draft = await buildDraft(services, ids, rootsWith(graph, newRoot))
    // Another `import()` may have brought in the same modules meanwhile.
    for (const id of draft.built.keys()) if (services.underWay.has(id) && !graph.modules.has(id)) draft.built.delete(id)
    watch.end('build')
    if (draft.built.size === 0)
      return { report: { outcome: 'unchanged', modules: [], timing: watch.timing() }, wanted: [], before: draft.before }
    const change = plan(services, draft.built, rootsWith(graph, newRoot))
    if (change.faults.length)
      throw new BuildFailure(
        linkError(draft.built, graph, change.faults[0]!),
        change.faults.map(each => each.module),
      )
    watch.end('link')
    const prepared = prepare(services, change, draft.built)
    // Without an item that awaits, nothing of the program runs between here and the commit.
    let result: TransactionResult
    enter(services, change)
    try {
      result = isAsync(services, prepared)
        ? await applyAsync(services, prepared, isFirstLoad)
        : apply(services, prepared, isFirstLoad)
    } finally {
      leave(services, change)
    }
    if (!result.isApplied) {
      keepLiteralIds(graph, change, result.freed)
      throw new BuildFailure(evaluationError(services, change, result), [...change.changes.keys()])
    }
    commit(services, change, draft.built, prepared.scripts, result)
    if (newRoot !== undefined) graph.roots.add(newRoot)
    watch.end('apply')
    const modules = moduleReports(graph, change.changes, change.removed, result)
    const outcome = modules.length ? 'applied' : 'unchanged'
    return { report: { outcome, modules, timing: watch.timing() }, wanted: [], before: draft.before }
  } catch (failure) {
    services.stack.dropUncommitted(id => services.underWay.has(id))
    if (!(failure instanceof BuildFailure)) throw failure
    return { report: rejected(failure.error, watch.timing()), wanted: failure.wanted, before: new Map() }
  }
}

const rootsWith = (graph: Graph, root: string | undefined): Set<string> =>
  new Set(root === undefined ? graph.roots : [...graph.roots, root])

function plan(services: Services, built: ReadonlyMap<string, BuiltModule>, roots: ReadonlySet<string>): Change {
  try {
    return planChange(services.graph, built, roots, linkView(services, built))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    // Re-exports are followed by recursion, some thousands deep.
    const message = 'a chain of re-exports is too long to follow'
    throw new BuildFailure(new RegrowError('ERR_REGROW_LINK', message, { cause: error }), [...built.keys()])
  }
}

function enter({ underWay }: Services, { changes }: Change): void {
  for (const [id, { module, difference }] of changes) underWay.set(id, { module, literalIds: difference.literalIds })
}

function leave({ underWay, commonJS }: Services, { changes }: Change): void {
  for (const id of changes.keys()) {
    underWay.delete(id)
    commonJS.delete(id)
  }
}

/** In an isolate everything is. */
const isAsync = ({ realm }: Services, prepared: Prepared): boolean => prepared.isAsync || realm.kind === 'isolate'

function apply(services: Services, { request }: Prepared, isFirstLoad: boolean): TransactionResult {
  const realm = localRealm(services.realm)
  if (isFirstLoad) return takeOver(realm.kernel.apply(request))
  guestState.reloads++
  try {
    return takeOver(realm.kernel.apply(request))
  } finally {
    guestState.reloads--
  }
}

async function applyAsync(
  { realm }: Services,
  { request, isAsync }: Prepared,
  isFirstLoad: boolean,
): Promise<TransactionResult> {
  if (realm.kind === 'isolate') return realm.transact(request, isAsync, !isFirstLoad)
  if (isFirstLoad) return takeOver(await realm.kernel.applyAsync(request))
  guestState.reloads++
  try {
    return takeOver(await realm.kernel.applyAsync(request))
  } finally {
    guestState.reloads--
  }
}
