// Turns a planned change into what the kernel applies: compiled patches and export tables.
import type { Dependency, Target } from '../bundler/links.js'
import { patchParameters } from '../bundler/writer.js'
import type { HotUpdateRequest, ModuleNames, ModulePatch, MovedName, TransactionRequest } from '../guest/protocol.js'
import type { Changes } from '../guest/state.js'
import { BuildFailure } from './builder.js'
import type { Change, ModuleChange } from './change.js'
import { RegrowError } from './errors.js'
import { exportTable } from './exports.js'
import { asksForInstances, assignableNames, waitLists } from './graph.js'
import { wholeOf } from './hot-update.js'
import type { BuiltModule } from './module.js'
import type { Realm } from './realms/realm.js'
import { linkView, type Services } from './services.js'
import type { Script } from './stack.js'
import { withMap, writePatch } from './write-patch.js'

export interface Prepared {
  readonly request: TransactionRequest
  readonly scripts: ReadonlyMap<string, Script>
  readonly isAsync: boolean
}

/** Compiles the patches. */
export function prepare(
  services: Services,
  change: Change,
  built: ReadonlyMap<string, BuiltModule>,
  hotUpdates: readonly HotUpdateRequest[],
): Prepared {
  const { graph, realm, stack, namespaces } = services
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
  for (const each of inOrder) {
    const { module } = each
    const { id } = module
    const base = basePatch(services, each)
    const written = writePatch(services, each)
    if (!written) {
      patches.push({ ...base, dependencies: [] })
      continue
    }
    const { script, dependencies } = written
    want(dependencies)
    isAsync ||= written.isAsync
    runsCode ||= !each.running || each.runs.length > 0
    stack.add(script)
    scripts.set(id, script)
    const parameters = patchParameters(module.record.prefix, dependencies.length)
    patches.push({
      ...base,
      dependencies,
      ...compilePatch(realm, withMap(services, module, script), parameters, script.name, module),
    })
  }
  const view = linkView(services, built)
  const tables = new Set(wantsNamespace)
  for (const id of change.affected) if (namespaces.has(id)) tables.add(id)
  for (const id of [...tables])
    for (const { kind, module } of exportTable(view, id)) if (kind === 'namespace') tables.add(module)
  for (const id of tables) namespaces.add(id)
  return {
    scripts,
    isAsync,
    request: {
      isReload: inOrder.some(each => each.running),
      changes: inOrder.flatMap(changesOf),
      hotUpdates,
      whole: wholeOf(hotUpdates),
      // To look for instances takes a walk over the heap.
      changedClasses:
        graph.migrating.size > 0 || inOrder.some(each => asksForInstances(each.module.record))
          ? inOrder.flatMap(changedClassesOf)
          : [],
      patches: isAsync ? letWait(patches, change, view.module) : patches,
      namespaces: [...tables]
        .filter(id => change.order.has(id))
        .map(module => ({ module, exports: exportTable(view, module) })),
      saved: runsCode ? [...graph.assignable.values(), ...inOrder.flatMap(assignableIn)] : [],
      savedClasses: runsCode
        ? [...new Set(inOrder.flatMap(each => [each.module.id, ...namedModules(each.targets)]))]
        : [],
      removedModules: change.removed,
    },
  }
}

/** What a patch says besides its code. */
function basePatch({ metaOf }: Services, change: ModuleChange): Omit<ModulePatch, 'dependencies'> {
  const { id, record } = change.module
  const declared = [...record.bindings.keys()]
  if (!change.running)
    return { id, declared, removedBindings: [], removedLiterals: [], removedOwners: [], meta: metaOf(id) }
  const { removedBindings, removedLiterals, removedOwners } = change.difference
  const moved = movedNames(change)
  return { id, declared, removedBindings, removedLiterals, removedOwners, ...(moved.length > 0 && { moved }) }
}

function movedNames({ running, targets, relinked }: ModuleChange): MovedName[] {
  const moved: MovedName[] = []
  for (const [name, relink] of relinked ?? []) {
    const [from, to] = [running?.targets.get(name), targets.get(name)]
    if (relink !== 'moved' || from?.kind !== 'binding' || to?.kind !== 'binding') continue
    const binding = (target: typeof from) => ({ module: target.module, name: target.binding })
    moved.push({ name, from: binding(from), to: binding(to) })
  }
  return moved
}

/** What a guest can hear of a change. */
function changesOf(change: ModuleChange): Changes[] {
  if (!change.running) return []
  const { module, difference, runs } = change
  const { added, patched, removed } = difference
  const data = runs.flatMap(run => (run.item.kind === 'data' && !run.isConditional ? run.item.names : []))
  const names = [...new Set([...added, ...patched, ...data, ...removed])]
  return names.length ? [{ module: module.id, names }] : []
}

/** The new version may assign other bindings than the one of before. */
const assignableIn = ({ module, running }: ModuleChange): ModuleNames[] =>
  running ? [{ module: module.id, names: assignableNames(module.record) }] : []

function changedClassesOf(change: ModuleChange): ModuleNames[] {
  if (!change.running) return []
  const { module, difference } = change
  const names = difference.changedClasses
  return names.length ? [{ module: module.id, names }] : []
}

/** What runs for the first time waits for what it imports, so that modules may await side by side; a reload goes one by one. */
function letWait(
  patches: readonly ModulePatch[],
  change: Change,
  moduleOf: (id: string) => BuiltModule | undefined,
): ModulePatch[] {
  const isReload = [...change.changes.values()].some(each => each.running)
  if (isReload) return patches.map((patch, index) => (index ? { ...patch, waitsFor: [patches[index - 1]!.id] } : patch))
  const waits = waitLists(change.order, moduleOf)
  const included = new Set(patches.map(each => each.id))
  return patches.map(patch => ({ ...patch, waitsFor: waits(patch.id).filter(id => included.has(id)) }))
}

function compilePatch(
  realm: Realm,
  code: string,
  parameters: readonly string[],
  name: string,
  module: BuiltModule,
): Pick<ModulePatch, 'run' | 'text'> {
  if (realm.kind === 'isolate') return { text: realm.compile(code, parameters, name) }
  try {
    return { run: realm.compile(code, parameters, name) as NonNullable<ModulePatch['run']> }
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

/** Modules whose bindings a module names. */
function namedModules(targets: ReadonlyMap<string, Target>): string[] {
  return [...targets.values()].flatMap(target => (target.kind === 'binding' && !target.isOwn ? [target.module] : []))
}
