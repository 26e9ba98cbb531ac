// npm run test:nodes: the suite, and the heap over 10,000 reloads, on each major version of Node that regrow supports.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { print, readOrTell, showProgress } from '../bench/command-line.js'
import { retainedByRegrow } from '../bench/peers/retained.js'
import { realms } from '../support/program.js'

/** Each with the isolated-vm that is made for it. */
const versions = [
  { node: '20', isolatedVm: '5' },
  { node: '22', isolatedVm: '6' },
  { node: '24', isolatedVm: '7' },
  { node: '26', isolatedVm: '7' },
] as const

const reloads = 10_000
/** Bytes a reload may leave. */
const limit = 16

const usage = `Usage: npm run test:nodes -- [options]
  --only number,number  these major versions alone (${versions.map(each => each.node).join(',')})
  --parts name,name     suite, heap (both)`

const top = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const folder = join(tmpdir(), 'regrow-nodes')

function readOptions(): { nodes: readonly string[]; parts: readonly string[] } {
  const { values } = parseArgs({ options: { only: { type: 'string' }, parts: { type: 'string' } } })
  const nodes = values.only?.split(',') ?? versions.map(each => each.node)
  const parts = values.parts?.split(',') ?? ['suite', 'heap']
  for (const each of nodes)
    if (!versions.some(({ node }) => node === each)) throw new Error(`no version '${each}' is tested`)
  for (const each of parts) if (!['suite', 'heap'].includes(each)) throw new Error(`no part is called '${each}'`)
  return { nodes, parts }
}

/** @throws Error with what the command printed */
function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** Gets a Node from npm, with its headers. @returns its directory */
function installNode(major: string): string {
  const name = `node-${process.platform}-${process.arch}`
  const prefix = join(folder, major)
  const directory = join(prefix, 'node_modules', name)
  if (existsSync(join(directory, 'bin/node'))) return directory
  mkdirSync(prefix, { recursive: true })
  run('npm', ['install', '--no-audit', '--no-fund', '--prefix', prefix, `${name}@${major}`], prefix)
  return directory
}

/** A copy of the project with that Node's own isolated-vm; everything else is what this checkout has installed. @returns its directory */
function copyProject(major: string, isolatedVm: string, node: string, env: NodeJS.ProcessEnv): string {
  const addon = join(folder, major, 'addon')
  if (!existsSync(join(addon, 'node_modules/isolated-vm'))) {
    mkdirSync(addon, { recursive: true })
    const args = ['install', '--no-audit', '--no-fund', '--foreground-scripts', '--prefix', addon]
    run('npm', [...args, `isolated-vm@${isolatedVm}`], addon, { ...env, npm_config_nodedir: node })
  }
  const copy = join(folder, major, 'project')
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(join(copy, 'node_modules'), { recursive: true })
  for (const name of readdirSync(top))
    if (name !== 'node_modules' && name !== '.git') cpSync(join(top, name), join(copy, name), { recursive: true })
  for (const name of readdirSync(join(top, 'node_modules'))) {
    const from = name === 'isolated-vm' ? join(addon, 'node_modules') : join(top, 'node_modules')
    symlinkSync(join(from, name), join(copy, 'node_modules', name))
  }
  return copy
}

/** Runs mocha. @returns whether it passed, and its last lines */
function runSuite(copy: string, node: string, env: NodeJS.ProcessEnv): { passed: boolean; summary: string } {
  const mocha = join(copy, 'node_modules/mocha/bin/mocha.js')
  const { status, stdout, stderr } = spawnSync(join(node, 'bin/node'), [mocha, '--reporter', 'dot'], {
    cwd: copy,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const counts = stdout.match(/^ +\d+ (?:passing|pending|failing).*$/gm) ?? []
  const failures = status === 0 ? '' : `\n${stdout.slice(stdout.search(/^ +\d+ passing/m))}${stderr}`
  return { passed: status === 0, summary: counts.map(each => each.trim()).join(', ') + failures }
}

async function testHeap(node: string): Promise<boolean> {
  let passed = true
  for (const realm of realms) {
    for (const outcome of ['applied', 'rejected'] as const) {
      const { bytesPerReload } = await retainedByRegrow(realm, outcome, reloads, join(node, 'bin/node'))
      const isMet = bytesPerReload <= limit
      passed &&= isMet
      print(
        `  ${isMet ? '✓' : '✗'} ${reloads} ${outcome} reloads, ${realm}: ${bytesPerReload.toFixed(1)} bytes a reload`,
      )
    }
  }
  return passed
}

async function testOn(major: string, isolatedVm: string, parts: readonly string[]): Promise<boolean> {
  showProgress(`Node ${major}: installing`)
  const node = installNode(major)
  const env = { ...process.env, PATH: join(node, 'bin') + delimiter + process.env.PATH }
  print(`Node ${run(join(node, 'bin/node'), ['--version'], top).trim()}`)
  let passed = true
  if (parts.includes('suite')) {
    showProgress(`Node ${major}: isolated-vm ${isolatedVm}`)
    const copy = copyProject(major, isolatedVm, node, env)
    showProgress(`Node ${major}: the suite`)
    const result = runSuite(copy, node, env)
    passed &&= result.passed
    print(`  ${result.passed ? '✓' : '✗'} suite: ${result.summary}`)
    if (result.passed) rmSync(copy, { recursive: true, force: true })
  }
  if (parts.includes('heap')) {
    showProgress(`Node ${major}: heap`)
    passed = (await testHeap(node)) && passed
  }
  return passed
}

const options = readOrTell(readOptions, usage)
for (const { node, isolatedVm } of versions) {
  if (!options?.nodes.includes(node)) continue
  try {
    if (!(await testOn(node, isolatedVm, options.parts))) process.exitCode = 1
  } catch (error) {
    print(`  ✗ ${(error as Error).message}`)
    process.exitCode = 1
  }
}
