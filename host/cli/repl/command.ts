// `regrow repl`: runs a program, or an empty module, and talks with the person inside it.
import { resolve } from 'node:path'
import type { RealmKind } from '../../api.js'
import { createHost } from '../../host.js'
import { cacheFolder } from '../cache-folder.js'
import { createPrinter } from '../print.js'
import { handleSignals, stop } from '../signals.js'
import { startProgram } from '../start.js'
import { handleUncaught } from '../uncaught.js'
import { startRepl } from './repl.js'

export interface ReplCommand {
  /** Undefined for an empty module. */
  readonly entry: string | undefined
  readonly args: readonly string[]
  readonly realm: RealmKind
  readonly root: string
  readonly watch: boolean
  readonly cache: boolean
  /** Where to stand at first; the entry unless told. */
  readonly module?: string
  readonly version: string
}

/** The module that is there when no entry is given. */
const emptyModule = 'repl.ts'

/** Ends the process when the person leaves. */
export async function repl(command: ReplCommand): Promise<void> {
  const root = resolve(command.root)
  const printer = createPrinter({ json: false, root })
  const cache = (command.cache && cacheFolder(root)) || false
  const host = createHost({ root, realm: command.realm, watch: command.watch, cache })
  const signals = handleSignals(host)
  handleUncaught(printer, true)
  const { entry } = command
  const options = { args: command.args, watch: command.watch, ...(entry === undefined ? { text: '' } : {}) }
  const loaded = await startProgram(host, resolve(entry ?? resolve(root, emptyModule)), options, printer, signals)
  if (!loaded) return
  const { program, milliseconds } = loaded
  program.on('error', error => printer.failed(error))
  if (process.stdout.isTTY)
    printer.started(program, { version: command.version, realm: command.realm, milliseconds, hint: '(.help · .exit)' })
  const { module } = command
  try {
    const streams = { input: process.stdin, output: process.stdout, root }
    await startRepl(program, module === undefined ? streams : { ...streams, module })
  } catch (error) {
    printer.failed(error)
    await stop(host, 2)
  }
  if (!signals.received) await stop(host)
}
