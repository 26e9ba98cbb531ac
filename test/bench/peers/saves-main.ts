// `npm run bench:saves`: whether every one of 500 random saves goes live with its last content, under regrow in both realms.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Project } from './project.js'
import { createRandom, saveRandomly } from './saves.js'
import { Session } from './session.js'
import { findTools } from './tools.js'

const usage = `Usage: npm run bench:saves -- [options]
  --count number   saves (500)
  --seed number    for the same saves again
  --only name      another tool than regrow`

const modules = 100
/** Milliseconds after the last save of a pair. */
const deadline = 2000

function readOptions() {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '500' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
      only: { type: 'string', default: 'regrow main,regrow context' },
    },
  })
  const [count, seed] = [Number(values.count), Number(values.seed)]
  if (!Number.isInteger(count) || count < 2) throw new Error('--count takes a whole number from 2')
  if (!Number.isInteger(seed)) throw new Error('--seed takes a whole number')
  return { count, seed, tools: findTools(values.only.split(',')) }
}

async function main(): Promise<void> {
  let options: ReturnType<typeof readOptions>
  try {
    options = readOptions()
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
    return
  }
  const { count, seed, tools } = options
  for (const tool of tools) {
    const command = tool.command('js')
    if (typeof command === 'string') throw new Error(`${tool.name}: ${command}`)
    const directory = mkdtempSync(join(tmpdir(), 'regrow-saves-'))
    try {
      const project = new Project(join(directory, 'project'), { shape: 'tree', language: 'js', size: modules })
      await using session = await Session.start(project, command, 30_000)
      const { lost } = await saveRandomly(session, project, {
        count,
        random: createRandom(seed),
        deadline,
        onPair(pair) {
          if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${tool.name}: ${pair * 2} of ${count} saves`)
        },
      })
      if (process.stdout.isTTY) process.stdout.write('\r\x1b[2K')
      console.log(
        `${lost.length === 0 ? '✓' : '✗'} ${tool.name}: ${count} saves, ${lost.length} pairs lost (seed ${seed})`,
      )
      for (const pair of lost) console.log(`    ${pair}`)
      if (lost.length > 0) process.exitCode = 1
    } finally {
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
    }
  }
}

await main()
