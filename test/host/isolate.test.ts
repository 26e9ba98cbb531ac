// Isolates as an embedder meets them: what crosses, what is granted, what becomes of a program whose process dies, and that nothing stays. One file for one realm, however many cases.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ConsoleLine, Host, HostOptions, Program, ProgramExit } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import type { GuestFunction } from '../../host/realms/isolate/guest-functions.js'

const hang = 'export const hang = () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)'
const quick = { memoryMb: 32, cpuMs: 200, wallMs: 5000 }

describe('isolates', () => {
  const hosts: Host[] = []
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close()
  })
  const start = (source: string, options: HostOptions = {}): Promise<Program> => {
    const host = createHost({ realm: 'isolate', watch: false, limits: quick, ...options })
    hosts.push(host)
    return host.run('./main.js', { sources: { 'main.js': source } })
  }
  const code = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      value => assert.fail(`it gave ${JSON.stringify(value)}`),
      error => error.code,
    )

  it('copy every kind of plain data in both directions', async () => {
    const program = await start('export const echo = value => value')
    const cycle: Record<string, unknown> = { list: Object.assign(Array(3), { 0: 1, 2: 3 }) }
    cycle.self = cycle
    const values = [
      { a: [undefined, null, true, 'x', -0, NaN, 10n], b: new Map<unknown, unknown>([[1, new Set(['y'])]]) },
      {
        date: new Date(5),
        pattern: /a+/gi,
        bytes: new Uint8Array([1, 2, 255]),
        buffer: new Uint16Array([1, 65535]).buffer,
      },
      cycle,
    ]
    for (const value of values) assert.deepEqual(await program.call('echo', value), value)
  })

  it('call functions of the host with copies, and get what they return or promise', async () => {
    const seen: unknown[] = []
    const program = await start('export const run = async () => [kv.now({ a: 1 }), await kv.later(2)]', {
      globals: {
        kv: {
          now: (value: { a: number }) => {
            seen.push(value)
            value.a = 5
            return value
          },
          later: async (value: number) => value * 2,
        },
      },
    })
    assert.deepEqual(await program.call('run'), [{ a: 5 }, 4])
    assert.deepEqual(seen, [{ a: 5 }])
  })

  it('import what the option modules grants', async () => {
    const modules = { 'app:db': { query: (key: string) => `${key}!`, limit: 3 } }
    const program = await start(`import { query, limit } from 'app:db'\nexport const look = () => query('a') + limit`, {
      modules,
    })
    assert.equal(await program.call('look'), 'a!3')
  })

  it('hand functions to the host, which calls them until it releases them', async () => {
    const program = await start('let n = 0\nexport const counter = () => by => (n += by)')
    const count = (await program.call('counter')) as GuestFunction
    assert.equal(await count(2), 2)
    assert.equal(await count(3), 5)
    count.release()
    assert.equal(await code(count(1)), 'ERR_REGROW_CLOSED')
  })

  it('have no console, timers, crypto or performance unless granted', async () => {
    const look = 'export const look = () => [typeof console, typeof setTimeout, typeof crypto, typeof performance]'
    assert.deepEqual(await (await start(look)).call('look'), Array(4).fill('undefined'))
    const grants = { console: true, timers: true, crypto: true, performance: true }
    assert.deepEqual(await (await start(look, { grants })).call('look'), ['object', 'function', 'object', 'object'])
  })

  it('have what carries no authority without a grant', async () => {
    const program = await start(
      `export const look = async () => {
      const order = []
      queueMicrotask(() => order.push('micro'))
      await null
      const abort = new AbortController()
      abort.signal.addEventListener('abort', () => order.push('abort'))
      abort.abort()
      const target = new EventTarget()
      target.addEventListener('x', event => order.push(event.type))
      target.dispatchEvent(new Event('x'))
      const map = structuredClone(new Map([[1, { a: 1 }]]))
      return [new URL('../b?c=d#e', 'https://user@example.com:8080/a/').href, new URLSearchParams('a=1&b=2').get('b'),
        [...new TextEncoder().encode('ü')], new TextDecoder().decode(new Uint8Array([195, 188])), map.get(1).a, btoa('hi'), atob('aGk='), order.join()]
    }`,
      { limits: { cpuMs: 5000 } },
    )
    assert.deepEqual(await program.call('look'), [
      'https://user@example.com:8080/b?c=d#e',
      '2',
      [195, 188],
      'ü',
      1,
      'aGk=',
      'hi',
      'micro,abort,x',
    ])
  })

  it('give random bytes and identifiers by the grant crypto', async () => {
    const program = await start(
      'export const look = () => [crypto.getRandomValues(new Uint8Array(16)), crypto.randomUUID()]',
      {
        grants: { crypto: true },
      },
    )
    const [bytes, id] = (await program.call('look')) as [Uint8Array, string]
    assert.ok(bytes.some(each => each !== 0))
    assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4/)
  })

  it('print lines without control characters, and not faster than allowed', async () => {
    const program = await start(
      'export const run = () => { for (let i = 0; i < 400; i++) console.log("\\x1b[2J", { i }) }',
      {
        grants: { console: true },
        limits: { ...quick, cpuMs: 3000 },
      },
    )
    const lines: ConsoleLine[] = []
    program.on('console', line => lines.push(line))
    await program.call('run')
    assert.equal(lines[0]!.text, '\\u{1b}[2J { i: 0 }')
    assert.ok(lines.length >= 100 && lines.length < 400, `${lines.length} lines`)
  })

  it('give a value beside a rejection that nobody handles, and tell that by the console', async () => {
    const program = await start(
      `export const now = () => { Promise.reject(new Error('lost')); return 1 }
      export const later = () => { setTimeout(() => { Promise.reject(new Error('late')) }, 1); return new Promise(resolve => setTimeout(resolve, 50, 2)) }`,
      { grants: { timers: true } },
    )
    const lines: ConsoleLine[] = []
    program.on('console', line => lines.push(line))
    assert.deepEqual([await program.call('now'), await program.call('later')], [1, 2])
    assert.deepEqual(
      lines.map(({ text }) => text),
      ['Uncaught (in promise) lost', 'Uncaught (in promise) late'],
    )
  })

  it('have no control characters in reports: not in messages, frames or names', async () => {
    const program = await start('export const look = () => 1')
    const edits = ["import './\x1b[2J.js'", "const x = '\x1b[2J' ]", "export class A { static '\x1b[2J'() {} }"]
    for (const edit of edits) {
      const { error, modules } = await program.update({ 'main.js': `export const look = () => 2\n${edit}` })
      const shown = `${error?.message}${error?.stack}${error?.frame}${JSON.stringify(modules)}`
      assert.ok(!shown.includes('\x1b') && !shown.includes('\\u001b'), shown)
    }
  })

  it('tell by the console what a timer throws', async () => {
    const program = await start('export const run = () => void setTimeout(() => { throw new TypeError("late") }, 1)', {
      grants: { timers: true },
    })
    const line = once(program, 'console')
    await program.call('run')
    assert.match((await line)[0].text, /Uncaught TypeError: late\n.*main\.js:1:/)
  })

  it('are killed by what cannot be interrupted, and run again from the texts that ran last', async () => {
    const program = await start(`export let n = 0\nexport const add = () => ++n\n${hang}`)
    await program.call('add')
    await program.update({ 'main.js': `export let n = 10\nexport const add = () => ++n\n${hang}` })
    const exit = once(program, 'exit') as Promise<[ProgramExit]>
    assert.equal(await code(program.call('hang')), 'ERR_REGROW_TIMEOUT')
    assert.equal((await exit)[0].reason, 'cpu')
    assert.equal(await program.call('add'), 11)
  })

  it('reject an edit that kills them, say that they differ from their sources, and take what mends it', async () => {
    const program = await start('export const look = () => 1')
    const report = await program.update({ 'main.js': 'export const look = () => 2\nfor (;;);' })
    assert.equal(report.outcome, 'rejected')
    assert.equal(report.error!.code, 'ERR_REGROW_TIMEOUT')
    assert.equal(await program.call('look'), 1)
    assert.equal(program.drift, report)
    assert.equal((await program.update({ 'main.js': 'export const look = () => 3' })).outcome, 'applied')
    assert.equal(await program.call('look'), 3)
    assert.equal(program.drift, undefined)
  })

  it('reject run() when the first load takes too much', async () => {
    assert.equal(await code(start('for (;;);')), 'ERR_REGROW_TIMEOUT')
    const greedy = 'const a = []; for (;;) a.push({ a: 1 })'
    assert.match(await code(start(greedy, { limits: { ...quick, cpuMs: 10_000 } })), /MEMORY|TIMEOUT/)
  })

  it('end together where they share a process, are told so, and all run again', async () => {
    const host = createHost({ realm: 'isolate', process: 'shared', watch: false, limits: quick })
    hosts.push(host)
    const sources = { 'main.js': `export const look = () => 1\n${hang}` }
    const first = await host.run('./main.js', { sources })
    const second = await host.run('./main.js', { sources })
    const exits = Promise.all([once(first, 'exit'), once(second, 'exit')])
    assert.equal(await code(first.call('hang')), 'ERR_REGROW_TIMEOUT')
    await exits
    assert.deepEqual(await Promise.all([first.call('look'), second.call('look')]), [1, 1])
  })

  it('leave a call that only waits too long, and run on', async () => {
    const program = await start(
      'let n = 0\nexport const wait = () => new Promise(() => {})\nexport const add = () => ++n',
      { limits: { wallMs: 300 } },
    )
    await program.call('add')
    assert.equal(await code(program.call('wait')), 'ERR_REGROW_TIMEOUT')
    assert.equal(await program.call('add'), 2)
  })

  it('begin no more reloads in a second than allowed, and lose none', async () => {
    const program = await start('export const look = () => 0', { limits: { reloadsPerSecond: 5 } })
    const began = performance.now()
    const texts = Array.from({ length: 8 }, (_, index) => `export const look = () => ${index + 1}`)
    const reports = await Promise.all(texts.map(text => program.update({ 'main.js': text })))
    // Five at once, and one every 200 ms.
    assert.ok(performance.now() - began > 500)
    assert.ok(reports.every(({ outcome }) => outcome !== 'rejected'))
    assert.equal(await program.call('look'), 8)
  })

  it('can be closed while a reload waits for its turn', async () => {
    const program = await start('export const look = () => 0', { limits: { reloadsPerSecond: 0.1 } })
    const reports = ['1', '2'].map(text => program.update({ 'main.js': `export const look = () => ${text}` }))
    await reports[0]
    const waiting = code(reports[1]!)
    await program.close()
    assert.equal(await waiting, 'ERR_REGROW_CLOSED')
  })

  it('tell the heap they use and may use', async () => {
    const { heapBytes, heapLimit } = await (await start('export const big = "x".repeat(1e6)')).stats()
    assert.ok(heapBytes > 500_000 && heapBytes < heapLimit!, `${heapBytes}`)
    assert.equal(heapLimit, 32 * 2 ** 20)
  })

  it('name the place in the sources when they throw', async () => {
    const program = await start('export const fail = () => {\n  throw new RangeError("here")\n}')
    const error = await program.call('fail').catch(thrown => thrown)
    assert.ok(error instanceof RangeError)
    assert.match(error.stack!, /^RangeError: here\n {4}at fail \(file:.*main\.js:2:9\)$/)
  })

  it('refuse unknown limits and grants', () => {
    const refused = (options: object) => assert.throws(() => createHost(options), { code: 'ERR_REGROW_OPTION' })
    refused({ limits: { memory: 1 } })
    refused({ limits: { cpuMs: -1 } })
    refused({ limits: { memoryMb: 1 } })
    refused({ grants: { files: true } })
    refused({ process: 'other' })
  })

  it('need the host, and end when it is killed', async function () {
    if (process.platform !== 'linux') this.skip()
    const index = new URL('../../host/index.js', import.meta.url).href
    const script = `import { createHost } from ${JSON.stringify(index)}
      const host = createHost({ realm: 'isolate', watch: false, sources: { 'main.js': 'export const spin = () => { for (;;); }' } })
      const program = await host.run('./main.js')
      program.call('spin').catch(() => {})
      console.log('ready')
      setInterval(() => {}, 1000)`
    const host = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
    await once(host.stdout!, 'data')
    const children = readFileSync(`/proc/${host.pid}/task/${host.pid}/children`, 'latin1').trim().split(' ')
    assert.ok(children.length >= 1)
    host.kill('SIGKILL')
    await once(host, 'exit')
    const deadline = Date.now() + 5000
    while (children.some(isRunning) && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 50))
    assert.deepEqual(children.filter(isRunning), [])
  })
})

/** A process that ended may stand in the table until somebody asks after it. */
function isRunning(id: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'latin1'))
  } catch {
    return false
  }
}
