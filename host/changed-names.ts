// The names that a transaction tells the kernel of.
import type { ModuleNames, MovedName } from '../guest/protocol.js'
import type { Changes } from '../guest/state.js'
import type { ModuleChange } from './change.js'

/** What a guest can hear of a change. */
export function changesOf(change: ModuleChange): Changes[] {
  if (!change.running) return []
  const { module, difference, runs } = change
  const { added, patched, removed } = difference
  const data = runs.flatMap(run => (run.item.kind === 'data' && !run.isConditional ? run.item.names : []))
  const names = [...new Set([...added, ...patched, ...data, ...removed])]
  return names.length ? [{ module: module.id, names }] : []
}

/** Classes whose instances guests may want to migrate. */
export function changedClassesOf(change: ModuleChange): ModuleNames[] {
  if (!change.running) return []
  const { module, difference } = change
  const names = difference.changedClasses
  return names.length ? [{ module: module.id, names }] : []
}

/** Names that stand for what they did, elsewhere. */
export function movedNames({ running, targets, relinked }: ModuleChange): MovedName[] {
  const moved: MovedName[] = []
  for (const [name, relink] of relinked ?? []) {
    const [from, to] = [running?.targets.get(name), targets.get(name)]
    if (relink !== 'moved' || from?.kind !== 'binding' || to?.kind !== 'binding') continue
    const binding = (target: typeof from) => ({ module: target.module, name: target.binding })
    moved.push({ name, from: binding(from), to: binding(to) })
  }
  return moved
}

/** The modules that change, with their bindings, and those that they name, with the bindings that they name of them. */
export function savedNames(changes: readonly ModuleChange[]): ModuleNames[] {
  const saved = new Map<string, Set<string>>()
  const save = (module: string, names: Iterable<string>) => {
    let all = saved.get(module)
    if (!all) saved.set(module, (all = new Set()))
    for (const each of names) all.add(each)
  }
  for (const { module, running, targets } of changes) {
    if (running) save(module.id, module.record.bindings.keys())
    for (const each of targets.values()) if (each.kind === 'binding' && !each.isOwn) save(each.module, [each.binding])
  }
  return [...saved].map(([module, names]) => ({ module, names: [...names] }))
}
