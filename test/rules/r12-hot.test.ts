// Rule R12: what `import.meta.hot` does beyond its model: live bindings, transactions, ownership. Parity with Vite: test/hot.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { inEveryRealm, moduleReport } from '../support/program.js'

const log = { 'log.js': 'export const log = []\nexport const take = () => log.splice(0)' }
const head = `import { log, take } from './log.js'\nexport { take }\n`

describe('R12 a module that accepts itself', () => {
  inEveryRealm(start => {
    it('is executed whole, and its importers see it through live bindings and the same identities', async () => {
      const part = (n: number) => `
        export let count = 0
        export let empty
        export const add = () => { count++; empty = 'set'; return count }
        export class Thing { static made = []; say() { return ${n} } }
        export const list = []
        import.meta.hot.accept()`
      const app = await start({
        'main.js': `
          import { add, count, empty, list, Thing } from './part.js'
          const held = [add, Thing, new Thing()]
          export const hold = () => { list.push(1); Thing.made.push(1); return add() }
          export const look = () => [count, empty ?? null, list, Thing.made, held[0] === add, held[1] === Thing, held[2].say()]`,
        'part.js': part(1),
      })
      await app.call('hold')
      await app.expect('look', [1, 'set', [1], [1], true, true, 1])
      const report = await app.edit({ 'part.js': part(2) })
      await app.expect('look', [0, null, [], [], true, true, 2])
      assert.deepEqual(moduleReport(report, 'part.js').evaluated, [
        'count',
        'empty',
        'list',
        'statement at line 7',
        'Thing.made',
      ])
    })

    it('that did not change is not executed', async () => {
      const app = await start({ ...log, 'main.js': `${head}log.push('ran')\nimport.meta.hot.accept()` })
      await app.edit({ 'main.js': `${head}log.push('ran') // again\nimport.meta.hot.accept()` }, 'unchanged')
      await app.expect('take', ['ran'])
    })

    it('disposes of what its items own, after the new values are in place', async () => {
      const text = (n: number) => `${head}
        const a = { [Symbol.dispose]() { log.push('close') } }
        setInterval(() => log.push('tick ${n}'), 1)
        log.push('run ${n}')
        import.meta.hot.accept(() => log.push('accepted'))
        import.meta.hot.dispose(() => log.push('dispose'))`
      const app = await start({ ...log, 'main.js': text(1) })
      await app.call('take')
      await app.edit({ 'main.js': text(2) })
      assert.deepEqual((await app.call('take')).slice(0, 4), ['dispose', 'run 2', 'close', 'accepted'])
      await new Promise(done => setTimeout(done, 10))
      assert.deepEqual([...new Set(await app.call('take'))], ['tick 2'])
    })

    it('that fails is put back with what it had registered', async () => {
      const text = (n: number, more = '') => `${head}
        export let value = ${n}
        export const look = () => value
        import.meta.hot.accept(module => log.push('accepted ' + module.value))
        import.meta.hot.dispose(() => log.push('dispose'))
        import.meta.hot.on('vite:error', ({ err }) => log.push(err.message))
        ${more}`
      const app = await start({ ...log, 'main.js': text(1) })
      await app.edit({ 'main.js': text(2, `throw new Error('no')`) }, 'rejected')
      await app.expect('take', ['dispose', 'Error: no (main.js:9:15)'])
      await app.expect('look', 1)
      await app.edit({ 'main.js': text(3) })
      await app.expect('take', ['dispose', 'accepted 3'])
      await app.expect('look', 3)
    })

    it('may await at top level', async () => {
      const text = (n: number) => `${head}
        log.push('begin ${n}')
        await new Promise(done => setTimeout(done, 2))
        log.push('end ${n}')
        import.meta.hot.accept(() => log.push('accepted'))`
      const app = await start({ ...log, 'main.js': text(1) })
      await app.edit({ 'main.js': text(2) })
      await app.expect('take', ['begin 1', 'end 1', 'begin 2', 'end 2', 'accepted'])
    })

    it('is seen through a variable, too', async () => {
      const text = (n: number) =>
        `${head}const { hot } = import.meta\nlog.push(${n}, hot.data.n ??= ${n})\nhot?.accept()`
      const app = await start({ ...log, 'main.js': text(1) })
      await app.edit({ 'main.js': text(2) })
      await app.edit({ 'main.js': text(3) })
      await app.expect('take', [1, 1, 2, 1, 3, 1])
    })

    it('and accepts no more is patched in place from then on', async () => {
      const app = await start({ ...log, 'main.js': `${head}log.push('ran')\nlet n = 1\nimport.meta.hot.accept()` })
      await app.edit({ 'main.js': `${head}log.push('ran')\nlet n = 2` })
      await app.edit({ 'main.js': `${head}log.push('ran')\nlet n = 3` })
      await app.expect('take', ['ran', 'ran'])
    })
  })
})

