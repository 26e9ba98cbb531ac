// The modules of a running program, and the indexes that keep work proportional to a change, not to the graph.
import type { ModuleRecord } from '../bundler/record.js'
import type { ModuleNames } from '../guest/protocol.js'
import type { RunningModule } from './module.js'

export class Graph {
  readonly modules = new Map<string, RunningModule>()
  /** Modules that request a module. */
  readonly #importers = new Map<string, Set<string>>()
  /** Modules whose names stand for bindings of a module, however many re-exports lie between. */
  readonly #users = new Map<string, Set<string>>()
  /** The entry, and what `import()` brought in. */
  readonly roots = new Set<string>()
  #order: Map<string, number> | undefined
  /** Bindings that a module's code may assign, of the modules that have such. */
  readonly assignable = new Map<string, ModuleNames>()
  /** Modules that import what asks for instances: `migrate`. */
  readonly migrating = new Set<string>()
  /** Modules with an `import()` of a literal. */
  readonly importing = new Set<string>()
  /** Counts the modules that came and went. */
  membership = 0

  importersOf(id: string): ReadonlySet<string> {
    return this.#importers.get(id) ?? new Set()
  }

  usersOf(id: string): ReadonlySet<string> {
    return this.#users.get(id) ?? new Set()
  }

  set(module: RunningModule): void {
    const before = this.modules.get(module.id)
    if (before) this.#unlink(before)
    else this.membership++
    this.modules.set(module.id, module)
    if (before?.record !== module.record) this.#index(module)
    for (const id of guestRequests(module)) addTo(this.#importers, id, module.id)
    for (const id of usedModules(module)) addTo(this.#users, id, module.id)
    if (!before || before.requests !== module.requests) this.#order = undefined
  }

  delete(id: string): void {
    const module = this.modules.get(id)
    if (!module) return
    this.#unlink(module)
    this.membership++
    this.modules.delete(id)
    for (const index of [this.assignable, this.migrating, this.importing]) index.delete(id)
    this.roots.delete(id)
    this.#order = undefined
  }

  #unlink(module: RunningModule): void {
    for (const id of guestRequests(module)) removeFrom(this.#importers, id, module.id)
    for (const id of usedModules(module)) removeFrom(this.#users, id, module.id)
  }

  #index({ id, record }: RunningModule): void {
    const names = assignableNames(record)
    if (names.length) this.assignable.set(id, { module: id, names })
    else this.assignable.delete(id)
    note(this.migrating, id, asksForInstances(record))
    note(this.importing, id, record.dynamicRequests.length > 0)
  }

  /** The order of evaluation, if it is known without walking the graph. */
  get knownOrder(): ReadonlyMap<string, number> | undefined {
    return this.#order
  }

  set knownOrder(order: Map<string, number>) {
    this.#order = order
  }
}

export function guestRequests(module: Pick<RunningModule, 'requests'>): string[] {
  const ids: string[] = []
  for (const each of module.requests.values()) if (each.kind === 'guest') ids.push(each.id)
  return ids
}

/** Bindings that a module's code may assign: put back when a reload fails. */
export function assignableNames({ bindings }: ModuleRecord): string[] {
  const names: string[] = []
  for (const [name, binding] of bindings) if (binding.isAssigned) names.push(name)
  return names
}

/** Whether a module imports what asks for the instances of a class. */
export function asksForInstances({ imports }: ModuleRecord): boolean {
  for (const { specifier, name } of imports.values())
    if (specifier === 'regrow/guest' && (name === 'migrate' || name === '*')) return true
  return false
}

function note(index: Set<string>, id: string, isMember: boolean): void {
  if (isMember) index.add(id)
  else index.delete(id)
}

function usedModules(module: RunningModule): Set<string> {
  const ids = new Set<string>()
  for (const target of module.targets.values()) if (target.kind === 'binding' && !target.isOwn) ids.add(target.module)
  return ids
}

/**
 * The order in which modules evaluate: depth first, requests as written, each once. CommonJS modules come after those that require them,
 * which run them when they do, and their ES modules and data before them all.
 */
export function evaluationOrder(
  roots: Iterable<string>,
  moduleOf: (id: string) => Pick<RunningModule, 'requests' | 'commonJS'> | undefined,
): Map<string, number> {
  const order = new Map<string, number>()
  const entered = new Set<string>()
  for (const root of roots) {
    const stack: { ids: string[]; rest: string[] }[] = []
    const enter = (first: string) => {
      const ids: string[] = []
      const rest: string[] = []
      const found = [first]
      for (let id = found.pop(); id !== undefined; id = found.pop()) {
        const module = moduleOf(id)
        if (!module || entered.has(id)) continue
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
        for (const id of top.ids) order.set(id, order.size)
        stack.pop()
      }
    }
  }
  return order
}

/**
 * What each module waits for before it evaluates, where some await: what it requests, and for a module of another cycle the one
 * through which that cycle was entered.
 */
export function waitLists(
  order: ReadonlyMap<string, number>,
  moduleOf: (id: string) => Pick<RunningModule, 'requests'> | undefined,
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

function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
  const set = index.get(key)
  if (set) set.add(value)
  else index.set(key, new Set([value]))
}

function removeFrom(index: Map<string, Set<string>>, key: string, value: string): void {
  const set = index.get(key)
  if (set?.delete(value) && set.size === 0) index.delete(key)
}
