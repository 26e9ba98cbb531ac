// What a realm in this process can do: compile text of ours, and hold a kernel. An isolate's kernel is elsewhere.
import { readFileSync } from 'node:fs'
import type { Kernel } from '../../guest/kernel.js'
import type { KernelHost } from '../../guest/protocol.js'
import type { FirstCode } from '../compile.js'
import { kernelPath } from '../own-files.js'
import type { IsolateRealm } from './isolate/isolate.js'

export type Realm = LocalRealm | IsolateRealm

export interface LocalRealm {
  readonly kind: 'main' | 'context'
  readonly kernel: Kernel
  /** Compiles the body of a function into the realm. @param around its properties are found by name before the globals */
  compile(body: string, parameters: readonly string[], filename: string, around?: object): (...args: any[]) => any
  /** The same of a text that is the first of its module. @param data what V8 made of it before */
  compileFirst(body: string, parameters: readonly string[], filename: string, data?: Buffer): FirstCode
  readonly global: object
  /** The realm's `Error`, for the stack hook. */
  readonly Error: ErrorConstructor
  close(): void
}

let text: string | undefined

/** The kernel as one script. */
export function kernelText(): string {
  text ??= readFileSync(kernelPath, 'utf8')
  return text
}

/** For what is never asked of an isolate. */
export function localRealm(realm: Realm): LocalRealm {
  if (realm.kind === 'isolate') throw new TypeError('the kernel of an isolate is not in this process')
  return realm
}

export type CreateKernel = (host: KernelHost) => Kernel