describe('R12 registrations', () => {
  inEveryRealm(start => {
    it('of a statement that is edited take the place of those of before', async () => {
      const main = (n: number) => `${head}import './part.js'
        const dependencies = ['./part.js']
        import.meta.hot.accept(dependencies, () => log.push(${n}), ${n})
        import.meta.hot.on('vite:afterUpdate', () => log.push('after ${n}'), ${n})`
      const app = await start({ ...log, 'main.js': main(1), 'part.js': 'export let a = 1' })
      await app.edit({ 'main.js': main(2) })
      await app.edit({ 'part.js': 'export let a = 2' })
      await app.expect('take', [2, 'after 2'])
    })

    it('that fail are told of in the report', async () => {
      const app = await start({
        'main.js': `import './part.js'\nimport.meta.hot.accept('./part.js', () => { throw new Error('cannot') })`,
        'part.js': 'export let a = 1',
      })
      const report = await app.edit({ 'part.js': 'export let a = 2' })
      assert.deepEqual(
        report.failures?.map(({ code, message, line }) => [code, message, line]),
        [['ERR_REGROW_EVALUATE', 'main.js: the accept callback of import.meta.hot failed: Error: cannot', 2]],
      )
    })

    it('decline() rejects an edit of the module, until it is taken out', async () => {
      const app = await start({
        ...log,
        'main.js': `${head}import './part.js'`,
        'part.js': 'export let a = 1\nimport.meta.hot.decline()',
      })
      const report = await app.edit({ 'part.js': 'export let a = 2\nimport.meta.hot.decline()' }, 'rejected')
      assert.equal(report.error?.code, 'ERR_REGROW_DECLINED')
      assert.equal(report.error?.file, 'part.js')
      assert.equal(app.program.drift, report)
      await app.edit({ 'part.js': 'export let a = 1\nimport.meta.hot.decline()' }, 'unchanged')
      assert.equal(app.program.drift, undefined)
    })

    it('decline() holds after the module was executed whole', async () => {
      const d = (n: number) =>
        `import './x.js'\nimport.meta.hot.accept()\nimport.meta.hot.decline()\nexport const d = ${n}`
      const app = await start({ 'main.js': `import './d.js'`, 'd.js': d(1), 'x.js': 'export let x = 1' })
      await app.edit({ 'x.js': 'export let x = 2' })
      assert.equal((await app.edit({ 'd.js': d(2) }, 'rejected')).error?.code, 'ERR_REGROW_DECLINED')
    })

    it('that are one function in all versions are called for each update, a rejected one too', async () => {
      const part = (n: number, rest = '') => `
        import { log } from './log.js'
        const run = ${n}
        function stop() { log.push('stop') }
        import.meta.hot.dispose(stop)
        import.meta.hot.accept()
        ${rest}`
      const app = await start({ ...log, 'main.js': `${head}import './part.js'`, 'part.js': part(1) })
      for (const n of [2, 3]) {
        await app.edit({ 'part.js': part(n) })
        await app.expect('take', ['stop'])
      }
      await app.edit({ 'part.js': part(4, `throw new Error('no')`) }, 'rejected')
      await app.call('take')
      await app.edit({ 'part.js': part(5) })
      await app.expect('take', ['stop'])
    })

    it('of a module that leaves the graph are called before what it made is disposed of', async () => {
      const app = await start({
        ...log,
        'main.js': `import './part.js'\nexport { take } from './log.js'`,
        'part.js': `${head}
          const held = { isOpen: true, [Symbol.dispose]() { this.isOpen = false; log.push('disposed') } }
          import.meta.hot.dispose(() => log.push('dispose ' + held.isOpen))
          import.meta.hot.prune(() => log.push('prune ' + held.isOpen))`,
      })
      await app.edit({ 'main.js': `export { take } from './log.js'` })
      await app.expect('take', ['dispose true', 'prune true', 'disposed'])
    })

    it('send() reaches the host', async () => {
      const app = await start(`export const say = data => import.meta.hot.send('app:said', data)`)
      const message = once(app.program, 'message')
      await app.call('say', [1])
      const [event, data, module] = await message
      assert.deepEqual([event, [...data], module], ['app:said', [1], 'main.js'])
    })

    it('accept what an import() brought in', async () => {
      const app = await start({
        ...log,
        'main.js': `${head}const { part } = await import('./part.js')
          import.meta.hot.accept('./part.js', ({ part }) => log.push('accepted ' + part))`,
        'part.js': 'export let part = 1',
      })
      await app.edit({ 'part.js': 'export let part = 2' })
      await app.expect('take', ['accepted 2'])
    })

    it('reach a module that accepts itself through an import()', async () => {
      const app = await start({
        ...log,
        'main.js': `${head}const { part } = await import('./part.js')\nlog.push(part)\nimport.meta.hot.accept()`,
        'part.js': 'export let part = 1',
      })
      await app.edit({ 'part.js': 'export let part = 2' })
      await app.expect('take', [1, 2])
    })

    it('who awaits a reload awaits the updates that modules hand on', async () => {
      const child = (n: number) => `export const n = ${n}\nimport.meta.hot.accept(() => import.meta.hot.invalidate())`
      const app = await start({
        'main.js': `import { seen } from './parent.js'\nexport const run = () => seen`,
        'parent.js': `import { n } from './child.js'\nimport.meta.hot.accept()\nexport const seen = []\nseen.push(n)`,
        'child.js': child(1),
      })
      await app.expect('run', [1])
      await app.edit({ 'child.js': child(2) })
      await app.expect('run', [2])
    })

    it('invalidate() in a cycle comes to an end', async () => {
      const part = (n: number) =>
        `${head}import './main.js'\nlog.push('part ${n}')\nimport.meta.hot.accept(() => import.meta.hot.invalidate())`
      const app = await start({
        ...log,
        'main.js': `import './part.js'\nexport { take } from './log.js'`,
        'part.js': part(1),
      })
      const next = app.reports()
      await app.edit({ 'part.js': part(2) })
      await next()
      assert.equal((await next()).outcome, 'unchanged')
      await app.expect('take', ['part 1', 'part 2'])
    })
  })
})

describe('R12 under plain node', () => {
  it('import.meta.hot is undefined', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      'console.log(import.meta.hot)',
    ])
    assert.equal(stdout, 'undefined\n')
  })
})
