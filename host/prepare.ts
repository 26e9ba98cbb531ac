// Turns a planned change into what the kernel applies: compiled patches and export tables.
import { pathToFileURL } from 'node:url'
import { type EmittedPatch, emitPatch } from '../bundler/emit.js'
import type { Dependency, Target } from '../bundler/links.js'
import type { Nest } from '../bundler/writer.js'
import type { HotUpdateRequest, ModuleNames, ModulePatch, TransactionRequest } from '../guest/protocol.js'
import type { Changes } from '../guest/state.js'
import { BuildFailure } from './builder.js'
import type { Change, ModuleChange } from './change.js'
import { RegrowError } from './errors.js'
import { exportTable } from './exports.js'
import { type Graph, waitLists } from './graph.js'
import { wholeOf } from './hot-update.js'
import type { BuiltModule } from './module.js'
import type { Realm } from './realms/realm.js'
import { linkView, type Services } from './services.js'
import { isInspected, sourceMapComment } from './source-map.js'
import type { CompiledText, Script } from './stack.js'

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
    const { module, running, difference, runs } = each
    const { record, id } = module
    const base = {
      id,
      declared: [...record.bindings.keys()],
      removedBindings: difference.removedBindings,
      removedLiterals: difference.removedLiterals,
      removedOwners: difference.removedOwners,
      ...(running ? {} : { meta: services.metaOf(id) }),
    }
    const isEmpty =
      !difference.functions.length && !difference.literals.length && !runs.length && !difference.variables.length
    if (isEmpty) {
      patches.push({ ...base, dependencies: [] })
      continue
    }
    const { patch, script } = writeScript(services, each)
    want(patch.dependencies)
    isAsync ||= patch.isAsync
    runsCode ||= runs.length > 0
    stack.add(script)
    scripts.set(id, script)
    patches.push({
      ...base,
      dependencies: patch.dependencies,
      ...compilePatch(realm, withMap(services, module, script), patch.parameters, script.name, module),
    })
  }
  const view = linkView(services, built)
  const tables = new Set(wantsNamespace)
  for (const id of change.affected) if (namespaces.has(id)) tables.add(id)
  for (const id of [...tables])
    for (const { kind, module } of exportTable(view, id)) if (kind === 'namespace') tables.add(module)
  for (const id of tables) namespaces.add(id)
  const saved = runsCode
    ? [...graph.modules.values(), ...inOrder.map(each => each.module)].flatMap(module => savedNames(module))
    : []
  return {
    scripts,
    isAsync,
    request: {
      isReload: inOrder.some(each => each.running),
      changes: inOrder.flatMap(changesOf),
      hotUpdates,
      whole: wholeOf(hotUpdates),
      changedClasses: mayMigrate(graph, inOrder) ? inOrder.flatMap(changedClassesOf) : [],
      patches: isAsync ? letWait(patches, change, view.module) : patches,
      namespaces: [...tables]
        .filter(id => change.order.has(id))
        .map(module => ({ module, exports: exportTable(view, module) })),
      saved,
      savedClasses: runsCode
        ? [...new Set(inOrder.flatMap(each => [each.module.id, ...namedModules(each.targets)]))]
        : [],
      removedModules: change.removed,
    },
  }
}

/** What a guest can hear of a change. */
function changesOf({ module, running, difference, runs }: ModuleChange): Changes[] {
  if (!running) return []
  const { added, patched, removed } = difference
  const data = runs.flatMap(run => (run.item.kind === 'data' && !run.isConditional ? run.item.names : []))
  const names = [...new Set([...added, ...patched, ...data, ...removed])]
  return names.length ? [{ module: module.id, names }] : []
}

function changedClassesOf({ module, difference }: ModuleChange): ModuleNames[] {
  const names = difference.changedClasses
  return names.length ? [{ module: module.id, names }] : []
}

/** Whether a module imports what asks for instances: to look for them takes a walk over the heap. */
function mayMigrate(graph: Graph, changes: readonly ModuleChange[]): boolean {
  const asks = ({ record }: BuiltModule) =>
    [...record.imports.values()].some(
      each => each.specifier === 'regrow/guest' && (each.name === 'migrate' || each.name === '*'),
    )
  return changes.some(each => asks(each.module)) || [...graph.modules.values()].some(asks)
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

/** The code of a patch, and the texts it evaluates apart, each under a name of its own. */
function writeScript(
  services: Services,
  { module, targets, difference, runs }: ModuleChange,
): { patch: EmittedPatch; script: Script } {
  const { id, record, map, commonJS, composition } = module
  const isIsolate = services.realm.kind === 'isolate'
  const { name: path, url } = services.stack.newName(services.path(id))
  // There the name is told by a comment, where no white space may stand.
  const name = isIsolate ? url : path
  const linesBefore = isIsolate ? 1 : 0
  const nested: CompiledText[] = []
  const nest: Nest = (code, segments) => {
    const text = { name: `${url}.${nested.length + 1}`, code, segments }
    nested.push(text)
    return `${withMap(services, module, text)}\n//# sourceURL=${text.name}`
  }
  const patch = emitPatch(record, targets, { ...difference, runs }, difference.literalIds, nest)
  if (commonJS) {
    const whole = { id, record: commonJS, map }
    const text = { name: `${name}.0`, code: commonJS.code, segments: [0, 0], whole, linesBefore }
    nested.push(text)
    services.commonJS.set(id, { name: text.name, code: withMap(services, module, text) })
  }
  const { code, segments } = patch
  return { patch, script: { name, code, segments, nested, linesBefore, version: { id, record, map, composition } } }
}

/** A text as it is compiled: with its source map, if a debugger may ask. */
function withMap({ path }: Services, module: BuiltModule, text: CompiledText): string {
  if (!isInspected()) return text.code
  const url = pathToFileURL(path(module.id)).href
  return text.code + sourceMapComment(text.whole ?? module, url, module.source, text)
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

const savedCache = new WeakMap<object, readonly ModuleNames[]>()

/** Bindings a module's code may assign: put back when a reload fails. */
function savedNames(module: BuiltModule): readonly ModuleNames[] {
  let saved = savedCache.get(module.record)
  if (!saved) {
    const names = [...module.record.bindings].filter(([, binding]) => binding.isAssigned).map(([name]) => name)
    saved = names.length ? [{ module: module.id, names }] : []
    savedCache.set(module.record, saved)
  }
  return saved
}
