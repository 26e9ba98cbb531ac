// Rule R9: an edit that changes nothing runs nothing, yet stack traces follow it.
import assert from 'node:assert/strict'
import { inEveryRealm, type RunningProgram } from '../support/program.js'

/** Line in `id` of the topmost frame there of the stack that an export returns. */
async function lineOf(app: RunningProgram, name: string, id = 'main.js'): Promise<number> {
  const stack: string = await app.call(name)
  const match = new RegExp(`${id.replace('.', '\\.')}:(\\d+)`).exec(stack)
  assert.ok(match, `no frame of ${id} in:\n${stack}`)
  return Number(match[1])
}

const log = { 'log.js': 'export const log = []' }

describe('R9 no change', () => {
  inEveryRealm(start => {
    const plain = `import { log } from './log.js'
log.push('ran')
const state = { n: 0, add: (a, b) => { return a + b } }
class Thing { static made = 0; tell() { return 'thing' } }
export function run() { state.n++; return [state.n, log.length, new Thing().tell()] }`

    for (const [name, text] of Object.entries({
      'the same text': plain,
      'blank lines and indentation': `\n\n${plain.replaceAll('\n', '\n\n    ')}\n`,
      'windows line ends': plain.replaceAll('\n', '\r\n'),
      'a byte order mark': `\uFEFF${plain}`,
      comments: `/* licence */\n// note\n${plain.replaceAll('\n', ' // why\n').replace('n: 0', '/* n */ n: 0')} /** end */`,
      quotes: plain.replaceAll(`'`, '"'),
      semicolons: `${plain.replaceAll('\n', ';\n')};`,
      parentheses: plain
        .replace('a + b', '(a + b)')
        .replace('= 0;', '= (0);')
        .replace(`log.push('ran')`, `(log.push(('ran')))`),
      'trailing commas': plain
        .replace('a + b }', 'a + b },')
        .replace(`push('ran')`, `push('ran',)`)
        .replace('(a, b)', '(a, b,)'),
      'line breaks': plain.replaceAll('{ ', '{\n').replaceAll(' }', '\n}').replaceAll(', ', ',\n'),
    })) {
      it(`${name}: unchanged, and nothing runs`, async () => {
        const app = await start({ ...log, 'main.js': plain })
        await app.expect('run', [1, 1, 'thing'])
        const report = await app.edit({ 'main.js': text }, 'unchanged')
        await app.expect('run', [2, 1, 'thing'])
        assert.equal(app.program.modules().find(module => module.id === 'main.js')?.version, 1)
        assert.deepEqual(
          report.modules.flatMap(module => [...module.patched, ...module.evaluated]),
          [],
        )
      })
    }

    it('a reordering of declarations is no change', async () => {
      const parts = [
        `const state = { n: 0 }`,
        `function helper() { return state.n }`,
        `class Thing { tell() { return 'thing' } }`,
        `const other = ['a']`,
        `export function run() { state.n++; return [helper(), new Thing().tell(), other[0]] }`,
      ]
      const app = await start(parts.join('\n'))
      await app.expect('run', [1, 'thing', 'a'])
      await app.edit(parts.toReversed().join('\n'), 'unchanged')
      await app.expect('run', [2, 'thing', 'a'])
    })

    it('a reordering of imports is no change', async () => {
      const imports = [`import { log } from './log.js'`, `import { a } from './a.js'`, `import './side.js'`]
      const rest = `export function run() { return [a, log] }`
      const app = await start({
        ...log,
        'a.js': `import { log } from './log.js'\nlog.push('a')\nexport const a = 1`,
        'side.js': `import { log } from './log.js'\nlog.push('side')`,
        'main.js': [...imports, rest].join('\n'),
      })
      await app.expect('run', [1, ['a', 'side']])
      await app.edit({ 'main.js': [...imports.toReversed(), rest].join('\n') }, 'unchanged')
      await app.expect('run', [1, ['a', 'side']])
    })

    it('edits of types alone are no change', async () => {
      const app = await start({
        'main.ts': `
          import { type Shape, area } from './shape.ts'
          let n = 0
          export function run(): unknown { const s: Shape = { w: 2 }; return [area(s), ++n] }`,
        'shape.ts': `export interface Shape { w: number }\nexport function area(s: Shape): number { return s.w }`,
      })
      await app.expect('run', [2, 1])
      await app.edit(
        {
          'main.ts': `
          import type { Shape, Extra } from './shape.ts'
          import { area } from './shape.ts'
          declare const nothing: unique symbol
          let n: number = 0 as number
          export function run<T = Extra>(): [number, number] { const s = { w: 2 } satisfies Shape as Shape; return [area(s)!, ++n] }`,
          'shape.ts': `export type Shape = { readonly w: number; h?: number }\nexport interface Extra { a: 1 }\nexport function area(s: Readonly<Shape>) { return s.w }`,
        },
        'unchanged',
      )
      await app.expect('run', [2, 2])
    })

    it('a file that no module of the program imports is no change', async () => {
      const app = await start({ 'main.js': `export function run() { return 1 }`, 'spare.js': 'export const a = 1' })
      await app.edit({ 'spare.js': 'this is not JavaScript', 'notes.txt': 'hello' }, 'unchanged')
      await app.edit({ 'spare.js': null }, 'unchanged')
      await app.expect('run', 1)
    })

    it('a reload without any edit is unchanged', async () => {
      const app = await start(`let n = 0\nexport function run() { return ++n }`)
      await app.expect('run', 1)
      assert.equal((await app.program.reload()).outcome, 'unchanged')
      await app.expect('run', 2)
    })

    it('the stack of an error names the new line after lines were added above', async () => {
      const source = `
function plain() {
  return new Error('here').stack
}
class Thing {
  tell() {
    return new Error('here').stack
  }
}
const table = {
  arrow: () => {
    return new Error('here').stack
  },
}
const old = new Thing()
export function fromPlain() { return plain() }
export function fromMethod() { return old.tell() }
export function fromArrow() { return table.arrow() }`
      const app = await start(source)
      const lines = async () => [
        await lineOf(app, 'fromPlain'),
        await lineOf(app, 'fromMethod'),
        await lineOf(app, 'fromArrow'),
      ]
      assert.deepEqual(await lines(), [3, 7, 12])
      await app.edit(`// one\n// two\n/* three\n four */${source}`, 'unchanged')
      assert.deepEqual(await lines(), [6, 10, 15])
    })

    it('the stack names the right line of an unchanged function beside an edited one', async () => {
      const source = (body: string) =>
        `export function edited() {\n${body}}\nexport function where() {\n  return new Error('here').stack\n}`
      const app = await start(source('  return 1\n'))
      assert.equal(await lineOf(app, 'where'), 5)
      await app.edit(source('  const a = 1\n  const b = 1\n  return a + b\n'))
      await app.expect('edited', 2)
      assert.equal(await lineOf(app, 'where'), 7)
    })

    describe('the stack follows the words of what was not compiled again', () => {
      const comment =
        '  // a comment that somebody adds, long enough to reach into what stands below it\n  // and a second line\n'
      const fail = "throw new Error('here')"
      const where = 'export const run = () => { try { go() } catch (error) { return error.stack } }'
      const kinds: Record<string, (text: string) => string> = {
        'a closure of an IIFE': text => `const go = (() => {\n${text}  return () => {\n    ${fail}\n  }\n})()`,
        'a class in a call': text =>
          `const A = Object.seal(class {\n${text}  static go() {\n    ${fail}\n  }\n})\nconst go = () => A.go()`,
        'a function below an IIFE': text =>
          `const o = (() => {\n${text}  return 1\n})()\nfunction go() {\n  ${fail}\n  ${'// filler\n  '.repeat(20)}\n}`,
        'a closure of a static block': text =>
          `let go\nclass A {\n${text}  static {\n    go = () => {\n      ${fail}\n    }\n  }\n}`,
        'a closure of a function': text =>
          `function make() {\n${text}  return () => {\n    ${fail}\n  }\n}\nconst go = make()`,
        'a field of an older instance': text =>
          `class A {\n${text}  go = () => {\n    ${fail}\n  }\n}\nconst { go } = new A()`,
      }
      for (const [title, source] of Object.entries(kinds)) {
        it(title, async () => {
          for (const [before, after] of [
            ['', comment],
            [comment, ''],
            ['\n', comment],
          ] as const) {
            const app = await start(`${source(before)}\n${where}`)
            const text = `${source(after)}\n${where}`
            await app.edit(text, 'unchanged')
            const line = text.split('\n').findIndex(each => each.includes(fail)) + 1
            assert.equal(await lineOf(app, 'run'), line)
          }
        })
      }

      it('what an edited class made before, where nothing changed', async () => {
        const source = (body: string) => kinds['a field of an older instance']!(`  m() {\n${body}  }\n`)
        const app = await start(`${source('')}\n${where}`)
        await app.edit(`${source('    return 1\n')}\n${where}`)
        assert.equal(await lineOf(app, 'run'), 6)
      })

      it('what an edited function made before, where it changed, has no line any more', async () => {
        const source = (text: string) =>
          `function make() {\n  return () => {\n    ${text}\n  }\n}\nconst go = make()\n${where}`
        const app = await start(source("throw new Error('one')"))
        await app.edit(source("console.debug(1)\n    throw new TypeError('two')"))
        assert.match((await app.call('run')) as string, /main\.js \(before an edit\)/)
      })
    })

    it('a property that the program puts on Object.prototype counts for nothing', async () => {
      const source = (comment: string) => `${comment}
        Object.prototype.regrowTest = 1
        const seen = { count: 0 }
        export const run = () => ++seen.count
        export const clean = () => delete Object.prototype.regrowTest`
      const app = await start(source(''))
      try {
        await app.expect('run', 1)
        await app.edit(source('// a comment'), 'unchanged')
        await app.edit(`${source('')}\nexport const more = 1`)
        await app.expect('run', 2)
      } finally {
        await app.call('clean')
      }
    })

    it('the stack names lines of the TypeScript source', async () => {
      const source = `interface Long {
  a: string
  b: string
}
export function where(_long?: Long): string | undefined {
  type Local = Long
  return new Error('here').stack
}`
      const app = await start({ 'main.ts': source })
      assert.equal(await lineOf(app, 'where', 'main.ts'), 7)
      await app.edit({ 'main.ts': `type More = 1\ntype Most = 2\n${source}` }, 'unchanged')
      assert.equal(await lineOf(app, 'where', 'main.ts'), 9)
    })
  })
})
