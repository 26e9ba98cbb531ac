// Holds isolates, and keeps them in time and memory. Runs in a child process, whose main thread never runs guest code: each isolate
// runs in a thread of its own, so that this one always has time to look at it.
// Longer than most: what an isolate is asked, what it asks and every limit share the state of its turn.

import { randomBytes, randomUUID } from 'node:crypto'
import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from 'node:timers'
import type ivm from 'isolated-vm'
import { answer } from '../../../guest/isolate/wire.js'
import { clock } from '../../clock.js'
import type { Head } from './frames.js'
import { Turn, TurnClock } from './turn-clock.js'

/** Bounds on what one program may use. */
export interface RuntimeLimits {
  /** Heap of the isolate. */
  readonly memoryMb: number
  /** Time on the processor of one turn: a call, a timer, a promise job, until the isolate is idle again. */
  readonly cpuMs: number
  /** Time of one turn by the clock, waits for the host included. */
  readonly wallMs: number
  /** Timers that are set at a time. */
  readonly timers: number
  /** `import()`s under way at a time. */
  readonly calls: number
}

/** A limit that was passed: the program's process has to end. */
export interface Passed {
  readonly code: 'ERR_REGROW_TIMEOUT' | 'ERR_REGROW_MEMORY'
  readonly message: string
}

export interface Runtime {
  receive(head: Head, text: string): void
  /** Bytes that the isolates may use together, beyond what the process used without them. */
  readonly memoryLimit: number
  /** Programs that have something to do now. */
  readonly busy: number
  close(): void
}

export interface RuntimeOptions {
  readonly ivm: typeof ivm
  /** The text of guest/isolate/main.ts with the kernel. */
  readonly kernelText: string
  /** The text of guest/isolate/web.mjs, which few need. */
  readonly readWebText: () => string
  /** @returns what resolves once more may be sent, if the host is slow to read */
  readonly send: (head: Head, text?: string) => Promise<void> | undefined
}

/** Lines of a console in a second, and at once. */
const lineRate = 100

/** The console's level of errors, and what an entry gives whose answer comes later: see guest/isolate. */
const errorLevel = 4
const { later } = answer

/** How often busy isolates are looked at, in milliseconds. */
const watchEvery = 20

export function createRuntime({ ivm, kernelText, readWebText, send }: RuntimeOptions): Runtime {
  const programs = new Map<number, IsolateProgram>()
  const clock = new TurnClock()
  let watching: NodeJS.Timeout | undefined

  const turns = () => [...programs.values()].filter(program => !program.isOver).map(program => program.turn)
  const watch = () => {
    clock.look(turns())
    // An answer that is there already is heard first: this thread may have been held up.
    setImmediate(() => {
      let busy = 0
      for (const program of programs.values()) {
        if (program.isBusy) busy++
        program.look()
      }
      if (busy > 0) return
      clearInterval(watching)
      watching = undefined
    })
  }
  const onBusy = () => {
    if (watching !== undefined) return
    clock.start(turns())
    watching = setInterval(watch, watchEvery)
  }

  return {
    receive(head, text) {
      const id = head.program!
      const program = programs.get(id)
      switch (head.op) {
        case 'start': {
          const started = new IsolateProgram(ivm, id, head.limits as RuntimeLimits, readWebText, send, onBusy)
          programs.set(id, started)
          void started.start(kernelText, text)
          return
        }
        case 'enter':
          void program?.enter(head.name!, head.id!, text)
          return
        case 'reply':
          program?.reply(head.id!, text)
          return
        case 'stats':
          void program?.stats(head.id!)
          return
        case 'stop':
          programs.delete(id)
          program?.stop()
      }
    },
    get memoryLimit() {
      let bytes = 0
      for (const { limits } of programs.values()) bytes += limits.memoryMb * 2 ** 20
      return bytes
    },
    get busy() {
      return [...programs.values()].filter(program => program.isBusy).length
    },
    close() {
      clearInterval(watching)
      for (const program of programs.values()) program.stop()
      programs.clear()
    },
  }
}

