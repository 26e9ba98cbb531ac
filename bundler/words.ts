// Finds a place of a text in a later form of the same text, by the words that stand around it.
import { lazily } from './lazily.js'
import { countWhile } from './places.js'

const acorn = lazily<typeof import('acorn')>('acorn')

interface Word {
  readonly start: number
  readonly text: string
}

/** The names, keywords and literals of a piece of code, without the punctuation, which formatting changes. @returns none if it is no code */
function wordsOf(code: string): Word[] {
  const words: Word[] = []
  try {
    for (const { type, start, end } of acorn().tokenizer(code, { ecmaVersion: 'latest', sourceType: 'module' }))
      if (type.keyword !== undefined || /^(?:name|num|regexp|string|template|privateId)$/.test(type.label))
        words.push({ start, text: code.slice(start, end) })
  } catch {
    return []
  }
  return words
}

/** Both texts of the newest question: a stack has many frames in the same code. */
let newest = { before: '', after: '', wordsBefore: [] as Word[], wordsAfter: [] as Word[], same: 0, sameAtEnd: 0 }

function compare(before: string, after: string): typeof newest {
  if (newest.before === before && newest.after === after) return newest
  const wordsBefore = wordsOf(before)
  const wordsAfter = wordsOf(after)
  const most = Math.min(wordsBefore.length, wordsAfter.length)
  let same = 0
  while (same < most && wordsBefore[same]!.text === wordsAfter[same]!.text) same++
  let sameAtEnd = 0
  while (sameAtEnd < most - same && wordsBefore.at(-1 - sameAtEnd)!.text === wordsAfter.at(-1 - sameAtEnd)!.text)
    sameAtEnd++
  newest = { before, after, wordsBefore, wordsAfter, same, sameAtEnd }
  return newest
}

/** @returns where an offset in a text is in a later one; undefined for what differs between the first and the last word that does */
export function placeInLater(before: string, after: string, offset: number): number | undefined {
  if (before === after) return offset
  const { wordsBefore, wordsAfter, same, sameAtEnd } = compare(before, after)
  const index = Math.max(0, countWhile(wordsBefore.length, at => wordsBefore[at]!.start <= offset) - 1)
  const fromEnd = wordsBefore.length - index
  const now = index < same ? wordsAfter[index] : fromEnd <= sameAtEnd ? wordsAfter.at(-fromEnd) : undefined
  return now && now.start + offset - wordsBefore[index]!.start
}
