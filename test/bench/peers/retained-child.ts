// A child of the benchmark: reloads a small program of regrow's thousands of times, and prints the heap along the way as a line of JSON.
import type { RealmKind } from '../../../host/api.js'
import { createHost } from '../../../host/index.js'
import { hubText, moduleText } from './module-text.js'
import type { HeapPoint } from './retained.js'

const samples = 40

declare const gc: () => void

/** Every version's text has the same length, so that the heap has no reason to grow. */
const text = (version: number) =>
  moduleText({ index: 1, version: 100_000 + version, language: 'js', hub: './hub.js', imports: [] })

/** Half a line is missing: what a save in the middle of typing gives. */
const broken = (version: number) => text(version).replace('return this\n', 'return (\n')

async function settled(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(done => setImmediate(done))
    gc()
  }
  return process.memoryUsage().heapUsed
}

async function run(realm: RealmKind, outcome: 'applied' | 'rejected', reloads: number): Promise<HeapPoint[]> {
  const host = createHost({ sources: { 'main.js': text(0), 'hub.js': hubText(0) }, realm, watch: false })
  const program = await host.run('./main.js')
  const points: HeapPoint[] = [[0, await settled()]]
  for (let version = 1; version <= reloads; version++) {
    const report = await program.update({ 'main.js': outcome === 'applied' ? text(version) : broken(version) })
    if (report.outcome !== outcome) throw report.error ?? new Error(`reload ${version} was ${report.outcome}`)
    const [told] = (await program.call('tell')) as number[]
    const expected = outcome === 'applied' ? 100_000 + version : 100_000
    if (told !== expected) throw new Error(`after reload ${version} the program tells ${told}`)
    if (version % Math.ceil(reloads / samples) === 0) points.push([version, await settled()])
  }
  await host.close()
  return points
}

// As the harness does: a terminal's first Ctrl-C lets it finish.
process.once('SIGINT', () => process.once('SIGINT', () => process.exit(130)))

const [realm, outcome, reloads] = process.argv.slice(2) as [RealmKind, 'applied' | 'rejected', string]
console.log(JSON.stringify(await run(realm, outcome, Number(reloads))))
