// Reloads of the same program in an isolate of its own and in a context: how long an edit takes to be live, and what it leaves behind.
import v8 from 'node:v8'
import vm from 'node:vm'
import type { Program, RealmKind } from '../../../host/api.js'
import { createHost } from '../../../host/index.js'
import { slope } from '../../leak/slope.js'
import { median, percentile } from '../peers/statistics.js'
import type { Row } from './rows.js'

/** Some forty lines, one of which an edit changes. */
const sourceAt = (version: number) => `
export const state = { n: 0 }
export const version = () => ${version}
${Array.from({ length: 12 }, (_, index) => `export function f${index}(x) {\n  state.n += x\n  return state.n * ${index}\n}`).join('\n')}
`
/** Reloads whose smallest heap is one point. */
const windowSize = 50

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc') as () => void

interface Reloads {
  readonly took: readonly number[]
  readonly bytesEach: number
  readonly startMs: number
}

/** @param isWeighed collects what can be collected to see what is left; reloads take longer then */
async function reloadsIn(realm: RealmKind, count: number, isWeighed: boolean): Promise<Reloads> {
  const host = createHost({ realm, watch: false, limits: { memoryMb: 8 } })
  try {
    let began = performance.now()
    const program: Program = await host.run('./main.js', { sources: { 'main.js': sourceAt(0) } })
    const startMs = performance.now() - began
    const took: number[] = []
    const points: [number, number][] = []
    let least = Infinity
    for (let version = 1; version <= count; version++) {
      began = performance.now()
      await program.update({ 'main.js': sourceAt(version) })
      if ((await program.call('version')) !== version) throw new Error('an edit was not live')
      took.push(performance.now() - began)
      if (isWeighed) least = Math.min(least, (await program.stats()).heapBytes)
      if (!isWeighed || version % windowSize > 0) continue
      if (realm === 'context') {
        collect()
        least = (await program.stats()).heapBytes
      }
      points.push([version, least])
      least = Infinity
    }
    return { took, startMs, bytesEach: isWeighed ? slope(floors(points)) : 0 }
  } finally {
    await host.close()
  }
}

/**
 * In an isolate nobody collects for us: what is still held shows in the smallest heap that comes later. The first quarter warms up: code is
 * compiled, histories fill. After the last collection nothing can be said.
 */
function floors(points: readonly (readonly [number, number])[]): [number, number][] {
  const floor = points.map(([version], index) => [version, Math.min(...points.slice(index).map(each => each[1]))])
  return floor.slice(Math.floor(points.length / 4), Math.floor((points.length * 3) / 4)) as [number, number][]
}

export async function measureBesideContext(count: number): Promise<Row[]> {
  // By turns, so that what else the machine does falls on both.
  const isolates: Reloads[] = []
  const contexts: Reloads[] = []
  for (let round = 0; round < 2; round++) {
    contexts.push(await reloadsIn('context', count, false))
    isolates.push(await reloadsIn('isolate', count, false))
  }
  const took = (runs: readonly Reloads[]) => runs.flatMap(run => run.took)
  const figures = (runs: readonly Reloads[]) =>
    `${median(took(runs))!.toFixed(2)} ms (${percentile(took(runs), 0.95)!.toFixed(2)} ms)`
  const bytes = async (realm: RealmKind) => `${(await reloadsIn(realm, count, true)).bytesEach.toFixed(1)} bytes`
  return [
    ['start in a process of its own', `${median(isolates.map(run => run.startMs))!.toFixed()} ms`],
    ['push of an edit until a call answers from it, p50 (p95): isolate', figures(isolates)],
    ['the same in a context', figures(contexts)],
    ['ratio of the medians', `${(median(took(isolates))! / median(took(contexts))!).toFixed(2)} ×`],
    [`heap that a reload leaves, of ${count}: isolate`, await bytes('isolate')],
    ['the same in a context (the heap of the host)', await bytes('context')],
  ]
}
