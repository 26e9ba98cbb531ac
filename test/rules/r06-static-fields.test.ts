// Rule R6 inside classes: function literals in static fields are patched in place.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

describe('R6 literals in static fields', () => {
  inEveryRealm(start => {
    it('of an object the methods are patched, and its state stays', async () => {
      const source = (text: string) => `
        class Route {
          static #hidden = { tell: () => '${text}' }
          static table = { hits: 0, open() { return '${text} ' + ++this.hits }, get count() { return '${text}' + this.hits } }
          static hidden() { return Route.#hidden.tell() }
        }
        const { table } = Route
        const { open } = table
        export function run() { return [table.open(), table.count, open.call({ hits: 5 }), Route.table === table, Route.hidden()] }`
      const app = await start({ 'main.js': source('one') })
      await app.expect('run', ['one 1', 'one1', 'one 6', true, 'one'])
      const report = moduleReport(await app.edit({ 'main.js': source('two') }))
      await app.expect('run', ['two 2', 'two2', 'two 6', true, 'two'])
      assert.deepEqual([report.patched, report.evaluated], [['Route.#hidden', 'Route.table'], []])
    })

    it('a function that is the field itself is not evaluated anew for what its body names', async () => {
      const source = (amount: number, name: string, body = name) => `
        const ${name} = ${amount}
        export class Tax { static #rate = () => ${body}; static rate = part => part * ${body}; static of(n) { return Tax.#rate() * n } }
        Tax.rate.calls ??= 0
        const held = [Tax.rate]
        export function run() { Tax.rate.calls++; return [Tax.rate(2), Tax.of(2), Tax.rate.calls, held[0] === Tax.rate] }`
      const app = await start({ 'main.js': source(1, 'share') })
      await app.expect('run', [2, 2, 1, true])
      assert.deepEqual(moduleReport(await app.edit({ 'main.js': source(3, 'share') })).evaluated, ['share'])
      await app.expect('run', [6, 6, 2, true])
      const { evaluated, patched } = moduleReport(await app.edit({ 'main.js': source(4, 'portion') }))
      assert.deepEqual([evaluated, patched], [['portion'], ['Tax.#rate', 'Tax.rate', 'Tax']])
      await app.expect('run', [8, 8, 3, true])
    })

    it('a function that was captured runs the new body, and means the class by its own name', async () => {
      const source = (by: number) => `
        export class Point {
          x = 1
          static scale = (point, by = ${by}) => new Point().moved(point.x * by)
          static origin = function () { return new this().moved(${by}) }
          static async *walk() {}
          moved(x) { this.x = x; return this }
        }
        const { scale } = Point
        const held = new Map([[1, Point.origin]])
        export function run() {
          return [scale(new Point()).x, scale.name, scale === Point.scale, held.get(1).call(Point).x, Point.scale(new Point()) instanceof Point]
        }`
      const app = await start({ 'main.js': source(2) })
      await app.expect('run', [2, 'scale', true, 2, true])
      for (const by of [3, 4, 5]) {
        const report = moduleReport(await app.edit({ 'main.js': source(by) }))
        await app.expect('run', [by, 'scale', true, by, true])
        assert.deepEqual([report.patched, report.evaluated], [['Point.scale', 'Point.origin'], []])
      }
    })

    it('those that need the class around them make the field anew', async () => {
      const source = (text: string) => `
        class Base { static hello() { return 'base' } }
        class Box extends Base {
          static #secret = 'secret'
          static self = () => [this === Box, '${text}']
          static open = box => [Box.#secret, '${text}']
          static up = { __proto__: { hello: () => 'above' }, hello() { return [super.hello(), '${text}'] } }
        }
        export function run() { return [Box.self(), Box.open(), Box.up.hello()] }`
      const app = await start({ 'main.js': source('one') })
      await app.expect('run', [
        [true, 'one'],
        ['secret', 'one'],
        ['above', 'one'],
      ])
      const report = moduleReport(await app.edit({ 'main.js': source('two') }))
      await app.expect('run', [
        [true, 'two'],
        ['secret', 'two'],
        ['above', 'two'],
      ])
      assert.deepEqual(report.evaluated, ['Box.self', 'Box.open', 'Box.up'])
    })

    it('what was called while the field was evaluated counts as its text, and the names in it too', async () => {
      const source = (side: number, by: string) => `
        const SIDE = ${side}
        let runs = 0
        class Area {
          static all = [1, 2].map(each => { runs++; return each * SIDE ${by} })
          static later = { run: () => SIDE ${by} }
        }
        const { all } = Area
        export function run() { return [Area.all, Area.all === all, Area.later.run(), runs] }`
      const app = await start({ 'main.js': source(1, '') })
      await app.expect('run', [[1, 2], true, 1, 2])
      assert.deepEqual(moduleReport(await app.edit({ 'main.js': source(1, '+ 1') })).evaluated, ['Area.all'])
      await app.expect('run', [[2, 3], false, 2, 4])
      assert.deepEqual(moduleReport(await app.edit({ 'main.js': source(10, '+ 1') })).evaluated, ['SIDE', 'Area.all'])
      await app.expect('run', [[11, 21], false, 11, 6])
      // An edit beside it runs nothing again, and forgets nothing.
      await app.edit({ 'main.js': `${source(10, '+ 1')}\nexport const more = 1` })
      await app.edit({ 'main.js': source(10, '+ 1').replace('class Area {', 'class Area {\n  extra() {}') })
      await app.expect('run', [[11, 21], false, 11, 6])
      assert.deepEqual(moduleReport(await app.edit({ 'main.js': source(20, '+ 1') })).evaluated, ['SIDE', 'Area.all'])
    })

    it('a field that changes around them is made anew, and they go on in the old one and the new one', async () => {
      const source = (size: number, text: string) => `
        export class Menu { static items = { size: ${size}, tell: () => '${text}' } }
        const tells = []
        export function run() { tells.push(Menu.items.tell); return [Menu.items.size, tells.map(each => each())] }`
      const app = await start({ 'main.js': source(1, 'one') })
      await app.expect('run', [1, ['one']])
      await app.edit({ 'main.js': source(2, 'two') })
      await app.expect('run', [2, ['two', 'two']])
      await app.edit({ 'main.js': source(2, 'three') })
      await app.expect('run', [2, ['three', 'three', 'three']])
      assert.equal((await app.program.undo()).outcome, 'applied')
      await app.expect('run', [2, ['two', 'two', 'two', 'two']])
    })

    it('stack traces and texts are those of the new version', async () => {
      const source = (above: string, text: string) => `${above}
export class Trace {
  static tools = { fail: () => { throw new Error('${text}') } }
}
export const text = () => String(Trace.tools.fail)
export function where() { try { Trace.tools.fail() } catch (error) { return error.stack.split('\\n')[1].replace(/.*main/, 'main') } }`
      const app = await start({ 'main.js': source('', 'one') })
      assert.match(String(await app.program.call('where')), /^main\.js:3:40/)
      await app.edit({ 'main.js': source('\n\n', 'two') })
      assert.match(String(await app.program.call('where')), /^main\.js:5:40/)
      await app.edit({ 'main.js': source('', 'two') }, 'unchanged')
      assert.match(String(await app.program.call('where')), /^main\.js:3:40/)
      await app.expect('text', `() => { throw new Error('two') }`)
    })

    it('an edit that is rejected leaves them as they were', async () => {
      const source = (text: string, end: string) => `
        export class Safe { static tools = { tell: () => '${text}' } }
        export const run = () => Safe.tools.tell()
        ${end}`
      const app = await start({ 'main.js': source('one', '') })
      await app.edit({ 'main.js': source('two', 'throw new Error("no")') }, 'rejected')
      await app.expect('run', 'one')
      await app.edit({ 'main.js': source('two', '') })
      await app.expect('run', 'two')
    })
  })
})
