// Runs one hostile guest beside an honest program, and tells what came of it.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearInterval, setInterval } from 'node:timers'
import type { Host, Program, RunOptions } from '../../host/api.js'
import { RegrowError } from '../../host/index.js'
import type { End, Guest } from './guest.js'

export interface Outcome {
  readonly end: End
  readonly value: unknown
  readonly error: unknown
  /** Milliseconds that the event loop of the host was held up, at most. */
  readonly lag: number
  /** Milliseconds that the honest program took for an answer while the guest was at it, at most. */
  readonly otherTook: number
  /** What must not have come about. */
  readonly escapes: readonly string[]
}

/** Little time for those that take whatever they get, and enough for the others on a busy machine. */
const limitsOf = ({ ends, limits }: Guest) => {
  const isGreedy = ends.includes('ERR_REGROW_TIMEOUT')
  return { memoryMb: 32, cpuMs: isGreedy ? 400 : 4000, wallMs: isGreedy ? 1500 : 10_000, ...limits }
}

/** What a host grants: careless in that it hands out whatever it has, careful in nothing. */
const granted = () => ({
  host: {
    sync: (value: unknown) => value,
    later: async (value: unknown) => value,
    never: () => new Promise(() => {}),
    fail: () => {
      throw new TypeError('the host says no')
    },
    reject: async () => {
      throw new TypeError('the host says no')
    },
    bytes: () => Buffer.from([1, 2, 3]),
  },
})

/** A folder with a root, and something outside it that a link leads to. */
function createFolder(files: Readonly<Record<string, string>>): { root: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'regrow-hostile-'))
  const root = join(folder, 'root')
  mkdirSync(root)
  writeFileSync(join(folder, 'secret.js'), 'export const secret = 1')
  symlinkSync('../secret.js', join(root, 'link.js'))
  writeFileSync(join(root, 'package.json'), '{ "type": "module", "imports": { "#internal": "../secret.js" } }')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
  return { root, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** @param other answers `ping` all the while */
export async function run(guest: Guest, host: Host, other: Program): Promise<Outcome> {
  const files = typeof guest.source === 'string' ? { 'main.js': guest.source } : guest.source
  const folder = createFolder(files)
  const options: RunOptions = {
    root: folder.root,
    limits: limitsOf(guest),
    grants: { timers: true, console: true },
    globals: granted(),
    modules: { 'app:kv': { get: (key: string) => key } },
  }
  const before = Object.getOwnPropertyNames(Object.prototype).length
  const watch = watchLoop()
  const honest = keepAsking(other)
  let end: End = 'value'
  let value: unknown
  let error: unknown
  let program: Program | undefined
  try {
    program = await host.run(Object.keys(files)[0]!, options)
    program.on('console', () => {})
    value = await (guest.act ? guest.act(program) : program.call('attack'))
  } catch (thrown) {
    error = thrown
    end = RegrowError.is(thrown) ? (thrown.code as End) : 'thrown'
  }
  const otherTook = await honest.stop()
  const lag = watch.stop()
  await program?.close()
  folder.remove()
  const escapes: string[] = []
  if (Object.getOwnPropertyNames(Object.prototype).length !== before) escapes.push('Object.prototype was changed')
  for (const name of ['ran', 'escaped', 'sites', 'left'])
    if (name in globalThis) escapes.push(`globalThis.${name} is there`)
  return { end, value, error, lag, otherTook, escapes }
}

/** Of a gap between two turns only what this process computed counts: on a busy machine others take the rest. */
function watchLoop(): { stop(): number } {
  let longest = 0
  let last = performance.now()
  let usage = process.cpuUsage()
  const timer = setInterval(() => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(usage)
    longest = Math.max(longest, Math.min(now - last - 5, (user + system) / 1000))
    last = now
    usage = process.cpuUsage()
  }, 5)
  return {
    stop() {
      clearInterval(timer)
      return longest
    },
  }
}

function keepAsking(program: Program): { stop(): Promise<number> } {
  let isOver = false
  let longest = 0
  const asking = (async () => {
    while (!isOver) {
      const start = performance.now()
      await program.call('ping')
      longest = Math.max(longest, performance.now() - start)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  })()
  return {
    async stop() {
      isOver = true
      await asking
      return longest
    },
  }
}
