// Finds places in lists that are in order, and in texts.

/** How many of the first things hold, where none holds after one that does not. @param holds asks of an index below `count` */
export function countWhile(count: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** The first of a list, in order of where they start, that starts at a place or behind it. */
export const firstFrom = (list: readonly { readonly start: number }[], place: number): number =>
  countWhile(list.length, index => list[index]!.start < place)

/** Offsets at which the lines of a text begin. */
export function startsOfLines(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
