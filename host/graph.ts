// The modules of a running program, and the indexes that keep work proportional to a change, not to the graph.
import type { ModuleRecord } from '../bundler/record.js'
import type { RunningModule } from './module.js'
import type { Order } from './order.js'

export class Graph {
  readonly modules = new Map<string, RunningModule>()
  /** Modules that request a module. */
  readonly #importers = new Map<string, Set<string>>()
  /** Modules whose names stand for bindings of a module, however many re-exports lie between. */
  readonly #users = new Map<string, Set<string>>()
  /** The entry, and what `import()` brought in. */
  readonly roots = new Set<string>()
  /** In which its modules evaluate, if that is known without walking the graph. */
  order: Order | undefined
  /** Modules that import what asks for instances: `migrate`. */
  readonly migrating = new Set<string>()
  /** Modules with an `import()` of a literal. */
  readonly importing = new Set<string>()
  /** Modules that came or went since somebody asked. */
  readonly #moved = new Set<string>()

  importersOf(id: string): ReadonlySet<string> {
    return this.#importers.get(id) ?? new Set()
  }

  usersOf(id: string): ReadonlySet<string> {
    return this.#users.get(id) ?? new Set()
  }

  set(module: RunningModule): void {
    const before = this.modules.get(module.id)
    if (before) this.#unlink(before)
    else this.#moved.add(module.id)
    this.modules.set(module.id, module)
    if (before?.record !== module.record) this.#index(module)
    for (const id of guestRequests(module)) addTo(this.#importers, id, module.id)
    for (const id of usedModules(module)) addTo(this.#users, id, module.id)
    if (!before || before.requests !== module.requests) this.order = undefined
  }

  delete(id: string): void {
    const module = this.modules.get(id)
    if (!module) return
    this.#unlink(module)
    this.#moved.add(id)
    this.modules.delete(id)
    for (const index of [this.migrating, this.importing]) index.delete(id)
    this.roots.delete(id)
    this.order = undefined
  }

  /** Ids that came or went since this was asked last. */
  takeMoved(): string[] {
    const ids = [...this.#moved]
    this.#moved.clear()
    return ids
  }

  #unlink(module: RunningModule): void {
    for (const id of guestRequests(module)) removeFrom(this.#importers, id, module.id)
    for (const id of usedModules(module)) removeFrom(this.#users, id, module.id)
  }

  #index({ id, record }: RunningModule): void {
    note(this.migrating, id, asksForInstances(record))
    note(this.importing, id, record.dynamicRequests.length > 0)
  }
}

export function guestRequests(module: Pick<RunningModule, 'requests'>): string[] {
  const ids: string[] = []
  for (const each of module.requests.values()) if (each.kind === 'guest') ids.push(each.id)
  return ids
}

/** Bindings that a module's code may assign besides where they are declared. */
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

export function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
  const set = index.get(key)
  if (set) set.add(value)
  else index.set(key, new Set([value]))
}

function removeFrom(index: Map<string, Set<string>>, key: string, value: string): void {
  const set = index.get(key)
  if (set?.delete(value) && set.size === 0) index.delete(key)
}
