// Source maps for debuggers: regrow maps stacks itself, but a debugger must be told where compiled code came from.
import inspector from 'node:inspector'
import { lazily } from '../bundler/lazily.js'
import { type MappedCode, tokenOf } from '../bundler/output.js'
import { lineStarts, type Mapped, placeAt } from './source-place.js'

const genMapping = lazily<typeof import('@jridgewell/gen-mapping')>('@jridgewell/gen-mapping')

/** Whether a debugger may ask: the process listens for one (`node --inspect`, `inspector.open()`, SIGUSR1). */
export const isInspected = (): boolean => inspector.url() !== undefined

/** Where a debugger can stop: words and signs. */
const token = /[\p{ID_Continue}$]+|[^\s\p{ID_Continue}$]/gu

/**
 * @param mapped what the text's segments lead to
 * @param url of the module's file
 * @param source its text
 * @returns the comment that ends a compiled text, and holds its map
 */
export function sourceMapComment(mapped: Mapped, url: string, source: string, { code, segments }: MappedCode): string {
  const { addMapping, GenMapping, setSourceContent, toEncodedMap } = genMapping()
  const map = new GenMapping({ file: url })
  setSourceContent(map, url, source)
  const starts = lineStarts(segments, code)
  let line = 0
  const add = (offset: number, original: number) => {
    while (line + 1 < starts.length && starts[line + 1]! <= offset) line++
    const generated = { line: line + 1, column: offset - starts[line]! }
    if (original === -1) {
      addMapping(map, { generated })
      return
    }
    const place = placeAt(mapped, original)
    addMapping(map, { generated, source: url, original: { line: place.line, column: place.column - 1 } })
  }
  for (let index = 0; index < segments.length; index += 2) {
    const [from, original] = [segments[index]!, segments[index + 1]!]
    const text = code.slice(from, segments[index + 2] ?? code.length)
    add(from, tokenOf(original) ?? original)
    if (original < 0) continue
    for (const { index: at } of text.matchAll(token)) if (at > 0) add(from + at, original + at)
  }
  const json = Buffer.from(JSON.stringify(toEncodedMap(map))).toString('base64')
  return `\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${json}`
}
