// Puts back what esbuild writes otherwise than the source has it, for an edit elsewhere would change it: a local name that is also one of the
// module's gets a number (`path2`), and a member of an enum of the same file is written as its value (`80 /* Http */`). The text of an item
// that nobody touched must stay the same (R3, R5), and what an item names must be in it (R4).
import type { EncodedSourceMap, SourceMapSegment } from '@jridgewell/trace-mapping'
import { lazily } from './lazily.js'
import { namesAsWritten } from './names-as-written.js'
import { isShorthand, type Node, parse } from './parse.js'
import { countWhile, startsOfLines } from './places.js'
import { analyseScopes } from './scopes.js'

const traceMapping = lazily<typeof import('@jridgewell/trace-mapping')>('@jridgewell/trace-mapping')

/** A part of the code, within a line, that is written as another text. */
interface Change {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** `2 /* Up *\/` and `"up" /* Up *\/`. */
const inlined = /(?<![\w$.])(-?(?:\d[\w.+-]*|Infinity)|NaN|"(?:[^"\\\n]|\\.)*") \/\* ([^*\n]+) \*\//g
const enumHead = /^(?:export )?var ([\p{ID_Start}$_][\p{ID_Continue}$]*) = \/\* @__PURE__ \*\/ \(\(/gmu
const access =
  /^([\p{ID_Start}$_][\p{ID_Continue}$]*)(?:\.([\p{ID_Start}$_][\p{ID_Continue}$]*)|\[(["'])((?:(?!\3)[^\\\n])*)\3\])/u

/**
 * @param code what esbuild made of `source`
 * @param map the source map, as JSON, with names
 * @throws ParseError
 */
export function asWritten(code: string, map: string, source: string): { code: string; map: string } {
  /** Enums of the file's top level, and where they stand. */
  const enums = new Map([...code.matchAll(enumHead)].map(({ 1: name, index }) => [name!, index]))
  const json = JSON.parse(map) as EncodedSourceMap
  const values = enums.size ? [...code.matchAll(inlined)] : []
  if (json.names.length === 0 && values.length === 0) return { code, map }
  const { decodedMappings, encodedMappings, traceSegment, TraceMap } = traceMapping()
  const trace = new TraceMap(json)
  const starts = startsOfLines(code)
  const lineOf = (offset: number) => countWhile(starts.length, line => starts[line]! <= offset) - 1
  const segmentAt = (offset: number) => {
    const line = lineOf(offset)
    const column = offset - starts[line]!
    const segment = traceSegment(trace, line, column)
    return segment?.[0] === column ? segment : undefined
  }
  const names = namesAsWritten(analyseScopes(parse(code), code), offset => {
    const index = segmentAt(offset)?.[4]
    return index === undefined ? undefined : json.names[index]
  })
  const changes = [...names.renamed].map(([node, name]) => renaming(node, name))
  const sourceLines = source.split('\n')
  for (const { 0: whole, 2: member, index: start } of values) {
    const segment = segmentAt(start)
    if (segment === undefined || segment.length === 1) continue
    const match = access.exec(sourceLines[segment[2]!]!.slice(segment[3]))
    if (!match || (match[2] ?? match[4]) !== member) continue
    const declared = enums.get(match[1]!)
    // What stands above may run before it is there.
    if (declared === undefined || declared > start || names.isLocalAt(match[1]!, start)) continue
    changes.push({ start, end: start + whole.length, text: match[0] })
  }
  if (changes.length === 0) return { code, map }
  changes.sort((a, b) => a.start - b.start)
  const byLine = starts.map((): Change[] => [])
  for (const { start, end, text } of changes) {
    const line = lineOf(start)
    byLine[line]!.push({ start: start - starts[line]!, end: end - starts[line]!, text })
  }
  return {
    code: rewritten(code, changes),
    map: JSON.stringify({
      ...json,
      mappings: encodedMappings(new TraceMap({ ...json, mappings: moved(decodedMappings(trace), byLine) })),
    }),
  }
}

/** A name by itself may be two: `{ path2 }` has a key as well, which stays. */
function renaming(node: Node, name: string): Change {
  const { start, end, name: was, parent } = node
  if (isShorthand(node)) return { start, end, text: `${was}: ${name}` }
  if (parent!.type === 'ExportSpecifier' && parent!.exported.start === start)
    return { start, end, text: `${name} as ${was}` }
  return { start, end, text: name }
}

function rewritten(code: string, changes: readonly Change[]): string {
  let text = ''
  let at = 0
  for (const { start, end, text: now } of changes) {
    text += code.slice(at, start) + now
    at = end
  }
  return text + code.slice(at)
}

function moved(
  mappings: readonly (readonly SourceMapSegment[])[],
  changes: readonly (readonly Change[])[],
): SourceMapSegment[][] {
  return mappings.map((segments, line) => {
    const list = changes[line]!
    if (list.length === 0) return [...segments]
    let next = 0
    let by = 0
    return segments.map(([column, ...rest]) => {
      for (; next < list.length && list[next]!.start < column; next++) {
        const { start, end, text } = list[next]!
        by += text.length - (end - start)
      }
      return [column + by, ...rest] as SourceMapSegment
    })
  })
}
