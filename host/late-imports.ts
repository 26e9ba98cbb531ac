// Where the literals of modules' `import()`s lead: what a file that goes leaves without an end, and what is to be watched for.
import { BuildFailure } from './builder.js'
import { RegrowError } from './errors.js'
import type { BuiltModule } from './module.js'
import type { Services } from './services.js'

interface Later {
  readonly specifier: string
  readonly found?: string
  /** Ids whose appearance would make it lead somewhere. */
  readonly wanted: readonly string[]
}

/** Where the literals of a module's `import()`s lead, packages aside. */
function latersOf({ builder }: Services, { id, record }: BuiltModule): Later[] {
  return record.dynamicRequests.flatMap((specifier): Later[] => {
    try {
      const found = builder.resolve(specifier, id)
      return found.kind === 'guest' ? [{ specifier, found: found.id, wanted: [] }] : []
    } catch (failure) {
      if (!BuildFailure.is(failure)) throw failure
      return [{ specifier, wanted: failure.wanted }]
    }
  })
}

/** Ids whose appearance would let a module find what it requires or imports when it runs. */
export const wantedWhenRun = (services: Services, module: BuiltModule): string[] => [
  ...(module.wanted ?? []),
  ...latersOf(services, module).flatMap(each => each.wanted),
]

export const cannotFind = (id: string, why: string): BuildFailure =>
  new BuildFailure(new RegrowError('ERR_REGROW_LINK', `cannot find ${id}: ${why}`, { file: id }), [id])

const hasImport = (importer: string, { specifier }: Later): string => `${importer} has import('${specifier}')`

/** Who names a file that is gone in an `import()`, if anybody does by a literal. */
export function stillImports(
  services: Services,
  built: ReadonlyMap<string, BuiltModule>,
  gone: readonly string[],
  id: string,
): string | undefined {
  const { graph } = services
  for (const importer of new Set([...graph.importing, ...built.keys()])) {
    if (gone.includes(importer)) continue
    const laters = latersOf(services, built.get(importer) ?? graph.modules.get(importer)!)
    const later = laters.find(each => each.wanted.includes(id))
    if (later) return hasImport(importer, later)
  }
  return undefined
}

/** Modules of the graph that a module names in an `import()`. @throws BuildFailure where the file of one is gone */
export function runningThatItImports(services: Services, module: BuiltModule, gone: readonly string[]): string[] {
  return latersOf(services, module).flatMap(later => {
    const { found, wanted } = later
    const lost = wanted.find(id => gone.includes(id))
    if (lost !== undefined) throw cannotFind(lost, hasImport(module.id, later))
    return found !== undefined && services.graph.modules.has(found) ? [found] : []
  })
}
