// The reload transaction: sources → build → link check → plan → patches → kernel, whole or not at all.
// First load, save, pushed text and undo all come through here.
import { emitPatch } from '../bundler/emit.js'
import type { Dependency } from '../bundler/links.js'
import type { Item, Literal } from '../bundler/record.js'
import type { ExportRequest, ModulePatch, TransactionRequest, TransactionResult } from '../guest/protocol.js'
import { guestState } from '../guest/state.js'
import type { ReloadReport } from './api.js'
import { type Builder, BuildFailure } from './builder.js'
import { type Change, type ModuleChange, overlay, planChange } from './change.js'
import { frameAt, RegrowError } from './errors.js'
import type { Externals } from './externals.js'
import { type Graph, guestRequests } from './graph.js'
import { exportNames, type LinkFault, type LinkView, resolveExport } from './link.js'
import type { BuiltModule, Origin } from './module.js'
import type { Realm } from './realms/realm.js'
import { moduleReports, rejected, Stopwatch } from './report.js'
import { placeAt, type Script, type StackMapper } from './stack.js'

export interface Services {
  readonly graph: Graph
  readonly builder: Builder
  readonly externals: Externals
  readonly realm: Realm
  readonly stack: StackMapper
  readonly path: (id: string) => string
  readonly metaOf: (id: string) => NonNullable<ModulePatch['meta']>
  readonly onProgress?: ((built: number, known: number) => void) | undefined
  /** Modules whose namespace object somebody may hold. */
  readonly namespaces: Set<string>
}

/** What a reload looked at and what came of it. */
export interface Outcome {
  readonly report: ReloadReport
  /** Ids to watch for although no module of the graph has them. */
  readonly wanted: readonly string[]
  /** The text of changed modules before, for undo; null where there was none. */
  readonly before: ReadonlyMap<string, string | null>
}

interface Draft {
  readonly built: Map<string, BuiltModule>
  readonly before: Map<string, string | null>
}

/**
 * Brings the program to what the sources say of `ids`.
 * @param roots entry and dynamically imported modules, new ones included
 * @param firstSeen when the change was first seen, on performance.now()'s clock
 */
export async function reload(
  services: Services,
  ids: Iterable<string>,
  roots: ReadonlySet<string>,
  firstSeen?: number,
): Promise<Outcome> {
  const { graph } = services
  const watch = new Stopwatch(firstSeen)
  const isFirstLoad = graph.modules.size === 0
  try {
    const draft = await build(services, ids, roots)
    await loadExternals(services, draft.built)
    watch.end('build')
    if (draft.built.size === 0)
      return { report: { outcome: 'unchanged', modules: [], timing: watch.timing() }, wanted: [], before: draft.before }
    const change = planChange(graph, draft.built, roots, linkView(services, draft.built))
    if (change.faults.length)
      throw new BuildFailure(
        linkError(draft.built, graph, change.faults[0]!),
        change.faults.map(each => each.module),
      )
    watch.end('link')
    const prepared = prepare(services, change, draft, isFirstLoad)
    const result = await apply(services, prepared, isFirstLoad)
    if (!result.isApplied) throw new BuildFailure(evaluationError(services, change, result), [...change.changes.keys()])
    commit(services, change, draft, prepared, result)
    watch.end('apply')
    const modules = moduleReports(graph, change.changes, change.removed, result)
    const outcome = modules.length ? 'applied' : 'unchanged'
    return { report: { outcome, modules, timing: watch.timing() }, wanted: [], before: draft.before }
  } catch (failure) {
    services.stack.dropUncommitted()
    if (!(failure instanceof BuildFailure)) throw failure
    return { report: rejected(failure.error, watch.timing()), wanted: failure.wanted, before: new Map() }
  }
}

/** One turn of the event loop, unless an item awaits. */
async function apply(
  { realm }: Services,
  { request, isAsync }: Prepared,
  isFirstLoad: boolean,
): Promise<TransactionResult> {
  if (!isFirstLoad) guestState.reloads++
  try {
    return isAsync ? await realm.kernel.applyAsync(request) : realm.kernel.apply(request)
  } finally {
    if (!isFirstLoad) guestState.reloads--
  }
}

