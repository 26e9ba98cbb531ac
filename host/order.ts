// In which order modules evaluate, and which a change still reaches: found near the change, and by a walk through the graph only if need be.
import { addTo, type Graph, guestRequests } from './graph.js'
import type { BuiltModule } from './module.js'

/** What is known of an order besides the places. */
interface Facts {
  /** It is that of a program started anew. Else imports come before their importers all the same. */
  readonly isExact: boolean
  /** Some modules may import one another: not all imports come before their importers. */
  readonly hasCycles: boolean
}

/** Where modules stand: what evaluates first has the lower number. Numbers have gaps, and need not be whole. */
export class Order implements Facts {
  readonly #places: Map<string, number>
  readonly #added: ReadonlyMap<string, number>
  readonly isExact: boolean
  readonly hasCycles: boolean

  /** @param added modules that are not in `places`, which is left alone until the order is settled */
  constructor(
    places: Map<string, number>,
    { isExact, hasCycles }: Facts,
    added: ReadonlyMap<string, number> = new Map(),
  ) {
    this.#places = places
    this.#added = added
    this.isExact = isExact
    this.hasCycles = hasCycles
  }

  get size(): number {
    return this.#places.size + this.#added.size
  }

  has(id: string): boolean {
    return this.#places.has(id) || this.#added.has(id)
  }

  get(id: string): number | undefined {
    return this.#places.get(id) ?? this.#added.get(id)
  }

