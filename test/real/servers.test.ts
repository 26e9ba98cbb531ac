// Servers of Express and Fastify are edited on disk while a client keeps its connection open.
import assert from 'node:assert/strict'
import { on } from 'node:events'
import { Server } from 'node:net'
import type { Program, ReloadReport } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import { realms } from '../support/program.js'
import { KeepAliveClient } from './keep-alive-client.js'
import { TemporaryRoot } from './temporary-root.js'

/** Milliseconds until a save must have been noticed; far more than it takes. */
const deadline = 10_000

/** What both servers are made of: only how they are told of routes differs. */
const shared = {
  'package.json': '{ "type": "module" }',
  'greeting.js': `
    import { mark } from './marks.js'
    export const greeting = name => 'Hello ' + name + mark
  `,
  'marks.js': `export const mark = '.'`,
}

const counter = `
  export class Counter {
    #count = 0
    next() {
      this.#count += 1
      return 'count ' + this.#count
    }
  }
`

interface Framework {
  readonly name: string
  readonly entry: string
  readonly files: Readonly<Record<string, string>>
  /** The file of the class Counter. */
  readonly counter: string
}

const express: Framework = {
  name: 'Express',
  entry: 'main.js',
  counter: 'counter.js',
  files: {
    ...shared,
    'counter.js': counter,
    'routes.js': `
      import { Router } from 'express'
      import { Counter } from './counter.js'
      import { greeting } from './greeting.js'
      const counter = new Counter()
      export const routes = Router()
      routes.get('/greet/:name', (request, response) => response.send(greeting(request.params.name)))
      routes.get('/count', (request, response) => response.send(counter.next()))
    `,
    'main.js': `
      import express from 'express'
      import { routes } from './routes.js'
      const app = express()
      app.use((request, response, next) => {
        response.set('x-served-by', 'regrow')
        next()
      })
      app.get('/', (request, response) => {
        response.send('inline one')
      })
      app.use(routes)
      export const server = app.listen(0, '127.0.0.1')
      await new Promise(resolve => server.once('listening', resolve))
      export const port = () => server.address().port
    `,
  },
}

const fastify: Framework = {
  name: 'Fastify',
  entry: 'main.ts',
  counter: 'counter.ts',
  files: {
    ...shared,
    'counter.ts': counter.replace('#count = 0', '#count: number = 0').replace('next()', 'next(): string'),
    'routes.ts': `
      import type { FastifyInstance } from 'fastify'
      import { Counter } from './counter.js'
      import { greeting } from './greeting.js'
      const counter: Counter = new Counter()
      const count = async () => counter.next()
      interface Named { Params: { name: string } }
      export async function routes(app: FastifyInstance): Promise<void> {
        app.get<Named>('/greet/:name', async request => greeting(request.params.name))
        app.get('/count', count)
      }
    `,
    'main.ts': `
      import fastify, { type FastifyInstance } from 'fastify'
      import { routes } from './routes.js'
      const app: FastifyInstance = fastify({ forceCloseConnections: true })
      app.route({
        method: 'GET',
        url: '/',
        async handler() {
          return 'inline one'
        },
      })
      await app.register(routes)
      await app.listen({ port: 0, host: '127.0.0.1' })
      export const server = app.server
      export const port = (): number => (app.server.address() as { port: number }).port
    `,
  },
}

/** One save, as text found in a file and what stands there instead. */
type Save = readonly [file: string, before: string, after: string]

