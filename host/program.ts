// A running program: one entry with its graph in one realm, and the queue its reloads go through.
// Longer than most: it is the public object, and each of its methods is a few lines over the same private state.
import diagnosticsChannel from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { dirname, posix } from 'node:path'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import v8 from 'node:v8'
import { guestState } from '../guest/state.js'
import type { CloseOptions, ModuleInfo, Program, ProgramEvents, ProgramStats, RealmKind, ReloadReport } from './api.js'
import { type Builder, createBuilder } from './builder.js'
import { type Cache, createCache } from './cache.js'
import { disposeAll } from './disposal.js'
import { RegrowError } from './errors.js'
import {
  baseOf,
  type Evaluated,
  forgetGiven,
  forgetStatements,
  moduleToType,
  planEvaluation,
  takeGiven,
} from './evaluation.js'
import { createExternals, type Externals } from './externals.js'
import { EvaluationFailure } from './failure.js'
import { Graph, guestRequests } from './graph.js'
import { type Direction, History, type Step } from './history.js'
import type { Invalidation } from './hot-update.js'
import { createKernelHost } from './kernel-host.js'
import { type Look, lookInto } from './look.js'
import type { Settings } from './options.js'
import type { ProgramHooks } from './program-hooks.js'
import { createContextRealm } from './realms/context.js'
import type { ExitReason } from './realms/isolate/child-process.js'
import { guardResolver } from './realms/isolate/guarded-resolver.js'
import { type GuardedSources, guardSources } from './realms/isolate/guarded-sources.js'
import { harmlessReport } from './realms/isolate/harmless-report.js'
import { IsolateRealm } from './realms/isolate/isolate.js'
import { createPace } from './realms/isolate/pace.js'
import { createGuestPackages } from './realms/isolate/packages.js'
import type { IsolatePool } from './realms/isolate/pool.js'
import { createQuestions } from './realms/isolate/questions.js'
import { createRevival, type Revival } from './realms/isolate/revival.js'
import { virtualPath, withRealPaths, withVirtualPaths } from './realms/isolate/virtual.js'
import { createMainRealm } from './realms/main.js'
import type { Realm } from './realms/realm.js'
import { type Outcome, type ReloadOptions, reload } from './reload.js'
import { createResolver } from './resolve.js'
import type { Services } from './services.js'
import { createSources, type Sources } from './sources.js'
import { createStackMapper, type StackMapper } from './stack.js'
import { installStackHook } from './stack-hook.js'
import { createTsconfig, noTsconfig, type Tsconfig } from './tsconfig.js'
import { createTyped } from './typed.js'
import { createWatcher, type Watcher } from './watch.js'

/** How long `close()` waits for a reload under way, in milliseconds. */
const closeLimit = 1000

const channel = diagnosticsChannel.channel('regrow:reload')

export class RunningProgram extends EventEmitter<ProgramEvents> implements Program {
  readonly entry: string
  readonly #settings: Settings
  readonly #sources: Sources
  readonly #tsconfig: Tsconfig
  readonly #clearCaches: () => void
  readonly #builder: Builder
  readonly #cache: Cache | undefined
  readonly #externals: Externals
  #graph = new Graph()
  #realm: Realm
  readonly #stack: StackMapper
  #services: Services
  readonly #history = new History()
  readonly #typed = createTyped()
  #evaluations = 0
  readonly #onClose: () => void
  readonly #hooks: ProgramHooks
  readonly #uninstallHook: () => void
  readonly #createRealm: () => Realm
  readonly #revival: Revival | undefined
  readonly #pin: GuardedSources['pin'] | undefined
  /** Waits while reloads come too fast. */
  readonly #pace: (() => Promise<void>) | undefined
  readonly #reloads = { applied: 0, unchanged: 0, rejected: 0 }
  /** Ids that differ from the running version since a rejected reload, or that it wanted. */
  readonly #pending = new Set<string>()
  /** Ids that were saved while a reload was under way: together they make the next (R14). */
  readonly #arrived = new Set<string>()
  #watcher: Watcher | undefined
  #stopStore: (() => void) | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #drift: ReloadReport | undefined
  /** Ends the wait for work that is under way. */
  readonly #abandon = new Set<(error: RegrowError) => void>()
  /** A reload has begun in this turn of the event loop. */
  #isSameTurn = false
  #isClosed = false
  #hasStarted = false
  /** The version that ran last, of a program that may have to be started again. */
  #lastTexts: ReadonlyMap<string, string> = new Map()

