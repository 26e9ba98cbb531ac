// Puts a reload into words: what was added, patched, evaluated, removed, and what is stale.
import { staticsOf } from '../bundler/class-slots.js'
import { usesOf } from '../bundler/comparison.js'
import { relinkOfName } from '../bundler/links.js'
import type { ClassElement, ClassItem } from '../bundler/record.js'
import type { TransactionResult } from '../guest/protocol.js'
import type { ModuleReport, ReloadReport } from './api.js'
import { type ModuleChange, some } from './change.js'
import { clock } from './clock.js'
import type { RegrowError } from './errors.js'
import type { Graph } from './graph.js'
import type { RunningModule } from './module.js'
import { placeAt } from './source-place.js'

export type Timing = ReloadReport['timing']

/** Takes the time of a reload's phases. */
export class Stopwatch {
  readonly #start: number
  #last: number
  readonly #phases = { detect: 0, build: 0, link: 0, apply: 0 }

  /** @param firstSeen when the change was first seen, on clock.now()'s clock */
  constructor(firstSeen?: number) {
    const now = clock.now()
    this.#start = firstSeen ?? now
    this.#last = now
    this.#phases.detect = now - this.#start
  }

  end(phase: 'build' | 'link' | 'apply'): void {
    const now = clock.now()
    this.#phases[phase] += now - this.#last
    this.#last = now
  }

