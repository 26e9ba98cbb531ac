// What regrow is to reach, beside what it reached, and the columns in which a peer is ahead of it.
import { batchSize } from './measure.js'
import type { Results } from './results.js'
import { median, percentile } from './statistics.js'
import { find, kindsOf, mainKinds, milliseconds, shortKind } from './tables.js'

export interface Goal {
  readonly goal: string
  /** In realm main and in realm context; undefined where the run did not measure it. */
  readonly reached: readonly (number | undefined)[]
  readonly most: number
  readonly unit: string
}

const realms = ['main', 'context']

export function createGoals(results: Results): Goal[] {
  const main = (size: number) => mainKinds(results).find(kind => kind.size === size)
  const of = (tool: string, size: number) => {
    const kind = main(size)
    return kind && find(results, tool, kind)
  }
  const ratio = (high: number | undefined, low: number | undefined) =>
    high === undefined || low === undefined ? undefined : high / low
  const goal = (text: string, most: number, unit: string, reached: (tool: string) => number | undefined): Goal => ({
    goal: text,
    most,
    unit,
    reached: realms.map(realm => reached(`regrow ${realm}`)),
  })
  const leaf = (tool: string, size: number) => median(of(tool, size)?.leaf ?? [])
  const kept = (key: 'retained' | 'rejected', tool: string) => {
    const retained = results[key][tool]
    return typeof retained === 'object' ? retained.bytesPerReload : undefined
  }
  const start = (tool: string, size: number, key: 'start' | 'warm' = 'start') =>
    ratio(median(of(tool, size)?.[key] ?? []), median(of('node', size)?.start ?? []))
  return [
    goal('start at 1,000 modules', 2, '× node', tool => start(tool, 1000)),
    goal('start at 10,000 modules', 2, '× node', tool => start(tool, 10_000)),
    goal('start with a warm cache at 1,000 modules', 1.2, '× node', tool => start(tool, 1000, 'warm')),
    goal('start with a warm cache at 10,000 modules', 1.2, '× node', tool => start(tool, 10_000, 'warm')),
    goal('save of a leaf at 1,000 modules, median', 5, 'ms', tool => leaf(tool, 1000)),
    goal('save of a leaf at 1,000 modules, p95', 15, 'ms', tool => percentile(of(tool, 1000)?.leaf ?? [], 0.95)),
    goal('save of a leaf at 10,000 modules', 1.3, '× at 10', tool => ratio(leaf(tool, 10_000), leaf(tool, 10))),
    goal('save of a hub at 1,000 modules', 1.5, '× leaf', tool =>
      ratio(median(of(tool, 1000)?.hub ?? []), leaf(tool, 1000)),
    ),
    goal(`save of ${batchSize} files at 1,000 modules, median`, 60, 'ms', tool => median(of(tool, 1000)?.batch ?? [])),
    goal('heap kept a reload', 16, 'bytes', tool => kept('retained', tool)),
    goal('heap kept a rejected reload', 16, 'bytes', tool => kept('rejected', tool)),
    goal('memory at 10,000 modules', 1.5, '× node', tool =>
      ratio(of(tool, 10_000)?.memory, of('node', 10_000)?.memory),
    ),
    goal('CPU while idle', 0.5, '%', tool => of(tool, 1000)?.idle),
  ]
}

/** @returns a sentence for each column about reloading in which a peer is ahead of regrow */
export function findBetterPeers(results: Results): string[] {
  const peers = results.tools.filter(
    ({ name, reloads }) => !name.startsWith('regrow') && /in place|restart/.test(reloads),
  )
  const columns = { leaf: 'a leaf', hub: 'a module that all import', batch: `${batchSize} files` } as const
  const slower = (Object.keys(columns) as (keyof typeof columns)[]).flatMap(key =>
    kindsOf(results).flatMap(kind => {
      const time = (tool: string) => median(find(results, tool, kind)?.[key] ?? [])
      const own = realms.map(realm => time(`regrow ${realm}`)).filter(each => each !== undefined)
      if (own.length === 0) return []
      const best = Math.min(...own)
      const ahead = peers.flatMap(({ name }) => {
        const other = time(name)
        return other !== undefined && other < best ? `${name} ${milliseconds(other)} ms` : []
      })
      if (ahead.length === 0) return []
      return `Save of ${columns[key]}, ${shortKind(kind)} modules: ${ahead.join(', ')}; regrow ${milliseconds(best)} ms.`
    }),
  )
  const kept = (name: string) => {
    const retained = results.retained[name]
    return typeof retained === 'object' ? retained.bytesPerReload : undefined
  }
  const most = Math.max(...realms.map(realm => kept(`regrow ${realm}`) ?? -Infinity))
  const leaner = peers.filter(({ name }) => (kept(name) ?? Infinity) < most)
  return [
    ...slower,
    ...leaner.map(
      ({ name }) => `Heap kept a reload: ${name} ${kept(name)!.toFixed(0)} bytes; regrow ${most.toFixed(0)} bytes.`,
    ),
  ]
}
