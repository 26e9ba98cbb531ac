// The command line of the benchmark.

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readOrTell } from '../command-line.js'
import { createPlan, type Part, type Plan, parts } from './plan.js'
import { findTools, type Tool } from './tools.js'

const usage = `Usage: npm run bench -- [options]
  --quick                  small projects, few saves, one round
  --sizes number,number    modules of the projects (10,100,1000,10000)
  --only name,name         these tools alone
  --parts name,name        trees (of JavaScript), kinds (layered and TypeScript), heap (kept by reloads)
  --rounds number          sessions of each tool in each project (2; 1 in the largest, the layered and the TypeScript ones)
  --json file              writes all numbers there
  --out directory          writes benchmarks.md and its charts there (docs, for a full run; nowhere otherwise)
  --from file,file         measures nothing, and shows what --json wrote before, several runs as one
Ctrl-C ends early, and shows what was measured.`

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url))

export interface Options {
  readonly plan: Plan
  readonly tools: readonly Tool[]
  readonly json: string | undefined
  readonly out: string | undefined
  /** Files that `json` wrote before: shown again, nothing is measured. */
  readonly from: readonly string[] | undefined
}

/** @throws TypeError for an unknown option, Error for a value that makes no sense */
function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      only: { type: 'string' },
      parts: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'string' },
      out: { type: 'string' },
      from: { type: 'string' },
    },
  })
  const { quick, json } = values
  const from = values.from?.split(',')
  const chosen = values.parts?.split(',').map(toPart)
  const sizes = values.sizes?.split(',').map(size => wholeNumber('--sizes', size, 2))
  const rounds = values.rounds === undefined ? undefined : wholeNumber('--rounds', values.rounds, 1)
  const isFull = !from && !quick && !sizes && !values.only && !chosen && rounds === undefined
  const plan = createPlan({
    quick,
    ...(sizes && { sizes }),
    ...(chosen && { parts: chosen }),
    ...(rounds !== undefined && { rounds }),
  })
  return { plan, tools: findTools(values.only?.split(',')), json, out: values.out ?? (isFull ? docs : undefined), from }
}

function toPart(name: string): Part {
  const part = parts.find(each => each === name)
  if (!part) throw new Error(`--parts takes ${parts.join(', ')}, not ${name}`)
  return part
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < least) throw new Error(`${option} takes whole numbers from ${least}`)
  return number
}

/** @returns undefined, having told why, when the command line is wrong */
export const readOptionsOrTell = (): Options | undefined => readOrTell(readOptions, usage)
