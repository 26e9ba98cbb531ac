// Runs a program natively and in the ways that are compared, by turns, each time in a process of its own.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { RealmKind } from '../../../host/api.js'
import type { Times } from './child.js'
import type { Mode } from './load.js'
import type { BenchmarkProgram } from './programs.js'

/** A way to run a program under regrow: a column of the table. */
export interface Way {
  readonly realm: RealmKind
  readonly reloads: number
}

/** What a program took. Times are milliseconds per iteration, ratios are to native; both in the order of the ways. */
export interface Comparison {
  readonly name: string
  readonly native: number
  readonly times: readonly number[]
  readonly ratios: readonly number[]
}

/**
 * For all ways alike. With the usual small young generation V8 may judge allocations of code that becomes hot late by the few survivors of
 * one collection, and put them among the old objects: docs/limits.md tells of it. That is chance, and no matter of the code that runs.
 */
const flags = ['--min-semi-space-size=64', '--max-semi-space-size=64']

/** Milliseconds for one child; it takes some 2500. */
const deadline = 60_000

const child = fileURLToPath(new URL('./child.js', import.meta.url))

/**
 * Takes the least of the rounds' medians for each way: what disturbs a process only ever makes it slower.
 * @param onProgress called before each child, with what it runs
 * @throws Error with what a child printed when it failed
 */
export async function compare(
  program: BenchmarkProgram,
  ways: readonly Way[],
  rounds: number,
  onProgress: (now: string) => void,
): Promise<Comparison> {
  let native = Infinity
  const times = ways.map(() => Infinity)
  for (let round = 1; round <= rounds; round++) {
    const now = `${program.name}  round ${round} of ${rounds}`
    onProgress(`${now}  native`)
    // Natively nothing is reloaded, so there is one native time for all ways.
    native = Math.min(native, (await runChild(program, 'native', 0)).median)
    for (const [index, { realm, reloads }] of ways.entries()) {
      onProgress(`${now}  ${realm}, ${reloads} reloads`)
      times[index] = Math.min(times[index]!, (await runChild(program, realm, reloads)).median)
    }
  }
  return { name: program.name, native, times, ratios: times.map(time => time / native) }
}

async function runChild(program: BenchmarkProgram, mode: Mode, reloads: number): Promise<Times> {
  const parameters = [...flags, child, mode, program.file, String(reloads)]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, parameters, { timeout: deadline })
    return JSON.parse(stdout)
  } catch (error) {
    const { stderr, killed } = error as { stderr?: string; killed?: boolean }
    const why = killed ? `did not end within ${deadline} ms` : stderr?.trim() || String(error)
    throw new Error(`${program.name} (${mode}, ${reloads} reloads): ${why}`)
  }
}
