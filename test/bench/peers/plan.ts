// Which projects are measured, how often, and with how many saves.
import type { Wanted } from './measure.js'
import type { ProjectKind } from './project.js'

export interface Case {
  readonly kind: ProjectKind
  readonly rounds: number
  readonly wanted: Wanted
}

export interface Plan {
  readonly cases: readonly Case[]
  /** Reloads for the heap, none to leave that out, and the milliseconds that a peer gets for them. */
  readonly reloads: number
  readonly reloadsMs: number
}

/** Trees of JavaScript in all sizes; the other kinds in this one. */
const middle = 1000
const sizes = [10, 100, middle, 10_000]
const quickSizes = [10, 100]

export const parts = ['trees', 'kinds', 'heap'] as const
export type Part = (typeof parts)[number]

export interface PlanOptions {
  readonly sizes?: readonly number[]
  /** Sessions of each tool in each project. */
  readonly rounds?: number
  readonly parts?: readonly Part[]
  readonly quick: boolean
}

export function createPlan(options: PlanOptions): Plan {
  const { quick } = options
  const isWanted = (part: Part) => options.parts?.includes(part) ?? (part !== 'kinds' || !quick)
  const wanted = options.sizes ?? (quick ? quickSizes : sizes)
  const other = wanted.includes(middle) ? middle : Math.max(...wanted)
  const trees = wanted.map(size => ({ shape: 'tree', language: 'js', size }) as const)
  const kinds = [
    { shape: 'layered', language: 'js', size: other },
    { shape: 'tree', language: 'ts', size: other },
    { shape: 'layered', language: 'ts', size: other },
  ] as const
  // The largest last: they take longest, and a run can be stopped.
  const cases = [...(isWanted('trees') ? trees : []), ...(isWanted('kinds') ? kinds : [])]
    .map(kind => createCase(kind, options))
    .sort((left, right) => left.kind.size - right.kind.size)
  return { cases, reloads: !isWanted('heap') ? 0 : quick ? 2000 : 10_000, reloadsMs: quick ? 4000 : 25_000 }
}

function createCase(kind: ProjectKind, { rounds, quick }: PlanOptions): Case {
  const isMain = kind.shape === 'tree' && kind.language === 'js'
  const isLarge = kind.size > 5000
  return {
    kind,
    rounds: rounds ?? (quick || !isMain || isLarge ? 1 : 2),
    wanted: {
      leaf: quick ? 4 : 40,
      hub: quick ? 3 : 6,
      batch: quick ? 2 : 5,
      enough: quick ? 1000 : 8000,
      idle: isMain && kind.size === middle,
      behaviour: isMain && kind.size < 50 && !quick,
      startDeadline: quick ? 30_000 : 90_000,
      liveDeadline: isLarge ? 30_000 : quick ? 4000 : 8000,
    },
  }
}
