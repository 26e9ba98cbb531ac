// Every error regrow throws or reports, with its code. The texts stand where the errors are made; docs/api.md lists the codes.
import { lazily } from '../bundler/lazily.js'

const codeFrame = lazily<typeof import('@babel/code-frame')>('@babel/code-frame')

/** What went wrong, in Node's style of codes. */
export type RegrowErrorCode =
  | 'ERR_REGROW_BUILD'
  | 'ERR_REGROW_LINK'
  | 'ERR_REGROW_EVALUATE'
  | 'ERR_REGROW_DISPOSE'
  | 'ERR_REGROW_DECLINED'
  | 'ERR_REGROW_DENIED'
  | 'ERR_REGROW_TIMEOUT'
  | 'ERR_REGROW_MEMORY'
  | 'ERR_REGROW_EXIT'
  | 'ERR_REGROW_CLOSED'
  | 'ERR_REGROW_OPTION'

/** A place in a source file. `line` counts from 1, `column` from 1, as editors and stack traces do. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A place as messages tell it. */
export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

const brand = Symbol.for('regrow.error')

/** Thrown for misuse, and carried by reports for what a guest did wrong. */
export class RegrowError extends Error {
  readonly code: RegrowErrorCode
  /** Module id or path of the file at fault, when one is known. */
  file?: string
  line?: number
  column?: number
  /** The lines around the place, with a marker under it. */
  frame?: string

  constructor(
    code: RegrowErrorCode,
    message: string,
    options: { cause?: unknown; place?: Place; file?: string; frame?: string } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'RegrowError'
    this.code = code
    Object.defineProperty(this, brand, { value: true })
    if (options.place) {
      this.file = options.place.file
      this.line = options.place.line
      this.column = options.place.column
    } else if (options.file !== undefined) this.file = options.file
    if (options.frame !== undefined) this.frame = options.frame
  }

  /** Whether a value is an error of regrow's, also one made by another copy of the package or in another realm. */
  static is(value: unknown): value is RegrowError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
  }
}

/** Longest source line shown whole in a frame, in characters; a longer one is left out (minified code says nothing). */
const longestFrameLine = 400

const linesAround = 2

/** The offset of a line, counted from 1; the end of the source for one that it does not have. */
function startOfLine(source: string, line: number): number {
  let at = 0
  for (let count = 1; count < line; count++) {
    const next = source.indexOf('\n', at)
    if (next === -1) return source.length + 1
    at = next + 1
  }
  return at
}

/** Renders the lines around a place of `source`, marked, without colour. */
export function frameAt(source: string, place: Pick<Place, 'line' | 'column'>): string | undefined {
  const first = Math.max(1, place.line - linesAround)
  // The lines of a long source are not worth making for the sake of five.
  const around = source.slice(startOfLine(source, first), startOfLine(source, place.line + linesAround + 1))
  const line = around.split('\n')[place.line - first]
  if (line === undefined || line.length > longestFrameLine) return undefined
  // The types do not know `startLine` yet.
  const options = { linesAbove: linesAround, linesBelow: linesAround, highlightCode: false, startLine: first }
  return codeFrame().codeFrameColumns(around, { start: { line: place.line, column: place.column } }, options)
}
