// The command line of the benchmark.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createPlan, type Plan } from './plan.js'
import { findTools, type Tool } from './tools.js'

const usage = `Usage: npm run bench -- [options]
  --quick                  small projects, few saves, one round
  --sizes number,number    modules of the projects (10,100,1000,10000)
  --only name,name         these tools alone
  --rounds number          sessions of each tool in each project (2; 1 in the largest, the layered and the TypeScript ones)
  --json file              writes all numbers there
  --out directory          writes benchmarks.md and its charts there (docs, for a full run; nowhere otherwise)
  --from file              measures nothing, and shows what --json wrote before
Ctrl-C ends early, and shows what was measured.`

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url))

export interface Options {
  readonly plan: Plan
  readonly tools: readonly Tool[]
  readonly json: string | undefined
  readonly out: string | undefined
  /** A file that `json` wrote before: shown again, nothing is measured. */
  readonly from: string | undefined
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
      from: { type: 'string' },
    },
  })
  const { quick, json, from } = values
  const sizes = values.sizes?.split(',').map(size => wholeNumber('--sizes', size, 2))
  const rounds = values.rounds === undefined ? undefined : wholeNumber('--rounds', values.rounds, 1)
  const isFull = !from && !quick && !sizes && !values.only && rounds === undefined
  const plan = createPlan({ quick, ...(sizes && { sizes }), ...(rounds !== undefined && { rounds }) })
  return { plan, tools: findTools(values.only?.split(',')), json, out: values.out ?? (isFull ? docs : undefined), from }
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < least) throw new Error(`${option} takes whole numbers from ${least}`)
  return number
}

/** @returns undefined, having told why, when the command line is wrong */
export function readOptionsOrTell(): Options | undefined {
  try {
    return readOptions()
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}
