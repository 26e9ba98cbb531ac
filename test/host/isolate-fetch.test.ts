// The grant `fetch`: to origins that are granted, also after redirects, with bounds on time and size; what comes is a copy.
import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Grants, Host } from '../../host/api.js'
import { createHost } from '../../host/index.js'

describe("isolates with the grant 'fetch'", () => {
  const hosts: Host[] = []
  const servers: Server[] = []
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  })

  /** @returns the server's origin */
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener)
    servers.push(server)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  /** Runs the body of an async function `(url) => …` in an isolate. */
  async function runs(fetch: Grants['fetch'], body: string, url: string): Promise<unknown> {
    const host = createHost({ realm: 'isolate', watch: false, grants: { fetch } as Grants })
    hosts.push(host)
    const program = await host.run('./main.js', {
      sources: { 'main.js': `export async function run(url) { ${body} }` },
    })
    return program.call('run', url)
  }
  const getText = 'return (await fetch(url)).text()'

  it('send method, headers and body, and give status, headers and body', async () => {
    const origin = await serve((request, response) => {
      let text = ''
      request.on('data', chunk => {
        text += chunk
      })
      request.on('end', () => {
        response.writeHead(201, { 'content-type': 'application/json', 'x-answer': 'yes' })
        response.end(
          JSON.stringify({ method: request.method, key: request.headers['x-key'], host: request.headers.host, text }),
        )
      })
    })
    const found = await runs(
      [origin],
      `const response = await fetch(new URL('/a', url), { method: 'put', headers: { 'X-Key': '1', Host: 'other' }, body: 'grüß' })
      const { status, ok, headers } = response
      return { status, ok, type: headers.get('Content-Type'), answer: [...headers].some(([name]) => name === 'x-answer'), body: await response.json() }`,
      origin,
    )
    assert.deepEqual(found, {
      status: 201,
      ok: true,
      type: 'application/json',
      answer: true,
      body: { method: 'PUT', key: '1', host: new URL(origin).host, text: 'grüß' },
    })
  })

  it('give bytes as they are', async () => {
    const origin = await serve((_, response) => response.end(Buffer.from([0, 255, 128])))
    const found = await runs([origin], 'return new Uint8Array(await (await fetch(url)).arrayBuffer())', origin)
    assert.deepEqual(found, new Uint8Array([0, 255, 128]))
  })

  it('refuse other origins, other schemes, and redirects to them', async () => {
    let reached = 0
    const secret = await serve((_, response) => {
      reached++
      response.end('secret')
    })
    const origin = await serve((request, response) => {
      if (request.url === '/here') response.end('here')
      else response.writeHead(302, { location: request.url === '/in' ? '/here' : `${secret}/x` }).end()
    })
    assert.equal(await runs([origin], getText, `${origin}/in`), 'here')
    for (const url of [
      `${origin}/out`,
      secret,
      `${origin}@127.0.0.1:${new URL(secret).port}/`,
      'file:///etc/passwd',
      'data:,x',
      '/here',
    ])
      await assert.rejects(runs([origin], getText, url), /may not fetch from|no valid URL|must not hold a password/)
    assert.equal(reached, 0)
  })

  it('cut answers that are too large or too late', async () => {
    const origin = await serve((request, response) => {
      if (request.url === '/large') response.end(Buffer.alloc(200_000))
      else response.write('begun')
    })
    const grant = { origins: [origin], maxBytes: 100_000, timeoutMs: 300 }
    await assert.rejects(runs(grant, getText, `${origin}/large`), /more than 100000 bytes/)
    await assert.rejects(runs(grant, getText, `${origin}/late`), /no answer within 300 ms/)
  })

  it('say no more of a failure than its code', async () => {
    const origin = await serve(() => {})
    await new Promise(resolve => servers.pop()!.close(resolve))
    await assert.rejects(runs([origin], getText, origin), { name: 'TypeError', message: 'fetch failed (ECONNREFUSED)' })
  })

  it('can be given up by a signal', async () => {
    const origin = await serve(() => {})
    const body = `const { signal, abort } = (c => ({ signal: c.signal, abort: () => c.abort() }))(new AbortController())
      const waiting = fetch(url, { signal }).catch(error => error.name)
      abort()
      return waiting`
    assert.equal(await runs([origin], body, origin), 'AbortError')
  })

  it('are not there without the grant', async () => {
    assert.equal(await runs(undefined, 'return typeof fetch + typeof Response', ''), 'undefinedundefined')
  })

  it('take origins only', () => {
    for (const fetch of [
      ['https://a.example/path'],
      ['file:///'],
      ['*'],
      'https://a.example',
      { origins: [], size: 1 },
      { origins: [], timeoutMs: 0 },
    ])
      assert.throws(() => createHost({ grants: { fetch } as never }), { code: 'ERR_REGROW_OPTION' })
  })
})
