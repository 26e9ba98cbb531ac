// Turns a planned change into what the kernel applies: compiled patches and export tables.
import { isInertRun } from '../bundler/emit.js'
import type { Dependency } from '../bundler/links.js'
import { patchParameters } from '../bundler/writer.js'
import type { HotUpdateRequest, ModulePatch, PatchFunction, TransactionRequest } from '../guest/protocol.js'
import { BuildFailure } from './builder.js'
import { type Change, type ModuleChange, some } from './change.js'
import { changedClassesOf, changesOf, movedNames, savedNames } from './changed-names.js'
import { codeData } from './compile.js'
import { RegrowError } from './errors.js'
import { exportTable } from './exports.js'
import { asksForInstances, assignableNames, guestRequests } from './graph.js'
import { wholeOf } from './hot-update.js'
import type { BuiltModule } from './module.js'
import { waitLists } from './order.js'
import { linkView, type Services } from './services.js'
import { isInspected } from './source-map.js'
import type { Script } from './stack.js'
import { type WrittenPatch, withMap, writePatch } from './write-patch.js'

export interface Prepared {
  readonly request: TransactionRequest
  readonly scripts: ReadonlyMap<string, Script>
  readonly isAsync: boolean
}

/** Writes the patches, and compiles those of a reload. */
export function prepare(
  services: Services,
  change: Change,
  built: ReadonlyMap<string, BuiltModule>,
  hotUpdates: readonly HotUpdateRequest[],
): Prepared {
  const { graph, stack, namespaces } = services
  const patches: ModulePatch[] = []
  const scripts = new Map<string, Script>()
  let isAsync = false
  let runsAny = false
  const wantsNamespace = new Set<string>()
  const want = (dependencies: readonly Dependency[]) => {
    for (const each of dependencies)
      if (each.kind === 'namespace' && !namespaces.has(each.module)) wantsNamespace.add(each.module)
  }
  const view = linkView(services, built)
  const inOrder = ordered(services, change, view.module)
  const places = new Map(inOrder.map(({ module }, index) => [module.id, index]))
  const isReload = inOrder.some(each => each.running)
  const nameOf = stack.newNames()
  for (const [index, each] of inOrder.entries()) {
    const { module } = each
    const { id } = module
    const base = basePatch(services, each)
    const written = writePatch(services, each, nameOf)
    if (!written) {
      patches.push({ ...base, dependencies: [] })
      continue
    }
    const { script, dependencies } = written
    want(dependencies)
    const waitsBeyond = each.running ? [] : underWayBelow(services, module, change)
    isAsync ||= written.isAsync || waitsBeyond.length > 0
    runsAny ||= !each.running || each.runs.length > 0
    stack.add(script)
    scripts.set(id, script)
    const callsUpTo = isReload ? -1 : lastCalled(module, dependencies, places)
    patches.push({
      ...base,
      dependencies,
      ...(callsUpTo > index && { callsUpTo }),
      ...(waitsBeyond.length > 0 && { waitsBeyond }),
      ...compilePatch(services, each, written, isReload),
    })
  }
  const tables = new Set(wantsNamespace)
  for (const id of change.affected) if (namespaces.has(id)) tables.add(id)
  // What this adds is looked at, too: namespaces lie in namespaces.
  for (const id of tables)
    for (const { kind, module } of exportTable(view, id)) if (kind === 'namespace') tables.add(module)
  for (const id of tables) namespaces.add(id)
  // To look for instances takes a walk over the heap.
  const wantsInstances = graph.migrating.size > 0 || inOrder.some(each => asksForInstances(each.module.record))
  const changedClasses = wantsInstances ? inOrder.flatMap(changedClassesOf) : []
  return {
    scripts,
    isAsync,
    request: {
      isReload,
      changes: inOrder.flatMap(changesOf),
      hotUpdates,
      whole: wholeOf(hotUpdates),
      changedClasses,
      patches: isAsync ? letWait(patches, id => !graph.modules.has(id), view.module) : patches,
      namespaces: [...tables]
        .filter(id => change.order.has(id))
        .map(module => ({ module, exports: exportTable(view, module) })),
      runsCode: hotUpdates.length > 0 || changedClasses.length > 0 || inOrder.some(each => runsCode(each, isReload)),
      saved: runsAny && graph.modules.size > 0 ? savedNames(inOrder) : [],
      removedModules: change.removed,
    },
  }
}

/**
 * In the order of evaluation; first what `import()` brought in, where it imports nothing else that changes: an item that runs in this
 * reload may import it again.
 */
function ordered(
  { entry }: Services,
  { changes, order, roots }: Change,
  moduleOf: (id: string) => BuiltModule | undefined,
): ModuleChange[] {
  const isFirst = new Set(changes.size > 1 ? [...roots].filter(isApart) : [])
  const place = ({ module: { id } }: ModuleChange) => order.get(id)! - (isFirst.has(id) ? order.size : 0)
  return [...changes.values()].sort((a, b) => place(a) - place(b))

  function isApart(id: string): boolean {
    if (id === entry || !changes.has(id)) return false
    const found = new Set([id])
    for (const each of found) {
      if (each !== id && changes.has(each)) return false
      for (const below of guestRequests(moduleOf(each)!)) found.add(below)
    }
    return true
  }
}

