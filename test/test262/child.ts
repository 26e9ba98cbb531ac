// A process that runs tests of test262, one after another, as its parent says: natively, and where that passes, through regrow.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ending, Engine } from './engine.js'
import { createHarness, type Output } from './harness.js'
import { judge } from './judge.js'
import { metadataOf } from './metadata.js'
import { runInNode } from './node-engine.js'
import { runInRegrow } from './regrow-engine.js'

/** What the parent hears of one test. */
export interface Verdict {
  readonly id: string
  readonly result: 'passed' | 'failed' | 'skipped' | 'not passed by node'
  readonly why?: string
}

/** How long an asynchronous test may take to say that it is done, in milliseconds. */
const asyncLimit = 1500

const checkout = process.argv[2]!
const harnessOf = createHarness(checkout)

async function outcome(engine: Engine, id: string, source: string): Promise<string | undefined> {
  const test = metadataOf(source)
  const lines: string[] = []
  let settle = () => {}
  const settled = new Promise<void>(resolve => {
    settle = resolve
    if (!test.flags.has('async')) resolve()
  })
  const limit = setTimeout(settle, asyncLimit)
  const output: Output = {
    settled,
    print(text) {
      lines.push(text)
      if (text.startsWith('Test262:Async')) settle()
    },
  }
  const ending: Ending = await engine(checkout, harnessOf(id, test), output)
  clearTimeout(limit)
  return judge(test, ending, lines)
}

async function verdictOf(id: string): Promise<Verdict> {
  const source = readFileSync(join(checkout, id), 'utf8')
  if (metadataOf(source).flags.has('noStrict')) return { id, result: 'skipped', why: 'it is no code of a module' }
  const natively = await outcome(runInNode, id, source)
  if (natively !== undefined) return { id, result: 'not passed by node', why: natively }
  const why = await outcome(runInRegrow, id, source)
  return why === undefined ? { id, result: 'passed' } : { id, result: 'failed', why }
}

process.on('unhandledRejection', () => {})
process.on('uncaughtException', () => {})
process.on('message', async (id: string) => {
  let verdict: Verdict
  try {
    verdict = await verdictOf(id)
  } catch (error) {
    verdict = { id, result: 'failed', why: `regrow itself failed: ${(error as Error)?.stack}` }
  }
  process.send!(verdict)
})
