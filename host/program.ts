// A running program: one entry with its graph in one realm, and what is done with it. host/parts.ts says what it is put together from.
// Longer than most: it is the public object, and each of its methods is a few lines over the same private state.
import diagnosticsChannel from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import v8 from 'node:v8'
import { guestState } from '../guest/state.js'
import type { CloseOptions, ModuleInfo, Program, ProgramEvents, ProgramStats, RealmKind, ReloadReport } from './api.js'
import { clock } from './clock.js'
import { compactAfterStart } from './compaction.js'
import { disposeAll } from './disposal.js'
import { Drift } from './drift.js'
import { RegrowError, type RegrowErrorCode } from './errors.js'
import { type Evaluated, forgetGiven, forgetStatements, moduleToType, planEvaluation, takeGiven } from './evaluation.js'
import { EvaluationFailure } from './failure.js'
import { Follower } from './follow.js'
import { guestRequests } from './graph.js'
import { competes, type Direction, History, type Step } from './history.js'
import type { Invalidation } from './hot-update.js'
import { type Look, lookInto } from './look.js'
import { baseOf } from './module.js'
import { checkCall, type Settings } from './options.js'
import { Parts } from './parts.js'
import type { ProgramHooks } from './program-hooks.js'
import type { ExitReason } from './realms/isolate/child-process.js'
import { harmlessReport } from './realms/isolate/harmless-report.js'
import { createPace } from './realms/isolate/pace.js'
import type { IsolatePool } from './realms/isolate/pool.js'
import { Restarts } from './realms/isolate/restarts.js'
import { type Outcome, type ReloadOptions, reload } from './reload.js'
import { installStackHook } from './stack-hook.js'
import { stepsOf } from './steps.js'
import { Turns } from './turns.js'

/** How long `close()` waits for a reload under way, in milliseconds. */
const closeLimit = 1000

/** Codes of failures of a start that an edit may mend. */
const mendable = new Set<RegrowErrorCode>(['ERR_REGROW_BUILD', 'ERR_REGROW_LINK', 'ERR_REGROW_EVALUATE'])

const channel = diagnosticsChannel.channel('regrow:reload')

export class RunningProgram extends EventEmitter<ProgramEvents> implements Program {
  readonly #settings: Settings
  readonly #hooks: ProgramHooks
  readonly #onClose: () => void
  readonly #parts: Parts
  readonly #turns: Turns
  readonly #follower: Follower
  readonly #drift: Drift
  readonly #history = new History()
  readonly #reloads = { applied: 0, unchanged: 0, rejected: 0 }
  #evaluations = 0
  readonly #uninstallHook: () => void
  /** Updates that modules have handed on by `invalidate()`, and that are not applied yet. */
  readonly #handedOn = new Set<Promise<ReloadReport>>()
  /** Of an isolate. */
  readonly #restarts: Restarts | undefined
  /** Waits while reloads come too fast. */
  readonly #pace: (() => Promise<void>) | undefined
  #hasStarted = false
  /** Hears of saves while the first load waits to be made again. */
  #savedEarly: (() => void) | undefined

