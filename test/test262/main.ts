// `npm run test262 -- <checkout>`: the language tests of modules, functions and classes, under plain node and under regrow.
// Fails when a test fails that known.json does not list, when one passes that it lists, and below the wanted share.
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Verdict } from './child.js'

/** Folders of test/language; a `*` stands for the rest of a name. */
const folders = [
  ...['module-code', 'import', 'export', 'expressions/class', 'expressions/dynamic-import', 'expressions/import.meta'],
  ...['expressions/function', 'expressions/arrow-function', 'expressions/async-*', 'expressions/generators'],
  ...['statements/class', 'statements/function', 'statements/async-*', 'statements/generators', 'statements/const'],
  ...['statements/let', 'statements/variable'],
]

/** Of the tests that plain node passes, how many regrow must pass. */
const wantedShare = 0.995
/** What a test may take before its process is killed, in milliseconds. */
const testLimit = 20_000

const knownPath = fileURLToPath(new URL('../../../test/test262/known.json', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, jobs: { type: 'string' }, report: { type: 'string' } },
})
const checkout = positionals[0] === undefined ? undefined : resolve(positionals[0])
if (checkout === undefined || !existsSync(join(checkout, 'test/language'))) {
  console.error(
    'Usage: npm run test262 -- <checkout of tc39/test262> [--only text] [--jobs number] [--report file.json]\n' +
      'Get one with: git clone --depth 1 https://github.com/tc39/test262',
  )
  process.exit(2)
}

/** Reasons by test id. */
const known: Record<string, string> = JSON.parse(readFileSync(knownPath, 'utf8'))
const ids = testIds(checkout).filter(id => values.only === undefined || id.includes(values.only))
const verdicts: Verdict[] = []
const started = Date.now()
const waiting = [...ids].reverse()
const jobs = Number(values.jobs ?? availableParallelism())
await Promise.all(Array.from({ length: jobs }, () => work(checkout)))
progress()
process.stdout.write('\n')
report()

function testIds(root: string): string[] {
  const found: string[] = []
  for (const folder of folders) {
    const [parent, name] = [`test/language/${folder}`.replace(/\/[^/]*$/, ''), folder.replace(/^.*\//, '')]
    const matching = readdirSync(join(root, parent)).filter(each =>
      name.endsWith('*') ? each.startsWith(name.slice(0, -1)) : each === name,
    )
    for (const each of matching) {
      const files = readdirSync(join(root, parent, each), { recursive: true, encoding: 'utf8' })
      for (const file of files.sort())
        if (file.endsWith('.js') && !file.includes('_FIXTURE')) found.push(`${parent}/${each}/${file}`)
    }
  }
  return found
}

/** Takes tests until none is left; a process that hangs or dies is followed by another one. */
async function work(root: string): Promise<void> {
  let child: ChildProcess | undefined
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    child ??= fork(fileURLToPath(new URL('child.js', import.meta.url)), [root], {
      execArgv: ['--experimental-vm-modules', '--no-warnings', '--expose-gc'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const verdict = await ask(child, id)
    if (verdict) verdicts.push(verdict)
    else {
      child.kill('SIGKILL')
      child = undefined
      verdicts.push({ id, result: 'failed', why: 'it did not end, or ended the process' })
    }
    if (verdicts.length % 20 === 0) progress()
  }
  child?.kill()
}

function ask(child: ChildProcess, id: string): Promise<Verdict | undefined> {
  return new Promise(resolve => {
    const finish = (verdict?: Verdict) => {
      clearTimeout(limit)
      child.off('message', finish)
      child.off('exit', onExit)
      resolve(verdict)
    }
    const onExit = () => finish()
    const limit = setTimeout(finish, testLimit)
    child.on('message', finish)
    child.on('exit', onExit)
    child.send(id)
  })
}

function count(result: Verdict['result']): number {
  return verdicts.filter(each => each.result === result).length
}

function progress(): void {
  if (!process.stdout.isTTY) return
  const done = verdicts.length / ids.length
  const width = 30
  const bar = '█'.repeat(Math.round(done * width)).padEnd(width, '░')
  const failed = count('failed')
  process.stdout.write(`\r\x1b[2K${bar} ${verdicts.length} of ${ids.length}, ${failed} failed`)
}

function report(): void {
  const [passed, failed, skipped, notByNode] = (['passed', 'failed', 'skipped', 'not passed by node'] as const).map(
    count,
  )
  const share = passed! / Math.max(1, passed! + failed!)
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(verdicts, undefined, 1))
  const failures = verdicts.filter(each => each.result === 'failed')
  const unexpected = failures.filter(each => !(each.id in known))
  const mended = verdicts.filter(each => each.result === 'passed' && each.id in known)
  for (const each of unexpected) console.log(`✗ ${each.id}\n  ${each.why}`)
  for (const each of mended) console.log(`✓ ${each.id}\n  passes: take it off known.json`)
  console.log(`
node ${process.versions.node}   passed ${passed! + failed!}   failed ${notByNode}   skipped ${skipped}
regrow         passed ${passed}   failed ${failed} (${failures.length - unexpected.length} known)   ${(share * 100).toFixed(2)} % of what node passes
${((Date.now() - started) / 1000).toFixed(0)} s, ${jobs} processes`)
  if (unexpected.length > 0 || mended.length > 0 || share < wantedShare) process.exitCode = 1
}
