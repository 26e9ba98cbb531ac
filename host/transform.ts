// From the text of an ECMAScript module to its record: by the cache, by what was made ahead, or by the bundler.
import { analyse } from '../bundler/analyse.js'
import { type Build, type BuildOptions, buildJavaScript, buildTypeScript, isJavaScript } from '../bundler/build.js'
import { lazyRecord, releasable } from '../bundler/outline.js'
import { reanalyse } from '../bundler/reanalyse.js'
import type { ModuleRecord } from '../bundler/record.js'
import type { Cache, CachedPatch, CacheEntry, CompiledPatch } from './cache.js'
import type { BuiltModule } from './module.js'
import type { Tsconfig } from './tsconfig.js'
import type { Typed } from './typed.js'

export interface Transformed {
  readonly record: ModuleRecord
  readonly map: string | undefined
  /** The patch of its first load, and what keeps it for the next run. */
  readonly firstPatch?: KeptPatch
}

export interface KeptPatch {
  readonly found: CachedPatch | undefined
  keep(patch: CachedPatch): void
  /** Has it compiled for the next run, when there is time. */
  compileLater(compile: () => CompiledPatch): void
}

export interface Transform {
  /** @throws BuildError */
  transform(id: string, source: string): Transformed | Promise<Transformed>
  /** Begins before anybody asks for it: the next `transform` of the same text takes what this makes. */
  ahead(id: string, source: string): void
  /** Makes it for nothing but the exercise. */
  rehearse(id: string, source: string): Promise<void>
}

interface Settings {
  readonly key: string
  readonly isLoose: boolean
}

/**
 * @param running gives the version of a module that runs
 * @param isLoose says whether a module may name `require` and its like
 */
export function createTransform(
  tsconfig: Tsconfig,
  typed: Typed,
  running: (id: string) => BuiltModule | undefined,
  isLoose: (id: string, source: string) => boolean,
  cache: Cache | undefined,
): Transform {
  const begun = new Map<string, { source: string; key: string; made: Transformed | Promise<Transformed> }>()

  /** What the result depends on besides the text, and what tells it from others. */
  function settingsOf(id: string, source: string): Settings {
    if (isJavaScript(id)) return { key: id.endsWith('.json') ? 'json' : 'js', isLoose: false }
    const loose = isLoose(id, source)
    return { key: `${id} ${JSON.stringify([tsconfig.transformOptions(id), loose])}`, isLoose: loose }
  }

  const build = (id: string, source: string, options: BuildOptions): Build | Promise<Build> =>
    isJavaScript(id)
      ? buildJavaScript(source, id, options)
      : buildTypeScript(source, id, tsconfig.transformOptions(id).tsconfigRaw, options)

  /** What the next version of a module may be read from. */
  function recordBefore(id: string): ModuleRecord | undefined {
    const module = running(id)
    return module && !module.commonJS && !module.composition ? module.record : undefined
  }

  function make(id: string, source: string, { key, isLoose }: Settings): Transformed | Promise<Transformed> {
    const once = typed.compositionOf(id, source)?.once
    const finish = ({ record, map }: Build): Transformed => {
      // What is typed does not last, and is not made again.
      if (once !== undefined) return { record, map }
      const lazy = releasable(record, analyse)
      if (!cache) return { record: lazy, map }
      const code = record.code === source ? undefined : record.code
      return { record: lazy, map, firstPatch: kept(id, source, key, { outline: lazy, code, map }) }
    }
    const built = build(id, source, { once, before: recordBefore(id), isLoose })
    return built instanceof Promise ? built.then(finish) : finish(built)
  }

  const kept = (
    id: string,
    source: string,
    key: string,
    made: Omit<CacheEntry, 'patch'>,
    found?: CachedPatch,
  ): KeptPatch => ({
    found,
    keep: patch => cache!.keep(id, source, key, { ...made, patch }),
    compileLater: compile => cache!.compileLater(id, compile),
  })

  return {
    transform(id, source) {
      const settings = settingsOf(id, source)
      const before = begun.get(id)
      begun.delete(id)
      if (before?.source === source && before.key === settings.key) return before.made
      const found = typed.compositionOf(id, source) ? undefined : cache?.find(id, source, settings.key)
      if (!found) return make(id, source, settings)
      const record = lazyRecord(found.code ?? source, found.outline, analyse)
      return { record, map: found.map, firstPatch: kept(id, source, settings.key, found, found.patch) }
    },
    ahead(id, source) {
      const settings = settingsOf(id, source)
      const before = begun.get(id)
      if (before?.source === source && before.key === settings.key) return
      try {
        const made = make(id, source, settings)
        begun.set(id, { source, key: settings.key, made })
        // Who asks for it hears of it.
        if (made instanceof Promise) made.catch(() => begun.delete(id))
      } catch {
        begun.delete(id)
      }
    },
    async rehearse(id, source) {
      const { record } = await build(id, source, { isLoose: settingsOf(id, source).isLoose })
      // As a save is read.
      reanalyse(record, `${record.code}\n;`)
    },
  }
}
