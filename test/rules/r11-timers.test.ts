// Rule R11: timers that an item makes inside the realm are cleared with it.
import assert from 'node:assert/strict'
import timers from 'node:timers'
import { inLocalRealms } from '../support/program.js'

/** Each writes the time's mark into a list as long as it is alive. */
const forms: Readonly<Record<string, (mark: string) => string>> = {
  setInterval: mark => `setInterval(() => ticks.push('${mark}', 1), 1)`,
  'globalThis.setInterval': mark => `globalThis.setInterval(() => ticks.push('${mark}', 1), 1)`,
  'a binding': mark => `const timer = setInterval(() => ticks.push('${mark}', 1), 1)`,
  'setTimeout that goes on': mark =>
    `{ const again = () => { ticks.push('${mark}', 1); timer.refresh() }; const timer = setTimeout(again, 1) }`,
  'an assignment to a name that stays': mark => `kept = setInterval(() => ticks.push('${mark}', 1), 1)`,
  'an assignment in a function': mark => `keep('${mark}')`,
  'a function that is called': mark => `poll('${mark}')`,
  'an import': mark => `every(() => ticks.push('${mark}', 1), 1)`,
  'a namespace import': mark => `timers.setInterval(() => ticks.push('${mark}', 1), 1)`,
  'the default import': mark => `allTimers.setInterval(() => ticks.push('${mark}', 1), 1)`,
  'a captured function': mark => `captured(() => ticks.push('${mark}', 1), 1)`,
  setImmediate: mark =>
    `{ const again = () => { ticks.push('${mark}', 1) }; setImmediate(again); setInterval(again, 1) }`,
  'an await before': mark =>
    `{ await null; await new Promise(done => setTimeout(done, 1)); setInterval(() => ticks.push('${mark}', 1), 1) }`,
  'an awaited function': mark => `await (async () => { await null; poll('${mark}') })()`,
  'ticks of timers/promises': mark =>
    `void (async () => { for await (const _ of ticksOf(1)) ticks.push('${mark}', 1) })()`,
}
const head = `
  import { setInterval as every } from 'node:timers'
  import * as timers from 'timers'
  import allTimers from 'node:timers'
  import { setInterval as ticksOf, setTimeout as delay } from 'node:timers/promises'
  const captured = setInterval
  export const ticks = []
  let kept
  const keep = mark => { kept = setInterval(() => ticks.push(mark, 1), 1) }
  export const poll = mark => setInterval(() => ticks.push(mark, 1), 1)
  export const seen = () => { const all = new Set(ticks.splice(0)); all.delete(1); return [...all] }
`
const wait = () => new Promise(done => timers.setTimeout(done, 15))

