// Medians and percentiles of few numbers.

/** @returns undefined when there are none */
export function median(values: readonly number[]): number | undefined {
  return percentile(values, 0.5)
}

/** The nearest rank. @param part 0 to 1 */
export function percentile(values: readonly number[], part: number): number | undefined {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
}
