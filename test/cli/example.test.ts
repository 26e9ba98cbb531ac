// The steps of docs/examples/server/README.md, on a copy of the example.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFolder, type Folder, type Session, startRegrow } from '../support/terminal.js'

const example = new URL('../../../docs/examples/server/', import.meta.url)

describe('the example server', () => {
  let folder: Folder
  let session: Session

  const start = (port: number): void => {
    const names = readdirSync(example)
    folder = createFolder(Object.fromEntries(names.map(name => [name, readFileSync(new URL(name, example), 'utf8')])))
    session = startRegrow(['run', 'main.ts'], { folder, env: { PORT: String(port) } })
  }
  const startListening = async (): Promise<string> => {
    start(0)
    const [, address] = await session.waitFor('stdout', /listening on (\S+)\n/)
    await session.waitFor('stderr', /^regrow /m)
    return address!
  }
  const edit = (name: string, from: string, to: string): void => {
    const text = readFileSync(`${folder.path}/${name}`, 'utf8')
    assert.ok(text.includes(from), `${name} has ${from}`)
    folder.write({ [name]: text.replace(from, to) })
  }
  const load = async (url: string): Promise<string> => (await fetch(url, { signal: AbortSignal.timeout(8000) })).text()

  afterEach(async () => {
    await session.close()
    folder.remove()
  })

  it('answers with the edited greeting and keeps counting', async () => {
    const address = await startListening()
    assert.equal(await load(address), 'Hello from regrow. This page was loaded once.\n')
    edit('routes.ts', 'Hello from', 'Good morning from')
    await session.waitFor('stderr', /✓ routes\.ts patched/)
    assert.equal(await load(address), 'Good morning from regrow. This page was loaded 2 times.\n')
  })

  it('gives the living counter a new method', async () => {
    const address = await startListening()
    await load(address)
    edit('counter.ts', '  get total()', '  reset(): void {\n    this.#count = 0\n  }\n\n  get total()')
    await session.waitFor('stderr', /✓ counter\.ts .*added Counter\.reset/)
    edit(
      'routes.ts',
      "router.get('/jump'",
      "router.get('/reset', (_request, response) => {\n  counter.reset()\n  response.end('Reset.\\n')\n})\n\nrouter.get('/jump'",
    )
    await session.waitFor('stderr', /✓ routes\.ts evaluated/)
    assert.equal(await load(`${address}/reset`), 'Reset.\n')
    assert.equal(JSON.parse(await load(`${address}/state`)).count, 0)
  })

  it('works out the constant that follows from a changed one', async () => {
    const address = await startListening()
    assert.match(await load(`${address}/jump`), /ahead by 100,/)
    edit('config.ts', 'step = 10', 'step = 25')
    await session.waitFor('stderr', /✓ config\.ts evaluated step largestStep/)
    assert.equal(await load(`${address}/jump`), 'Jumped ahead by 250, now 350 times.\n')
  })

  it('serves on while the syntax is broken', async () => {
    const address = await startListening()
    edit('routes.ts', 'counter.add(1)', 'counter.add(1')
    await session.waitFor('stderr', /✗ rejected {2}ERR_REGROW_BUILD/)
    assert.equal(await load(address), 'Hello from regrow. This page was loaded once.\n')
    edit('routes.ts', 'counter.add(1', 'counter.add(1)')
    await session.waitFor('stderr', /unchanged .*runs its sources again/)
  })

  it('says clearly that its port is taken', async () => {
    const other = createServer().listen(0)
    try {
      const { port } = other.address() as AddressInfo
      start(port)
      assert.equal(await session.ended, 1)
      assert.match(session.stderr, new RegExp(`Port ${port} is taken by another program`))
    } finally {
      other.close()
    }
  })
})
