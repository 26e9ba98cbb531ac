// Builds what changed, and every module that is new to the graph.
import { posix } from 'node:path'
import { BuildFailure } from './builder.js'
import { RegrowError } from './errors.js'
import { guestRequests } from './graph.js'
import { cannotFind, runningThatItImports, stillImports } from './late-imports.js'
import { type BuiltModule, baseOf } from './module.js'
import { checkGraph } from './realms/isolate/graph-limits.js'
import type { Services } from './services.js'

export interface Draft {
  readonly built: Map<string, BuiltModule>
  readonly before: Map<string, string | null>
  /** Modules that `import()` brought in, whose files are gone. */
  readonly dropped: ReadonlySet<string>
  /** Modules that would leave, but for an `import()` that the edit wrote in place of an `import`; with who has it. */
  readonly imported: ReadonlyMap<string, string>
  /** Modules that were left to an `import()` which has them under way. */
  readonly leftOut: Set<string>
}

/**
 * @param ids modules to look at
 * @param roots entry and dynamically imported modules, new ones included
 * @param anew builds them although their texts did not change
 * @throws BuildFailure
 */
export async function buildDraft(
  services: Services,
  ids: Iterable<string>,
  roots: ReadonlySet<string>,
  anew: boolean,
): Promise<Draft> {
  const { graph, limits } = services
  const building = new Building(services, roots, anew)
  const { built, before, dropped, leftOut } = building
  try {
    for (const id of ids) if (graph.modules.has(id) || roots.has(id)) building.start(id)
    for (const id of roots) if (!building.isThere(id)) building.start(id)
    await building.settle()
    building.replaceGone()
    await building.settle()
    const { isReached, imported } = findReached(services, building)
    for (const [id, each] of building.failures) if (isReached(id)) throw each
    // With what failed go those who import it.
    if (building.failures.size > 0) for (const id of built.keys()) if (!isReached(id)) built.delete(id)
    if (limits) {
      try {
        checkGraph(graph.modules, built, limits)
      } catch (error) {
        throw new BuildFailure(error as RegrowError, [...built.keys()])
      }
    }
    await loadExternals(services, built, isReached)
    return { built, before, dropped, imported, leftOut }
  } catch (error) {
    if (!BuildFailure.is(error)) throw error
    // What is new may be what is mended.
    throw new BuildFailure(error.error, [...error.wanted, ...building.arrivals(), ...manifestsFor(error.error)])
  }
}

/** Ids of the package.json files that may say what a failed import means: installing a package writes the nearest one last. */
function manifestsFor({ code, file }: RegrowError): string[] {
  if (code !== 'ERR_REGROW_LINK' || file === undefined) return []
  const parts = posix.dirname(file).split('/')
  return ['.', ...parts].map((_, index) => posix.join(...parts.slice(0, index), 'package.json'))
}

/** Modules being built, each with what it imports that is new. */
class Building {
  readonly built = new Map<string, BuiltModule>()
  readonly before = new Map<string, string | null>()
  readonly leftOut = new Set<string>()
  readonly dropped = new Set<string>()
  /** Modules whose files are gone. */
  readonly gone: string[] = []
  /** By module. What leaves the graph with this reload may be as broken as it likes. */
  readonly failures = new Map<string, BuildFailure>()
  readonly roots: ReadonlySet<string>
  readonly #isFirstLoad: boolean
  readonly #services: Services
  readonly #anew: boolean
  readonly #known = new Set<string>()
  /** A stack of our own: a chain of imports can be deeper than the call stack. */
  readonly #pending: BuiltModule[] = []
  readonly #waiting: Promise<void>[] = []
  #settled = 0
  #failure: unknown

  constructor(services: Services, roots: ReadonlySet<string>, anew: boolean) {
    this.#services = services
    this.#anew = anew
    this.roots = roots
    this.#isFirstLoad = services.graph.modules.size === 0
  }

