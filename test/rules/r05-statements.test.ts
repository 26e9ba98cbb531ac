// Rule R5: statements run once; changed and new ones run at their place. One file a rule, however many its awkward cases.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

/** A module whose array every case writes to. */
const log = { 'log.js': 'export const log = []' }
const head = `import { log } from './log.js'\nexport function run() { return log }\n`

describe('R5 statements', () => {
  inEveryRealm(start => {
    it('an unchanged statement is not run again, a changed and a new one are', async () => {
      const app = await start({ ...log, 'main.js': `${head}log.push('a')\nlog.push('b')` })
      await app.expect('run', ['a', 'b'])
      const report = await app.edit({ 'main.js': `${head}log.push('a')\nlog.push('B')\nlog.push('c')` })
      await app.expect('run', ['a', 'b', 'B', 'c'])
      assert.deepEqual(moduleReport(report).evaluated.toSorted(), ['statement at line 4', 'statement at line 5'])
    })

    it('new statements run at their place among changed data', async () => {
      const app = await start({ ...log, 'main.js': `${head}let n = 1\nlet m = n` })
      await app.expect('run', [])
      await app.edit({ 'main.js': `${head}let n = 2\nlog.push(n++)\nlet m = n * 10\nlog.push([n, m])` })
      await app.expect('run', [2, [3, 30]])
    })

    it('a statement that was not re-run although a value it names changed is listed as stale', async () => {
      const source = (limit: number) => `${head}const LIMIT = ${limit}\nlog.push(LIMIT)\nlog.push('other')`
      const app = await start({ ...log, 'main.js': source(1) })
      await app.expect('run', [1, 'other'])
      const report = moduleReport(await app.edit({ 'main.js': source(2) }))
      await app.expect('run', [1, 'other'])
      assert.deepEqual([report.stale, report.evaluated], [['statement at line 4'], ['LIMIT']])
    })

    it('a statement in an importer is stale too, one that names the value only in a function body is not', async () => {
      const app = await start({
        ...log,
        'main.js': `${head}import { LIMIT } from './limit.js'\nlog.push(LIMIT)\nlog.push(typeof (() => LIMIT))`,
        'limit.js': 'export const LIMIT = 1',
      })
      await app.expect('run', [1, 'function'])
      const report = await app.edit({ 'limit.js': 'export const LIMIT = 2' })
      await app.expect('run', [1, 'function'])
      assert.deepEqual(moduleReport(report).stale, ['statement at line 4'])
    })

    describe('a statement that registers with an object which is made anew', () => {
      /** An emitter that tells what it has, and a function as well. */
      const bus = (name: string) => `
        const create = label => Object.assign(() => 'called', {
          label, all: [], on(event, listener) { this.all.push([event, listener]); return this },
          off(event, listener) { this.all = this.all.filter(each => each[1] !== listener) } })
        export const bus = create('${name}')`
      const shown = 'export const run = () => [bus.label, ...bus.all.map(each => each[0])]'

      it('runs again for the new one, in importers too', async () => {
        const imported = `import { bus } from './bus.js'
          bus.on('imported', () => 1)
          bus.later = 1
          if (bus.label) bus.on('never again', () => 2)
          bus.once?.('optional', () => 3)`
        const source = (name: string) => ({
          'bus.js': bus(name),
          'main.js': `import { bus } from './bus.js'\nimport './more.js'\nbus.on('a', () => 1).on('b', () => 2)\n${shown}`,
          'more.js': imported,
        })
        const running = await start(source('one'))
        await running.expect('run', ['one', 'imported', 'never again', 'a', 'b'])
        const report = await running.edit(source('two'))
        await running.expect('run', ['two', 'imported', 'a', 'b'])
        assert.deepEqual(moduleReport(report).evaluated, ['statement at line 3'])
        assert.deepEqual(moduleReport(report, 'more.js').stale, ['statement at line 4', 'statement at line 5'])
        await running.edit({ 'bus.js': bus('three'), 'more.js': `${imported}\nthrow new Error('no')` }, 'rejected')
        await running.expect('run', ['two', 'imported', 'a', 'b'])
      })

      it('runs where its name comes to stand for another object', async () => {
        const source = (from: string, head = `import { bus } from '${from}'`) =>
          `${head}\nbus.on('a', () => 1)\n${shown}`
        const running = await start({ 'main.js': source('./one.js'), 'one.js': bus('one'), 'two.js': bus('two') })
        await running.expect('run', ['one', 'a'])
        await running.edit({ 'main.js': source('./two.js') })
        await running.expect('run', ['two', 'a'])
        await running.edit({ 'main.js': source('', bus('own').replace('export ', '')) })
        await running.expect('run', ['own', 'a'])
      })

      it('does not when the object stays, or when anything else is done with it', async () => {
        const refuse = '() => { throw new Error("asked") }'
        const source = (end: string, n: number) => `${head}
          import * as lib from './lib.js'
          const tool = { n: ${n}, use(each) { log.push(each) }, listen(each) { log.push(each) }, on(event, listener) { log.push(event) }, off() {} }
          const list = [${n}], make = (n => () => tool)(${n})
          const hidden = new Proxy({ n: ${n} }, { getPrototypeOf: ${refuse}, getOwnPropertyDescriptor: ${refuse} })
          tool.use('use')
          tool.listen('listen')
          tool.on('on', () => 1)
          list.forEach(() => log.push('list'))
          make().use('made')
          lib.on('lib', () => 1)
          hidden.tell?.('a', () => 1)
          ${end}`
        const lib = (n: number) =>
          `import { log } from './log.js'\nexport const on = (n => event => log.push(event))(${n})`
        const expected = ['use', 'listen', 'on', 'list', 'made', 'lib']
        const running = await start({ ...log, 'main.js': source('', 1), 'lib.js': lib(1) })
        await running.expect('run', expected)
        await running.edit({ 'main.js': source('let more', 1) })
        await running.expect('run', expected)
        await running.edit({ 'main.js': source('let more', 2), 'lib.js': lib(2) })
        await running.expect('run', [...expected, 'on'])
      })

      it('gives it what it took from the old one', async () => {
        const source = (name: string) => `${head}
          class Bus { #all = new Map(); constructor(name) { this.name = name }
            on(event, listener) { this.#all.set(listener, event) } off(event, listener) { this.#all.delete(listener) }
            count() { return this.#all.size } close() { log.push(this.name + ' has ' + this.count()) } [Symbol.dispose]() { this.close() } }
          const bus = new Bus('${name}')
          bus.on('a', () => 1)
          export const count = () => bus.count()`
        const running = await start({ ...log, 'main.js': source('one') })
        await running.expect('count', 1)
        await running.edit({ 'main.js': source('two') })
        await running.expect('count', 1)
        await running.expect('run', ['one has 0'])
      })
    })

    it('a statement that was run again is not stale', async () => {
      const app = await start({ ...log, 'main.js': `${head}const LIMIT = 1\nlog.push(LIMIT)` })
      await app.expect('run', [1])
      const report = await app.edit({ 'main.js': `${head}const LIMIT = 2\nlog.push(LIMIT, 'again')` })
      await app.expect('run', [1, 2, 'again'])
      assert.deepEqual(moduleReport(report).stale, [])
    })

    it('of identical statements one more runs once', async () => {
      const app = await start({ ...log, 'main.js': `${head}log.push('x')\nlog.push('x')` })
      await app.expect('run', ['x', 'x'])
      const report = await app.edit({ 'main.js': `${head}log.push('x')\nlog.push('x')\nlog.push('x')` })
      await app.expect('run', ['x', 'x', 'x'])
      assert.equal(moduleReport(report).evaluated.length, 1)
    })

    it('a removed statement is reported and nothing runs', async () => {
      const app = await start({ ...log, 'main.js': `${head}log.push('a')\nlog.push('b')` })
      await app.expect('run', ['a', 'b'])
      const report = moduleReport(await app.edit({ 'main.js': `${head}log.push('b')` }))
      await app.expect('run', ['a', 'b'])
      assert.deepEqual([report.removed.length, report.evaluated], [1, []])
    })

    it('a statement that moved around a new one is not run again', async () => {
      const app = await start({ ...log, 'main.js': `${head}log.push('a')\nlog.push('b')` })
      await app.expect('run', ['a', 'b'])
      await app.edit({ 'main.js': `${head}log.push('b')\nlog.push('c')\nlog.push('a')` })
      await app.expect('run', ['a', 'b', 'c'])
    })

    for (const [form, statement] of Object.entries({
      'an if': (text: string) => `if (log.length < 9) { log.push('${text}') } else log.push('never')`,
      'a loop': (text: string) => `for (const each of ['${text}']) log.push(each)`,
      'a try': (text: string) => `try { throw '${text}' } catch (thrown) { log.push(thrown) } finally { void 0 }`,
      'a switch': (text: string) => `switch ('${text}') { case 'none': break\n default: log.push('${text}') }`,
      'a labelled block': (text: string) => `block: { log.push('${text}'); break block }`,
      'a block with its own bindings': (text: string) => `{ const own = '${text}'; let other = own; log.push(other) }`,
      'an await': (text: string) => `log.push(await Promise.resolve('${text}'))`,
      'a sequence': (text: string) => `void 0, log.push('${text}')`,
    })) {
      it(`${form} is one statement: kept unchanged, run again when it changes`, async () => {
        const source = (text: string, tag: string) => `${head}${statement(text)}\nexport const tag = '${tag}'`
        const app = await start({ ...log, 'main.js': source('one', 'a') })
        await app.expect('run', ['one'])
        await app.edit({ 'main.js': source('one', 'b') })
        await app.expect('run', ['one'])
        await app.edit({ 'main.js': source('two', 'b') })
        await app.expect('run', ['one', 'two'])
      })
    }

    it('a side-effect import runs its module once, when it comes', async () => {
      const side = `import { log } from './log.js'\nlog.push('side')\nlet n = 1`
      const app = await start({ ...log, 'main.js': head, 'side.js': side })
      await app.expect('run', [])
      await app.edit({ 'main.js': `${head}import './side.js'` })
      await app.expect('run', ['side'])
      await app.edit({ 'main.js': `${head}import './side.js'\nlet spare = 1`, 'side.js': side.replace('1', '2') })
      await app.expect('run', ['side'])
    })

    it('a statement that reads state sees the live one, not a fresh one', async () => {
      const source = (statement: string) => `
        const sessions = ['first']
        let count = 1
        export function login(name) { sessions.push(name); return ++count }
        export let seen = ''
        ${statement}
        export function run() { return seen }`
      const app = await start(source(`seen = 'none'`))
      await app.expect('login', 2, 'ann')
      await app.expect('run', 'none')
      await app.edit(source(`seen = sessions.join() + count`))
      await app.expect('run', 'first,ann2')
    })

    it('an assignment to a property of an object that is made anew completes the new one', async () => {
      const source = (bullet: string) => `
        const log = []
        const rules = { bullet: '${bullet}' }
        rules.item = (log.push('item'), rules.bullet + ' item')
        rules.nested = {}
        rules.nested.deep = rules['other'] = rules.item + '!'
        log.push('ready ' + rules.bullet)
        export function run() { return [rules, log] }`
      const app = await start(source('-'))
      const expected = (bullet: string) => ({
        bullet,
        item: `${bullet} item`,
        nested: { deep: `${bullet} item!` },
        other: `${bullet} item!`,
      })
      await app.expect('run', [expected('-'), ['item', 'ready -']])
      const report = moduleReport(await app.edit(source('*')))
      await app.expect('run', [expected('*'), ['item', 'ready -', 'item']])
      assert.deepEqual(report.evaluated, ['rules', 'statement at line 4', 'statement at line 5', 'statement at line 6'])
      assert.deepEqual(report.stale, ['statement at line 7'])
    })

    it('an assignment to a property completes what another assignment makes anew', async () => {
      const source = (text: string) => `
        const rules = {}
        rules.item = { text: '${text}' }
        rules.item['shout'] = rules.item.text + '!'
        rules.other = 1
        export function run() { return rules }`
      const app = await start(source('a'))
      const report = moduleReport(await app.edit(source('b')))
      await app.expect('run', { item: { text: 'b', shout: 'b!' }, other: 1 })
      assert.deepEqual(report.evaluated, ['statement at line 3', 'statement at line 4'])
    })

    it('an assignment further down to the same property has the last word', async () => {
      const source = (open: string) => `
        const shop = { open: null }
        const loud = f => () => f() + '!'
        shop.open = ${open}
        shop.open = loud(shop.open)
        export const run = () => shop.open()`
      const app = await start(source(`() => 'one'`))
      await app.expect('run', 'one!')
      // The literal alone is patched: nothing runs.
      assert.deepEqual(moduleReport(await app.edit(source(`() => 'two'`))).evaluated, [])
      await app.expect('run', 'two!')
      const { evaluated } = moduleReport(await app.edit(source(`loud(() => 'three')`)))
      assert.deepEqual(evaluated, ['statement at line 4', 'statement at line 5'])
      await app.expect('run', 'three!!')
      await app.edit(source(`() => 'four'`))
      await app.expect('run', 'four!')
    })

    it('an assignment to a property completes an object of another module', async () => {
      const files = (text: string) => ({
        'main.js': `import { table } from './table.js'\nimport './plugin.js'\nexport function run() { return table }`,
        'table.js': `export const table = { text: '${text}' }`,
        'plugin.js': `import * as all from './table.js'\nall.table.plugin = true`,
      })
      const app = await start(files('a'))
      await app.edit(files('b'))
      await app.expect('run', { text: 'b', plugin: true })
    })

    it('an assignment to a property is not run again when only the value it names changed', async () => {
      const source = (n: number) => `
        const n = ${n}
        const box = {}
        box.n = n
        class Holder {}
        Holder.n = n
        export function run() { return [box.n, Holder.n] }`
      const app = await start(source(1))
      const report = moduleReport(await app.edit(source(2)))
      await app.expect('run', [1, 1])
      assert.deepEqual(report.stale, ['statement at line 4', 'statement at line 6'])
    })

    it('a statement is stale that names what moved to another module, and is another there', async () => {
      const files = (from: string) => ({
        'main.js': `
          import { LEVEL, table, tell } from './${from}.js'
          const told = []
          told.push(LEVEL)
          told.push(tell)
          ;(() => { told.push(() => tell()) })()
          table.extra = true
          export function run() { return [told.length, told[1](), told[2](), table] }`,
        'a.js': 'export const other = 1',
        'b.js': 'export const other = 2',
        [`${from}.js`]: `export const LEVEL = 1, table = {}\nexport function tell() { return '${from}' }`,
      })
      const app = await start(files('a'))
      await app.expect('run', [3, 'a', 'a', { extra: true }])
      const report = moduleReport(await app.edit(files('b')))
      await app.expect('run', [3, 'a', 'a', { extra: true }])
      assert.deepEqual(report.stale, ['statement at line 5', 'statement at line 6'])
      assert.deepEqual(report.evaluated, ['statement at line 7'])
    })

    it('a static block is a statement: stale where a value it names changed, evaluated where it was edited', async () => {
      const source = (n: number, more = '') => `
        const n = ${n}, seen = []
        class Holder {
          static size = 1
          static { seen.push('first') }
          static { seen.push(n${more}) }
        }
        export function run() { return seen }`
      const app = await start(source(1))
      const stale = moduleReport(await app.edit(source(2)))
      await app.expect('run', ['first', 1])
      assert.deepEqual(stale.stale, ['statement at line 6'])
      const edited = moduleReport(await app.edit(source(2, ' + 10')))
      await app.expect('run', ['first', 1, 12])
      assert.deepEqual([edited.evaluated, edited.stale], [['statement at line 6'], []])
      const both = moduleReport(await app.edit(source(3, ' + 20')))
      await app.expect('run', ['first', 1, 12, 23])
      assert.deepEqual([both.evaluated, both.stale], [['n', 'statement at line 6'], []])
    })
  })
})
