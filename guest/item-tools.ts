// What `regrow/guest` does while an item runs: keeps values, calls back, migrates instances.
import type { KernelState } from './kernel-state.js'
import type { ModuleState } from './module-state.js'
import { added, changeable, type Owner } from './ownership.js'
import { mapDelete, mapForEach, mapGet, mapHas, mapSet, NativeError, NativeMap } from './primordials.js'
import type { TransactionRequest } from './protocol.js'
import type { ItemTools } from './state.js'
import type { Transaction } from './transaction.js'

/** What `migrate(Class, fn)` asked for. */
export interface Migration {
  readonly changed: object
  readonly migrate: (instance: object) => void
}

export function itemTools({ ownership }: KernelState): ItemTools | undefined {
  const owner = ownership.current()
  if (!owner) return undefined
  return {
    module: owner.module.id,
    isReload: owner.isReload,
    changes: owner.changes,
    keep: init => keep(owner, init),
    onDispose: run => ownership.ownCallback(owner, run),
    migrate(changed, migrate) {
      owner.migrations = added(owner.migrations, { changed, migrate })
    },
  }
}

/** Only data items have a name by which the next version is known to be the same one. */
function keep<T>(owner: Owner, init: () => T): T {
  if (owner.kind !== 'data' && owner.kind !== 'pattern') return init()
  const before = owner.module.keepsAny ? mapGet(owner.module.kept, owner.key) : undefined
  const index = owner.kept.length
  const value = before && index < before.length ? (before[index] as T) : init()
  const kept = changeable(owner.kept)
  kept[index] = value
  owner.kept = kept
  return value
}

/** What items kept is kept on; what no item keeps any more is let go. */
export function keepOn(
  { begun }: Transaction,
  { patches }: TransactionRequest,
  modules: Map<string, ModuleState>,
): void {
  for (let index = 0; index < begun.length; index++) {
    const { module, key, kept } = begun[index]!.owner
    if (kept.length) mapSet(module.kept, key, kept)
    else if (module.keepsAny) mapDelete(module.kept, key)
  }
  for (let index = 0; index < patches.length; index++) {
    const { id, removedBindings } = patches[index]!
    const module = mapGet(modules, id)
    for (let at = 0; module?.keepsAny && at < removedBindings.length; at++) mapDelete(module.kept, removedBindings[at]!)
  }
}

/** Live instances, by class, as they are before anything of a reload runs; undefined where nothing can find them. */
export type Instances = Map<object, readonly object[] | undefined>

/** Finds the instances that migrations may want. */
export function findInstances({ host, modules }: KernelState, { changedClasses }: TransactionRequest): Instances {
  const found: Instances = new NativeMap()
  for (let index = 0; index < changedClasses.length; index++) {
    const { module: id, names } = changedClasses[index]!
    const module = mapGet(modules, id)
    for (let at = 0; module && at < names.length; at++) {
      const record = mapGet(module.classes, names[at]!)
      if (record) mapSet(found, record.stable, host.instancesOf((record.stable as Function).prototype))
    }
  }
  return found
}

/** Calls the migrations that hold after a transaction with the instances that were there before it. */
export function migrateInstances(
  { modules }: KernelState,
  transaction: Transaction,
  { patches }: TransactionRequest,
  instances: Instances,
): void {
  if (instances.size === 0) return
  const outdated = new NativeMap<Owner, true>()
  const { begun } = transaction
  const outdate = (module: ModuleState | undefined, id: number | undefined) => {
    const owner = id === undefined ? undefined : module?.owner(id)
    if (owner) mapSet(outdated, owner, true)
  }
  for (let index = 0; index < begun.length; index++) outdate(begun[index]!.owner.module, begun[index]!.id)
  for (let index = 0; index < patches.length; index++) {
    const { id, removedOwners } = patches[index]!
    for (let at = 0; at < removedOwners.length; at++) outdate(mapGet(modules, id), removedOwners[at])
  }
  const run = (owner: Owner) => {
    if (mapGet(outdated, owner)) return
    for (let index = 0; index < owner.migrations.length; index++) {
      const { changed, migrate } = owner.migrations[index]!
      if (!mapHas(instances, changed)) continue
      const list = mapGet(instances, changed)
      transaction.place = { module: owner.module.id, key: owner.key }
      if (!list) throw new NativeError('migrate() cannot find instances in an isolate')
      for (let at = 0; at < list.length; at++) migrate(list[at]!)
    }
  }
  mapForEach(modules, module => module.forEachOwner(run))
  for (let index = 0; index < begun.length; index++) run(begun[index]!.owner)
}
