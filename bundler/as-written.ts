// Puts back what esbuild writes otherwise than the source has it, for an edit elsewhere would change it: a local name that is also one of the
// module's gets a number (`path2`), and a member of an enum of the same file is written as its value (`80 /* Http */`). The text of an item
// that nobody touched must stay the same (R3, R5), and what an item names must be in it (R4).
import type { EncodedSourceMap, SourceMapSegment } from '@jridgewell/trace-mapping'
import { lazily } from './lazily.js'

const traceMapping = lazily<typeof import('@jridgewell/trace-mapping')>('@jridgewell/trace-mapping')

/** One line's part that is written as another text. Columns. */
interface Change {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** `2 /* Up *\/` and `"up" /* Up *\/`. */
const inlined = /(?<![\w$.])(-?(?:\d[\w.+-]*|Infinity)|NaN|"(?:[^"\\\n]|\\.)*") \/\* ([^*\n]+) \*\//g
const enumHead = /^(?:export )?var ([\p{ID_Start}$_][\p{ID_Continue}$]*) = \/\* @__PURE__ \*\/ \(\(/u
const access =
  /^([\p{ID_Start}$_][\p{ID_Continue}$]*)(?:\.([\p{ID_Start}$_][\p{ID_Continue}$]*)|\[(["'])((?:(?!\3)[^\\\n])*)\3\])/u
/** A name that ends with a number, and is no property. */
const numbered = /(?<![\p{ID_Continue}$.])[\p{ID_Start}$_][\p{ID_Continue}$]*\d(?![\p{ID_Continue}$])/gu
const word = /[\p{ID_Continue}$]*/uy

/**
 * @param code what esbuild made of `source`
 * @param map the source map, as JSON, with names
 */
export function asWritten(code: string, map: string, source: string): { code: string; map: string } {
  const lines = code.split('\n')
  const enums = new Map<string, number>()
  for (const [line, text] of lines.entries()) {
    const name = enumHead.exec(text)?.[1]
    if (name !== undefined) enums.set(name, line)
  }
  const json = JSON.parse(map) as EncodedSourceMap
  if (json.names.length === 0 && enums.size === 0) return { code, map }
  const { decodedMappings, encodedMappings, TraceMap } = traceMapping()
  const mappings = decodedMappings(new TraceMap(json))
  const sourceLines = source.split('\n')
  const changes = lines.map((): Change[] => [])
  restoreNames(lines, mappings, json.names, sourceLines, namesMadeUp(code), changes)
  if (enums.size) restoreEnums(lines, mappings, sourceLines, enums, changes)
  if (changes.every(each => each.length === 0)) return { code, map }
  for (const each of changes) each.sort((a, b) => a.start - b.start)
  return {
    code: lines.map((line, index) => rewritten(line, changes[index]!)).join('\n'),
    map: JSON.stringify({
      ...json,
      mappings: encodedMappings(new TraceMap({ ...json, mappings: moved(mappings, changes) })),
    }),
  }
}

/** Names that are not the source's: another of the name must keep its number. */
function namesMadeUp(code: string): (name: string) => boolean {
  const found = new Set<string>()
  for (const [, list] of code.matchAll(/^import \{([^}]*)\} from "[^"]*\/jsx(?:-dev)?-runtime";$/gm))
    for (const each of list!.split(',')) found.add(each.trim().replace(/.* as /, ''))
  for (const [, list] of code.matchAll(/^var (_[^;=]*);$/gm))
    for (const each of list!.split(',')) found.add(each.trim())
  return name => name.startsWith('__') || found.has(name)
}

interface Renamed extends Change {
  readonly line: number
  /** The name with its number. */
  readonly was: string
}

function restoreNames(
  lines: readonly string[],
  mappings: readonly (readonly SourceMapSegment[])[],
  names: readonly string[],
  sourceLines: readonly string[],
  isMadeUp: (name: string) => boolean,
  changes: readonly Change[][],
): void {
  /** The parameters of enums and namespaces, by what they are of: code inside reads through them, so nothing else there may have that name. */
  const wrappers = new Map<string, Set<string>>()
  const found = new Map<string, Renamed[]>()
  const add = (was: string, line: number, start: number, text: string) => {
    if (!found.has(was)) found.set(was, [])
    found.get(was)!.push({ line, start, end: start + was.length, text, was })
  }
  for (const [line, segments] of mappings.entries()) {
    for (const segment of segments) {
      const name = segment.length > 4 ? names[segment[4]!] : undefined
      if (name === undefined || isMadeUp(name)) continue
      const start = segment[0]
      const was = wordAt(lines[line]!, start)
      if (!was.startsWith(name) || !/^\d+$/.test(was.slice(name.length))) continue
      add(was, line, start, name)
      // `Up2[Up2["a"] = 1] = "a"`
      if (lines[line]!.startsWith(`${was}[${was}[`, start)) add(was, line, start + was.length + 1, name)
      if (lines[line]!.startsWith('((', start - 2) && lines[line]!.startsWith(') => {', start + was.length)) {
        if (!wrappers.has(name)) wrappers.set(name, new Set())
        wrappers.get(name)!.add(was)
      }
    }
  }
  dropUnsure(found, lines, mappings, sourceLines)
  for (const list of found.values()) {
    for (const { line, was, ...change } of list) {
      const own = wrappers.get(change.text)
      if (!own || own.has(was)) changes[line]!.push(change)
    }
  }
}

const wordAt = (line: string, start: number): string => {
  word.lastIndex = start
  return word.exec(line)?.[0] ?? ''
}

/** A name stays as it is where it also stands at a place of which the map does not tell, unless the source has it like that: it may be text. */
function dropUnsure(
  found: Map<string, Renamed[]>,
  lines: readonly string[],
  mappings: readonly (readonly SourceMapSegment[])[],
  sourceLines: readonly string[],
): void {
  const known = new Set<string>()
  for (const list of found.values()) for (const { line, start } of list) known.add(`${line}:${start}`)
  for (const [line, text] of lines.entries()) {
    for (const { 0: name, index } of text.matchAll(numbered)) {
      if (!found.has(name) || known.has(`${line}:${index}`)) continue
      const segment = mappings[line]!.find(each => each[0] === index)
      const isWritten =
        segment !== undefined && segment.length > 1 && wordAt(sourceLines[segment[2]!] ?? '', segment[3]!) === name
      if (!isWritten) found.delete(name)
    }
  }
}

/** @param enums those of the file's top level, with their lines: what stands above may run before they are there */
function restoreEnums(
  lines: readonly string[],
  mappings: readonly (readonly SourceMapSegment[])[],
  sourceLines: readonly string[],
  enums: ReadonlyMap<string, number>,
  changes: readonly Change[][],
): void {
  for (const [line, text] of lines.entries()) {
    for (const { 0: whole, 2: member, index: start } of text.matchAll(inlined)) {
      const segment = mappings[line]!.find(each => each[0] === start)
      if (segment === undefined || segment.length < 4) continue
      const match = access.exec(sourceLines[segment[2]!]!.slice(segment[3]))
      if (!match || (match[2] ?? match[4]) !== member) continue
      const declared = enums.get(match[1]!)
      if (declared === undefined || declared > line) continue
      changes[line]!.push({ start, end: start + whole.length, text: match[0] })
    }
  }
}

function rewritten(line: string, changes: readonly Change[]): string {
  let text = ''
  let at = 0
  for (const { start, end, text: now } of changes) {
    text += line.slice(at, start) + now
    at = end
  }
  return text + line.slice(at)
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