/** Builds what changed, and every module that is new to the graph. */
async function build(services: Services, ids: Iterable<string>, roots: ReadonlySet<string>): Promise<Draft> {
  const { graph, builder, onProgress } = services
  const built = new Map<string, BuiltModule>()
  const before = new Map<string, string | null>()
  const gone: string[] = []
  const known = new Set<string>()
  const waiting: Promise<void>[] = []
  let failure: unknown

  const take = (module: BuiltModule) => {
    built.set(module.id, module)
    for (const id of guestRequests(module)) if (!graph.modules.has(id)) start(id)
    onProgress?.(built.size, known.size)
  }
  const start = (id: string): void => {
    if (known.has(id)) return
    known.add(id)
    const running = graph.modules.get(id)
    const source = builder.read(id)
    if (source === undefined) {
      if (running) gone.push(id)
      else throw new BuildFailure(new RegrowError('ERR_REGROW_LINK', `cannot find ${id}`, { file: id }), [id])
      return
    }
    if (running?.source === source) return
    before.set(id, running ? running.source : null)
    const result = builder.build(id, source)
    if (result instanceof Promise) {
      const task = result.then(take).catch(error => {
        failure ??= error
      })
      waiting.push(task)
    } else pending.push(result)
  }
  // A stack of our own: a chain of imports can be deeper than the call stack.
  const pending: BuiltModule[] = []
  const drain = () => {
    for (let next = pending.pop(); next; next = pending.pop()) take(next)
  }
  for (const id of ids) if (graph.modules.has(id) || roots.has(id)) start(id)
  for (const id of roots) if (!graph.modules.has(id)) start(id)
  drain()
  for (let index = 0; index < waiting.length; index++) {
    await waiting[index]
    if (failure) break
    drain()
  }
  if (failure) throw failure
  // Who imports a file that is gone may find another one in its place.
  for (const id of gone) {
    before.set(id, graph.modules.get(id)!.source)
    if (roots.has(id))
      throw new BuildFailure(new RegrowError('ERR_REGROW_LINK', `cannot find ${id}: the entry is gone`, { file: id }), [
        id,
      ])
    for (const importer of graph.importersOf(id)) {
      if (gone.includes(importer)) continue
      const module = built.get(importer) ?? graph.modules.get(importer)!
      if (guestRequests(module).includes(id)) take(builder.resolveAgain(module))
    }
    drain()
  }
  await Promise.all(waiting)
  if (failure) throw failure
  return { built, before }
}

async function loadExternals({ externals }: Services, built: ReadonlyMap<string, BuiltModule>): Promise<void> {
  for (const module of built.values()) {
    for (const each of module.requests.values()) {
      if (each.kind !== 'external' || externals.isLoaded(each.key)) continue
      try {
        await externals.load(each.key, module.id)
      } catch (error) {
        throw new BuildFailure(error as RegrowError, [module.id])
      }
    }
  }
}

function linkView({ graph, externals }: Services, built: ReadonlyMap<string, BuiltModule>): LinkView {
  return {
    module: overlay(graph, built),
    externalHas: (key, name) => name in externals.namespace(key),
    externalNames: key => externals.names(key),
  }
}

function linkError(built: ReadonlyMap<string, BuiltModule>, graph: Graph, fault: LinkFault): RegrowError {
  const module = overlay(graph, built)(fault.module)!
  const place = placeAt(module, fault.start)
  const frame = frameAt(module.source, place)
  return new RegrowError(
    'ERR_REGROW_LINK',
    `${fault.message} (${place.file}:${place.line}:${place.column})`,
    frame === undefined ? { place } : { place, frame },
  )
}

interface Prepared {
  readonly request: TransactionRequest
  readonly scripts: ReadonlyMap<string, Script>
  readonly isAsync: boolean
}

