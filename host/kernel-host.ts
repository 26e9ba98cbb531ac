// What the kernel asks of the host while guest code runs: `import()`, `require`, `import.meta.resolve`, texts of functions.
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { setImmediate, setTimeout } from 'node:timers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ImportAnswer, ImportAttributes, KernelHost } from '../guest/protocol.js'
import { type Builder, BuildFailure } from './builder.js'
import { withoutCompilationCache } from './compile.js'
import { disposeOutdated } from './disposal.js'
import { RegrowError } from './errors.js'
import { openNamespace } from './exports.js'
import type { Externals } from './externals.js'
import { EvaluationFailure, refusalOf, requireRefusalOf } from './failure.js'
import { instancesOf } from './instances.js'
import type { Settings } from './options.js'
import { localRealm } from './realms/realm.js'
import type { Resolution, Resolver } from './resolve.js'
import { resolveRunning } from './resolve-running.js'
import { keepImported, noteImporter, type Services } from './services.js'
import type { Sources } from './sources.js'
import { type Texts, textOf } from './text.js'

export interface KernelHostOptions {
  readonly sources: Sources
  readonly resolver: Resolver
  readonly builder: Builder
  readonly externals: Externals
  readonly granted: Settings['modules']
  readonly disposes: boolean
  readonly invalidate: KernelHost['invalidate']
  readonly send: KernelHost['send']
  /** The kernel is one of them, so they come after it. */
  readonly services: () => Services
  /** @throws RegrowError ERR_REGROW_CLOSED */
  readonly refuseWhenClosed: () => void
  /** Loads a module that is not there yet. @throws RegrowError, or EvaluationFailure with what it threw */
  readonly load: (id: string) => Promise<void>
}

