// One run of mocha's: what it says of each test, and how to end it early.
import { setTimeout as delay } from 'node:timers/promises'
import type { Collection } from './collection.js'
import type { SpecVerdicts } from './verdicts.js'

export interface Run {
  /** Resolves with the number of failures, as mocha counts them; undefined when it was cut short. */
  readonly ended: Promise<number | undefined>
  readonly verdicts: ReadonlyMap<string, SpecVerdicts>
  /** The tests that failed, in the order in which they did. */
  readonly failures: readonly Failure[]
  /** Takes back what it listens to: what is thrown from now on is nobody's test. */
  dispose(): void
  /** Ends after the test that is under way; what hangs is left alone. */
  cancel(): Promise<void>
}

export interface Failure {
  readonly spec: string
  readonly key: string
  readonly title: string
  readonly error: unknown
  /** A hook that fails is none. */
  readonly isTest: boolean
}

/** How long a test may go on after the run was cut short, in milliseconds. */
const patience = 1000

/**
 * Runs what has been selected.
 * @param onFailure what it gives is waited for before anything more of the suite runs, the test's own hooks included
 */
export function startRun(collection: Collection, onFailure: (failure: Failure) => Promise<void> | undefined): Run {
  const verdicts = new Map<string, SpecVerdicts>()
  const failures: Failure[] = []
  const seen = new Map<string, number>()
  let isCut = false
  let finish: (failures: number | undefined) => void = () => {}
  const ended = new Promise<number | undefined>(resolve => {
    finish = resolve
  })
  const runner = collection.mocha.run(count => finish(isCut ? undefined : count))
  const note = (runnable: Mocha.Runnable, state: 'passed' | 'failed' | 'pending', error?: unknown) => {
    // A hook that fails fails the test that it is for.
    const tested = (runnable as Mocha.Hook).type === 'hook' ? runnable.ctx?.currentTest : undefined
    const spec = (tested && collection.specOf(tested)) ?? collection.specOf(runnable) ?? ''
    const path = runnable.titlePath().join('\n')
    const times = seen.get(`${spec}\n${path}`) ?? 0
    const key = keyOf(path, times)
    const own = verdicts.get(spec) ?? new Map()
    verdicts.set(spec, own.set(key, { state, title: runnable.title }))
    if (state !== 'failed') return
    const failure = { spec, key, title: runnable.fullTitle(), error, isTest: tested === undefined }
    failures.push(failure)
    const wait = onFailure(failure)
    if (wait) holdHooks(runner, wait)
  }
  runner.on('pass', test => note(test, 'passed'))
  runner.on('pending', test => note(test, 'pending'))
  runner.on('fail', (test, error) => note(test, 'failed', error))
  // Tests may have one title: they are told apart by their order.
  runner.on('test end', test => {
    const path = `${collection.specOf(test) ?? ''}\n${test.titlePath().join('\n')}`
    seen.set(path, (seen.get(path) ?? 0) + 1)
  })
  return {
    ended,
    verdicts,
    failures,
    dispose: () => runner.dispose(),
    async cancel() {
      isCut = true
      runner.abort()
      const waiting = new AbortController()
      await Promise.race([ended, delay(patience, undefined, { signal: waiting.signal }).catch(() => {})])
      waiting.abort()
      runner.dispose()
      finish(undefined)
    },
  }
}

/** Mocha asks for hooks between any two tests, whether there are some or not. @types/mocha does not know the method. */
function holdHooks(runner: Mocha.Runner, wait: Promise<void>): void {
  const held = runner as unknown as { hook?: (name: string, done: (error?: unknown) => void) => void }
  const hook = held.hook!
  held.hook = (name, done) => {
    void wait.finally(() => {
      delete held.hook
      hook.call(runner, name, done)
    })
  }
}

/** @param times how many tests of that title ended before it in its spec */
export const keyOf = (path: string, times: number): string => (times ? `${path}\n#${times}` : path)
