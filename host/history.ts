// The texts of modules before each applied reload, for undo. Bounded.

type Texts = ReadonlyMap<string, string | null>

/** How many reloads can be undone. */
const depth = 100

export class History {
  readonly #past: Texts[] = []

  push(before: Texts): void {
    if (before.size === 0) return
    this.#past.push(before)
    if (this.#past.length > depth) this.#past.shift()
  }

  /** Takes the texts from before the last applied reload; undefined when nothing is left to undo. */
  pop(): Texts | undefined {
    return this.#past.pop()
  }
}