/** What another `import()` is evaluating of a new module's imports: it waits for that, if that does not wait for it. */
function underWayBelow(services: Services, module: BuiltModule, { changes }: Change): string[] {
  const { underWay, graph, dynamicImporters } = services
  if (underWay.size === 0) return []
  const isWaiting = (id: string) => some(changes.keys(), each => dynamicImporters.get(each)?.has(id) === true)
  return guestRequests(module).filter(
    id => underWay.has(id) && !graph.modules.has(id) && !changes.has(id) && !reaches(id, isWaiting),
  )

  /** Through modules that are under way. */
  function reaches(from: string, isMeant: (id: string) => boolean): boolean {
    const found = new Set([from])
    for (const id of found) {
      const each = underWay.get(id)
      if (!each) continue
      if (isMeant(id)) return true
      for (const below of guestRequests(each.module)) found.add(below)
    }
    return false
  }
}

/** What a patch says besides its code. */
function basePatch({ metaOf }: Services, change: ModuleChange): Omit<ModulePatch, 'dependencies'> {
  const { id, record } = change.module
  const declared = [...record.bindings.keys()]
  const assignable = assignableNames(record)
  if (!change.running)
    return {
      id,
      declared,
      assignable,
      removedBindings: [],
      removedMembers: [],
      removedLiterals: [],
      removedOwners: [],
      meta: metaOf(id),
    }
  const { removedBindings, removedMembers, removedLiterals, removedOwners } = change.difference
  const moved = movedNames(change)
  return {
    id,
    declared,
    assignable,
    removedBindings,
    removedMembers,
    removedLiterals,
    removedOwners,
    ...(moved.length > 0 && { moved }),
  }
}

/** Whether code of the program runs in a change, for all that is known. What `import()` brings in may have come without its items, from the cache. */
function runsCode({ running, runs, module }: ModuleChange, isReload: boolean): boolean {
  if (running) return !runs.every(isInertRun)
  return !isReload || module.commonJS !== undefined || !module.record.items.every(item => isInertRun({ item }))
}

/**
 * What runs for the first time waits for what it imports, so that modules may await side by side, and import one another by `import()`; in a
 * reload also for what ran before and stands before it. What ran before goes one by one.
 */
function letWait(
  patches: readonly ModulePatch[],
  isNew: (id: string) => boolean,
  moduleOf: (id: string) => BuiltModule | undefined,
): ModulePatch[] {
  const waits = waitLists(new Map(patches.map(({ id }, index) => [id, index])), moduleOf)
  let last: string[] = []
  let newSince: string[] = []
  return patches.map(patch => {
    const { id } = patch
    if (isNew(id)) {
      newSince.push(id)
      return { ...patch, waitsFor: [...new Set([...last, ...waits(id)])] }
    }
    const waitsFor = [...last, ...newSince]
    last = [id]
    newSince = []
    return { ...patch, waitsFor }
  })
}

/** The index of the last module that a module imports, or names through others. */
function lastCalled(
  module: BuiltModule,
  dependencies: readonly Dependency[],
  places: ReadonlyMap<string, number>,
): number {
  let last = -1
  const ids = [...guestRequests(module), ...dependencies.map(each => each.module)]
  for (const id of ids) last = Math.max(last, places.get(id) ?? -1)
  return last
}

/** @param isReload nothing is to run before everything compiles */
function compilePatch(
  services: Services,
  { module, running }: ModuleChange,
  { script, dependencies, compiled }: WrittenPatch,
  isReload: boolean,
): Pick<ModulePatch, 'compile' | 'text'> {
  const { realm } = services
  const { name } = script
  const code = withMap(services, module, script)
  const parameters = patchParameters(module.record.prefix, dependencies.length)
  if (realm.kind === 'isolate') return { text: realm.compile(code, parameters, name) }
  const compileNow = (): PatchFunction => {
    if (running) return realm.compile(code, parameters, name)
    const data = compiled?.name === name ? compiled.data : undefined
    const { run, isFromData } = realm.compileFirst(code, parameters, name, data)
    // With a source map it is another text each time.
    if (!isFromData && !isInspected())
      module.firstPatch?.compileLater(() => ({ name, data: codeData(code, parameters, name) }))
    return run
  }
  const compile = (): PatchFunction => {
    try {
      return compileNow()
    } catch (error) {
      // What acorn lets pass and V8 does not: V8 names the place in the generated code.
      const message =
        error instanceof Error || typeof (error as Error)?.message === 'string'
          ? (error as Error).message
          : String(error)
      throw new BuildFailure(
        new RegrowError('ERR_REGROW_BUILD', `${module.id}: ${message}`, { cause: error, file: module.id }),
        [module.id],
      )
    }
  }
  if (!isReload) return { compile }
  const inAdvance = compile()
  return { compile: () => inAdvance }
}
