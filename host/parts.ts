// What a program is put together from. Graph, realm and services are made anew when an isolate has died; all else lasts.
import type { ProgramEvents } from './api.js'
import { type Builder, createBuilder } from './builder.js'
import { type Cache, createCache } from './cache.js'
import { RegrowError } from './errors.js'
import { createExternals, type Externals } from './externals.js'
import { Graph } from './graph.js'
import { createKernelHost } from './kernel-host.js'
import { ModuleMeta } from './module-meta.js'
import type { Settings } from './options.js'
import type { ProgramHooks } from './program-hooks.js'
import { createContextRealm } from './realms/context.js'
import type { ExitReason } from './realms/isolate/child-process.js'
import { guardResolver } from './realms/isolate/guarded-resolver.js'
import { type GuardedSources, guardSources } from './realms/isolate/guarded-sources.js'
import { IsolateRealm } from './realms/isolate/isolate.js'
import { createGuestPackages } from './realms/isolate/packages.js'
import type { IsolatePool } from './realms/isolate/pool.js'
import { createQuestions } from './realms/isolate/questions.js'
import { virtualPath, withRealPaths, withVirtualPaths } from './realms/isolate/virtual.js'
import { createMainRealm } from './realms/main.js'
import type { Realm } from './realms/realm.js'
import { createResolver, type Resolver } from './resolve.js'
import type { Services } from './services.js'
import { createSources, type Sources } from './sources.js'
import { createStackMapper, type StackMapper } from './stack.js'
import { createTsconfig, noTsconfig, type Tsconfig } from './tsconfig.js'
import { createTyped } from './typed.js'

/** What the parts tell the program, and ask of it. */
export interface PartsOptions {
  readonly settings: Settings
  readonly isolates: IsolatePool
  readonly hooks: ProgramHooks
  refuseWhenClosed(): void
  /** Brings in a module that an `import()` names. */
  load(id: string): Promise<void>
  invalidate(id: string, firstInvalidatedBy: string): void
  message(...args: ProgramEvents['message']): void
  /** The process of the isolate has died. */
  died(reason: ExitReason): void
  printed(...args: ProgramEvents['console']): void
  /** Something failed when nobody waits any more. */
  failedLate(error: RegrowError): void
}

export class Parts {
  /** Id of the entry. */
  readonly entry: string
  readonly sources: Sources
  readonly tsconfig: Tsconfig
  readonly builder: Builder
  readonly cache: Cache | undefined
  readonly typed = createTyped()
  readonly stack: StackMapper
  /** Gives these texts whatever the store has; in an isolate. */
  readonly pin: GuardedSources['pin'] | undefined
  readonly #options: PartsOptions
  readonly #resolver: Resolver
  readonly #externals: Externals
  readonly #createRealm: () => Realm
  #graph = new Graph()
  #realm: Realm
  #services: Services

