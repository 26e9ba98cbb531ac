// Rule R14: files that changed together are one reload; edits during a reload make the next.
import assert from 'node:assert/strict'
import type { ReloadReport } from '../../host/api.js'
import { inEveryRealm } from '../support/program.js'

const three = (n: number) => ({
  'a.js': `export const a = () => 'a${n}'`,
  'b.js': `export const b = () => 'b${n}'`,
  'c.js': `export const c = ${n}`,
})
const main = `
  import { a } from './a.js'
  import { b } from './b.js'
  import { c } from './c.js'
  export function run() { return [a(), b(), c] }`

describe('R14 batches', () => {
  inEveryRealm(start => {
    it('many files that changed together are one report and one event', async () => {
      const app = await start({ 'main.js': main, ...three(1) })
      await app.expect('run', ['a1', 'b1', 1])
      const heard: ReloadReport[] = []
      app.program.on('reload', report => heard.push(report))
      const report = await app.edit(three(2))
      await app.expect('run', ['a2', 'b2', 2])
      assert.deepEqual(report.modules.map(module => module.id).sort(), ['a.js', 'b.js', 'c.js'])
      assert.deepEqual(heard, [report])
    })

    it('update() pushes a batch of sources, null deletes one', async () => {
      const app = await start({ 'main.js': main, ...three(1) })
      const report = await app.program.update({
        'main.js': `import { all } from './all.js'\nexport function run() { return all() }`,
        'all.js': `import { a } from './a.js'\nexport const all = () => [a()]`,
        'b.js': null,
        'c.js': null,
      })
      assert.equal(report.outcome, 'applied', report.error?.message)
      await app.expect('run', ['a1'])
      assert.deepEqual(
        app.program
          .modules()
          .map(module => module.id)
          .sort(),
        ['a.js', 'all.js', 'main.js'],
      )
    })

    it('a renamed file with its importers is one batch', async () => {
      const app = await start({ 'main.js': main, ...three(1) })
      await app.expect('run', ['a1', 'b1', 1])
      await app.edit({ 'main.js': main.replace('./a.js', './moved.js'), 'a.js': null, 'moved.js': three(5)['a.js'] })
      await app.expect('run', ['a5', 'b1', 1])
    })

    it('one bad file holds back the batch, whatever its place in it', async () => {
      for (const bad of ['a.js', 'b.js', 'c.js']) {
        const app = await start({ 'main.js': main, ...three(1) })
        await app.edit({ ...three(2), [bad]: 'export const (' }, 'rejected')
        await app.expect('run', ['a1', 'b1', 1])
        await app.edit({ [bad]: three(2)[bad as 'a.js'] })
        await app.expect('run', ['a2', 'b2', 2])
      }
    })

    it('two modules that depend on each other change together', async () => {
      const files = (name: string, n: number) => ({
        'main.js': `import { ${name} } from './peer.js'\nexport const base${n} = ${n}\nexport function run() { return ${name}() }`,
        'peer.js': `import { base${n} } from './main.js'\nexport const ${name} = () => base${n} * 10`,
      })
      const app = await start(files('first', 1))
      await app.expect('run', 10)
      await app.edit(files('second', 2))
      await app.expect('run', 20)
    })

    it('updates that are called at once are applied one after the other, in order', async () => {
      const app = await start(`export const list = []\nlist.push(0)\nexport function run() { return list }`)
      const push = (n: number) =>
        app.program.update({
          'main.js': `export const list = []\nlist.push(${n})\nexport function run() { return list }`,
        })
      const reports = await Promise.all([push(1), push(2), push(3)])
      assert.deepEqual(
        reports.map(report => report.outcome),
        ['applied', 'applied', 'applied'],
      )
      await app.expect('run', [0, 1, 2, 3])
      assert.equal(app.program.modules()[0]?.version, 4)
    })

    it('concurrent reload() calls are queued, and a change is taken once', async () => {
      const app = await start(`export let n = 1\nexport function run() { return n }`)
      app.write(`export let n = 2\nexport function run() { return n }`)
      const reports = await Promise.all([app.program.reload(), app.program.reload(), app.program.reload()])
      assert.deepEqual(reports.map(report => report.outcome).sort(), ['applied', 'unchanged', 'unchanged'])
      await app.expect('run', 2)
      assert.equal(app.program.modules()[0]?.version, 2)
    })

    it('an update while a reload awaits inside the program makes the next', async () => {
      const source = (text: string, statement: string) => `
        import { gate, log, open } from './gate.js'
        ${statement}
        log.push('${text}')
        export function run() { return ['${text}', log] }
        export { open }`
      const app = await start({
        'gate.js': `export let open\nexport const gate = new Promise(resolve => { open = resolve }), log = []`,
        'main.js': source('zero', ''),
      })
      const order: string[] = []
      const first = app.program
        .update({ 'main.js': source('one', 'await gate') })
        .then(report => order.push(`first ${report.outcome}`))
      const second = app.program
        .update({ 'main.js': source('two', '') })
        .then(report => order.push(`second ${report.outcome}`))
      await app.call('open')
      await Promise.all([first, second])
      assert.deepEqual(order, ['first applied', 'second applied'])
      await app.expect('run', ['two', ['zero', 'one', 'two']])
    })

    it('an update from inside a reload handler makes the next, and its report comes after', async () => {
      const app = await start(`export let n = 1\nexport function run() { return n }`)
      const follow = new Promise<ReloadReport>((resolve, reject) => {
        app.program.once('reload', () =>
          app.program
            .update({ 'main.js': 'export let n = 3\nexport function run() { return n }' })
            .then(resolve, reject),
        )
      })
      await app.program.update({ 'main.js': 'export let n = 2\nexport function run() { return n }' })
      assert.equal((await follow).outcome, 'applied')
      await app.expect('run', 3)
    })

    it('a save-all that the watcher tells of is one reload', async () => {
      const app = await start({ 'main.js': main, ...three(1) }, { watch: true })
      await app.expect('run', ['a1', 'b1', 1])
      const next = app.reports()
      app.save(three(2))
      const report = await next()
      assert.equal(report.outcome, 'applied', report.error?.message)
      assert.equal(report.modules.length, 3)
      await app.expect('run', ['a2', 'b2', 2])
    })

    it('saves that arrive while a reload is under way are taken together by the next', async () => {
      const gate = `
        let open, reach
        const gate = new Promise(resolve => { open = resolve }), reached = new Promise(resolve => { reach = resolve })
        export const opens = () => open(), isReached = () => reached, pass = () => { reach(); return gate }`
      const entry = (statement: string) =>
        `${main}\nimport { pass } from './gate.js'\nexport { opens, isReached } from './gate.js'\n${statement}`
      const app = await start({ 'main.js': entry(''), 'gate.js': gate, ...three(1) }, { watch: true })
      const next = app.reports()
      app.save({ 'main.js': entry('await pass()') })
      await app.call('isReached')
      app.save({ 'a.js': three(2)['a.js'] })
      app.save({ 'b.js': three(2)['b.js'] })
      await app.expect('run', ['a1', 'b1', 1])
      await app.call('opens')
      const [first, second] = [await next(), await next()]
      assert.deepEqual([first.outcome, second.outcome], ['applied', 'applied'])
      assert.deepEqual(second.modules.map(module => module.id).sort(), ['a.js', 'b.js'])
      await app.expect('run', ['a2', 'b2', 1])
    })

    it('a reload that failed for want of a file is made good when the file is saved', async () => {
      const app = await start(`export function run() { return 'before' }`, { watch: true })
      await app.expect('run', 'before')
      const next = app.reports()
      app.save(`import { late } from './late.js'\nexport function run() { return late }`)
      assert.equal((await next()).outcome, 'rejected')
      await app.expect('run', 'before')
      app.save({ 'late.js': `export const late = 'late'` })
      const mended = await next()
      assert.equal(mended.outcome, 'applied', mended.error?.message)
      await app.expect('run', 'late')
    })

    for (const [what, asks] of Object.entries({
      'require()': `exports.late = require('./late.cjs')`,
      'import()': `export const { default: late } = await import('./late.cjs')`,
    }))
      it(`so is one that failed because ${what} found no file when it ran`, async () => {
        const file = what === 'require()' ? 'asks.cjs' : 'asks.js'
        const entry = `import asks from './${file}'\nimport * as all from './${file}'\nexport const run = () => (asks ?? all).late`
        const before = what === 'require()' ? `exports.late = 'before'` : `export const late = 'before'`
        const head = what === 'require()' ? '' : 'export default undefined\n'
        const app = await start({ 'main.js': entry, [file]: head + before }, { watch: true })
        await app.expect('run', 'before')
        const next = app.reports()
        app.save({ [file]: head + asks })
        assert.equal((await next()).outcome, 'rejected')
        await app.expect('run', 'before')
        app.save({ 'late.cjs': `module.exports = 'late'` })
        const mended = await next()
        assert.equal(mended.outcome, 'applied', mended.error?.message)
        await app.expect('run', 'late')
      })

    it('what an item imports by import() while it is reloaded is that of the same batch', async () => {
      const late = (n: number) => `import { unit } from './unit.js'\nexport const n = ${n} + unit`
      const app = await start({
        'main.js': `export const load = async () => (await import('./late.js')).n\nexport const run = () => 'none'`,
        'late.js': late(1),
        'unit.js': 'export const unit = 0.5',
      })
      assert.equal(await app.call('load'), 1.5)
      await app.edit({
        'main.js': `const got = (await import('./late.js')).n\nexport const run = () => got`,
        'late.js': late(2),
      })
      await app.expect('run', 2.5)
    })

    it('a reload that a module brought in by import() made fail is made good by that module alone', async () => {
      const fresh = (isBad: boolean) => `export const isBad = ${isBad}`
      const app = await start({ 'main.js': `export const run = () => 'before'` })
      await app.edit(
        {
          'main.js': `const m = await import('./fresh.js')\nif (m.isBad) throw new Error('bad')\nexport const run = () => 'after'`,
          'fresh.js': fresh(true),
        },
        'rejected',
      )
      await app.expect('run', 'before')
      await app.edit({ 'fresh.js': fresh(false) })
      await app.expect('run', 'after')
    })

    it('an edit of a module that an import() is bringing in is applied once that is there', async () => {
      const slow = (n: number) => `await globalThis.gate\nexport const v = ${n}`
      const app = await start({
        'main.js': `
          let open
          globalThis.gate = new Promise(done => { open = done })
          let slow
          export const begin = () => { slow = import('./slow.js') }
          export const end = async () => { open(); return (await slow).v }`,
        'slow.js': slow(1),
      })
      await app.call('begin')
      // Until the module is under way.
      for (let turn = 0; turn < 50; turn++) await new Promise(done => setTimeout(done, 2))
      await app.edit({ 'slow.js': slow(2) }, 'unchanged')
      const next = app.reports()
      await app.expect('end', 1)
      assert.equal((await next()).outcome, 'applied')
      await app.expect('end', 2)
    })
  })
})
