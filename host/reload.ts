// The reload transaction: sources → build → link check → plan → patches → kernel, whole or not at all.
// First load, save, pushed text and undo all come through here.

import type { HotFacts, HotUpdateRequest, TransactionResult } from '../guest/protocol.js'
import type { ReloadReport } from './api.js'
import { apply, applyAsync, enter, isAsync, leave } from './apply.js'
import { BuildFailure } from './builder.js'
import { type Change, isVisible, planChange, some } from './change.js'
import { commit, keepLiteralIds } from './commit.js'
import { disposeOutdated } from './disposal.js'
import { buildDraft, type Draft } from './draft.js'
import { RegrowError } from './errors.js'
import { openNamespace } from './exports.js'
import { evaluationError, linkError } from './failure.js'
import {
  beginUpdates,
  endUpdates,
  type Invalidation,
  importersOf,
  planUpdates,
  prune,
  tellError,
  wholeOf,
} from './hot-update.js'
import { wantedWhenRun } from './late-imports.js'
import type { LinkView } from './link.js'
import { type BuiltModule, baseOf } from './module.js'
import { type Prepared, prepare } from './prepare.js'
import { linksChanged, moduleReports, rejected, Stopwatch } from './report.js'
import { linkView, noteImporter, type Services } from './services.js'
import { stepsOf } from './steps.js'

/** What a reload looked at and what came of it. */
export interface Outcome {
  readonly report: ReloadReport
  /** Ids to watch for although no module of the graph has them. */
  readonly wanted: readonly string[]
  /** The text of changed modules' files before, for undo; null where there was none. */
  readonly before: ReadonlyMap<string, string | null>
  /** Modules that were to go and stayed, since `import()` asked for them meanwhile: what changed in them is for the next reload. */
  readonly late?: readonly string[]
}

export interface ReloadOptions {
  /** The entry at the start, or what `import()` brings in. */
  readonly newRoot?: string | undefined
  /** When the change was first seen, on clock.now()'s clock. */
  readonly firstSeen?: number | undefined
  /** The module that hands its update on, when that is what brings the reload. */
  readonly invalidation?: Invalidation | undefined
  /** Modules to execute whole, changed or not. */
  readonly whole?: readonly string[] | undefined
  /** What they are built by has changed, if not they themselves. */
  readonly anew?: boolean
}

/** Brings the program to what the sources say of modules. @param given their ids */
export async function reload(
  services: Services,
  given: Iterable<string>,
  options: ReloadOptions = {},
): Promise<Outcome> {
  const ids = [...given]
  const { newRoot, firstSeen, invalidation, whole = [], anew = false } = options
  const { graph, underWay, missed } = services
  if (newRoot === undefined) {
    for (const id of ids) if (underWay.has(id) && !graph.modules.has(id)) missed.add(id)
    services.importedNow.clear()
    services.kept.clear()
  }
  const watch = new Stopwatch(firstSeen)
  const isFirstLoad = graph.modules.size === 0
  try {
    const draft = await buildDraft(services, ids, rootsWith(services, newRoot), anew)
    leaveOut(services, draft)
    watch.end('build')
    if (draft.built.size === 0 && draft.dropped.size === 0 && !invalidation && whole.length === 0)
      return { report: { outcome: 'unchanged', modules: [], timing: watch.timing() }, wanted: [], before: draft.before }
    const found = stepsOf(services.realm).facts()
    const facts = found instanceof Promise ? await found : found
    if (!isFirstLoad && hasLost(services, draft)) return reload(services, ids, options)
    // From here to where the change enters what is under way nothing may be awaited after the plan is made.
    const planNow = () => {
      leaveOut(services, draft)
      // What is imported by now from within is evaluated first, as it was.
      const roots = new Set([...draft.imported.keys(), ...rootsWith(services, newRoot)])
      for (const id of draft.dropped) roots.delete(id)
      return plan(services, draft.built, roots, facts, invalidation, whole)
    }
    let { change, updates } = planNow()
    watch.end('link')
    const failures: RegrowError[] = []
    if (isHeard(facts, updates)) {
      failures.push(...(await beginUpdates(services, updates)))
      // The program ran meanwhile, and may have imported more.
      ;({ change, updates } = planNow())
    }
    const namespaces = new Set(services.namespaces)
    const prepared = prepare(services, change, draft.built, updates)
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
    const done: Done = { facts, change, updates, prepared, draft, failures, watch }
    return result.isApplied
      ? await finish(services, done, result, newRoot)
      : await takeBack(services, done, result, namespaces)
  } catch (failure) {
    services.stack.dropUncommitted(id => services.underWay.has(id))
    // Whatever an isolate is asked for, it may end meanwhile.
    const isEnd = services.realm.kind === 'isolate' && RegrowError.is(failure)
    const known = isEnd ? new BuildFailure(failure, ids) : failure
    if (!BuildFailure.is(known)) throw failure
    const report = rejected(known.error, watch.timing())
    await tellError(services, known.error)
    return { report, wanted: known.wanted, before: new Map() }
  }
}

/** Where no module has asked for `import.meta.hot`, there is nobody to tell. */
const isHeard = (facts: readonly HotFacts[], updates: readonly HotUpdateRequest[]): boolean =>
  facts.length > 0 && updates.length > 0

/** A change that the kernel has heard of. */
interface Done {
  readonly facts: readonly HotFacts[]
  readonly change: Change
  readonly updates: readonly HotUpdateRequest[]
  readonly prepared: Prepared
  readonly draft: Draft
  /** What callbacks of guests threw. */
  readonly failures: RegrowError[]
  readonly watch: Stopwatch
}

