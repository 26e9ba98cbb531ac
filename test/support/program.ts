// Runs small programs from text, in every realm, for specs that tell a story of edits in a few lines.
import assert from 'node:assert/strict'
import { on } from 'node:events'
import type { Host, HostOptions, ModuleReport, Program, RealmKind, ReloadReport, SourceStore } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import { cannotCross } from './cannot-cross.js'

/** Realms in this process: what a program shares with its host is there. */
export const realms = ['main', 'context'] as const

/** Realms that every rule holds in. */
const everyRealm: readonly RealmKind[] = [...realms, 'isolate']

/** Milliseconds that a program may take to answer; far more than it needs, so that only a hang ends there. */
const deadline = 8000

/** Module texts by id (`null` deletes); a bare text is `main.js`. */
export type Sources = string | Readonly<Record<string, string | null>>

/** Starts a program; its entry is `main.ts` when there is one, else `main.js`. */
export type Start = (files: Sources, options?: Partial<HostOptions>) => Promise<RunningProgram>

/** A running program together with its sources. */
export interface RunningProgram {
  readonly program: Program
  /** Changes the sources and nothing else. */
  write(files: Sources): void
  /** Changes the sources as one batch, reloads, and asserts the outcome (`'applied'` unless told). */
  edit(files: Sources, outcome?: ReloadReport['outcome']): Promise<ReloadReport>
  /** Changes the sources and tells the watcher; needs `watch: true`. */
  save(files: Sources): void
  /** Listens from now on; each call of what it returns resolves to the next report. */
  reports(): () => Promise<ReloadReport>
  /** What an export of the entry returns, awaited, as plain data of the test's own realm. */
  call(name: string, ...args: unknown[]): Promise<any>
  /** Asserts what an export of the entry returns. */
  expect(name: string, expected: unknown, ...args: unknown[]): Promise<void>
  /** Asserts that an export of the entry throws, and that the error's names and messages match. */
  fails(name: string, pattern: RegExp, ...args: unknown[]): Promise<void>
}

/** Defines the same cases once for each realm; programs are closed after each case. */
export function inEveryRealm(define: (start: Start, realm: RealmKind) => void): void {
  inRealms(everyRealm, define)
}

/** For programs that use Node's builtins, or that are looked into: in the realms of this process. */
export function inLocalRealms(define: (start: Start, realm: RealmKind) => void): void {
  inRealms(realms, define)
}

export function inRealms(kinds: readonly RealmKind[], define: (start: Start, realm: RealmKind) => void): void {
  for (const realm of kinds) {
    describe(`in realm ${realm}`, () => {
      beforeEach(function () {
        const title = this.currentTest!.fullTitle()
        if (Object.hasOwn(cannotCross, title)) this.skip()
      })
      let host: Host
      const programs: Program[] = []
      before(async () => {
        // Isolates share a process here, which stays from case to case as long as one program does.
        host = createHost({ realm, watch: false, process: 'shared', grants: { timers: true } })
        if (realm === 'isolate') await host.run('./stay.js', { sources: { 'stay.js': '' } })
      })
      afterEach(async () => {
        for (const program of programs.splice(0)) await program.close()
      })
      after(() => host.close())
      define(async (files, options) => {
        const memory = new MemoryStore(named(files))
        const entry = memory.read('main.ts') === undefined ? './main.js' : './main.ts'
        const program = await answer(host.run(entry, { sources: memory, ...options }), 'run')
        programs.push(program)
        return running(program, memory)
      }, realm)
    })
  }
}

/** The part of a report that tells of one module. */
export function moduleReport(report: ReloadReport, id = 'main.js'): ModuleReport {
  const found = report.modules.find(module => module.id === id)
  assert.ok(found, `no report of ${id} among: ${report.modules.map(module => module.id).join(', ')}`)
  return found
}

/** Every name and message that an error and its causes carry; thrown values that are no errors, as text. */
export function describeError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { name, message, cause } = error as Error
  return `${name}: ${message}${cause === undefined ? '' : ` (cause ${describeError(cause)})`}`
}

function running(program: Program, memory: MemoryStore): RunningProgram {
  const call = async (name: string, ...args: unknown[]) =>
    structuredClone(await answer(program.call(name, ...args), `call ${name}`))
  return {
    program,
    call,
    write: files => memory.write(named(files)),
    async edit(files, outcome = 'applied') {
      memory.write(named(files))
      const report = await answer(program.reload(), 'reload')
      assert.equal(report.outcome, outcome, report.error ? describeError(report.error) : 'the report has no error')
      return report
    },
    save: files => memory.save(named(files)),
    reports() {
      const events = on(program, 'reload')
      return async () => (await answer(events.next(), 'next reload')).value[0]
    },
    async expect(name, expected, ...args) {
      assert.deepEqual(await call(name, ...args), expected)
    },
    async fails(name, pattern, ...args) {
      const outcome = await call(name, ...args).then(
        value => assert.fail(`${name}() returned ${JSON.stringify(value)} instead of throwing ${pattern}`),
        (error: unknown) => error,
      )
      assert.match(describeError(outcome), pattern)
    },
  }
}

/** Sources in memory that change only when a case says so. */
class MemoryStore implements SourceStore {
  readonly #texts = new Map<string, string>()
  readonly #listeners = new Set<(ids: string[]) => void>()

  constructor(files: Readonly<Record<string, string | null>>) {
    this.write(files)
  }

  read(id: string): string | undefined {
    return this.#texts.get(id)
  }

  list(): Iterable<string> {
    return [...this.#texts.keys()]
  }

  watch(onChange: (ids: string[]) => void): () => void {
    this.#listeners.add(onChange)
    return () => this.#listeners.delete(onChange)
  }

  write(files: Readonly<Record<string, string | null>>): void {
    for (const [id, text] of Object.entries(files)) {
      if (text === null) this.#texts.delete(id)
      else this.#texts.set(id, text)
    }
  }

  save(files: Readonly<Record<string, string | null>>): void {
    this.write(files)
    for (const listener of this.#listeners) listener(Object.keys(files))
  }
}

function named(files: Sources): Readonly<Record<string, string | null>> {
  return typeof files === 'string' ? { 'main.js': files } : files
}

/** Waits for a promise, but not for ever. */
async function answer<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadline} ms: ${what}`)), deadline)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
