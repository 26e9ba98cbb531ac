// What host and kernel say to each other. Types only.
import type { Changes } from './state.js'

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
  readonly literals?: readonly number[]
  /** The item's number; functions have none. */
  readonly owner?: number
  /** `run` gives what the item made: a statement's value, or a data item's. */
  readonly makesValue?: true
  /** Runs only if one of these bindings changed, or for `registersWith`. */
  readonly when?: readonly Cell[]
  /** Runs also if one of these bindings holds another object to register with: `bus` of `bus.on(…)`. */
  readonly registersWith?: readonly Cell[]
  /** That object must be a server. */
  readonly listens?: true
  /** The names are unbound first. */
  readonly isReset?: true
  /** Objects that get properties, those of TypeScript's namespaces, as paths that begin with a binding: they are put back on failure. */
  readonly fills?: readonly (readonly string[])[]
  /** It puts decorated members in the place of this class's. */
  readonly decorates?: string
  /** `run` gives a promise; of an array that holds the value, where there is one. */
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

/** A name that stands for another binding than in the running version. */
export interface MovedName {
  readonly name: string
  readonly from: ChangedBinding
  readonly to: ChangedBinding
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
  /** Absent when only links changed. Called once: in a load not before the module's turn has come. */
  readonly compile?: () => PatchFunction
  /** In place of `compile`, on the way into an isolate. */
  readonly text?: PatchText
  /** In a load: the index of the last patch whose functions its code may call before that one's turn, as modules in a cycle do. */
  readonly callsUpTo?: number
  readonly dependencies: readonly DependencyRequest[]
  /** Where something awaits: modules of the transaction that must have ended before this one starts. */
  readonly waitsFor?: readonly string[]
  /** Modules of other transactions, under way, that must have been evaluated before this one starts. */
  readonly waitsBeyond?: readonly string[]
  readonly declared: readonly string[]
  /** Bindings that its code may assign besides where they are declared. */
  readonly assignable: readonly string[]
  readonly removedBindings: readonly string[]
  /** Properties that the objects of TypeScript's namespaces lose, as paths that begin with a binding. */
  readonly removedMembers: readonly (readonly string[])[]
  readonly removedLiterals: readonly number[]
  /** Items that are gone, or became others: what they own goes. */
  readonly removedOwners: readonly number[]
  readonly moved?: readonly MovedName[]
  /** Given for a module that is new. */
  readonly meta?: {
    readonly url: string
    readonly dirname: string
    readonly filename: string
    readonly isMain: boolean
  }
}

export interface TransactionRequest {
  /** Some of the modules run already. */
  readonly isReload: boolean
  readonly hotUpdates: readonly HotUpdateRequest[]
  /** Modules that are executed whole. */
  readonly whole: readonly string[]
  /** What it changes, for guests that ask. */
  readonly changes: readonly Changes[]
  /** Classes whose instances guests may want to migrate. */
  readonly changedClasses: readonly ModuleNames[]
  readonly patches: readonly ModulePatch[]
  /** Export tables of modules whose namespace somebody holds. */
  readonly namespaces: readonly { readonly module: string; readonly exports: readonly ExportRequest[] }[]
  /** Code of the program may run: what it assigns is put back on failure. */
  readonly runsCode: boolean
  /** Modules whose classes' own properties are put back on failure, and those of the functions that are named: code that runs may set them. */
  readonly saved: readonly ModuleNames[]
  readonly removedModules: readonly string[]
}

export interface ChangedBinding {
  readonly module: string
  readonly name: string
}

export interface EvaluatedStatic {
  readonly module: string
  /** `Class.field`; of a block `Class.{2}`, its number among the class's static fields and blocks. */
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
      /** Names, by module, that stand for another binding now, with another value. */
      readonly moved: readonly ChangedBinding[]
      readonly freed: readonly FreedLiteral[]
    }
  | {
      readonly isApplied: false
      readonly error: unknown
      readonly module: string | undefined
      readonly key: string | undefined
      readonly freed: readonly FreedLiteral[]
    }

/** What a module says by `import.meta.hot`, as far as the host must know. */
export interface HotFacts {
  readonly id: string
  readonly isSelfAccepting: boolean
  /** Ids of modules whose updates it accepts. */
  readonly accepts: readonly string[]
  readonly exports: readonly string[] | undefined
  readonly isDeclined: boolean
}

/** A module accepts that another one, or itself, is updated. */
export interface HotUpdateRequest {
  readonly boundary: string
  readonly acceptedVia: string
  readonly firstInvalidatedBy?: string
}

export type HotStep = 'dispose' | 'prune' | 'accept'

/** A callback of `import.meta.hot` that failed. */
export interface HotFailure {
  readonly module: string
  readonly step: HotStep
  readonly error: unknown
}

/** A disposer that failed. */
export interface DisposalFailure {
  readonly module: string
  /** Of the item that owned what was disposed of. */
  readonly key: string
  readonly error: unknown
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
  /** Whether items own anything. */
  readonly disposes: boolean
  /** Of modules that are to go with the transaction under way, those that `import()` has asked for meanwhile, with what they import. */
  importedMeanwhile(modules: readonly string[]): readonly string[]
  /** Id of the guest module that a specifier leads to. */
  moduleId(importer: string, specifier: string): string | undefined
  /** A module hands its update on to its importers. */
  invalidate(module: string, firstInvalidatedBy: string): void
  send(module: string, event: string, data: unknown): void
  /** Runs the code of an item that awaits; `currentItem` then tells it, also after its awaits, until `itemEnded`. */
  inItem<T>(item: object, run: () => T): T
  currentItem(): object | undefined
  itemEnded(): void
  /** Calls the kernel's `dispose` after this turn: something was made by an item that is gone. */
  disposeSoon(): void
  /** Live instances of a class, found by its prototype. */
  instancesOf(prototype: object): readonly object[] | undefined
  /** Calls a function after some milliseconds. */
  later(run: () => void, milliseconds: number): void
  /** Values of the global object's own properties. */
  globalValues(): readonly unknown[]
  /** Runs what compiles text so that V8 does not keep the text for ever. */
  compileUncached<T>(compile: () => T): T
  /** The text of a definition as it stands in the source now. */
  textOf(module: string, definition: string): string | undefined
}
