// A server through thirty edits (R11): after each there is exactly one of each resource, and after close() there is none.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { isBuiltin } from 'node:module'
import net from 'node:net'
import { WebSocket } from 'ws'
import type { Program } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import { realms } from '../support/program.js'
import { TemporaryRoot } from './temporary-root.js'

/** Node 20 has no database of its own. */
const hasSqlite = isBuiltin('node:sqlite')

const sources = (port: number): Record<string, string> => ({
  'main.ts': `
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { answer } from './app.ts'
import { greet, limit } from './words.ts'
import './clock.ts'
import './files.ts'
export { ticks } from './clock.ts'
export { watcher, files, ready } from './files.ts'
${hasSqlite ? `import { db, count } from './data.ts'\nexport { db, count }` : ''}
export const server = createServer({ noDelay: true }, (request, response) => answer(request, response)).listen(${port}, '127.0.0.1')
export const sockets = new WebSocketServer({ server, maxPayload: limit }).on('connection', socket => {
  socket.on('message', text => socket.send(greet(String(text))))
})
process.on('SIGUSR2', () => console.log(greet('signal')))
`,
  'app.ts': `
import type { IncomingMessage, ServerResponse } from 'node:http'
import { routes } from './routes.ts'
type Middleware = (request: IncomingMessage, response: ServerResponse) => void
const named: Middleware = (_request, response) => { response.setHeader('x-app', 'one') }
const middleware = [named]
export function answer(request: IncomingMessage, response: ServerResponse): void {
  for (const each of middleware) each(request, response)
  const route = routes[request.url ?? '/']
  response.statusCode = route ? 200 : 404
  response.end(route ? route() : 'nothing')
}
`,
  'routes.ts': `
import { greet } from './words.ts'
export const routes: Record<string, () => string> = {
  '/': () => greet('world'),
  '/about': () => 'about',
}
`,
  'words.ts': `
export const limit = 1000
export const greet = (name: string): string => 'hello ' + name
`,
  'clock.ts': `
export const ticks: number[] = []
const pace = 5
setInterval(() => ticks.push(1), pace)
const slow = setInterval(() => ticks.push(10), 50)
`,
  'files.ts': `
import fs from 'node:fs'
import chokidar from 'chokidar'
const folder = import.meta.dirname + '/watched'
export const watcher = fs.watch(folder, { persistent: true })
watcher.on('change', () => {})
export const files = chokidar.watch(folder, { ignoreInitial: true, depth: 0 }).on('add', () => {})
export const ready = new Promise(done => files.once('ready', done))
`,
  'data.ts': `
import { DatabaseSync } from 'node:sqlite'
export const db = new DatabaseSync(':memory:')
db.exec('create table visits (id integer)')
export const count = () => db.prepare('select count(*) as n from visits').get().n
`,
})

/** File, what is replaced, and by what: thirty saves of a working day. */
const edits: readonly (readonly [string, string, string])[] = [
  ['words.ts', `'hello '`, `'hi '`],
  ['routes.ts', `'/about': () => 'about',`, `'/about': () => 'about us',`],
  ['routes.ts', `'/about'`, `'/new': () => 'new',\n  '/about'`],
  ['app.ts', `'one'`, `'two'`],
  ['app.ts', `[named]`, `[named, (_request, response) => { response.setHeader('x-more', '1') }]`],
  ['clock.ts', `ticks.push(1)`, `ticks.push(2)`],
  ['clock.ts', `pace = 5`, `pace = 4`],
  ['clock.ts', `, pace)`, `, pace + 1)`],
  ['clock.ts', `, 50)`, `, 40)`],
  ['files.ts', `{ persistent: true }`, `{ persistent: true, encoding: 'utf8' }`],
  ['files.ts', `'change', () => {}`, `'rename', () => {}`],
  ['files.ts', `depth: 0`, `depth: 1`],
  ['main.ts', `'signal'`, `'a signal'`],
  ['main.ts', `noDelay: true`, `noDelay: false`],
  ['main.ts', `maxPayload: limit`, `maxPayload: limit * 2`],
  ['words.ts', `limit = 1000`, `limit = 2000`],
  ['words.ts', `'hi ' + name`, `'hey ' + name + '!'`],
  ['main.ts', `process.on('SIGUSR2', () => console.log(greet('a signal')))`, ''],
  ['routes.ts', `'/new': () => 'new',`, ''],
  ['main.ts', `request, response) => answer(`, `request, response) => void answer(`],
  ['main.ts', `noDelay: false`, `noDelay: true, keepAlive: true`],
  [
    'clock.ts',
    `const slow = setInterval(() => ticks.push(10), 40)`,
    `const slow = setInterval(() => ticks.push(10), 30)`,
  ],
  ['app.ts', `'nothing'`, `'nothing here'`],
  ['main.ts', `greet(String(text))`, `greet(String(text).trim())`],
  ['files.ts', `watcher.on('rename', () => {})`, ''],
  ['routes.ts', `'/': () => greet('world')`, `'/': () => greet('everybody')`],
  ['words.ts', `'!'`, `'!!'`],
  ['clock.ts', `setInterval(() => ticks.push(2), pace + 1)`, `setInterval(() => ticks.push(3), pace)`],
  ['main.ts', `keepAlive: true`, `keepAlive: false`],
  ['words.ts', `limit = 2000`, `limit = 3000`],
]

