// What host and kernel say to each other. Types only.

/** What a patch's code returns: one entry for each item to run, in order. */
export type Operation = readonly [
  key: string,
  /** `data` gives its value back; a `pattern` has initialised its names itself. */
  kind: 'function' | 'class' | 'data' | 'pattern' | 'statement',
  names: readonly string[],
  literals: readonly number[],
  /** 0: run; otherwise run if one of these bindings changed. */
  condition: 0 | readonly (readonly [object, string])[],
  /** 1: the names are unbound first. */
  isReset: 0 | 1,
  thunk: () => unknown,
]

export type PatchFunction = (...parameters: unknown[]) => readonly Operation[]

export type DependencyRequest =
  | { readonly kind: 'scope'; readonly module: string }
  | { readonly kind: 'namespace'; readonly module: string }
  | { readonly kind: 'external'; readonly module: string }

/** How one export is read: a binding of a module, a namespace, or a name of an external. */
export type ExportRequest = readonly [
  name: string,
  kind: 'binding' | 'namespace' | 'external',
  module: string,
  binding: string,
]

export interface ModulePatch {
  readonly id: string
  /** Absent when only links changed. */
  readonly run?: PatchFunction
  readonly dependencies: readonly DependencyRequest[]
  readonly declared: readonly string[]
  readonly removedBindings: readonly string[]
  readonly removedLiterals: readonly number[]
  /** Given for a module that is new. */
  readonly meta?: {
    readonly url: string
    readonly dirname: string
    readonly filename: string
    readonly isMain: boolean
  }
}

export interface TransactionRequest {
  readonly patches: readonly ModulePatch[]
  /** Export tables of modules whose namespace somebody holds. */
  readonly namespaces: readonly (readonly [module: string, exports: readonly ExportRequest[]])[]
  /** Bindings that guest code may assign, to be put back on failure. */
  readonly saved: readonly (readonly [module: string, names: readonly string[]])[]
  /** Modules whose classes' own properties are put back on failure: the changed ones, and those they name. */
  readonly savedClasses: readonly string[]
  readonly removedModules: readonly string[]
}

export interface Evaluated {
  readonly module: string
  readonly key: string
  /** Ids of the item's literals that were called while it ran (R6). */
  readonly called: readonly number[]
  /** Static fields that were evaluated. */
  readonly statics: readonly string[]
}

export type TransactionResult =
  | {
      readonly isApplied: true
      readonly evaluated: readonly Evaluated[]
      readonly changed: readonly (readonly [module: string, name: string])[]
      readonly freed: readonly (readonly [module: string, literal: number])[]
    }
  | {
      readonly isApplied: false
      readonly error: unknown
      readonly module: string | undefined
      readonly key: string | undefined
      readonly freed: readonly (readonly [module: string, literal: number])[]
    }

/** What the kernel asks of the host. */
export interface KernelHost {
  importModule(importer: string, specifier: unknown, options: unknown): Promise<unknown>
  resolve(importer: string, specifier: string): string
  external(key: string): object
  /** Runs what compiles text so that V8 does not keep the text for ever. */
  compileUncached<T>(compile: () => T): T
  /** The text of a definition as it stands in the source now. */
  textOf(module: string, definition: string): string | undefined
}