  /** Ids that are new to the graph. */
  arrivals(): string[] {
    return [...this.#known].filter(id => !this.#services.graph.modules.has(id))
  }

  isThere(id: string): boolean {
    const { graph, underWay } = this.#services
    if (graph.modules.has(id)) return true
    if (underWay.has(id)) this.leftOut.add(id)
    return underWay.has(id)
  }

  start(id: string): void {
    if (this.#known.has(id)) return
    this.#known.add(id)
    try {
      this.#begin(id)
    } catch (error) {
      this.#putOff(id, error)
    }
  }

  #begin(id: string): void {
    const { graph, builder, limits } = this.#services
    // Before they are all read: what is too large is told with the rest.
    if (limits && this.#known.size > limits.modules + 1) return
    const running = graph.modules.get(id)
    if (running) builder.refuseOutside(id)
    const source = builder.read(id)
    if (source === undefined) {
      if (!running) throw new BuildFailure(new RegrowError('ERR_REGROW_LINK', `cannot find ${id}`, { file: id }), [id])
      this.gone.push(id)
      return
    }
    const isSame = running !== undefined && builder.isOf(running, source)
    if (isSame && !this.#anew) return
    if (!isSame) this.before.set(id, running ? baseOf(running) : null)
    const result = builder.build(id, source)
    if (!(result instanceof Promise)) {
      this.#pending.push(result)
      return
    }
    const task = result
      .then(module => this.#take(module))
      .catch(error => this.#putOff(id, error))
      .catch(error => {
        this.#failure ??= error
      })
    this.#waiting.push(task)
  }

  #take(module: BuiltModule): void {
    this.built.set(module.id, module)
    for (const id of guestRequests(module)) if (!this.isThere(id)) this.start(id)
    this.#services.onProgress?.(this.built.size, this.#known.size)
  }

  #putOff(id: string, error: unknown): void {
    if (this.#isFirstLoad || !(error instanceof BuildFailure)) throw error
    this.failures.set(id, error)
  }

  /** Until all is built: what is taken may ask for more. */
  async settle(): Promise<void> {
    this.#drain()
    while (this.#settled < this.#waiting.length) {
      await this.#waiting[this.#settled++]
      if (this.#failure) throw this.#failure
      this.#drain()
    }
  }

  #drain(): void {
    for (let next = this.#pending.pop(); next; next = this.#pending.pop()) this.#take(next)
  }

  /** Who imports a file that is gone may find another one in its place. */
  replaceGone(): void {
    const { entry, graph, builder } = this.#services
    const { built, gone } = this
    for (const id of gone) {
      this.before.set(id, baseOf(graph.modules.get(id)!))
      if (this.roots.has(id)) {
        const needed = id === entry ? 'the entry is gone' : stillImports(this.#services, built, gone, id)
        if (needed !== undefined) throw cannotFind(id, needed)
        this.dropped.add(id)
      }
      for (const importer of graph.importersOf(id)) {
        if (gone.includes(importer) || this.failures.has(importer)) continue
        const module = built.get(importer) ?? graph.modules.get(importer)!
        if (!guestRequests(module).includes(id)) continue
        try {
          this.#take(builder.resolveAgain(module))
        } catch (error) {
          this.#putOff(importer, error)
        }
      }
    }
  }
}

/** Which modules will be reached from the roots. */
function findReached(
  services: Services,
  { built, gone, dropped, roots }: Building,
): { readonly isReached: (id: string) => boolean; readonly imported: ReadonlyMap<string, string> } {
  const { graph } = services
  const imported = new Map<string, string>()
  // What ran is reached as long as nobody imports less, and what is new somebody asked for.
  const isAllReached =
    dropped.size === 0 && [...built.values()].every(each => importsAllOf(graph.modules.get(each.id), each))
  if (isAllReached) return { isReached: () => true, imported }
  const find = () =>
    reachable(
      [...roots].filter(root => !dropped.has(root)),
      (id, found) => {
        const module = built.get(id) ?? graph.modules.get(id)
        if (!module) return []
        const later = built.has(id) ? runningThatItImports(services, module, gone) : []
        for (const each of later) if (!found.has(each)) imported.set(each, id)
        return [...guestRequests(module), ...later]
      },
    )
  let reached: ReadonlySet<string> | undefined
  // What became an `import()` stays, and is to be known.
  if ([...built.values()].some(each => each.record.dynamicRequests.length > 0)) reached = find()
  return { isReached: id => (reached ??= find()).has(id), imported }
}

function importsAllOf(before: BuiltModule | undefined, after: BuiltModule): boolean {
  if (before === undefined) return true
  const requests = new Set(guestRequests(after))
  return guestRequests(before).every(id => requests.has(id))
}

/** What modules import, whether it is there or not, they themselves included. */
function reachable(
  roots: Iterable<string>,
  importsOf: (id: string, found: ReadonlySet<string>) => readonly string[],
): ReadonlySet<string> {
  const found = new Set(roots)
  for (const id of found) for (const each of importsOf(id, found)) found.add(each)
  return found
}

async function loadExternals(
  { externals }: Services,
  built: ReadonlyMap<string, BuiltModule>,
  isReached: (id: string) => boolean,
): Promise<void> {
  for (const module of built.values()) {
    for (const each of module.requests.values()) {
      if (each.kind !== 'external' || externals.isLoaded(each.key) || !isReached(module.id)) continue
      try {
        await externals.load(each.key, module.id)
      } catch (error) {
        throw new BuildFailure(error as RegrowError, [module.id])
      }
    }
  }
}