  /** The order of a graph that has changed a little. */
  with(added: ReadonlyMap<string, number>, facts: Facts): Order {
    return new Order(this.#places, facts, added)
  }

  /** The change for which modules were added has been applied. */
  settled(): Order {
    for (const [id, place] of this.#added) this.#places.set(id, place)
    return new Order(this.#places, this)
  }
}

export interface Reach {
  readonly order: Order
  /** Modules of the graph that nobody imports any more. */
  readonly removed: readonly string[]
}

type ModuleOf = (id: string) => BuiltModule | undefined

/** @param built new versions, and modules that are new to the graph */
export function reach(
  graph: Graph,
  built: ReadonlyMap<string, BuiltModule>,
  roots: ReadonlySet<string>,
  moduleOf: ModuleOf,
): Reach {
  const nearby = reachNearby(graph, built, roots)
  if (nearby) return { order: nearby, removed: [] }
  const { places, hasCycles } = evaluationOrder(roots, moduleOf)
  const order = new Order(places, { isExact: true, hasCycles })
  return { order, removed: [...graph.modules.keys()].filter(id => !order.has(id)) }
}

const sameRequests = (a: BuiltModule, b: BuiltModule) =>
  !a.commonJS === !b.commonJS && guestRequests(a).join('\n') === guestRequests(b).join('\n')

/** The order where nothing leaves the graph and one module at most imports otherwise; undefined where that takes a walk through the graph. */
function reachNearby(
  graph: Graph,
  built: ReadonlyMap<string, BuiltModule>,
  roots: ReadonlySet<string>,
): Order | undefined {
  const { order, modules } = graph
  if (!order || [...graph.roots].some(id => !roots.has(id))) return undefined
  const running = [...built.values()].filter(each => modules.has(each.id))
  const reshaped = running.filter(each => !sameRequests(modules.get(each.id)!, each))
  // In what order several run must be exact.
  if (running.length > 1 && (reshaped.length > 0 || !order.isExact)) return undefined
  const below =
    reshaped.length > 0 ? placeBelow(graph, built, roots, order, reshaped[0]!) : { places: [], hasCycles: false }
  if (!below) return undefined
  const added = new Map(below.places)
  let hasCycles = order.hasCycles || below.hasCycles
  for (const root of roots) {
    if (modules.has(root) || added.has(root)) continue
    const found = findNew(graph, built, [root])
    if (!found) return undefined
    for (const id of found.added) if (!added.has(id)) added.set(id, order.size + added.size)
    hasCycles ||= found.hasCycles
  }
  return order.with(added, { isExact: order.isExact && reshaped.length === 0, hasCycles })
}

/** Finds places for what is new below a module that imports otherwise: before it, and behind all that they import themselves. */
function placeBelow(
  graph: Graph,
  built: ReadonlyMap<string, BuiltModule>,
  roots: ReadonlySet<string>,
  order: Order,
  module: BuiltModule,
): { places: [id: string, place: number][]; hasCycles: boolean } | undefined {
  const { modules } = graph
  const before = modules.get(module.id)!
  if (module.commonJS || before.commonJS) return undefined
  const [old, now] = [new Set(guestRequests(before)), new Set(guestRequests(module))]
  const lost = [...old].filter(id => !now.has(id))
  // Without an import a cycle may be none, and its modules in the wrong order.
  if (lost.length > 0 && order.hasCycles) return undefined
  const isGone = (id: string, importer: string) => importer === module.id && !now.has(id)
  if (!lost.every(id => isStillReached(graph, id, roots, isGone))) return undefined
  const isNew = (id: string) => !modules.has(id)
  const found = findNew(graph, built, [...now].filter(isNew))
  if (!found) return undefined
  const place = order.get(module.id)!
  const imports = [...found.imports, ...[...now].filter(id => !isNew(id) && !old.has(id))].filter(
    id => id !== module.id,
  )
  const last = imports.reduce((latest, id) => Math.max(latest, order.get(id)!), place - 1)
  const step = (place - last) / (found.added.length + 1)
  const places = found.added.map((id, index): [string, number] => [id, last + step * (index + 1)])
  // They lie too close after very many edits, or what is imported evaluates later.
  const isRising = [...places.map(each => each[1]), place].every((each, index, all) => each > (all[index - 1] ?? last))
  return isRising ? { places, hasCycles: found.hasCycles || found.imports.includes(module.id) } : undefined
}

/** Whether a root imports a module, through whatever others. @param isGone whether one no longer imports another */
function isStillReached(
  graph: Graph,
  id: string,
  roots: ReadonlySet<string>,
  isGone: (id: string, importer: string) => boolean,
): boolean {
  const found = new Set([id])
  const stack = [id]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (roots.has(at)) return true
    for (const importer of graph.importersOf(at)) {
      if (found.has(importer) || isGone(at, importer)) continue
      found.add(importer)
      stack.push(importer)
    }
  }
  return false
}

/**
 * What is new below some modules, in the order of evaluation, and what of the graph that imports.
 * @returns undefined where another load brings in some of it, or CommonJS modules have an order of their own
 */
function findNew(
  { modules }: Graph,
  built: ReadonlyMap<string, BuiltModule>,
  from: readonly string[],
): { added: string[]; imports: string[]; hasCycles: boolean } | undefined {
  const imports: string[] = []
  const { places, hasCycles } = evaluationOrder(from, id => {
    if (modules.has(id)) imports.push(id)
    return modules.has(id) ? undefined : built.get(id)
  })
  const added = [...places.keys()]
  const news = added.map(id => built.get(id)!)
  const isKnown = (id: string) => modules.has(id) || built.has(id)
  const isWhole = from.every(isKnown) && news.every(each => !each.commonJS && guestRequests(each).every(isKnown))
  return isWhole ? { added, imports, hasCycles } : undefined
}

/**
 * The order in which modules evaluate: depth first, requests as written, each once. CommonJS modules come after those that require them,
 * which run them when they do, and their ES modules and data before them all.
 */
export function evaluationOrder(
  roots: Iterable<string>,
  moduleOf: (id: string) => Pick<BuiltModule, 'requests' | 'commonJS'> | undefined,
): { places: Map<string, number>; hasCycles: boolean } {
  const places = new Map<string, number>()
  let hasCycles = false
  const entered = new Set<string>()
  for (const root of roots) {
    const stack: { ids: string[]; rest: string[] }[] = []
    const enter = (first: string) => {
      const ids: string[] = []
      const rest: string[] = []
      const found = [first]
      for (let id = found.pop(); id !== undefined; id = found.pop()) {
        if (entered.has(id)) {
          hasCycles ||= !places.has(id)
          continue
        }
        const module = moduleOf(id)
        if (!module) continue
        if (id !== first && !module.commonJS) {
          rest.push(id)
          continue
        }
        entered.add(id)
        ids.push(id)
        ;(module.commonJS ? found : rest).push(...guestRequests(module).reverse())
      }
      if (moduleOf(first)?.commonJS) rest.reverse()
      if (ids.length) stack.push({ ids, rest })
    }
    enter(root)
    while (stack.length) {
      const top = stack[stack.length - 1]!
      const next = top.rest.pop()
      if (next !== undefined) enter(next)
      else {
        for (const id of top.ids) places.set(id, places.size)
        stack.pop()
      }
    }
  }
  return { places, hasCycles }
}

/**
 * What each module waits for before it evaluates, where some await: what it requests, and for a module of another cycle the one
 * through which that cycle was entered.
 */
export function waitLists(
  order: ReadonlyMap<string, number>,
  moduleOf: (id: string) => Pick<BuiltModule, 'requests'> | undefined,
): (id: string) => string[] {
  const requests = (id: string) => guestRequests(moduleOf(id)!).filter(each => order.has(each))
  const entries = cycleEntries(order, requests)
  return id => {
    const place = order.get(id)!
    const before = requests(id).filter(each => order.get(each)! < place)
    return [...new Set(before.map(each => (entries.get(each) === entries.get(id) ? each : entries.get(each)!)))]
  }
}

/** For each module the one through which its cycle was entered: of those that import one another, the last in the order. */
function cycleEntries(
  order: ReadonlyMap<string, number>,
  requests: (id: string) => readonly string[],
): Map<string, string> {
  const importers = new Map<string, Set<string>>()
  for (const id of order.keys()) for (const each of requests(id)) addTo(importers, each, id)
  const entries = new Map<string, string>()
  for (const entry of [...order.keys()].reverse()) {
    const stack = [entry]
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (entries.has(id)) continue
      entries.set(id, entry)
      stack.push(...(importers.get(id) ?? []))
    }
  }
  return entries
}
