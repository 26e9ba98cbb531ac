// What a module sees of the language: import(), top-level await, direct eval.
import { inEveryRealm } from '../support/program.js'

describe('import()', () => {
  inEveryRealm(start => {
    /** Tells how an import ended, in words. */
    const tell = `
      const own = error => error instanceof Error
      export const run = (specifier, options) =>
        import(specifier, options).then(
          ns => 'got ' + Object.keys(ns),
          error => [error.name, error.code, own(error)].join(' '),
        )`

    it('fails as natively: with errors of the program itself', async () => {
      const app = await start({
        'main.js': tell,
        'good.js': 'export const a = 1',
        'broken.js': 'export const a =',
        'unlinked.js': `import { nothing } from './good.js'`,
        'throws.js': `throw Object.assign(new RangeError('on purpose'), { code: 7 })`,
      })
      await app.expect('run', 'got a', './good.js')
      await app.expect('run', 'SyntaxError  true', './broken.js')
      await app.expect('run', 'SyntaxError  true', './unlinked.js')
      await app.expect('run', 'RangeError 7 true', './throws.js')
      await app.expect('run', 'Error ERR_MODULE_NOT_FOUND true', './absent.js')
      await app.expect('run', 'got a', './good.js')
    })

    it('checks its options', async () => {
      const app = await start({
        'main.js': `${tell}
          export const odd = async () => {
            const seen = []
            for (const options of [null, 1, { with: 1 }, { with: null }, { with: { type: 1 } }])
              await import('./good.js', options).catch(error => seen.push(error.name))
            await import('./good.js', { with: undefined }).then(ns => seen.push(ns.a))
            await import({ toString: () => './good.js' }).then(ns => seen.push(ns.a))
            await import(Symbol('no')).catch(error => seen.push(error.name))
            return seen.join()
          }`,
        'good.js': 'export const a = 1',
      })
      const names = Array(5).fill('TypeError')
      await app.expect('odd', [...names, 1, 1, 'TypeError'].join())
    })

    it('of several modules at once loads each once', async () => {
      const app = await start({
        'main.js': `
          globalThis.evaluations = []
          export const run = async () => {
            const [a, b, again] = await Promise.all([import('./a.js'), import('./b.js'), import('./a.js')])
            return [a.name, b.name, a === again, globalThis.evaluations.join()]
          }`,
        'a.js': `import './both.js'\nexport const name = 'a'\nglobalThis.evaluations.push(name)`,
        'b.js': `import './both.js'\nexport const name = 'b'\nglobalThis.evaluations.push(name)`,
        'both.js': `globalThis.evaluations.push('both')`,
      })
      await app.expect('run', ['a', 'b', true, 'both,a,b'])
      await app.edit({ 'b.js': `import './both.js'\nexport const name = 'B'` })
      await app.expect('run', ['a', 'B', true, 'both,a,b'])
    })

    it('of many modules at once, some more than once, loads each once', async () => {
      const numbers = Array.from({ length: 60 }, (_, index) => index)
      const app = await start({
        'main.js': `
          globalThis.evaluations = []
          export const run = async () => {
            const wanted = [${numbers.join()}].flatMap(each => [each, each])
            const loaded = await Promise.all(wanted.map(each => import('./m' + each + '.js')))
            return [loaded.map(each => each.number).join(), globalThis.evaluations.sort((a, b) => a - b).join()]
          }`,
        'both.js': 'globalThis.evaluations.push(-1)',
        ...Object.fromEntries(
          numbers.map(each => [
            `m${each}.js`,
            `import './both.js'\nexport const number = ${each}\nglobalThis.evaluations.push(number)`,
          ]),
        ),
      })
      await app.expect('run', [numbers.flatMap(each => [each, each]).join(), [-1, ...numbers].join()])
    })

    it('at top level of an edit does not wait for a running module that the same edit changes', async () => {
      const app = await start({
        'main.js': `export const run = async () => (await import('./other.js')).value`,
        'other.js': `await null\nexport const value = 1`,
      })
      await app.expect('run', 1)
      await app.edit({
        'main.js': `const other = await import('./other.js')\nexport const run = () => other.value`,
        'other.js': `await null\nexport const value = 2`,
      })
      await app.expect('run', 2)
    })

    it('of a module that the same start evaluates gives that one, once it has ended', async () => {
      const app = await start({
        'main.js': `
          import './before.js'
          import { log } from './log.js'
          const before = await import('./before.js')
          log.push(before.value)
          const late = await import('./late.js')
          log.push(late.seen)
          export const run = () => log.join()`,
        'log.js': 'export const log = []',
        'before.js': `
          import { log } from './log.js'
          log.push('starts')
          export const value = await Promise.resolve('value')
          log.push('ends')`,
        'late.js': `import { log } from './log.js'\nimport { value } from './before.js'\nexport const seen = 'late ' + value`,
      })
      await app.expect('run', 'starts,ends,value,late value')
      await app.edit({
        'late.js': `import { log } from './log.js'\nimport { value } from './before.js'\nexport let seen = 2\nlog.push(3)`,
      })
      await app.expect('run', 'starts,ends,value,late value,3')
    })
  })
})

