// Rule R11: a statement that registers a listener takes the registration back when it runs again or is removed.
import assert from 'node:assert/strict'
import { inLocalRealms } from '../support/program.js'

const bus = {
  'bus.js': `
    import { EventEmitter } from 'node:events'
    export const bus = new EventEmitter()
    export const target = new EventTarget()
    export const heard = []
    export const say = (...words) => { for (const word of words) { bus.emit(word, word); target.dispatchEvent(new Event(word)) } return heard.splice(0) }
    export const hear = word => heard.push(word.type ?? word)
    export const again = word => heard.push('again ' + (word.type ?? word))`,
}
const head = `import { bus, target, heard, hear, again, say } from './bus.js'\nexport { say }\n`

/** A statement, what it becomes, and what is heard of `a` and `b`: before, after, and once it is removed. */
const forms: Readonly<Record<string, readonly [string, string, unknown[], unknown[]]>> = {
  on: [`bus.on('a', hear)`, `bus.on('b', hear)`, ['a', 'a'], ['b', 'b']],
  'on with a function literal': [
    `bus.on('a', word => { heard.push(word + 1) })`,
    `bus.on('b', word => { heard.push(word + 2) })`,
    ['a1', 'a1'],
    ['b2', 'b2'],
  ],
  addListener: [`bus.addListener('a', hear)`, `bus.addListener('b', hear)`, ['a', 'a'], ['b', 'b']],
  'a chain': [
    `bus.on('a', hear).on('b', hear)`,
    `bus.on('a', hear).on('b', again)`,
    ['a', 'b', 'a', 'b'],
    ['a', 'again b', 'a', 'again b'],
  ],
  'a chain over lines': [
    `bus // first\n  .on('a', hear) /* . */\n  .on('b', hear)`,
    `bus\n  .on('a', again)\n  .on('b', hear)`,
    ['a', 'b', 'a', 'b'],
    ['again a', 'b', 'again a', 'b'],
  ],
  'a loop': [
    `for (const each of ['a', 'b']) bus.on(each, hear)`,
    `for (const each of ['b']) bus.on(each, hear)`,
    ['a', 'b', 'a', 'b'],
    ['b', 'b'],
  ],
  'an if': [
    `if (bus) { bus.on('a', hear) } else bus.on('b', hear)`,
    `if (!bus) { bus.on('a', hear) } else bus.on('b', hear)`,
    ['a', 'a'],
    ['b', 'b'],
  ],
  'an optional call': [`bus?.on('a', hear)`, `bus?.on('b', hear)`, ['a', 'a'], ['b', 'b']],
  'an optional method': [`bus.on?.('a', hear)`, `bus.on?.('b', hear)`, ['a', 'a'], ['b', 'b']],
  'a data item': [`const made = bus.on('a', hear)`, `const made = bus.on('b', hear)`, ['a', 'a'], ['b', 'b']],
  'an await': [
    `bus.on('a', await Promise.resolve(hear))`,
    `bus.on('b', await Promise.resolve(hear))`,
    ['a', 'a'],
    ['b', 'b'],
  ],
  addEventListener: [
    `target.addEventListener('a', hear)`,
    `target.addEventListener('b', hear)`,
    ['a', 'a'],
    ['b', 'b'],
  ],
  'an event target that had the listener already': [
    `target.addEventListener('a', hear)`,
    `target.addEventListener('a', hear, {})`,
    ['a', 'a'],
    ['a', 'a'],
  ],
  'an event target that captures': [
    `target.addEventListener('a', hear, true)`,
    `target.addEventListener('b', hear, { capture: true })`,
    ['a', 'a'],
    ['b', 'b'],
  ],
  'an event target that captures no longer': [
    `target.addEventListener('a', hear, { capture: true }); target.addEventListener('a', again)`,
    `target.addEventListener('a', hear); target.addEventListener('a', again, true)`,
    ['a', 'again a', 'a', 'again a'],
    ['a', 'again a', 'a', 'again a'],
  ],
  'an event target that hears once from now on': [
    `target.addEventListener('a', hear)`,
    `target.addEventListener('a', hear, { once: true })`,
    ['a', 'a'],
    ['a'],
  ],
  'an event target with a signal': [
    `target.addEventListener('a', hear, { signal: AbortSignal.abort() })`,
    `target.addEventListener('a', hear, { signal: new AbortController().signal })`,
    [],
    ['a', 'a'],
  ],
}