/** Compiles the patches. */
function prepare(services: Services, change: Change, draft: Draft, isFirstLoad: boolean): Prepared {
  const { graph, realm, stack, path, namespaces } = services
  const patches: ModulePatch[] = []
  const scripts = new Map<string, Script>()
  let isAsync = false
  let runsCode = false
  const wantsNamespace = new Set<string>()
  const want = (dependencies: readonly Dependency[]) => {
    for (const each of dependencies)
      if (each.kind === 'namespace' && !namespaces.has(each.module)) wantsNamespace.add(each.module)
  }
  const inOrder = [...change.changes.values()].sort(
    (a, b) => change.order.get(a.module.id)! - change.order.get(b.module.id)!,
  )
  for (const { module, running, targets, difference, runs } of inOrder) {
    const { record, id } = module
    const base = {
      id,
      declared: [...record.bindings.keys()],
      removedBindings: difference.removedBindings,
      removedLiterals: difference.removedLiterals,
      ...(running ? {} : { meta: services.metaOf(id) }),
    }
    const isEmpty =
      !difference.functions.length && !difference.literals.length && !runs.length && !difference.variables.length
    if (isEmpty) {
      patches.push({ ...base, dependencies: [] })
      continue
    }
    const patch = emitPatch(record, targets, { ...difference, runs }, difference.literalIds)
    want(patch.dependencies)
    isAsync ||= patch.isAsync
    runsCode ||= runs.length > 0
    const script = stack.add(module, path(id), patch.code, patch.segments)
    scripts.set(id, script)
    patches.push({
      ...base,
      dependencies: patch.dependencies,
      run: compilePatch(realm, patch.code, patch.parameters, script.name, module),
    })
  }
  const view = linkView(services, draft.built)
  const tables = new Set(wantsNamespace)
  for (const id of change.affected) if (namespaces.has(id)) tables.add(id)
  for (const root of change.order.keys()) if (isFirstLoad && namespaces.has(root)) tables.add(root)
  for (const id of [...tables])
    for (const [, kind, module] of exportTable(view, id)) if (kind === 'namespace') tables.add(module)
  for (const id of tables) namespaces.add(id)
  const saved = runsCode
    ? [...graph.modules.values(), ...inOrder.map(each => each.module)].flatMap(module => savedNames(module))
    : []
  return {
    scripts,
    isAsync,
    request: {
      patches,
      namespaces: [...tables].filter(id => view.module(id)).map(id => [id, exportTable(view, id)] as const),
      saved,
      removedModules: change.removed,
    },
  }
}

function compilePatch(
  realm: Realm,
  code: string,
  parameters: readonly string[],
  name: string,
  module: BuiltModule,
): ModulePatch['run'] & {} {
  try {
    return realm.compile(code, parameters, name) as ModulePatch['run'] & {}
  } catch (error) {
    // What acorn lets pass and V8 does not: V8 names the place in the generated code.
    const message =
      error instanceof Error || typeof (error as Error)?.message === 'string' ? (error as Error).message : String(error)
    throw new BuildFailure(
      new RegrowError('ERR_REGROW_BUILD', `${module.id}: ${message}`, { cause: error, file: module.id }),
      [module.id],
    )
  }
}

const savedCache = new WeakMap<object, readonly (readonly [string, readonly string[]])[]>()

/** Bindings a module's code may assign: put back when a reload fails. */
function savedNames(module: BuiltModule): readonly (readonly [string, readonly string[]])[] {
  let saved = savedCache.get(module.record)
  if (!saved) {
    const names = [...module.record.bindings].filter(([, binding]) => binding.isAssigned).map(([name]) => name)
    saved = names.length ? [[module.id, names]] : []
    savedCache.set(module.record, saved)
  }
  return saved
}

/** Makes sure that a running module's namespace object knows its exports. */
export function openNamespace(services: Services, id: string): void {
  if (services.namespaces.has(id)) return
  services.namespaces.add(id)
  const table = exportTable(linkView(services, new Map()), id)
  services.realm.kernel.setExports(id, table)
  for (const [, kind, module] of table)
    if (kind === 'namespace' && services.graph.modules.has(module)) openNamespace(services, module)
}

function exportTable(view: LinkView, id: string): ExportRequest[] {
  const table: ExportRequest[] = []
  for (const name of exportNames(view, id)) {
    const found = resolveExport(view, id, name)
    if (!found || found === 'ambiguous') continue
    if (found.kind === 'namespace') table.push([name, 'namespace', found.module, ''])
    else if (found.kind === 'external') table.push([name, 'external', found.module, found.name])
    else table.push([name, 'binding', found.module, found.binding])
  }
  return table
}

