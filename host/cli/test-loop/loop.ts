// The loop of `regrow test`: a save patches the program and executes the specs it reaches, whole, under a new root of mocha's; then these run.
// Longer than most: what is due, what was evaluated and what runs change together.
import { existsSync } from 'node:fs'
import type { ReloadReport } from '../../api.js'
import { clock } from '../../clock.js'
import type { RegrowError } from '../../errors.js'
import { settle } from '../../options.js'
import { RunningProgram } from '../../program.js'
import type { SeenChange } from '../../program-hooks.js'
import { createIsolatePool } from '../../realms/isolate/pool.js'
import { Collection, type RootHook, type SetupExports } from './collection.js'
import type { MochaPackage } from './mocha.js'
import type { TestOptions } from './options.js'
import { reachOf } from './reach.js'
import { type Failure, keyOf, type Run, startRun } from './run.js'
import type { Specs } from './specs.js'
import { type Verdict, Verdicts } from './verdicts.js'

export interface LoopOptions {
  readonly mocha: MochaPackage
  readonly options: TestOptions
  readonly specs: Specs
  readonly watch: boolean
  readonly onReload: (report: ReloadReport, facts: ReloadFacts) => void
  /** A run has ended that was not cut short. */
  readonly onRun: (result: RunResult) => void
  /** A test has failed: what it gives is waited for, and then the test runs again. */
  readonly onFailure?: ((failure: Failure) => Promise<void>) | undefined
  /** Nothing runs: specs that say `only` hold the others back. */
  readonly onHeldBack: (specs: number) => void
  /** A module could not be evaluated a second time: the program is started anew. */
  readonly onAfresh: (error: RegrowError) => void
  readonly onError: (error: unknown) => void
}

export interface ReloadFacts {
  /** Modules that are shown: those that changed, came or went. */
  readonly shown: (id: string) => boolean
  /** How many specs it reaches. */
  readonly reached: number
  readonly drift: boolean
  readonly isStart: boolean
}

export interface RunResult {
  readonly specs: number
  readonly failures: readonly Failure[]
  /** As mocha counts them. */
  readonly failureCount: number
  /** Milliseconds since the first sign of the save that brought it; undefined when none did. */
  readonly sinceSave: number | undefined
}

/** No file has this name. */
const entry = '.regrow-test.mjs'

export class TestLoop {
  readonly verdicts = new Verdicts()
  readonly #options: LoopOptions
  #program!: RunningProgram
  #collection!: Collection
  #run: Run | undefined
  /** Specs that have to run. */
  readonly #due = new Set<string>()
  /** Specs that ran not because another one says `only`. */
  readonly #heldBack = new Set<string>()
  /** Specs that ran not because an earlier one failed and mocha was to stop there. */
  readonly #postponed = new Set<string>()
  /** Specs that say `only`. */
  readonly #only = new Set<string>()
  /** Modules besides the specs that declare suites, tests or hooks. */
  readonly #declaring = new Set<string>()
  readonly #hooks = new Map<string, readonly RootHook[]>()
  /** Of what is due, run only tests that failed when they ran last. */
  #failedOnly = false
  /** Settles when the person has left the failing test that they looked into. */
  #visit: Promise<void> | undefined
  /** The test that they looked into runs again. */
  #again: Failure | undefined
  /** A reload that files or texts bring is under way: not one that was typed. */
  #isReloading = false
  #pattern: RegExp | undefined
  #reached: ReturnType<typeof reachOf> | undefined
  #changed: readonly string[] = []
  #known = new Set<string>()
  #working: Promise<void> | undefined
  #isStarting = true
  #isClosed = false
  #savedAt: number | undefined
  #rootHooks: Mocha.RootHookObject[] = []
  /** Undefined until the global setup was run. */
  #teardowns: (() => unknown)[] | undefined
  readonly #fixture = {}

  constructor(options: LoopOptions) {
    this.#options = options
  }

  get program(): RunningProgram {
    return this.#program
  }

  get pattern(): RegExp | undefined {
    return this.#pattern
  }

