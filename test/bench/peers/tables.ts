// The results as tables of words, for the terminal and the page alike.
import type { Kind } from './measure.js'
import { batchSize } from './measure.js'
import type { ProjectKind } from './project.js'
import type { CaseResult, Results } from './results.js'
import type { Retained } from './retained.js'
import { median, percentile } from './statistics.js'

export interface Table {
  readonly title: string
  /** The first column names the tool. */
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Why cells are empty. */
  readonly notes: readonly string[]
}

const none = '—'

export function createTables(results: Results): Table[] {
  return [
    startTable(results),
    latencyTable(results, 'leaf', 'Save of a leaf to live, ms: median (p95)'),
    latencyTable(results, 'hub', 'Save of a module that all import to live, ms: median (p95)'),
    latencyTable(results, 'batch', `Save of ${batchSize} files to live, all of them, ms: median (p95)`),
    memoryTable(results),
    reloadsTable(results),
  ]
}

/** Kinds in the order in which they were measured. */
export function kindsOf(results: Results): ProjectKind[] {
  const kinds = new Map(results.cases.map(({ kind }) => [JSON.stringify(kind), kind]))
  return [...kinds.values()]
}

/** Trees of JavaScript, by size. */
export function mainKinds(results: Results): ProjectKind[] {
  return kindsOf(results).filter(isMain)
}

export function isMain({ shape, language }: ProjectKind): boolean {
  return shape === 'tree' && language === 'js'
}

export function find(results: Results, tool: string, kind: ProjectKind): CaseResult | undefined {
  return results.cases.find(each => each.tool === tool && sameKind(each.kind, kind))
}

export function shortKind(kind: ProjectKind): string {
  const size = kind.size.toLocaleString('en')
  return isMain(kind) ? size : `${size} ${kind.shape} ${kind.language.toUpperCase()}`
}

export function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')
}

function sameKind(left: ProjectKind, right: ProjectKind): boolean {
  return left.shape === right.shape && left.language === right.language && left.size === right.size
}

function startTable(results: Results): Table {
  const kinds = kindsOf(results)
  const node = (kind: ProjectKind) => median(find(results, 'node', kind)?.start ?? [])
  const row = (name: string, key: 'start' | 'warm') => [
    key === 'warm' ? `${name}, warm cache` : name,
    ...kinds.map(kind => {
      const own = median(find(results, name, kind)?.[key] ?? [])
      if (own === undefined) return none
      const reference = node(kind)
      return reference === undefined ? milliseconds(own) : `${milliseconds(own)} (${(own / reference).toFixed(1)} ×)`
    }),
  ]
  const isCached = (name: string) => results.cases.some(each => each.tool === name && each.warm?.length)
  const rows = results.tools.flatMap(({ name }) => [row(name, 'start'), ...(isCached(name) ? [row(name, 'warm')] : [])])
  const head = ['modules', ...kinds.map(shortKind)]
  return { title: 'Start to first call, ms (× plain node)', head, rows, notes: failures(results, 'start') }
}

function latencyTable(results: Results, kind: 'leaf' | 'hub' | 'batch', title: string): Table {
  const kinds = kindsOf(results)
  const tools = results.tools.filter(tool => tool.reloads !== 'none')
  const rows = tools.map(({ name }) => [
    name,
    ...kinds.map(each => {
      const times = find(results, name, each)?.[kind] ?? []
      if (times.length === 0) return none
      return `${milliseconds(median(times)!)} (${milliseconds(percentile(times, 0.95)!)})`
    }),
  ])
  const notes = kind === 'leaf' ? ['node: it does not reload'] : []
  const small = kinds.filter(each => kind === 'batch' && each.size < batchSize)
  for (const each of small) notes.push(`${shortKind(each)} modules: all of them are saved`)
  return { title, head: ['modules', ...kinds.map(shortKind)], rows, notes: [...notes, ...failures(results, kind)] }
}

function memoryTable(results: Results): Table {
  const kinds = mainKinds(results)
  const [smallest, largest] = [kinds[0], kinds.at(-1)]
  const rows = results.tools.map(({ name }) => {
    const of = (kind: ProjectKind | undefined, key: 'heap' | 'memory') => kind && find(results, name, kind)?.[key]
    const perModule = (key: 'heap' | 'memory') => {
      const [low, high] = [of(smallest, key), of(largest, key)]
      if (low === undefined || high === undefined || largest!.size === smallest!.size) return none
      return ((high - low) / (largest!.size - smallest!.size) / 1024).toFixed(1)
    }
    const cells = kinds.map(kind => {
      const [own, reference] = [of(kind, 'memory'), find(results, 'node', kind)?.memory]
      if (own === undefined) return none
      const times = reference === undefined ? '' : ` (${(own / reference).toFixed(1)} ×)`
      return `${(own / 2 ** 20).toFixed(0)}${times}`
    })
    return [name, ...cells, perModule('memory'), perModule('heap')]
  })
  const head = ['modules', ...kinds.map(shortKind), 'kB a module', 'kB of heap a module']
  const title = 'Memory of all processes after a collection, MB (× plain node)'
  return { title, head, rows, notes: failures(results, 'start') }
}

function reloadsTable(results: Results): Table {
  const reasons = new Map<string, string[]>()
  const cell = (tool: string, what: string, retained: Retained | string | undefined) => {
    if (typeof retained === 'string') {
      const key = `${what}: ${retained}`
      reasons.set(key, [...(reasons.get(key) ?? []), tool])
    }
    if (retained === undefined || typeof retained === 'string') return none
    return `${bytes(retained.bytesPerReload)} (${retained.reloads.toLocaleString('en')})`
  }
  const rows = results.tools.map(({ name, reloads }) => {
    const own = results.cases.filter(each => each.tool === name)
    const idle = own.find(each => each.idle !== undefined)?.idle
    const behaviour = own.find(each => each.behaviour)?.behaviour
    const yes = (claim: boolean) => (claim ? 'yes' : 'no')
    return [
      name,
      cell(name, 'heap a reload', results.retained[name]),
      cell(name, 'heap a rejected reload', results.rejected[name]),
      idle === undefined ? none : `${idle.toFixed(1)} %`,
      ...(behaviour
        ? [
            yes(behaviour.keepsState),
            reloads === 'restart' ? 'new process' : yes(behaviour.renewsCallbacks),
            `${behaviour.live} of ${behaviour.pairs}`,
          ]
        : [none, none, none]),
    ]
  })
  const head = [
    '',
    'heap a reload (reloads)',
    'a rejected one',
    'idle CPU',
    'keeps state',
    'renews callbacks',
    'saves live',
  ]
  const notes = [...reasons].map(([reason, names]) => `${names.join(', ')}, ${reason}`)
  return { title: 'Reload after reload', head, rows, notes }
}

function bytes(value: number): string {
  return Math.abs(value) < 2000 ? `${value.toFixed(1)} B` : `${(value / 1024).toFixed(1)} kB`
}

/** One line for all projects in which a tool failed alike. */
function failures(results: Results, kind: Kind): string[] {
  const found = new Map<string, string[]>()
  for (const { tool, kind: project, failures } of results.cases) {
    const why = failures.start ?? failures[kind]
    if (why === undefined) continue
    const key = `${tool}\n${why.split('\n')[0]!.slice(0, 160)}`
    found.set(key, [...(found.get(key) ?? []), shortKind(project)])
  }
  return [...found].map(([key, kinds]) => `${key.split('\n')[0]} (${kinds.join('; ')}): ${key.split('\n')[1]}`)
}
