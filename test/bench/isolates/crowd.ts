// Two hundred programs of one host in a few shared processes: memory, start, calls, reloads, and one that takes its process with it.
import type { Host, Program } from '../../../host/api.js'
import { createHost } from '../../../host/index.js'
import { memoryOf } from '../peers/process-tree.js'
import { median, percentile } from '../peers/statistics.js'
import type { Row } from './rows.js'

const source = `
export const state = { n: 0 }
export const tick = by => (state.n += by)
export const version = () => 0
export const spin = () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 0)`

const since = (began: number) => performance.now() - began
const ms = (value: number | undefined) => `${value!.toFixed(1)} ms`

export async function measureCrowd(count: number, calls: number): Promise<Row[]> {
  const host = createHost({
    realm: 'isolate',
    process: 'shared',
    watch: false,
    sources: { 'main.js': source },
    limits: { memoryMb: 16, cpuMs: 500 },
  })
  try {
    return await measure(host, count, calls)
  } finally {
    await host.close()
  }
}

async function measure(host: Host, count: number, calls: number): Promise<Row[]> {
  const before = memoryOf(process.pid)
  const starts: number[] = []
  const programs: Program[] = []
  for (let index = 0; index < count; index++) {
    const began = performance.now()
    programs.push(await host.run('./main.js'))
    starts.push(since(began))
  }
  const heaps = await Promise.all(programs.map(async program => (await program.stats()).heapBytes))
  const after = memoryOf(process.pid)
  const rows: Row[] = [
    ['start of a program, one after another, p50 (p95)', `${ms(median(starts))} (${ms(percentile(starts, 0.95))})`],
    ['heap of a program, p50', `${(median(heaps)! / 1e6).toFixed(2)} MB`],
  ]
  if (before !== undefined && after !== undefined)
    rows.push(['memory of all processes for it', `${((after - before) / count / 1e6).toFixed(2)} MB a program`])

  let began = performance.now()
  const alone = Math.ceil(calls / 10)
  for (let index = 0; index < alone; index++) await programs[index % count]!.call('tick', 1)
  rows.push(['calls of exports, one after another', `${((alone / since(began)) * 1000).toFixed()} a second`])
  began = performance.now()
  const rounds = Math.ceil(calls / count)
  for (let round = 0; round < rounds; round++) await Promise.all(programs.map(program => program.call('tick', 1)))
  rows.push(['calls, all programs at once', `${(((rounds * count) / since(began)) * 1000).toFixed()} a second`])

  const reloads: number[] = []
  for (let index = 1; index <= count; index++) {
    began = performance.now()
    await programs[index % count]!.update({ 'main.js': source.replace('=> 0', `=> ${index}`) })
    if ((await programs[index % count]!.call('version')) !== index) throw new Error('an edit was not live')
    reloads.push(since(began))
  }
  rows.push([
    'push of an edit until a call answers from it, p50 (p95)',
    `${ms(median(reloads))} (${ms(percentile(reloads, 0.95))})`,
  ])
  return [...rows, ...(await crash(programs))]
}

/** A program runs a builtin that cannot be interrupted, and its process is killed with all that share it. */
async function crash(programs: readonly Program[]): Promise<Row[]> {
  const hit = new Set<Program>()
  let restarted = 0
  for (const program of programs) {
    program.once('exit', () => hit.add(program))
    program.once('restart', () => restarted++)
  }
  const answersOf = programs.map(() => 0)
  let isOver = false
  const began = performance.now()
  const victim = programs[programs.length >> 1]!
  const asking = programs.map(async (program, index) => {
    while (!isOver && program !== victim) {
      const asked = performance.now()
      // A call that was under way in the process that dies is told so, and asked again.
      while (
        !(await program.call('tick', 1).then(
          () => true,
          () => false,
        ))
      );
      answersOf[index] = Math.max(answersOf[index]!, since(asked))
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  })
  const code = await victim.call('spin').catch(error => error.code)
  const endedAfter = since(began)
  await Promise.all(programs.map(program => program.call('tick', 1)))
  const allAfter = since(began)
  isOver = true
  await Promise.all(asking)
  const slowest = (isHit: boolean) =>
    ms(
      Math.max(0, ...answersOf.filter((_, index) => programs[index] !== victim && hit.has(programs[index]!) === isHit)),
    )
  return [
    ['one of them hangs: its call gives', `${code} after ${ms(endedAfter)} (cpuMs 500)`],
    ['programs that shared its process, all started again', `${restarted} of ${hit.size}`],
    [
      'all programs answer',
      `${ms(allAfter)} after it began, ${ms(allAfter - endedAfter)} after its process was killed`,
    ],
    ['slowest answer of programs in other processes meanwhile', slowest(false)],
    ['slowest answer of programs that shared its process, restart included', slowest(true)],
  ]
}