describe('top-level await', () => {
  inEveryRealm(start => {
    it('lets modules that do not wait for each other overlap, and holds up those that do', async () => {
      const step = (name: string) => `
        import { log } from './log.js'
        log.push('${name} begins')
        await null
        log.push('${name} ends')`
      const app = await start({
        'main.js': `import { log } from './log.js'\nimport './a.js'\nimport './b.js'\nimport './c.js'\nlog.push('main')\nexport const run = () => log.join()`,
        'log.js': 'export const log = []',
        'a.js': step('a'),
        'b.js': step('b'),
        'c.js': `import './a.js'\nimport { log } from './log.js'\nlog.push('c')`,
      })
      await app.expect('run', 'a begins,b begins,a ends,c,b ends,main')
    })

    it('in a cycle waits for the module through which the cycle was entered', async () => {
      const app = await start({
        'main.js': `import { log } from './log.js'\nimport './inner.js'\nlog.push('main')\nexport const run = () => log.join()`,
        'log.js': 'export const log = []',
        'inner.js': `import './outer.js'\nimport { log } from './log.js'\nawait null\nlog.push('inner')`,
        'outer.js': `import './inner.js'\nimport { log } from './log.js'\nawait null\nlog.push('outer')`,
      })
      await app.expect('run', 'outer,inner,main')
    })

    it('stands in the heritage and the keys of a class', async () => {
      const source = (version: number) => `
        export class Base { #kind = 'base'; kind() { return this.#kind } }
        export class Thing extends (await Promise.resolve(Base)) {
          #n = ${version};
          [await 'key']() { return this.#n };
          static [await 'made'] = ${version}
        }
        export const run = () => [new Thing().key(), Thing.made, new Thing().kind()]
        let first
        export const held = () => { first ??= new Thing(); return first.key() }`
      const app = await start(source(1))
      await app.expect('run', [1, 1, 'base'])
      await app.expect('held', 1)
      await app.edit(source(2))
      await app.expect('run', [2, 2, 'base'])
      await app.expect('held', 1)
    })
  })
})

describe('direct eval', () => {
  inEveryRealm(start => {
    const source = (step: number) => `
      import { shared, raise } from './lib.js'
      let count = 1
      const fixed = 'fixed'
      function twice(n) { return n * ${step} }
      class Thing { #secret = 5; look(text) { return eval(text) } }
      export { raise }
      export const run = text => eval(text)
      export const look = text => new Thing().look(text)`
    const lib = `export let shared = 'old'\nexport const raise = () => { shared = 'new' }`

    it('sees the names of the module, and assigns those it may', async () => {
      const app = await start({ 'main.js': source(2), 'lib.js': lib })
      await app.expect('run', 4, 'twice(count + 1)')
      await app.expect('run', 5, 'count = 5')
      await app.expect('run', 10, 'twice(count)')
      await app.expect('run', 'old', 'shared')
      await app.call('raise')
      await app.expect('run', 'new', 'shared')
      await app.expect('look', 10, 'this.#secret + count')
      await app.fails('run', /TypeError/, 'fixed = 1')
      await app.fails('run', /TypeError/, 'shared = 1')
      await app.fails('run', /ReferenceError.*nowhere is not defined/, 'nowhere')
      await app.expect('run', 'undefined', 'typeof nowhere')
      await app.edit({ 'main.js': source(3) })
      await app.expect('run', 15, 'twice(count)')
    })

    it('that is called indirectly sees globals alone', async () => {
      const app = await start(
        `let count = 1\nexport const run = () => (0, eval)('typeof count') + eval?.('typeof count') + count`,
      )
      await app.expect('run', 'undefinedundefined1')
    })
  })
})

describe('modules that are no code', () => {
  inEveryRealm(start => {
    it('JSON and text are live: importers see the new value, and what derives from it is evaluated anew', async () => {
      const app = await start({
        'main.js': `
          import data from './data.json' with { type: 'json' }
          import note from './note.txt' with { type: 'text' }
          import code from './code.js' with { type: 'text' }
          const length = note.length
          export const run = async () => [data.list[0], note, length, code, (await import('./late.md', { with: { type: 'text' } })).default]`,
        'data.json': '{ "list": [1], "__proto__": 2 }',
        'note.txt': 'one `two` $three\n',
        'code.js': 'export const x = <',
        'late.md': '# late',
      })
      await app.expect('run', [1, 'one `two` $three\n', 17, 'export const x = <', '# late'])
      await app.edit({ 'data.json': '{ "list": [2] }', 'note.txt': 'new', 'late.md': '# later' })
      await app.expect('run', [2, 'new', 3, 'export const x = <', '# later'])
      await app.edit({ 'data.json': '{ "list": [' }, 'rejected')
      await app.expect('run', [2, 'new', 3, 'export const x = <', '# later'])
    })
  })
})
