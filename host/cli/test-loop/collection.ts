// The suites that specs declare while they are evaluated, under one root of mocha's, which is run once.
import type { MochaPackage } from './mocha.js'

/** Hooks outside of all suites: they are for the tests of every spec. */
export interface RootHook {
  readonly type: HookType
  readonly title: string
  /** Mocha takes it from the hook after the run. */
  readonly run: Mocha.Func
  readonly timeout: number
  readonly slow: number
}

type HookType = (typeof hookTypes)[number]

const hookTypes = ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'] as const

/** What modules export that mocha is to require. */
export interface SetupExports {
  readonly mochaHooks?: unknown
  readonly mochaGlobalSetup?: unknown
  readonly mochaGlobalTeardown?: unknown
}

type Owned = Mocha.Suite | Mocha.Test | Mocha.Hook

/** The parts of a suite that `only` fills. */
interface Only {
  _onlySuites: Mocha.Suite[]
  _onlyTests: Mocha.Test[]
}

export interface Selection {
  /** Specs to run, in order. */
  readonly specs: readonly string[]
  /** Which of their tests; all when undefined. */
  readonly test?: ((spec: string, test: Mocha.Test) => boolean) | undefined
  /** Root hooks of modules that were not evaluated for this run. */
  readonly hooks: ReadonlyMap<string, readonly RootHook[]>
  /** The order of the modules with root hooks. */
  readonly rank: (id: string) => number
  readonly path: (id: string) => string
}

export class Collection {
  readonly mocha: Mocha
  /** Modules that were executed whole into it. */
  readonly evaluated = new Set<string>()
  readonly #owners = new Map<Owned, string>()
  /** The specs to run, by path. */
  readonly #files = new Map<string, string>()

  /** @param evaluating tells which module declares something */
  constructor({ Mocha }: MochaPackage, options: Record<string, unknown>, evaluating: () => string | undefined) {
    this.mocha = new Mocha(options as Mocha.MochaOptions)
    const { suite } = this.mocha
    const own = (declared: Owned) => {
      const id = evaluating()
      if (id !== undefined) this.#owners.set(declared, id)
    }
    for (const event of ['suite', 'test', ...hookTypes]) suite.on(event as 'suite', own as (suite: Mocha.Suite) => void)
    // Makes `describe` and the like global, for this root.
    suite.emit('pre-require', globalThis, '', this.mocha)
  }

  /** Modules that declared something. */
  get declaring(): ReadonlySet<string> {
    return new Set(this.#owners.values())
  }

  rootHooks(): Map<string, RootHook[]> {
    const hooks = new Map<string, RootHook[]>()
    for (const type of hookTypes)
      for (const hook of hooksOf(this.mocha.suite, type)) {
        const owner = this.#owners.get(hook)
        if (owner === undefined) continue
        const { title, fn } = hook
        const told = { type, title, run: fn as Mocha.Func, timeout: hook.timeout(), slow: hook.slow() }
        hooks.set(owner, [...(hooks.get(owner) ?? []), told])
      }
    return hooks
  }

  /** Whether a spec says `only`. */
  hasOnly(spec: string): boolean {
    const { suites, tests } = this.mocha.suite
    const { _onlySuites, _onlyTests } = onlyOf(this.mocha.suite)
    const isOf = (each: Owned) => this.#owners.get(each) === spec
    return (
      suites.some(each => isOf(each) && (_onlySuites.includes(each) || hasOnly(each))) ||
      tests.some(each => isOf(each) && _onlyTests.includes(each))
    )
  }

  specOf(runnable: Mocha.Runnable): string | undefined {
    let at: Mocha.Suite | undefined = runnable.parent
    const own = this.#owners.get(runnable as Owned)
    if (own !== undefined) return own
    while (at && !this.#owners.has(at)) at = at.parent
    // A test that is tried again is a copy.
    return at ? this.#owners.get(at) : this.#files.get(runnable.file ?? '')
  }

  /** Leaves what is to be run, in order. */
  select({ specs, test, hooks, rank, path }: Selection): void {
    const root = this.mocha.suite
    const only = onlyOf(root)
    const place = new Map(specs.map((id, index) => [id, index]))
    const isWanted = (each: Owned) => {
      const owner = this.#owners.get(each)
      return owner === undefined || place.has(owner)
    }
    const inOrder = <T extends Owned>(list: T[]) =>
      list.filter(isWanted).sort((a, b) => placeOf(a, this.#owners, place) - placeOf(b, this.#owners, place))
    root.suites = inOrder(root.suites)
    root.tests = inOrder(root.tests)
    only._onlySuites = only._onlySuites.filter(isWanted)
    only._onlyTests = only._onlyTests.filter(isWanted)
    for (const [id, list] of hooks) for (const each of list) this.#adopt(id, each)
    for (const type of hookTypes) hooksOf(root, type).sort((a, b) => this.#rank(a, rank) - this.#rank(b, rank))
    for (const id of specs) this.#files.set(path(id), id)
    for (const each of [...root.suites, ...root.tests]) {
      const owner = this.#owners.get(each)
      if (owner !== undefined) setFile(each, path(owner))
    }
    if (test) keepTests(root, each => test(this.specOf(each) ?? '', each))
  }

  #rank(hook: Mocha.Hook, rank: (id: string) => number): number {
    const owner = this.#owners.get(hook)
    return owner === undefined ? -1 : rank(owner)
  }

  #adopt(id: string, { type, title, run, timeout, slow }: RootHook): void {
    const { suite } = this.mocha
    suite[type](title, run)
    const copy = hooksOf(suite, type).at(-1)!
    copy.title = title
    copy.timeout(timeout)
    copy.slow(slow)
    this.#owners.set(copy, id)
  }
}

const placeOf = (each: Owned, owners: ReadonlyMap<Owned, string>, place: ReadonlyMap<string, number>): number =>
  place.get(owners.get(each) ?? '') ?? -1

/** The list itself. @types/mocha does not know the method. */
const hooksOf = (suite: Mocha.Suite, type: HookType): Mocha.Hook[] =>
  (suite as unknown as { getHooks(type: HookType): Mocha.Hook[] }).getHooks(type)

const onlyOf = (suite: Mocha.Suite): Only => suite as unknown as Only

const hasOnly = (suite: Mocha.Suite): boolean => (suite as unknown as { hasOnly(): boolean }).hasOnly()

function setFile(each: Mocha.Suite | Mocha.Test, file: string): void {
  each.file = file
  if (!('suites' in each)) return
  for (const test of each.tests) test.file = file
  for (const suite of each.suites) setFile(suite, file)
}

function keepTests(suite: Mocha.Suite, isWanted: (test: Mocha.Test) => boolean): void {
  suite.tests = suite.tests.filter(isWanted)
  for (const each of suite.suites) keepTests(each, isWanted)
}
