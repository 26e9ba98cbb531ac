// What runs a test: plain node, or regrow.
import type { Harness, Output } from './harness.js'

/** How running a test ended. A thrown value is told by its constructor's name. */
export interface Ending {
  readonly phase: 'parse' | 'resolution' | 'runtime' | 'done'
  readonly error?: string
  readonly message?: string
}

/** @param checkout the root that ids are relative to */
export type Engine = (checkout: string, harness: Harness, output: Output) => Promise<Ending>

/** Name and message of what a test threw. */
export function thrown(error: unknown): { error: string; message: string } {
  try {
    const { constructor: kind, message } = error as Error
    return { error: kind?.name ?? typeof error, message: String(message ?? error) }
  } catch {
    return { error: typeof error, message: '' }
  }
}
