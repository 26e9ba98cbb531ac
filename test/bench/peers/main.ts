// `npm run bench`: measures regrow beside its peers, prints tables, and writes docs/benchmarks.md with its charts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createCharts } from './charts.js'
import { createGoals, findBetterPeers } from './goals.js'
import { createPage } from './page.js'
import { createPlan, type Plan } from './plan.js'
import { type CaseResult, describeKind, type Results } from './results.js'
import { runCase, runRetained } from './run.js'
import { median } from './statistics.js'
import { createTables, milliseconds, type Table } from './tables.js'
import { findTools, type Tool } from './tools.js'

const usage = `Usage: npm run bench -- [options]
  --quick                  small projects, few saves, one round
  --sizes number,number    modules of the projects (10,100,1000,10000)
  --only name,name         these tools alone
  --rounds number          sessions of each tool in each project (2; 1 in the largest, the layered and the TypeScript ones)
  --json file              writes all numbers there
  --out directory          writes benchmarks.md and its charts there (docs, for a full run; nowhere otherwise)
Ctrl-C ends early, and shows what was measured.`

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url))

interface Options {
  readonly plan: Plan
  readonly tools: readonly Tool[]
  readonly json: string | undefined
  readonly out: string | undefined
}

/** @throws TypeError for an unknown option, Error for a value that makes no sense */
function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      only: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'string' },
      out: { type: 'string' },
    },
  })
  const { quick, json } = values
  const sizes = values.sizes?.split(',').map(size => wholeNumber('--sizes', size, 2))
  const rounds = values.rounds === undefined ? undefined : wholeNumber('--rounds', values.rounds, 1)
  const isFull = !quick && !sizes && !values.only && rounds === undefined
  const plan = createPlan({ quick, ...(sizes && { sizes }), ...(rounds !== undefined && { rounds }) })
  return { plan, tools: findTools(values.only?.split(',')), json, out: values.out ?? (isFull ? docs : undefined) }
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < least) throw new Error(`${option} takes whole numbers from ${least}`)
  return number
}

/** @returns undefined, having told why, when the command line is wrong */
function readOptionsOrTell(): Options | undefined {
  try {
    return readOptions()
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

const started = performance.now()

/** Shows what is under way, on a terminal; the next line takes its place. */
function showProgress(text: string): void {
  if (!process.stdout.isTTY) return
  const seconds = Math.round((performance.now() - started) / 1000)
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  process.stdout.write(`\r\x1b[2K${`${time}  ${text}`.slice(0, (process.stdout.columns ?? 80) - 1)}`)
}

function print(text: string): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[2K')
  console.log(text)
}

/** What is known after a project, in a line for each tool: the tables come when all is measured. */
function printCase(results: readonly CaseResult[]): void {
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

function printTable({ title, head, rows, notes }: Table): void {
  const widths = head.map((cell, index) =>
    Math.max(...[cell, ...rows.map(row => row[index]!)].map(each => each.length)),
  )
  const line = (cells: readonly string[]) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))).join('  ')
  print(`\n${title}\n${line(head)}`)
  for (const row of rows) print(line(row))
  for (const note of notes) print(`  ${note}`)
}

async function main(): Promise<void> {
  const options = readOptionsOrTell()
  if (!options) return
  const { plan, tools, json, out } = options
  const loadBefore = loadavg()[0]!
  const control = { progress: showProgress, stopped: stopOnSignal() }
  const heaps = await runRetained(plan, tools, control)
  const cases: CaseResult[] = []
  for (const each of plan.cases) {
    if (control.stopped()) break
    const found = await runCase(each, tools, control)
    cases.push(...found)
    printCase(found)
  }
  const results: Results = {
    machine: {
      date: new Date().toISOString().slice(0, 10),
      node: process.versions.node,
      system: `${type()} ${release().split('-')[0]}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown processor',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      load: [loadBefore, loadavg()[0]!],
    },
    tools: tools.map(({ name, version, reloads, color }) => ({ name, version, reloads, color })),
    cases,
    ...heaps,
    stopped: control.stopped(),
    seconds: Math.round((performance.now() - started) / 1000),
  }
  for (const table of createTables(results)) printTable(table)
  printVerdict(results)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`)
  if (out === undefined) return
  mkdirSync(out, { recursive: true })
  const charts = createCharts(results)
  for (const [file, svg] of charts) writeFileSync(join(out, file), svg)
  writeFileSync(join(out, 'benchmarks.md'), createPage(results, [...charts.keys()]))
  print(`wrote ${['benchmarks.md', ...charts.keys()].map(file => join(out, file)).join(', ')}`)
}

/** The first Ctrl-C ends the measuring and shows what there is, the second ends all. */
function stopOnSignal(): () => boolean {
  let stopped = false
  process.on('SIGINT', () => {
    if (stopped) process.exit(130)
    stopped = true
    print('stopping after the session under way; once more ends at once')
  })
  return () => stopped
}

function printVerdict(results: Results): void {
  print('\nGoals')
  for (const { goal, most, unit, reached } of createGoals(results)) {
    const cells = reached.map(value =>
      value === undefined ? 'not measured' : `${value.toFixed(1)}${value <= most ? ' ✓' : ' ✗'}`,
    )
    print(`  ${`${goal}: at most ${most} ${unit}`.padEnd(60)} main ${cells[0]!.padEnd(14)} context ${cells[1]}`)
  }
  for (const sentence of findBetterPeers(results)) print(`  ahead of regrow: ${sentence}`)
  print(`\nnode ${results.machine.node}, ${results.seconds} s`)
}

await main()
