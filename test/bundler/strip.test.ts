// esbuild's process may end; the next text is to find another one.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { strip } from '../../bundler/strip.js'

const processes = (): number[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' })
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, parent, name]) => Number(parent) === process.pid && /esbuild/.test(name ?? ''))
    .map(([pid]) => Number(pid))

describe('stripping types', () => {
  it('goes on after the end of the process of esbuild, for all who wait and all who come', async () => {
    const once = async (n: number) => (await strip(`export const n: number = ${n}`, 'a.ts', {})).code
    assert.match(await once(1), /const n = 1;/)
    const running = processes()
    assert.ok(running.length > 0)
    const waiting = [2, 3, 4].map(once)
    for (const pid of running) process.kill(pid, 'SIGKILL')
    for (const [index, code] of (await Promise.all(waiting)).entries())
      assert.match(code, new RegExp(`const n = ${index + 2};`))
    for (const pid of processes()) process.kill(pid, 'SIGKILL')
    await new Promise(resolve => setTimeout(resolve, 100))
    assert.match(await once(5), /const n = 5;/)
    assert.match(await once(6), /const n = 6;/)
  })
})
