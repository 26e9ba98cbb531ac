// State in memory that an edit must not lose: a private field of an instance that lives as long as the process.
export class Counter {
  #count = 0
  readonly startedAt = new Date().toISOString()

  add(step: number): void {
    this.#count += step
  }

  get total(): number {
    return this.#count
  }

  describe(): string {
    return this.#count === 1 ? 'once' : `${this.#count} times`
  }
}
