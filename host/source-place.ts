// Where in its source an offset of a module's code is: in the file as written, or in what was typed.
import type { TraceMap } from '@jridgewell/trace-mapping'
import type { Composition } from '../bundler/compose.js'
import { lazily } from '../bundler/lazily.js'
import { countWhile, startsOfLines } from '../bundler/places.js'
import type { Place } from './errors.js'

/** What is needed to find a place in a source. */
export interface Mapped {
  readonly id: string
  readonly record: { readonly code: string }
  readonly map: string | undefined
  readonly composition?: Composition | undefined
}

const lineStartsOf = new WeakMap<object, number[]>()

/** Where the lines of a text begin. @param owner what it is remembered by */
export function lineStarts(owner: object, code: string): number[] {
  let starts = lineStartsOf.get(owner)
  if (!starts) {
    starts = startsOfLines(code)
    lineStartsOf.set(owner, starts)
  }
  return starts
}

/** Index of the last element that is not above `value`. */
export const floor = (sorted: readonly number[], value: number, stride = 1): number =>
  Math.max(0, countWhile(sorted.length / stride, index => sorted[index * stride]! <= value) - 1)

const traceMapping = lazily<typeof import('@jridgewell/trace-mapping')>('@jridgewell/trace-mapping')

const traceMaps = new WeakMap<object, TraceMap>()

/** What the places of typed text are in: `main.js?typed=3`. */
export const typedMarker = '?typed='

/** The place, in the file or in what was typed, of a place in a text that is put together from both. */
export function placeIn(id: string, composition: Composition | undefined, place: Omit<Place, 'file'>): Place {
  if (!composition) return { file: id, ...place }
  const { evaluation, line, column } = composition.originOf(place.line, place.column)
  return { file: evaluation ? `${id}${typedMarker}${evaluation.number}` : id, line, column }
}

/** The place in the source of an offset in a module's code. */
export function placeAt(module: Mapped, offset: number): Place {
  const { file, ...place } = placeInSource(module, offset)
  return placeIn(file, module.composition, place)
}

/** Where a line begins with what has no place in the source, as `(` has none, esbuild's map repeats the place before: the next one is nearer. */
function columnTold(trace: TraceMap, line: number, column: number): number {
  const mappings = traceMapping().decodedMappings(trace)
  const before = mappings[line - 1]?.at(-1)
  const [first, second] = mappings[line] ?? []
  if (!before || !first || !second || column !== first[0]) return column
  return first[2] === before[2] && first[3] === before[3] ? second[0] : column
}

function placeInSource(module: Mapped, offset: number): Place {
  const { record, map, id } = module
  const starts = lineStarts(record, record.code)
  const line = floor(starts, offset)
  const column = offset - starts[line]!
  if (map === undefined) return { file: id, line: line + 1, column: column + 1 }
  let trace = traceMaps.get(record)
  if (!trace) traceMaps.set(record, (trace = new (traceMapping().TraceMap)(map)))
  const original = traceMapping().originalPositionFor(trace, {
    line: line + 1,
    column: columnTold(trace, line, column),
  })
  return { file: id, line: original.line ?? line + 1, column: (original.column ?? column) + 1 }
}
