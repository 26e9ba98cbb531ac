// What the command line says: text for people on stderr, or one JSON object a line on stdout.
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import picocolors from 'picocolors'
import type { ModuleReport, Program, ProgramStats, ReloadReport } from '../api.js'
import { clock } from '../clock.js'
import { RegrowError } from '../errors.js'

type Colors = ReturnType<typeof picocolors.createColors>

/** Says what happens to a program; one implementation for people, one for other programs. */
export interface Printer {
  started(program: Program, facts: { version: string; realm: string; milliseconds: number; hint: string }): void
  /** The graph is being built. Shows only on a terminal, and only when it takes long. */
  progress(built: number, known: number): void
  reloaded(report: ReloadReport, drift: boolean): void
  /** A failure outside any reload: the first load, the watcher. */
  failed(error: unknown): void
  /** The program threw, or rejected, where nobody caught it. */
  uncaught(error: unknown, goesOn: boolean): void
  status(program: Program, realm: string, stats: ProgramStats): void
  note(text: string): void
}

/** How many names of one kind, and how many modules, one line shows. */
const shownNames = 5
const shownModules = 4
/** How many callers of what failed are shown. */
const shownCallers = 3
/** A graph that is built faster than this shows no progress, in milliseconds. */
const progressDelay = 300
const progressInterval = 50
/** Causes may form a cycle. */
const deepestCause = 4

export function createPrinter(options: { json: boolean; root: string; stream?: NodeJS.WriteStream }): Printer {
  return options.json ? createJsonPrinter() : createTextPrinter(options.root, options.stream ?? process.stderr)
}

/** A reader that went away (`| head`) must not become an uncaught error, which would be printed to it again. */
function survive(stream: NodeJS.WriteStream): void {
  stream.on('error', () => {})
}

/** Colours when the stream is a terminal that has them; NO_COLOR wins over FORCE_COLOR. */
export function wantsColor(stream: NodeJS.WriteStream): boolean {
  if (process.env.NO_COLOR) return false
  const forced = process.env.FORCE_COLOR
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return stream.isTTY === true && stream.hasColors()
}

