// npm run bench:isolates: measures isolates, prints what came of it, and with --write puts it into docs/benchmarks.md.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cores, load, processor } from '../machine.js'
import { writeSection } from '../page-section.js'
import { measureBesideContext } from './beside-context.js'
import { measureCrowd } from './crowd.js'
import type { Row } from './rows.js'

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '200' },
    calls: { type: 'string', default: '20000' },
    reloads: { type: 'string', default: '2000' },
    write: { type: 'boolean', default: false },
  },
})
const count = Number(values.programs)
const page = fileURLToPath(new URL('../../../../docs/benchmarks.md', import.meta.url))

function show(title: string, rows: readonly Row[]): void {
  console.log(`${title}\n${rows.map(([what, figure]) => `  ${what.padEnd(74)} ${figure}`).join('\n')}\n`)
}
const table = (rows: readonly Row[]) =>
  `| | |\n| --- | ---: |\n${rows.map(([what, figure]) => `| ${what} | ${figure} |`).join('\n')}`

const loadBefore = load()
const began = performance.now()
const besideContext = await measureBesideContext(Number(values.reloads))
show('one program in a process of its own', besideContext)
const crowd = await measureCrowd(count, Number(values.calls))
show(`${count} programs in shared processes`, crowd)
const minutes = ((performance.now() - began) / 60_000).toFixed(1)

if (values.write) {
  const date = new Date().toISOString().slice(0, 10)
  writeSection(
    page,
    'isolates',
    `## Isolates

Written by \`npm run bench:isolates -- --write\`: ${date}, Node ${process.versions.node}, ${processor}, ${cores} cores, ${minutes} minutes.
Load average before: ${loadBefore}, after: ${load()}.

One program of some forty lines, in a process of its own, beside the same one in a context:

${table(besideContext)}

${count} programs of one host with \`process: 'shared'\` in a few processes:

${table(crowd)}
`,
  )
  console.log('wrote docs/benchmarks.md')
}
