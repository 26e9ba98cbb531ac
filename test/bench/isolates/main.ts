// npm run bench:isolates: two hundred programs of one host in shared processes: memory, start, calls across the wall, and a crash amid them.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Program } from '../../../host/api.js'
import { createHost } from '../../../host/index.js'

const { values } = parseArgs({
  options: { programs: { type: 'string', default: '200' }, calls: { type: 'string', default: '20000' } },
})
const count = Number(values.programs)
const calls = Number(values.calls)

const source = `
export const state = { n: 0 }
export const tick = by => (state.n += by)
export const spin = () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)`

const host = createHost({
  realm: 'isolate',
  process: 'shared',
  watch: false,
  sources: { 'main.js': source },
  limits: { memoryMb: 16, cpuMs: 500 },
})
const middle = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]!

const starts: number[] = []
const programs: Program[] = []
for (let index = 0; index < count; index++) {
  const began = performance.now()
  programs.push(await host.run('./main.js'))
  starts.push(performance.now() - began)
}
const heaps = await Promise.all(programs.map(async program => (await program.stats()).heapBytes))
console.log(`programs            ${count}`)
console.log(`start, p50          ${middle(starts).toFixed(1)} ms`)
console.log(`heap, p50           ${(middle(heaps) / 1e6).toFixed(2)} MB`)
const resident = childrenBytes()
if (resident > 0) console.log(`resident, a program ${(resident / count / 1e6).toFixed(2)} MB`)

let began = performance.now()
for (let index = 0; index < calls / 10; index++) await programs[index % count]!.call('tick', 1)
console.log(`calls, one by one   ${((calls / 10 / (performance.now() - began)) * 1000).toFixed()} a second`)
began = performance.now()
for (let index = 0; index < calls; index += count) await Promise.all(programs.map(program => program.call('tick', 1)))
console.log(`calls, all at once  ${((calls / (performance.now() - began)) * 1000).toFixed()} a second`)

const reloads: number[] = []
for (let index = 0; index < 200; index++) {
  const { timing } = await programs[index % count]!.update({ 'main.js': source.replace('+= by', `+= by + ${index}`) })
  reloads.push(timing.total)
}
console.log(`reload, p50         ${middle(reloads).toFixed(1)} ms`)

const exits = programs.map(program => new Promise(resolve => program.once('exit', () => resolve(true))))
let restarted = 0
for (const program of programs) program.on('restart', () => restarted++)
began = performance.now()
const victim = programs[count >> 1]!
const ended = await victim.call('spin').catch(error => error.code)
console.log(`one hangs           ${ended} after ${(performance.now() - began).toFixed()} ms`)
await Promise.all(exits)
const answers = await Promise.all(programs.map(program => program.call('tick', 1).then(Number.isFinite)))
console.log(
  `all answer again    ${answers.filter(Boolean).length} of ${count}, ${restarted} started again, after ${(performance.now() - began).toFixed()} ms`,
)
await host.close()

/** Resident bytes of the processes this one started, where the system tells. */
function childrenBytes(): number {
  try {
    const ids = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').trim().split(' ')
    return ids
      .map(id => Number(readFileSync(`/proc/${id}/statm`, 'latin1').split(' ')[1]) * 4096)
      .reduce((sum, each) => sum + each, 0)
  } catch {
    return 0
  }
}