/** How many there are of each kind that the process keeps. */
function census(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Waits until something holds, for closing takes some turns of the event loop. */
async function eventually(check: () => void): Promise<void> {
  for (const end = Date.now() + 5000; ; ) {
    try {
      return check()
    } catch (error) {
      if (Date.now() > end) throw error
    }
    await new Promise(done => setTimeout(done, 5))
  }
}

async function get(port: number, path: string): Promise<string> {
  const request = http.get({ port, host: '127.0.0.1', path, agent: false })
  const [response] = await once(request, 'response')
  let text = response.headers['x-app']
  for await (const chunk of response) text += ` ${chunk}`
  return text
}

async function echo(port: number, text: string): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(socket, 'open')
  socket.send(text)
  const [answer] = await once(socket, 'message')
  const closed = once(socket, 'close')
  socket.close()
  await closed
  return String(answer)
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What the versions of the program had, to see that all but the newest have ended. */
class Seen {
  readonly #all = new Map<string, Set<any>>()

  look(program: Program, names: readonly string[]): void {
    for (const name of names) this.#all.set(name, (this.#all.get(name) ?? new Set()).add(program.exports[name]))
  }

  alive(): Record<string, number> {
    const isAlive: Record<string, (each: any) => boolean> = {
      server: each => each.listening,
      sockets: each => each._state === 0,
      files: each => !each.closed,
      db: each => each.isOpen ?? isUsable(each),
    }
    return Object.fromEntries([...this.#all].map(([name, all]) => [name, [...all].filter(isAlive[name]!).length]))
  }

  count(name: string): number {
    return this.#all.get(name)!.size
  }
}

function isUsable(db: { exec(text: string): void }): boolean {
  try {
    db.exec('select 1')
    return true
  } catch {
    return false
  }
}

describe('R11 a server through thirty edits', () => {
  const cleanUp: (() => unknown)[] = []
  afterEach(async () => {
    for (const each of cleanUp.splice(0)) await each()
  })

  it('has thirty', () => assert.equal(edits.length, 30))

  for (const realm of realms) {
    it(`has one of each resource after each edit, and none after close(), in realm ${realm}`, async function () {
      this.timeout(60_000)
      const port = await freePort()
      const files = sources(port)
      const root = new TemporaryRoot({ ...files, 'watched/file.txt': '' })
      const names = ['server', 'sockets', 'files', ...(hasSqlite ? ['db'] : [])]
      const one = Object.fromEntries(names.map(each => [each, 1]))
      await new Promise(done => setTimeout(done, 20))
      const before = census()
      let first: number | undefined
      const signals = process.listenerCount('SIGUSR2')
      const host = createHost({ root: root.path, realm, watch: false })
      cleanUp.push(
        () => host.close(),
        () => root.remove(),
      )
      const seen = new Seen()
      const program = await host.run('./main.ts')
      const check = async () => {
        seen.look(program, names)
        await program.exports.ready
        // A server that takes over a port listens a moment later.
        await eventually(() => assert.deepEqual(seen.alive(), one))
        const who = files['routes.ts']!.includes('everybody') ? 'everybody' : 'world'
        const greet = Function('name', `return ${/=> (.*)\n/.exec(files['words.ts']!)![1]}`)
        assert.equal(await get(port, '/'), `${/'x-app', '(\w+)'/.exec(files['app.ts']!)![1]} ${greet(who)}`)
        assert.equal(await echo(port, 'you'), greet('you'))
        const isListening = files['main.ts']!.includes('SIGUSR2') ? 1 : 0
        assert.equal(process.listenerCount('SIGUSR2'), signals + isListening)
        await eventually(() => {
          const now = census()
          const more = (kind: string) => (now[kind] ?? 0) - (before[kind] ?? 0)
          assert.deepEqual([more('TCPServerWrap'), more('TCPSocketWrap'), more('Timeout')], [1, 0, 2])
          first ??= now.FSEventWrap
          assert.equal(now.FSEventWrap, first)
        })
      }
      await check()
      for (const [name, from, to] of edits) {
        const text = files[name]!
        assert.equal(text.split(from).length, 2, `${name} has one ${from}`)
        files[name] = text.replace(from, () => to)
        root.write({ [name]: files[name]! })
        const report = await program.reload()
        assert.equal(report.outcome, 'applied', `${name}: ${from} to ${to}: ${report.error?.message}`)
        assert.equal(report.failures, undefined)
        await check()
      }
      assert.ok(
        seen.count('server') >= 4 && seen.count('sockets') >= 6 && seen.count('files') >= 2,
        'edits replaced them',
      )
      const { ticks } = program.exports
      await host.close()
      assert.deepEqual(seen.alive(), Object.fromEntries(names.map(each => [each, 0])))
      await eventually(() => {
        const { Timeout: _now, ...now } = census()
        const { Timeout: _then, ...then } = before
        assert.deepEqual(now, then)
      })
      const ticked = ticks.length
      await new Promise(done => setTimeout(done, 60))
      assert.equal(ticks.length, ticked)
      assert.equal(process.listenerCount('SIGUSR2'), signals)
    })
  }
})
