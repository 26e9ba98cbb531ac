// What is known of every test: how it ended when it ran last.

/** `hook`: the title of a hook that failed. */
export interface Verdict {
  readonly state: 'passed' | 'failed' | 'pending'
  readonly title: string
}

/** What one run told of one spec. */
export type SpecVerdicts = Map<string, Verdict>

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly pending: number
}

export class Verdicts {
  readonly #specs = new Map<string, SpecVerdicts>()
  /** When a spec failed last, by a counter. */
  readonly #failedAt = new Map<string, number>()
  #clock = 0

  /** @param isPartial only some of the spec's tests ran */
  set(spec: string, verdicts: SpecVerdicts, isPartial: boolean): void {
    const before = this.#specs.get(spec)
    // A hook that failed stands for no test: it is asked again by any of them.
    const kept = isPartial && before ? [...before].filter(([, each]) => !isHook(each)) : []
    const now = new Map([...kept, ...verdicts])
    this.#specs.set(spec, now)
    if ([...verdicts.values()].some(each => each.state === 'failed')) this.#failedAt.set(spec, ++this.#clock)
    else if (![...now.values()].some(each => each.state === 'failed')) this.#failedAt.delete(spec)
  }

  forget(spec: string): void {
    this.#specs.delete(spec)
    this.#failedAt.delete(spec)
  }

  get specs(): Iterable<string> {
    return this.#specs.keys()
  }

  /** The order in which specs run: those that failed first, the newest of them first. */
  inOrder(specs: readonly string[]): string[] {
    const at = (spec: string) => this.#failedAt.get(spec) ?? 0
    return [...specs].sort((a, b) => at(b) - at(a))
  }

  get failing(): string[] {
    return this.inOrder([...this.#failedAt.keys()])
  }

  /** Whether a test failed when it ran last; of a spec where a hook failed, every test did. */
  hasFailed(spec: string, key: string): boolean {
    const verdicts = this.#specs.get(spec)
    if (!verdicts) return false
    if (verdicts.get(key)?.state === 'failed') return true
    return !verdicts.has(key) || [...verdicts.values()].some(each => isHook(each) && each.state === 'failed')
  }

  counts(): Counts {
    const counts = { passed: 0, failed: 0, pending: 0 }
    for (const verdicts of this.#specs.values()) for (const { state } of verdicts.values()) counts[state]++
    return counts
  }
}

const isHook = ({ title }: Verdict): boolean => /^"(before|after) (all|each)" hook/.test(title)
