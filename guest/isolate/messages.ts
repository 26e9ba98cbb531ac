// What host and isolate say to each other about programs. Types only; wire.ts says how values are written.
import type { Refusal, TransactionRequest } from '../protocol.js'
import type { CrossingLimits } from './wire.js'

/** What the host can want of an isolate. */
export type Entry =
  /** Applies a transaction: `TransactOrder` → `Transacted`. */
  | 'transact'
  /** Gives a namespace its exports: `{ module, table }`. */
  | 'exports'
  /** Calls an export of the entry: its name and the arguments → an answer. */
  | 'call'
  /** Reads an export of the entry: its name → an answer. */
  | 'get'
  /** Calls a function that the host holds: its number and the arguments → an answer. */
  | 'invoke'
  /** Lets such a function go: how often the host had got it. */
  | 'release'
  /** Settles a promise of a host function: an answer. */
  | 'settle'
  /** Ends an `import()`: `ModuleFound`. */
  | 'imported'
  /** Takes one of the kernel's steps around transactions: its name and the arguments → an answer. */
  | 'step'
  /** A timer is due. */
  | 'timer'
  /** Gives the answer of an entry once more, where it was lost on the way. */
  | 'again'

export interface IsolateConfig {
  /** Module id of the entry. */
  readonly entry: string
  readonly limits: CrossingLimits & { readonly heldFunctions: number }
  /** The key that `regrow/guest` is linked by. */
  readonly guestModule: string
  /** How many transactions' errors are kept for `import()` to throw again. */
  readonly rememberedErrors: number
  readonly grants: {
    readonly console: boolean
    readonly timers: boolean
    readonly crypto: boolean
    readonly performance: boolean
  }
  /** Items own what they make. */
  readonly disposes: boolean
  /** The text of what is granted as globals, an object. */
  readonly globals: string
  /** The text of the host's function that fetches, where it is granted. */
  readonly fetch?: string | undefined
}

export interface TransactOrder {
  readonly request: TransactionRequest
  readonly isAsync: boolean
}

/** A `TransactionResult`, with the text of what was thrown; or what does not compile. */
export type Transacted =
  | { readonly syntax: { readonly module: string; readonly message: string } }
  | { readonly isApplied: true; readonly [list: string]: unknown }
  | { readonly isApplied: false; readonly thrown: string; readonly [more: string]: unknown }

/** Where an `import()` or a `require` leads. */
export type ModuleFound =
  | { readonly module: string; readonly gives: 'namespace' | 'default'; readonly isUnderWay: boolean }
  /** `required`: what `require` gives of it, where that is something else. */
  | { readonly external: string; readonly gives: 'namespace' | 'required' }
  /** `transaction`: the number of the one whose error it is. */
  | { readonly refusal: Exclude<Refusal, { thrown: unknown }> | { readonly transaction: number } }
