// The package as a user gets it: packed, installed in an empty folder, run, type-checked.
import assert from 'node:assert/strict'
import { type ExecFileOptions, execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findQuickStart, lines } from './quick-start.js'

const require = createRequire(import.meta.url)
/** The checkout; this file runs from dist/test/package. */
const top = fileURLToPath(new URL('../../..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))

/** Milliseconds for anything that npm does. */
const npmDeadline = 110_000

const execute = promisify(execFile)

/** Runs a program and resolves to its stdout; what it printed is in the message when it fails. */
async function run(command: string, args: readonly string[], options: ExecFileOptions): Promise<string> {
  const text = { encoding: 'utf8' as const, timeout: 30_000, maxBuffer: 2 ** 26 }
  try {
    return (await execute(command, args, { ...text, ...options, encoding: 'utf8' })).stdout
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout?: string; stderr?: string }
    throw new Error(`${message}\n${stdout ?? ''}\n${stderr ?? ''}`, { cause: error })
  }
}

const npm = (command: 'npm' | 'npx', args: readonly string[], cwd: string) =>
  run(command, args, { cwd, timeout: npmDeadline, shell: process.platform === 'win32' })

describe('the package', function () {
  this.timeout(120_000)
  let folder: string
  let installed: string
  let packed: string[]

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-package-')))
    // Without scripts: `prepack` would build anew and take away the very files that are running.
    const answer = await npm('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], top)
    const [{ filename, files }] = JSON.parse(answer)
    packed = files.map((file: { path: string }) => file.path)
    writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }')
    await npm('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`], folder)
    installed = join(folder, 'node_modules/regrow')
  })

  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  it('holds what its manifest names, and no tests', () => {
    const { bin, main, types, exports } = manifest
    const entries = ['.', './guest', './hot'].flatMap(each => Object.values(exports[each]))
    const named = [bin.regrow, main, types, ...entries]
    for (const path of named as string[]) assert.ok(packed.includes(path.replace(/^\.\//, '')), path)
    for (const path of ['LICENSE', 'README.md', 'package.json']) assert.ok(packed.includes(path), path)
    const strangers = packed.filter(
      path => !/^dist\/(bundle|host|guest|bundler)\/|^[A-Z]+(\.md)?$|^package\.json$/.test(path),
    )
    assert.deepEqual(strangers, [])
    assert.deepEqual(
      packed.filter(path => /(^|\/)test\/|\.test\.|fixture|scenario/.test(path)),
      [],
    )
  })

  it('names no path of the machine that packed it', () => {
    const places = [join(top, '/'), join(realpathSync(top), '/'), join(homedir(), '/'), folder].filter(
      each => each !== '/',
    )
    const files = readdirSync(installed, { recursive: true, withFileTypes: true }).filter(each => each.isFile())
    assert.ok(files.length >= packed.length)
    for (const file of files) {
      const path = join(file.parentPath, file.name)
      if (path.startsWith(join(installed, 'node_modules'))) continue
      const text = readFileSync(path, 'utf8')
      for (const place of places) assert.ok(!text.includes(place), `${path} names ${place}`)
    }
  })

  it('installs its command', async () => {
    assert.equal(
      (await npm('npx', ['--no-install', 'regrow', '--version'], folder)).match(/\d+\.\d+\.\d+\S*/)?.[0],
      manifest.version,
    )
    writeFileSync(join(folder, 'hello.ts'), `const name: string = 'limb'\nconsole.log('hello ' + name)`)
    const printed = await npm('npx', ['--no-install', 'regrow', 'run', '--no-watch', 'hello.ts'], folder)
    assert.match(printed, /^hello limb$/m)
  })

  it("prints what the README's quick start says", async () => {
    const { program, files, prints } = findQuickStart(readFileSync(join(installed, 'README.md'), 'utf8'))
    const place = join(folder, 'quick-start')
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(place, name)), { recursive: true })
      writeFileSync(join(place, name), text)
    }
    assert.deepEqual(lines(await run(process.execPath, [program], { cwd: place })), prints)
  })

  it('type-checks in a strict consumer', async () => {
    const place = join(folder, 'types')
    mkdirSync(place)
    writeFileSync(
      join(place, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          noEmit: true,
          target: 'es2022',
          module: 'nodenext',
          types: ['node'],
          typeRoots: [dirname(dirname(require.resolve('@types/node/package.json')))],
        },
        files: ['consumer.ts', 'hot.ts'],
      }),
    )
    writeFileSync(join(place, 'consumer.ts'), consumer)
    writeFileSync(join(place, 'hot.ts'), `/// <reference types="regrow/hot" />\n${hot}`)
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
    assert.equal(await run(process.execPath, [tsc, '-p', place], { cwd: place }), '')
  })

  it("gives import.meta.hot a type that code for Vite's fits, too", async () => {
    const place = join(folder, 'vite-types')
    mkdirSync(place)
    const vite = dirname(require.resolve('vite/package.json'))
    writeFileSync(
      join(place, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          skipLibCheck: true,
          noEmit: true,
          target: 'es2022',
          module: 'nodenext',
          types: [],
        },
        files: ['hot.ts'],
      }),
    )
    writeFileSync(join(place, 'hot.ts'), `/// <reference types="${vite}/client.d.ts" />\n${hot}`)
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
    assert.equal(await run(process.execPath, [tsc, '-p', place], { cwd: place }), '')
  })
})