describe('R11 listeners', () => {
  inLocalRealms(start => {
    for (const [name, [before, after, heardBefore, heardAfter]] of Object.entries(forms)) {
      it(`of ${name} are taken back when the item runs again, and when it is removed`, async () => {
        const app = await start({ ...bus, 'main.js': head + before })
        await app.expect('say', heardBefore, 'a', 'b', 'a', 'b')
        await app.edit({ 'main.js': head + after })
        await app.expect('say', heardAfter, 'a', 'b', 'a', 'b')
        await app.edit({ 'main.js': head })
        await app.expect('say', [], 'a', 'b', 'a', 'b')
      })
    }

    it('stay one when their function literal alone is edited', async () => {
      const app = await start({ ...bus, 'main.js': `${head}bus.on('a', () => heard.push(1))` })
      const report = await app.edit({ 'main.js': `${head}bus.on('a', () => heard.push(2))` })
      assert.deepEqual(report.modules[0]!.evaluated, [])
      await app.expect('say', [2], 'a')
    })

    it('of once are taken back while they wait, and leave others alone when they have been called', async () => {
      const text = (once: string) => `${head}bus.on('a', hear)\n${once}`
      const app = await start({ ...bus, 'main.js': text(`bus.once('a', hear)`) })
      await app.edit({ 'main.js': text(`bus.prependOnceListener('a', hear)`) })
      await app.expect('say', ['a', 'a', 'a'], 'a', 'a')
      await app.edit({ 'main.js': text('') })
      await app.expect('say', ['a'], 'a')
    })

    it('of two statements with the same function go one by one', async () => {
      const app = await start({
        ...bus,
        'main.js': `${head}bus.on('a', hear)\nbus.on('a', hear)\nbus.prependListener('a', hear)`,
      })
      await app.expect('say', ['a', 'a', 'a'], 'a')
      await app.edit({ 'main.js': `${head}bus.on('a', hear)\nbus.prependListener('a', hear)` })
      await app.expect('say', ['a', 'a'], 'a')
    })

    it('of the same function by another method are those of the new version', async () => {
      const app = await start({ ...bus, 'main.js': `${head}bus.on('a', hear)\nbus.on('a', again)` })
      await app.expect('say', ['a', 'again a'], 'a')
      await app.edit({ 'main.js': `${head}bus.prependOnceListener('a', hear)\nbus.on('a', again)` })
      await app.edit({ 'main.js': `${head}bus.once('a', hear)\nbus.on('a', again)\nthrow new Error('no')` }, 'rejected')
      await app.expect('say', ['a', 'again a', 'again a'], 'a', 'a')
      await app.edit({ 'main.js': `${head}bus.on('a', hear).on('b', hear)\nbus.on('a', again)` })
      await app.expect('say', ['again a', 'a', 'b', 'again a', 'a'], 'a', 'b', 'a')
      await app.edit({ 'main.js': `${head}bus.once('a', hear)\nbus.on('a', again)` })
      await app.expect('say', ['again a', 'a', 'again a'], 'a', 'b', 'a')
    })

    it('stay with an emitter that holds each function once', async () => {
      const sets = `
        class Sets { all = new Set(); on(_event, run) { this.all.add(run); return this } off(_event, run) { this.all.delete(run) } }
        const sets = new Sets()
        const hear = n => 'heard ' + n
        export const say = n => [...sets.all].map(run => run(n))`
      const app = await start(`${sets}\nsets.on('a', hear)`)
      await app.edit(`${sets}\nsets.on('b', hear)`)
      await app.expect('say', ['heard 1'], 1)
      await app.edit(`${sets}\nsets.on('c', hear)\nthrow new Error('no')`, 'rejected')
      await app.expect('say', ['heard 2'], 2)
      await app.edit(sets)
      await app.expect('say', [], 3)
    })

    it('of a failed reload are taken back, those of before stay', async () => {
      const app = await start({ ...bus, 'main.js': `${head}bus.on('a', hear)\ntarget.addEventListener('b', hear)` })
      const failing = `${head}bus.on('a', hear, 1)\ntarget.addEventListener('b', hear, {})\nthrow new Error('no')`
      await app.edit({ 'main.js': failing }, 'rejected')
      await app.expect('say', ['a', 'b'], 'a', 'b')
    })

    it('that a removed module registered go with it, and those of the program with close()', async () => {
      const part = `import { bus, hear } from './bus.js'\nbus.on('a', hear)`
      const app = await start({ ...bus, 'main.js': `${head}import './part.js'\nbus.on('b', hear)`, 'part.js': part })
      await app.edit({ 'main.js': `${head}bus.on('b', hear)` })
      await app.expect('say', ['b'], 'a', 'b')
      const { say } = app.program.exports
      await app.program.close()
      assert.deepEqual([...say('b')], [])
    })

    it('of process are taken back', async () => {
      const count = () => process.listenerCount('SIGUSR2')
      const before = count()
      const app = await start(`process.on('SIGUSR2', () => {})`)
      assert.equal(count(), before + 1)
      await app.edit(`process.on('SIGUSR2', () => {}, 1)`)
      assert.equal(count(), before + 1)
      await app.edit('')
      assert.equal(count(), before)
    })

    it('are nothing to code that only looks like it', async () => {
      const app = await start({
        'main.js': `
          import * as names from './names.js'
          const calls = []
          const odd = { on(...args) { calls.push(args.length, this === odd); return this } }
          names.on('a', 'b')
          odd.on('a', 1).on('b', 2, 3)
          const none = undefined
          none?.on('a', 1).more.on('b', 2)
          let failed
          try { odd.missing.on('a', 1) } catch (error) { failed = error.constructor.name }
          odd.empty = {}
          try { odd.empty.on('a', 1) } catch (error) { failed += ' ' + error.message + error.stack.match(/main.js:\\d+:\\d+/) }
          export const look = () => [calls, failed, names.seen]`,
        'names.js': `export const seen = []\nexport function on(...args) { seen.push(args.join()) }`,
      })
      await app.expect('look', [[2, true, 3, true], 'TypeError odd.empty.on is not a functionmain.js:12:27', ['a,b']])
    })
  })
})
