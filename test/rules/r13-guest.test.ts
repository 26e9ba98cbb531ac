// Rule R13: what guests can ask for with `regrow/guest`, and that it is inert under plain node.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { inEveryRealm } from '../support/program.js'

const guest = fileURLToPath(new URL('../../guest/index.js', import.meta.url))

describe('R13 reloading()', () => {
  inEveryRealm(start => {
    it('keeps a value that is set at start alone, and runs a block on reloads alone', async () => {
      const text = (blockText: string) => `
        import { reloading } from 'regrow/guest'
        let started
        const log = []
        if (!reloading()) started = 'once'
        if (reloading()) { log.push(${blockText}) }
        export const look = () => [started, log, reloading()]`
      const app = await start(text("'one'"))
      await app.expect('look', ['once', [], false])
      await app.edit(text("'two'"))
      await app.expect('look', ['once', ['two'], false])
      await app.edit(text("'two', started"))
      await app.expect('look', ['once', ['two', 'two', 'once'], false])
    })

    it('is true across the awaits of a reload', async () => {
      const text = (n: number) => `
        import { reloading } from 'regrow/guest'
        const a = await new Promise(done => setTimeout(() => done([${n}, reloading()]), 2))
        const b = reloading()
        export const look = () => [a, b]`
      const app = await start(text(1))
      await app.expect('look', [[1, false], false])
      await app.edit(text(2).replace('b = ', 'b = true && '))
      await app.expect('look', [[2, true], true])
    })
  })
})

describe('R13 keep()', () => {
  inEveryRealm(start => {
    const head = `import { keep } from 'regrow/guest'\nlet made = 0\nconst make = () => ({ id: ++made })\nexport const tell = () => [a, made]\n`

    it('keeps its value when its own text changes', async () => {
      const app = await start(`${head}const a = keep(() => make()).id`)
      await app.expect('tell', [1, 1])
      await app.edit(`${head}const a = [keep(() => make('other')).id, 2]`)
      await app.expect('tell', [[1, 2], 1])
    })

    it('keeps several in one initialiser by their place, and makes new ones', async () => {
      const app = await start(`${head}const a = [keep(make).id, keep(make).id]`)
      await app.expect('tell', [[1, 2], 2])
      await app.edit(`${head}const a = [keep(make).id, keep(make).id, keep(make).id]`)
      await app.expect('tell', [[1, 2, 3], 3])
    })

    it('lets go of what is no longer kept, and of what a removed binding kept', async () => {
      const app = await start(`${head}const a = keep(make).id`)
      await app.edit(`${head}const a = 'none'`)
      await app.edit(`${head}const a = keep(make).id`)
      await app.expect('tell', [2, 2])
      await app.edit(head.replace('[a, made]', '[made]'))
      await app.edit(`${head}const a = keep(make).id`)
      await app.expect('tell', [3, 3])
    })

    it('does not dispose of what it keeps, until it is let go', async () => {
      const text = (init: string) => `
        import { keep } from 'regrow/guest'
        const log = globalThis.log_of_a_test ??= []
        const open = name => ({ name, [Symbol.dispose]() { log.push(name) } })
        const a = ${init}
        export const look = () => [a.name, log]`
      const app = await start(text(`keep(() => open('one'))`))
      await app.edit(text(`keep(() => open('two'))`))
      await app.expect('look', ['one', []])
      await app.edit(text(`open('three')`))
      await app.expect('look', ['three', ['one']])
      await app.edit(`delete globalThis.log_of_a_test`)
    })

    it('of a reload that fails is as before', async () => {
      const app = await start(`${head}const a = keep(make).id`)
      await app.edit(`${head}const a = [keep(make), keep(make)].length\nthrow new Error('no')`, 'rejected')
      await app.expect('tell', [1, 1])
      await app.edit(`${head}const a = [keep(make).id]`)
      await app.expect('tell', [[1], 1])
    })

    it('with an await keeps what the promise came to', async () => {
      const app = await start(`${head}const a = (await keep(async () => make())).id`)
      await app.edit(`${head}const a = [(await keep(async () => make())).id]`)
      await app.expect('tell', [[1], 1])
    })

    it('is its initialiser where a function calls it later', async () => {
      const app = await start(`${head}const a = 0\nexport const late = () => keep(make).id`)
      await app.expect('late', 1)
      await app.expect('late', 2)
    })
  })
})

describe('R13 onDispose()', () => {
  inEveryRealm(start => {
    const head = `import { onDispose } from 'regrow/guest'\nimport { log } from './log.js'\nexport const take = () => log.splice(0)\n`
    const log = { 'log.js': 'export const log = []' }

    it('is called when its item runs again, is removed, or the program is closed', async () => {
      const app = await start({
        ...log,
        'main.js': `${head}onDispose(() => log.push('one'))\n{ onDispose(() => log.push('end')) }`,
      })
      await app.edit({ 'main.js': `${head}onDispose(() => log.push('two'), 2)\n{ onDispose(() => log.push('end')) }` })
      await app.expect('take', ['one'])
      await app.edit({ 'main.js': `${head}{ onDispose(() => log.push('end')) }` })
      await app.expect('take', ['two'])
      const { take } = app.program.exports
      await app.program.close()
      assert.deepEqual([...take()], ['end'])
    })

    it('is awaited', async () => {
      const app = await start({ ...log, 'main.js': `${head}onDispose(async () => { await null; log.push('one') })` })
      await app.edit({ 'main.js': head })
      await app.expect('take', ['one'])
    })

    it('of a function that the item calls belongs to the item', async () => {
      const text = (n: number) => `${head}function setUp(n) { onDispose(() => log.push(n)) }\nsetUp(${n})`
      const app = await start({ ...log, 'main.js': text(1) })
      await app.edit({ 'main.js': text(2) })
      await app.expect('take', [1])
    })
  })
})

