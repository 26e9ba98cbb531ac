// npm run soak: thousands of honest and hostile edits of twenty programs in isolates. The heap of the host must stay flat, and nothing stay behind.
import { readdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import v8 from 'node:v8'
import vm from 'node:vm'
import type { Program } from '../../host/api.js'
import { createHost } from '../../host/index.js'

const { values } = parseArgs({
  options: {
    reloads: { type: 'string', default: '10000' },
    programs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
})
const reloads = Number(values.reloads)
const count = Number(values.programs)

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc') as () => void
let state = Number(values.seed)
/** A whole number below `below`: the same ones for the same seed. */
const random = (below: number) => {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
}

const base = (version: number) =>
  `export let n = 0\nexport const look = () => ${version}\nexport const state = { v: ${version % 7} }\n`
/** One in fifty of the edits is of this kind. */
const hostile = [
  'for (;;);',
  'export const x = ',
  'throw { get message() { throw 1 } }',
  'import "node:fs"',
  'const a = []; for (;;) a.push(new Array(1000).fill(a.length))',
  'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)',
  'Object.prototype.polluted = 1',
  'await new Promise(() => {})',
]

const host = createHost({ realm: 'isolate', watch: false, limits: { memoryMb: 16, cpuMs: 200, wallMs: 1500 } })
const programs: Program[] = []
for (let index = 0; index < count; index++)
  programs.push(await host.run('./main.js', { sources: { 'main.js': base(0) } }))

const outcomes: Record<string, number> = {}
let done = 0
let wrong = 0
const heaps: number[] = []
const descriptors = () => readdirSync('/proc/self/fd').length
const heap = () => {
  collect()
  collect()
  return v8.getHeapStatistics().used_heap_size
}

async function play(program: Program): Promise<void> {
  while (done < reloads) {
    const version = ++done
    if (version % Math.max(1, Math.floor(reloads / 10)) === 0) {
      heaps.push(heap())
      console.log(`${version} reloads, heap ${(heaps.at(-1)! / 1e6).toFixed(1)} MB, descriptors ${descriptors()}`)
    }
    const isHostile = random(50) === 0
    const text = base(version) + (isHostile ? hostile[random(hostile.length)] : '')
    const { outcome, error } = await program.update({ 'main.js': text })
    const name = outcome === 'rejected' ? error!.code : outcome
    outcomes[name] = (outcomes[name] ?? 0) + 1
    const seen = await program.call('look').catch(failure => `${failure.code}: ${failure.message}`)
    if (outcome === 'applied' && seen !== version) {
      wrong++
      console.log(`after edit ${version} it answers ${seen}; text ${JSON.stringify(text)}`)
    }
  }
}

await Promise.all(programs.map(play))
const growth = heaps.at(-1)! - heaps[1]!
await host.close()
await new Promise(resolve => setTimeout(resolve, 500))
const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').trim().split(' ').filter(Boolean)
console.log('outcomes', outcomes)
console.log(
  `wrong answers ${wrong}, heap grew ${(growth / 1e6).toFixed(2)} MB, processes left ${children.length}, descriptors ${descriptors()}`,
)
if (wrong > 0 || growth > 5e6 || children.length > 0) process.exitCode = 1
