// A running program: one entry with its graph in one realm, and the queue its reloads go through.
// Longer than most: it is the public object, and each of its methods is a few lines over the same private state.
import diagnosticsChannel from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, posix } from 'node:path'
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import v8 from 'node:v8'
import type { ImportAnswer, ImportAttributes, KernelHost } from '../guest/protocol.js'
import type { ModuleInfo, Program, ProgramEvents, ProgramStats, ReloadReport } from './api.js'
import { type Builder, BuildFailure, createBuilder } from './builder.js'
import { withoutCompilationCache } from './compile.js'
import { RegrowError } from './errors.js'
import { openNamespace } from './exports.js'
import { createExternals, type Externals } from './externals.js'
import { EvaluationFailure, refusalOf } from './failure.js'
import { Graph, guestRequests } from './graph.js'
import { History } from './history.js'
import type { Settings } from './options.js'
import { createContextRealm } from './realms/context.js'
import { createMainRealm } from './realms/main.js'
import type { Realm } from './realms/realm.js'
import { type Outcome, reload } from './reload.js'
import { createResolver, type Resolver } from './resolve.js'
import type { Services } from './services.js'
import { createSources, type Sources } from './sources.js'
import { createStackMapper, installStackHook, type StackMapper } from './stack.js'
import { type Texts, textOf } from './text.js'
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
  readonly #resolver: Resolver
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
    this.#resolver = resolver
    this.#builder = createBuilder(this.#sources, resolver, this.#tsconfig)
    this.#externals = createExternals(settings.modules)
    this.#stack = createStackMapper(
      id => this.#graph.modules.get(id),
      id => this.#sources.path(id),
    )
    const kernelHost: KernelHost = {
      importModule: (importer, specifier, attributes) => this.#import(importer, specifier, attributes),
      resolve: (importer, specifier) => this.#resolve(importer, specifier),
      require: (importer, specifier) => this.#require(importer, specifier),
      resolveRequired: (importer, specifier) => this.#resolveRequired(importer, specifier),
      commonJS: id => this.#compileCommonJS(id),
      external: key => this.#externals.namespace(key),
      compileUncached: withoutCompilationCache,
      textOf: (module, definition) => textOf(this.#textsOf(module), definition),
    }
    const argv = [process.execPath, this.#sources.path(this.entry), ...(settings.args ?? [])]
    this.#realm =
      settings.realm === 'main'
        ? createMainRealm(kernelHost, settings.globals)
        : createContextRealm(kernelHost, settings.globals, argv, this.entry)
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

  async close(): Promise<void> {
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
  #enqueue(idsNow: () => string[], isRemembered = true, firstSeen?: number): Promise<ReloadReport> {
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
      const outcome = await this.#unlessClosed(reload(this.#services, ids, undefined, firstSeen))
      this.#settle(outcome, ids, isRemembered)
      this.#followGraph(readAt)
      channel.publish(outcome.report)
      this.emit('reload', outcome.report)
      return outcome.report
    })
    this.#queue = turn.catch(() => {})
    return turn
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

  #textsOf(id: string): Texts | undefined {
    const change = this.#services.underWay.get(id)
    return change ? { record: change.module.record, literalIds: change.literalIds } : this.#graph.modules.get(id)
  }

  #metaOf(id: string): NonNullable<ReturnType<Services['metaOf']>> {
    const filename = this.#sources.path(id)
    return { url: pathToFileURL(filename).href, filename, dirname: dirname(filename), isMain: id === this.entry }
  }

  #resolve(importer: string, specifier: string): string {
    try {
      const found = this.#builder.resolve(specifier, importer)
      return found.kind === 'guest' ? pathToFileURL(this.#sources.path(found.id)).href : found.key
    } catch (failure) {
      // Natively nobody looks whether the file is there.
      if (/^(\.{0,2}\/|[a-z][a-z0-9+.-]+:)/i.test(specifier) && isMissing(failure))
        return new URL(specifier, pathToFileURL(this.#sources.path(importer))).href
      throw failure instanceof BuildFailure ? failure.error : failure
    }
  }

  #compileCommonJS(id: string): unknown {
    const { name, code } = this.#services.commonJS.get(id)!
    return this.#realm.compile(code, ['exports', 'require', 'module', '__filename', '__dirname'], name)
  }

  /** Packages and builtins as Node gives them; guest modules that are loaded already. */
  #require(importer: string, specifier: string): ImportAnswer {
    try {
      const found = this.#resolver.resolve(specifier, importer, 'require')
      if (found.kind === 'failed') throw found.error
      if (found.kind === 'granted') return { namespace: this.#settings.modules[found.name] }
      if (found.kind === 'external')
        return { namespace: createRequire(this.#sources.path(importer))(fromUrl(found.url)) }
      if (!this.#graph.modules.has(found.id)) {
        const message = `${importer} requires '${specifier}' by a name that is computed, and ${found.id} is not loaded`
        throw new RegrowError('ERR_REGROW_LINK', message, { file: importer })
      }
      openNamespace(this.#services, found.id)
      const namespace = this.#realm.kernel.namespace(found.id) as Record<string, unknown>
      const gives = this.#graph.modules.get(found.id)!.commonJS || found.id.endsWith('.json')
      return { namespace: gives ? namespace.default : namespace }
    } catch (failure) {
      return { refusal: RegrowError.is(failure) ? refusalOf(failure) : { thrown: failure } }
    }
  }

  #resolveRequired(importer: string, specifier: string): string {
    const found = this.#resolver.resolve(specifier, importer, 'require')
    if (found.kind === 'failed') throw found.error
    if (found.kind === 'guest') return this.#sources.path(found.id)
    return found.kind === 'external' ? fromUrl(found.url) : found.name
  }

  /** `import()`: loads what is not there yet, and gives its namespace. */
  async #import(importer: string, specifier: string, attributes: ImportAttributes): Promise<ImportAnswer> {
    try {
      return { namespace: await this.#namespaceOf(importer, specifier, attributes) }
    } catch (failure) {
      return { refusal: refusalOf(failure) }
    }
  }

  async #namespaceOf(importer: string, specifier: string, attributes: ImportAttributes): Promise<unknown> {
    this.#refuseWhenClosed()
    const found = this.#builder.resolve(specifier, importer, attributes)
    if (found.kind === 'external') {
      await this.#externals.load(found.key, importer)
      return this.#externals.namespace(found.key)
    }
    const { id } = found
    const { underWay } = this.#services
    // What runs already is not waited for: in a reload it may itself wait for the importer.
    const isThere = () => this.#graph.modules.has(id)
    if (!isThere() && !underWay.has(id)) await this.#load(id)
    if (!isThere() && underWay.has(id)) await this.#whenEvaluated(id)
    openNamespace(this.#services, id)
    return this.#realm.kernel.namespace(id)
  }

  async #whenEvaluated(id: string): Promise<void> {
    try {
      await this.#realm.kernel.evaluation(id)
    } catch (thrown) {
      throw new EvaluationFailure(thrown)
    }
  }

  async #load(id: string): Promise<void> {
    const readAt = Date.now()
    const { report } = await reload(this.#services, [], id)
    const { error } = report
    if (error) throw error.code === 'ERR_REGROW_EVALUATE' ? new EvaluationFailure(error.cause) : error
    this.#followGraph(readAt)
  }
}

const isMissing = (failure: unknown): boolean =>
  failure instanceof BuildFailure && failure.error.code === 'ERR_REGROW_LINK'

const fromUrl = (url: string): string => (url.startsWith('file:') ? fileURLToPath(url) : url)
