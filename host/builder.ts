// Brings modules from the sources to built, resolved text, following their imports. Longer than most: all kinds of text are told apart here.
import { realpathSync } from 'node:fs'
import { posix } from 'node:path'
import { BuildError, buildCommonJS, buildText } from '../bundler/build.js'
import {
  assignsExports,
  type CommonJS,
  frameCommonJS,
  hasExportAssignment,
  looksLikeCommonJS,
  type RequiredModule,
} from '../bundler/commonjs.js'
import { namesCommonJS } from '../bundler/commonjs-names.js'
import type { ModuleRecord } from '../bundler/record.js'
import { packageScheme } from '../guest/isolate/wire.js'
import type { ImportAttributes } from '../guest/protocol.js'
import type { Cache } from './cache.js'
import { decode } from './decode.js'
import { placeText, RegrowError } from './errors.js'
import { frameOf } from './frame.js'
import type { BuiltModule, Resolved } from './module.js'
import type { Builds } from './realms/isolate/build-process.js'
import type { Resolver } from './resolve.js'
import { placeAt, placeIn } from './source-place.js'
import type { Sources } from './sources.js'
import { createTransform, type Transformed } from './transform.js'
import type { Tsconfig } from './tsconfig.js'
import type { Typed } from './typed.js'

/** Failed, with the ids whose appearance would mend it. */
export class BuildFailure extends Error {
  readonly #brand = true
  /** Asks nothing of the value: what a guest throws may be a proxy. */
  static is(value: unknown): value is BuildFailure {
    return typeof value === 'object' && value !== null && #brand in value
  }

  readonly error: RegrowError
  readonly wanted: readonly string[]
  constructor(error: RegrowError, wanted: readonly string[]) {
    super(error.message)
    this.error = error
    this.wanted = wanted
  }
}

export interface Builder {
  /** The text of a module now; undefined when there is none. @throws BuildFailure when it cannot be read */
  read(id: string): string | undefined
  /** Whether a version is what a text would make: what was typed may have become part of the file, with the same text together. */
  isOf(module: BuiltModule, source: string): boolean
  /** @throws BuildFailure when the file of a running module has become a link out of the root */
  refuseOutside(id: string): void
  /** @throws BuildFailure */
  build(id: string, source: string): BuiltModule | Promise<BuiltModule>
  /** Begins with what the next `build` of a module is likely to be asked for. */
  buildAhead(id: string): void
  /** Loads what builds modules, and lets V8 compile it: a start from the cache needs none of it, but the first edit does. */
  rehearse(module: BuiltModule): Promise<void>
  /** Resolves a module's requests again. @throws BuildFailure */
  resolveAgain(module: BuiltModule): BuiltModule
  /** Where a specifier of `import()` leads. @throws BuildFailure */
  resolve(specifier: string, importer: string, attributes?: ImportAttributes): Resolved
  /** The same, undefined where that fails. */
  tryResolve(specifier: string, importer: string): Resolved | undefined
}

/** Undefined for what is not there: reading tells. */
function realpathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}

/** Larger sources are refused, in characters: they would hold up everything. */
const longestSource = 20_000_000

/**
 * @param running gives the version of a module that runs
 * @param elsewhere builds in a process of its own what is not trusted
 * @param cache is not asked for what is built there
 */
