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
import type { CloseOptions, ModuleInfo, Program, ProgramEvents, ProgramStats, ReloadReport } from './api.js'
import { type Builder, createBuilder } from './builder.js'
import { disposeAll } from './disposal.js'
import { RegrowError } from './errors.js'
import { createExternals, type Externals } from './externals.js'
import { EvaluationFailure } from './failure.js'
import { Graph, guestRequests } from './graph.js'
import { History } from './history.js'
import type { Invalidation } from './hot-update.js'
import { createKernelHost } from './kernel-host.js'
import type { Settings } from './options.js'
import { createContextRealm } from './realms/context.js'
import { createMainRealm } from './realms/main.js'
import type { Realm } from './realms/realm.js'
import { type Outcome, reload } from './reload.js'
import { createResolver } from './resolve.js'
import type { Services } from './services.js'
import { createSources, type Sources } from './sources.js'
import { createStackMapper, type StackMapper } from './stack.js'
import { installStackHook } from './stack-hook.js'
import { createTsconfig, type Tsconfig } from './tsconfig.js'
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
  readonly #externals: Externals
  readonly #graph = new Graph()
  readonly #realm: Realm
  readonly #stack: StackMapper
  readonly #services: Services
  readonly #history = new History()
  readonly #onClose: () => void
  readonly #uninstallHook: () => void
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

  constructor(entry: string, settings: Settings, onClose: () => void) {
    super()
    this.#settings = settings
    this.#onClose = onClose
    this.#sources = createSources(settings.root, settings.sources)
    this.#tsconfig = createTsconfig(this.#sources)
    const resolver = createResolver({
      root: settings.root,
      sources: this.#sources,
      packages: settings.packages,
      modules: settings.modules,
      tsconfig: this.#tsconfig,
    })
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
    this.#builder = createBuilder(this.#sources, resolver, this.#tsconfig)
    this.#externals = createExternals(settings.modules)
    this.#stack = createStackMapper(
      id => this.#graph.modules.get(id),
      id => this.#sources.path(id),
    )
    const kernelHost = createKernelHost({
      sources: this.#sources,
      resolver,
      builder: this.#builder,
      externals: this.#externals,
      granted: settings.modules,
      disposes: settings.dispose,
      invalidate: (id, firstInvalidatedBy) => this.#invalidate({ id, firstInvalidatedBy }),
      send: (module, event, data) => void this.emit('message', event, data, module),
      services: () => this.#services,
      refuseWhenClosed: () => this.#refuseWhenClosed(),
      load: id => this.#load(id),
    })
    const argv = [process.execPath, this.#sources.path(this.entry), ...(settings.args ?? [])]
    this.#realm =
      settings.realm === 'main'
        ? createMainRealm(kernelHost, settings.globals)
        : createContextRealm(kernelHost, settings.globals, argv, this.entry)
    guestState.kernels.add(this.#realm.kernel.item)
    this.#uninstallHook = installStackHook(this.#realm.Error, this.#stack)
    this.#services = {
      graph: this.#graph,
      builder: this.#builder,
      externals: this.#externals,
      realm: this.#realm,
      stack: this.#stack,
      path: id => this.#sources.path(id),
      metaOf: id => this.#metaOf(id),
      onProgress: settings.onProgress,
      underWay: new Map(),
      commonJS: new Map(),
      evaluating: new Set(),
      hotUpdated: new Set(),
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
    const { report } = await this.#unlessClosed(reload(this.#services, [], this.entry))
    if (report.error) throw report.error
    if (this.#settings.watch) this.#startWatching(readAt)
  }

  get exports(): Record<string, any> {
    return this.#realm.kernel.namespace(this.entry) as Record<string, any>
  }

  get drift(): ReloadReport | undefined {
    return this.#drift
  }

  async call(name: string, ...args: unknown[]): Promise<unknown> {
    this.#refuseWhenClosed()
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

  undo(): Promise<ReloadReport> {
    return this.#enqueue(() => {
      const before = this.#history.pop()
      if (!before) return []
      this.#sources.push(Object.fromEntries([...before].filter(([, text]) => text !== null)))
      return [...before.keys()]
    }, false)
  }

  modules(): ModuleInfo[] {
    return [...this.#graph.modules.values()].map(module => ({
      id: module.id,
      version: module.version,
      imports: [...new Set(guestRequests(module))],
    }))
  }

  async stats(): Promise<ProgramStats> {
    return {
      modules: this.#graph.modules.size,
      reloads: { ...this.#reloads },
      heapBytes: v8.getHeapStatistics().used_heap_size,
    }
  }

  async close({ dispose = true }: CloseOptions = {}): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stopStore?.()
    await this.#watcher?.close()
    // Work under way may end by itself; what awaits for ever is given up.
    const limit = setTimeout(() => {
      for (const abandon of this.#abandon) abandon(this.#closedError())
    }, closeLimit)
    await this.#queue.catch(() => {})
    clearTimeout(limit)
    if (dispose) for (const error of await disposeAll(this.#services)) this.#tell(error)
    for (const end of this.#services.evaluating) end()
    guestState.kernels.delete(this.#realm.kernel.item)
    this.#uninstallHook()
    this.#realm.close()
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

  /** Reloads go one after another; each sees the sources as they are when its turn comes. */
  #enqueue(
    idsNow: () => string[],
    isRemembered = true,
    firstSeen?: number,
    invalidation?: Invalidation,
  ): Promise<ReloadReport> {
    const turn = this.#queue.then(async () => {
      this.#refuseWhenClosed()
      // One turn of the event loop has room for one reload: the program's own timers run in between, and what WeakRefs
      // touched stays alive until its turn ends.
      if (this.#isSameTurn) await nextTurn()
      this.#isSameTurn = true
      setImmediate(() => {
        this.#isSameTurn = false
      }).unref()
      const ids = new Set([...idsNow(), ...this.#pending])
      this.#clearCaches()
      const readAt = Date.now()
      const outcome = await this.#unlessClosed(reload(this.#services, ids, undefined, firstSeen, invalidation))
      this.#settle(outcome, ids, isRemembered)
      this.#followGraph(readAt)
      channel.publish(outcome.report)
      this.emit('reload', outcome.report)
      return outcome.report
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

  #settle({ report, wanted, before }: Outcome, ids: ReadonlySet<string>, isRemembered: boolean): void {
    this.#reloads[report.outcome]++
    this.#pending.clear()
    if (report.outcome === 'rejected') {
      for (const id of [...ids, ...wanted])
        if (this.#graph.modules.has(id) ? this.#differs(id) : wanted.includes(id)) this.#pending.add(id)
      this.#drift = report
    } else {
      this.#drift = undefined
      if (report.outcome === 'applied' && isRemembered) this.#history.push(before)
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
      onError: error => this.emit('error', error),
    })
    this.#followGraph(readAt)
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
    const ids = new Set([...this.#graph.modules.keys(), ...this.#pending, ...this.#tsconfig.files()])
    const paths = new Set([...ids].map(id => this.#sources.path(id)))
    watcher.remove([...this.#watched].filter(path => !paths.has(path)))
    watcher.add(
      [...paths].filter(path => !this.#watched.has(path)),
      readAt,
    )
    this.#watched = paths
  }
  #watched: ReadonlySet<string> = new Set()

  #metaOf(id: string): NonNullable<ReturnType<Services['metaOf']>> {
    const filename = this.#sources.path(id)
    return { url: pathToFileURL(filename).href, filename, dirname: dirname(filename), isMain: id === this.entry }
  }

  /** What an `import()` brings in. */
  async #load(id: string): Promise<void> {
    const readAt = Date.now()
    const { report } = await reload(this.#services, [], id)
    const { error } = report
    if (error) throw error.code === 'ERR_REGROW_EVALUATE' ? new EvaluationFailure(error.cause) : error
    this.#followGraph(readAt)
  }
}