describe('R11 timers', () => {
  inLocalRealms((start, realm) => {
    for (const [name, form] of Object.entries(forms)) {
      it(`of ${name} end when the item runs again, and when it is removed`, async () => {
        const app = await start(head + form('one'))
        await wait()
        await app.expect('seen', ['one'])
        await app.edit(head + form('two').replace(', 1), 1)', ', 1, 1), 1)'))
        await app.call('seen')
        await wait()
        await app.expect('seen', ['two'])
        await app.edit(head)
        await app.call('seen')
        await wait()
        await app.expect('seen', [])
      })
    }

    it('end when the reload that made them is rejected, whoever holds them', async () => {
      const app = await start(head)
      await app.edit(`${head}kept = setInterval(() => ticks.push('no'), 1)\nthrow new Error('no')`, 'rejected')
      await app.call('seen')
      await wait()
      await app.expect('seen', [])
    })

    it('go on where the next version of their statement leaves them in place', async () => {
      const source = (every: number) => `${head}kept ??= setInterval(() => ticks.push('kept'), ${every})`
      const app = await start(source(1))
      await app.edit(source(2))
      await app.call('seen')
      await wait()
      await app.expect('seen', ['kept'])
    })

    it('go on when their callback alone is edited', async () => {
      const app = await start(`${head}setInterval(() => ticks.push('one'), 1)`)
      await app.edit(`${head}setInterval(() => ticks.push('two'), 1)`)
      await app.call('seen')
      await wait()
      await app.expect('seen', ['two'])
    })

    it('made by a function that runs later belong to nobody', async () => {
      const text = (n: number) =>
        `${head}let timer\nexport const begin = () => { timer = setInterval(() => ticks.push('free'), 1) }\nexport const end = () => clearInterval(timer)\nlet n = ${n}`
      const app = await start(text(1))
      await app.call('begin')
      await app.edit(text(2))
      await app.call('seen')
      await wait()
      await app.expect('seen', ['free'])
      await app.call('end')
    })

    it('made later by what an item began that awaited belong to nobody, also while another one awaits', async () => {
      const text = (n: number, more = '') => `${head}
        let wake, timer
        export const end = () => clearInterval(timer)
        { await null; setInterval(() => wake?.(), 1, ${n}) }
        ${more}`
      const other = `await new Promise(done => {
        wake = () => { wake = undefined; timer = setInterval(() => ticks.push('free'), 1) }
        setTimeout(done, 20)
      })`
      const app = await start(text(1))
      await app.edit(text(1, other))
      await app.edit(text(2, other))
      await app.call('seen')
      await wait()
      await app.expect('seen', ['free'])
      await app.call('end')
    })

    it('a delay of timers/promises that is stopped never comes', async () => {
      const app = await start(`${head}void delay(20, 'one').then(each => ticks.push(each))`)
      await app.edit(`${head}void delay(1, 'two').then(each => ticks.push(each))`)
      await new Promise(done => timers.setTimeout(done, 40))
      await app.expect('seen', ['two'])
    })

    it('of a failed reload are cleared, those of before go on', async () => {
      const app = await start(`${head}${forms.setInterval!('one')}`)
      await app.edit(`${head}setInterval(() => ticks.push('two'), 1, 2)\nthrow new Error('no')`, 'rejected')
      await wait()
      await app.expect('seen', ['one'])
    })

    it('end with the program', async () => {
      const app = await start(head + forms.setInterval!('one'))
      const { seen } = app.program.exports
      await app.program.close()
      seen()
      await wait()
      assert.deepEqual([...seen()], [])
    })

    it("look like Node's", async () => {
      const app = await start(`
        import { promisify } from 'node:util'
        import { setTimeout as imported } from 'node:timers'
        const timer = setTimeout(() => {}, 1)
        export const look = async () => [
          setTimeout.name, typeof setTimeout, setTimeout === setTimeout, setTimeout === globalThis.setTimeout, imported === setTimeout,
          typeof timer.unref, await promisify(setTimeout)(1, 'later'), { setTimeout }.setTimeout === setTimeout,
          (timeout => { try { setTimeout(); } catch (error) { return error.code } })()
        ]`)
      await app.expect('look', [
        'setTimeout',
        'function',
        true,
        realm === 'context',
        true,
        'function',
        'later',
        true,
        'ERR_INVALID_ARG_TYPE',
      ])
    })

    it('that a test has put in their place are used', async () => {
      const app = await start(`export const look = () => { let n = 0; const real = globalThis.setTimeout
        globalThis.setTimeout = () => { n++ }
        try { setTimeout(() => {}, 1) } finally { globalThis.setTimeout = real }
        return n }`)
      await app.expect('look', 1)
    })

    if (realm === 'main')
      it("leave the host's own functions alone", async () => {
        const before = [globalThis.setTimeout, globalThis.setInterval, globalThis.setImmediate]
        const app = await start(head + forms.setInterval!('one'))
        assert.deepEqual([globalThis.setTimeout, globalThis.setInterval, globalThis.setImmediate], before)
        await app.program.close()
        assert.deepEqual([globalThis.setTimeout, globalThis.setInterval, globalThis.setImmediate], before)
      })
  })
})
