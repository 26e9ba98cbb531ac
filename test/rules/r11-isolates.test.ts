// Rule R11 in isolates, where there is none of Node: values with the symbols of disposal, timers, listeners of event targets.
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { inRealms } from '../support/program.js'

const log = { 'log.js': `export const log = []` }
const head = `import { log } from './log.js'\nexport const take = () => log.splice(0)\n`
const resource = `const open = name => ({ name, [Symbol.dispose]() { log.push('end ' + name) } })\n`

describe('R11 ownership', () => {
  inRealms(['isolate'], start => {
    it('disposes of a value that is made anew, and of one that is removed', async () => {
      const app = await start({ ...log, 'main.js': `${head}${resource}const held = open('one')` })
      await app.edit({ 'main.js': `${head}${resource}const held = open('two')` })
      await app.expect('take', ['end one'])
      await app.edit({ 'main.js': `${head}${resource}` })
      await app.expect('take', ['end two'])
    })

    it('awaits Symbol.asyncDispose, and tells of a disposer that fails', async () => {
      const text = (n: number) => `${head}
        const slow = { n: ${n}, async [Symbol.asyncDispose]() { await null; log.push('slow') } }
        const bad = { n: ${n}, [Symbol.dispose]() { throw new Error('busy') } }`
      const app = await start({ ...log, 'main.js': text(1) })
      const report = await app.edit({ 'main.js': text(2) })
      await app.expect('take', ['slow'])
      assert.deepEqual(
        report.failures?.map(({ code, message }) => [code, message]),
        [['ERR_REGROW_DISPOSE', "main.js: disposing of what 'bad' made failed: Error: busy"]],
      )
    })

    it('of what a reload that is rolled back had begun', async () => {
      const app = await start({ ...log, 'main.js': `${head}${resource}const held = open('one')` })
      await app.edit({ 'main.js': `${head}${resource}const held = open('two')\nnull.x` }, 'rejected')
      await app.expect('take', ['end two'])
    })

    it('clears timers that an item made', async () => {
      const text = (n: number) => `${head}setInterval(() => log.push(${n}), ${n === 1 ? 5 : 1_000_000})`
      const app = await start({ ...log, 'main.js': text(1) })
      await wait(60)
      assert.ok((await app.call('take')).includes(1))
      await app.edit({ 'main.js': text(2) })
      await app.call('take')
      await wait(60)
      await app.expect('take', [])
    })

    it('takes listeners of event targets back', async () => {
      const text = (name: string) => `${head}
        const target = new EventTarget()
        target.addEventListener('${name}', () => log.push('${name}'))
        export const send = name => void target.dispatchEvent(new Event(name))`
      const app = await start({ ...log, 'main.js': text('one') })
      await app.call('send', 'one')
      await app.edit({ 'main.js': text('two') })
      await app.call('send', 'one')
      await app.call('send', 'two')
      await app.expect('take', ['one', 'two'])
    })

    it('disposes of everything when the program is closed', async () => {
      const told: string[] = []
      const app = await start(
        { 'main.js': `const a = { [Symbol.dispose]() { tell('a') } }\nconst b = { [Symbol.dispose]() { tell('b') } }` },
        { globals: { tell: (name: string) => void told.push(name) } },
      )
      await app.program.close()
      assert.deepEqual(told, ['b', 'a'])
    })

    it('with dispose: false nothing is disposed of', async () => {
      const app = await start({ ...log, 'main.js': `${head}${resource}const held = open('one')` }, { dispose: false })
      await app.edit({ 'main.js': `${head}${resource}const held = open('two')` })
      await app.expect('take', [])
    })

    it('a close() does not wait for ever for a disposer', async () => {
      const app = await start(`const a = { [Symbol.asyncDispose]: () => new Promise(() => {}) }`)
      const began = Date.now()
      await app.program.close()
      assert.ok(Date.now() - began < 7000, `${Date.now() - began} ms`)
    })
  })
})
