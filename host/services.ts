// What the phases of a reload work with.
import type { Difference } from '../bundler/diff.js'
import type { ModulePatch } from '../guest/protocol.js'
import type { Builder } from './builder.js'
import type { RegrowError } from './errors.js'
import type { Externals } from './externals.js'
import { type Graph, guestRequests } from './graph.js'
import type { LinkView } from './link.js'
import type { BuiltModule } from './module.js'
import type { ProgramHooks } from './program-hooks.js'
import type { GraphLimits } from './realms/isolate/graph-limits.js'
import type { Realm } from './realms/realm.js'
import type { StackMapper } from './stack.js'

/** A module whose change is being applied. */
export interface UnderWay {
  readonly module: BuiltModule
  readonly difference: Pick<Difference, 'literalIds'>
}

/** The text of a CommonJS module, as it is compiled. */
export interface CommonJSText {
  readonly name: string
  readonly code: string
  readonly parameters: readonly string[]
}

export interface Services {
  /** Id of the module the program begins with. */
  readonly entry: string
  readonly graph: Graph
  readonly builder: Builder
  readonly externals: Externals
  readonly realm: Realm
  readonly stack: StackMapper
  readonly path: (id: string) => string
  readonly metaOf: (id: string) => NonNullable<ModulePatch['meta']>
  readonly onProgress?: ((built: number, known: number) => void) | undefined
  /** In an isolate. */
  readonly limits?: GraphLimits | undefined
  /** Modules as the change under way would have them. */
  readonly underWay: Map<string, UnderWay>
  /** Modules that were to be reloaded while an `import()` was bringing them in: they are looked at once they are there. */
  readonly missed: Set<string>
  /** CommonJS texts of the change under way, by module. */
  readonly commonJS: Map<string, CommonJSText>
  /** Each ends what tells guests of a reload that evaluates. */
  readonly evaluating: Set<() => void>
  /** Modules that an update has executed: they may hand the next one on (R12). */
  readonly hotUpdated: Set<string>
  /** Who has imported a module by `import()` or by a `require` that was run, whatever the specifier was made of. */
  readonly dynamicImporters: Map<string, Set<string>>
  /** Modules that `import()` has asked for since the last reload began, and those that stay because of that. */
  readonly importedNow: Set<string>
  readonly kept: Set<string>
  readonly alsoWhole?: ProgramHooks['alsoWhole']
  /** Hears of disposers that fail when nobody waits any more. */
  readonly onLateError: (error: RegrowError) => void
  /** Modules whose namespace object somebody may hold. */
  readonly namespaces: Set<string>
}

/** The graph with built modules, and those under way, laid over it, as the linker sees it. */
export function linkView(
  { graph, externals, underWay }: Services,
  built: ReadonlyMap<string, BuiltModule> = new Map(),
): LinkView {
  return {
    module: id => built.get(id) ?? underWay.get(id)?.module ?? graph.modules.get(id),
    externalHas: (key, name) => name in externals.namespace(key),
    externalNames: key => externals.names(key),
  }
}

/** Whoever imports a module while it runs is one of its importers. */
export function noteImporter({ dynamicImporters, importedNow }: Services, id: string, importer: string): void {
  importedNow.add(id)
  const importers = dynamicImporters.get(id)
  if (importers) importers.add(importer)
  else dynamicImporters.set(id, new Set([importer]))
}

/**
 * Decides which modules stay although they were to go with the reload under way: `import()` asked for them when that was planned already.
 * @param going as a guest says
 */
export function keepImported(
  { graph, underWay, importedNow, kept }: Services,
  going: readonly string[],
): readonly string[] {
  const isGoing = new Set(going.filter(id => graph.modules.has(id)))
  for (const id of importedNow) if (isGoing.has(id)) kept.add(id)
  for (const id of isGoing) {
    // What the reload changes no longer imports them. What is under way besides is not in the graph yet.
    for (const importer of graph.importersOf(id)) if (!isGoing.has(importer) && !underWay.has(importer)) kept.add(id)
  }
  for (const { module } of underWay.values()) for (const id of guestRequests(module)) if (isGoing.has(id)) kept.add(id)
  for (const id of kept)
    for (const below of guestRequests(graph.modules.get(id)!)) if (isGoing.has(below)) kept.add(below)
  return [...kept]
}
