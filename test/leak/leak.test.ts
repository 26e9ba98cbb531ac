// Rule R10: old versions die. Thousands of reloads in a child with a small heap, which reports the bytes that each retained.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { realms } from '../support/program.js'
import type { Retained } from './reloads.js'
import { growth, slope } from './slope.js'
import { stories } from './stories.js'

const reloads = 5000
/** Bytes a reload may leave behind, on the average. */
const limit = 64
/** Milliseconds for one child; it takes some 10,000, and 250,000 where Node 26 is slow. */
const deadline = 480_000

const child = fileURLToPath(new URL('./reloads.js', import.meta.url))

async function retained(realm: string, name: string): Promise<Retained> {
  // Optimised code and its feedback come and go by some 300 kB; without them the heap is flat to a few bytes a reload.
  const flags = ['--expose-gc', '--max-old-space-size=64', '--no-opt', '--no-flush-bytecode']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, child, realm, name, String(reloads)], {
    timeout: deadline,
  })
  return JSON.parse(stdout)
}

describe('R10 old versions are collected', function () {
  this.timeout(deadline + 1000)

  /** Two children at a time: the cases wait for theirs. */
  const results = new Map<string, Promise<Retained>>()
  before(() => {
    const lanes = realms.map(() => Promise.resolve() as Promise<unknown>)
    realms.forEach((realm, lane) => {
      for (const name of Object.keys(stories)) {
        const result = lanes[lane]!.then(() => retained(realm, name))
        // The case that waits for it reports the failure.
        lanes[lane] = result.catch(() => {})
        result.catch(() => {})
        results.set(`${realm} ${name}`, result)
      }
    })
  })

  it('by a slope that is right', () => {
    const line = [0, 1, 2, 3].map(x => [x, 7 + 64 * x] as const)
    assert.equal(slope(line), 64)
    const off = [...line, [4, 100_000]] as const
    assert.equal(slope(off), 64)
  })

  it('by a growth that waves and steps are not taken for, nor hide', () => {
    // Megabytes of Node 26, of a program that keeps nothing, every 175 reloads.
    const heap = [
      16.41, 15.8, 16.1, 16.41, 16.42, 16.14, 16.42, 16.43, 16.42, 16.43, 15.71, 16.43, 16.43, 16.44, 16.41, 16.44,
    ]
    const waves = heap.map((y, x) => [x * 175, y * 1e6] as const)
    const step = (at: number) => heap.map((_, x) => [x * 175, x < at ? 0 : 600_000] as const)
    for (const noise of [waves, step(4), step(7), step(8), step(12)]) {
      assert.ok(growth(noise) < 16, String(growth(noise)))
      assert.ok(growth(noise.map(([x, y]) => [x, y + 64 * x])) >= 48)
    }
    assert.ok(slope(step(7)) > 64)
  })

  for (const name of Object.keys(stories)) {
    for (const realm of realms) {
      it(`${reloads} reloads of ${name} in realm ${realm} retain nothing`, async () => {
        const { bytesPerReload, seen, alive, finalized } = (await results.get(`${realm} ${name}`))!
        const told = `${bytesPerReload} bytes per reload, alive: ${alive.slice(0, 9)}${alive.length > 9 ? '…' : ''}`
        assert.ok(bytesPerReload <= limit, told)
        assert.ok(seen >= reloads, `${seen} versions showed themselves`)
        const oldest = alive.filter(version => version < 100_000 + reloads)
        assert.deepEqual(oldest, [], told)
        assert.ok(finalized >= seen - 1, `${finalized} of ${seen} versions were finalized`)
      })
    }
  }
})
