// Whom a change reaches: everything that imports what changed, through any number of modules.
import type { SeenChange } from '../../program-hooks.js'
import { isStale } from './stale.js'

export interface Reach {
  /** Ids of the modules that changed, and of those that import them. */
  readonly modules: ReadonlySet<string>
  /** Those of them that must be evaluated anew, specs aside. */
  readonly stale: readonly string[]
}

/** @param isSpec whether a module declares tests; such a module is executed whole anyway */
export function reachOf(change: SeenChange, isSpec: (id: string) => boolean): Reach {
  const modules = new Set(change.changed)
  // A set grows while it is walked.
  for (const id of modules) for (const importer of change.importers(id)) modules.add(importer)
  const changed = new Set(change.changed)
  const stale = [...modules].filter(id => {
    const module = isSpec(id) ? undefined : change.module(id)
    return module && isStale(module, each => modules.has(each), changed.has(id))
  })
  return { modules, stale }
}