describe('R13 migrate()', function () {
  // V8 walks the whole heap, and that of a test run is large.
  this.timeout(120_000)
  inEveryRealm(start => {
    const text = (field: string, migration = '', more = '') => `
      import { migrate } from 'regrow/guest'
      export class Item { ${field} }
      class Special extends Item {}
      const items = [new Item(), new Special()]
      ${migration}
      export const look = () => items.map(each => ({ ...each }))
      ${more}`
    const doubling = 'migrate(Item, each => { each.price = each.cents / 100; delete each.cents })'

    it('is called once with each live instance of a class that changed, also when it is new itself', async () => {
      const app = await start(text('cents = 500'))
      await app.edit(text('price = 5', doubling))
      await app.expect('look', [{ price: 5 }, { price: 5 }])
    })

    it('is not called while the class stays as it is', async () => {
      const counting = 'migrate(Item, each => { each.count = (each.count ?? 0) + 1 })'
      const app = await start(text('a = 1', counting))
      await app.expect('look', [{ a: 1 }, { a: 1 }])
      await app.edit(text('a = 1', counting, 'let n = 1'))
      await app.expect('look', [{ a: 1 }, { a: 1 }])
      await app.edit(text('a = 2', counting, 'let n = 1'))
      await app.expect('look', [
        { a: 1, count: 1 },
        { a: 1, count: 1 },
      ])
      await app.edit(text('a = 3', counting, 'let n = 1'))
      await app.expect('look', [
        { a: 1, count: 2 },
        { a: 1, count: 2 },
      ])
      await app.edit(text('a = 4', '', 'let n = 1'))
      await app.expect('look', [
        { a: 1, count: 2 },
        { a: 1, count: 2 },
      ])
    })

    it('does not meet the instances that the reload makes', async () => {
      const app = await start(text('a = 1'))
      await app.edit(
        text(
          'a = 2',
          'migrate(Item, each => { each.met = true })',
          'const fresh = new Item()\nexport const made = () => ({ ...fresh })',
        ),
      )
      await app.expect('made', { a: 2 })
      await app.expect('look', [
        { a: 1, met: true },
        { a: 1, met: true },
      ])
    })

    it('that throws takes the reload back', async () => {
      const app = await start(text('a = 1'))
      const report = await app.edit(text('a = 2', `migrate(Item, () => { throw new Error('cannot') })`), 'rejected')
      assert.match(report.error!.message, /cannot/)
      assert.equal(report.error!.file, 'main.js')
    })

    it('works in a reload that awaits', async () => {
      const app = await start(text('cents = 500'))
      await app.edit(text('price = 5', doubling, 'await null'))
      await app.expect('look', [{ price: 5 }, { price: 5 }])
    })
  })
})

describe('R13 changes()', () => {
  inEveryRealm(start => {
    it('tells which names a reload changes, while it evaluates', async () => {
      const text = (n: number) => `
        import { changes } from 'regrow/guest'
        import { part } from './part.js'
        function f() { return ${n} }
        const seen = [${n}, changes()]
        export const look = () => [seen, changes()]`
      const part = (n: number) => `export const part = ${n}`
      const app = await start({ 'main.js': text(1), 'part.js': part(1) })
      await app.expect('look', [[1, []], []])
      await app.edit({ 'main.js': text(2), 'part.js': part(2) })
      const told = [
        { module: 'part.js', names: ['part'] },
        { module: 'main.js', names: ['f', 'seen'] },
      ]
      await app.expect('look', [[2, told], []])
    })
  })
})

describe('R13 under plain node', () => {
  it('everything is inert', async () => {
    const script = `
      import { changes, keep, migrate, onDispose, reloading } from ${JSON.stringify(guest)}
      onDispose(() => console.log('disposed'))
      migrate(class {}, () => console.log('migrated'))
      console.log(JSON.stringify([reloading(), keep(() => 5), changes()]))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    assert.equal(stdout, '[false,5,[]]\n')
  })

  it('what is not used leaves nothing in a bundle, and what is used needs nothing else', async () => {
    const bundle = async (contents: string) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: '/' },
        bundle: true,
        write: false,
        minify: true,
        format: 'esm',
        platform: 'neutral',
      })
      return outputFiles[0]!.text
    }
    assert.equal(await bundle(`import { keep, migrate } from ${JSON.stringify(guest)}`), '')
    const used = await bundle(`import { reloading } from ${JSON.stringify(guest)}; console.log(reloading())`)
    assert.ok(used.length < 300, used)
    assert.doesNotMatch(used, /import/)
  })
})
