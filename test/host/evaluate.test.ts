// `program.evaluate`: what typed text sees, defines, changes and gives back. One file for one call of the contract, however many cases.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Program } from '../../host/api.js'
import { InspectedValue, RegrowError } from '../../host/index.js'
import { inEveryRealm, inLocalRealms, inRealms, moduleReport, type RunningProgram } from '../support/program.js'

/** Plain data of this realm. */
const plain = (value: unknown): unknown => structuredClone(value)

async function evaluates(program: Program, source: string, expected: unknown, module?: string): Promise<void> {
  const value = await program.evaluate(source, module === undefined ? {} : { module })
  assert.deepEqual(plain(value), expected, source)
}

/** @returns the error */
async function refuses(program: Program, source: string, code: string, message: RegExp): Promise<RegrowError> {
  const error = await program.evaluate(source).then(
    value => assert.fail(`${source} gave ${inspect(value)}`),
    (thrown: unknown) => thrown,
  )
  assert.ok(RegrowError.is(error), inspect(error))
  assert.equal(error.code, code, inspect(error))
  assert.match(error.message, message)
  return error
}

const typedOf = ({ program }: RunningProgram, id = 'main.js'): readonly string[] =>
  program.modules().find(each => each.id === id)!.typed

describe('evaluate', () => {
  inEveryRealm((start, realm) => {
    it('what ran in a TypeScript module holds no import that an edit makes a type', async () => {
      const used = `import { C } from './c'\nexport const run = () => new C().x`
      const typed = `import { C } from './c'\nexport const run = (c?: C) => 2`
      for (const text of ['run()', '1', 'new C()', 'let z = 1', 'function k() {}']) {
        const { program } = await start({ 'main.ts': used, 'c.ts': 'export class C { x = 1 }' })
        await program.evaluate(text)
        const { outcome } = await program.update({ 'main.ts': typed, 'c.ts': 'export interface C { x: number }' })
        assert.equal(outcome, 'applied', text)
        assert.equal(await program.call('run'), 2)
        assert.deepEqual(
          program.modules().map(each => each.id),
          ['main.ts'],
          text,
        )
      }
    })

    const counter = `
      import { step } from './step.js'
      let count = 0
      const limit = 10
      const area = limit * 2
      function tick(by = step) { count += by; return count }
      class Point { #x = 1; move() { return this.#x } }
      const point = new Point()
      export const look = () => [count, tick(), point.move(), area]
      const seen = []
      seen.push('once')
      export const runs = () => seen.length
    `
    const files = { 'main.js': counter, 'step.js': 'export let step = 2; const hidden = 7' }

    it('reads and assigns private bindings, and gives the value of the last expression', async () => {
      const { program, expect } = await start(files)
      await evaluates(program, 'count', 0)
      await evaluates(program, 'count = 5', 5)
      await evaluates(program, 'count + 1; count + step', 7)
      await evaluates(program, 'tick(1)', 6)
      await evaluates(program, 'let unused = 1', undefined)
      await evaluates(program, '', undefined)
      await evaluates(program, '// nothing', undefined)
      await evaluates(program, "'use strict'", 'use strict')
      await expect('look', [6, 8, 1, 20])
      await expect('runs', 1)
    })

    it('takes an object literal for one, and a block for a block', async () => {
      const { program } = await start(files)
      await evaluates(program, '{ a: 1, b: [count] }', { a: 1, b: [0] })
      await evaluates(program, '{ count++; }', undefined)
      await evaluates(program, 'count', 1)
      await evaluates(program, '{}', {})
    })

    it('stands in the module that is named, in its own names', async () => {
      const { program } = await start(files)
      await evaluates(program, 'hidden + step', 9, 'step.js')
      await evaluates(program, 'step = 100', 100, 'step.js')
      await evaluates(program, 'tick()', 100)
    })

    it('makes what is typed part of the module, and says so', async () => {
      const running = await start(files)
      const { program } = running
      await evaluates(
        program,
        'let mine = 1; const twice = () => mine * 2; class Own { get() { return mine } }',
        undefined,
      )
      await evaluates(program, 'mine = 4; [twice(), new Own().get()]', [8, 4])
      assert.deepEqual(typedOf(running), ['mine', 'twice', 'Own'])
      await running.edit({ 'step.js': 'export let step = 3; const hidden = 7' })
      await evaluates(program, '[mine, twice()]', [4, 8])
      assert.deepEqual(typedOf(running), ['mine', 'twice', 'Own'])
    })

    it('patches a function and a class that are typed again (R1, R2)', async () => {
      const { program, expect } = await start(files)
      await evaluates(program, 'const held = tick', undefined)
      await evaluates(program, 'function tick() { return "typed" }', undefined)
      await evaluates(program, '[held(), held === tick]', ['typed', true])
      await evaluates(program, 'class Point { #x = 1; move() { return this.#x + 1 } }', undefined)
      await expect('look', [0, 'typed', 2, 20])
    })

    it('evaluates data that is typed again anew, and what derives from it (R3, R4)', async () => {
      const { program, expect } = await start(files)
      await evaluates(program, 'const limit = 50', undefined)
      await evaluates(program, 'limit', 50)
      await expect('look', [0, 2, 1, 100])
      await evaluates(program, 'let count = 9; let limit = 1', undefined)
      await evaluates(program, 'count = 10; limit = 2; [count, limit]', [10, 2])
    })

    it('does not evaluate what derives from a binding that a statement assigns', async () => {
      const { program } = await start('let side = 2\nconst area = side * side\nexport const look = () => area')
      await evaluates(program, 'side = 3; area', 4)
    })

    it('imports', async () => {
      const running = await start({ ...files, 'extra.js': 'let calls = 0\nexport const extra = () => ++calls' })
      const { program } = running
      await evaluates(program, "import { extra } from './extra.js'; extra()", 1)
      await evaluates(program, 'extra()', 2)
      await evaluates(program, '(await import("./extra.js")).extra()', 3)
      await running.edit({ 'step.js': 'export let step = 4; const hidden = 7' })
      await evaluates(program, 'extra()', 4)
      await refuses(program, "import { nothing } from './extra.js'", 'ERR_REGROW_LINK', /not exported/)
      await refuses(program, "import { nothing } from './nowhere.js'", 'ERR_REGROW_LINK', /cannot find/)
      await evaluates(program, 'extra()', 5)
    })

    it('awaits', async () => {
      const { program } = await start(files)
      await evaluates(program, 'await Promise.resolve(count + 1)', 1)
      await evaluates(program, 'const later = await Promise.resolve(3); later + 1', 4)
      await evaluates(program, 'await null; count = 8; for (const x of [1]) await x; count', 8)
      await evaluates(program, 'Promise.resolve(2)', 2)
    })

    it('lets reloads go on while a statement awaits', async () => {
      const { program, edit } = await start({
        ...files,
        'step.js': 'export let step = 2; let go; const gate = new Promise(done => (go = done))',
      })
      const waiting = program.evaluate('await gate; step', { module: 'step.js' })
      await edit({ 'main.js': counter.replace('limit * 2', 'limit * 3') })
      await evaluates(program, 'go()', undefined, 'step.js')
      assert.equal(await waiting, 2)
    })

    it('changes nothing when it fails', async () => {
      const running = await start(files)
      const { program, expect } = running
      await refuses(
        program,
        'count = 5; function tick() { return 0 }; throw new TypeError("no")',
        'ERR_REGROW_EVALUATE',
        /no/,
      )
      await refuses(program, 'count = 5; await null; throw new TypeError("late")', 'ERR_REGROW_EVALUATE', /late/)
      await refuses(program, 'let fresh = 1; nowhere()', 'ERR_REGROW_EVALUATE', /nowhere is not defined/)
      await refuses(program, 'limit = 3', 'ERR_REGROW_EVALUATE', /Assignment to constant variable/)
      await refuses(program, 'let fresh = ', 'ERR_REGROW_BUILD', /Unexpected token/)
      await refuses(program, 'fresh', 'ERR_REGROW_EVALUATE', /fresh is not defined/)
      assert.deepEqual(typedOf(running), [])
      await expect('look', [0, 2, 1, 20])
    })

    it('says where a mistake is, in what was typed', async () => {
      const { program } = await start(files)
      await program.evaluate('1')
      const syntax = await refuses(program, 'count +\n  ) 1', 'ERR_REGROW_BUILD', /Unexpected token/)
      assert.deepEqual([syntax.file, syntax.line, syntax.column], ['main.js?typed=2', 2, 3])
      assert.match(syntax.frame!, /> 2 \| {3}\) 1/)
      await program.evaluate('function fails() {\n  return null.x\n}')
      const thrown = await refuses(program, 'count\nfails()', 'ERR_REGROW_EVALUATE', /Cannot read properties of null/)
      assert.deepEqual([thrown.file, thrown.line, thrown.column], ['main.js?typed=3', 2, 15])
      assert.match(thrown.frame!, /> 2 \| {3}return null\.x/)
      assert.match(String((thrown.cause as Error).stack), /main\.js\?typed=4:2:1/)
    })

    it('keeps the places of the file true', async () => {
      const { program } = await start(
        'let a = 1\nfunction b() {}\nexport function fails() {\n  throw new Error("here")\n}\nexport const look = () => a',
      )
      await program.evaluate('let a = {\n  x: 1,\n  y: 2,\n}')
      const thrown = await refuses(program, 'fails()', 'ERR_REGROW_EVALUATE', /here/)
      assert.deepEqual([thrown.file, thrown.line], ['main.js', 4])
      assert.match(thrown.frame!, /> 4 \| {3}throw new Error/)
    })

    it('is TypeScript where the module is, and takes types elsewhere too', async () => {
      const running = await start({
        'main.ts': 'interface Box { size: number }\nlet box: Box = { size: 1 }\nexport const look = () => box.size',
      })
      await evaluates(running.program, 'const area = (b: Box): number => b.size ** 2; area(box as Box)', 1)
      await evaluates(running.program, 'enum Color { Red, Green }; Color.Green', 1)
      await evaluates(running.program, 'interface Box { size: number; name?: string }', undefined)
      await evaluates(running.program, 'let box: Box = { size: 3 }; area(box)', 9)
      await running.expect('look', 3)
      const { program } = await start(files)
      await evaluates(program, 'const typed = (x: number): number => x + count; typed(1)', 1)
    })

    it('keeps an import of TypeScript that only typed text uses', async () => {
      const running = await start({
        'main.ts':
          "import { next } from './next.ts'\nimport type { Kind } from './next.ts'\nexport const kind: Kind = 1\nexport const look = () => 1",
        'next.ts':
          'export type Kind = number\nlet calls = 0\nexport const next = () => ++calls\nexport const other = () => ++calls',
      })
      await evaluates(running.program, 'next()', 1)
      await evaluates(running.program, '1', 1)
      await evaluates(running.program, 'next()', 2)
      await evaluates(running.program, "import { other } from './next.ts'", undefined)
      await evaluates(running.program, 'other()', 3)
    })

    it('lets the file win where it changed, and nowhere else', async () => {
      const running = await start(files)
      const { program } = running
      await program.evaluate('function tick() { return "typed" }; const limit = 50; let mine = 1')
      await running.edit({ 'main.js': counter.replace('const limit = 10', 'const limit = 70') })
      await evaluates(program, '[tick(), limit, mine]', ['typed', 70, 1])
      assert.deepEqual(typedOf(running), ['tick', 'mine'])
      await running.edit({ 'main.js': counter.replace('count += by', 'count -= by') })
      await evaluates(program, '[tick(), limit, mine]', [-2, 10, 1])
      await running.edit({ 'main.js': `${counter}\nlet mine = 'file'` })
      await evaluates(program, 'mine', 'file')
      assert.deepEqual(typedOf(running), [])
    })

    it('goes on beside a file that is broken', async () => {
      const running = await start(files)
      await running.edit({ 'main.js': 'let half = ' }, 'rejected')
      await evaluates(running.program, 'count = 3; let mine = count; mine', 3)
      assert.ok(running.program.drift)
      await running.edit({ 'main.js': counter }, 'unchanged')
      await evaluates(running.program, '[count, mine]', [3, 3])
      assert.equal(running.program.drift, undefined)
    })

    it('finds its way through declarations of all kinds', async () => {
      const running = await start({
        'main.js': `import { a, b } from './lib.js'
let x = 1, y = 2
const { p, q } = { p: 3, q: 4 }
export default function named() { return 'old' }
export const look = () => [a, b, x, y, p, q, named()]
function listed() { return 1 }
export { listed as shown }
export const shared = 5, other = 6
`,
        'lib.js': "export const a = 'a', b = 'b'",
      })
      const { program } = running
      await program.evaluate('let x = 10')
      await program.evaluate('const y = 20')
      await program.evaluate('let a = "mine"')
      await program.evaluate('function named() { return "new" }')
      await program.evaluate('const listed = () => 2; export const shared = 50; let other = 60; export let more = 70')
      await refuses(program, 'let p = 1', 'ERR_REGROW_BUILD', /'p' is declared together with 'q'/)
      await program.evaluate('let p = 30, q = 40')
      await running.expect('look', ['mine', 'b', 10, 20, 30, 40, 'new'])
      const exported: string[] = []
      for (const name of ['default', 'shown', 'shared', 'other', 'more']) {
        const value = await program.get(name)
        exported.push(typeof value === 'function' ? String(await program.call(name)) : String(value))
      }
      assert.deepEqual(exported, ['new', '2', '50', '60', '70'])
      await program.evaluate('for (var i = 0; i < 3; i++);')
      await evaluates(program, 'i', 3)
      await program.evaluate('import { a } from "./lib.js"')
      await evaluates(program, 'a', 'a')
    })

    it('refuses modules that have no names to stand among', async () => {
      const { program } = await start({
        'main.js': "import data from './data.json'\nimport old from './old.cjs'\nexport const look = () => [data, old]",
        'data.json': '{}',
        'old.cjs': 'module.exports = 1',
      })
      for (const module of ['data.json', 'old.cjs'])
        await assert.rejects(program.evaluate('1', { module }), { code: 'ERR_REGROW_OPTION' })
      await assert.rejects(program.evaluate('1', { module: 'none.js' }), { code: 'ERR_REGROW_LINK' })
    })

    it('reports definitions as a reload, and mere statements not at all', async () => {
      const { program } = await start(files)
      const reports: string[][] = []
      program.on('reload', report => reports.push([...moduleReport(report).patched, ...moduleReport(report).added]))
      await program.evaluate('count = 3')
      await program.evaluate('function tick() { return 1 }; let mine = 2; mine')
      assert.deepEqual(reports, [['tick', 'mine']])
      assert.equal(program.modules().find(each => each.id === 'main.js')!.version, 2)
    })

    it('does not execute a module whole that accepts itself, unless it is changed (R12)', async () => {
      const { program } = await start(
        `let runs = 0\nruns++\nglobalThis.in_${realm} = (globalThis.in_${realm} ?? 0) + 1\nimport.meta.hot.accept()\nexport const look = () => runs`,
      )
      await evaluates(program, 'runs = 7', 7)
      await evaluates(program, `globalThis.in_${realm}`, 1)
      await program.evaluate('let mine = 1')
      await evaluates(program, `globalThis.in_${realm}`, 2)
    })
  })

  inRealms(['isolate'], start => {
    it('shows what cannot be copied', async () => {
      const { program } = await start('export const look = () => 1')
      const value = await program.evaluate('[Symbol("x"), 1]')
      assert.ok(value instanceof InspectedValue)
      assert.match(value.text, /Symbol\(x\), 1/)
    })
  })

  inLocalRealms(start => {
    it('gives values themselves', async () => {
      const { program } = await start('export const list = []\nclass Thing {}\nexport { Thing }')
      assert.equal(await program.evaluate('list'), program.exports.list)
      assert.equal(await program.evaluate('Thing'), program.exports.Thing)
    })

    it('keeps timers that were typed, and clears them at the end', async () => {
      const { program, call } = await start('let ticks = 0\nexport const look = () => ticks\nexport let timer')
      await program.evaluate('setInterval(() => { ticks++ }, 1)')
      await program.evaluate('timer = setInterval(() => { ticks++ }, 1000)')
      await program.evaluate('1')
      for (let tries = 0; (await call('look')) < 2; tries++) {
        assert.ok(tries < 1000)
        await new Promise(done => setTimeout(done, 2))
      }
      const { timer } = program.exports
      assert.equal(timer._destroyed, false)
      await program.close()
      assert.equal(timer._destroyed, true)
    })
  })
})