export function createTextPrinter(root: string, stream: NodeJS.WriteStream, colors = wantsColor(stream)): Printer {
  const color = picocolors.createColors(colors)
  survive(stream)
  let drifted = false
  let buildStart: number | undefined
  let lastProgress = 0
  let progressShown = false

  const endProgress = (): void => {
    if (progressShown) stream.write('\r\x1b[2K')
    progressShown = false
    buildStart = undefined
  }
  const line = (text: string): void => {
    endProgress()
    stream.write(`${text}\n`)
  }
  const stamp = (): string => color.dim(new Date(clock.today()).toTimeString().slice(0, 8))

  /** Message, place and frame of an error of regrow's; for what a guest threw, its stack when there is no frame. */
  const describe = (error: RegrowError): string => {
    const place = placeOf(error, root)
    // Some messages begin or end with the place, relative to the root: once is enough.
    const told = `${error.file}:${error.line}:${error.column}`
    const message = error.message.replace(` (${told})`, '').replace(`${told} `, '')
    const lines = [[color.red(error.code), message, place && color.cyan(place)].filter(Boolean).join('  ')]
    if (error.frame) lines.push(...frameLines(error.frame, color), ...behind(error.cause))
    else if (error.cause !== undefined) lines.push(indent(render(error.cause, false)))
    return lines.join('\n')
  }

  /** What the frame does not show of a guest's error: who called, and what caused it. */
  const behind = (thrown: unknown): string[] => {
    try {
      const { stack, cause } = thrown as Error
      const isCaller = (each: string) => /^ +at /.test(each) && each.includes(root)
      const callers = String(stack)
        .split('\n')
        .filter(isCaller)
        .slice(1, 1 + shownCallers)
      return [
        ...callers.map(each => `   ${color.dim(each.trim().replace(pathToFileURL(`${root}/`).href, ''))}`),
        ...(cause === undefined ? [] : [indent(`caused by ${render(cause, false)}`)]),
      ]
    } catch {
      // It is no error, or a getter of a guest's throws.
      return []
    }
  }

  const undone = (report: ReloadReport): string =>
    report.undone ? `  ${color.yellow(`undone until saved: ${listed(report.undone, shownModules)}`)}` : ''

  return {
    started(program, { version, milliseconds, hint }) {
      const modules = count(program.modules().length, 'module')
      const facts = `${color.bold('regrow')} ${version}  ${program.entry}  ${modules}  ${duration(milliseconds)}`
      line(hint ? `${facts}  ${color.dim(hint)}` : facts)
    },
    progress(built, known) {
      if (!stream.isTTY) return
      const now = clock.now()
      buildStart ??= now
      if (built >= known) return endProgress()
      if (now - buildStart < progressDelay || now - lastProgress < progressInterval) return
      lastProgress = now
      progressShown = true
      stream.write(`\r\x1b[2K${color.dim(`building ${built} of ${known} modules`)}`)
    },
    reloaded(report, drift) {
      for (const error of report.failures ?? []) line(`${stamp()}  ${color.yellow('!')} ${describe(error)}`)
      const time = color.dim(duration(report.timing.total))
      if (report.outcome === 'rejected') {
        line(`${stamp()}  ${color.red('✗ rejected')}  ${report.error ? describe(report.error) : ''}`)
        line(`   ${color.dim('The program runs on unchanged.')}`)
        drifted = true
        return
      }
      const mended = drifted && !drift ? `  ${color.green('runs its sources again')}` : ''
      drifted = drift
      if (report.outcome === 'unchanged') {
        const names = report.modules.map(each => each.id)
        line(
          `${stamp()}  ${color.dim(['·', listed(names, shownModules), 'unchanged'].filter(Boolean).join(' '))}  ${time}${mended}${undone(report)}`,
        )
        return
      }
      line(
        `${stamp()}  ${color.green('✓')} ${describeModules(report.modules, color)}  ${time}${mended}${undone(report)}`,
      )
    },
    failed(error) {
      line(
        RegrowError.is(error)
          ? `${color.red('✗')} ${describe(error)}`
          : `${color.red('✗')} ${render(error, color.isColorSupported)}`,
      )
    },
    uncaught(error, goesOn) {
      line(`${stamp()}  ${color.red('✗ uncaught')}  ${render(error, color.isColorSupported)}`)
      if (goesOn) line(`   ${color.dim('The program goes on.')}`)
    },
    status(program, realm, { modules, reloads, heapBytes }) {
      const counts = `${reloads.applied} applied, ${reloads.unchanged} unchanged, ${reloads.rejected} rejected`
      line(
        `${program.entry}  realm ${realm}  ${count(modules, 'module')}  reloads: ${counts}  heap ${megabytes(heapBytes)}`,
      )
      const held = program.drift
      if (held)
        line(`   ${color.yellow('differs from its sources:')} ${held.error ? describe(held.error) : 'rejected'}`)
      else if (program.undone.length) line(`   ${color.yellow(`undone until saved: ${program.undone.join(', ')}`)}`)
      else line(`   ${color.dim('runs its sources')}`)
    },
    note(text) {
      line(color.dim(text))
    },
  }
}

function createJsonPrinter(): Printer {
  survive(process.stdout)
  const emit = (kind: string, fields: object): void => {
    const record = { regrow: kind, time: new Date(clock.today()).toISOString(), ...fields }
    process.stdout.write(
      `${JSON.stringify(record, (_key, value) => (typeof value === 'number' ? rounded(value) : value))}\n`,
    )
  }
  return {
    started(program, { version, realm, milliseconds }) {
      emit('start', { version, entry: program.entry, realm, modules: program.modules().length, milliseconds })
    },
    progress() {},
    reloaded(report, drift) {
      const { outcome, modules, error, failures, undone, timing } = report
      const errors = {
        ...(error && { error: plainError(error) }),
        ...(failures && { failures: failures.map(each => plainError(each)) }),
      }
      emit('reload', { outcome, modules, ...errors, ...(undone && { undone }), drift, timing })
    },
    failed(error) {
      emit('error', { error: plainError(error) })
    },
    uncaught(error, goesOn) {
      emit('uncaught', { error: plainError(error), goesOn })
    },
    status(program, realm, stats) {
      emit('status', { entry: program.entry, realm, ...stats, drift: program.drift !== undefined })
    },
    note(text) {
      emit('note', { text })
    },
  }
}

