// Isolates in the host's own process (`process: 'none'`), in a Node that was started as isolated-vm wants it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createHost } from '../../host/index.js'

const index = new URL('../../host/index.js', import.meta.url).href

/** Runs a module that prints one JSON value. */
async function runWith(flags: readonly string[], source: string, env: Record<string, string> = {}): Promise<unknown> {
  const script = `import { createHost } from ${JSON.stringify(index)}\n${source}`
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '-e', script], {
    env: { PATH: process.env.PATH, ...env },
    timeout: 20_000,
  })
  return JSON.parse(stdout)
}

const flag = '--no-node-snapshot'
const begin = `
  const host = createHost({ realm: 'isolate', process: 'none', watch: false, limits: { memoryMb: 32, cpuMs: 200 } })
  const run = source => host.run('./main.js', { sources: { 'main.js': source } })`

describe("isolates with process: 'none'", () => {
  it('refuse a Node without its flag, and say what to start it with', async () => {
    const host = createHost({ realm: 'isolate', process: 'none', sources: { 'main.js': '' }, watch: false })
    try {
      await assert.rejects(host.run('./main.js'), { code: 'ERR_REGROW_OPTION', message: /node --no-node-snapshot/ })
    } finally {
      await host.close()
    }
  })

  for (const [how, flags, env] of [
    ['a flag', [flag], {}],
    ['NODE_OPTIONS', [], { NODE_OPTIONS: flag }],
  ] as const) {
    it(`run in this process with the flag given by ${how}, keep state over an edit, and let it end`, async () => {
      const source = `${begin}
        const text = 'export const state = { n: 0 }\\nexport const add = by => (state.n += by)'
        const program = await run(text)
        await program.call('add', 2)
        const { outcome } = await program.update({ 'main.js': text.replace('by)', 'by * 10)') })
        const { readFileSync } = await import('node:fs')
        const children = process.platform === 'linux' ? readFileSync('/proc/self/task/' + process.pid + '/children', 'latin1') : ''
        console.log(JSON.stringify([outcome, await program.call('add', 1), typeof (await program.call('add', NaN)), children.split(' ').length]))
        await host.close()`
      // One child, which builds; none that holds isolates.
      assert.deepEqual(await runWith(flags, source, env), [
        'applied',
        12,
        'number',
        process.platform === 'linux' ? 2 : 1,
      ])
    })
  }

  it('end what loops, start it again, and leave the others and the event loop alone', async () => {
    const source = `${begin}
      const other = await run('export const look = () => 1')
      const program = await run('export const spin = () => { for (;;); }\\nexport const look = () => 2')
      let lag = 0
      let last = performance.now()
      const timer = setInterval(() => { lag = Math.max(lag, performance.now() - last); last = performance.now() }, 5)
      const code = await program.call('spin').catch(error => error.code)
      clearInterval(timer)
      console.log(JSON.stringify([code, await other.call('look'), await program.call('look'), lag < 150]))
      await host.close()`
    assert.deepEqual(await runWith([flag], source), ['ERR_REGROW_TIMEOUT', 1, 2, true])
  })

  it('end what takes too much memory, and start it again', async function () {
    // There isolated-vm 7 does not keep an isolate in its memory, as docs/security.md says: this would fill the machine.
    if (Number(process.versions.node.split('.')[0]) >= 24) this.skip()
    const source = `${begin}
      const program = await host.run('./main.js', { limits: { memoryMb: 16, cpuMs: 5000 }, sources: { 'main.js':
        'export const fill = () => { const a = []; for (;;) a.push(new Array(1000).fill(a.length)) }\\nexport const look = () => 2' } })
      const code = await program.call('fill').catch(error => error.code)
      console.log(JSON.stringify([code, await program.call('look')]))
      await host.close()`
    assert.deepEqual(await runWith([flag], source), ['ERR_REGROW_MEMORY', 2])
  })
})
