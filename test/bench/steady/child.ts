// The child of the steady-state benchmark: `child.js <native|main|context> <file> <reloads>` runs one program in one way and prints
// its times as a line of JSON. Fails when an iteration returns another checksum than the program expects.
import { type Loaded, load, type Mode } from './load.js'

/** What a child tells: milliseconds per iteration, once they are steady. */
export interface Times {
  readonly iterations: number
  readonly median: number
  readonly minimum: number
}

/** Iterations before the first reload, and after each. */
const iterationsBefore = 5
const iterationsBetween = 2
/** Milliseconds of iterations before the measurement, and of the measurement. */
const warmUp = 1000
const measured = 1000
/** A slow program is measured for longer. */
const leastIterations = 40

async function measure(program: Loaded, reloads: number): Promise<Times> {
  const start = performance.now()
  await repeat(program, iterationsBefore)
  for (let version = 1; version <= reloads; version++) {
    await program.reload(version)
    await repeat(program, iterationsBetween)
  }
  // Once, as its user would: the call through the export is no part of the measurement.
  const { run, expected } = program
  while (performance.now() - start < warmUp) await timed(run, expected)
  const times: number[] = []
  for (const end = performance.now() + measured; performance.now() < end || times.length < leastIterations; ) {
    times.push(await timed(run, expected))
  }
  times.sort((left, right) => left - right)
  return { iterations: times.length, median: times[times.length >> 1]!, minimum: times[0]! }
}

async function repeat(program: Loaded, iterations: number): Promise<void> {
  for (let count = 0; count < iterations; count++) await timed(program.run, program.expected)
}

/** @returns the milliseconds of one iteration */
async function timed(run: () => unknown, expected: unknown): Promise<number> {
  const start = performance.now()
  const checksum = await run()
  const time = performance.now() - start
  if (checksum !== expected) throw new Error(`an iteration returned ${checksum}, expected was ${expected}`)
  return time
}

const [mode, file, reloads] = process.argv.slice(2) as [Mode, string, string]
try {
  const program = await load(mode, file)
  console.log(JSON.stringify(await measure(program, Number(reloads))))
  await program.close()
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
