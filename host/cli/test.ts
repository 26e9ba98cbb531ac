// `regrow test`: runs mocha's specs in one warm process, and again what a save reaches.

import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { pathToFileURL } from 'node:url'
import type { ReloadReport } from '../api.js'
import { clock } from '../clock.js'
import { RegrowError } from '../errors.js'
import { closeAtEnd } from '../exit-listeners.js'
import { cacheFolder } from './cache-folder.js'
import { hearKeys, type Keys } from './keys.js'
import { createPrinter } from './print.js'
import { startRepl } from './repl/repl.js'
import { type ReloadFacts, type RunResult, TestLoop } from './test-loop/loop.js'
import { findMocha } from './test-loop/mocha.js'
import { readOptions } from './test-loop/options.js'
import type { Failure } from './test-loop/run.js'
import { createSpecs } from './test-loop/specs.js'
import { createStatus } from './test-loop/status.js'
import { watchSpecs } from './test-loop/watch-specs.js'

export interface TestCommand {
  /** For mocha: options and specs. */
  readonly args: readonly string[]
  readonly root: string
  readonly once: boolean
  /** Open the REPL where a test fails. */
  readonly break: boolean
  readonly cache: boolean
  readonly version: string
}

/** Runs the tests once, or until it is ended. */
export async function test(command: TestCommand): Promise<void> {
  const root = resolve(command.root)
  const printer = createPrinter({ json: false, root })
  try {
    await run(command, root, printer)
  } catch (error) {
    printer.failed(error)
    process.exit(RegrowError.is(error) && error.code === 'ERR_REGROW_OPTION' ? 2 : 1)
  }
}

async function run(command: TestCommand, root: string, printer: ReturnType<typeof createPrinter>): Promise<void> {
  const { once, version } = command
  const started = clock.now()
  const cache = (command.cache && cacheFolder(root)) || false
  const mocha = findMocha(process.cwd())
  const options = readOptions(mocha, command.args, { root, once, cache })
  const specs = createSpecs(mocha, options)
  const status = createStatus()
  if (options.ignored.length) printer.note(`these options of mocha's mean nothing here: ${options.ignored.join(', ')}`)
  // As mocha does: a failure shows where it came from, however deep.
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  for (const each of options.packages) await import(pathToFileURL(each).href)

  let last: RunResult | undefined
  let isEnding = false
  let isVisited = false
  let keys: Keys | undefined
  const loop = new TestLoop({
    mocha,
    options,
    specs,
    watch: !once,
    onReload,
    onRun,
    onFailure: command.break ? visit : undefined,
    onHeldBack: count => status.heldBack(count),
    onAfresh: error => printer.note(`${error.message}: this may be of an earlier run, so all starts afresh`),
    onError: error => printer.failed(error),
  })

  function onReload(report: ReloadReport, { shown, reached, drift, isStart }: ReloadFacts): void {
    // The REPL tells of reloads by itself.
    if (isVisited || (isStart && report.outcome !== 'rejected')) return
    const modules = report.modules.filter(each => shown(each.id))
    printer.reloaded({ ...report, modules }, drift)
    if (!once && reached === 0 && report.outcome === 'applied') status.unreached()
  }

  function onRun(result: RunResult): void {
    last = result
    if (!once) status.ran(result, loop.verdicts.counts(), { drift: loop.drift !== undefined, pattern: loop.pattern })
  }

  /** The REPL in the spec of a test that fails, with everything as it stands. */
  async function visit({ title, spec, error }: Failure): Promise<void> {
    isVisited = true
    keys?.pause()
    printer.note('')
    printer.failed(error)
    printer.note(`'${title}' fails; this is ${spec} as it stands. .help for help, .exit runs the test again`)
    try {
      await startRepl(loop.program, { module: spec, input: process.stdin, output: process.stdout, root })
    } finally {
      isVisited = false
      keys?.resume()
    }
  }

  async function end(code: number): Promise<void> {
    if (isEnding) process.exit(code)
    isEnding = true
    // Closing disposes of what modules made; a test that hangs must not hold it up.
    setTimeout(() => process.exit(code), 3000).unref()
    await closeAtEnd(() => loop.close())
    process.exit(code)
  }

  process.on('SIGINT', () => void end(130))
  process.on('SIGTERM', () => void end(143))
  // While tests run mocha listens too: then it is a test that failed.
  process.on('uncaughtException', error => {
    if (process.listenerCount('uncaughtException') > 1) return
    printer.uncaught(error, !once)
    if (once) process.exit(7)
  })

  const { outcome } = await loop.start()
  if (outcome !== 'rejected' && !once) {
    const milliseconds = clock.now() - started
    status.started({ version, specs: specs.ids.length, modules: loop.program.modules().length - 1, milliseconds })
  }
  if (once) {
    await loop.idle()
    return finish(outcome === 'rejected' ? 1 : (last?.failureCount ?? 0))
  }
  watchSpecs(
    root,
    options.collect,
    () => void loop.lookForSpecs().catch(error => printer.failed(error)),
    error => printer.failed(error),
  )
  listen()

  async function finish(failures: number): Promise<void> {
    const code = options.passOnFailingTestSuite && outcome !== 'rejected' ? 0 : Math.min(failures, 255)
    await closeAtEnd(() => loop.close())
    process.exitCode = code
    if (options.exit || outcome === 'rejected') process.exit(code)
  }

  function listen(): void {
    const ask = async (): Promise<void> => {
      keys?.pause()
      const lines = createInterface({ input: process.stdin, output: process.stderr })
      const text = await lines.question('pattern (of test titles; empty for all): ')
      lines.close()
      keys?.resume()
      let pattern: RegExp | undefined
      try {
        pattern = text === '' ? undefined : new RegExp(text)
      } catch (error) {
        return printer.note((error as Error).message)
      }
      await loop.runMatching(pattern)
    }
    const actions = {
      a: () => loop.runAll(),
      f: () => (loop.verdicts.failing.length ? loop.runFailed() : printer.note('no test has failed')),
      p: ask,
      r: () => loop.restart(),
      q: () => end(0),
      h: () =>
        printer.note('a all tests · f failed ones · p by pattern · r all in a fresh program · q quit · h this help'),
    }
    keys = hearKeys({ actions, note: text => printer.note(text), failed: error => printer.failed(error), stays: true })
    if (keys) printer.note('a all · f failed · p pattern · r afresh · q quit')
  }
}