/** Makes what was applied the running state, ends what is outdated, and tells of it. */
async function finish(
  services: Services,
  { facts, change, updates, prepared, draft, failures, watch }: Done,
  result: Extract<TransactionResult, { isApplied: true }>,
  newRoot: string | undefined,
): Promise<Outcome> {
  const { graph, kept } = services
  const removed = change.removed.filter(id => !kept.has(id))
  for (const id of removed) if (!draft.before.has(id)) draft.before.set(id, baseOf(graph.modules.get(id)!))
  const late = [...kept].filter(id => draft.built.delete(id))
  for (const id of late) draft.before.delete(id)
  for (const [id, importer] of draft.imported) noteImporter(services, id, importer)
  commit(services, { ...change, removed }, draft.built, prepared.scripts, result)
  if (newRoot !== undefined) graph.roots.add(newRoot)
  watch.end('apply')
  const timing = watch.timing()
  const pruned = removed.filter(id => facts.some(each => each.id === id))
  // In this turn, unless modules that leave have callbacks: those see what is still open.
  const disposal = pruned.length ? undefined : disposeOutdated(services)
  // Nobody reads the report of a load.
  const modules = newRoot === undefined ? moduleReports(graph, change.changes, removed, result) : []
  const outcome = modules.length ? 'applied' : 'unchanged'
  for (const id of prepared.request.whole) services.hotUpdated.add(id)
  if (isHeard(facts, updates)) failures.push(...(await endUpdates(services, updates)))
  if (pruned.length) failures.push(...(await prune(services, pruned)))
  failures.push(...(await (disposal ?? disposeOutdated(services))))
  const report = { outcome, modules, timing, ...(failures.length ? { failures } : {}) } as const
  return { report, wanted: [], before: draft.before, late }
}

/** The kernel has put everything back: so does the host. @param namespaces those that were open before */
async function takeBack(
  services: Services,
  { change, draft, failures, watch }: Done,
  result: Extract<TransactionResult, { isApplied: false }>,
  namespaces: ReadonlySet<string>,
): Promise<Outcome> {
  openAnew(services, namespaces)
  keepLiteralIds(services.graph, change, result.freed)
  const error = BuildFailure.is(result.error) ? result.error.error : evaluationError(services, change, result)
  services.stack.dropUncommitted(id => services.underWay.has(id))
  const report = rejected(error, watch.timing())
  failures.push(...(await disposeOutdated(services)))
  await tellError(services, error)
  const told = failures.length ? { ...report, failures } : report
  const wanted = [...draft.built.values()].flatMap(each => wantedWhenRun(services, each))
  return { report: told, wanted: [...change.changes.keys(), ...wanted], before: new Map() }
}

/** The tables of namespaces that a change which failed has opened, are gone or wrong: somebody may hold them all the same. */
function openAnew(services: Services, before: ReadonlySet<string>): void {
  const { namespaces, graph } = services
  const opened = [...namespaces].filter(id => !before.has(id))
  for (const id of opened) namespaces.delete(id)
  for (const id of opened) if (graph.modules.has(id)) openNamespace(services, id)
}

/** Another `import()` may have brought in the same modules meanwhile: they are loaded once. */
function leaveOut({ graph, underWay }: Services, { built, leftOut }: Draft): void {
  for (const id of built.keys()) if (underWay.has(id) && !graph.modules.has(id) && built.delete(id)) leftOut.add(id)
}

/** Whether something failed meanwhile, and is gone, that was under way when it was left out. */
function hasLost({ graph, underWay }: Services, { leftOut }: Draft): boolean {
  return some(leftOut, id => !graph.modules.has(id) && !underWay.has(id))
}

/** What `import()` has asked for stays, whoever else imports it. */
function rootsWith({ graph, dynamicImporters }: Services, root: string | undefined): Set<string> {
  const roots = new Set(graph.roots)
  for (const id of dynamicImporters.keys()) if (graph.modules.has(id)) roots.add(id)
  return root === undefined ? roots : roots.add(root)
}

function plan(
  services: Services,
  built: ReadonlyMap<string, BuiltModule>,
  roots: ReadonlySet<string>,
  facts: readonly HotFacts[],
  invalidation: Invalidation | undefined,
  whole: readonly string[],
): { change: Change; updates: readonly HotUpdateRequest[] } {
  const { graph } = services
  let updates: readonly HotUpdateRequest[] = []
  try {
    const view = linkView(services, built)
    const change = planChange(graph, built, roots, view, changes => {
      updates = planUpdates(services, facts, changes, invalidation)
      const accepting = new Set(wholeOf(updates))
      const ordered = [...whole, ...wholeBesides(services, changes, view)].filter(id => !accepting.has(id))
      // To be executed by order is to have accepted oneself.
      updates = [...updates, ...[...new Set(ordered)].map(id => ({ boundary: id, acceptedVia: id }))]
      return wholeOf(updates)
    })
    const fault = change.faults[0]
    if (!fault) return { change, updates }
    throw linkError(built, graph, fault)
  } catch (error) {
    // What is new may be what is mended.
    if (RegrowError.is(error)) throw new BuildFailure(error, [...built.keys()])
    if (!(error instanceof RangeError)) throw error
    // Re-exports are followed by recursion, some thousands deep.
    const message = 'a chain of re-exports is too long to follow'
    throw new BuildFailure(new RegrowError('ERR_REGROW_LINK', message, { cause: error }), [...built.keys()])
  }
}

function wholeBesides(services: Services, changes: Change['changes'], view: LinkView): readonly string[] {
  const changed = [...changes.values()].filter(each => each.running && (isVisible(each) || linksChanged(each)))
  if (!services.alsoWhole || changed.length === 0) return []
  return services.alsoWhole({
    changed: changed.map(each => each.module.id),
    module: view.module,
    importers: importersOf(services),
  })
}
