// The slope of a line through noisy points: the median over all pairs (Theil–Sen), so that a sample that is off by far decides nothing.

/** @param points pairs of x and y, two at least @returns y per x */
export function slope(points: readonly (readonly [number, number])[]): number {
  const slopes = points.flatMap(([x, y], index) =>
    points.slice(index + 1).map(([otherX, otherY]) => (otherY - y) / (otherX - x)),
  )
  slopes.sort((left, right) => left - right)
  const middle = slopes.length >> 1
  return slopes.length % 2 === 1 ? slopes[middle]! : (slopes[middle - 1]! + slopes[middle]!) / 2
}

/**
 * How much a measure grows that comes in waves: from the least of the first third of its points to the least of the last third. Newer V8s
 * keep a megabyte more or less for a while, in the order of weak lists that grow and shrink; what is kept for good stays below that.
 * @param points pairs of x and y by rising x, three at least @returns y per x
 */
export function growth(points: readonly (readonly [number, number])[]): number {
  const third = Math.floor(points.length / 3)
  const [first, last] = [points.slice(0, third), points.slice(-third)]
  const least = (of: typeof first) => Math.min(...of.map(([, y]) => y))
  return (least(last) - least(first)) / (last[0]![0] - first[0]![0])
}