  timing(): Timing {
    return { ...this.#phases, total: clock.now() - this.#start }
  }
}

const statementName = (module: Pick<RunningModule, 'id' | 'record' | 'map'>, { start }: { readonly start: number }) =>
  `statement at line ${placeAt(module, start).line}`

/** Static blocks, which are statements (R5), by their names in `EvaluatedStatic`. Those that decorators stand for are none. */
const blocksOf = ({ names, spec }: ClassItem): Map<string, ClassElement> =>
  new Map(
    staticsOf(spec).flatMap((each, index) =>
      each.kind === 'block' && !each.isDecorating ? [[`${names[0]}.{${index}}`, each]] : [],
    ),
  )

/** A static field or block as reports show it; undefined for what they do not. */
function staticName(module: RunningModule | undefined, name: string): string | undefined {
  if (!name.includes('.{')) return name.replace(/\.\[.*/s, '.[computed]')
  for (const item of module?.record.items ?? []) {
    const block = item.kind === 'class' ? blocksOf(item).get(name) : undefined
    if (block) return statementName(module!, block)
  }
  return undefined
}

type Applied = Extract<TransactionResult, { isApplied: true }>

export function moduleReports(
  graph: Graph,
  changes: ReadonlyMap<string, ModuleChange>,
  removed: readonly string[],
  result: Applied,
): ModuleReport[] {
  const ran = new Map<string, Set<string>>()
  const statics = new Map<string, string[]>()
  for (const each of result.evaluated) {
    const keys = ran.get(each.module) ?? new Set()
    ran.set(each.module, keys.add(each.key))
  }
  for (const { module, name } of result.statics) {
    const known = statics.get(module) ?? []
    const shown = staticName(graph.modules.get(module), name)
    if (shown !== undefined && !known.includes(shown)) statics.set(module, [...known, shown])
  }
  const reports: ModuleReport[] = []
  const stale = staleStatements(graph, changes, result, ran)
  for (const id of new Set([...changes.keys(), ...stale.keys()])) {
    const module = graph.modules.get(id)
    if (!module) continue
    const change = changes.get(id)
    const { items } = module.record
    // The text of a CommonJS module runs whole; what frames it has names that nobody wrote.
    if (module.commonJS) {
      const evaluated = ran.get(id)?.size ? ['module'] : []
      const nothing = { added: [], patched: [], removed: [], stale: [], kept: 0 }
      if (evaluated.length || linksChanged(change)) reports.push({ id, version: module.version, ...nothing, evaluated })
      continue
    }
    const evaluated = items.flatMap(item => {
      if (!ran.get(id)?.has(item.key) || item.kind === 'class' || item.kind === 'function') return []
      if (item.kind === 'statement' && (item.decorates !== undefined || item.makes !== undefined || item.once))
        return []
      if (item.kind === 'statement' && item.sets) return change?.running ? [item.sets.label] : []
      return item.kind === 'statement' ? [statementName(module, item)] : [...item.names]
    })
    if (change?.running) evaluated.push(...(statics.get(id) ?? []))
    const { added = [], patched = [], removed } = change?.difference ?? {}
    const gone = change?.running?.commonJS ? [] : (removed ?? [])
    const report = { id, version: module.version, added, patched, evaluated, removed: gone, stale: stale.get(id) ?? [] }
    if ([added, patched, evaluated, gone, report.stale].every(each => each.length === 0) && !linksChanged(change))
      continue
    const touched = new Set([...added, ...patched, ...evaluated].map(name => name.split('.')[0]))
    const tell = asWritten(module, change?.running)
    const kept = items.filter(item =>
      item.kind === 'statement'
        ? !item.once && !item.decorates && !item.makes && !evaluated.includes(statementName(module, item))
        : (item.names.length === 0 || item.names.some(name => tell(name))) &&
          !item.names.some(name => touched.has(name)),
    ).length
    reports.push({ ...report, ...written({ added, patched, evaluated, removed: gone }, tell), kept })
  }
  for (const id of removed)
    reports.push({ id, version: 0, added: [], patched: [], evaluated: [], removed: ['module'], stale: [], kept: 0 })
  return reports
}

type Names = Pick<ModuleReport, 'added' | 'patched' | 'evaluated' | 'removed'>

/** Tells a name as the author wrote it, in this version or the one before; undefined for what was made up, as esbuild does for decorators. */
type AsWritten = (name: string, isClass?: boolean) => string | undefined

const everything: AsWritten = name => name

function asWritten(now: RunningModule, before: RunningModule | undefined): AsWritten {
  if (now.map === undefined) return everything
  const isInSource = (word: string) => {
    const pattern = new RegExp(`(?<![\\w$#])${word.replaceAll('$', '\\$')}(?![\\w$])`)
    return pattern.test(now.source) || (before !== undefined && pattern.test(before.source))
  }
  const isWritten = (word: string) => !madeUp.test(word) || isInSource(word)
  return (name, isClass = name.includes('.')) => {
    const [owner = '', ...member] = name.split('.')
    // `const _K = class _K` stands for `class K`.
    const alias = isClass ? /^_(.+?)\d*$/.exec(owner)?.[1] : undefined
    const root = isWritten(owner) ? owner : alias !== undefined && isInSource(alias) ? alias : undefined
    if (root === undefined || !member.length) return root
    const own = member.join('.')
    if (!isWritten(own)) return root
    // An `accessor x` becomes a field `#x`.
    return `${root}.${own.startsWith('#') && !isInSource(own) ? own.slice(1) : own}`
  }
}

function written(names: Names, tell: AsWritten): Names {
  const tellAll = (list: readonly string[], isPatched: boolean) => [
    ...new Set(
      list.flatMap(each => {
        const told = tell(each, isPatched || undefined)
        // What was made up for a class is a change of the class.
        const isWhole = told !== undefined && each.includes('.') && !told.includes('.')
        return told === undefined || (isWhole && !isPatched) ? [] : [told]
      }),
    ),
  ]
  return {
    added: tellAll(names.added, false),
    patched: tellAll(names.patched, true),
    evaluated: tellAll(names.evaluated, false),
    removed: tellAll(names.removed, false),
  }
}

/** `__create`, `_m_dec`, `_init`, `m_fn`, the `#__made` of bundler/decorators.ts; `constructor` where fields were made to one. */
const madeUp = /^(#?_[\w$]*|[\w$]+_(fn|get|set)\d*|constructor)$/

/** Whether a module exports or requests something else than before. */
export function linksChanged(change: ModuleChange | undefined): boolean {
  if (!change?.running) return change !== undefined
  const shape = ({ record, requests }: ModuleChange['module']) =>
    JSON.stringify([
      [...record.localExports].map(([name, each]) => [name, each.binding]).sort(),
      [...record.indirectExports].map(([name, each]) => [name, each.name, requests.get(each.specifier)]).sort(),
      record.starExports,
      [...requests].sort(),
    ])
  return shape(change.module) !== shape(change.running)
}

/** Statements that were not run again although a value they name changed (R5). */
function staleStatements(
  graph: Graph,
  changes: ReadonlyMap<string, ModuleChange>,
  result: Applied,
  ran: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, string[]> {
  const stale = new Map<string, string[]>()
  const keys = (bindings: Applied['changed']) => new Set(bindings.map(({ module, name }) => `${module}\n${name}`))
  const changed = keys(result.changed)
  const moved = keys(result.moved)
  const relinked = [...changes].flatMap(([id, each]) => (each.relinked?.size ? [id] : []))
  const candidates = new Set([
    ...result.changed.flatMap(({ module }) => [module, ...graph.usersOf(module)]),
    ...relinked,
  ])
  for (const id of candidates) {
    const module = graph.modules.get(id)
    if (!module) continue
    const relinks = changes.get(id)?.relinked
    const hasChanged = (name: string): boolean => {
      const relink = relinks && relinkOfName(relinks, name)
      if (relink === 'replaced') return true
      if (relink === 'moved') return moved.has(`${id}\n${name}`)
      const target = module.targets.get(name)
      return target?.kind === 'binding' && changed.has(`${target.module}\n${target.binding}`)
    }
    if (!some(module.record.uses, hasChanged)) continue
    const add = (name: string) => stale.set(id, [...(stale.get(id) ?? []), name])
    for (const item of module.record.items) {
      for (const [name, block] of item.kind === 'class' ? blocksOf(item) : []) {
        const hasRun = () => result.statics.some(each => each.module === id && each.name === name)
        if (block.uses.some(hasChanged) && !hasRun()) add(statementName(module, block))
      }
      if (item.kind !== 'statement' || ran.get(id)?.has(item.key)) continue
      if (!usesOf(item, module).some(hasChanged)) continue
      add(statementName(module, item))
    }
  }
  return stale
}

export function rejected(error: RegrowError, timing: Timing): ReloadReport {
  return { outcome: 'rejected', modules: [], error, timing }
}
