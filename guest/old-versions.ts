// Implementations that reloads have replaced (R10): the kernel lets go of them, and counts how many the program still holds.
import { deref, NativeWeakRef, push } from './primordials.js'

export interface VersionCounts {
  /** Something still holds them, such as a call in flight, or no collection has come. */
  readonly live: number
  readonly collected: number
}

export class OldVersions {
  #references: WeakRef<object>[] = []
  #collected = 0
  #sweepAt = 64

  add(replaced: readonly object[]): void {
    for (let index = 0; index < replaced.length; index++) push(this.#references, new NativeWeakRef(replaced[index]!))
    if (this.#references.length < this.#sweepAt) return
    this.#sweep()
    this.#sweepAt = 64 + this.#references.length * 2
  }

  counts(): VersionCounts {
    this.#sweep()
    return { live: this.#references.length, collected: this.#collected }
  }

  #sweep(): void {
    const alive: WeakRef<object>[] = []
    for (let index = 0; index < this.#references.length; index++) {
      const reference = this.#references[index]!
      if (deref(reference)) push(alive, reference)
      else this.#collected++
    }
    this.#references = alive
  }
}
