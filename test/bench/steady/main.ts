// `node dist/test/bench/steady/main.js`: compares programs run natively with the same under regrow, fresh and after ten reloads,
// and fails when regrow takes longer than it may.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { RealmKind } from '../../../host/api.js'
import { print, readOrTell, showProgress } from '../command-line.js'
import { type Comparison, compare, type Way } from './compare.js'
import { findPrograms } from './programs.js'
import { findFailures, footer, header, row, summarize } from './table.js'

const usage = `Usage: node dist/test/bench/steady/main.js [options]
  --realm main|context|both   where regrow runs the programs (both)
  --rounds number             processes for each way to run a program; the fastest counts (3)
  --only name,name            these programs alone
  --json file                 writes the results there
  --mean number               the greatest geometric mean of a column (1.03)
  --worst number              the greatest ratio of a program (1.25)`

const reloads = [0, 10]

/** @throws TypeError for an unknown option, Error for a value that makes no sense */
function readOptions() {
  const { values } = parseArgs({
    options: {
      realm: { type: 'string', default: 'both' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      json: { type: 'string' },
      mean: { type: 'string', default: '1.03' },
      worst: { type: 'string', default: '1.25' },
    },
  })
  const [rounds, mean, worst] = [Number(values.rounds), Number(values.mean), Number(values.worst)]
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1')
  if (!(mean > 0 && worst > 0)) throw new Error('--mean and --worst take a number above 0')
  if (!['main', 'context', 'both'].includes(values.realm)) throw new Error('--realm takes main, context or both')
  const realms = values.realm === 'both' ? (['main', 'context'] as const) : [values.realm as RealmKind]
  return { realms, rounds, mean, worst, json: values.json, programs: findPrograms(values.only?.split(',')) }
}

async function main(): Promise<void> {
  const options = readOrTell(readOptions, usage)
  if (!options) return
  const { realms, rounds, programs, json } = options
  const ways: Way[] = realms.flatMap(realm => reloads.map(count => ({ realm, reloads: count })))
  const started = Date.now()
  print(header(ways))
  const comparisons: Comparison[] = []
  const failures: string[] = []
  for (const [index, program] of programs.entries()) {
    const place = `${index + 1}/${programs.length}`
    try {
      const comparison = await compare(program, ways, rounds, now => showProgress(`${place}  ${now}`))
      comparisons.push(comparison)
      print(row(comparison))
    } catch (error) {
      failures.push((error as Error).message)
      print(`${program.name} failed`)
    }
  }
  const summaries = comparisons.length > 0 ? summarize(ways, comparisons) : []
  if (comparisons.length > 0) print(footer(summaries))
  const seconds = ((Date.now() - started) / 1000).toFixed(0)
  print(`node ${process.versions.node}, ${rounds} rounds, ${seconds} s; ratios are to native`)
  if (json !== undefined) {
    const results = { node: process.versions.node, rounds, ways, comparisons, summaries, failures }
    writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`)
  }
  failures.push(...findFailures(summaries, comparisons, options))
  for (const failure of failures) console.log(`✗ ${failure}`)
  if (failures.length > 0) process.exitCode = 1
}

await main()