  /** Loads all specs, and begins to run them. @see idle */
  async start(): Promise<ReloadReport> {
    const { options, specs, watch, onError } = this.#options
    this.#isStarting = true
    this.#known = new Set()
    this.#hooks.clear()
    this.#only.clear()
    this.#heldBack.clear()
    const settings = settle({ root: options.root, realm: 'main', watch, cache: options.cache })
    const program = new RunningProgram(entry, settings, createIsolatePool(), () => {}, {
      texts: { [entry]: '' },
      beforeReload: () => this.#beforeReload(),
      textsFor: ids => this.#textsFor(ids),
      alsoWhole: change => this.#alsoWhole(change),
      afterReload: (report, executed) => {
        if (program !== this.#program || this.#isClosed) return
        if (executed === undefined) this.#reloaded(report)
        else if (report.outcome !== 'rejected') this.#took(executed)
      },
    })
    this.#program = program
    this.#renew()
    await program.start()
    program.on('error', onError)
    return program.update({ [entry]: specs.text })
  }

  /** Resolves once nothing is due. */
  async idle(): Promise<void> {
    await this.#working
  }

  /** Starts the program anew, and runs all. */
  async restart(): Promise<void> {
    await this.#run?.cancel()
    await this.#program.close()
    this.#pattern = undefined
    await this.start()
  }

  async runAll(): Promise<void> {
    await this.runMatching(undefined)
  }

  async runFailed(): Promise<void> {
    await this.#ask(this.verdicts.failing, true)
  }

  /** Runs the tests whose full titles match, here and after every save; all for an undefined pattern. */
  async runMatching(pattern: RegExp | undefined): Promise<void> {
    this.#pattern = pattern
    const all = [...this.#known].filter(id => this.#isSpec(id))
    await this.#ask(all, false)
  }

  /** Looks for spec files that have come. */
  async lookForSpecs(): Promise<void> {
    if (!this.#isClosed && this.#options.specs.refresh())
      await this.#program.update({ [entry]: this.#options.specs.text })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#run?.cancel()
    for (const each of this.#teardowns ?? []) await each.call(this.#fixture)
    await this.#program.close()
  }

  get drift(): ReloadReport | undefined {
    return this.#program.drift
  }

  async #ask(specs: readonly string[], failedOnly: boolean): Promise<void> {
    await this.#run?.cancel()
    await this.#working
    if (this.#isClosed) return
    for (const id of specs) this.#due.add(id)
    this.#failedOnly = failedOnly
    this.#savedAt = undefined
    await this.#work()
  }

  #isSpec(id: string): boolean {
    return this.#options.specs.has(id) || this.#declaring.has(id)
  }

  #renew(): void {
    const { mocha, options } = this.#options
    const program = this.#program
    this.#collection = new Collection(mocha, options.mocha, () => program.evaluating)
  }

  async #beforeReload(): Promise<void> {
    await this.#run?.cancel()
    this.#isReloading = true
    this.#reached = undefined
    this.#changed = []
    if (this.#collection.evaluated.size > 0) this.#renew()
  }

  /** A spec that is gone is no longer imported. */
  #textsFor(ids: ReadonlySet<string>): Record<string, string> {
    const { specs } = this.#options
    const isGone = [...ids].some(id => specs.has(id) && !existsSync(specs.path(id))) && specs.refresh()
    return isGone ? { [entry]: specs.text } : {}
  }

  #alsoWhole(change: SeenChange): readonly string[] {
    if (!this.#isReloading) return []
    const reach = reachOf(change, id => this.#isSpec(id))
    this.#reached = reach
    this.#changed = change.changed
    return [...reach.stale, ...this.#specsIn(reach.modules)]
  }

  /** The specs among modules; what is loaded before them reaches all. */
  #specsIn(modules: ReadonlySet<string>): string[] {
    const { setup, ids } = this.#options.specs
    const all = setup.some(id => modules.has(id)) ? [...ids, ...this.#declaring] : []
    return [...new Set([...all, ...[...modules].filter(id => this.#isSpec(id))])]
  }

  #reloaded(report: ReloadReport): void {
    this.#isReloading = false
    // It is another version that the test would run in: what it reaches is due by itself.
    this.#again = undefined
    const { onReload } = this.#options
    const program = this.#program
    const now = new Set(program.ids)
    const came = [...now].filter(id => !this.#known.has(id))
    const isStart = this.#isStarting
    let reached: string[] = []
    if (report.outcome === 'rejected') this.#renew()
    else {
      this.#isStarting = false
      this.#known = now
      const whole = [...(this.#reached?.stale ?? []), ...this.#specsIn(this.#reached?.modules ?? new Set())]
      this.#took([...whole, ...came])
      reached = [...this.#specsIn(new Set([...(this.#reached?.modules ?? []), ...came]))].filter(id => now.has(id))
      for (const id of [...reached, ...this.#postponed]) this.#due.add(id)
      this.#postponed.clear()
      for (const id of this.#remembered()) if (!now.has(id)) this.#forget(id)
      this.#failedOnly = false
      if (reached.length && !isStart) this.#savedAt = clock.now() - report.timing.total
    }
    if (report.error && this.#mayBeOfThePast(report)) {
      this.#options.onAfresh(report.error)
      void this.restart().catch(this.#options.onError)
      return
    }
    const changed = new Set(this.#changed)
    const shown = (id: string) => id !== entry && (changed.has(id) || !this.#reached?.modules.has(id))
    onReload(report, { shown, reached: reached.length, drift: program.drift !== undefined, isStart })
    void this.#work()
  }

  /** What failed may be a module that cannot be evaluated twice, and not the edit: a fresh program tells. */
  #mayBeOfThePast({ error }: ReloadReport): boolean {
    if (this.#isStarting || error?.code !== 'ERR_REGROW_EVALUATE') return false
    return error.file !== undefined && !this.#changed.includes(error.file)
  }

  #remembered(): Set<string> {
    return new Set([...this.verdicts.specs, ...this.#hooks.keys(), ...this.#only, ...this.#due, ...this.#heldBack])
  }

  #forget(id: string): void {
    this.verdicts.forget(id)
    this.#hooks.delete(id)
    this.#only.delete(id)
    this.#due.delete(id)
    this.#heldBack.delete(id)
    this.#declaring.delete(id)
  }

  /** Modules were executed whole into the collection. */
  #took(ids: readonly string[]): void {
    const collection = this.#collection
    const hooks = collection.rootHooks()
    for (const id of collection.declaring) if (!this.#options.specs.has(id)) this.#declaring.add(id)
    for (const id of new Set([...ids, ...collection.declaring])) {
      collection.evaluated.add(id)
      const own = hooks.get(id)
      if (own) this.#hooks.set(id, own)
      else this.#hooks.delete(id)
      if (collection.hasOnly(id)) this.#only.add(id)
      else this.#only.delete(id)
    }
  }

  /** Runs what is due, until nothing is. */
  #work(): Promise<void> {
    this.#working ??= this.#workNow()
      .catch(this.#options.onError)
      .finally(() => {
        this.#working = undefined
      })
    return this.#working
  }

  async #workNow(): Promise<void> {
    while (!this.#isClosed) {
      await this.#visit
      if (this.#options.specs.setup.length && !this.#isStarting) await this.#readSetup()
      if (this.#only.size === 0) {
        for (const id of this.#heldBack) this.#due.add(id)
        this.#heldBack.clear()
      } else if (this.#due.size > 0) {
        const held = [...this.#due].filter(id => !this.#only.has(id))
        for (const id of held) {
          this.#due.delete(id)
          this.#heldBack.add(id)
        }
        if (this.#due.size === 0) this.#options.onHeldBack(held.length)
      }
      if (this.#due.size === 0) return
      if (this.#missing().length === 0) await this.#runNow()
      else if (!(await this.#execute())) {
        // They could be evaluated before: what hinders them is what earlier runs left behind.
        await this.restart()
        if (this.#isStarting) return
      }
    }
  }

  #missing(): string[] {
    return [...this.#due].filter(id => !this.#collection.evaluated.has(id))
  }

  /** Executes specs whole that no reload did. @returns whether that went well */
  async #execute(): Promise<boolean> {
    const report = await this.#program.execute(() => this.#missing())
    if (report.outcome === 'rejected') this.#renew()
    return report.outcome !== 'rejected'
  }

  async #runNow(): Promise<void> {
    const { specs, onRun } = this.#options
    const collection = this.#collection
    const order = new Map(specs.ids.map((id, index) => [id, index]))
    const ids = this.verdicts.inOrder([...this.#due].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)))
    const failedOnly = this.#failedOnly && this.#again?.isTest !== false
    const pattern = this.#pattern
    const others = new Map([...this.#hooks].filter(([id]) => !collection.evaluated.has(id)))
    for (const each of this.#rootHooks) collection.mocha.rootHooks(each)
    const rank = new Map([...specs.setup, ...this.#known].map((id, index) => [id, index]))
    const times = new Map<string, number>()
    collection.select({
      specs: ids,
      hooks: others,
      rank: id => rank.get(id) ?? 0,
      path: id => specs.path(id),
      ...(failedOnly && {
        test: (spec, each) => {
          const path = each.titlePath().join('\n')
          const count = times.get(`${spec}\n${path}`) ?? 0
          times.set(`${spec}\n${path}`, count + 1)
          const key = keyOf(path, count)
          return this.#again ? key === this.#again.key : this.verdicts.hasFailed(spec, key)
        },
      }),
    })
    if (pattern) collection.mocha.grep(pattern)
    const isAgain = this.#again !== undefined
    const run = startRun(collection, failure => (isAgain ? undefined : this.#visitTest(failure)))
    this.#run = run
    const failureCount = await run.ended
    /** Of hooks that belong to no spec. */
    const unowned: [string, Verdict][] = []
    this.#run = undefined
    // When tests run once, what they throw late is told by mocha.
    if (this.#options.watch) run.dispose()
    // A root of mocha's runs once.
    this.#renew()
    if (failureCount === undefined) return
    const again = isAgain ? undefined : this.#again
    this.#again = again
    for (const [id, verdicts] of run.verdicts) if (!order.has(id) && !ids.includes(id)) unowned.push(...verdicts)
    const isStopped = failureCount > 0 && this.#options.options.mocha.bail === true
    for (const id of ids) {
      const own = new Map([...(run.verdicts.get(id) ?? []), ...unowned.splice(0)])
      if (isStopped && own.size === 0) this.#postponed.add(id)
      else this.verdicts.set(id, own, failedOnly || pattern !== undefined)
      this.#due.delete(id)
    }
    const sinceSave = this.#savedAt === undefined ? undefined : clock.now() - this.#savedAt
    this.#savedAt = undefined
    onRun({ specs: ids.length, failures: run.failures, failureCount, sinceSave })
    this.#failedOnly = again !== undefined
    if (again) this.#due.add(again.spec)
  }

  /** Lets a person look into the first test that fails. */
  #visitTest(failure: Failure): Promise<void> | undefined {
    const { onFailure } = this.#options
    if (!onFailure || this.#again || this.#isClosed) return undefined
    this.#again = failure
    this.#visit = onFailure(failure)
      .catch(this.#options.onError)
      .finally(() => {
        this.#visit = undefined
      })
    return this.#visit
  }

  /** What the modules that are loaded first export for mocha; their global setup is run once. */
  async #readSetup(): Promise<void> {
    const exported = this.#setupExports()
    const hooks = exported.map(each => each.mochaHooks).filter(each => each !== undefined)
    this.#rootHooks = await Promise.all(hooks.map(async each => (typeof each === 'function' ? each() : each)))
    if (this.#teardowns) return
    this.#teardowns = []
    for (const { mochaGlobalSetup, mochaGlobalTeardown } of exported) {
      for (const each of [mochaGlobalTeardown ?? []].flat()) this.#teardowns.push(each as () => unknown)
      for (const each of [mochaGlobalSetup ?? []].flat()) await (each as () => unknown).call(this.#fixture)
    }
  }

  #setupExports(): SetupExports[] {
    const namespace = this.#program.exports
    return this.#options.specs.setup.map((_, index) => (namespace[`setup${index}`] ?? {}) as SetupExports)
  }
}
