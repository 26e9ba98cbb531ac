// Writes generated code piece by piece, and remembers which piece came from where.

/**
 * Generated offset and source offset, pairwise, ascending by generated offset; -1 stands for code of ours. Where a piece stands as a whole
 * for one token, it has `-2 - offset` instead.
 */
export type Segments = readonly number[]

/** The offset of the token that a piece stands for as a whole; undefined for other pieces. */
export const tokenOf = (source: number): number | undefined => (source < -1 ? -2 - source : undefined)

/** Code, and where it comes from. */
export interface MappedCode {
  readonly code: string
  readonly segments: Segments
}

/** Text under way. Source ranges may be written in any order and more than once, which rules out one MagicString. */
export class Output {
  readonly #parts: string[] = []
  readonly #segments: number[] = []
  #length = 0
  #isOurs = false

  /** Adds text of ours. */
  raw(text: string): this {
    if (!text) return this
    if (!this.#isOurs) this.#segments.push(this.#length, -1)
    this.#isOurs = true
    return this.#push(text)
  }

  /** Adds text that stands at `start` of the source. */
  source(text: string, start: number): this {
    if (!text) return this
    this.#segments.push(this.#length, start)
    this.#isOurs = false
    return this.#push(text)
  }

  /** Adds text that stands for the token at `start` of the source. */
  token(text: string, start: number): this {
    if (!text) return this
    this.#segments.push(this.#length, -2 - start)
    this.#isOurs = false
    return this.#push(text)
  }

  #push(text: string): this {
    this.#parts.push(text)
    this.#length += text.length
    return this
  }

  get segments(): Segments {
    return this.#segments
  }

  /** Adds text of ours before all else. */
  prepend(text: string): void {
    this.#parts.unshift(text)
    this.#length += text.length
    for (let index = 0; index < this.#segments.length; index += 2) this.#segments[index]! += text.length
    this.#segments.unshift(0, -1)
  }

  toString(): string {
    return this.#parts.join('')
  }
}
