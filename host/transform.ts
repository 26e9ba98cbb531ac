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
  const begun = new Map<string, { source: string; options: string; made: Transformed | Promise<Transformed> }>()

  /** What the result depends on besides the text. */
  const optionsOf = (id: string, source: string) =>
    isJavaScript(id)
      ? id.endsWith('.json')
        ? 'json'
        : 'js'
      : `${id} ${JSON.stringify([tsconfig.transformOptions(id), isLoose(id, source)])}`

  function build(id: string, source: string, options: BuildOptions): Build | Promise<Build> {
    if (isJavaScript(id)) return buildJavaScript(source, id, options)
    return buildTypeScript(source, id, tsconfig.transformOptions(id).tsconfigRaw, {
      ...options,
      isLoose: isLoose(id, source),
    })
  }

  /** What the next version of a module may be read from. */
  function recordBefore(id: string): ModuleRecord | undefined {
    const module = running(id)
    return module && !module.commonJS && !module.composition ? module.record : undefined
  }

  function make(id: string, source: string, options: string): Transformed | Promise<Transformed> {
    const once = typed.compositionOf(id, source)?.once
    const finish = ({ record, map }: Build): Transformed => {
      // What is typed does not last, and is not made again.
      if (once !== undefined) return { record, map }
      const lazy = releasable(record, analyse)
      if (!cache) return { record: lazy, map }
      const code = record.code === source ? undefined : record.code
      return { record: lazy, map, firstPatch: kept(id, source, options, { outline: lazy, code, map }) }
    }
    const built = build(id, source, { once, before: recordBefore(id) })
    return built instanceof Promise ? built.then(finish) : finish(built)
  }

  const kept = (
    id: string,
    source: string,
    options: string,
    made: Omit<CacheEntry, 'patch'>,
    found?: CachedPatch,
  ): KeptPatch => ({
    found,
    keep: patch => cache!.keep(id, source, options, { ...made, patch }),
    compileLater: compile => cache!.compileLater(id, compile),
  })

  return {
    transform(id, source) {
      const options = optionsOf(id, source)
      const before = begun.get(id)
      begun.delete(id)
      if (before?.source === source && before.options === options) return before.made
      const found = typed.compositionOf(id, source) ? undefined : cache?.find(id, source, options)
      if (!found) return make(id, source, options)
      const record = lazyRecord(found.code ?? source, found.outline, analyse)
      return { record, map: found.map, firstPatch: kept(id, source, options, found, found.patch) }
    },
    ahead(id, source) {
      const options = optionsOf(id, source)
      const before = begun.get(id)
      if (before?.source === source && before.options === options) return
      try {
        const made = make(id, source, options)
        begun.set(id, { source, options, made })
        // Who asks for it hears of it.
        if (made instanceof Promise) made.catch(() => begun.delete(id))
      } catch {
        begun.delete(id)
      }
    },
    async rehearse(id, source) {
      const { record } = await build(id, source, {})
      // As a save is read.
      reanalyse(record, `${record.code}\n;`)
    },
  }
}
