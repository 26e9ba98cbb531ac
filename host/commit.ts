// Makes an applied change the running state: graph, literals, scripts.
import { type Item, type Literal, literalsIn } from '../bundler/record.js'
import type { TransactionResult } from '../guest/protocol.js'
import { type Change, isVisible, type ModuleChange } from './change.js'
import { FirstChange, FirstVersion } from './first-version.js'
import type { Graph } from './graph.js'
import { amended, type BuiltModule, type Origin } from './module.js'
import { linksChanged } from './report.js'
import type { Services } from './services.js'
import type { Script } from './stack.js'

export function commit(
  services: Services,
  change: Change,
  built: ReadonlyMap<string, BuiltModule>,
  scripts: ReadonlyMap<string, Script>,
  result: Extract<TransactionResult, { isApplied: true }>,
): void {
  const { graph, stack } = services
  const called = new Map<string, Set<number>>()
  const ran = new Map<string, Set<string>>()
  for (const each of result.evaluated) {
    if (each.called.length > 0) {
      const ids = called.get(each.module) ?? new Set()
      for (const id of each.called) ids.add(id)
      called.set(each.module, ids)
    }
    if (change.changes.get(each.module)?.running)
      ran.set(each.module, (ran.get(each.module) ?? new Set()).add(each.key))
  }
  for (const id of change.removed) {
    graph.delete(id)
    stack.forget(id)
    services.namespaces.delete(id)
    services.dynamicImporters.delete(id)
  }
  for (const [id, each] of change.changes) {
    const script = scripts.get(id)
    if (each instanceof FirstChange) {
      graph.set(new FirstVersion(each, script, called.get(id)))
      stack.keep(id, new Set(script ? [script] : []))
      continue
    }
    const { module, running, difference, targets } = each
    const origins = originsOf(each, script)
    const typedScripts = typedScriptsOf(each, script)
    graph.set({
      ...module,
      targets,
      version: running ? running.version + (isVisible(each) || linksChanged(each) ? 1 : 0) : 1,
      literalIds: difference.literalIds,
      called: calledLiterals(each, called.get(id), ran.get(id)),
      classes: difference.classes,
      origins,
      owners: difference.owners,
      nextOwner: difference.nextOwner,
      nextLiteral: each.nextLiteral,
      freeLiterals: each.freeLiterals,
      typedScripts,
    })
    stack.keep(id, new Set([...[...origins.values()].map(([newest]) => newest!.script), ...typedScripts]))
  }
  freeLiterals(graph, result.freed)
  // Text that differs in nothing that runs: only positions and sources move on.
  for (const [id, module] of built) {
    const running = graph.modules.get(id)
    if (running && running.source !== module.source) graph.set(amended(running, module))
  }
  // An `import()` while the change was under way has brought in more.
  if (graph.modules.size === change.order.size) graph.order = change.order.settled()
}

/** How many scripts of typed statements are kept for a module, for traces through what they left behind. */
const mostTypedScripts = 20

function typedScriptsOf({ running, runs }: ModuleChange, script: Script | undefined): readonly Script[] {
  const before = running?.typedScripts ?? []
  const isTyped = runs.some(({ item }) => item.kind === 'statement' && item.once)
  return script && isTyped ? [...before, script].slice(-mostTypedScripts) : before
}

/** Literals called while their item ran last. */
function calledLiterals(
  { running, difference, module }: ModuleChange,
  called: ReadonlySet<number> = new Set(),
  ran: ReadonlySet<string> = new Set(),
): Set<number> {
  const now = new Set(called)
  for (const item of module.record.items) {
    // A class that ran may have kept its static fields.
    if (ran.has(item.key) && item.kind !== 'class') continue
    for (const literal of literalsIn(item)) {
      const id = difference.literalIds.get(literal)!
      if (running?.called.has(id)) now.add(id)
    }
  }
  return now
}

/** Which script each definition runs in, the new one or the one its older self came from; and earlier ones that something else still runs in. */
function originsOf(
  { module, running, difference, runs }: ModuleChange,
  script: Script | undefined,
): Map<Item | Literal, readonly Origin[]> {
  const origins = new Map<Item | Literal, readonly Origin[]>()
  const fresh = new Set<Item | Literal>([
    ...difference.functions.map(each => each.item),
    ...difference.literals.map(each => each.literal),
    ...runs.map(run => run.item),
  ])
  const scripts = new Set<Script>()
  const add = (definition: Item | Literal, old: Item | Literal | undefined) => {
    const before = (old && running?.origins.get(old)) ?? []
    const { start, end } = definition
    const all = script && fresh.has(definition) ? [{ script, start, end }, ...before] : before
    if (all.length === 0) return
    origins.set(definition, all)
    scripts.add(all[0]!.script)
  }
  for (const item of module.record.items) {
    add(item, difference.matches.get(item))
    for (const literal of literalsIn(item)) add(literal, difference.matchedLiterals.get(literal))
  }
  for (const [definition, all] of origins)
    if (all.length > 1)
      origins.set(
        definition,
        all.filter(each => scripts.has(each.script)),
      )
  return origins
}

/** The ids that a failed change has given out are not given out again while its functions may be held. */
export function keepLiteralIds(graph: Graph, change: Change, freed: Freed): void {
  for (const { running, nextLiteral, freeLiterals } of change.changes.values()) {
    if (running) graph.set(amended(running, { nextLiteral, freeLiterals }))
  }
  freeLiterals(graph, freed)
}

type Freed = Extract<TransactionResult, { isApplied: true }>['freed']

function freeLiterals(graph: Graph, freed: Freed): void {
  for (const { module: id, literal } of freed) {
    const module = graph.modules.get(id)
    if (module) graph.set(amended(module, { freeLiterals: [...module.freeLiterals, literal] }))
  }
}
