// In what the sources differ from the version that runs, since a reload was rejected.
import type { ReloadReport } from './api.js'
import type { Parts } from './parts.js'

export class Drift {
  /** The rejected report that still stands. */
  report: ReloadReport | undefined
  readonly #parts: Parts
  readonly #pending = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Ids that differ from the running version, or that it wanted: the next reload looks at them as well. */
  get pending(): ReadonlySet<string> {
    return this.#pending
  }

  /** @param ids it looked at @param wanted would have mended it */
  rejected(report: ReloadReport, ids: ReadonlySet<string>, wanted: readonly string[]): void {
    this.#pending.clear()
    for (const id of [...ids, ...wanted])
      if (this.#parts.graph.modules.has(id) ? this.#differs(id) : wanted.includes(id)) this.#pending.add(id)
    this.report = report
  }

  clear(): void {
    this.#pending.clear()
    this.report = undefined
  }

  /** Modules went back to another version: they differ no more. */
  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#pending.delete(id)
    // What is left was wanted by modules that are others now.
    if (![...this.#pending].some(id => this.#parts.graph.modules.has(id))) this.clear()
  }

  #differs(id: string): boolean {
    try {
      return this.#parts.builder.read(id) !== this.#parts.graph.modules.get(id)!.source
    } catch {
      return true
    }
  }
}
