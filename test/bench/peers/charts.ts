// Which charts the results give, and the names of their files.
import { type Chart, drawChart, type Series } from './chart.js'
import type { Results } from './results.js'
import { median } from './statistics.js'
import { find, mainKinds } from './tables.js'

export const chartFiles = {
  latency: 'benchmark-latency.svg',
  start: 'benchmark-start.svg',
  heap: 'benchmark-heap.svg',
} as const

/** @returns SVG by file name; without those for which there is not enough to draw */
export function createCharts(results: Results): Map<string, string> {
  const charts: [string, Chart][] = [
    [chartFiles.latency, bySize(results, 'leaf', 'Save of a leaf to live', 'milliseconds, median')],
    [chartFiles.start, bySize(results, 'start', 'Start to first call', 'milliseconds, median')],
    [chartFiles.heap, byReloads(results)],
  ]
  return new Map(
    charts
      .filter(([, chart]) => chart.series.some(each => each.points.length > 1))
      .map(([file, chart]) => [file, drawChart(chart)]),
  )
}

function bySize(results: Results, key: 'leaf' | 'start', title: string, label: string): Chart {
  return {
    title: `${title}, trees of JavaScript`,
    x: { label: 'modules', scale: 'log' },
    y: { label, scale: 'log' },
    series: seriesOf(results, name =>
      mainKinds(results).flatMap(kind => {
        const time = median(find(results, name, kind)?.[key] ?? [])
        return time === undefined ? [] : [[kind.size, time] as const]
      }),
    ),
  }
}

function byReloads(results: Results): Chart {
  return {
    title: 'Heap after a collection, more than at the start',
    x: { label: 'reloads', scale: 'log' },
    y: { label: 'MB', scale: 'linear' },
    series: seriesOf(results, name => {
      const retained = results.retained[name]
      if (typeof retained !== 'object') return []
      const start = retained.points[0]![1]
      return retained.points.slice(1).map(([reloads, bytes]) => [reloads, (bytes - start) / 2 ** 20] as const)
    }),
  }
}

function seriesOf(results: Results, points: (tool: string) => Series['points']): Series[] {
  return results.tools
    .map(({ name, color }) => ({ name, color, bold: name.startsWith('regrow'), points: points(name) }))
    .filter(each => each.points.length > 0)
}
