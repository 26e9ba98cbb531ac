// Which saves of files a program hears of: those of its graph, and of what it failed for.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Host, Program, ReloadReport, RunOptions } from '../../host/api.js'
import type { RegrowError } from '../../host/errors.js'
import { createHost } from '../../host/index.js'
import { createFolder, type Folder } from '../support/terminal.js'

describe('what is followed', () => {
  let folder: Folder
  let host: Host
  beforeEach(() => {
    folder = createFolder({})
    host = createHost({ root: folder.path, realm: 'context' })
  })
  afterEach(async () => {
    await host.close()
    folder.remove()
  })

  const save = (files: Record<string, string>) => folder.write(files)

  async function reloaded(program: Program, files: Record<string, string>): Promise<ReloadReport> {
    const signal = AbortSignal.timeout(5000)
    const next = once(program, 'reload', { signal })
    save(files)
    return (await next)[0]
  }

  describe('R14 a reload that failed is made good by a new file that', () => {
    const cases: Record<string, Record<string, string>> = {
      'lacked an export': { 'new.js': `export const other = 1` },
      'imported one that is broken': { 'new.js': `import './broken.js'\nexport const n = 1`, 'broken.js': 'export (' },
      'imported one that is not there': { 'new.js': `import './absent.js'\nexport const n = 1` },
      threw: { 'new.js': `throw new Error('no')` },
    }
    for (const [what, files] of Object.entries(cases)) {
      it(what, async () => {
        save({ 'main.js': `export const n = 0` })
        const program = await host.run('./main.js')
        const failed = await reloaded(program, { ...files, 'main.js': `export { n } from './new.js'` })
        assert.equal(failed.outcome, 'rejected')
        const mended = await reloaded(program, { 'new.js': `export const n = 2` })
        assert.equal(mended.outcome, 'applied', mended.error?.message)
        assert.equal(program.exports.n, 2)
      })
    }
  })

  describe('R14 a reload that failed is made good by a package.json that', () => {
    const main = (from: string) => ({ 'main.js': `import { n } from '${from}'\nexport const told = () => n` })
    const imports = (names: object) => ({ 'package.json': JSON.stringify({ type: 'module', imports: names }) })
    beforeEach(() =>
      save({ ...imports({ '#one': './one.js' }), 'one.js': 'export const n = 1', 'two.js': 'export const n = 2' }),
    )

    it('is written last when a package is installed', async () => {
      save(main('#one'))
      const program = await host.run('./main.js')
      const missed = await reloaded(program, main('new-package'))
      assert.match(missed.error!.message, /cannot find package 'new-package'/)
      save({
        'node_modules/new-package/package.json': JSON.stringify({ type: 'module', exports: './a.js' }),
        'node_modules/new-package/a.js': 'export const n = 3',
      })
      await reloaded(program, {
        'package.json': JSON.stringify({ type: 'module', dependencies: { 'new-package': '1' } }),
      })
      assert.equal(program.exports.told(), 3)
    })

    it('lacked a name, or was broken', async () => {
      save({ 'src/main.js': main('#one')['main.js'] })
      const program = await host.run('./src/main.js')
      const edit = (from: string) => reloaded(program, { 'src/main.js': main(from)['main.js'] })
      assert.equal((await edit('#two')).outcome, 'rejected')
      await reloaded(program, imports({ '#two': './two.js' }))
      assert.equal(program.exports.told(), 2)
      save({ 'package.json': '{{' })
      assert.match((await edit('#one')).error!.message, /'#one' imported by src\/main\.js; .*package\.json is no JSON/)
      await reloaded(program, imports({ '#one': './one.js' }))
      assert.equal(program.exports.told(), 1)
    })
  })

  describe('tsconfig.json', () => {
    const aliases = (file: string, more = {}) =>
      JSON.stringify({ compilerOptions: { paths: { '@n': [file] } }, ...more })
    const extending = JSON.stringify({ extends: '../base' })
    beforeEach(() => {
      save({
        'main.ts': `import { n } from './a/a.ts'\nimport { b } from './b/b.ts'\nexport const told = () => [n, b()]`,
        'a/a.ts': `export { n } from '@n'`,
        'b/b.ts': `export const b = () => 0 as number`,
        'b/tsconfig.json': '{}',
        'one.ts': `export const n: number = 1`,
        'two.ts': `export const n: number = 2`,
      })
    })
    const run = async (files: Record<string, string>) => {
      save(files)
      const program = await host.run('./main.ts')
      // Builds what another tsconfig.json governs.
      await reloaded(program, { 'b/b.ts': `export const b = () => 5 as number` })
      assert.deepEqual([...program.exports.told()], [1, 5])
      return program
    }

    it('of another folder than that of the last save is followed', async () => {
      const program = await run({ 'a/tsconfig.json': aliases('../one.ts') })
      await reloaded(program, { 'a/tsconfig.json': aliases('../two.ts') })
      assert.deepEqual([...program.exports.told()], [2, 5])
    })

    it('is followed through what it extends, broken, mended, gone and back', async () => {
      const program = await run({ 'a/tsconfig.json': extending, 'base.json': aliases('./one.ts') })
      await reloaded(program, { 'base.json': aliases('./two.ts') })
      assert.deepEqual([...program.exports.told()], [2, 5])
      const broken = await reloaded(program, { 'base.json': '{"compilerOptions": {' })
      assert.equal(broken.outcome, 'rejected')
      assert.match(broken.error!.message, /^base\.json is invalid: .*line 1/)
      await reloaded(program, { 'base.json': aliases('./one.ts') })
      assert.deepEqual([...program.exports.told()], [1, 5])
      const gone = once(program, 'reload', { signal: AbortSignal.timeout(5000) })
      rmSync(join(folder.path, 'base.json'))
      assert.match((await gone)[0].error.message, /^a\/tsconfig\.json is invalid: .*'\.\.\/base' not found/)
      await reloaded(program, { 'base.json': aliases('./two.ts') })
      assert.deepEqual([...program.exports.told()], [2, 5])
    })

    it('may extend itself in a circle: that is told, and mended', async () => {
      const program = await run({ 'a/tsconfig.json': extending, 'base.json': aliases('./one.ts') })
      const circle = await reloaded(program, { 'base.json': aliases('./one.ts', { extends: './a/tsconfig.json' }) })
      assert.match(circle.error!.message, /[Cc]ircular/)
      await reloaded(program, { 'base.json': aliases('./two.ts') })
      assert.deepEqual([...program.exports.told()], [2, 5])
    })
  })

  describe('onFailedStart', () => {
    /** Starts, and tells of each failure. */
    function start(options: RunOptions = {}) {
      const failures: RegrowError[] = []
      let heard = () => {}
      const onFailedStart = (error: RegrowError) => {
        failures.push(error)
        heard()
      }
      const started = host.run('./main.js', { onFailedStart, ...options })
      started.catch(() => {})
      const failed = async (count: number) => {
        while (failures.length < count)
          await new Promise<void>(resolve => {
            heard = resolve
          })
        return failures[count - 1]!
      }
      return { started, failed, failures }
    }

    const main = `import { n } from './n.js'\nexport const double = n * 2`

    it('a first load is made again when what failed is saved, until it goes well', async () => {
      save({ 'main.js': main })
      const { started, failed, failures } = start()
      assert.match((await failed(1)).message, /cannot find '\.\/n\.js'/)
      save({ 'n.js': 'export const n =' })
      assert.equal((await failed(2)).code, 'ERR_REGROW_BUILD')
      save({ 'n.js': `export const m = 1` })
      assert.equal((await failed(3)).code, 'ERR_REGROW_LINK')
      save({ 'n.js': `throw new Error('no')\nexport const n = 1` })
      assert.equal((await failed(4)).code, 'ERR_REGROW_EVALUATE')
      save({ 'n.js': `export const n = 2` })
      const program = await started
      assert.equal(program.exports.double, 4)
      assert.equal(failures.length, 4)
      const report = await reloaded(program, { 'n.js': `export const n = 3` })
      assert.equal(report.outcome, 'applied')
      assert.equal(program.exports.double, 6)
      assert.deepEqual((await program.stats()).reloads, { applied: 1, unchanged: 0, rejected: 0 })
    })

    it('it hears of any file that it had read', async () => {
      save({ 'main.js': main, 'n.js': 'export const n =' })
      const { started, failed } = start()
      await failed(1)
      save({ 'main.js': `export const double = 8` })
      assert.equal((await started).exports.double, 8)
    })

    it('what a load that failed had made is gone before the next', async () => {
      const tells = `import { log } from 'told'\nlog.push('open')\nexport const n = { [Symbol.dispose]() { log.push('close') } }`
      save({ 'main.js': `${main}\nthrow new Error('no')`, 'n.js': tells })
      const log: string[] = []
      const { started, failed } = start({ modules: { told: { log } } })
      await failed(1)
      save({ 'main.js': main })
      await started
      assert.deepEqual(log, ['open', 'close', 'open'])
    })

    it('closing the host ends the wait', async () => {
      save({ 'main.js': 'export (' })
      const { started, failed } = start()
      await failed(1)
      await host.close()
      await assert.rejects(started, { code: 'ERR_REGROW_CLOSED' })
    })

    it('without watching, and for what no save can mend, the run rejects at once', async () => {
      save({ 'main.js': 'export (' })
      const unwatched = start({ watch: false })
      await assert.rejects(unwatched.started, { code: 'ERR_REGROW_BUILD' })
      const options = { onFailedStart: () => assert.fail('it waits') }
      await assert.rejects(host.run('../main.js', options), { code: 'ERR_REGROW_DENIED' })
      assert.deepEqual(unwatched.failures, [])
    })
  })
})