type Failed = Extract<TransactionResult, { isApplied: false }>

function evaluationError({ graph, stack }: Services, change: Change, { error, module: id, key }: Failed): RegrowError {
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

function commit(
  services: Services,
  change: Change,
  draft: Draft,
  { scripts }: Prepared,
  result: Extract<TransactionResult, { isApplied: true }>,
): void {
  const { graph, stack } = services
  const freed = new Map<string, number[]>()
  for (const [id, literal] of result.freed) freed.set(id, [...(freed.get(id) ?? []), literal])
  const called = new Map<string, Set<number>>()
  const ran = new Map<string, Set<string>>()
  for (const each of result.evaluated) {
    const ids = called.get(each.module) ?? new Set()
    for (const id of each.called) ids.add(id)
    called.set(each.module, ids)
    ran.set(each.module, (ran.get(each.module) ?? new Set()).add(each.key))
  }
  for (const id of change.removed) {
    graph.delete(id)
    stack.forget(id)
    services.namespaces.delete(id)
  }
  for (const [id, each] of change.changes) {
    const { module, running, difference, targets } = each
    const script = scripts.get(id)
    const origins = originsOf(each, script)
    graph.set({
      ...module,
      targets,
      version: running ? running.version + (isVisible(each) ? 1 : 0) : 1,
      literalIds: difference.literalIds,
      called: calledLiterals(each, called.get(id), ran.get(id)),
      classes: difference.classes,
      origins,
      nextLiteral: each.nextLiteral,
      freeLiterals: [...each.freeLiterals, ...(freed.get(id) ?? [])],
    })
    freed.delete(id)
    stack.keep(id, new Set([...origins.values()].map(origin => origin.script)))
  }
  for (const [id, literals] of freed) {
    const module = graph.modules.get(id)
    if (module) graph.set({ ...module, freeLiterals: [...module.freeLiterals, ...literals] })
  }
  // Text that differs in nothing that runs: only positions and sources move on.
  for (const [id, module] of draft.built) {
    const running = graph.modules.get(id)
    if (running && running.source !== module.source) graph.set({ ...running, ...module })
  }
  graph.knownOrder = change.order
}

/** A class that was only moved runs anew, and nobody can tell. */
const isVisible = ({ difference, runs }: ModuleChange) =>
  runs.some(run => run.item.kind !== 'class') ||
  difference.added.length + difference.patched.length + difference.removed.length > 0

/** Literals called while their item ran last. */
function calledLiterals(
  { running, difference, module }: ModuleChange,
  called: ReadonlySet<number> = new Set(),
  ran: ReadonlySet<string> = new Set(),
): Set<number> {
  const now = new Set(called)
  for (const item of module.record.items) {
    if (!('literals' in item) || ran.has(item.key)) continue
    for (const literal of item.literals) {
      const id = difference.literalIds.get(literal)!
      if (running?.called.has(id)) now.add(id)
    }
  }
  return now
}

/** Which script each definition runs in: the new one, or the one its older self came from. */
function originsOf(
  { module, running, difference, runs }: ModuleChange,
  script: Script | undefined,
): Map<Item | Literal, Origin> {
  const origins = new Map<Item | Literal, Origin>()
  const fresh = new Set<Item | Literal>([
    ...difference.functions.map(each => each.item),
    ...difference.literals.map(each => each.literal),
    ...runs.map(run => run.item),
  ])
  for (const item of module.record.items) {
    const old = difference.matches.get(item)
    const before = old && running?.origins.get(old)
    if (script && fresh.has(item)) origins.set(item, { script, start: item.start })
    else if (before) origins.set(item, before)
    if (!('literals' in item)) continue
    for (const literal of item.literals) {
      const oldLiteral = difference.matchedLiterals.get(literal)
      const origin = oldLiteral && running?.origins.get(oldLiteral)
      if (script && fresh.has(literal)) origins.set(literal, { script, start: literal.start })
      else if (origin) origins.set(literal, origin)
    }
  }
  return origins
}