export function createKernelHost(options: KernelHostOptions): KernelHost {
  const {
    sources,
    resolver,
    builder,
    externals,
    granted,
    disposes,
    invalidate,
    send,
    services,
    refuseWhenClosed,
    load,
  } = options
  /** The item that runs, across its awaits. */
  const items = new AsyncLocalStorage<object>()
  let awaiting = 0

  function textsOf(id: string): Texts | undefined {
    const change = services().underWay.get(id)
    return change
      ? { record: change.module.record, literalIds: change.difference.literalIds }
      : services().graph.modules.get(id)
  }

  function resolve(importer: string, specifier: string): string {
    try {
      const found = builder.resolve(specifier, importer)
      return found.kind === 'guest' ? pathToFileURL(sources.path(found.id)).href : found.key
    } catch (failure) {
      // Natively nobody looks whether the file is there.
      if (/^(\.{0,2}\/|[a-z][a-z0-9+.-]+:)/i.test(specifier) && isMissing(failure))
        return new URL(specifier, pathToFileURL(sources.path(importer))).href
      throw failure instanceof BuildFailure ? failure.error : failure
    }
  }

  function resolveRequired(importer: string, specifier: string): Exclude<Resolution, { kind: 'failed' }> {
    resolver.clearFiles()
    const found = resolver.resolve(specifier, importer, 'require')
    if (found.kind === 'failed') throw found.error
    return found
  }

  /** Packages and builtins as Node gives them; guest modules that are loaded already. */
  function requireNow(importer: string, specifier: string): unknown {
    const found = resolveRequired(importer, specifier)
    if (found.kind === 'granted') return granted[found.name]
    if (found.kind === 'external') {
      const value = createRequire(sources.path(importer))(fromUrl(found.url))
      return localRealm(services().realm).kernel.facade(found.url, value)
    }
    noteImporter(services(), found.id, importer)
    const { graph, underWay } = services()
    const module = graph.modules.get(found.id) ?? underWay.get(found.id)?.module
    if (!module) {
      const message = `${importer} requires '${specifier}' by a name that is computed, and ${found.id} is not loaded`
      throw new RegrowError('ERR_REGROW_LINK', message, { file: importer })
    }
    const namespace = namespaceOf(found.id) as Record<string, unknown>
    return module.commonJS || found.id.endsWith('.json') ? namespace.default : namespace
  }

  function namespaceOf(id: string): object {
    openNamespace(services(), id)
    return localRealm(services().realm).kernel.namespace(id)
  }

  /** `import()`: loads what is not there yet, and gives its namespace. */
  async function importNow(importer: string, specifier: string, attributes: ImportAttributes): Promise<unknown> {
    refuseWhenClosed()
    const found = resolveRunning(builder, services().graph, specifier, importer, attributes)
    if (found.kind === 'external') {
      await externals.load(found.key, importer)
      return localRealm(services().realm).kernel.external(found.key)
    }
    const { id } = found
    noteImporter(services(), id, importer)
    const { underWay, graph } = services()
    // What runs already is not waited for: in a reload it may itself wait for the importer.
    const isThere = () => graph.modules.has(id)
    if (!isThere() && !underWay.has(id)) await load(id)
    if (!isThere() && underWay.has(id)) await whenEvaluated(id)
    return namespaceOf(id)
  }

  async function whenEvaluated(id: string): Promise<void> {
    try {
      await localRealm(services().realm).kernel.evaluation(id)
    } catch (thrown) {
      throw new EvaluationFailure(thrown)
    }
  }

  return {
    async importModule(importer, specifier, attributes): Promise<ImportAnswer> {
      try {
        return { namespace: await importNow(importer, specifier, attributes) }
      } catch (failure) {
        return { refusal: refusalOf(failure) }
      }
    },
    resolve,
    require(importer, specifier) {
      try {
        return { namespace: requireNow(importer, specifier) }
      } catch (failure) {
        return { refusal: RegrowError.is(failure) ? requireRefusalOf(failure) : { thrown: failure } }
      }
    },
    resolveRequired(importer, specifier) {
      const found = resolveRequired(importer, specifier)
      if (found.kind === 'guest') return sources.path(found.id)
      return found.kind === 'external' ? fromUrl(found.url) : found.name
    },
    commonJS(id) {
      const { realm, commonJS } = services()
      const { name, code, parameters } = commonJS.get(id)!
      // In a realm of the host's, the text finds the timers that are owned before the global ones: names of its own still win.
      const { kind, kernel, compile } = localRealm(realm)
      const isAmong = kind === 'main' && /\bset(?:Timeout|Interval|Immediate)\b/.test(code)
      return compile(code, parameters, name, isAmong ? kernel.timers() : undefined)
    },
    external: key => externals.namespace(key),
    importedMeanwhile: modules => keepImported(services(), modules),
    moduleId(importer, specifier) {
      const found = builder.tryResolve(specifier, importer)
      return found?.kind === 'guest' ? found.id : undefined
    },
    invalidate,
    send,
    disposes,
    inItem(item, run) {
      awaiting++
      return items.run(item, run)
    },
    currentItem: () => items.getStore(),
    itemEnded() {
      // What tells the item makes every promise a little slower.
      if (--awaiting === 0) items.disable()
    },
    disposeSoon() {
      setImmediate(() => {
        void disposeOutdated(services()).then(errors => errors.forEach(services().onLateError))
      })
    },
    instancesOf: prototype => instancesOf(prototype, localRealm(services().realm).global),
    later: (run, milliseconds) => void setTimeout(run, milliseconds),
    globalValues: () => globalValues(localRealm(services().realm).global),
    compileUncached: withoutCompilationCache,
    textOf: (module, definition) => textOf(textsOf(module), definition),
  }
}

/** What the global object's own properties hold, where no code runs to tell. */
function globalValues(global: object): unknown[] {
  return Object.values(Object.getOwnPropertyDescriptors(global)).map(descriptor => descriptor.value)
}

const isMissing = (failure: unknown): boolean =>
  failure instanceof BuildFailure && failure.error.code === 'ERR_REGROW_LINK'

const fromUrl = (url: string): string => (url.startsWith('file:') ? fileURLToPath(url) : url)