class IsolateProgram {
  readonly limits: RuntimeLimits
  readonly #engine: typeof ivm
  readonly #id: number
  readonly #readWebText: () => string
  readonly #send: RuntimeOptions['send']
  readonly #onBusy: () => void
  readonly #isolate: ivm.Isolate
  readonly #timers = new Map<number, { readonly timer: NodeJS.Timeout; isRunning: boolean }>()
  /** Questions to the host that the isolate waits for. */
  readonly #asks = new Map<number, (text: string) => void>()
  #lastAsk = 0
  /** `import()`s under way. */
  #imports = 0
  #enter: ivm.Reference | undefined
  /** Entries that have not returned. */
  #entries = 0
  readonly turn: Turn
  #isOver = false

  constructor(
    engine: typeof ivm,
    id: number,
    limits: RuntimeLimits,
    readWebText: () => string,
    send: RuntimeOptions['send'],
    onBusy: () => void,
  ) {
    this.#id = id
    this.limits = limits
    this.#readWebText = readWebText
    this.#send = send
    this.#onBusy = onBusy
    this.#isolate = new engine.Isolate({
      memoryLimit: limits.memoryMb,
      // Without it V8 would abort the process; with it the thread stands still.
      onCatastrophicError: () => this.#outOfMemory(),
    })
    this.#engine = engine
    this.turn = new Turn(() => this.#countedMs())
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** What isolated-vm has counted; of one that ran out of memory it does not tell. */
  #countedMs(): number {
    try {
      this.#counted = Number(this.#isolate.cpuTime) / 1e6
    } catch {
      // It stays as it was.
    }
    return this.#counted
  }
  #counted = 0

  get isBusy(): boolean {
    return this.#entries > 0
  }

  async start(kernelText: string, config: string): Promise<void> {
    try {
      const context = await this.#isolate.createContext()
      const script = await this.#isolate.compileScript(kernelText, { filename: 'regrow:kernel' })
      const create = await script.run(context, { __proto__: null, reference: true } as { reference: true })
      const ask = new this.#engine.Reference((name: string, id: number, text: string) => this.#ask(name, id, text))
      const options = { __proto__: null, result: { __proto__: null, reference: true } } as object
      this.#enter = (await create.apply(undefined, [ask, config] as never[], options)) as unknown as ivm.Reference
      this.#send({ op: 'started', program: this.#id })
    } catch (error) {
      this.#send({ op: 'failed', program: this.#id }, String((error as Error).message))
    }
  }

  /** Runs an entry of guest/isolate/main.ts; what it gives goes to the host. */
  async enter(name: string, id: number, text: string): Promise<void> {
    if (this.#isOver || !this.#enter) return
    if (name === 'imported') this.#imports--
    if (this.#entries++ === 0) this.#beginTurn()
    this.#onBusy()
    try {
      const given = await this.#enter.apply(undefined, [name, id, text], { __proto__: null } as object)
      // Nobody waits for a timer: what it gives is what it threw.
      if (typeof given === 'string' && name === 'timer') this.#uncaught(id, given)
      else if (typeof given === 'string') this.#send({ op: 'result', program: this.#id, id }, given)
    } catch (error) {
      const message = String((error as Error)?.message)
      if (this.#isOver) return
      if (/memory|disposed/i.test(message)) this.#outOfMemory()
      else await this.#recover(name, id, message.slice(0, 1000))
    } finally {
      this.#entries--
      this.#beginTurn()
    }
  }

  /** isolated-vm throws what a promise was rejected with that nobody handles, in the place of what the entry gave. */
  async #recover(name: string, id: number, message: string): Promise<void> {
    let given: unknown
    try {
      if (name !== 'timer')
        given = await this.#enter!.apply(undefined, ['again', id, ''], { __proto__: null } as object)
    } catch {
      // Nothing has come of it.
    }
    if (this.#isOver) return
    if (name === 'timer' || typeof given === 'string') void this.#print(errorLevel, `Uncaught (in promise) ${message}`)
    else this.#send({ op: 'broken', program: this.#id, id }, message.slice(0, 200))
    if (typeof given === 'string' && given !== later) this.#send({ op: 'result', program: this.#id, id }, given)
  }

  #beginTurn(): void {
    if (!this.#isOver) this.turn.begin()
  }

  look(): void {
    if (this.#isOver || this.#entries === 0) return
    const { cpuMs, wallMs } = this.limits
    if (this.turn.cpuMs > cpuMs)
      this.#pass({ code: 'ERR_REGROW_TIMEOUT', message: `the program ran for more than ${cpuMs} ms at a stretch` })
    else if (this.turn.wallMs > wallMs)
      this.#pass({ code: 'ERR_REGROW_TIMEOUT', message: `the program gave no answer for more than ${wallMs} ms` })
  }

  #outOfMemory(): void {
    this.#pass({
      code: 'ERR_REGROW_MEMORY',
      message: `the program used more memory than ${this.limits.memoryMb} MB`,
    })
  }

  #pass({ code, message }: Passed): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#clearTimers()
    this.#send({ op: 'limit', program: this.#id, code }, message)
  }

  /** What the guest's side asks. It waits for the answer, so it cannot ask faster than it is heard. */
  async #ask(name: string, id: number, text: string): Promise<string | undefined> {
    if (this.#isOver) return undefined
    switch (name) {
      case 'settled':
        await this.#send({ op: 'result', program: this.#id, id }, text)
        return undefined
      case 'timer':
        return this.#setTimer(id, text)
      case 'clear':
        this.#clearTimer(id)
        return undefined
      case 'import':
        if (this.#imports >= this.limits.calls) return 'too many'
        this.#imports++
        await this.#send({ op: name, program: this.#id, id }, text)
        return undefined
      case 'console':
        return this.#print(id, text)
      case 'web':
        return this.#readWebText()
      case 'random':
        return randomBytes(Math.min(id, 65_536)).toString('base64')
      case 'uuid':
        return randomUUID()
    }
    const ask = ++this.#lastAsk
    const answered = new Promise<string>(resolve => this.#asks.set(ask, resolve))
    this.#send({ op: 'ask', program: this.#id, name, id, ask }, text)
    return answered
  }

  /** Lines beyond the rate are counted and left out. */
  async #print(level: number, text: string): Promise<undefined> {
    if (this.#mayPrint()) await this.#tell(level, text)
    return undefined
  }

  #uncaught(id: number, text: string): void {
    if (this.#mayPrint()) this.#send({ op: 'uncaught', program: this.#id, id }, text)
  }

  #mayPrint(): boolean {
    const now = clock.now()
    this.#lines = Math.min(lineRate, this.#lines + ((now - this.#printed) / 1000) * lineRate)
    this.#printed = now
    if (this.#lines < 1) {
      this.#dropped++
      return false
    }
    this.#lines--
    return true
  }

  #tell(level: number, text: string): Promise<void> | undefined {
    const dropped = this.#dropped
    this.#dropped = 0
    return this.#send({ op: 'console', program: this.#id, level, dropped }, text)
  }
  #lines = lineRate
  #printed = 0
  #dropped = 0

  reply(ask: number, text: string): void {
    this.#asks.get(ask)?.(text)
    this.#asks.delete(ask)
  }

  /** @param text milliseconds, with `+` before them for a timer that repeats */
  #setTimer(id: number, text: string): string | undefined {
    if (this.#timers.size >= this.limits.timers) return 'too many'
    const repeats = text.startsWith('+')
    const milliseconds = Number(text)
    const set = repeats ? setInterval : setTimeout
    const state = {
      isRunning: false,
      timer: set(async () => {
        if (!repeats) this.#timers.delete(id)
        // One that takes longer than its interval must not pile up.
        if (state.isRunning) return
        state.isRunning = true
        await this.enter('timer', id, '')
        state.isRunning = false
      }, milliseconds),
    }
    this.#timers.set(id, state)
    return undefined
  }

  #clearTimer(id: number): void {
    clearTimeout(this.#timers.get(id)?.timer)
    this.#timers.delete(id)
  }

  #clearTimers(): void {
    for (const { timer } of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  async stats(id: number): Promise<void> {
    try {
      const { used_heap_size, externally_allocated_size } = await this.#isolate.getHeapStatistics()
      this.#send({ op: 'result', program: this.#id, id }, String(used_heap_size + externally_allocated_size))
    } catch {
      this.#outOfMemory()
    }
  }

  stop(): void {
    this.#isOver = true
    this.#clearTimers()
    this.#asks.clear()
    try {
      this.#isolate.dispose()
    } catch {
      // It is gone already.
    }
  }
}
