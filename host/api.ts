// The public shapes: options, program, reports. Types only; docs/api.md says the same with examples.
import type { EventEmitter } from 'node:events'
import type { RegrowError } from './errors.js'

/** Where guest code runs: the host's own context, a node:vm context, or an isolate behind a wall. */
export type RealmKind = 'main' | 'context' | 'isolate'

/** Where isolates live: one process for each, one for some that trust each other, or the host's own. */
export type IsolateProcess = 'own' | 'shared' | 'none'

/** What a program in an isolate may use. */
export interface IsolateLimits {
  /** Heap of the isolate, in MB. Default 128, at least 8. */
  readonly memoryMb: number
  /** Milliseconds on the processor at a stretch: a call, a timer, a promise job, until the isolate is idle. Default 2000. */
  readonly cpuMs: number
  /** Milliseconds by the clock for a call or a reload, waits included. Default 10,000. */
  readonly wallMs: number
  /** Characters of one value that crosses, in either direction. Default 2,000,000. */
  readonly messageBytes: number
  /** Levels of one value that crosses. Default 100. */
  readonly depth: number
  /** Parts of one value that crosses. Default 50,000. */
  readonly nodes: number
  /** Calls under way at a time, in either direction. Default 1000. */
  readonly calls: number
  /** Timers set at a time. Default 1000. */
  readonly timers: number
  /** Functions of the guest's that the host holds at a time. Default 10,000. */
  readonly heldFunctions: number
  /** Characters of one module's text. Default 500,000. */
  readonly sourceBytes: number
  /** Reloads that begin in a second; more wait, and what is saved meanwhile is one. Default 500. */
  readonly reloadsPerSecond: number
  /** Modules of the program. Default 500. */
  readonly modules: number
  /** Statements, declarations, function literals and class members of what one reload builds. Default 3000. */
  readonly parts: number
}

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
  /** May guests import npm packages and `node:` builtins: all, none, or those listed. Default true; an isolate has none. */
  packages?: boolean | readonly string[]
  /** Dispose of what items made when they run again or are removed, and of all at `close()`. Default true. */
  dispose?: boolean
  /**
   * Folder of the transform cache: what was made of the texts of modules is kept there, and the next start takes it. Programs of several
   * processes may share it. What isolates run is not cached. Default false: no cache. The command line has one.
   */
  cache?: string | false
  /** What a program in an isolate may use. */
  limits?: Partial<IsolateLimits>
  /** Where an isolate lives. Default `'own'`. */
  process?: IsolateProcess
  /** What a program in an isolate finds besides. */
  grants?: Grants
}

/** What regrow gives a program in an isolate, besides what carries no authority. All off unless given. */
export interface Grants {
  /** Lines go to the event `console`, or with the entry's name before them to the host's console. */
  readonly console?: boolean
  /** `setTimeout`, `setInterval` and what clears them. */
  readonly timers?: boolean
  /** `crypto.getRandomValues` and `crypto.randomUUID`. */
  readonly crypto?: boolean
  /** `performance.now`, in whole milliseconds. */
  readonly performance?: boolean
  /** `fetch`, `Headers` and `Response`: requests to these origins (`https://api.example.com`), redirects included. */
  readonly fetch?: readonly string[] | FetchGrant
}

/** Where a guest may fetch from, and how much. */
export interface FetchGrant {
  /** Scheme, host and port: `https://api.example.com`, `http://localhost:8080`. */
  readonly origins: readonly string[]
  /** Milliseconds for a request with its redirects and its body. Default 10,000. */
  readonly timeoutMs?: number
  /** Bytes of a body, each way. Default 1,000,000. */
  readonly maxBytes?: number
}

/** A line that a program in an isolate printed, or what a timer of it threw. */
export interface ConsoleLine {
  readonly level: 'log' | 'info' | 'debug' | 'warn' | 'error' | 'trace'
  /** Without control characters. */
  readonly text: string
}

/** Why the process of an isolate ended, and what becomes of the program. */
export interface ProgramExit {
  /** `killed`: by regrow, for another program that shared the process, or from outside. */
  readonly reason: 'memory' | 'cpu' | 'crash' | 'killed'
  readonly message: string
  /** Milliseconds until it is started again; undefined when that failed too often: the next reload starts it. */
  readonly restartsIn: number | undefined
}

export interface RunOptions extends HostOptions {
  /** What the guest finds in `process.argv` from index 2 (realm `main`; a copy of `process` elsewhere). */
  args?: readonly string[]
  /** The text of the entry, in place of its file's, until that changes: it need not be there. */
  text?: string
  /** Called while the graph is built, with the number of modules built so far and known so far. */
  onProgress?: (built: number, known: number) => void
  /**
   * With it, and with `watch`, a first load that fails is told of here and made again when one of its files is saved: `run` resolves once
   * it has gone well, and rejects when the host is closed before. Codes: ERR_REGROW_BUILD, ERR_REGROW_LINK, ERR_REGROW_EVALUATE.
   */
  onFailedStart?: (error: RegrowError) => void
}

export interface Host extends AsyncDisposable {
  /**
   * Runs an entry module with its imports.
   * @param entry path relative to `root` (`./main.ts`) or absolute inside it
   * @throws RegrowError ERR_REGROW_LINK (entry not found), ERR_REGROW_BUILD, ERR_REGROW_EVALUATE, ERR_REGROW_DENIED,
   *   ERR_REGROW_OPTION, ERR_REGROW_CLOSED; from an isolate ERR_REGROW_TIMEOUT, ERR_REGROW_MEMORY, ERR_REGROW_EXIT
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
  /** A program in an isolate printed a line. */
  console: [line: ConsoleLine]
  /** The process of an isolate ended; its state is lost. */
  exit: [exit: ProgramExit]
  /** It runs again after that. */
  restart: []
  close: []
}

export interface Program extends AsyncDisposable, EventEmitter<ProgramEvents> {
  /** Module id of the entry. */
  readonly entry: string
  /** Live namespace of the entry; an isolate's is not to be had: use `call` and `get`. */
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
  /**
   * Evaluates TypeScript or JavaScript in a module's live scope. Definitions become part of the module; the value of the last
   * expression comes back, from an isolate as a copy, or as an `InspectedValue` where none can be made.
   * @param options.module id; the entry unless told
   * @throws RegrowError ERR_REGROW_BUILD, ERR_REGROW_LINK, ERR_REGROW_EVALUATE, …: nothing has changed then
   */
  evaluate(source: string, options?: { module?: string }): Promise<unknown>
  /** Back to the version before the last applied reload, or before the last definitions that were typed. */
  undo(): Promise<ReloadReport>
  /** Takes the last undo back. */
  redo(): Promise<ReloadReport>
  /** Ids of modules that run another text than their files' since an undo, until their files change. */
  readonly undone: readonly string[]
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
  /** Names that were typed into it by `evaluate` and are not in its file as they run. */
  readonly typed: readonly string[]
}

export interface ProgramStats {
  readonly modules: number
  readonly reloads: { readonly applied: number; readonly unchanged: number; readonly rejected: number }
  /**
   * Implementations of functions, classes and literals that reloads have replaced: those that something still holds, such as a call in
   * flight, and those that were collected.
   */
  readonly versions: { readonly live: number; readonly collected: number }
  /** Used bytes of the JavaScript heap the realm lives in. */
  readonly heapBytes: number
  /** Bytes that heap may have, in an isolate. */
  readonly heapLimit?: number
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
  /** Modules that run another text than their files' since an undo. */
  readonly undone?: readonly string[]
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
