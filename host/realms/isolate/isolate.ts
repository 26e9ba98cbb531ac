// A program's isolate, as the host sees it: what it is asked, what it asks, and what becomes of both when its process dies.
// Longer than most: one object answers the host and the guest, and each of its methods is a few lines over what both wait for.
import { setImmediate } from 'node:timers'
import type { Entry, IsolateConfig, ModuleFound, Transacted, TransactOrder } from '../../../guest/isolate/messages.js'
import { answer } from '../../../guest/isolate/wire.js'
import type { ExportRequest, PatchText, TransactionRequest, TransactionResult } from '../../../guest/protocol.js'
import type { ConsoleLine, IsolateLimits, IsolateProcess } from '../../api.js'
import { BuildFailure } from '../../builder.js'
import { RegrowError } from '../../errors.js'
import { codeOf, type ExitReason } from './child-process.js'
import { crossing } from './crossing.js'
import { type Deadline, startDeadline } from './deadline.js'
import { type Decoding, decode, take } from './decode.js'
import { encode } from './encode.js'
import { createFetch, type FetchSettings } from './fetch-grant.js'
import type { Head } from './frames.js'
import { createGuestFunctions, type GuestFunctions } from './guest-functions.js'
import { harmless } from './harmless.js'
import { createHostFunctions, type HostFunctions } from './host-functions.js'
import type { IsolatePool, Seat } from './pool.js'
import { readResult } from './result.js'
import { shortStack } from './short-stack.js'
import { guestModule } from './virtual.js'

export interface IsolateOptions {
  readonly entry: string
  readonly pool: IsolatePool
  readonly process: IsolateProcess
  readonly limits: IsolateLimits
  readonly globals: Readonly<Record<string, unknown>>
  readonly questions: Questions
  readonly mapStack: (text: string) => string
  readonly grants: IsolateConfig['grants']
  readonly fetch: FetchSettings | undefined
  /** Items own what they make. */
  readonly disposes: boolean
  readonly onExit: (reason: ExitReason) => void
  readonly onConsole: (level: ConsoleLine['level'], text: string) => void
}

/** What the guest's side may ask, besides calling functions. Arguments are the guest's: anything. */
export interface Questions {
  /** @returns what the answer holds, or the error that the guest gets */
  sync(name: string, given: readonly unknown[], functions: HostFunctions): string
  import(importer: string, specifier: string, attributes: Readonly<Record<string, string>>): Promise<ImportFound>
}

/** `thrown`: what the module threw, as the host knows it. */
export type ImportFound = Exclude<ModuleFound, { refusal: { transaction: number } }> | { readonly thrown: unknown }

interface Waiting {
  resolve(text: string): void
  reject(error: unknown): void
  readonly deadline: Deadline
}

export class IsolateRealm {
  readonly kind = 'isolate'
  readonly #options: IsolateOptions
  readonly #decoding: Decoding
  readonly #hostFunctions: HostFunctions
  readonly #waiting = new Map<number, Waiting>()
  /** The transaction that threw an error, so that an `import()` throws it again. */
  readonly #thrownBy = new WeakMap<object, number>()
  readonly #guestFunctions: GuestFunctions
  #seat: Seat | undefined
  /** What is to be imported, with the number of each. */
  readonly #importing: [number, string][] = []
  /** Some were taken in this turn of the event loop: the others wait for the next. */
  #isImporting = false
  #last = 0
  #ended: ExitReason | undefined
  /** Aborts what it fetches. */
  readonly #fetching = new AbortController()
  #started: ((error?: RegrowError) => void) | undefined

