// The public shapes: options, program, reports. Types only; docs/api.md says the same with examples.
import type { EventEmitter } from 'node:events'
import type { RegrowError } from './errors.js'

/** Where guest code runs: the host's own context, or a node:vm context. */
export type RealmKind = 'main' | 'context'

/** Where modules come from. Ids are paths relative to `root`, with `/`. */
export interface SourceStore {
  /** The bytes or text of a module; `undefined` when there is none. Throws when it is there but cannot be read. */
  read(id: string): Uint8Array | string | undefined
  /** Ids of all modules, when the store can tell. */
  list?(): Iterable<string>
  /** Calls `onChange` with the ids that changed; returns what stops it. */
  watch?(onChange: (ids: string[]) => void): () => void
}

export interface HostOptions {
  /** Directory that holds the guest's files; imports cannot leave it, packages aside. Default: the working directory. */
  root?: string
  /** Where modules come from. Default: the file system under `root`. */
  sources?: Record<string, string> | SourceStore
  /** Default `'context'`. */
  realm?: RealmKind
  /** Reload when files change. Default true; with false only `program.reload()` and `program.update()` do. */
  watch?: boolean
  /** What the guest finds on its global object. */
  globals?: Record<string, unknown>
  /** Modules granted by name: `{ 'app:db': { query } }` serves `import { query } from 'app:db'`. */
  modules?: Record<string, Record<string, unknown>>
  /** May guests import npm packages and `node:` builtins: all, none, or those listed. Default true. */
  packages?: boolean | readonly string[]
  /** Dispose of what items made when they run again or are removed, and of all at `close()`. Default true. */
  dispose?: boolean
}

export interface RunOptions extends HostOptions {
  /** What the guest finds in `process.argv` from index 2 (realm `main`; a copy of `process` elsewhere). */
  args?: readonly string[]
  /** Called while the graph is built, with the number of modules built so far and known so far. */
  onProgress?: (built: number, known: number) => void
}

export interface Host extends AsyncDisposable {
  /**
   * Runs an entry module with its imports.
   * @param entry path relative to `root` (`./main.ts`) or absolute inside it
   * @throws RegrowError ERR_REGROW_LINK (entry not found), ERR_REGROW_BUILD, ERR_REGROW_EVALUATE, ERR_REGROW_DENIED,
   *   ERR_REGROW_OPTION, ERR_REGROW_CLOSED
   */
  run(entry: string, options?: RunOptions): Promise<Program>
  readonly programs: ReadonlySet<Program>
  /** With `dispose: false` what the programs made is left alone, as when they end by themselves. */
  close(options?: CloseOptions): Promise<void>
}

export interface CloseOptions {
  /** Default true. */
  dispose?: boolean
}

export interface ProgramEvents {
  /** After every reload, whatever its outcome. */
  reload: [report: ReloadReport]
  /** A failure outside any reload: the watcher's, or a disposer's that fails late or at `close()`. */
  error: [error: Error]
  /** A guest called `import.meta.hot.send(event, data)`. */
  message: [event: string, data: unknown, module: string]
  close: []
}

export interface Program extends AsyncDisposable, EventEmitter<ProgramEvents> {
  /** Module id of the entry. */
  readonly entry: string
  /** Live namespace of the entry. */
  readonly exports: Record<string, any>
  /** The rejected report that still stands: running code differs from the sources. */
  readonly drift: ReloadReport | undefined
  /** Calls an export of the entry. */
  call(name: string, ...args: unknown[]): Promise<unknown>
  /** The value of an export of the entry. */
  get(name: string): Promise<unknown>
  /** Looks at the files now and applies what changed. Never rejects for guest mistakes: they are in the report. */
  reload(files?: Iterable<string>): Promise<ReloadReport>
  /** Pushes sources (`null` deletes) and applies them: no file system needed. */
  update(files: Record<string, string | null>): Promise<ReloadReport>
  /** Back to the version before the last applied reload. */
  undo(): Promise<ReloadReport>
  modules(): ModuleInfo[]
  stats(): Promise<ProgramStats>
  /** Ends reloads, and disposes of what the program made, unless the option `dispose` is false, here or of the host. */
  close(options?: CloseOptions): Promise<void>
}

/** A module of a running program. */
export interface ModuleInfo {
  readonly id: string
  /** 1 at first, one more with each applied reload that touched it. */
  readonly version: number
  /** Ids of the guest modules it imports. */
  readonly imports: readonly string[]
}

export interface ProgramStats {
  readonly modules: number
  readonly reloads: { readonly applied: number; readonly unchanged: number; readonly rejected: number }
  /** Used bytes of the JavaScript heap the realm lives in. */
  readonly heapBytes: number
}

/** What a reload did to one module. Names are bindings, `Class.member` for members, or `statement at line N`. */
export interface ModuleReport {
  readonly id: string
  readonly version: number
  readonly added: readonly string[]
  /** Functions, classes and literals replaced in place. */
  readonly patched: readonly string[]
  /** Data items and statements that ran (again). */
  readonly evaluated: readonly string[]
  readonly removed: readonly string[]
  /** Statements that were not run again although a value they name changed. */
  readonly stale: readonly string[]
  /** How many items stayed as they were. */
  readonly kept: number
}

export interface ReloadReport {
  readonly outcome: 'applied' | 'unchanged' | 'rejected'
  readonly modules: readonly ModuleReport[]
  readonly error?: RegrowError
  /** What failed beside the reload and stopped nothing: disposers, callbacks of `import.meta.hot`. */
  readonly failures?: readonly RegrowError[]
  /** Milliseconds. `detect`: from the first change seen to the start of the build. */
  readonly timing: {
    readonly detect: number
    readonly build: number
    readonly link: number
    readonly apply: number
    readonly total: number
  }
}
