// CommonJS modules of the guest: linked with ES modules both ways, and reloaded whole.
import assert from 'node:assert/strict'
import { inEveryRealm } from '../support/program.js'

describe('CommonJS', () => {
  inEveryRealm(start => {
    it('is imported whole and by name, by a name that says so or by its text', async () => {
      const app = await start({
        'main.js': `
          import tool, { name, twice } from './tool.cjs'
          import * as all from './tool.cjs'
          import plain, { kind } from './plain.js'
          export const run = () => [tool.name, name, twice(4), Object.keys(all), all['module.exports'] === tool, plain(), kind]`,
        'tool.cjs': `#!/usr/bin/env node\nexports.name = 'tool'\nexports.twice = n => n * 2\nthis.more = typeof arguments`,
        'plain.js': `function plain() { return this === undefined ? 'strict' : 'sloppy' }\nmodule.exports = plain\nmodule.exports.kind = 'plain'`,
      })
      await app.expect('run', [
        'tool',
        'tool',
        8,
        ['default', 'module.exports', 'name', 'twice'],
        true,
        'sloppy',
        'plain',
      ])
    })

    it('is known by its text also where that begins with what it exports', async () => {
      const app = await start({
        'main.js': `import { size } from './size.js'\nexport const run = () => size`,
        'size.js': `exports.size = 3\n`,
      })
      await app.expect('run', 3)
    })

    it('is reloaded whole by an edit, with everything that required it, and keeps what was not touched', async () => {
      const leaf = (factor: number) => `module.exports = { scale: n => n * ${factor} }`
      const app = await start({
        'main.js': `
          import { area } from './middle.cjs'
          import other from './other.cjs'
          export const run = n => [area(n), other.made]`,
        'middle.cjs': `const { scale } = require('./leaf.cjs')\nexports.area = n => scale(n) + 1`,
        'leaf.cjs': leaf(2),
        'other.cjs': `exports.made = Math.random()`,
      })
      const [, made] = await app.call('run', 1)
      await app.expect('run', [7, made], 3)
      const report = await app.edit({ 'leaf.cjs': leaf(10) })
      await app.expect('run', [31, made], 3)
      const touched = report.modules.map(each => each.id).sort()
      if (touched.includes('other.cjs')) throw new Error(`touched ${touched}`)
      await app.edit({ 'leaf.cjs': `// a comment\n${leaf(10)}` }, 'unchanged')
    })

    it('imports by import(), as ES modules do, and hears of edits there', async () => {
      const app = await start({
        'main.js': `import { run } from './main.cjs'\nexport { run }`,
        'main.cjs': `
          const name = './tool.mjs'
          exports.run = async () => {
            const tool = await import('./tool.mjs'), same = await import(name)
            const { default: cjs } = await import('./leaf.cjs')
            const failed = await import('./missing.mjs').catch(error => error instanceof Error)
            return [tool.answer(), tool === same, cjs.leaf, failed]
          }`,
        'tool.mjs': `export const answer = () => 1`,
        'leaf.cjs': `exports.leaf = 'leaf'`,
      })
      await app.expect('run', [1, true, 'leaf', true])
      await app.edit({ 'tool.mjs': `export const answer = () => 2` })
      await app.expect('run', [2, true, 'leaf', true])
    })

    it('reports the place of an error behind an import() in its line', async () => {
      const text = `exports.run = async () => { await import('./tool.mjs'); throw new Error('here') }`
      const app = await start({
        'main.js': `import { run } from './main.cjs'\nexport { run }`,
        'main.cjs': text,
        'tool.mjs': `export {}`,
      })
      const place = `main.cjs:1:${text.indexOf('new Error') + 1}`
      await assert.rejects(app.call('run'), ({ stack }: Error) => stack!.includes(place))
    })

    it('requires builtins, JSON, ES modules, and itself in a cycle', async () => {
      const app = await start({
        'main.js': `import cjs from './main.cjs'\nexport const run = () => cjs.told`,
        'main.cjs': `
          const { posix } = require('node:path')
          const data = require('./data.json')
          const esm = require('./esm.mjs')
          exports.early = 'early'
          const cycle = require('./cycle.cjs')
          let absent
          try { require('./absent.cjs') } catch (error) { absent = error.code }
          exports.told = [posix.join(__dirname, 'x') === require('node:path').join(__dirname, 'x'), __filename.endsWith('main.cjs'), data.n, esm.value,
            cycle.seen, absent, typeof require.resolve('node:fs'), require.main === module, this === exports, module.loaded]`,
        'data.json': '{ "n": 5 }',
        'esm.mjs': 'export const value = 6',
        'cycle.cjs': `exports.seen = 'cycle ' + typeof require('./main.cjs')`,
      })
      await app.expect('run', [true, true, 5, 6, 'cycle object', 'MODULE_NOT_FOUND', 'string', false, true, false])
      await app.edit({ 'data.json': '{ "n": 50 }' })
      await app.expect('run', [true, true, 50, 6, 'cycle object', 'MODULE_NOT_FOUND', 'string', false, true, false])
    })

    it('runs what it requires when it requires it, so that cycles come out as natively', async () => {
      const range = (mark: string) => `
        const log = require('./log.cjs')
        log.push('range')
        class Range { test() { return new Comparator().is(this) + '${mark}' } }
        module.exports = Range
        const Comparator = require('./comparator.cjs')`
      const app = await start({
        'main.js': `
          import index from './index.cjs'
          import { log, told } from './other.cjs'
          export const run = () => [new index.Range().test(), new index.Comparator().range().test(), told, log]`,
        'index.cjs': `
          exports.early = 'early'
          exports.Range = require('./range.cjs')
          exports.Comparator = require('./comparator.cjs')
          exports.late = require('./late.cjs')`,
        'range.cjs': range('!'),
        'comparator.cjs': `
          const log = require('./log.cjs')
          log.push('comparator')
          class Comparator { is(x) { return x instanceof Range } range() { return new Range() } }
          module.exports = Comparator
          const Range = require('./range.cjs')`,
        'late.cjs': `
          const { early, late } = require('./index.cjs')
          const esm = require('./esm.mjs')
          require('./log.cjs').push('late ' + [early, late, esm.value])`,
        'esm.mjs': `export const value = 6`,
        'log.cjs': `module.exports = []`,
        'other.cjs': `
          exports.log = require('./log.cjs')
          try { require('./bad.cjs') } catch (error) { exports.told = error.message }`,
        'bad.cjs': `throw new Error('bad')`,
      })
      const log = ['range', 'comparator', 'late early,,6']
      await app.expect('run', ['true!', 'true!', 'bad', log])
      await app.edit({ 'range.cjs': range('?') })
      await app.expect('run', ['true?', 'true?', 'bad', [...log, ...log]])
      await app.edit({ 'log.cjs': `module.exports = ['new']` })
      await app.expect('run', ['true?', 'true?', 'bad', ['new', ...log]])
    })

    it('runs what it requires where other modules await', async () => {
      const app = await start({
        'main.js': `
          import { seen } from './a.cjs'
          import { value } from './late.js'
          export const run = () => [seen, value]`,
        'late.js': `import b from './b.cjs'\nexport const value = await Promise.resolve(b.name)`,
        'a.cjs': `exports.name = 'a'\nexports.seen = require('./b.cjs').told()`,
        'b.cjs': `module.exports = { name: 'b', told: () => 'b of ' + a.name }\nconst a = require('./a.cjs')`,
      })
      await app.expect('run', ['b of a', 'b'])
      await app.edit({
        'b.cjs': `module.exports = { name: 'B', told: () => 'B of ' + a.name }\nconst a = require('./a.cjs')`,
      })
      await app.expect('run', ['B of a', 'B'])
    })

    it('that throws, or does not parse, is told with its place', async () => {
      const app = await start({
        'main.js': `import tool from './tool.cjs'\nexport const run = () => tool()`,
        'tool.cjs': `module.exports = () => 1`,
      })
      const parse = await app.edit({ 'tool.cjs': `module.exports = () => {\n  return ]\n}` }, 'rejected')
      const { code, file, line } = parse.error!
      if (code !== 'ERR_REGROW_BUILD' || file !== 'tool.cjs' || line !== 2) throw parse.error
      const thrown = await app.edit({ 'tool.cjs': `// one\nmodule.exports = 1\nnull.x` }, 'rejected')
      if (thrown.error!.file !== 'tool.cjs' || thrown.error!.line !== 3) throw thrown.error
      await app.expect('run', 1)
      await app.edit({ 'tool.cjs': `module.exports = () => new Error('here').stack.split('\\n')[1]` })
      const frame = await app.call('run')
      if (!/tool\.cjs:1:\d+\)?$/.test(frame)) throw new Error(frame)
    })

    it('in TypeScript has import = require and export =', async () => {
      const app = await start({
        'main.ts': `import tool from './tool.cts'\nexport const run = () => tool.say()`,
        'tool.cts': `import path = require('node:path')\nconst says: string = path.posix.join('a', 'b')\nexport = { say: (): string => says }`,
      })
      await app.expect('run', 'a/b')
    })
  })
})