export function createBuilder(
  sources: Sources,
  resolver: Resolver,
  tsconfig: Tsconfig,
  typed: Typed,
  running: (id: string) => BuiltModule | undefined,
  elsewhere?: Builds,
  cache?: Cache,
): Builder {
  const transform = createTransform(tsconfig, typed, running, isLoose, cache)
  /** Modules that somebody imports as text: they are text for everyone. */
  const texts = new Set<string>()

  function resolve(specifier: string, importer: string, attributes: ImportAttributes = {}): Resolved {
    const found = resolver.resolve(specifier, importer, 'import')
    switch (found.kind) {
      case 'guest':
        if (attributes.type === 'text') texts.add(found.id)
        return found
      case 'external':
        return { kind: 'external', key: found.url }
      case 'granted':
        return { kind: 'external', key: `granted:${found.name}` }
      case 'failed':
        throw new BuildFailure(found.error, [...found.wanted, importer])
    }
  }

  /** While the program runs files come and go. */
  function resolveNow(specifier: string, importer: string, attributes?: ImportAttributes): Resolved {
    resolver.clearFiles()
    return resolve(specifier, importer, attributes)
  }

  function resolveMade(id: string, source: string, { record, map, firstPatch }: Transformed): BuiltModule {
    const built = resolveAll(id, source, record, map)
    return firstPatch ? { ...built, firstPatch } : built
  }

  function resolveAll(id: string, source: string, record: ModuleRecord, map: string | undefined): BuiltModule {
    const composition = typed.compositionOf(id, source)
    const requests = new Map<string, Resolved>()
    for (const { specifier, start, attributes, isOptional } of record.requests) {
      if (requests.has(specifier)) continue
      try {
        requests.set(specifier, resolve(specifier, id, attributes))
      } catch (failure) {
        if (isOptional) continue
        if (failure instanceof BuildFailure && failure.error.line === undefined) {
          const place = placeAt({ id, record, map, composition }, start)
          Object.assign(failure.error, place)
          const frame = frameOf({ id, source, composition }, place)
          if (frame !== undefined) failure.error.frame = frame
        }
        throw failure
      }
    }
    return { id, source, record, map, requests, composition }
  }

  /** By its name; where that leaves it open, by its text, unless its package says that it is none. */
  function isCommonJS(id: string, source: string): boolean {
    if (/\.c[jt]s$/.test(id)) return true
    // What would be an error to Node in a package of modules, tools that run TypeScript allow.
    if (/\.tsx?$/.test(id))
      return (
        hasExportAssignment(source) ||
        looksLikeCommonJS(source) ||
        (assignsExports(source) && packageTypeOf(id) !== 'module')
      )
    return id.endsWith('.js') && looksLikeCommonJS(source) && packageTypeOf(id) !== 'module'
  }

  /** TypeScript whose package does not say that it is made of modules: it may be meant to become CommonJS. */
  function isLoose(id: string, source: string): boolean {
    return /\.tsx?$/.test(id) && namesCommonJS(source) && packageTypeOf(id) !== 'module'
  }

  function packageTypeOf(id: string): unknown {
    for (let directory = posix.dirname(id); ; directory = posix.dirname(directory)) {
      const file = posix.join(directory, 'package.json')
      const text = sources.has(file) ? sources.read(file) : undefined
      try {
        if (text !== undefined) return JSON.parse(decode(text, file)).type
      } catch {
        return undefined
      }
      if (directory === '.') return undefined
    }
  }

  async function buildFramed(id: string, source: string): Promise<BuiltModule> {
    try {
      const { commonJS, map } = await buildCommonJS(source, id, tsconfig.transformOptions(id).tsconfigRaw)
      return frame(id, source, commonJS, map)
    } catch (error) {
      return fail(error, id, source)
    }
  }

  /** What was made of a text last, by id: a program whose process died is built of the same texts again. */
  const madeElsewhere = new Map<string, { readonly kind: string; readonly module: BuiltModule }>()

  const kindOf = (id: string, source: string) =>
    texts.has(id) ? 'text' : isCommonJS(id, source) ? 'commonJS' : 'module'

  function beginElsewhere(process: Builds, id: string, source: string): void {
    if (typed.compositionOf(id, source) || madeElsewhere.get(id)?.module.source === source) return
    process.begin({ kind: kindOf(id, source), source, id, isLoose: isLoose(id, source) })
  }

  async function buildElsewhere(process: Builds, id: string, source: string): Promise<BuiltModule> {
    const kind = kindOf(id, source)
    const known = madeElsewhere.get(id)
    if (known?.kind === kind && known.module.source === source) return resolveAgain(known.module)
    try {
      const once = typed.compositionOf(id, source)?.once
      const built = await process.build({ kind, source, id, once, isLoose: isLoose(id, source) })
      const module =
        'record' in built
          ? resolveAll(id, source, built.record, built.map)
          : frame(id, source, built.commonJS, built.map)
      // What was typed to run once is no part of what stays.
      if (once === undefined) madeElsewhere.set(id, { kind, module })
      return module
    } catch (error) {
      return fail(error, id, source)
    }
  }

  const resolveAgain = ({ id, source, record, map, commonJS }: BuiltModule): BuiltModule =>
    commonJS ? frame(id, source, commonJS, map) : resolveAll(id, source, record, map)

  /** What is required and is no guest module is looked for when it is called for. */
  function frame(id: string, source: string, commonJS: CommonJS, map: string | undefined): BuiltModule {
    const guests = new Map<string, RequiredModule>()
    const requests = new Map<string, Resolved>()
    const wanted: string[] = []
    for (const specifier of commonJS.required) {
      const found = resolver.resolve(specifier, id, 'require')
      if (found.kind === 'failed') wanted.push(...found.wanted)
      // What cannot be loaded at once, when it is called for, is loaded before.
      if (found.kind === 'external' && found.url.startsWith(packageScheme))
        requests.set(specifier, { kind: 'external', key: found.url })
      if (found.kind !== 'guest') continue
      requests.set(specifier, { kind: 'guest', id: found.id })
      guests.set(specifier, { id: found.id, gives: givesDefault(found.id) ? 'default' : 'namespace' })
    }
    const record = frameCommonJS(commonJS, guests)
    return { id, source, record, map, requests, commonJS, ...(wanted.length > 0 && { wanted }) }
  }

  function givesDefault(id: string): boolean {
    if (id.endsWith('.json')) return true
    const text = sources.read(id)
    return text !== undefined && isCommonJS(id, decode(text, id))
  }

  function fail(error: unknown, id: string, source: string): never {
    if (error instanceof BuildFailure) throw error
    if (error instanceof RegrowError) throw new BuildFailure(error, [id])
    if (!(error instanceof BuildError)) throw error
    const composition = typed.compositionOf(id, source)
    const place = placeIn(id, composition, { line: error.line, column: error.column })
    const frame = frameOf({ id, source, composition }, place)
    const options = frame === undefined ? { place } : { place, frame }
    throw new BuildFailure(new RegrowError('ERR_REGROW_BUILD', `${placeText(place)} ${error.message}`, options), [id])
  }

  return {
    read(id) {
      let bytes: Uint8Array | string | undefined
      try {
        bytes = sources.read(id)
        if (bytes === undefined) return undefined
        return typed.over(id, typeof bytes === 'string' ? bytes : decode(bytes, id))
      } catch (error) {
        if (error instanceof RegrowError) throw new BuildFailure(error, [id])
        const { code } = error as NodeJS.ErrnoException
        throw new BuildFailure(
          new RegrowError('ERR_REGROW_BUILD', `cannot read ${id}${code ? ` (${code})` : ''}`, {
            cause: error,
            file: id,
          }),
          [id],
        )
      }
    },
    isOf: ({ id, source: own, composition }, source) =>
      own === source && composition === typed.compositionOf(id, source),
    refuseOutside(id) {
      if (!sources.onDisk(id)) return
      const path = realpathOf(sources.path(id))
      try {
        if (path !== undefined) sources.id(path)
      } catch (cause) {
        const message = `${path} is outside the root: ${id} has become a link to it`
        throw new BuildFailure(new RegrowError('ERR_REGROW_DENIED', message, { cause, file: id }), [id])
      }
    },
    build(id, source) {
      if (source.length > longestSource) {
        fail(
          new RegrowError(
            'ERR_REGROW_BUILD',
            `${id} is too large: ${source.length} characters, ${longestSource} at most`,
            { file: id },
          ),
          id,
          source,
        )
      }
      if (elsewhere) return buildElsewhere(elsewhere, id, source)
      if (texts.has(id)) return resolveAll(id, source, buildText(source).record, undefined)
      if (isCommonJS(id, source)) return buildFramed(id, source)
      try {
        const made = transform.transform(id, source)
        return made instanceof Promise
          ? made.then(each => resolveMade(id, source, each)).catch(error => fail(error, id, source))
          : resolveMade(id, source, made)
      } catch (error) {
        return fail(error, id, source)
      }
    },
    buildAhead(id) {
      const source = this.read(id)
      // A file that is written anew is empty at first.
      if (!source || source.length > longestSource) return
      if (elsewhere) beginElsewhere(elsewhere, id, source)
      else if (!texts.has(id) && !isCommonJS(id, source)) transform.ahead(id, source)
    },
    async rehearse({ id, source, commonJS }) {
      if (!texts.has(id) && !commonJS) await transform.rehearse(id, source)
    },
    resolveAgain,
    resolve: resolveNow,
    tryResolve(specifier, importer) {
      try {
        return resolveNow(specifier, importer)
      } catch (failure) {
        if (failure instanceof BuildFailure) return undefined
        throw failure
      }
    },
  }
}
