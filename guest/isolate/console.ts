// The grant `console`: lines of text, made in the guest, for the host to show.
import inspect from 'object-inspect'
import { defineProperty } from '../primordials.js'
import { NativeString, sliceString } from './intrinsics.js'
import type { Ask } from './main.js'

/** Levels, in the order that the host knows them by. */
const levels = ['log', 'info', 'debug', 'warn', 'error', 'trace'] as const
/** Characters of a line. */
const longest = 8000

export function installConsole(global: object, ask: Ask): void {
  const console = {} as Record<string, unknown>
  for (let index = 0; index < levels.length; index++) {
    const write = (...given: unknown[]): void => {
      let line = ''
      for (let at = 0; at < given.length && line.length < longest; at++) line += (at ? ' ' : '') + show(given[at])
      ask('console', index, sliceString(line, 0, longest))
    }
    defineProperty(write, 'name', { value: levels[index]!, configurable: true })
    console[levels[index]!] = write
  }
  defineProperty(global, 'console', { value: console, writable: true, enumerable: false, configurable: true })
}

export function show(value: unknown): string {
  try {
    if (typeof value === 'string') return value
    if (value instanceof Error && typeof value.stack === 'string') return value.stack
    return NativeString(inspect(value, { depth: 3, maxStringLength: 1000 }))
  } catch {
    return '[a value that cannot be shown]'
  }
}
