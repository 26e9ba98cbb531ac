// What host and kernel say to each other. Types only.

/** Where a binding lives: a property of a module's scope. */
export interface Cell {
  readonly scope: object
  readonly name: string
}

/** What a patch's code returns: one for each item to run, in order. */
export interface Operation {
  readonly key: string
  /** `data` gives its value back; a `pattern` has initialised its names itself. */
  readonly kind: 'function' | 'class' | 'data' | 'pattern' | 'statement'
  readonly names: readonly string[]
  readonly literals: readonly number[]
  /** Runs only if one of these bindings changed. */
  readonly when?: readonly Cell[]
  /** The names are unbound first. */
  readonly isReset?: true
  /** `run` gives a promise; of an array that holds the value, for `data`. */
  readonly isAsync?: true
  readonly run: () => unknown
}

export type PatchFunction = (...parameters: unknown[]) => readonly Operation[]

export type DependencyRequest =
  | { readonly kind: 'scope'; readonly module: string }
  | { readonly kind: 'namespace'; readonly module: string }
  | { readonly kind: 'external'; readonly module: string }

/** How one export is read: a binding of a module, a namespace, or a name of an external. */
export interface ExportRequest {
  readonly name: string
  readonly kind: 'binding' | 'namespace' | 'external'
  readonly module: string
  /** Empty for a namespace. */
  readonly binding: string
}

/** Names that belong to a module. */
export interface ModuleNames {
  readonly module: string
  readonly names: readonly string[]
}

/** A literal that nobody holds any more: its id is free. */
export interface FreedLiteral {
  readonly module: string
  readonly literal: number
}

/** The body of a patch's function, for a realm that compiles it itself. */
export interface PatchText {
  readonly name: string
  readonly parameters: readonly string[]
  readonly code: string
}

export interface ModulePatch {
  readonly id: string
  /** Absent when only links changed. */
  readonly run?: PatchFunction
  /** In place of `run`, on the way into an isolate. */
  readonly text?: PatchText
  readonly dependencies: readonly DependencyRequest[]
  /** Where something awaits: modules of the transaction that must have ended before this one starts. */
  readonly waitsFor?: readonly string[]
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
  readonly namespaces: readonly { readonly module: string; readonly exports: readonly ExportRequest[] }[]
  /** Bindings that guest code may assign, to be put back on failure. */
  readonly saved: readonly ModuleNames[]
  /** Modules whose classes' own properties are put back on failure: the changed ones, and those they name. */
  readonly savedClasses: readonly string[]
  readonly removedModules: readonly string[]
}

export interface ChangedBinding {
  readonly module: string
  readonly name: string
}

export interface EvaluatedStatic {
  readonly module: string
  /** `Class.field`; a block has no name. */
  readonly name: string
}

export interface Evaluated {
  readonly module: string
  readonly key: string
  /** Ids of the item's literals that were called while it ran (R6). */
  readonly called: readonly number[]
}

export type TransactionResult =
  | {
      readonly isApplied: true
      readonly evaluated: readonly Evaluated[]
      readonly statics: readonly EvaluatedStatic[]
      readonly changed: readonly ChangedBinding[]
      readonly freed: readonly FreedLiteral[]
    }
  | {
      readonly isApplied: false
      readonly error: unknown
      readonly module: string | undefined
      readonly key: string | undefined
      readonly freed: readonly FreedLiteral[]
    }

export type ImportAttributes = Readonly<Record<string, string>>

/** Why `import()` fails: what the module threw, or an error the kernel makes in its realm. */
export type Refusal =
  | { readonly thrown: unknown }
  | { readonly name: 'SyntaxError' | 'Error'; readonly message: string; readonly code?: string }

export type ImportAnswer = { readonly namespace: unknown } | { readonly refusal: Refusal }

/** What the kernel asks of the host. */
export interface KernelHost {
  importModule(importer: string, specifier: string, attributes: ImportAttributes): Promise<ImportAnswer>
  resolve(importer: string, specifier: string): string
  /** `require` of what is no guest module of the importer's frame. */
  require(importer: string, specifier: string): ImportAnswer
  /** `require.resolve`: a path, or the name of a builtin. */
  resolveRequired(importer: string, specifier: string): string
  /** The compiled text of a CommonJS module under way. */
  commonJS(module: string): unknown
  external(key: string): object
  /** Runs what compiles text so that V8 does not keep the text for ever. */
  compileUncached<T>(compile: () => T): T
  /** The text of a definition as it stands in the source now. */
  textOf(module: string, definition: string): string | undefined
}
