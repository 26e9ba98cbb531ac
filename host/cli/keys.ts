// Single keys on a terminal. Gives the terminal back when the program wants to read it.
import type { Program, ReloadReport } from '../api.js'
import type { Printer } from './print.js'

export interface KeysOptions {
  readonly program: Program
  readonly printer: Printer
  readonly command: { readonly realm: string; readonly watch: boolean }
  readonly print: (report: ReloadReport) => void
  readonly quit: () => void
  readonly input?: NodeJS.ReadStream
}

export interface HearOptions {
  /** What each key does. */
  readonly actions: Readonly<Record<string, () => unknown>>
  readonly note: (text: string) => void
  readonly failed: (error: unknown) => void
  /** Whether waiting for keys keeps the process. */
  readonly stays: boolean
  readonly input?: NodeJS.ReadStream | undefined
}

/** Keys that are heard. */
export interface Keys {
  /** Leaves the terminal to somebody who reads a line. */
  pause(): void
  resume(): void
}

/** Events whose listeners mean that the program reads standard input. */
const readingEvents = ['data', 'readable', 'keypress']
const help = 'r reload now · u undo the last reload · U redo it · s status · q quit · h this help'

const controlSignals: Record<string, NodeJS.Signals> = { '\x03': 'SIGINT', '\x1a': 'SIGTSTP', '\x1c': 'SIGQUIT' }

/**
 * Listens to keys until the program reads standard input itself.
 * @returns whether keys are heard: not without a terminal, and not when the program reads already
 */
export function listenToKeys(options: KeysOptions): boolean {
  const { program, printer, command, print } = options
  const actions = {
    r: async () => print(await program.reload()),
    u: async () => print(await program.undo()),
    U: async () => print(await program.redo()),
    s: async () => printer.status(program, command.realm, await program.stats()),
    q: () => options.quit(),
    h: () => printer.note(help),
  }
  const keys = hearKeys({
    actions,
    note: text => printer.note(text),
    failed: error => printer.failed(error),
    // Without watching, the process ends when the program's work ends.
    stays: command.watch,
    input: options.input,
  })
  return keys !== undefined
}

/** Whether somebody reads what is printed, and may type. */
export const hasTerminal = (input: NodeJS.ReadStream = process.stdin): boolean => input.isTTY && process.stderr.isTTY

/** @returns undefined when no keys are to be had: without a terminal, or when the program reads already */
export function hearKeys({ actions, note, failed, stays, input = process.stdin }: HearOptions): Keys | undefined {
  if (!hasTerminal(input)) return undefined
  if (readingEvents.some(event => input.listenerCount(event) > 0)) return undefined

  const onData = (chunk: Buffer | string): void => {
    const keys = [...chunk.toString()]
    // An arrow key or a pasted text is not a row of commands.
    if (!keys.every(key => Object.hasOwn(actions, key) || Object.hasOwn(controlSignals, key))) return
    for (const key of keys) {
      const signal = controlSignals[key]
      if (signal) raise(signal)
      else void perform(actions[key]!)
    }
  }

  const perform = async (action: () => unknown): Promise<void> => {
    try {
      await action()
    } catch (error) {
      failed(error)
    }
  }

  const onContinue = (): void => {
    input.setRawMode(true)
  }

  const release = (): void => {
    input.off('newListener', onNewListener)
    input.off('data', onData)
    process.off('SIGCONT', onContinue)
    input.setRawMode(false)
    input.ref()
  }

  const onNewListener = (event: string | symbol): void => {
    if (typeof event !== 'string' || !readingEvents.includes(event)) return
    release()
    note('keys are off: the program reads standard input')
  }

  /** In raw mode the terminal sends a byte where it would signal its foreground processes, so it is done here. */
  const raise = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGTSTP') input.setRawMode(false)
    process.kill(process.platform === 'win32' ? process.pid : 0, signal)
  }

  const listen = (): void => {
    input.setRawMode(true)
    input.on('data', onData)
    if (!stays) input.unref()
    input.on('newListener', onNewListener)
    process.on('SIGCONT', onContinue)
  }

  listen()
  return {
    pause: release,
    resume() {
      listen()
      input.resume()
    },
  }
}
