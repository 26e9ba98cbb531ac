// How values cross the wall of an isolate: as JSON in which strings, booleans, null and most numbers stand for themselves, and
// everything else is an array that begins with a tag. Both sides write and read it; neither hands out anything of its own.

/** The tags, with what follows each. Objects are counted as they begin, so that `again` can name an earlier one by its number. */
export const tag = {
  /** nothing */
  undefined: 'u',
  /** `NaN`, `Infinity`, `-Infinity` or `-0` as text */
  number: 'n',
  /** digits */
  bigint: 'b',
  /** the elements */
  array: '[',
  /** nothing: an element that is not there */
  hole: 'h',
  /** keys and values in turn */
  object: '{',
  /** milliseconds, or null */
  date: 'd',
  /** source, flags */
  regexp: 'r',
  /** keys and values in turn */
  map: 'm',
  /** the values */
  set: 's',
  /** constructor, name, message, stack and code, each perhaps null; then perhaps the text of its cause */
  error: 'e',
  /** the constructor's name, the bytes in base64 */
  bytes: 'y',
  /** number in the table of the side that owns it, name */
  function: 'f',
  /** number of the object */
  again: '#',
} as const

/** The first character of an answer. */
export const answer = {
  /** a value follows */
  value: '+',
  /** what was thrown follows, as a value */
  thrown: '-',
  /** a message follows: a limit on what may cross was passed */
  limit: '!',
  /** the number of a promise follows, which is settled later */
  promise: '~',
  /** nothing follows: the answer comes later */
  later: '.',
  /** there is no such export, or it is no function: its type follows */
  missing: '?',
} as const

/** Before the name that a granted package is imported by. */
export const packageScheme = 'package:'

/** Bounds on one value that crosses. */
export interface CrossingLimits {
  readonly depth: number
  readonly nodes: number
  /** Characters of the text that crosses. */
  readonly characters: number
}

/** How errors are named that a realm has a constructor for. */
export const errorTypes = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError']

/** Constructors of views on bytes, and `ArrayBuffer`. */
export const byteTypes = [
  'ArrayBuffer',
  'DataView',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]