/** Uses `import.meta.hot` as both regrow and Vite declare it. */
const hot = `
  if (import.meta.hot) {
    const { hot } = import.meta
    hot.accept()
    hot.accept(module => console.log(module?.version))
    hot.accept('./part.js', part => console.log(part?.version))
    hot.accept(['./one.js', './two.js'] as const, ([one, two]) => console.log(one?.version, two?.version))
    hot.acceptExports('version')
    hot.acceptExports(['version'], module => console.log(module?.version))
    hot.dispose(data => void (data.version = 1))
    hot.prune(data => console.log(data.version, hot.data.version))
    hot.invalidate('because')
    hot.invalidate()
    const listener = ({ updates }: { updates: readonly { path: string }[] }) => console.log(updates[0]?.path)
    hot.on('vite:beforeUpdate', listener)
    hot.off('vite:beforeUpdate', listener)
    hot.on('vite:beforePrune', ({ paths }) => console.log(paths.length))
    hot.on('vite:invalidate', ({ path, message, firstInvalidatedBy }) => console.log(path, message ?? firstInvalidatedBy))
    hot.on('vite:error', ({ err }) => console.log(err.message))
    hot.send('app:said', { data: 1 })
  }
  export {}
`

/** Uses every part of the public types; what must not type-check is marked, which fails when it does. */
const consumer = `
  import { createHost, RegrowError, type Host, type HostOptions, type Program, type ReloadReport, type SourceStore } from 'regrow'
  import { changes, keep, migrate, onDispose, reloading } from 'regrow/guest'
  import type { HotContext } from 'regrow/hot'

  const store: SourceStore = { read: id => (id === 'main.ts' ? 'export const x = 1' : undefined) }
  const options: HostOptions = { sources: store, realm: 'context', watch: false, packages: ['express'] }
  const host: Host = createHost(options)
  const program: Program = await host.run('main.ts', { args: ['one'] })
  program.on('reload', (report: ReloadReport) => {
    const names: readonly string[] = report.modules.flatMap(module => module.patched)
    if (report.error instanceof RegrowError) console.log(report.error.code, names, report.timing.total)
  })
  const report = await program.update({ 'main.ts': 'export const x = 2', 'old.ts': null })
  const outcome: 'applied' | 'unchanged' | 'rejected' = report.outcome
  const answer: unknown = await program.call('x', 1, 2)
  const ids: string[] = program.modules().map(module => module.id)
  const isReloading: boolean = reloading()
  const cache: Map<string, number> = keep(() => new Map<string, number>())
  class Item { price = 1 }
  migrate(Item, item => { item.price += cache.size })
  onDispose(async () => {})
  const names: readonly string[] = changes().flatMap(each => each.names)
  const declined = (hot: HotContext) => hot.decline()
  program.on('message', (event: string, data: unknown) => console.log(event, data))
  console.log(report.failures?.map(each => each.code), names, declined)
  await program.close({ dispose: false })
  await host.close()
  export { answer, ids, isReloading, outcome }

  // @ts-expect-error there is no such realm
  createHost({ realm: 'nowhere' })
  // @ts-expect-error there is no such option
  createHost({ watches: true })
  // @ts-expect-error sources are texts
  await program.update({ 'main.ts': 1 })
  // @ts-expect-error an abstract thing is no class
  migrate({}, () => {})
  // @ts-expect-error there is no such event
  program.on('reloaded', () => {})
`