for (const framework of [express, fastify]) {
  for (const realm of realms) {
    for (const watch of [true, false]) {
      const how = watch ? 'when a file is saved' : 'on request'
      describe(`a server of ${framework.name} in realm ${realm}, reloaded ${how}`, () => {
        const texts = new Map<string, string>()
        const host = createHost({ realm, watch })
        const originalListen = Server.prototype.listen
        let listens = 0
        let root: TemporaryRoot
        let program: Program
        let server: Server
        let client: KeepAliveClient

        before(async () => {
          Server.prototype.listen = function (this: Server, ...args: any[]) {
            listens++
            return Reflect.apply(originalListen, this, args)
          }
          for (const [file, text] of Object.entries(framework.files)) texts.set(file, text)
          root = new TemporaryRoot(framework.files)
          program = await host.run(framework.entry, { root: root.path })
          server = program.exports.server
          client = new KeepAliveClient(Number(await program.call('port')))
        })

        after(async () => {
          Server.prototype.listen = originalListen
          client?.close()
          if (server) await new Promise(resolve => server.close(resolve))
          await host.close()
          root?.remove()
        })

        afterEach('the server is the one that was started, and it listened once', () => {
          assert.equal(program.exports.server, server)
          assert.equal(server.listening, true)
          assert.equal(listens, 1)
        })

        /** Saves a file and resolves to what the reload made of it. */
        async function save([file, before, after]: Save): Promise<ReloadReport> {
          const text = texts.get(file)!
          assert.ok(text.includes(before), `${file} has no ${before}`)
          const edited = text.replace(before, after)
          texts.set(file, edited)
          if (!watch) {
            root.write({ [file]: edited })
            return program.reload()
          }
          // Listens before the save: the watcher may be quick.
          const reports = on(program, 'reload', { signal: AbortSignal.timeout(deadline) })
          root.write({ [file]: edited })
          for await (const [report] of reports) if (report.outcome !== 'unchanged') return report
          throw assert.fail('the events ended')
        }

        async function apply(...edit: Save): Promise<ReloadReport> {
          const report = await save(edit)
          assert.equal(report.outcome, 'applied', report.error?.message)
          return report
        }

        it('answers as first written', async () => {
          assert.equal(await client.ask('/'), 'inline one')
          assert.equal(await client.ask('/greet/Ada'), 'Hello Ada.')
          assert.equal(await client.ask('/count'), 'count 1')
        })

        it('answers from an edited inline handler', async () => {
          const report = await apply(framework.entry, 'inline one', 'inline two')
          assert.equal(await client.ask('/'), 'inline two')
          assert.deepEqual(
            report.modules.map(module => [module.id, module.evaluated]),
            [[framework.entry, []]],
          )
        })

        it('answers from an edited helper module, with its state', async () => {
          await apply('greeting.js', `'Hello '`, `'Welcome '`)
          assert.equal(await client.ask('/greet/Ada'), 'Welcome Ada.')
          await apply('marks.js', `'.'`, `'!'`)
          assert.equal(await client.ask('/greet/Ada'), 'Welcome Ada!')
          assert.equal(await client.ask('/count'), 'count 2')
        })

        it('answers from an edited method of the instance it has', async () => {
          await apply(framework.counter, `'count '`, `'number '`)
          assert.equal(await client.ask('/count'), 'number 3')
        })

        it('answers as before while a file holds a syntax error, and anew once it is mended', async () => {
          const report = await save(['greeting.js', `+ mark`, `+ mark +`])
          assert.equal(report.outcome, 'rejected')
          assert.equal(report.error?.code, 'ERR_REGROW_BUILD')
          assert.equal(report.error?.file, 'greeting.js')
          assert.equal(program.drift, report)
          assert.equal(await client.ask('/greet/Ada'), 'Welcome Ada!')
          assert.equal(await client.ask('/count'), 'number 4')
          await apply('greeting.js', `+ mark +`, `+ mark + mark`)
          assert.equal(program.drift, undefined)
          assert.equal(await client.ask('/greet/Ada'), 'Welcome Ada!!')
          assert.equal(await client.ask('/count'), 'number 5')
        })

        it('answers from a helper that an edit brings in with a new file', async () => {
          root.write({ 'shout.js': `export const shout = text => text.toUpperCase()` })
          await apply(
            'greeting.js',
            `import { mark } from './marks.js'`,
            `import { mark } from './marks.js'\nimport { shout } from './shout.js'`,
          )
          await apply('greeting.js', `'Welcome ' + name`, `'Welcome ' + shout(name)`)
          assert.equal(await client.ask('/greet/Ada'), 'Welcome ADA!!')
          assert.equal(await client.ask('/count'), 'number 6')
        })
      })
    }
  }
}
