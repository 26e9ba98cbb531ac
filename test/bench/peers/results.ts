// All that a run of the benchmark found, as plain data: what `--json` writes and tables, charts and the page are made from.
import type { Behaviour, Kind, Measured } from './measure.js'
import type { ProjectKind } from './project.js'
import type { Retained } from './retained.js'
import { median } from './statistics.js'

export interface Results {
  /** One, or those that were joined. */
  readonly runs: readonly Run[]
  readonly tools: readonly {
    readonly name: string
    readonly version: string
    readonly reloads: string
    readonly color: string
  }[]
  readonly cases: readonly CaseResult[]
  /** By the tool's name; a string says why there is none. */
  readonly retained: Readonly<Record<string, Retained | string>>
  readonly rejected: Readonly<Record<string, Retained | string>>
}

/** Where and when. */
export interface Run {
  /** Names of the projects, and `heap`. */
  readonly measured: readonly string[]
  /** Whether it was ended before all was measured. */
  readonly stopped: boolean
  /** What a reader should know besides; put into the file of `--json` by hand. */
  readonly remark?: string
  readonly seconds: number
  readonly date: string
  readonly node: string
  readonly system: string
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  /** Load averages of a minute when the run began and ended: other work on the machine shows in it. */
  readonly load: readonly [number, number]
}

/** What a tool gave in a project, all rounds together. */
export interface CaseResult {
  readonly tool: string
  readonly kind: ProjectKind
  /** Milliseconds. */
  readonly start: readonly number[]
  /** Starts with a cache. */
  readonly warm?: readonly number[]
  readonly leaf: readonly number[]
  readonly hub: readonly number[]
  readonly batch: readonly number[]
  /** Bytes; medians of the rounds. */
  readonly heap?: number | undefined
  readonly memory?: number | undefined
  /** Percent of a core. */
  readonly idle?: number | undefined
  readonly behaviour?: Behaviour | undefined
  readonly failures: Partial<Record<Kind, string>>
}

/** Results of several runs as one; what a later one measured again counts. */
export function joinRuns(all: readonly Results[]): Results {
  const key = ({ tool, kind }: CaseResult) => JSON.stringify([tool, kind.shape, kind.language, kind.size])
  const cases = new Map(all.flatMap(each => each.cases).map(each => [key(each), each]))
  return {
    runs: all.flatMap(each => each.runs),
    tools: [...new Map(all.flatMap(each => each.tools).map(tool => [tool.name, tool])).values()],
    cases: [...cases.values()],
    retained: Object.assign({}, ...all.map(each => each.retained)),
    rejected: Object.assign({}, ...all.map(each => each.rejected)),
  }
}

const stoppedBefore = 'not measured, the run was stopped before'

export function joinRounds(tool: string, kind: ProjectKind, rounds: readonly Measured[]): CaseResult {
  const of = (key: 'heap' | 'memory' | 'idle') => median(rounds.flatMap(round => round[key] ?? []))
  return {
    tool,
    kind,
    start: rounds.flatMap(round => round.startMs ?? []),
    warm: rounds.flatMap(round => round.warmMs ?? []),
    leaf: rounds.flatMap(round => round.leaf ?? []),
    hub: rounds.flatMap(round => round.hub ?? []),
    batch: rounds.flatMap(round => round.batch ?? []),
    heap: of('heap'),
    memory: of('memory'),
    idle: of('idle'),
    behaviour: rounds.find(round => round.behaviour)?.behaviour,
    failures: rounds.length > 0 ? Object.assign({}, ...rounds.map(round => round.failures)) : { start: stoppedBefore },
  }
}

export function describeKind({ shape, language, size }: ProjectKind): string {
  return `${size.toLocaleString('en')} modules, ${shape} of ${language === 'js' ? 'JavaScript' : 'TypeScript'}`
}
