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
 * How much a measure grows that comes in waves: from the least of the first half of its points to the least of the second. Newer V8s keep a
 * megabyte more or less for a while, without any growth; what is kept for good raises the least, too.
 * @param points pairs of x and y by rising x, two at least @returns y per x
 */
export function growth(points: readonly (readonly [number, number])[]): number {
  const half = points.length >> 1
  const [first, second] = [points.slice(0, half), points.slice(-half)]
  const least = (of: typeof first) => Math.min(...of.map(([, y]) => y))
  return (least(second) - least(first)) / (second[0]![0] - first[0]![0])
}
