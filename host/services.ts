// What the phases of a reload work with.
import type { ModulePatch } from '../guest/protocol.js'
import type { Builder } from './builder.js'
import { overlay } from './change.js'
import type { Externals } from './externals.js'
import type { Graph } from './graph.js'
import type { LinkView } from './link.js'
import type { BuiltModule } from './module.js'
import type { Realm } from './realms/realm.js'
import type { StackMapper } from './stack.js'

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

/** The graph with built modules laid over it, as the linker sees it. */
export function linkView({ graph, externals }: Services, built: ReadonlyMap<string, BuiltModule>): LinkView {
  return {
    module: overlay(graph, built),
    externalHas: (key, name) => name in externals.namespace(key),
    externalNames: key => externals.names(key),
  }
}
