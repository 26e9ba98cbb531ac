// How commands start the program that they are about.
import { existsSync } from 'node:fs'
import { clearTimeout, setTimeout } from 'node:timers'
import type { Host, Program, RunOptions } from '../api.js'
import { clock } from '../clock.js'
import { RegrowError } from '../errors.js'
import { closeAtEnd } from '../exit-listeners.js'
import { hasTerminal } from './keys.js'
import type { Printer } from './print.js'

/** Milliseconds without progress after which a start says that it waits. */
const quietMs = 5000

export interface StartOptions extends RunOptions {
  readonly watch: boolean
}

/**
 * @returns the program and the milliseconds it took; undefined when a signal ended it meanwhile. A load that fails waits for a save where
 * somebody sits at a terminal, and ends the process elsewhere
 */
export async function startProgram(
  host: Host,
  entry: string,
  options: StartOptions,
  printer: Printer,
  signals: { readonly received: boolean },
): Promise<{ program: Program; milliseconds: number } | undefined> {
  // A name that is mistyped is not a file to wait for.
  const waits = options.watch && existsSync(entry) && hasTerminal()
  let started: number | undefined = clock.now()
  const tellWaiting = setTimeout(
    () => printer.note('The top level of the program has not ended yet: it may await; saves wait until it has.'),
    quietMs,
  ).unref()
  const onFailedStart = (error: RegrowError) => {
    clearTimeout(tellWaiting)
    started = undefined
    printer.failed(error)
    printer.note('waiting for a save that mends it (Ctrl-C quits)')
  }
  try {
    const program = await host.run(entry, {
      ...options,
      onProgress: (built, known) => {
        started ??= clock.now()
        printer.progress(built, known)
        tellWaiting.refresh()
      },
      ...(waits && { onFailedStart }),
    })
    return { program, milliseconds: clock.now() - started }
  } catch (error) {
    // Closing the host cuts the load short; whoever closed it ends the process.
    if (signals.received) return undefined
    printer.failed(error)
    await closeAtEnd(() => host.close())
    // What the program opened before it failed would keep the process.
    process.exit(RegrowError.is(error) && error.code === 'ERR_REGROW_OPTION' ? 2 : 1)
  } finally {
    clearTimeout(tellWaiting)
  }
}
