// A host that runs each script of plugins/ in an isolate of its own, grants it a key-value store and some of the web, calls it once a
// second, and shows what becomes of it. Save a plugin while it runs.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createHost } from 'regrow'
import { createKeyValues, createWeb } from './capabilities.js'
import { showTable } from './table.js'

const root = fileURLToPath(new URL('./plugins', import.meta.url))
const host = createHost({
  root,
  realm: 'isolate',
  grants: { console: true },
  limits: { memoryMb: 32, cpuMs: 250, wallMs: 2000 },
})
const rows = await Promise.all(readdirSync(root).sort().map(start))
const turns = Number(process.argv[2] ?? Infinity)

for (let turn = 0; turn < turns; turn++) {
  await Promise.all(rows.map(call))
  await showTable(rows)
  await new Promise(resolve => setTimeout(resolve, 1000))
}
await host.close()

async function start(entry) {
  const row = { plugin: entry, state: 'starting', version: 0, calls: 0, says: '', program: undefined }
  const modules = { 'app:kv': createKeyValues(), 'app:http': createWeb(['example.com']) }
  try {
    const program = await host.run(entry, { modules })
    program.on('reload', ({ outcome, error }) => {
      row.state = outcome === 'rejected' ? `rejected: ${error.message}` : 'running'
    })
    program.on('exit', ({ reason }) => {
      row.state = `ended (${reason})`
    })
    program.on('restart', () => {
      row.state = 'restarted'
    })
    program.on('console', ({ text }) => {
      row.says = text
    })
    return Object.assign(row, { program, state: 'running' })
  } catch (error) {
    return Object.assign(row, { state: error.code })
  }
}

async function call(row) {
  if (!row.program) return
  try {
    row.says = String(await row.program.call('tick'))
    row.calls++
  } catch (error) {
    row.says = error.code ?? `${error.name}: ${error.message}`
  }
}
