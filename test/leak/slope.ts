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
 * How much a measure grows all the time: the least of the slopes of all points and of either half. Newer V8s keep a megabyte more or less
 * for a while, and every V8 takes something once at some time; what each step keeps shows in all three.
 * @param points by rising x, four at least @returns y per x
 */
export function growth(points: readonly (readonly [number, number])[]): number {
  const half = points.length >> 1
  return Math.min(...[points, points.slice(0, half), points.slice(-half)].map(slope))
}
