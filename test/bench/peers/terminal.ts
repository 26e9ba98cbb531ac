// What the benchmark prints: a line of progress, a line for each tool and project, tables, and the verdict.
import { print, showProgress as showLine } from '../command-line.js'
import { createGoals, findBetterPeers } from './goals.js'
import { type CaseResult, describeKind, type Results } from './results.js'
import { median } from './statistics.js'
import { milliseconds, type Table } from './tables.js'

const started = performance.now()

/** Shows what is under way, and since when. */
export function showProgress(text: string): void {
  const seconds = Math.round((performance.now() - started) / 1000)
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  showLine(`${time}  ${text}`)
}

/** What is known after a project, in a line for each tool: the tables come when all is measured. */
export function printCase(results: readonly CaseResult[]): void {
  print(`\n${describeKind(results[0]!.kind)}`)
  for (const { tool, failures, ...times } of results) {
    const cells = (['start', 'leaf', 'hub', 'batch'] as const).map(key => {
      const time = median(times[key])
      return `${key} ${time === undefined ? '—' : milliseconds(time)}`.padEnd(14)
    })
    const why = failures.start ?? failures.leaf ?? failures.hub ?? failures.batch
    print(`  ${tool.padEnd(15)} ${cells.join('')}${why === undefined ? '' : why.split('\n')[0]!.slice(0, 60)}`)
  }
}

export function printTable({ title, head, rows, notes }: Table): void {
  const widths = head.map((cell, index) =>
    Math.max(...[cell, ...rows.map(row => row[index]!)].map(each => each.length)),
  )
  const line = (cells: readonly string[]) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))).join('  ')
  print(`\n${title}\n${line(head)}`)
  for (const row of rows) print(line(row))
  for (const note of notes) print(`  ${note}`)
}

/** The goals, and where a peer is ahead. */
export function printVerdict(results: Results): void {
  print('\nGoals')
  for (const { goal, most, unit, reached } of createGoals(results)) {
    const cells = reached.map(value =>
      value === undefined ? 'not measured' : `${value.toFixed(1)}${value <= most ? ' ✓' : ' ✗'}`,
    )
    print(`  ${`${goal}: at most ${most} ${unit}`.padEnd(60)} main ${cells[0]!.padEnd(14)} context ${cells[1]}`)
  }
  for (const sentence of findBetterPeers(results)) print(`  ahead of regrow: ${sentence}`)
  print(`\n${results.runs.map(({ node, seconds }) => `node ${node}, ${seconds} s`).join('; ')}`)
}
