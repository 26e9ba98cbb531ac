// `npm run bench`: measures regrow beside its peers, prints tables, and writes docs/benchmarks.md with its charts.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { print } from '../command-line.js'
import { cores, processor } from '../machine.js'
import { readSection } from '../page-section.js'
import { createCharts } from './charts.js'
import { type Options, readOptionsOrTell } from './options.js'
import { createPage } from './page.js'
import { type CaseResult, joinRuns, type Results } from './results.js'
import { runCase, runRetained } from './run.js'
import { createTables, shortKind } from './tables.js'
import { printCase, printTable, printVerdict, showProgress } from './terminal.js'

async function measureAll({ plan, tools }: Options): Promise<Results> {
  const started = performance.now()
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
  return {
    runs: [
      {
        measured: [...(plan.reloads > 0 ? ['heap'] : []), ...new Set(cases.map(each => shortKind(each.kind)))],
        stopped: control.stopped(),
        seconds: Math.round((performance.now() - started) / 1000),
        date: new Date().toISOString().slice(0, 10),
        node: process.versions.node,
        system: `${type()} ${release().split('-')[0]}`,
        processor,
        cores,
        memoryGb: Math.round(totalmem() / 2 ** 30),
        load: [loadBefore, loadavg()[0]!],
      },
    ],
    tools: tools.map(({ name, version, reloads, color }) => ({ name, version, reloads, color })),
    cases,
    ...heaps,
  }
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

function writePage(results: Results, directory: string): void {
  mkdirSync(directory, { recursive: true })
  const charts = createCharts(results)
  for (const [file, svg] of charts) writeFileSync(join(directory, file), svg)
  const page = join(directory, 'benchmarks.md')
  // What `npm run bench:edits` and `npm run bench:isolates` wrote stays.
  const kept = ['edits', 'isolates'].map(name => readSection(page, name)).filter(Boolean)
  const text = createPage(results, [...charts.keys()])
  writeFileSync(page, `${[text.trimEnd(), ...kept].join('\n\n')}\n`)
  print(`wrote ${['benchmarks.md', ...charts.keys()].map(file => join(directory, file)).join(', ')}`)
}

const options = readOptionsOrTell()
if (options) {
  const { from, json, out } = options
  const results = from ? joinRuns(from.map(file => JSON.parse(readFileSync(file, 'utf8')))) : await measureAll(options)
  for (const table of createTables(results)) printTable(table)
  printVerdict(results)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`)
  if (out !== undefined) writePage(results, out)
}