  constructor(options: IsolateOptions) {
    this.#options = options
    const { limits, mapStack } = options
    this.#hostFunctions = createHostFunctions(limits, (promise, text) => this.#post('settle', promise, text))
    this.#guestFunctions = createGuestFunctions(
      (id, given) => this.#answered('invoke', encode([id, given], crossing(limits))),
      (id, times) => this.#post('release', id, String(times)),
    )
    this.#decoding = {
      limits: crossing(limits),
      mapStack: text => mapStack(shortStack(text)),
      functionOf: (id, name) => this.#guestFunctions.of(id, name),
    }
  }

  /** Its process has ended, or it was closed. */
  get isOver(): boolean {
    return this.#ended !== undefined
  }

  /** @throws RegrowError ERR_REGROW_OPTION, ERR_REGROW_MEMORY, ERR_REGROW_TIMEOUT, ERR_REGROW_EXIT */
  async start(): Promise<void> {
    const { entry, pool, process, limits, globals, grants, fetch, disposes } = this.#options
    const grant = this.#hostFunctions.grant
    const config: IsolateConfig = {
      entry,
      limits: { ...crossing(limits), heldFunctions: limits.heldFunctions },
      guestModule,
      rememberedErrors: 100,
      grants,
      disposes,
      globals: encode(globals, crossing(limits), grant),
      fetch: fetch && encode(createFetch(fetch, this.#fetching.signal), crossing(limits), grant),
    }
    const seat = pool.take({ process, limits, onMessage: (head, text) => this.#receive(head, text) })
    this.#seat = seat
    void seat.carrier.gone.then(reason => this.#end(reason))
    seat.carrier.hold()
    try {
      await seat.carrier.ready
      if (this.#ended) throw this.#endedError(this.#ended)
      const started = new Promise<void>((resolve, reject) => {
        this.#started = error => (error ? reject(error) : resolve())
      })
      seat.carrier.send({ op: 'start', program: seat.program, limits }, JSON.stringify(config))
      await started
    } finally {
      seat.carrier.letGo()
    }
  }

  /** What a patch's code is on its way into the isolate, which compiles it. */
  compile(code: string, parameters: readonly string[], name: string): PatchText {
    return { name, parameters, code }
  }

  /** @throws BuildFailure for what does not compile; RegrowError when the isolate ends meanwhile */
  async transact(request: TransactionRequest, isAsync: boolean): Promise<TransactionResult> {
    const order: TransactOrder = { request, isAsync }
    const id = this.#last + 1
    const known = new Set(request.patches.map(each => each.id))
    let text: string
    try {
      text = await this.#ask('transact', JSON.stringify(order), true)
    } catch (error) {
      throw new BuildFailure(error as RegrowError, [...known])
    }
    const transacted = this.#parse(text) as Transacted
    if ('syntax' in transacted) {
      const { module, message } = transacted.syntax as { module: string; message: string }
      throw new BuildFailure(
        new RegrowError('ERR_REGROW_BUILD', `${module}: ${String(message).slice(0, 1000)}`, { file: module }),
        [module],
      )
    }
    const result = readResult(transacted, known, thrown => decode(thrown, this.#decoding))
    if (!result.isApplied && typeof result.error === 'object' && result.error !== null)
      this.#thrownBy.set(result.error, id)
    return result
  }

  setExports(module: string, table: readonly ExportRequest[]): void {
    this.#post('exports', 0, JSON.stringify({ module, table }))
  }

  /** Calls an export of the entry, and waits for what it promises. */
  call(name: string, given: readonly unknown[]): Promise<unknown> {
    return this.#answered('call', encode([name, ...given], crossing(this.#options.limits)), name)
  }

  get(name: string): Promise<unknown> {
    return this.#answered('get', name, name)
  }

  /** One of the kernel's steps around transactions. @throws RegrowError when it throws, is late, or the isolate ends */
  step(name: string, given: readonly unknown[]): Promise<unknown> {
    return this.#answered('step', encode([name, ...given], crossing(this.#options.limits)))
  }

  async heapBytes(): Promise<number> {
    const { carrier, program } = this.#seatNow()
    const id = ++this.#last
    return Number(await this.#wait(id, false, () => carrier.send({ op: 'stats', program, id })))
  }

  async close(): Promise<void> {
    const reason: ExitReason = { reason: 'killed', message: 'it was closed' }
    this.#ended ??= reason
    this.#started?.(this.#endedError(reason))
    this.#fetching.abort()
    this.#rejectAll(new RegrowError('ERR_REGROW_CLOSED', `the program ${this.#options.entry} is closed`))
    await this.#seat?.leave()
  }

  async #answered(name: Entry, text: string, exported?: string): Promise<unknown> {
    const given = await this.#ask(name, text, false)
    if (given[0] !== answer.missing) return take(given, this.#decoding)
    const { entry } = this.#options
    if (exported === undefined) throw new RegrowError('ERR_REGROW_CLOSED', 'the function was released')
    const what = given === `${answer.missing}undefined`
    throw new RegrowError(
      'ERR_REGROW_LINK',
      `${entry} ${what ? `has no export '${exported}'` : `exports '${exported}', which is not a function`}`,
    )
  }

  /** @param isVital when it is late, the program cannot go on */
  #ask(name: Entry, text: string, isVital: boolean): Promise<string> {
    const { carrier, program } = this.#seatNow()
    const id = ++this.#last
    return this.#wait(id, isVital, () => carrier.send({ op: 'enter', program, name, id }, text))
  }

  #wait(id: number, isVital: boolean, send: () => void): Promise<string> {
    const { limits, entry } = this.#options
    if (this.#waiting.size >= limits.calls)
      throw new RegrowError('ERR_REGROW_MEMORY', `${entry} has ${limits.calls} calls under way`)
    return new Promise((resolve, reject) => {
      const { carrier, program } = this.#seat!
      const late = () => {
        const message = `${entry} gave no answer within ${limits.wallMs} ms`
        const error = new RegrowError('ERR_REGROW_TIMEOUT', message)
        if (isVital) carrier.kill({ reason: 'cpu', program, message })
        else this.#settle(id)?.reject(error)
      }
      const deadline = startDeadline(limits.wallMs, () => carrier.aliveMs, late)
      this.#waiting.set(id, { resolve, reject, deadline })
      carrier.hold()
      send()
    })
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (!waiting) return undefined
    waiting.deadline.cancel()
    this.#waiting.delete(id)
    // The host's process stays as long as somebody waits for an answer, and no longer.
    this.#seat!.carrier.letGo()
    return waiting
  }

  #seatNow(): Seat {
    if (this.#ended) throw this.#endedError(this.#ended)
    return this.#seat!
  }

  #post(name: Entry, id: number, text: string): void {
    if (this.#ended || !this.#seat) return
    this.#seat.carrier.send({ op: 'enter', program: this.#seat.program, name, id }, text)
  }

  #receive(head: Head, text: string): void {
    const { carrier, program } = this.#seat!
    switch (head.op) {
      case 'started':
        this.#started?.()
        return
      case 'failed':
        this.#started?.(new RegrowError('ERR_REGROW_EXIT', `the isolate cannot be started: ${text}`))
        return
      case 'result':
        this.#settle(head.id!)?.resolve(text)
        return
      case 'broken':
        this.#settle(head.id!)?.reject(new RegrowError('ERR_REGROW_EXIT', harmless(text)))
        return
      case 'limit': {
        const reason = head.code === 'ERR_REGROW_MEMORY' ? 'memory' : 'cpu'
        carrier.kill({ reason, program, message: `${this.#options.entry}: ${text}` })
        return
      }
      case 'ask':
        carrier.send({ op: 'reply', program, id: head.ask as number }, this.#reply(head.name!, head.id!, text))
        return
      case 'import':
        this.#importing.push([head.id!, text])
        if (!this.#isImporting) this.#importNext()
        return
      case 'console': {
        const dropped = Number(head.dropped) || 0
        if (dropped) this.#options.onConsole('warn', `${dropped} lines were left out: they came too fast`)
        this.#options.onConsole(consoleLevels[Number(head.level)] ?? 'log', harmless(text.slice(0, 10_000)))
        return
      }
      case 'uncaught':
        this.#uncaught(text)
        return
    }
  }

  /** What a timer threw, where nobody waits for it. */
  #uncaught(text: string): void {
    try {
      take(text, this.#decoding)
    } catch (error) {
      const shown = error instanceof Error ? error.stack : String(error)
      this.#options.onConsole('error', `Uncaught ${shown}`)
    }
  }

  #reply(name: string, id: number, text: string): string {
    try {
      if (name === 'host') return this.#hostFunctions.call(id, decode(text, this.#decoding) as unknown[])
      const given = take(text, this.#decoding)
      if (!Array.isArray(given)) throw new TypeError('no arguments')
      return this.#options.questions.sync(name, given, this.#hostFunctions)
    } catch (error) {
      return this.#hostFunctions.thrown(error)
    }
  }

  /** A few in each turn of the event loop: a guest may ask for many at once. */
  #importNext(): void {
    for (const [id, text] of this.#importing.splice(0, importsATurn)) void this.#import(id, text)
    this.#isImporting = true
    setImmediate(() => {
      this.#isImporting = false
      if (this.#importing.length > 0 && !this.#ended) this.#importNext()
    })
  }

  async #import(id: number, text: string): Promise<void> {
    let found: ModuleFound
    try {
      const [importer, specifier, attributes] = take(text, this.#decoding) as [string, string, Record<string, string>]
      const given = await this.#options.questions.import(String(importer), String(specifier), { ...attributes })
      if (!('thrown' in given)) found = given
      else {
        const { thrown } = given
        const transaction = typeof thrown === 'object' && thrown !== null ? this.#thrownBy.get(thrown) : undefined
        found = { refusal: transaction === undefined ? { name: 'Error', message: String(thrown) } : { transaction } }
      }
    } catch {
      found = { refusal: { name: 'Error', message: 'the module cannot be imported' } }
    }
    this.#post('imported', id, JSON.stringify(found))
  }

  /** A kernel that answers in another way than ours has been tampered with: nobody knows what it did. */
  #parse(text: string): unknown {
    try {
      const found: unknown = JSON.parse(text)
      if (typeof found === 'object' && found !== null) return found
      throw new TypeError('no record')
    } catch {
      const message = `${this.#options.entry} has broken its own kernel`
      this.#seat!.carrier.kill({ reason: 'crash', program: this.#seat!.program, message })
      throw new BuildFailure(new RegrowError('ERR_REGROW_EXIT', message), [])
    }
  }

  #end(reason: ExitReason): void {
    this.#started?.(this.#endedError(reason))
    if (this.#ended) return
    this.#ended = reason
    this.#fetching.abort()
    this.#rejectAll(this.#endedError(reason))
    this.#guestFunctions.drop()
    this.#options.onExit(reason)
  }

  #endedError(reason: ExitReason): RegrowError {
    const isOwn = reason.program === undefined || reason.program === this.#seat?.program
    // Who shares a process with one at fault is not at fault.
    if (!isOwn)
      return new RegrowError('ERR_REGROW_EXIT', `another program ended the process it shared: ${reason.message}`)
    return new RegrowError(codeOf(reason), reason.message)
  }

  #rejectAll(error: RegrowError): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(error)
  }
}

/** `import()`s that begin in one turn. */
const importsATurn = 16

/** In the order that the guest's side knows them by. */
const consoleLevels: readonly ConsoleLine['level'][] = ['log', 'info', 'debug', 'warn', 'error', 'trace']
