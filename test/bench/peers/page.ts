// docs/benchmarks.md, made from the results.
import { chartFiles } from './charts.js'
import { createGoals, findBetterPeers, type Goal } from './goals.js'
import type { Results, Run } from './results.js'
import { createTables, type Table } from './tables.js'

/** @param charts names of the files that were drawn */
export function createPage(results: Results, charts: readonly string[]): string {
  const { tools, runs } = results
  const tables = createTables(results)
  const chart = (file: string, title: string) => (charts.includes(file) ? [`![${title}](${file})`] : [])
  const [start, leaf, hub, batch, memory, reloads] = tables as [Table, Table, Table, Table, Table, Table]
  const better = findBetterPeers(results)
  return `${[
    '# Benchmarks',
    'This page is written by `npm run bench`. Do not edit it: change `test/bench/peers/page.ts`.',
    ...runs.map(run => describeRun(run, runs.length > 1)),
    `${tools
      .filter(({ reloads }) => reloads !== 'floor')
      .map(({ name, version }) => `${name} ${version}`)
      .join(' · ')}`,
    '## What is measured',
    howTo,
    '## Goals',
    goalsTable(createGoals(results)),
    '## Where a peer is ahead',
    better.length === 0
      ? 'Nowhere in the columns about reloading.'
      : `Columns about reloading in which a peer's median is better than regrow's better realm:\n\n${better.map(each => `- ${each}`).join('\n')}`,
    ...section(start),
    ...chart(chartFiles.start, 'start to first call, by size of the graph'),
    ...section(leaf),
    ...chart(chartFiles.latency, 'save to live, by size of the graph'),
    ...section(hub),
    ...section(batch),
    ...section(memory),
    ...section(reloads),
    ...chart(chartFiles.heap, 'heap, by reloads'),
    '## How each is set up',
    setUps,
  ].join('\n\n')}\n`
}

function describeRun(run: Run, isOneOfMany: boolean): string {
  const [before, after] = run.load.map(each => each.toFixed(1))
  const machine = `${run.date}, Node ${run.node}, ${run.system}, ${run.processor}, ${run.cores} cores, ${run.memoryGb} GB`
  const end = `${Math.round(run.seconds / 60)} minutes${run.stopped ? ', stopped early' : ''}`
  const busy =
    ' **Other work kept the processors busy meanwhile: times are longer than on a quiet machine, and scatter. Compare within a column only.**'
  return [
    isOneOfMany ? `${run.measured.join(', ')}: ` : '',
    `${machine}, ${end}. Load average before: ${before}, after: ${after}.`,
    run.remark === undefined ? '' : ` ${run.remark}`,
    Math.max(...run.load) > run.cores ? busy : '',
  ].join('')
}

const howTo = `Generated projects: some 40 lines a module, 50 modules a folder, and one module that all import. In a _tree_ each module imports
four others; in a _layered_ graph three of the next layer. Columns that say no more than a size are trees of JavaScript.

Each tool runs the project in processes of its own, by turns with the others, round after round. The program connects to the
harness, which calls into it again and again, as users call a server. **Start** is from the start of the process until the first answer;
nothing is cached from earlier runs, but for rows that say so. **Save to live** is from before the file is written until an answer comes from the new code,
through the whole chain of imports from the entry. **Memory** is that of all processes of a tool (proportional set size, in a session of its own, after a
collection in the program). **Heap a reload** is what one leaves: the slope of the program's collected heap, for regrow over pushed texts
(\`program.update()\`) in a heap of 64 MB, for peers over as many saves as they manage in a while. **Keeps state**: a variable of the saved module
has its value after a save. **Renews callbacks**: a function that was captured before runs the new code. **Saves live**: of pairs of saves, written in
place, over the old text, in chunks, by atomic rename and by backup and rename, 5–200 ms apart, how many went live with their last
content; \`npm run bench:saves\` does 500 saves with regrow.

\`import(?v=N)\` is the floor: the changed module alone is imported under a new name at the first event of \`fs.watch\`. Importers do not see it.

\`npm run bench\` takes about half an hour and writes this page and its charts. \`npm run bench -- --quick\` takes two minutes; it and runs
with \`--only\`, \`--sizes\` or \`--rounds\` write files only with \`--out directory\`. \`--json file\` writes all numbers.`

const setUps = `As their own documentation advises; the entries are in [test/bench/peers/guest](../test/bench/peers/guest).

| tool | set up |
| --- | --- |
| regrow | \`regrow run plain.js\`, and with \`--realm context\` |
| Vite's runner | a server in middleware mode, the entry run by its \`ssr\` environment; the entry accepts its only import |
| vite-node | \`vite-node --watch\`; the same entry |
| dynohot | \`node --enable-source-maps --import dynohot/register\`; the same entry |
| hot-hook | \`node --import hot-hook/register\`; the root module is the boundary, and imported at every call |
| node --watch, tsx watch, nodemon | the plain entry; nodemon runs TypeScript with \`--exec "node --import tsx"\` |

For TypeScript dynohot, hot-hook and the floor have \`--import tsx\` before them.`

function section({ title, head, rows, notes }: Table): string[] {
  return [
    `## ${title}`,
    markdown(head, rows),
    ...(notes.length > 0 ? [notes.map(note => `- ${inCell(note)}`).join('\n')] : []),
  ]
}

function goalsTable(goals: readonly Goal[]): string {
  const cell = ({ most }: Goal, value: number | undefined) =>
    value === undefined ? 'not measured' : `${value.toFixed(value < 10 ? 1 : 0)}${value <= most ? '' : ' **missed**'}`
  return markdown(
    ['goal', 'at most', 'realm main', 'realm context'],
    goals.map(each => [each.goal, `${each.most} ${each.unit}`, ...each.reached.map(value => cell(each, value))]),
  )
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(inCell).join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

function inCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
