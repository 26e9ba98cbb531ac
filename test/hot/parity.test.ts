// Rule R12 against its model: the same guest code under Vite's own module runner and under regrow, and what it tells in which order.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createServer, createServerModuleRunner } from 'vite'
import type { RealmKind } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import { realms } from '../support/program.js'
import { type Story, stories } from './stories.js'

/** Milliseconds without an event after which an update has ended that has told what is expected. */
const quiet = 60
/** Milliseconds that this may take. */
const deadline = 10_000

/** What was told: at the start, and after each edit. */
type Told = string[][]

function put(root: string, files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).map(([name, text]) => {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  })
}

/** @param expected how many events there should be at least */
async function settled(log: readonly string[], expected: number): Promise<void> {
  const end = Date.now() + deadline
  for (let last = -1; last !== log.length || (log.length < expected && Date.now() < end); ) {
    last = log.length
    await new Promise(done => setTimeout(done, quiet))
  }
}

async function underVite(root: string, { edits, told: expected }: Story): Promise<Told> {
  const log: string[] = []
  Object.assign(globalThis, { tell: (text: string) => void log.push(text) })
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'silent',
    appType: 'custom',
    optimizeDeps: { noDiscovery: true },
    // Without it, acceptExports does nothing there.
    experimental: { hmrPartialAccept: true },
    server: { middlewareMode: true, ws: false, watch: null },
  })
  const runner = createServerModuleRunner(server.environments.ssr, { hmr: { logger: false } })
  try {
    await runner.import('/main.js')
    const told = [log.splice(0)]
    for (const edit of edits) {
      for (const path of put(root, edit)) server.watcher.emit('change', path)
      await settled(log, expected[told.length]!.length)
      told.push(log.splice(0))
    }
    return told
  } finally {
    await runner.close()
    await server.close()
    delete (globalThis as { tell?: unknown }).tell
  }
}

async function underRegrow(root: string, story: Story, realm: RealmKind): Promise<Told> {
  const expected = story.regrow ?? story.told
  const log: string[] = []
  const host = createHost({ root, realm, watch: false, globals: { tell: (text: string) => void log.push(text) } })
  try {
    const program = await host.run('./main.js')
    const told = [log.splice(0)]
    for (const edit of story.edits) {
      put(root, edit)
      await program.reload()
      await settled(log, expected[told.length]!.length)
      told.push(log.splice(0))
    }
    return told
  } finally {
    await host.close()
  }
}

describe('R12 import.meta.hot', function () {
  this.timeout(60_000)
  let root: string
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-hot-')))
  })
  afterEach(() => {
    rmSync(root, { recursive: true, force: true })
  })

  for (const [name, story] of Object.entries(stories)) {
    it(`${name}: Vite tells what is expected of it`, async () => {
      put(root, story.files)
      assert.deepEqual(await underVite(root, story), story.told)
    })
    for (const realm of realms) {
      const like = story.regrow ? 'tells what is expected of it' : 'tells the same as Vite'
      it(`${name}: regrow in realm ${realm} ${like}`, async () => {
        put(root, story.files)
        assert.deepEqual(await underRegrow(root, story, realm), story.regrow ?? story.told)
      })
    }
  }
})
