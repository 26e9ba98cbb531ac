// "Did you mean …?": the name most like a mistyped one.

/**
 * The candidate nearest to `name`, or undefined when none is near: as many as a third of its characters may differ, at
 * least one and at most three; upper and lower case count as equal.
 */
export function similar(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Math.min(3, Math.max(1, Math.floor(name.length / 3))) + 1
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= least) continue
    const difference = distance(name.toLowerCase(), candidate.toLowerCase())
    if (difference < least) {
      least = difference
      nearest = candidate
    }
  }
  return nearest
}

/** Edits between two words: insert, delete, replace (Levenshtein's), and a swap of neighbours as one (Damerau's). */
function distance(from: string, to: string): number {
  let before: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let least = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (same ? 0 : 1))
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        least = Math.min(least, before[column - 2]! + 1)
      current.push(least)
    }
    before = previous
    previous = current
  }
  return previous[to.length]!
}
