// TypeScript that is meant to become CommonJS, and names `require`, `module` and `__dirname` beside its imports.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

describe('names of CommonJS in TypeScript with imports', () => {
  inEveryRealm((start, realm) => {
    const main = `
      import { double } from './double'
      import plain = require('./plain')
      const config = require('./config.json')
      const legacy = require('./legacy'), again = require("./legacy")
      const tools = require('./tools').default
      export let calls = 0
      export const half = config.size / 2
      export const isMain = require.main === module
      export const names = [__filename, __dirname].map(each => each.slice(-7))
      export function run() { return [++calls, half, double(config.size), legacy.name, again === legacy, plain(), tools.add(1, 2), isMain] }
      export const told = () => names
      export const inner = (require: string) => require + typeof __dirname
      export const text = "(0, import.meta.$require)('./none')"`
    const files = {
      'main.ts': main,
      'double.ts': `export const double = (n: number) => n * 2\nexport const isMain = require.main === module`,
      'plain.ts': `import { double } from './double'\nfunction plain() { return double(4) }\nexport = plain`,
      'config.json': '{ "size": 10 }',
      'legacy.js': `exports.name = 'legacy'`,
      'tools.ts': `export default { add: (a: number, b: number) => a + b }`,
    }

    it('mean what they mean there, and definitions are patched one by one', async () => {
      const app = await start(files)
      await app.expect('run', [1, 5, 20, 'legacy', true, 8, 3, true])
      assert.deepEqual([(await app.call('told'))[0], await app.call('inner', 'x')], ['main.ts', 'xstring'])
      await app.edit({ 'tools.ts': files['tools.ts'].replace('a + b', 'a * b') })
      await app.expect('run', [2, 5, 20, 'legacy', true, 8, 2, true])
      const report = await app.edit({ 'config.json': '{ "size": 12 }' })
      assert.deepEqual(moduleReport(report, 'main.ts').evaluated, ['config', 'half'])
      await app.expect('run', [3, 6, 24, 'legacy', true, 8, 2, true])
      await app.edit({ 'legacy.js': `exports.name = 'newer'`, 'main.ts': main.replace('[++calls', '[calls += 10') })
      await app.expect('run', [13, 6, 24, 'newer', true, 8, 2, true])
    })

    it('a text that gives its exports by them is CommonJS, whatever it imports', async () => {
      const source = (text: string) =>
        `import { double } from './double'\nfunction router() { return '${text} ' + double(2) }\nmodule.exports = router\nmodule.exports.kind = 'router'`
      const main = `import router, { kind } from './router'\nexport const run = () => [router(), kind]`
      const app = await start({ 'main.ts': main, 'router.ts': source('one'), 'double.ts': files['double.ts'] })
      await app.expect('run', ['one 4', 'router'])
      const report = await app.edit({ 'router.ts': source('two') })
      assert.deepEqual(moduleReport(report, 'router.ts').evaluated, ['module'])
      await app.expect('run', ['two 4', 'router'])
    })

    it('module is an object of the module, and that of the entry is main', async () => {
      const app = await start({
        'main.ts': `import { other } from './other'
          if (module.exports) module.exports.own = 1
          export const run = () => [module === require.main, require === require, module.exports.own, typeof module.id, other]`,
        'other.ts': `export const other = require.main === module`,
      })
      await app.expect('run', [true, true, 1, 'string', false])
    })

    it('say where nothing is found', async () => {
      await assert.rejects(start({ 'main.ts': `import './a'\nconst b = require('./b')`, 'a.ts': '' }), {
        code: 'ERR_REGROW_LINK',
        line: 2,
        message: /cannot find '\.\/b' imported by main\.ts/,
      })
    })

    it('are unknown in a package of modules, and in a module that declares them itself', async () => {
      const text = `export const run = () => [typeof require, typeof __dirname, typeof module]`
      const app = await start({ 'main.ts': text, 'package.json': '{ "type": "module" }' })
      await app.expect('run', ['undefined', 'undefined', 'undefined'])
      const own = await start({
        'main.ts': `const require = 1, __dirname = 'own'\nexport const run = () => [require, __dirname]`,
      })
      await own.expect('run', [1, 'own'])
    })

    // The host of an isolate does not hear what runs while it loads.
    if (realm === 'isolate') return

    it('what need not run need not be there, and what is there is loaded', async () => {
      const source = (more: string) => `
        import './double'
        ${more}
        export const state = { calls: 0 }
        let optional = 'none'
        try { optional = require('./missing') } catch (error) { optional = error.code }
        const chosen = state.calls === 0 ? require('./tools').default : undefined
        const template = require(\`./config.json\`)
        export const run = () => [++state.calls, optional, chosen.add(1, 2), require('./legacy').name, template.size]`
      const app = await start({ ...files, 'main.ts': source('') })
      await app.expect('run', [1, 'MODULE_NOT_FOUND', 3, 'legacy', 10])
      // Another call leaves those alone that were there.
      await app.edit({ 'main.ts': source(`const plain = require('./plain'), first = require('./double')`) })
      await app.expect('run', [2, 'MODULE_NOT_FOUND', 3, 'legacy', 10])
    })

    it('give packages and builtins', async () => {
      const app = await start({
        'main.ts': `import { basename } from 'node:path'
            const fs = require('node:fs')
            export const run = () => [typeof fs.readFileSync, require('acorn').Parser.name, basename(require.resolve('acorn')), basename(require.main.filename)]`,
      })
      await app.expect('run', ['function', 'Parser', 'acorn.js', 'main.ts'])
    })
  })
})
