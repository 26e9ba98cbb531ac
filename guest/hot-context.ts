// The types of `import.meta.hot`, for `/// <reference types="regrow/hot" />`. They fit what `vite/client` declares.

/** A module's live namespace. */
export type ModuleNamespace = Record<string, any>

export interface HotUpdate {
  readonly type: 'js-update'
  /** The module whose callbacks are called, `/` before its id. */
  readonly path: string
  /** The module that was updated: itself, or one that it accepts. */
  readonly acceptedPath: string
  /** Milliseconds. */
  readonly timestamp: number
  readonly firstInvalidatedBy?: string
}

export interface HotEvents {
  'vite:beforeUpdate': { readonly type: 'update'; readonly updates: readonly HotUpdate[] }
  'vite:afterUpdate': { readonly type: 'update'; readonly updates: readonly HotUpdate[] }
  'vite:beforePrune': { readonly type: 'prune'; readonly paths: readonly string[] }
  'vite:invalidate': {
    readonly path: string
    readonly message: string | undefined
    readonly firstInvalidatedBy: string
  }
  'vite:error': { readonly type: 'error'; readonly err: { readonly message: string; readonly stack: string } }
}

type Payload<Event extends string> = Event extends keyof HotEvents ? HotEvents[Event] : any

/** What `import.meta.hot` is under regrow, as in Vite. Undefined under plain node. */
export interface HotContext {
  /** Lasts over updates of the module, until it leaves the graph. */
  readonly data: any
  /** The module is executed whole when it, or something it imports, changes. */
  accept(): void
  accept(callback: (module: ModuleNamespace | undefined) => void): void
  /** Calls back after a module that this one imports was updated. */
  accept(dependency: string, callback: (module: ModuleNamespace | undefined) => void): void
  accept(dependencies: readonly string[], callback: (modules: (ModuleNamespace | undefined)[]) => void): void
  /** As `accept`, for importers that use no other exports than these. */
  acceptExports(names: string | readonly string[], callback?: (module: ModuleNamespace | undefined) => void): void
  /** Calls back before the module is executed anew, or when it leaves the graph. */
  dispose(callback: (data: any) => void): void
  /** Calls back when the module has left the graph. */
  prune(callback: (data: any) => void): void
  /** Rejects edits of the module. */
  decline(): void
  /** Hands an update on to the modules that import this one. */
  invalidate(message?: string): void
  on<Event extends string>(event: Event, callback: (payload: Payload<Event>) => void): void
  off<Event extends string>(event: Event, callback: (payload: Payload<Event>) => void): void
  /** Tells the host, where the program emits it as the event `message`. */
  send(event: string, data?: unknown): void
}

declare global {
  interface ImportMeta {
    readonly hot?: HotContext
  }
}