  constructor(entry: string, settings: Settings, isolates: IsolatePool, onClose: () => void, hooks: ProgramHooks = {}) {
    super()
    this.#settings = settings
    this.#onClose = onClose
    this.#hooks = hooks
    this.#turns = new Turns(() => new RegrowError('ERR_REGROW_CLOSED', `the program ${this.#parts.entry} is closed`))
    this.#parts = new Parts(entry, {
      settings,
      isolates,
      hooks,
      refuseWhenClosed: () => this.#turns.refuseWhenClosed(),
      load: id => this.#load(id),
      invalidate: (id, firstInvalidatedBy) => this.#invalidate({ id, firstInvalidatedBy }),
      message: (...args) => void this.emit('message', ...args),
      died: reason => this.#died(reason),
      printed: line => {
        if (!this.emit('console', line)) console[line.level](`[${this.entry}] ${line.text}`)
      },
      failedLate: error => this.#tell(error),
    })
    const { realm, stack } = this.#parts
    this.#drift = new Drift(this.#parts)
    this.#follower = new Follower({
      root: settings.root,
      parts: this.#parts,
      pending: this.#drift.pending,
      onSaved: (take, firstSeen) => {
        if (this.#hasStarted) this.#unawaited(this.#enqueue(take, { firstSeen }))
        else if (take().length > 0) this.#savedEarly?.()
      },
      onError: error => this.emit('error', error),
    })
    const isIsolate = realm.kind === 'isolate'
    // What Node itself throws into a context is an error of the host's.
    const errors = isIsolate ? [] : new Set([realm.Error, Error])
    const uninstall = [...errors].map(each => installStackHook(each, stack))
    this.#uninstallHook = () => {
      for (const each of uninstall) each()
    }
    if (isIsolate) {
      this.#pace = createPace(settings.limits.reloadsPerSecond)
      const load = () => this.#loadEntry()
      const onRestart = () => this.emit('restart')
      this.#restarts = new Restarts({ parts: this.#parts, turns: this.#turns, load, onRestart })
    } else guestState.kernels.add(realm.kernel.item)
  }

  get entry(): string {
    return this.#parts.entry
  }

  /** Loads and evaluates the graph. @throws RegrowError */
  async start(): Promise<void> {
    const { realm, args, watch } = this.#settings
    if (realm === 'main' && args !== undefined) process.argv = this.#parts.argv(args)
    if (this.#parts.realm.kind === 'isolate') await this.#parts.realm.start()
    const readAt = await this.#loadFirst()
    this.#hasStarted = true
    if (realm !== 'isolate') compactAfterStart(clock.today() - readAt)
    if (watch) this.#follower.start(readAt)
  }

  get exports(): Record<string, any> {
    const { realm } = this.#parts
    if (realm.kind === 'isolate')
      throw new RegrowError('ERR_REGROW_OPTION', 'the exports of an isolate are not here: use call() and get()')
    return realm.kernel.namespace(this.entry) as Record<string, any>
  }

  get drift(): ReloadReport | undefined {
    return this.#drift.report
  }

  async call(name: string, ...args: unknown[]): Promise<unknown> {
    this.#turns.refuseWhenClosed()
    if (this.#restarts) return (await this.#restarts.isolate()).call(name, args)
    const exported = this.exports[name]
    if (typeof exported !== 'function') {
      throw new RegrowError(
        'ERR_REGROW_LINK',
        `${this.entry} ${exported === undefined ? `has no export '${name}'` : `exports '${name}', which is not a function`}`,
      )
    }
    return exported(...args)
  }

  async get(name: string): Promise<unknown> {
    this.#turns.refuseWhenClosed()
    if (this.#restarts) return (await this.#restarts.isolate()).get(name)
    return this.exports[name]
  }

  async reload(files?: Iterable<string>): Promise<ReloadReport> {
    checkCall.reload(files)
    const { sources, services, tsconfig } = this.#parts
    const all = () => [...this.ids, ...services.underWay.keys(), ...tsconfig.changed()]
    return this.#withUpdates(() => (files ? [...files].map(file => sources.id(file)) : all()))
  }

  async update(files: Record<string, string | null>): Promise<ReloadReport> {
    checkCall.update(files)
    const { sources } = this.#parts
    return this.#withUpdates(() => {
      const byId = Object.fromEntries(Object.entries(files).map(([file, text]) => [sources.id(file), text]))
      sources.push(byId)
      return Object.keys(byId)
    })
  }

  async evaluate(source: string, options: { module?: string } = {}): Promise<unknown> {
    checkCall.evaluate(source, options)
    const given = await this.evaluateNow(source, options.module)
    return 'later' in given ? given.later : given.value
  }

  /** Like `evaluate`, but promises come as they are. */
  evaluateNow(source: string, module: string = this.entry): Promise<Evaluated> {
    return this.#turns.enter(async () => {
      await this.#takeTurn()
      const { sources, typed, services, graph } = this.#parts
      const id = sources.id(module)
      const running = moduleToType(graph, id)
      const before = { text: baseOf(running), typed: typed.stateOf(id) }
      const evaluation = { number: ++this.#evaluations, text: source }
      const plan = await planEvaluation(running, before.typed, evaluation)
      if (!plan) return { value: undefined }
      await forgetGiven(services)
      this.#parts.clearCaches()
      const readAt = clock.today()
      typed.stage(id, plan.composition)
      let outcome: Outcome
      try {
        outcome = await this.#reloadNow([id])
      } finally {
        typed.unstage(id)
      }
      const { report } = outcome
      if (report.error) throw report.error
      typed.set(id, plan.state)
      forgetStatements(services, id, plan.source)
      if (plan.hasDefinitions) {
        if (plan.source !== running.source) this.#history.push(new Map([[id, before]]))
        this.#follower.followGraph(readAt)
        this.#announce(report)
      }
      return takeGiven(services)
    })
  }

  /** What can be seen in a module. @throws RegrowError ERR_REGROW_LINK, ERR_REGROW_OPTION */
  look(module: string): Look {
    const { services, typed, sources } = this.#parts
    const isOnDisk = this.#settings.sources === undefined
    return lookInto({ services, typed, sources, isOnDisk }, sources.id(module))
  }

  get realm(): RealmKind {
    return this.#settings.realm
  }

  undo(): Promise<ReloadReport> {
    return this.#travel('undo')
  }

  redo(): Promise<ReloadReport> {
    return this.#travel('redo')
  }

  get undone(): string[] {
    const { graph, sources } = this.#parts
    return sources.hidden().filter(id => graph.modules.has(id))
  }

  /**
   * Executes modules whole again, changed or not, as those are that accept themselves (R12).
   * @param wholeNow tells which, when its turn among the reloads has come
   */
  execute(wholeNow: () => readonly string[]): Promise<ReloadReport> {
    return this.#enqueue(() => [], { wholeNow })
  }

  /** Id of the module whose item runs right now, across its awaits. Not for isolates. */
  get evaluating(): string | undefined {
    const { realm } = this.#parts
    return realm.kind === 'isolate' ? undefined : realm.kernel.item()?.module
  }

  /** Ids of its modules. */
  get ids(): Iterable<string> {
    return this.#parts.graph.modules.keys()
  }

  modules(): ModuleInfo[] {
    const { graph, typed } = this.#parts
    return [...graph.modules.values()].map(module => ({
      id: module.id,
      version: module.version,
      imports: [...new Set(guestRequests(module))],
      typed: typed.stateOf(module.id).definitions.flatMap(each => each.names),
    }))
  }

  async stats(): Promise<ProgramStats> {
    const isolate = await this.#restarts?.isolate()
    const versions = { ...(await stepsOf(this.#parts.realm).versions()) }
    const counts = { modules: this.#parts.graph.modules.size, reloads: { ...this.#reloads }, versions }
    if (!isolate) return { ...counts, heapBytes: v8.getHeapStatistics().used_heap_size }
    const heapBytes = await isolate.heapBytes()
    return { ...counts, heapBytes, heapLimit: this.#settings.limits.memoryMb * 2 ** 20 }
  }

  async close(options: CloseOptions = {}): Promise<void> {
    checkCall.close(options)
    const { dispose = true } = options
    if (this.#turns.isClosed) return
    this.#turns.close()
    this.#restarts?.cancel()
    await this.#follower.close()
    await this.#turns.ended(closeLimit)
    const { realm, services, cache } = this.#parts
    if (dispose) for (const error of await disposeAll(services)) this.#tell(error)
    for (const end of services.evaluating) end()
    if (realm.kind !== 'isolate') guestState.kernels.delete(realm.kernel.item)
    this.#uninstallHook()
    await realm.close()
    await cache?.close()
    this.#onClose()
    await nextTurn()
    this.emit('close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Where nobody listens, an `error` would be thrown. */
  #tell(error: RegrowError): void {
    if (this.listenerCount('error') > 0) this.emit('error', error)
  }

  /** A reload that nobody waits for. */
  #unawaited(reload: Promise<ReloadReport>): void {
    reload.catch(error => {
      if (!this.#turns.isClosed) this.emit('error', error as Error)
    })
  }

  /** What an isolate's guest has written into a report can do no harm on a terminal. */
  async #reloadNow(ids: Iterable<string>, options: ReloadOptions = {}): Promise<Outcome> {
    const outcome = await this.#turns.unlessClosed(reload(this.#parts.services, ids, options))
    const { late = [] } = outcome
    if (late.length > 0) this.#handOn(this.#enqueue(() => [...late]))
    return this.realm === 'isolate' ? { ...outcome, report: harmlessReport(outcome.report) } : outcome
  }

  /** Reloads go one after another; each sees the sources as they are when its turn comes. */
  #enqueue(idsNow: () => string[], options: EnqueueOptions = {}): Promise<ReloadReport> {
    const { firstSeen, invalidation, wholeNow } = options
    return this.#turns.enter(async () => {
      if (this.#pace) await this.#turns.unlessClosed(this.#pace())
      if (!wholeNow) await this.#hooks.beforeReload?.()
      await this.#takeTurn()
      const { sources, tsconfig } = this.#parts
      const whole = wholeNow?.()
      const ids = new Set([...idsNow(), ...(whole ? [] : this.#drift.pending)])
      const texts = whole ? {} : (this.#hooks.textsFor?.(ids) ?? {})
      sources.push(texts)
      for (const id of Object.keys(texts)) ids.add(id)
      const anew = [...ids].some(id => tsconfig.isFile(id))
      if (anew) for (const id of this.ids) ids.add(id)
      this.#parts.clearCaches()
      const readAt = clock.today()
      const outcome = await this.#reloadNow(ids, { firstSeen, invalidation, whole, anew })
      if (whole) this.#reloads[outcome.report.outcome]++
      else this.#settle(outcome, ids, invalidation === undefined)
      this.#follower.followGraph(readAt)
      this.#hooks.afterReload?.(outcome.report, whole)
      return whole ? outcome.report : this.#announce(outcome.report)
    })
  }

  /** One step back, or forth again. A rejected one leaves everything as it was. */
  #travel(direction: Direction): Promise<ReloadReport> {
    return this.#turns.enter(async () => {
      await this.#takeTurn()
      const { graph, sources, typed } = this.#parts
      const step: Step = this.#history.peek(direction) ?? new Map()
      const inverse = new Map(
        [...step.keys()].map(id => {
          const running = graph.modules.get(id)
          const text = running ? baseOf(running) : null
          return [id, { text, typed: typed.stateOf(id), uncover: sources.remember(id) }]
        }),
      )
      for (const [id, { text, typed: state, uncover }] of step) {
        // A file that the step brought in stays, unless it would be found in place of one that it took away.
        if (text === null && !competes(id, step)) {
          uncover?.()
          continue
        }
        typed.set(id, state)
        sources.hide(id, text)
      }
      this.#parts.clearCaches()
      const readAt = clock.today()
      const { report } = await this.#reloadNow(step.keys())
      if (report.outcome === 'rejected') {
        for (const [id, { typed: state, uncover }] of inverse) {
          uncover()
          typed.set(id, state)
        }
      } else if (step.size) {
        this.#history.move(direction, inverse)
        this.#drift.forget(step.keys())
      }
      this.#follower.followGraph(readAt)
      return this.#announce(report)
    })
  }

  /** Remembers what a reload has changed, or what it could not. */
  #settle({ report, wanted, before }: Outcome, ids: ReadonlySet<string>, isRemembered: boolean): void {
    if (report.outcome === 'rejected') {
      this.#drift.rejected(report, ids, wanted)
      return
    }
    this.#drift.clear()
    const { graph, typed } = this.#parts
    if (report.outcome === 'applied' && isRemembered)
      this.#history.push(new Map([...before].map(([id, text]) => [id, { text, typed: typed.stateOf(id) }])))
    for (const id of before.keys()) {
      const module = graph.modules.get(id)
      if (module) typed.settle(id, baseOf(module))
      else typed.forget(id)
    }
  }

  #announce(told: ReloadReport): ReloadReport {
    const { undone } = this
    const report = undone.length ? { ...told, undone } : told
    this.#reloads[report.outcome]++
    if (this.#drift.report === told) this.#drift.report = report
    channel.publish(report)
    this.emit('reload', report)
    return report
  }

  /** Before anything changes the program. */
  async #takeTurn(): Promise<void> {
    await this.#restarts?.beforeReload()
    await this.#turns.alone()
  }

  /** Only what an update has executed hands it on, and once. */
  #invalidate(invalidation: Invalidation): void {
    if (this.#turns.isClosed || !this.#parts.services.hotUpdated.delete(invalidation.id)) return
    this.#handOn(this.#enqueue(() => [], { invalidation }))
  }

  /** A reload that follows from another one. */
  #handOn(update: Promise<ReloadReport>): void {
    this.#unawaited(update)
    this.#handedOn.add(update)
    const done = () => this.#handedOn.delete(update)
    update.then(done, done)
  }

  /** Who waits for a reload waits for the updates that modules hand on because of it, too. */
  async #withUpdates(idsNow: () => string[]): Promise<ReloadReport> {
    const report = await this.#enqueue(idsNow)
    while (this.#handedOn.size) await Promise.allSettled(this.#handedOn)
    return report
  }

  /** @returns when the sources that are loaded were read, on clock.today()'s clock */
  async #loadFirst(): Promise<number> {
    const { onFailedStart, watch } = this.#settings
    for (;;) {
      const saved = new Promise<void>(resolve => {
        this.#savedEarly = resolve
      })
      const readAt = clock.today()
      const { report, wanted } = await this.#reloadNow([], { newRoot: this.entry })
      const { error } = report
      if (!error) return readAt
      if (!watch || !onFailedStart || !mendable.has(error.code)) throw error
      this.#drift.rejected(report, new Set(), wanted)
      this.#follower.start(readAt)
      onFailedStart(error)
      await this.#turns.waitFor(saved)
      this.#drift.clear()
      this.#parts.clearCaches()
    }
  }

  async #loadEntry(): Promise<void> {
    const { report } = await this.#reloadNow([], { newRoot: this.entry })
    if (report.error) throw report.error
  }

  /** What an `import()` brings in. */
  async #load(id: string): Promise<void> {
    const readAt = clock.today()
    const { services } = this.#parts
    const { report } = await reload(services, [], { newRoot: id })
    const { missed, underWay } = services
    const arrived = [...missed].filter(each => !underWay.has(each))
    for (const each of arrived) missed.delete(each)
    const { error } = report
    if (error) throw error.code === 'ERR_REGROW_EVALUATE' ? new EvaluationFailure(error.cause) : error
    this.#follower.followGraph(readAt)
    if (arrived.length) this.#unawaited(this.#enqueue(() => arrived))
  }

  /** The process of the isolate has died. */
  #died(reason: ExitReason): void {
    if (this.#turns.isClosed || !this.#hasStarted) return
    this.emit('exit', this.#restarts!.died(reason))
  }
}

interface EnqueueOptions {
  /** `clock.now()` of the first sign of a save. */
  readonly firstSeen?: number | undefined
  /** An update is handed on (R12). */
  readonly invalidation?: Invalidation
  /** Tells which modules to execute whole, when its turn has come; nothing else is looked at. */
  readonly wholeNow?: () => readonly string[]
}
