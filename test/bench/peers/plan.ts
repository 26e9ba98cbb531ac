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
  /** Reloads for the heap, and the milliseconds that a peer gets for them. */
  readonly reloads: number
  readonly reloadsMs: number
}

/** Trees of JavaScript in all sizes; the other kinds in this one. */
const middle = 1000
const sizes = [10, 100, middle, 10_000]
const quickSizes = [10, 100]

/** @param options.rounds sessions of each tool in each project */
export function createPlan(options: { sizes?: readonly number[]; rounds?: number; quick: boolean }): Plan {
  const { quick } = options
  const wanted = options.sizes ?? (quick ? quickSizes : sizes)
  const trees = wanted.map(size => createCase({ shape: 'tree', language: 'js', size }, options))
  const other = wanted.includes(middle) ? middle : Math.max(...wanted)
  const others = (
    [
      { shape: 'layered', language: 'js', size: other },
      { shape: 'tree', language: 'ts', size: other },
      { shape: 'layered', language: 'ts', size: other },
    ] as const
  ).map(kind => createCase(kind, options))
  // The largest last: they take longest, and a run can be stopped.
  const cases = [...trees, ...(quick ? [] : others)].sort((left, right) => left.kind.size - right.kind.size)
  return { cases, reloads: quick ? 2000 : 10_000, reloadsMs: quick ? 4000 : 25_000 }
}

function createCase(kind: ProjectKind, { rounds, quick }: { rounds?: number; quick: boolean }): Case {
  const isMain = kind.shape === 'tree' && kind.language === 'js'
  const isLarge = kind.size > 5000
  return {
    kind,
    rounds: rounds ?? (quick || !isMain || isLarge ? 1 : 2),
    wanted: {
      leaf: quick ? 4 : isMain && !isLarge ? 12 : 20,
      hub: quick ? 3 : 6,
      batch: quick ? 2 : 5,
      enough: quick ? 1000 : 3000,
      idle: isMain && kind.size === middle,
      behaviour: isMain && kind.size < 50 && !quick,
      startDeadline: quick ? 30_000 : 90_000,
      liveDeadline: isLarge ? 30_000 : quick ? 4000 : 8000,
    },
  }
}
