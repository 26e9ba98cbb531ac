// `regrow run`: starts a program, says what its reloads did, and ends with it.
import { resolve } from 'node:path'
import type { Program, RealmKind, ReloadReport } from '../api.js'
import { createHost } from '../host.js'
import { cacheFolder } from './cache-folder.js'
import { listenToKeys } from './keys.js'
import { createPrinter, type Printer } from './print.js'
import { handleSignals, stop } from './signals.js'
import { startProgram } from './start.js'
import { handleUncaught } from './uncaught.js'

export interface RunCommand {
  readonly entry: string
  readonly args: readonly string[]
  readonly realm: RealmKind
  readonly root: string
  readonly watch: boolean
  readonly cache: boolean
  readonly json: boolean
  /** Path of the socket to let REPLs in by. */
  readonly listen: string | undefined
  readonly version: string
}

/** What a program in an isolate finds: nothing that leads out of it. */
const isolateGrants = { console: true, timers: true, crypto: true, performance: true }

/** Runs a program until it ends, is stopped, or fails to load. Sets the exit code. */
export async function run(command: RunCommand): Promise<void> {
  const root = resolve(command.root)
  const printer = createPrinter({ json: command.json, root })
  const cache = (command.cache && cacheFolder(root)) || false
  const host = createHost({ root, realm: command.realm, watch: command.watch, cache, grants: isolateGrants })
  const signals = handleSignals(host)
  handleUncaught(printer, command.watch)

  const loaded = await startProgram(
    host,
    resolve(command.entry),
    { args: command.args, watch: command.watch },
    printer,
    signals,
  )
  if (!loaded) return
  const { program, milliseconds } = loaded
  const print = printOnce(program, printer)
  program.on('reload', print)
  program.on('error', error => printer.failed(error))
  if (command.realm === 'isolate') followIsolate(program, printer)

  if (command.listen !== undefined) {
    const { listenForRepls } = await import('./repl/listen.js')
    try {
      await listenForRepls(program, resolve(command.listen), root)
    } catch (error) {
      printer.failed(error)
      return stop(host, 2)
    }
  }
  const keys = command.json ? undefined : listenToKeys({ program, printer, command, print, quit: () => stop(host) })
  const hint = keys ? '(r reload · u undo · s status · q quit)' : ''
  printer.started(program, { version: command.version, realm: command.realm, milliseconds, hint })
  if (command.listen !== undefined) printer.note(`regrow repl --attach ${command.listen}`)
}

/** Nothing tells when a program in an isolate has ended: it runs until it is stopped. */
function followIsolate(program: Program, printer: Printer): void {
  const keep = setInterval(() => {}, 2 ** 31 - 1)
  program.once('close', () => clearInterval(keep))
  program.on('exit', ({ message, restartsIn }) => {
    const then = restartsIn === undefined ? 'the next reload starts it again' : 'it is started again, without its state'
    printer.note(`The isolate has ended: ${message}; ${then}.`)
  })
}

/** A report that an event brings and a key's promise brings again is printed once. */
function printOnce(program: Program, printer: Printer): (report: ReloadReport) => void {
  const printed = new WeakSet<ReloadReport>()
  return report => {
    if (printed.has(report)) return
    printed.add(report)
    printer.reloaded(report, program.drift !== undefined)
  }
}