function describeModules(modules: readonly ModuleReport[], color: Colors): string {
  const kept = modules.reduce((sum, each) => sum + each.kept, 0)
  const touched = modules.filter(each => operations(each).length > 0)
  if (touched.length > shownModules) touched.sort((a, b) => weightOf(b) - weightOf(a))
  const shown = (touched.length > 0 ? touched : modules).slice(0, shownModules).map(each => {
    const parts = operations(each).map(([verb, names]) => {
      const paint = verb === 'stale' ? color.yellow : (text: string) => text
      return paint(`${verb} ${listed(names, shownNames)}`)
    })
    return `${color.bold(each.id)} ${parts.join(', ')}`.trimEnd()
  })
  const rest = touched.length - shown.length
  const several = touched.length > 1 ? `${touched.length} modules: ` : ''
  const more = rest > 0 ? `; ${rest} more` : ''
  return `${several}${shown.join('; ')}${more}  ${color.dim(`${kept} kept`)}`
}

/** What somebody may have to look at comes first where not all is shown: what is stale, then what ran or is gone. */
const weightOf = ({ stale, evaluated, removed }: ModuleReport): number =>
  Number(stale.length > 0) * 2 + Number(evaluated.length + removed.length > 0)

function operations(module: ModuleReport): [string, readonly string[]][] {
  const all: [string, readonly string[]][] = [
    ['patched', module.patched],
    ['evaluated', module.evaluated],
    ['added', module.added],
    ['removed', module.removed],
    ['stale', module.stale],
  ]
  return all.filter(([, names]) => names.length > 0)
}

function listed(names: readonly string[], most: number): string {
  const rest = names.length - most
  return names.slice(0, most).join(' ') + (rest > 0 ? ` and ${rest} more` : '')
}

/** Where an error stands, relative to the working directory so that terminals can open it. */
function placeOf(error: RegrowError, root: string): string | undefined {
  if (error.file === undefined) return undefined
  const file = relative(process.cwd(), resolve(root, error.file)) || error.file
  return [file, error.line, error.column].filter(part => part !== undefined).join(':')
}

function frameLines(frame: string, color: Colors): string[] {
  return frame.split('\n').map(text => `   ${text.startsWith('>') ? text : color.dim(text)}`)
}

const indent = (text: string): string => text.replace(/^/gm, '   ')

/** Renders what a program threw; a value whose own inspection throws still gives a line. */
function render(thrown: unknown, colors: boolean): string {
  try {
    return inspect(thrown, { colors })
  } catch {
    return 'a value that cannot be shown was thrown'
  }
}

/** An error as data. What a program throws may be anything, also an object whose properties throw. */
function plainError(error: unknown, depth = 0): object {
  if (typeof error !== 'object' || error === null) return { message: render(error, false) }
  try {
    const record = error as Record<string, unknown>
    const keys = ['name', 'code', 'message', 'file', 'line', 'column', 'frame', RegrowError.is(error) ? '' : 'stack']
    const fields = keys.map(key => [key, record[key]] as const)
    const plain = Object.fromEntries(fields.filter(([, value]) => typeof value === 'string' || Number.isFinite(value)))
    if (record.cause === undefined || depth >= deepestCause) return plain
    return { ...plain, cause: plainError(record.cause, depth + 1) }
  } catch {
    return { message: render(error, false) }
  }
}

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`
/** Microseconds are as fine as a duration means anything. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000
const duration = (milliseconds: number): string => `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`
const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`
