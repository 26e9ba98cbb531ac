// The table of the steady-state benchmark: a line for each program, geometric means, the worst of each column, and the verdict.
import type { Comparison, Way } from './compare.js'

/** What a column of ratios comes to. */
export interface Summary {
  readonly way: Way
  readonly mean: number
  readonly worst: number
  /** The program of the worst ratio. */
  readonly worstProgram: string
}

const columns = { name: 14, native: 10, ratio: 16 }

export function header(ways: readonly Way[]): string {
  return line(
    'benchmark',
    'native ms',
    ways.map(way => `${way.realm} ${describeReloads(way)}`),
  )
}

export function row({ name, native, ratios }: Comparison): string {
  return line(
    name,
    native.toFixed(2),
    ratios.map(ratio => ratio.toFixed(3)),
  )
}

export function footer(summaries: readonly Summary[]): string {
  const numbers = (key: 'mean' | 'worst') => summaries.map(summary => summary[key].toFixed(3))
  return [
    line('geometric mean', '', numbers('mean')),
    line('worst', '', numbers('worst')),
    line(
      '',
      '',
      summaries.map(summary => summary.worstProgram),
    ),
  ].join('\n')
}

export function summarize(ways: readonly Way[], comparisons: readonly Comparison[]): Summary[] {
  return ways.map((way, index) => {
    const ratios = comparisons.map(comparison => comparison.ratios[index]!)
    const worst = Math.max(...ratios)
    return {
      way,
      mean: Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length),
      worst,
      worstProgram: comparisons[ratios.indexOf(worst)]!.name,
    }
  })
}

/**
 * @param limits the greatest geometric mean, and the greatest ratio of a program
 * @returns a sentence for everything above its limit
 */
export function findFailures(
  summaries: readonly Summary[],
  comparisons: readonly Comparison[],
  limits: { readonly mean: number; readonly worst: number },
): string[] {
  return summaries.flatMap(({ way, mean }, index) => {
    const column = `${way.realm}, ${describeReloads(way)}`
    const slow = comparisons
      .map(({ name, ratios }) => ({ name, ratio: ratios[index]! }))
      .filter(({ ratio }) => ratio > limits.worst)
      .map(({ name, ratio }) => `${column}: ${name} takes ${ratio.toFixed(3)} of native, above ${limits.worst}`)
    if (mean <= limits.mean) return slow
    return [`${column}: the geometric mean is ${mean.toFixed(3)}, above ${limits.mean}`, ...slow]
  })
}

function describeReloads({ reloads }: Way): string {
  return reloads === 0 ? 'fresh' : `+${reloads}`
}

function line(name: string, native: string, ratios: readonly string[]): string {
  const cells = ratios.map(ratio => ratio.padStart(columns.ratio))
  return name.padEnd(columns.name) + native.padStart(columns.native) + cells.join('')
}
