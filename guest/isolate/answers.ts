// The last answers, for when isolated-vm throws in their place: it does so where a promise was rejected that nobody handles.
import { mapDelete, mapGet, mapSet, NativeMap } from '../primordials.js'

/** How many are kept, and of how many characters in all; the last one always. */
const most = 100
const mostCharacters = 200_000

export interface Answers {
  keep(id: number, text: string): void
  /** @returns undefined for an entry that did not come to its end */
  take(id: number): string | undefined
}

export function createAnswers(): Answers {
  const texts = new NativeMap<number, string>()
  /** Ids in the order that they were kept in. */
  const ids = new NativeMap<number, number>()
  let first = 0
  let next = 0
  let characters = 0

  function drop(id: number): void {
    const text = mapGet(texts, id)
    if (text === undefined) return
    characters -= text.length
    mapDelete(texts, id)
  }

  return {
    keep(id, text) {
      drop(id)
      while (first < next && (next - first >= most || characters + text.length > mostCharacters)) {
        drop(mapGet(ids, first)!)
        mapDelete(ids, first++)
      }
      mapSet(ids, next++, id)
      mapSet(texts, id, text)
      characters += text.length
    },
    take: id => mapGet(texts, id),
  }
}
