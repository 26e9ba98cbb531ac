// A guest module as the host knows it: its source, its record, how it links, and what runs of it.

import type { CommonJS } from '../bundler/commonjs.js'
import type { Composition } from '../bundler/compose.js'
import type { ClassHistory } from '../bundler/emit.js'
import type { Target } from '../bundler/links.js'
import type { Item, Literal, ModuleRecord } from '../bundler/record.js'
import type { Script } from './stack.js'
import type { KeptPatch } from './transform.js'

/** Where a request leads. */
export type Resolved =
  | { readonly kind: 'guest'; readonly id: string }
  | { readonly kind: 'external'; readonly key: string }

/** One version of a module's text, built and resolved; nothing of it runs yet. */
export interface BuiltModule {
  readonly id: string
  readonly source: string
  readonly record: ModuleRecord
  readonly map: string | undefined
  readonly requests: ReadonlyMap<string, Resolved>
  /** The text of a CommonJS module, which its record only frames. */
  readonly commonJS?: CommonJS
  /** Ids whose appearance would let it find what it requires. */
  readonly wanted?: readonly string[]
  /** What the source was put together from, when something was typed into the module. */
  readonly composition?: Composition | undefined
  /** The patch of its first load, where there is a cache. */
  readonly firstPatch?: KeptPatch
}

/** The text of a module's file, as it runs, without what was typed into it. */
export const baseOf = ({ composition, source }: BuiltModule): string => composition?.base ?? source

/** A module of the running program. */
export interface RunningModule extends BuiltModule {
  readonly version: number
  readonly targets: ReadonlyMap<string, Target>
  readonly literalIds: ReadonlyMap<Literal, number>
  readonly called: ReadonlySet<number>
  readonly classes: ReadonlyMap<string, ClassHistory>
  /** The script each definition was compiled in, before those it came from earlier: closures, and members that were kept, run in them. */
  readonly origins: ReadonlyMap<Item | Literal, readonly Origin[]>
  /** Scripts of statements that were typed: closures from there may live on. */
  readonly typedScripts?: readonly Script[]
  /** The numbers of its items. */
  readonly owners: ReadonlyMap<Item, number>
  readonly nextOwner: number
  /** Ids given out, and those that are free again. */
  readonly nextLiteral: number
  readonly freeLiterals: readonly number[]
}

export interface Origin {
  readonly script: Script
  /** Where the definition stood in the code of the script's version. */
  readonly start: number
  readonly end: number
}

/** The same module with something changed. Not by spreading: a first version has getters. */
export function amended(module: RunningModule, changes: Partial<RunningModule>): RunningModule {
  const { id, source, record, map, requests, commonJS, composition } = module
  const { version, targets, literalIds, called, classes } = module
  const { origins, typedScripts, owners, nextOwner, nextLiteral, freeLiterals } = module
  return {
    id,
    source,
    record,
    map,
    requests,
    ...(commonJS && { commonJS }),
    ...(composition && { composition }),
    ...(typedScripts && { typedScripts }),
    version,
    targets,
    literalIds,
    called,
    classes,
    origins,
    owners,
    nextOwner,
    nextLiteral,
    freeLiterals,
    ...changes,
  }
}
