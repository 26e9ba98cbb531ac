// How a program is loaded: functions of modules in cycles, and text that V8 alone refuses.
import assert from 'node:assert/strict'
import type { RegrowError } from '../../host/index.js'
import { inEveryRealm } from '../support/program.js'

describe('modules in a cycle', () => {
  inEveryRealm(start => {
    it('call functions of modules whose turn has not come, and those call others', async () => {
      const app = await start({
        'main.js': `import { log } from './first.js'\nexport function second() { return third() + 1 }\nimport { third } from './middle.js'
          export const run = () => log.join()`,
        'middle.js': `import './first.js'\nexport { third } from './last.js'`,
        'last.js': `import './first.js'\nexport function third() { return 3 }`,
        'first.js': `import { second } from './main.js'\nimport * as middle from './middle.js'
          export const log = [second(), middle.third()]`,
      })
      await app.expect('run', '4,3')
      await app.edit({
        'last.js': `import './first.js'\nexport function third() { return 30 }`,
        'first.js': `import { second } from './main.js'\nimport * as middle from './middle.js'
          export const log = [second(), middle.third(), 'again']`,
      })
      await app.expect('run', '31,30,again')
    })

    it('do not see the data of modules whose turn has not come', async () => {
      const app = await start({
        'main.js': `import { told } from './other.js'\nexport const late = 1\nexport function read() { return late }
          export const run = () => told`,
        'other.js': `import { read } from './main.js'
          export let told
          try { told = read() } catch (error) { told = error.name + ': ' + error.message }`,
      })
      await app.expect('run', "ReferenceError: Cannot access 'late' before initialization")
    })

    it('call functions also where CommonJS requires the module', async () => {
      const app = await start({
        'main.js': `import told from './told.cjs'\nimport { other } from './other.js'\nexport const run = () => told + other()`,
        'told.cjs': `const { twice } = require('./twice.cjs')\nmodule.exports = twice(4)`,
        'twice.cjs': `exports.twice = n => n * 2`,
        'other.js': `export const other = () => '!'`,
      })
      await app.expect('run', '8!')
    })
  })
})

describe('text that parses but does not compile', () => {
  inEveryRealm(start => {
    const tooMany = `export const run = () => Math.max(${'0,'.repeat(70_000)})`

    it('is a build failure at the start', async () => {
      await assert.rejects(
        start({ 'main.js': `import './other.js'\n${tooMany}`, 'other.js': '' }),
        (error: RegrowError) => {
          assert.equal(error.code, 'ERR_REGROW_BUILD')
          assert.match(error.message, /main\.js.*Too many arguments/s)
          return true
        },
      )
    })

    it('changes nothing in an edit', async () => {
      const app = await start({
        'main.js': `import { count } from './other.js'\nexport const run = () => count`,
        'other.js': 'export const count = 1',
      })
      const { error } = await app.edit(
        { 'main.js': `import { count } from './other.js'\n${tooMany}`, 'other.js': 'export const count = 2' },
        'rejected',
      )
      assert.equal(error?.code, 'ERR_REGROW_BUILD')
      await app.expect('run', 1)
    })
  })
})
