// The traps of docs/patterns.md: a registry that refuses the same name twice, a cache that must survive, a number that was copied.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

const orm = {
  'orm.js': `
    export const models = new Map()
    export const define = (name, model, options) => {
      if (models.has(name)) throw new Error('there is a ' + name)
      models.set(name, { model, options })
    }`,
}

describe('patterns', () => {
  inEveryRealm(start => {
    const models = (greeting: string, registration: string) => `
      import { define, models } from './orm.js'
      import { onDispose } from 'regrow/guest'
      class User { greet() { return '${greeting}' } }
      ${registration}
      export const look = () => [...models].map(([name, { model, options }]) => [name, new model().greet(), options ?? null])`

    it('a registry that refuses the same name twice: models are registered once', async () => {
      const app = await start({ ...orm, 'main.js': models('Hello', `define('User', User)`) })
      await app.edit({ 'main.js': models('Hi', `define('User', User)`) })
      await app.expect('look', [['User', 'Hi', null]])
      const report = await app.edit({ 'main.js': models('Hi', `define('User', User, 1)`) }, 'rejected')
      assert.match(report.error!.message, /there is a User/)
      await app.expect('look', [['User', 'Hi', null]])
    })

    it('a registry that refuses the same name twice: a registration that takes its predecessor back', async () => {
      const statement = (options: number) =>
        `{ models.delete('User'); define('User', User, ${options}); onDispose(() => models.get('User')?.options === ${options} && models.delete('User')) }`
      const app = await start({ ...orm, 'main.js': models('Hello', statement(1)) })
      await app.edit({ 'main.js': models('Hello', statement(2)) })
      await app.expect('look', [['User', 'Hello', 2]])
      await app.edit({ 'main.js': models('Hello', '') })
      await app.expect('look', [])
    })

    it('a cache that must survive', async () => {
      const text = (size: number, more = '') => `
        import { keep } from 'regrow/guest'
        const plain = new Map()
        const kept = keep(() => new Map(${'[]'.repeat(size % 2)}))
        globalThis.cache_of_a_pattern ??= new Map()
        ${more}
        export const fill = () => { for (const each of [plain, kept, cache_of_a_pattern]) each.set('key', 1) }
        export const look = () => [plain, kept, cache_of_a_pattern].map(each => each.size)`
      const app = await start(text(1))
      await app.call('fill')
      await app.edit(text(2, 'let n = 1'))
      await app.expect('look', [1, 1, 1])
      await app.edit(`delete globalThis.cache_of_a_pattern`)
    })

    it("a number that was copied into another module's data", async () => {
      const app = await start({
        'main.js': `
          import { SIDE } from './config.js'
          const used = []
          used.push(SIDE)
          export const area = SIDE * SIDE
          export const board = { side: SIDE, moves: [] }
          export const live = { get side() { return SIDE }, moves: [] }
          export const move = () => { board.moves.push(1); live.moves.push(1) }
          export const look = () => [area, board.side, board.moves.length, live.side, live.moves.length, used]`,
        'config.js': 'export const SIDE = 10',
      })
      await app.call('move')
      const report = await app.edit({ 'config.js': 'export const SIDE = 20' })
      await app.expect('look', [400, 20, 0, 20, 1, [10]])
      assert.deepEqual(moduleReport(report).stale, ['statement at line 4'])
    })
  })
})