  constructor(entry: string, settings: Settings, isolates: IsolatePool, onClose: () => void, hooks: ProgramHooks = {}) {
    super()
    this.#settings = settings
    this.#onClose = onClose
    this.#hooks = hooks
    const isIsolate = settings.realm === 'isolate'
    const sources = createSources(settings.root, settings.sources)
    sources.push(hooks.texts ?? {})
    const guarded = isIsolate ? guardSources(sources, settings.limits.sourceBytes) : undefined
    this.#pin = guarded?.pin
    this.#pace = isIsolate ? createPace(settings.limits.reloadsPerSecond) : undefined
    this.#sources = guarded ?? sources
    if (settings.text !== undefined) this.#sources.push({ [entry]: settings.text })
    this.#tsconfig = isIsolate ? noTsconfig : createTsconfig(this.#sources)
    const everything = createResolver({
      root: settings.root,
      sources: this.#sources,
      packages: settings.packages,
      modules: settings.modules,
      tsconfig: this.#tsconfig,
    })
    const resolver = isIsolate ? guardResolver(everything, settings.modules, settings.packages) : everything
    const found = resolver.resolve(`./${entry}`, '', 'import')
    if (found.kind === 'failed') {
      found.error.file = entry
      throw found.error
    }
    if (found.kind !== 'guest')
      throw new RegrowError('ERR_REGROW_LINK', `${entry} is no module of the program's own`, { file: entry })
    this.entry = found.id
    this.#clearCaches = () => {
      resolver.clear()
      this.#tsconfig.clear()
    }
    const isCached = settings.cache !== undefined && !isIsolate
    this.#cache = isCached ? createCache(settings.cache!, `${settings.root}\0${this.entry}`) : undefined
    const builds = isolates.builds.forProgram(settings.limits.parts)
    this.#builder = createBuilder(
      this.#sources,
      resolver,
      this.#tsconfig,
      this.#typed,
      isIsolate ? builds : undefined,
      this.#cache,
    )
    const packages = createGuestPackages(settings, builds, () => this.#realm as IsolateRealm)
    this.#externals = createExternals(settings.modules, packages.load)
    this.#stack = createStackMapper(
      id => this.#graph.modules.get(id),
      id => this.#sources.path(id),
      isIsolate ? virtualPath : undefined,
    )
    const shownSources = isIsolate ? withVirtualPaths(this.#sources) : this.#sources
    const shared = {
      resolver,
      builder: this.#builder,
      externals: this.#externals,
      granted: settings.modules,
      disposes: settings.dispose,
      invalidate: (id: string, firstInvalidatedBy: string) => this.#invalidate({ id, firstInvalidatedBy }),
      send: (module: string, event: string, data: unknown) => void this.emit('message', event, data, module),
      services: () => this.#services,
      refuseWhenClosed: () => this.#refuseWhenClosed(),
      load: (id: string) => this.#load(id),
    }
    const kernelHost = createKernelHost({ ...shared, sources: shownSources })
    const argv = [process.execPath, this.#sources.path(this.entry), ...(settings.args ?? [])]
    this.#createRealm = () => {
      if (settings.realm === 'main') return createMainRealm(kernelHost, settings.globals)
      if (settings.realm === 'context') return createContextRealm(kernelHost, settings.globals, argv, this.entry)
      return new IsolateRealm({
        entry: this.entry,
        pool: isolates,
        process: settings.process,
        limits: settings.limits,
        globals: settings.globals,
        grants: settings.grants,
        fetch: settings.fetch,
        disposes: settings.dispose,
        questions: createQuestions({ ...shared, packages, root: settings.root, stack: this.#stack, kernelHost }),
        mapStack: text => withRealPaths(this.#stack.stack(text), settings.root),
        onExit: reason => this.#died(reason),
        onConsole: (level, text) => {
          if (!this.emit('console', { level, text })) console[level](`[${this.entry}] ${text}`)
        },
      })
    }
    this.#realm = this.#createRealm()
    this.#uninstallHook = this.#realm.kind === 'isolate' ? () => {} : installStackHook(this.#realm.Error, this.#stack)
    if (this.#realm.kind !== 'isolate') guestState.kernels.add(this.#realm.kernel.item)
    this.#services = this.#createServices()
    this.#revival = isIsolate ? createRevival(() => this.#enter(() => this.#revive())) : undefined
  }

  #createServices(): Services {
    const isIsolate = this.#realm.kind === 'isolate'
    return {
      graph: this.#graph,
      builder: this.#builder,
      externals: this.#externals,
      realm: this.#realm,
      limits: isIsolate ? this.#settings.limits : undefined,
      stack: this.#stack,
      path: isIsolate ? virtualPath : id => this.#sources.path(id),
      metaOf: id => this.#metaOf(id),
      onProgress: this.#settings.onProgress,
      underWay: new Map(),
      commonJS: new Map(),
      evaluating: new Set(),
      hotUpdated: new Set(),
      dynamicImporters: new Map(),
      alsoWhole: this.#hooks.alsoWhole,
      onLateError: error => this.#tell(error),
      namespaces: new Set([this.entry]),
    }
  }

  /** Loads and evaluates the graph. @throws RegrowError */
  async start(): Promise<void> {
    if (this.#settings.realm === 'main' && this.#settings.args !== undefined) {
      process.argv = [process.execPath, this.#sources.path(this.entry), ...this.#settings.args]
    }
    const readAt = Date.now()
    if (this.#realm.kind === 'isolate') await this.#realm.start()
    const { report } = await this.#reloadNow([], { newRoot: this.entry })
    if (report.error) throw report.error
    this.#hasStarted = true
    if (this.#settings.watch) this.#startWatching(readAt)
  }

  get exports(): Record<string, any> {
    const realm = this.#realm
    if (realm.kind === 'isolate')
      throw new RegrowError('ERR_REGROW_OPTION', 'the exports of an isolate are not here: use call() and get()')
    return realm.kernel.namespace(this.entry) as Record<string, any>
  }

  get drift(): ReloadReport | undefined {
    return this.#drift
  }

  async call(name: string, ...args: unknown[]): Promise<unknown> {
    this.#refuseWhenClosed()
    if (this.#realm.kind === 'isolate') return (await this.#isolate()).call(name, args)
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
    this.#refuseWhenClosed()
    if (this.#realm.kind === 'isolate') return (await this.#isolate()).get(name)
    return this.exports[name]
  }

  reload(files?: Iterable<string>): Promise<ReloadReport> {
    return this.#enqueue(() =>
      files ? [...files].map(file => this.#sources.id(file)) : [...this.#graph.modules.keys()],
    )
  }

  update(files: Record<string, string | null>): Promise<ReloadReport> {
    return this.#enqueue(() => {
      const byId = Object.fromEntries(Object.entries(files).map(([file, text]) => [this.#sources.id(file), text]))
      this.#sources.push(byId)
      return Object.keys(byId)
    })
  }

  async evaluate(source: string, options: { module?: string } = {}): Promise<unknown> {
    const given = await this.evaluateNow(source, options.module)
    return 'later' in given ? given.later : given.value
  }

  /** Like `evaluate`, but promises come as they are. */
  evaluateNow(source: string, module: string = this.entry): Promise<Evaluated> {
    return this.#enter(async () => {
      await this.#takeTurn()
      const id = this.#sources.id(module)
      const running = moduleToType(this.#graph, id)
      const before = { text: baseOf(running), typed: this.#typed.stateOf(id) }
      const evaluation = { number: ++this.#evaluations, text: source }
      const plan = await planEvaluation(running, before.typed, evaluation)
      if (!plan) return { value: undefined }
      await forgetGiven(this.#services)
      this.#clearCaches()
      const readAt = Date.now()
      this.#typed.stage(id, plan.composition)
      let outcome: Outcome
      try {
        outcome = await this.#reloadNow([id])
      } finally {
        this.#typed.unstage(id)
      }
      const { report } = outcome
      if (report.error) throw report.error
      this.#typed.set(id, plan.state)
      forgetStatements(this.#services, id, plan.source)
      if (plan.hasDefinitions) {
        if (plan.source !== running.source) this.#history.push(new Map([[id, before]]))
        this.#followGraph(readAt)
        this.#announce(report)
      }
      return takeGiven(this.#services)
    })
  }

  /** What can be seen in a module. @throws RegrowError ERR_REGROW_LINK, ERR_REGROW_OPTION */
  look(module: string): Look {
    const isOnDisk = this.#settings.sources === undefined
    const options = { services: this.#services, typed: this.#typed, sources: this.#sources, isOnDisk }
    return lookInto(options, this.#sources.id(module))
  }

  get realm(): RealmKind {
    return this.#realm.kind
  }

  undo(): Promise<ReloadReport> {
    return this.#travel('undo')
  }

  redo(): Promise<ReloadReport> {
    return this.#travel('redo')
  }

  get undone(): string[] {
    return [...this.#graph.modules.keys()].filter(id => this.#sources.isHidden(id))
  }

  /**
   * Executes modules whole again, changed or not, as those are that accept themselves (R12).
   * @param idsNow tells which, when its turn among the reloads has come
   */
  execute(idsNow: () => readonly string[]): Promise<ReloadReport> {
    return this.#enqueue(() => [], false, undefined, undefined, idsNow)
  }

  /** Id of the module whose item runs right now, across its awaits. Not for isolates. */
  get evaluating(): string | undefined {
    return this.#realm.kind === 'isolate' ? undefined : this.#realm.kernel.item()?.module
  }

  /** Ids of its modules. */
  get ids(): Iterable<string> {
    return this.#graph.modules.keys()
  }

  modules(): ModuleInfo[] {
    return [...this.#graph.modules.values()].map(module => ({
      id: module.id,
      version: module.version,
      imports: [...new Set(guestRequests(module))],
      typed: this.#typed.stateOf(module.id).definitions.flatMap(each => each.names),
    }))
  }

  async stats(): Promise<ProgramStats> {
    const counts = { modules: this.#graph.modules.size, reloads: { ...this.#reloads } }
    if (this.#realm.kind !== 'isolate') return { ...counts, heapBytes: v8.getHeapStatistics().used_heap_size }
    const heapBytes = await (await this.#isolate()).heapBytes()
    return { ...counts, heapBytes, heapLimit: this.#settings.limits.memoryMb * 2 ** 20 }
  }

  async close({ dispose = true }: CloseOptions = {}): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stopStore?.()
    this.#revival?.cancel()
    await this.#watcher?.close()
    // Work under way may end by itself; what awaits for ever is given up.
    const limit = setTimeout(() => {
      for (const abandon of this.#abandon) abandon(this.#closedError())
    }, closeLimit)
    await this.#queue.catch(() => {})
    clearTimeout(limit)
    if (dispose) for (const error of await disposeAll(this.#services)) this.#tell(error)
    for (const end of this.#services.evaluating) end()
    if (this.#realm.kind !== 'isolate') guestState.kernels.delete(this.#realm.kernel.item)
    this.#uninstallHook()
    await this.#realm.close()
    await this.#cache?.close()
    this.#onClose()
    await nextTurn()
    this.emit('close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw this.#closedError()
  }

  /** Where nobody listens, an `error` would be thrown. */
  #tell(error: RegrowError): void {
    if (this.listenerCount('error') > 0) this.emit('error', error)
  }

  #closedError(): RegrowError {
    return new RegrowError('ERR_REGROW_CLOSED', `the program ${this.entry} is closed`)
  }

  /** Code that awaits for ever must not hold up `close()`. */
  #unlessClosed<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#abandon.add(reject)
      work.then(resolve, reject).finally(() => this.#abandon.delete(reject))
    })
  }

  /** What an isolate's guest has written into a report can do no harm on a terminal. */
  async #reloadNow(ids: Iterable<string>, options: ReloadOptions = {}): Promise<Outcome> {
    const outcome = await this.#unlessClosed(reload(this.#services, ids, options))
    return this.#realm.kind === 'isolate' ? { ...outcome, report: harmlessReport(outcome.report) } : outcome
  }

  /** Reloads go one after another; each sees the sources as they are when its turn comes. */
  #enqueue(
    idsNow: () => string[],
    isRemembered = true,
    firstSeen?: number,
    invalidation?: Invalidation,
    wholeNow?: () => readonly string[],
  ): Promise<ReloadReport> {
    return this.#enter(async () => {
      if (this.#pace) await this.#unlessClosed(this.#pace())
      if (!wholeNow) await this.#hooks.beforeReload?.()
      await this.#takeTurn()
      const whole = wholeNow?.()
      const ids = new Set([...idsNow(), ...(whole ? [] : this.#pending)])
      const texts = whole ? {} : (this.#hooks.textsFor?.(ids) ?? {})
      this.#sources.push(texts)
      for (const id of Object.keys(texts)) ids.add(id)
      this.#clearCaches()
      const readAt = Date.now()
      const outcome = await this.#reloadNow(ids, { firstSeen, invalidation, whole })
      if (whole) this.#reloads[outcome.report.outcome]++
      else this.#settle(outcome, ids, isRemembered)
      this.#followGraph(readAt)
      this.#hooks.afterReload?.(outcome.report, whole)
      return whole ? outcome.report : this.#announce(outcome.report)
    })
  }

  /** One step back, or forth again. A rejected one leaves everything as it was. */
  #travel(direction: Direction): Promise<ReloadReport> {
    return this.#enter(async () => {
      await this.#takeTurn()
      const step: Step = this.#history.peek(direction) ?? new Map()
      const inverse = new Map(
        [...step.keys()].map(id => {
          const running = this.#graph.modules.get(id)
          return [id, { text: running ? baseOf(running) : null, typed: this.#typed.stateOf(id) }]
        }),
      )
      const restore = [...step.keys()].map(id => this.#sources.remember(id))
      for (const [id, { text, typed }] of step) {
        if (text === null) continue
        this.#typed.set(id, typed)
        this.#sources.hide(id, text)
      }
      this.#clearCaches()
      const readAt = Date.now()
      const { report } = await this.#reloadNow(step.keys())
      if (report.outcome === 'rejected') {
        for (const each of restore) each()
        for (const [id, { typed }] of inverse) this.#typed.set(id, typed)
      } else if (step.size) {
        this.#history.move(direction, inverse)
        for (const id of step.keys()) this.#pending.delete(id)
        // What is left was wanted by modules that are others now.
        if (![...this.#pending].some(id => this.#graph.modules.has(id))) {
          this.#pending.clear()
          this.#drift = undefined
        }
      }
      this.#followGraph(readAt)
      return this.#announce(report)
    })
  }

  #announce(told: ReloadReport): ReloadReport {
    const { undone } = this
    const report = undone.length ? { ...told, undone } : told
    this.#reloads[report.outcome]++
    if (this.#drift === told) this.#drift = report
    channel.publish(report)
    this.emit('reload', report)
    return report
  }

  /** Before anything changes the program. */
  async #takeTurn(): Promise<void> {
    await this.#reviveFirst()
    // One turn of the event loop has room for one reload: the program's own timers run in between, and what WeakRefs
    // touched stays alive until its turn ends.
    if (this.#isSameTurn) await nextTurn()
    this.#isSameTurn = true
    setImmediate(() => {
      this.#isSameTurn = false
    }).unref()
  }

  /** Work on the program goes one after another. */
  #enter<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => {
      this.#refuseWhenClosed()
      return work()
    })
    this.#queue = turn.catch(() => {})
    return turn
  }

  /** Only what an update has executed hands it on, and once. */
  #invalidate(invalidation: Invalidation): void {
    if (this.#isClosed || !this.#services.hotUpdated.delete(invalidation.id)) return
    this.#enqueue(() => [], false, undefined, invalidation).catch(error => {
      if (!this.#isClosed) this.emit('error', error as Error)
    })
  }

  get #beforeRunning(): Promise<void> | undefined {
    return this.#revival?.pending ?? this.#reviving
  }
  /** Settles when a start that is under way has been tried. */
  #reviving: Promise<void> | undefined

  /** The isolate, once it runs again if it is about to. */
  async #isolate(): Promise<IsolateRealm> {
    for (let wait = this.#beforeRunning; wait; wait = this.#beforeRunning) await wait
    this.#refuseWhenClosed()
    return this.#realm as IsolateRealm
  }

  /** The process of the isolate has died. */
  #died(reason: ExitReason): void {
    if (this.#isClosed || !this.#hasStarted) return
    this.emit('exit', this.#revival!.died(reason))
  }

  /** A reload does not wait until a dead program is due: it is what may mend it. */
  async #reviveFirst(): Promise<void> {
    if (this.#realm.kind !== 'isolate' || !this.#realm.isOver) return
    this.#revival!.cancel()
    // When the version of before cannot run, the reload starts from the sources as they are now.
    await this.#revive().catch(() => this.#renew())
  }

  /** Starts again from the texts that ran last: an edit that killed the program is no part of it. */
  async #revive(): Promise<void> {
    if (this.#realm.kind !== 'isolate' || !this.#realm.isOver) return
    const revived = this.#startAgain()
    const tried = revived.catch(() => {})
    this.#reviving = tried
    try {
      await revived
    } finally {
      if (this.#reviving === tried) this.#reviving = undefined
    }
    this.emit('restart')
  }

  async #startAgain(): Promise<void> {
    const texts = new Map([...this.#graph.modules].map(([id, { source }]) => [id, source]))
    if (texts.size > 0) this.#lastTexts = texts
    await this.#renew()
    this.#pin!(this.#lastTexts)
    try {
      const { report } = await this.#reloadNow([], { newRoot: this.entry })
      if (report.error) throw report.error
    } finally {
      this.#pin!()
    }
  }

  async #renew(): Promise<void> {
    await this.#realm.close()
    for (const id of this.#graph.modules.keys()) this.#stack.forget(id)
    this.#graph = new Graph()
    const realm = this.#createRealm() as IsolateRealm
    this.#realm = realm
    this.#services = this.#createServices()
    await this.#unlessClosed(realm.start())
  }

  #settle({ report, wanted, before }: Outcome, ids: ReadonlySet<string>, isRemembered: boolean): void {
    this.#pending.clear()
    if (report.outcome === 'rejected') {
      for (const id of [...ids, ...wanted])
        if (this.#graph.modules.has(id) ? this.#differs(id) : wanted.includes(id)) this.#pending.add(id)
      this.#drift = report
    } else {
      this.#drift = undefined
      const states = [...before].map(([id, text]) => [id, { text, typed: this.#typed.stateOf(id) }] as const)
      if (report.outcome === 'applied' && isRemembered) this.#history.push(new Map(states))
      for (const id of before.keys()) {
        const module = this.#graph.modules.get(id)
        if (module) this.#typed.settle(id, baseOf(module))
        else this.#typed.forget(id)
      }
    }
  }

  #differs(id: string): boolean {
    try {
      return this.#builder.read(id) !== this.#graph.modules.get(id)!.source
    } catch {
      return true
    }
  }

  /** @param readAt on Date.now()'s clock: what was saved since then is reported */
  #startWatching(readAt: number): void {
    if (!this.#sources.watchable) return
    if (this.#sources.watch) {
      this.#stopStore = this.#sources.watch(ids => void this.#changed(ids))
      return
    }
    this.#watcher = createWatcher({
      root: this.#settings.root,
      onBatch: (paths, firstSeen) =>
        void this.#changed(
          [...paths].map(path => this.#sources.id(path)),
          firstSeen,
        ),
      onTouch: path => this.#buildAhead(path),
      onError: error => this.emit('error', error),
    })
    this.#followGraph(readAt)
  }

  /** Builds while the watcher waits for the end of a batch. */
  #buildAhead(path: string): void {
    try {
      const id = this.#sources.id(path)
      const running = this.#graph.modules.get(id)
      if (!running) return
      this.#builder.buildAhead(id)
      // Made now if it is not there: the diff will ask for it.
      void running.literalIds
    } catch {
      // The reload says what is wrong.
    }
  }

  #changed(ids: readonly string[], firstSeen?: number): void {
    if (this.#isClosed) return
    // A file that is saved is itself again, whatever was pushed over it.
    for (const id of ids) this.#sources.forget(id)
    const isWaiting = this.#arrived.size > 0
    for (const id of ids) this.#arrived.add(id)
    if (isWaiting) return
    const takeArrived = () => {
      const arrived = [...this.#arrived]
      this.#arrived.clear()
      const touchesConfig = arrived.some(id => posix.basename(id) === 'tsconfig.json')
      return touchesConfig ? [...this.#graph.modules.keys()] : arrived
    }
    this.#enqueue(takeArrived, true, firstSeen).catch(error => {
      if (!this.#isClosed) this.emit('error', error as Error)
    })
  }

  /** Watches the files of the graph as it is now, and those a failed reload wanted. */
  #followGraph(readAt: number): void {
    const watcher = this.#watcher
    if (!watcher) return
    const others = [...this.#pending, ...this.#tsconfig.files()].sort().join('\0')
    const state = `${this.#graph.membership}\0${others}`
    if (this.#graph === this.#followed.graph && state === this.#followed.state) return
    const ids = new Set([...this.#graph.modules.keys(), ...this.#pending, ...this.#tsconfig.files()])
    const paths = new Set([...ids].map(id => this.#sources.path(id)))
    const watched = this.#followed.paths
    watcher.remove([...watched].filter(path => !paths.has(path)))
    watcher.add(
      [...paths].filter(path => !watched.has(path)),
      readAt,
    )
    this.#followed = { graph: this.#graph, state, paths }
  }
  #followed: { graph: Graph | undefined; state: string; paths: ReadonlySet<string> } = {
    graph: undefined,
    state: '',
    paths: new Set(),
  }

  #metaOf(id: string): NonNullable<ReturnType<Services['metaOf']>> {
    const filename = this.#services.path(id)
    return { url: pathToFileURL(filename).href, filename, dirname: dirname(filename), isMain: id === this.entry }
  }

  /** What an `import()` brings in. */
  async #load(id: string): Promise<void> {
    const readAt = Date.now()
    const { report } = await reload(this.#services, [], { newRoot: id })
    const { error } = report
    if (error) throw error.code === 'ERR_REGROW_EVALUATE' ? new EvaluationFailure(error.cause) : error
    this.#followGraph(readAt)
  }
}
