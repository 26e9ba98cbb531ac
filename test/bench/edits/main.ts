// npm run bench:edits: what each kind of edit costs in a small graph and in a large one, by turns; --write puts it into docs/benchmarks.md.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { print, readOrTell, showProgress } from '../command-line.js'
import { cores, load, processor } from '../machine.js'
import { writeSection } from '../page-section.js'
import { median } from '../peers/statistics.js'
import type { Asked } from './child.js'
import { kinds } from './kinds.js'

const usage = `Usage: npm run bench:edits -- [options]
  --sizes number,number  modules of the two programs (10,10000)
  --count number         edits of each kind, each of another module (20)
  --realm name           main or context (main)
  --write                puts the table into docs/benchmarks.md`

const child = fileURLToPath(new URL('./child.js', import.meta.url))
const page = fileURLToPath(new URL('../../../../docs/benchmarks.md', import.meta.url))
/** What is done after an edit is done then. */
const pause = 100
/** Milliseconds after a start until the rehearsal of edits is over. */
const rest = 2000

function readOptions(): { sizes: number[]; count: number; realm: string; write: boolean } {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '10,10000' },
      count: { type: 'string', default: '20' },
      realm: { type: 'string', default: 'main' },
      write: { type: 'boolean', default: false },
    },
  })
  const sizes = values.sizes.split(',').map(Number)
  const count = Number(values.count)
  if (sizes.length !== 2 || ![...sizes, count].every(each => Number.isInteger(each) && each > 0))
    throw new Error('--sizes takes two whole numbers, --count one')
  if (!['main', 'context'].includes(values.realm)) throw new Error('--realm takes main or context')
  return { sizes, count, realm: values.realm, write: values.write }
}

async function start(size: number, realm: string): Promise<ChildProcess> {
  const program = fork(child, [String(size), realm])
  program.once('exit', code => {
    if (code !== 0) throw new Error(`the program of ${size} modules ended with ${code}`)
  })
  await once(program, 'message')
  return program
}

async function ask(program: ChildProcess, asked: Asked): Promise<number> {
  const answered = once(program, 'message')
  program.send(asked)
  return (await answered)[0]
}

const options = readOrTell(readOptions, usage)
if (options) {
  const { sizes, count, realm, write } = options
  const loadBefore = load()
  showProgress('starting')
  const programs: ChildProcess[] = []
  for (const size of sizes) programs.push(await start(size, realm))
  await delay(rest)
  const header = `| kind of edit | ${sizes.map(size => `${size.toLocaleString('en')} modules`).join(' | ')} | ratio |`
  const rows = [header, '| --- | ---: | ---: | ---: |']
  print(header)
  for (const [kind, { name }] of kinds.entries()) {
    const times: number[][] = sizes.map(() => [])
    for (let number = 1; number <= count; number++) {
      showProgress(`${name}: ${number} of ${count}`)
      for (const [index, program] of programs.entries()) {
        times[index]!.push(await ask(program, { kind, number: kind * count + number }))
        await delay(pause)
      }
    }
    const [small, large] = times.map(each => median(each)!) as [number, number]
    rows.push(`| ${name} | ${small.toFixed(1)} | ${large.toFixed(1)} | ${(large / small).toFixed(2)} |`)
    print(rows.at(-1)!)
  }
  for (const program of programs) program.disconnect()
  if (write) {
    const date = new Date().toISOString().slice(0, 10)
    writeSection(
      page,
      'edits',
      `## Kinds of edits

Written by \`npm run bench:edits -- --write\`: ${date}, Node ${process.versions.node}, ${processor},
${cores} cores, realm ${realm}. Load average before: ${loadBefore}, after: ${load()}.

Two programs in processes of their own are edited by turns. Milliseconds from before the save until its report, median of ${count} edits, each of another module
that was not edited before while there are such:

${rows.join('\n')}
`,
    )
    console.log('wrote docs/benchmarks.md')
  }
}
