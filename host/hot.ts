// Whom an edit concerns by `import.meta.hot` (R12): the update goes from what changed to its importers, until somebody accepts it.
import type { HotFacts, HotUpdateRequest } from '../guest/protocol.js'
import type { BuiltModule } from './module.js'

/** What the way of an update needs to know of the graph as it runs. */
export interface HotGraph {
  module(id: string): BuiltModule | undefined
  /** Modules that import a module, with `import()` too. */
  importers(id: string): Iterable<string>
}

/**
 * @param changed modules that were edited, or invalidated: then the update begins at their importers
 * @param invalidatedBy the module that was invalidated first, when one was
 */
export function findUpdates(
  graph: HotGraph,
  facts: readonly HotFacts[],
  changed: Iterable<string>,
  invalidatedBy?: string,
): HotUpdateRequest[] {
  const byId = new Map(facts.map(each => [each.id, each]))
  const acceptors = new Map<string, string[]>()
  for (const { id, accepts } of facts)
    for (const each of accepts) acceptors.set(each, [...(acceptors.get(each) ?? []), id])
  const updates = new Map<string, HotUpdateRequest>()
  const traversed = new Set<string>()

  const accept = (boundary: string, acceptedVia: string) => {
    const known = invalidatedBy === undefined ? {} : { firstInvalidatedBy: invalidatedBy }
    updates.set(`${boundary}\n${acceptedVia}`, { boundary, acceptedVia, ...known })
  }
  const visit = (id: string) => {
    const waiting = [id]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (traversed.has(at)) continue
      traversed.add(at)
      const own = byId.get(at)
      if (own?.isSelfAccepting || acceptsAll(graph.module(at), own?.exports)) {
        accept(at, at)
        continue
      }
      if (own?.exports) accept(at, at)
      const accepting = acceptors.get(at) ?? []
      for (const each of accepting) accept(each, at)
      const upwards = [...graph.importers(at)].filter(
        importer => !accepting.includes(importer) && !usesOnly(graph.module(importer), at, own?.exports),
      )
      waiting.push(...upwards.reverse())
    }
  }
  for (const id of changed) {
    if (invalidatedBy === undefined) visit(id)
    else for (const importer of graph.importers(id)) visit(importer)
  }
  const all = [...updates.values()]
  // A module that invalidated the update gets it back through a cycle: there is no end to that.
  return all.some(each => each.acceptedVia === invalidatedBy) ? [] : all
}

/** Whether a module accepts each export by its name: then it accepts itself. */
function acceptsAll(module: BuiltModule | undefined, accepted: readonly string[] | undefined): boolean {
  if (!module || !accepted) return false
  const { localExports, indirectExports } = module.record
  return [...localExports.keys(), ...indirectExports.keys()].every(each => accepted.includes(each))
}

/** Whether all that an importer takes from a module are exports that this one accepts. */
function usesOnly(importer: BuiltModule | undefined, id: string, exports: readonly string[] | undefined): boolean {
  if (!importer || !exports) return false
  const isFrom = (specifier: string) => {
    const request = importer.requests.get(specifier)
    return request?.kind === 'guest' && request.id === id
  }
  const { requests, dynamicRequests, imports, indirectExports, starExports } = importer.record
  // `import()` may take anything.
  if (dynamicRequests.length > 0 || !requests.some(each => isFrom(each.specifier)) || starExports.some(isFrom))
    return false
  const taken = [...imports.values(), ...indirectExports.values()].filter(each => isFrom(each.specifier))
  return taken.every(each => exports.includes(each.name))
}
