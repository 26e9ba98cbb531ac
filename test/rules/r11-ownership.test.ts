// Rule R11: what an item made goes when it runs again or is removed, after the new value is in place. One file a rule, however many
// its awkward cases.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inLocalRealms, type RunningProgram, realms } from '../support/program.js'

/** A resource that tells of its beginning and end. */
const resource = {
  'log.js': `
    export const log = []
    export const open = (name, more = {}) => {
      log.push('open ' + name)
      return { name, [Symbol.dispose]() { log.push('close ' + name) }, ...more }
    }
    export const openAsync = name => {
      log.push('open ' + name)
      return { async [Symbol.asyncDispose]() { await null; log.push('close ' + name) }, [Symbol.dispose]() { log.push('wrong') } }
    }`,
}
const head = `import { log, open, openAsync } from './log.js'\nexport const take = () => log.splice(0)\n`

/** Reads the log and empties it. */
const logged = (app: RunningProgram) => app.call('take')

/** Timers under way; mocha's own for a case begins after the case's first turn. */
async function timers(): Promise<number> {
  await new Promise(done => setImmediate(done))
  return process.getActiveResourcesInfo().filter(each => each === 'Timeout').length
}

describe('R11 values', () => {
  inLocalRealms((start, realm) => {
    const run = (text: string, more = {}) => start({ ...resource, 'main.js': head + text, ...more })
    const edit = (app: RunningProgram, text: string, outcome?: 'rejected' | 'unchanged') =>
      app.edit({ 'main.js': head + text }, outcome)

    it('values that come out of an array are owned where the array holds nothing but what is made', async () => {
      const text = (n: number) =>
        `const shared = open('shared')\nexport const [a, b] = [open('a${n}'), open('b${n}')]\nexport const [c, d] = [shared, open('d${n}')]`
      const app = await run(text(1))
      assert.deepEqual(await logged(app), ['open shared', 'open a1', 'open b1', 'open d1'])
      await edit(app, text(2))
      assert.deepEqual(await logged(app), ['open a2', 'open b2', 'open d2', 'close b1', 'close a1'])
    })

    it('a data item that is evaluated anew disposes of its old value, after the new one is in place', async () => {
      const app = await run(`export const a = open('one')`)
      assert.deepEqual(await logged(app), ['open one'])
      await edit(app, `export const a = open('two')`)
      assert.deepEqual(await logged(app), ['open two', 'close one'])
      assert.equal(app.program.exports.a.name, 'two')
    })

    it('an unchanged item keeps its value', async () => {
      const app = await run(`const a = open('a')\nlet n = 1`)
      await edit(app, `const a = open('a')\nlet n = 2`)
      assert.deepEqual(await logged(app), ['open a'])
    })

    it('a removed binding and a removed statement dispose of theirs', async () => {
      const app = await run(`const a = open('a')\nopen('b')\nlet n = 1`)
      await edit(app, 'let n = 1')
      assert.deepEqual((await logged(app)).slice(2), ['close b', 'close a'])
    })

    it('Symbol.asyncDispose comes before Symbol.dispose, and is awaited', async () => {
      const app = await run(`const a = openAsync('a')`)
      await edit(app, `const a = 1`)
      assert.deepEqual(await logged(app), ['open a', 'close a'])
    })

    it('derived data is disposed of when it is evaluated anew, in another module too', async () => {
      const app = await run(`import { size } from './size.js'\nconst a = open('a' + size)`, {
        'size.js': 'export const size = 1',
      })
      await app.edit({ 'size.js': 'export const size = 2' })
      assert.deepEqual(await logged(app), ['open a1', 'open a2', 'close a1'])
    })

    it('the value of a statement belongs to the statement', async () => {
      const app = await run(`open('one')`)
      await edit(app, `open('two')`)
      assert.deepEqual(await logged(app), ['open one', 'open two', 'close one'])
    })

    it('what a static field makes goes when that field is evaluated anew, or is removed', async () => {
      const text = (fields: string, n = 1) => `class Clock { ${fields} now() { return ${n} } }`
      const before = await timers()
      const app = await run(text('static a = setInterval(() => {}, 1e6); static b = setInterval(() => {}, 1e6);'))
      assert.equal(await timers(), before + 2)
      await edit(app, text('static a = setInterval(() => {}, 2e6); static b = setInterval(() => {}, 1e6);'))
      assert.equal(await timers(), before + 2)
      await edit(app, text('static a = setInterval(() => {}, 2e6); static b = setInterval(() => {}, 1e6);', 2))
      assert.equal(await timers(), before + 2)
      await edit(app, text('static b = setInterval(() => {}, 1e6);', 2))
      assert.equal(await timers(), before + 1)
      await edit(app, '')
      assert.equal(await timers(), before)
    })

    it('what a pattern binds belongs to its item', async () => {
      const app = await run(`const { a, b: [c] } = { a: open('a'), b: [open('c')] }`)
      await edit(app, `const { a, b: [c] } = { a: open('A'), b: [open('C')] }`)
      assert.deepEqual((await logged(app)).slice(2), ['open A', 'open C', 'close c', 'close a'])
    })

    it('a value that another binding holds stays, and goes when it is let go', async () => {
      const text = (name: string) =>
        `const a = open('${name}')\nlet b\nexport const hold = () => { b = a }\nexport const drop = () => { b = null }`
      const app = await run(text('one'))
      await app.call('hold')
      await edit(app, text('two'))
      assert.deepEqual(await logged(app), ['open one', 'open two'])
      await app.call('drop')
      await edit(app, text('three'))
      assert.deepEqual((await logged(app)).toSorted(), ['close one', 'close two', 'open three'])
    })

    it('an item that gives the same object again keeps it', async () => {
      const app = await run(`const shared = open('shared')\nconst get = () => shared\nconst a = get()`)
      await edit(app, `const shared = open('shared')\nconst get = () => shared\nconst a = get(1)`)
      assert.deepEqual(await logged(app), ['open shared'])
    })

    it('a value that is only named is not owned', async () => {
      const app = await run(`const all = { a: open('a') }\nconst a = all.a`)
      await edit(app, `const all = { a: open('a') }\nconst a = 1`)
      assert.deepEqual(await logged(app), ['open a'])
    })

    it('what a call gives back that was called on it is not owned', async () => {
      const app = await run(`const all = { a: open('a', { on() { return this } }) }\nall.a.on().on()`)
      await edit(app, `const all = { a: open('a', { on() { return this } }) }`)
      assert.deepEqual(await logged(app), ['open a'])
    })

    it('a cache on the global object that an edit leaves there survives', async () => {
      const app = await run(`globalThis.cache_of_a_test ??= open('cache')\nlet n = 1`)
      await edit(app, `globalThis.cache_of_a_test ??= open('cache', 2)\nlet n = 1`)
      await edit(app, 'let n = 1')
      assert.deepEqual(await logged(app), ['open cache'])
      await edit(app, 'delete globalThis.cache_of_a_test')
    })

    it('a disposer that throws is reported and stops nothing', async () => {
      const bad = `{ [Symbol.dispose]() { log.push('tried'); throw new Error('stuck') } }`
      const app = await run(`const a = open('a')\nconst b = ${bad}\nconst c = open('c')`)
      const report = await edit(app, '')
      assert.deepEqual((await logged(app)).slice(2), ['close c', 'tried', 'close a'])
      assert.deepEqual(
        report.failures?.map(each => [each.code, each.message, each.file]),
        [['ERR_REGROW_DISPOSE', "main.js: disposing of what 'b' made failed: Error: stuck", 'main.js']],
      )
      const next = await edit(app, 'let n = 1')
      assert.equal(next.failures, undefined)
    })

    it('a disposer that rejects is reported', async () => {
      const app = await run(`const a = { async [Symbol.asyncDispose]() { throw new Error('late') } }`)
      const report = await edit(app, '')
      assert.match(report.failures![0]!.message, /late/)
    })

    it('a disposer that never ends does not hold up the reload for ever, and its later failure is an event', async () => {
      const app = await run(`export let fail
        const a = { [Symbol.asyncDispose]: () => new Promise((_, reject) => { fail = () => reject(new Error('much later')) }) }`)
      const report = await edit(app, 'export let fail')
      assert.equal(report.failures, undefined)
      const error = once(app.program, 'error')
      app.program.exports.fail()
      assert.match((await error)[0].message, /much later/)
    })

    it('a rolled-back reload disposes of what it had begun, and keeps the old', async () => {
      const app = await run(`export const a = open('one')`)
      await edit(app, `export const a = open('two')\nopen('three')\nthrow new Error('no')`, 'rejected')
      assert.deepEqual(await logged(app), ['open one', 'open two', 'open three', 'close three', 'close two'])
      assert.equal(app.program.exports.a.name, 'one')
      await edit(app, `export const a = open('four')`)
      assert.deepEqual(await logged(app), ['open four', 'close one'])
    })

    it('a rolled-back reload that awaits disposes of what comes late', async () => {
      const app = await run(`export const a = open('one')`)
      await app.edit(
        {
          'main.js': `${head}import './slow.js'\nexport const a = open('two')\nawait new Promise(done => setTimeout(done, 5))\nthrow new Error('no')`,
          'slow.js': `import { open } from './log.js'\nexport const slow = await open('slow')`,
        },
        'rejected',
      )
      assert.deepEqual((await logged(app)).slice(1), ['open slow', 'open two', 'close two', 'close slow'])
    })

    it('a module that leaves the graph disposes of all that it owns', async () => {
      const app = await run(`import './part.js'`, {
        'part.js': `import { open } from './log.js'\nconst a = open('a')\nopen('b')\nsetInterval(() => {}, 1e6)`,
      })
      const before = await timers()
      await edit(app, '')
      assert.deepEqual((await logged(app)).slice(2), ['close b', 'close a'])
      assert.equal(await timers(), before - 1)
    })

    it('a CommonJS module disposes of what its text made, when that runs again', async () => {
      const text = (n: number) =>
        `exports.n = ${n}\nsetInterval(() => {}, 1e6)\nrequire('timers').setTimeout(() => {}, 1e6)`
      const before = await timers()
      const app = await run(`import { n } from './tool.cjs'`, { 'tool.cjs': text(1) })
      assert.equal(await timers(), before + 2)
      await app.edit({ 'tool.cjs': text(2) })
      assert.equal(await timers(), before + 2)
      await app.program.close()
      assert.equal(await timers(), before)
    })

    it('close() disposes of everything, what was made last first', async () => {
      const app = await run(`import './part.js'\nconst a = open('a')\nopen('b')\nconst c = openAsync('c')`, {
        'part.js': `import { open } from './log.js'\nconst p = open('p')`,
      })
      const log = app.program.exports.take
      await edit(app, `import './part.js'\nconst a = open('A')\nopen('b')\nconst c = openAsync('c')`)
      log()
      await app.program.close()
      assert.deepEqual([...log()], ['close A', 'close c', 'close b', 'close p'])
    })

    it('close() goes on after a disposer that never ends, and tells of one that fails', async () => {
      const app = await run(`
        const a = open('a')
        const b = { [Symbol.asyncDispose]: () => new Promise(() => {}) }
        const c = { [Symbol.dispose]() { throw new Error('stuck') } }`)
      const log = app.program.exports.take
      log()
      const errors: Error[] = []
      app.program.on('error', error => errors.push(error))
      await app.program.close()
      assert.deepEqual([...log()], ['close a'])
      assert.match(errors.map(each => each.message).join(), /'c' made failed: Error: stuck/)
    })

    it('a first load that fails disposes of what it had made', async () => {
      const before = await timers()
      await assert.rejects(run(`setInterval(() => {}, 1e6)\nthrow new Error('no')`))
      assert.equal(await timers(), before)
    })

    it('with dispose: false nothing is disposed of', async () => {
      const app = await start({ ...resource, 'main.js': `${head}const a = open('a')` }, { dispose: false })
      await edit(app, `const a = open('b')`)
      const log = app.program.exports.take
      await app.program.close()
      assert.deepEqual([...log()], ['open a', 'open b'])
    })

    it('TypeScript: a top-level using is disposed of by itself, once', async () => {
      const app = await start({
        ...resource,
        'main.ts': `import { log, open } from './log.js'\nexport const take = () => log.splice(0)\nusing a = open('a')`,
      })
      assert.deepEqual(await logged(app), ['open a', 'close a'])
      await app.program.close()
    })

    it('a port goes from the old server to the new one', async () => {
      const text = (port: number, answer: string) => `
        import net from 'node:net'
        export const server = net.createServer({ noDelay: ${answer === 'two'} }, socket => socket.end('${answer}')).listen(${port}, '127.0.0.1')`
      const app = await run(text(0, 'one'))
      if (!app.program.exports.server.listening) await once(app.program.exports.server, 'listening')
      const { port } = app.program.exports.server.address()
      await edit(app, text(port, 'two'))
      const { server } = app.program.exports
      if (!server.listening) await once(server, 'listening')
      await edit(app, text(port, 'three'))
      const third = app.program.exports.server
      assert.notEqual(third, server)
      if (!third.listening) await once(third, 'listening')
      const socket = net.connect(port, '127.0.0.1')
      assert.equal(String((await once(socket, 'data'))[0]), 'three')
      socket.destroy()
      assert.equal(server.listening, false)
    })

    const listening = (port: number, more: string) =>
      `import http from 'node:http'\nexport const server = http.createServer({ noDelay: true }, () => {}).listen(${port}, '127.0.0.1')\n${more}`

    it('a server of a failed reload leaves the port to the old one, and nobody hears of it', async () => {
      const app = await run(listening(0, ''))
      const { server } = app.program.exports
      if (!server.listening) await once(server, 'listening')
      const { port } = server.address()
      const failing = listening(port, `throw new Error('no')`).replace('noDelay: true', 'noDelay: false')
      await edit(app, failing, 'rejected')
      await new Promise(done => setTimeout(done, 100))
      assert.equal(app.program.exports.server, server)
      assert.equal(server.address().port, port)
    })

    it('a server that the guest has closed itself is no failure', async () => {
      const app = await run(listening(0, 'export const end = () => void server.close()'))
      if (!app.program.exports.server.listening) await once(app.program.exports.server, 'listening')
      await app.call('end')
      const report = await edit(app, '')
      assert.equal(report.failures, undefined)
    })

    it('a server that a statement tells to listen elsewhere does so, and keeps its connections', async () => {
      const ports = await freePorts(3)
      const source = (port: number, end = '') => `import net from 'node:net'
        export const told = []
        export const server = net.createServer(socket => socket.end('one'))
        server.on('close', () => told.push('close'))
        server.listen({ port: ${port}, host: '127.0.0.1' }, () => told.push(server.address().port))
        ${end}`
      const app = await run(source(ports[0]!))
      const { server, told } = app.program.exports
      const listening = async (at: number) => {
        if (!server.listening) await once(server, 'listening')
        await steady(() => told.length)
        assert.equal(server.address().port, ports[at])
      }
      await listening(0)
      const client = net.connect(ports[0]!, '127.0.0.1')
      try {
        await once(client, 'connect')
        assert.deepEqual((await edit(app, source(ports[1]!))).modules[0]!.evaluated, ['statement at line 7'])
        await listening(1)
        assert.equal((await once(client, 'data')).toString(), 'one')
        await app.edit({ 'main.js': source(ports[2]!, `throw new Error('no')`) }, 'rejected')
        await listening(1)
        await edit(app, source(ports[2]!, `server.unref()`))
        await listening(2)
        assert.deepEqual([...told], ports)
        await edit(app, source(ports[1]!, `server.unref()`))
        await edit(app, source(ports[2]!, `server.unref()`))
        await listening(2)
        await app.edit({ 'main.js': source(ports[2]!, `server.listen(0)`) }, 'rejected')
        await listening(2)
        // What is held back is the event of one moment.
        await new Promise(done => setTimeout(done, 5))
        client.destroy()
        await new Promise(done => server.close(done))
        assert.equal(told.at(-1), 'close')
      } finally {
        client.destroy()
      }
    })

    it('servers change places, and a statement that comes back finds its server where it was left', async () => {
      const ports = await freePorts(3)
      const source = (one: number, two: number | undefined) => `import net from 'node:net'
        export const servers = ['one', 'two'].map(answer => net.createServer(socket => socket.end(answer)))
        const [one, two] = servers
        one.listen(${ports[one]}, '127.0.0.1')
        ${two === undefined ? '' : `two.listen(${ports[two]}, '127.0.0.1')`}`
      const app = await run(source(0, 1))
      const { servers } = app.program.exports as { servers: net.Server[] }
      const listening = async (...at: number[]) => {
        await steady(() => servers.filter(each => each.listening).length)
        assert.deepEqual(
          [...servers].map(each => (each.address() as net.AddressInfo).port),
          at.map(each => ports[each]),
        )
      }
      await listening(0, 1)
      await edit(app, source(1, 0))
      await listening(1, 0)
      await edit(app, source(1, undefined))
      await listening(1, 0)
      await edit(app, source(1, 2))
      await listening(1, 2)
      // The array is not the text's own, so nothing but the statements tells of its servers.
      await app.program.close()
      assert.deepEqual(
        [...servers].map(each => each.listening),
        [false, false],
      )
    })

    it('a server takes over the path of a socket', async () => {
      const path = join(mkdtempSync(join(tmpdir(), 'regrow-socket-')), 'socket')
      const source = (answer: string, end = '') => `import net from 'node:net'
        export const server = net.createServer({ noDelay: ${answer === 'two'} }, socket => socket.end('${answer}'))
        server.listen(${JSON.stringify(path)})
        ${end}`
      const answer = async () => {
        await steady(() => Number(app.program.exports.server.listening))
        const [text] = await once(net.connect(path), 'data')
        return String(text)
      }
      const app = await run(source('one'))
      assert.equal(await answer(), 'one')
      await edit(app, source('two'))
      assert.equal(await answer(), 'two')
      await app.edit({ 'main.js': head + source('one', `throw new Error('no')`) }, 'rejected')
      assert.equal(await answer(), 'two')
      await app.program.close()
      rmSync(dirname(path), { recursive: true })
    })

    it('a server takes over the port in a reload that awaits it, and the old one has it back when that is rejected', async () => {
      const [port] = await freePorts(1)
      const source = (answer: string, end = '') => `import net from 'node:net'
        import { once } from 'node:events'
        export const server = net.createServer({ noDelay: ${answer === 'two'} }, socket => socket.end('${answer}'))
        server.listen(${port}, '127.0.0.1')
        await once(server, 'listening')
        ${end}`
      const answer = async () => {
        const client = net.connect(port!, '127.0.0.1')
        const [text] = await once(client, 'data')
        client.destroy()
        return String(text)
      }
      const app = await run(source('one'))
      assert.equal(await answer(), 'one')
      const report = await edit(app, source('two'))
      assert.deepEqual(report.failures, undefined)
      assert.equal(await answer(), 'two')
      const { server } = app.program.exports
      await app.edit({ 'main.js': source('three', `throw new Error('no')`) }, 'rejected')
      assert.equal(app.program.exports.server, server)
      if (!server.listening) await once(server, 'listening')
      assert.equal(await answer(), 'two')
    })

    for (const [what, made] of Object.entries({
      'an fs watcher': `fs.watch('.')`,
      'a message port': `new MessageChannel().port1.on('message', () => {})`,
      'an http server': `http.createServer().listen(0)`,
      'a UDP socket': `dgram.createSocket('udp4').bind(0)`,
    })) {
      it(`${what} goes without dispose symbols`, async () => {
        const imports = `import fs from 'node:fs'\nimport http from 'node:http'\nimport dgram from 'node:dgram'\nimport { MessageChannel } from 'node:worker_threads'\n`
        const count = () => process.getActiveResourcesInfo().length
        const before = await steady(count)
        const app = await run(`${imports}const a = ${made}`)
        const one = await steady(count)
        assert.ok(one > before, `${one} > ${before}`)
        await edit(app, `${imports}const a = (1, ${made})`)
        assert.equal(await steady(count), one)
        await edit(app, imports)
        assert.equal(await steady(count), before)
      })
    }

    it('a worker is terminated', async () => {
      const text = (n: number) => `import { Worker } from 'node:worker_threads'
        export const worker = new Worker('setInterval(() => {}, ${n}e6)', { eval: true })`
      const app = await run(text(1))
      const { worker } = app.program.exports
      await once(worker, 'online')
      await edit(app, text(2))
      assert.equal(worker.threadId, -1)
    })

    if (realm === realms[0])
      it('close() disposes of what another binding holds, too', async () => {
        const app = await run(`const a = open('a')\nlet b = a`)
        const log = app.program.exports.take
        await app.program.close()
        assert.deepEqual([...log()], ['open a', 'close a'])
      })
  })
})

/** A number that stays the same for some turns of the event loop. */
async function steady(count: () => number): Promise<number> {
  let last = count()
  for (let same = 0, turns = 0; same < 10 && turns < 300; turns++) {
    await new Promise(done => setTimeout(done, 2))
    const now = count()
    same = now === last ? same + 1 : 0
    last = now
  }
  return last
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map(each => (each.address() as net.AddressInfo).port)
  for (const each of servers) each.close()
  return ports
}
