// The REPL inside a running program: what is typed is evaluated in the module where the person stands.
import { AsyncLocalStorage } from 'node:async_hooks'
import { type REPLServer, Recoverable, start } from 'node:repl'
import { inspect } from 'node:util'
import picocolors from 'picocolors'
import type { Program, ReloadReport } from '../../api.js'
import { RegrowError } from '../../errors.js'
import { isIncomplete } from '../../evaluation.js'
import { RunningProgram } from '../../program.js'
import { createTextPrinter, wantsColor } from '../print.js'
import { type Command, commands, type Standing } from './commands.js'
import { complete } from './complete.js'
import { createGate } from './gate.js'
import { historyFile } from './history-file.js'
import { createScreen } from './screen.js'

export interface ReplOptions {
  /** Module id; the entry unless told. */
  readonly module?: string
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WriteStream
  /** Absolute path that places in files are shown relative to. */
  readonly root?: string
  /** Whether the output shows colours; asked of it unless told. */
  readonly colors?: boolean
}

/** `.clear` has no meaning here, and `.save` another. */
const removed = ['clear', 'save']

/**
 * Talks with a person until they leave.
 * @throws RegrowError ERR_REGROW_LINK, ERR_REGROW_OPTION for a module that cannot be entered
 */
export async function startRepl(program: Program, options: ReplOptions): Promise<void> {
  if (!(program instanceof RunningProgram)) throw new TypeError('the program is none of this copy of regrow')
  const running: RunningProgram = program
  const { input, root = process.cwd() } = options
  program.look(options.module ?? program.entry)
  const screen = createScreen(options.output)
  const { output } = screen
  const isTerminal = output.isTTY === true
  const colors = picocolors.createColors(options.colors ?? wantsColor(output))
  const stream = Object.assign(Object.create(output) as NodeJS.WriteStream, {
    write: (text: string) => {
      screen.above(text)
      return true
    },
  })
  const printer = createTextPrinter(root, stream, colors.isColorSupported)
  const standing: Standing = {
    program,
    modules: [options.module ?? program.entry],
    printer,
    realm: program.realm,
    colors,
    print: text => screen.above(`${text}\n`),
  }
  const prompt = () => (isTerminal ? `${standing.modules.at(-1)}> ` : '')
  let isOver = false
  /** Each ends the wait for what was begun. */
  const pending = new Set<() => void>()
  const works = new Set<Promise<unknown>>()

  const outsideOfStore = AsyncLocalStorage.snapshot()
  /** Runs something of the program's outside of the domain that node:repl lives in, or of its store since Node 26: its errors are not the REPL's. */
  function outside<T>(run: () => T): T {
    const { domain } = process as { domain?: { enter(): void; exit(): void } | null }
    domain?.exit()
    try {
      return outsideOfStore(run)
    } finally {
      domain?.enter()
    }
  }

  async function evaluate(text: string): Promise<unknown> {
    const given = await running.evaluateNow(text, standing.modules.at(-1))
    return 'later' in given ? await given.later : given.value
  }
  function tell(error: unknown): void {
    if (RegrowError.is(error) && error.code === 'ERR_REGROW_EVALUATE' && 'cause' in error)
      standing.print(`${colors.red('Uncaught')} ${shown(error.cause)}`)
    else printer.failed(error)
  }

  const shown = (value: unknown): string => inspect(value, { colors: colors.isColorSupported })

  /** What was typed next waits until this has settled, or the person no longer wants to. */
  function follow(work: Promise<unknown>, done: () => void): void {
    const end = () => {
      if (!pending.delete(end)) return
      screen.busy(false)
      done()
      gate.hold(false)
    }
    pending.add(end)
    gate.hold(true)
    screen.busy(true)
    works.add(work)
    void work.finally(() => {
      works.delete(work)
      end()
    })
  }

  const gate = createGate(input, () => {
    standing.print(colors.dim('it goes on by itself'))
    for (const end of [...pending]) end()
  })
  const server: REPLServer = start({
    prompt: prompt(),
    input: gate.input,
    output,
    terminal: isTerminal,
    useColors: colors.isColorSupported,
    ignoreUndefined: true,
    preview: false,
    writer: shown,
    eval(command, _context, _file, done) {
      // Node 24 keeps the lines of one input apart by a return.
      const text = command.replace(/\r\n?/g, '\n').replace(/\n$/, '')
      if (text.trim() === '') return done(null, undefined)
      const module = standing.modules.at(-1)!
      // Told at once: the next line may be here already.
      if (isIncomplete(text, module)) return done(new Recoverable(new SyntaxError('more is to come')), undefined)
      let value: unknown
      let isWaitedFor = true
      const work = outside(() => evaluate(text)).then(result => {
        value = result
        if (!isWaitedFor && value !== undefined) standing.print(shown(value))
      }, tell)
      follow(work, () => {
        isWaitedFor = false
        done(null, value)
      })
    },
    completer: (line: string) =>
      complete(line, {
        commands: Object.keys(server.commands),
        modules: () => program.modules().map(each => each.id),
        look: () => running.look(standing.modules.at(-1)!),
      }),
  })
  screen.attach(server)
  // A pipe gets values alone.
  if (!isTerminal) server.displayPrompt = () => {}
  for (const name of removed) delete (server.commands as Record<string, unknown>)[name]
  for (const [name, { help, action }] of Object.entries(commands)) {
    server.defineCommand(name, {
      help,
      action(argument) {
        server.clearBufferedCommand()
        follow(
          outside(() => perform(action, argument.trim())),
          () => {
            server.setPrompt(prompt())
            if (!isOver) server.displayPrompt()
          },
        )
      },
    })
  }

  async function perform(action: Command['action'], argument: string): Promise<void> {
    try {
      await action(standing, argument)
    } catch (error) {
      tell(error)
    }
  }

  const path = isTerminal ? historyFile(process.env) : ''
  if (path) server.setupHistory(path, () => {})
  const onReload = (report: ReloadReport) => {
    if (isTerminal || report.outcome === 'rejected') printer.reloaded(report, program.drift !== undefined)
    // The module where the person stands may be gone.
    const ids = new Set(program.modules().map(each => each.id))
    const left = standing.modules.filter(each => ids.has(each))
    if (left.length === standing.modules.length) return
    standing.modules.splice(0, Infinity, ...(left.length ? left : [program.entry]))
    server.setPrompt(prompt())
  }
  const onClose = () => server.close()
  program.on('reload', onReload)
  program.on('close', onClose)
  await new Promise<void>(resolve => server.once('exit', resolve))
  isOver = true
  program.off('close', onClose)
  // A pipe is at its end long before all of it is evaluated.
  if (!isTerminal) await Promise.allSettled(works)
  program.off('reload', onReload)
  screen.close()
  gate.close()
}
