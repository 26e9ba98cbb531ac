// Rule R6: function literals of items that are evaluated anew go on where they are held.
import { inEveryRealm } from '../support/program.js'

describe('R6 literals of items that are evaluated anew', () => {
  inEveryRealm(start => {
    it('accessors of an object that was made anew go on in the old one, for as long as somebody holds it', async () => {
      const source = (more: string, text: string) => `
        let hits = 0
        export const stats = {
          get total() { return ${text} + hits },
          set total(n) { hits = n },
          hit() { return ++hits },${more}
        }
        class Board { static view = { top: ${more.length}, get shown() { return ${text} } } }
        const old = []
        if (old.length === 0) old.push(stats, Board.view, Object.defineProperties({}, Object.getOwnPropertyDescriptors(stats)))
        const [held, view, copy] = old
        export const run = () => [held.hit(), held.total, copy.total, stats.total, view.shown, Board.view.shown]
        export const set = n => { held.total = n }`
      const app = await start(source('', `'a'`))
      await app.expect('run', [1, 'a1', 'a1', 'a1', 'a', 'a'])
      await app.edit(source(' limit: 1', `'b'`))
      await app.expect('run', [2, 'b2', 'b2', 'b2', 'b', 'b'])
      await app.edit(source(` limit: 1, more() { return 'more' }, get less() { return 'less' }`, `'c'`))
      await app.call('set', 5)
      await app.expect('run', [6, 'c6', 'c6', 'c6', 'c', 'c'])
      await app.program.undo()
      await app.program.undo()
      await app.expect('run', [7, 'a7', 'a7', 'a7', 'a', 'a'])
    })

    it('functions of an item that is made anew go on wherever they are held, by their names or their text', async () => {
      const source = (more: string, text: string) => `
        const log = []
        const twice = f => [f, f]
        export const handlers = {
          open() { return 'open ${text}' },
          close: () => 'close ${text}',
          nested: { open: () => 'nested ${text}' },${more}
          pair: [() => 'same', () => 'other ${text}'],
        }
        if (log.length === 0) log.push(handlers.open, handlers.close, handlers.nested.open, ...handlers.pair)
        export const run = () => log.map(each => each())
        export const now = () => [handlers.open, handlers.close, handlers.nested.open, ...handlers.pair].map(each => each())`
      const app = await start(source('', '1'))
      const all = (n: number) => [`open ${n}`, `close ${n}`, `nested ${n}`, 'same', `other ${n}`]
      await app.expect('run', all(1))
      await app.edit(source(' limit: 1,', '2'))
      // Two are called open, and one has neither a name nor its old text.
      await app.expect('run', ['open 1', 'close 2', 'nested 1', 'same', 'other 1'])
      await app.expect('now', all(2))
      await app.edit(source(' limit: 1,', '3'))
      await app.expect('run', ['open 1', 'close 3', 'nested 1', 'same', 'other 1'])
      await app.edit(`${source(' limit: 2,', '4')}\nnothing()`, 'rejected')
      await app.expect('run', ['open 1', 'close 3', 'nested 1', 'same', 'other 1'])
      await app.expect('now', all(3))
      await app.program.undo()
      await app.program.undo()
      await app.expect('now', all(1))
    })

    it('they do so when they are written as another kind of function', async () => {
      const source = (member: string) => `
        const tools = { ${member} }
        let held = []
        if (held.length === 0) held.push(tools.act)
        export const run = async () => { const got = held[0].call({ x: 1 }); return typeof got?.next === 'function' ? [...got] : await got }`
      const app = await start(source(`act() { return 'method' + this.x }`))
      await app.expect('run', 'method1')
      for (const [member, expected] of [
        [`act: () => 'arrow'`, 'arrow'],
        [`async act() { return 'async' + this.x }`, 'async1'],
        [`*act() { yield 'generator' }`, ['generator']],
        [`act: function () { return 'function' + this.x }`, 'function1'],
        [`act: () => 'arrow again', other: 1`, 'arrow again'],
        // Another thing altogether: the last function stays.
        [`get act() { return () => 'got' }`, 'arrow again'],
      ] as const) {
        await app.edit(source(member))
        await app.expect('run', expected)
      }
    })

    it('a function that stands under another name has that one', async () => {
      const source = (name: string) => `
        const tools = { ${name}: () => 1, async ${name}2() {}, nested: { *${name}3() {} }, get ${name}4() { return this.${name}.name } }
        const list = id({ ${name}5: function () {} })
        function id(value) { return value }
        const held = [tools.${name}, Object.values(list)[0]]
        export const run = () => [...Object.entries(tools), ...Object.entries(tools.nested), ...Object.entries(list)]
          .map(([key, value]) => key + ' ' + (value.name ?? value)).concat(held.map(each => each.name))`
      const expected = (name: string) => [
        `${name} ${name}`,
        `${name}2 ${name}2`,
        'nested [object Object]',
        `${name}4 ${name}`,
        `${name}3 ${name}3`,
        `${name}5 ${name}5`,
        name,
        `${name}5`,
      ]
      const app = await start(source('one'))
      await app.expect('run', expected('one'))
      await app.edit(source('two'))
      await app.expect('run', expected('two'))
    })
  })
})