  /** @param entry id @throws RegrowError when there is no such module */
  constructor(entry: string, options: PartsOptions) {
    const { settings, isolates, hooks } = options
    this.#options = options
    const isIsolate = settings.realm === 'isolate'
    const sources = createSources(settings.root, settings.sources)
    sources.push(hooks.texts ?? {})
    const guarded = isIsolate ? guardSources(sources, settings.limits.sourceBytes) : undefined
    this.pin = guarded?.pin
    this.sources = guarded ?? sources
    if (settings.text !== undefined) this.sources.push({ [entry]: settings.text })
    this.tsconfig = isIsolate ? noTsconfig : createTsconfig(this.sources)
    const { root, packages, modules } = settings
    const resolver = createResolver({ root, sources: this.sources, packages, modules, tsconfig: this.tsconfig })
    this.#resolver = isIsolate ? guardResolver(resolver, modules, packages) : resolver
    this.entry = this.#find(entry)
    const isCached = settings.cache !== undefined && !isIsolate
    this.cache = isCached ? createCache(settings.cache!, `${root}\0${this.entry}`) : undefined
    const builds = isolates.builds.forProgram(settings.limits.parts)
    this.builder = createBuilder(
      this.sources,
      this.#resolver,
      this.tsconfig,
      this.typed,
      id => this.#graph.modules.get(id),
      isIsolate ? builds : undefined,
      this.cache,
    )
    const guestPackages = createGuestPackages(settings, builds, () => this.#realm as IsolateRealm)
    this.#externals = createExternals(modules, guestPackages.load)
    this.stack = createStackMapper(
      id => this.#graph.modules.get(id),
      id => this.sources.path(id),
      isIsolate ? virtualPath : undefined,
    )
    const shared = {
      resolver: this.#resolver,
      builder: this.builder,
      externals: this.#externals,
      granted: modules,
      disposes: settings.dispose,
      invalidate: options.invalidate,
      send: (module: string, event: string, data: unknown) => options.message(event, data, module),
      services: () => this.#services,
      refuseWhenClosed: options.refuseWhenClosed,
      load: options.load,
    }
    const kernelHost = createKernelHost({
      ...shared,
      sources: isIsolate ? withVirtualPaths(this.sources) : this.sources,
    })
    this.#createRealm = () => {
      if (settings.realm === 'main') return createMainRealm(kernelHost, settings.globals)
      if (settings.realm === 'context')
        return createContextRealm(kernelHost, settings.globals, this.argv(settings.args ?? []), this.entry)
      return new IsolateRealm({
        entry: this.entry,
        pool: isolates,
        process: settings.process,
        limits: settings.limits,
        globals: settings.globals,
        grants: settings.grants,
        fetch: settings.fetch,
        disposes: settings.dispose,
        questions: createQuestions({ ...shared, packages: guestPackages, root, stack: this.stack, kernelHost }),
        mapStack: text => withRealPaths(this.stack.stack(text), root),
        onExit: reason => options.died(reason),
        onConsole: (level, text) => options.printed({ level, text }),
      })
    }
    this.#realm = this.#createRealm()
    this.#services = this.#createServices()
  }

  get graph(): Graph {
    return this.#graph
  }

  get realm(): Realm {
    return this.#realm
  }

  get services(): Services {
    return this.#services
  }

  /** `process.argv` of the program. */
  argv(args: readonly string[]): string[] {
    return [process.execPath, this.sources.path(this.entry), ...args]
  }

  /** Before sources are read for a reload: what was known of files may have changed. */
  clearCaches(): void {
    this.#resolver.clear()
    this.tsconfig.clear()
  }

  /** An empty graph in another realm, which is yet to be started. */
  async renew(): Promise<IsolateRealm> {
    await this.#realm.close()
    for (const id of this.#graph.modules.keys()) this.stack.forget(id)
    this.#graph = new Graph()
    const realm = this.#createRealm() as IsolateRealm
    this.#realm = realm
    this.#services = this.#createServices()
    return realm
  }

  #find(entry: string): string {
    const found = this.#resolver.resolve(`./${entry}`, '', 'import')
    if (found.kind === 'failed') {
      found.error.file = entry
      throw found.error
    }
    if (found.kind !== 'guest')
      throw new RegrowError('ERR_REGROW_LINK', `${entry} is no module of the program's own`, { file: entry })
    return found.id
  }

  #createServices(): Services {
    const { settings, hooks, failedLate } = this.#options
    const isIsolate = settings.realm === 'isolate'
    const path = isIsolate ? virtualPath : (id: string) => this.sources.path(id)
    return {
      entry: this.entry,
      graph: this.#graph,
      builder: this.builder,
      externals: this.#externals,
      realm: this.#realm,
      limits: isIsolate ? settings.limits : undefined,
      stack: this.stack,
      path,
      metaOf: id => new ModuleMeta(id, id === this.entry, path),
      onProgress: settings.onProgress,
      underWay: new Map(),
      missed: new Set(),
      commonJS: new Map(),
      evaluating: new Set(),
      hotUpdated: new Set(),
      dynamicImporters: new Map(),
      importedNow: new Set(),
      kept: new Set(),
      alsoWhole: hooks.alsoWhole,
      onLateError: failedLate,
      namespaces: new Set([this.entry]),
    }
  }
}
