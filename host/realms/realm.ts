// What every realm can do: compile text of ours, and hold a kernel.
import { readFileSync } from 'node:fs'
import type { Kernel } from '../../guest/kernel.js'
import type { KernelHost } from '../../guest/protocol.js'
import type { RealmKind } from '../api.js'

export interface Realm {
  readonly kind: RealmKind
  readonly kernel: Kernel
  /** Compiles the body of a function into the realm. @param around its properties are found by name before the globals */
  compile(body: string, parameters: readonly string[], filename: string, around?: object): (...args: any[]) => any
  readonly global: object
  /** The realm's `Error`, for the stack hook. */
  readonly Error: ErrorConstructor
  close(): void
}

let text: string | undefined

/** The kernel as one script. */
export function kernelText(): string {
  text ??= readFileSync(new URL('../../guest/kernel.bundle.js', import.meta.url), 'utf8')
  return text
}

export type CreateKernel = (host: KernelHost) => Kernel
