// `regrow test` as a person meets it: saves, what they run again, what is said. Long because it is one command: each test is one thing that it must get right.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  createFolder,
  type Folder,
  findTerminal,
  type Session,
  type SessionOptions,
  startRegrow,
} from '../support/terminal.js'
import { assertion, createTestFolder, small } from './test-folder.js'

describe('regrow test', () => {
  let folder: Folder
  let session: Session | undefined

  const start = (
    files: Record<string, string>,
    args: string[] = [],
    options: Partial<SessionOptions> = {},
  ): Session => {
    folder = createTestFolder(files)
    session = startRegrow(['test', ...args], { folder, ...options })
    return session
  }

  afterEach(async () => {
    await session?.close()
    session = undefined
    folder.remove()
  })

  it('runs all, and after a save what it reaches', async () => {
    const { waitFor } = start(small, ['--reporter', 'spec'])
    await waitFor('stderr', /^regrow \S+ {2}3 specs {2}6 modules {2}\d+ ms\n/m)
    await waitFor('stderr', /✓ {2}3 passed {2}3 specs ran\n/)
    await waitFor('stdout', /3 passing/)
    folder.write({ 'src/add.js': `export function add(a, b) {\n  return a * b\n}\n` })
    await waitFor('stderr', /✓ src\/add\.js patched add {2}0 kept/)
    await waitFor('stderr', /✗ 2 failed {2}1 passed {2}2 specs ran {2}[\d.]+ ms after the save\n/)
    const [failed] = await waitFor('stdout', /[\s\S]*2 failing/)
    assert.doesNotMatch(failed, /is one/)
    assert.match(failed, /add\n +1\) adds[\s\S]*twice\n +2\) doubles/)
    folder.write({ 'src/add.js': small['src/add.js'] })
    await waitFor('stderr', /✓ {2}3 passed {2}2 specs ran/)
    folder.write({ 'src/other.js': `// a remark\n${small['src/other.js']}` })
    await waitFor('stderr', /· unchanged/)
  })

  it('follows what becomes of a spec', async () => {
    const { waitFor } = start(small, ['--reporter', 'spec'])
    await waitFor('stdout', /3 passing/)
    const spec = (body: string) => {
      folder.write({ 'test/add.test.js': `${assertion}import { add } from '../src/add.js'\n${body}` })
    }
    spec(
      `describe('add', () => {\n  it('adds', () => assert.equal(add(1, 2), 3))\n  it('adds more', () => add())\n})\n`,
    )
    await waitFor('stderr', /✓ {2}4 passed {2}1 spec ran/)
    spec(`describe('add', () => {\n  it('adds more', () => add())\n})\n`)
    await waitFor('stderr', /✓ {2}3 passed {2}1 spec ran/)
    spec(`describe('add', () => {\n  it('has another name', () => assert.equal(add(1, 1), 3))\n})\n`)
    await waitFor('stderr', /✗ 1 failed {2}2 passed {2}1 spec ran/)
    await waitFor('stdout', /add\n +1\) has another name/)
    spec(
      `let base\nbeforeEach(() => {\n  base = 2\n})\ndescribe('sums', () => {\n  describe('add', () => {\n    it('has another name', () => assert.equal(add(base, 1), 3))\n  })\n})\n`,
    )
    await waitFor('stderr', /✓ {2}3 passed {2}1 spec ran/)
    await waitFor('stdout', /sums\n +add\n +✔ has another name/)
    spec(`describe('add', () => {\n  it.skip('adds', () => {})\n  it('runs', () => {})\n})\n`)
    await waitFor('stderr', /✓ {2}3 passed {2}1 pending {2}1 spec ran/)
    spec(`describe('add', () => {\n  it('adds', () => assert.fail('left out'))\n  it.only('runs', () => {})\n})\n`)
    await waitFor('stderr', /✓ {2}3 passed {2}1 spec ran/)
    // Another spec's tests are left out too, as long as there is an only.
    folder.write({ 'src/other.js': `export const other = () => 2\n` })
    await waitFor('stderr', /✓ src\/other\.js patched other[^\n]*\n.*1 spec held back: another one says only/)
    spec(`describe('add', () => {\n  it('runs', () => {})\n})\n`)
    await waitFor('stderr', /✗ 1 failed {2}2 passed {2}2 specs ran/)
    await waitFor('stdout', /other\n +1\) is one/)
  })

  it('goes on with its tests when an edit does not parse, and says so', async () => {
    const { waitFor } = start(small)
    await waitFor('stderr', /✓ {2}3 passed/)
    folder.write({ 'src/add.js': `export function add(a, b) {\n  return a -\n` })
    await waitFor('stderr', /✗ rejected {2}ERR_REGROW_BUILD .* src\/add\.js:3:1\n/)
    folder.write({ 'src/other.js': `export const other = () => 2\n` })
    await waitFor('stderr', /✗ rejected/)
    folder.write({ 'src/add.js': `export function add(a, b) {\n  return b + a\n}\n` })
    await waitFor('stderr', /✗ 1 failed {2}2 passed {2}3 specs ran/)
  })

  it('begins when what does not load at first is mended', async () => {
    const { waitFor } = start({ ...small, 'test/add.test.js': `import '../src/later.js'\n` })
    await waitFor('stderr', /✗ rejected {2}ERR_REGROW_LINK .*later\.js/)
    folder.write({ 'src/later.js': `export const later = 1\n` })
    await waitFor('stderr', /✓ {2}2 passed {2}3 specs ran/)
  })

  it('stops at a failure with --bail, and makes up for it', async () => {
    const failing = { ...small, 'src/add.js': `export function add(a, b) {\n  return a\n}\n` }
    const { waitFor } = start(failing, ['--bail'])
    await waitFor('stderr', /✗ 1 failed {2}0 passed {2}3 specs ran/)
    folder.write({ 'src/add.js': small['src/add.js'] })
    await waitFor('stderr', /✓ {2}3 passed {2}3 specs ran/)
  })

  it('says in its status that the program differs from its files', async () => {
    const { waitFor, type } = start(small, [], { terminal: true, env: { NO_COLOR: '1' } })
    if (!findTerminal()) return
    await waitFor('stdout', /a all · f failed/)
    await waitFor('stdout', /3 passed/)
    folder.write({ 'src/add.js': 'export function add(' })
    await waitFor('stdout', /rejected/)
    type('a')
    await waitFor('stdout', /✓ {2}3 passed {2}3 specs ran {2}the program differs from its files/)
  })

  it('takes in specs that come, and lets those go that are removed', async () => {
    const { waitFor } = start(small, ['test/**/*.test.js'])
    await waitFor('stderr', /✓ {2}3 passed/)
    folder.write({ 'test/deep/new.test.js': `it('is new', () => {})\n` })
    await waitFor('stderr', /✓ {2}4 passed {2}1 spec ran/)
    rmSync(join(folder.path, 'test/add.test.js'))
    folder.write({ 'test/renamed.test.js': small['test/add.test.js'] })
    await waitFor('stderr', /✓ {2}4 passed {2}1 spec ran/)
    folder.write({ 'src/add.js': `export const add = () => 3\n` })
    await waitFor('stderr', /✗ 1 failed {2}3 passed {2}2 specs ran/)
  })

  it('runs loops of suites, asynchronous tests, retries, timeouts and hooks outside of suites as mocha does', async () => {
    const files = {
      'package.json': '{"type":"module"}',
      'test/a.test.js': `import { list } from '../list.js'
        const seen = []
        beforeEach(function () { seen.push(this.currentTest.title) })
        for (const each of list) describe('list ' + each, function () {
          this.timeout(50)
          it('is run', async () => { await null; if (seen.at(-1) !== 'is run') throw new Error(seen.join()) })
          it('takes a callback', done => setTimeout(done, 1))
        })
        it('may fail twice', function () { this.retries(2); tries += 1; if (tries < 3) throw new Error('again') })
        let tries = 0`,
      'test/b.test.js': `import { list } from '../list.js'
        describe('b', () => {
          it('is slow', function (done) { this.timeout(20); if (list.length < 3) done() })
        })`,
      'list.js': `export const list = ['one', 'two']\n`,
    }
    const { waitFor } = start(files)
    await waitFor('stderr', /✓ {2}6 passed {2}2 specs ran/)
    folder.write({ 'list.js': `export const list = ['one', 'two', 'three']\n` })
    await waitFor('stderr', /✗ 1 failed {2}7 passed {2}2 specs ran/)
    await waitFor('stdout', /Timeout of 20ms exceeded/)
  })

  it('applies the hooks outside of suites of a spec that is not run again', async () => {
    const files = {
      ...small,
      'test/hooks.test.js': `beforeEach(() => { globalThis.hooked = (globalThis.hooked ?? 0) + 1 })\n`,
      'test/other.test.js': `${assertion}import { other } from '../src/other.js'\nit('was hooked', () => assert.equal(globalThis.hooked, other()))\n`,
      'src/other.js': `export const other = () => 3\n`,
    }
    const { waitFor } = start(files)
    await waitFor('stderr', /3 passed|failed/)
    folder.write({ 'src/other.js': `export const other = () => globalThis.hooked > 3 && globalThis.hooked\n` })
    await waitFor('stderr', /✓ {2}3 passed {2}1 spec ran/)
  })

  it('evaluates anew what was computed by code that changed', async () => {
    const files = {
      ...small,
      'src/table.js': `import { add } from './add.js'\nexport const table = [1, 2].map(each => add(each, 1))\n`,
      'test/table.test.js': `${assertion}import { table } from '../src/table.js'\nconst first = table[0]\nit('has a first', () => assert.equal(first, 2))\n`,
    }
    const { waitFor } = start(files)
    await waitFor('stderr', /✓ {2}4 passed/)
    folder.write({ 'src/add.js': `export function add(a, b) {\n  return a + b + 1\n}\n` })
    await waitFor('stderr', /✗ 3 failed {2}1 passed {2}3 specs ran/)
    folder.write({ 'src/add.js': small['src/add.js'] })
    await waitFor('stderr', /✓ {2}4 passed {2}3 specs ran/)
  })

  it('takes a fresh program when a module cannot be evaluated twice', async () => {
    const files = {
      'package.json': '{"type":"module"}',
      'registry.js': `const names = new Set()\nexport function register(name) {\n  if (names.has(name)) throw new Error(name + ' is there')\n  names.add(name)\n  return name\n}\n`,
      'plugin.js': `import { register } from './registry.js'\nimport { word } from './word.js'\nexport const plugin = register('plugin' + word().length)\n`,
      'word.js': `export const word = () => 'one'\n`,
      'test/plugin.test.js': `${assertion}import { plugin } from '../plugin.js'\nit('has a name', () => assert.equal(plugin, 'plugin3'))\n`,
    }
    const { waitFor } = start(files)
    await waitFor('stderr', /✓ {2}1 passed/)
    folder.write({ 'word.js': `export const word = () => 'two'\n` })
    await waitFor('stderr', /✓ {2}1 passed {2}1 spec ran/)
    folder.write({ 'word.js': `export const word = () => 'four'\n` })
    await waitFor('stderr', /✗ 1 failed {2}0 passed {2}1 spec ran/)
  })

  it('runs CommonJS as well, and TypeScript', async () => {
    const files = {
      'src/add.js': `exports.add = (a, b) => a + b\n`,
      'src/twice.js': `const { add } = require('./add')\nmodule.exports = value => add(value, value)\n`,
      'test/twice.test.js': `const assert = require('node:assert')\nconst twice = require('../src/twice')\nit('doubles', () => assert.equal(twice(2), 4))\n`,
      'test/typed.test.ts': `import assert from 'node:assert/strict'\nimport { describe, it } from 'mocha'\nimport twice from '../src/twice.js'\ndescribe('typed', () => {\n  it('doubles', (): void => assert.equal(twice(3 as number), 6))\n})\n`,
    }
    const { waitFor } = start(files)
    await waitFor('stderr', /✓ {2}2 passed {2}2 specs ran/)
    folder.write({ 'src/add.js': `exports.add = (a, b) => a - b\n` })
    await waitFor('stderr', /✗ 2 failed {2}0 passed {2}2 specs ran/)
    folder.write({ 'src/add.js': files['src/add.js'] })
    await waitFor('stderr', /✓ {2}2 passed {2}2 specs ran/)
  })

  it('reads the configuration of mocha, and the hooks of what is to be required', async () => {
    const files = {
      'package.json': '{"type":"module"}',
      '.mocharc.json': JSON.stringify({
        ui: 'tdd',
        spec: 'specs/*.ts',
        require: ['./setup.ts'],
        timeout: 30,
        reporter: 'tap',
      }),
      'setup.ts': `import { step } from './step.ts'
        let before = 0
        export const mochaGlobalSetup = () => { before = 10 }
        export const mochaHooks = { beforeEach() { (globalThis as any).value = before + step } }`,
      'step.ts': `export const step = 1\n`,
      'specs/a.ts': `declare const value: number
        suite('a', () => {
          test('was set up', () => { if (value !== 11) throw new Error(String(value)) })
          test('has little time', done => void setTimeout(done, 100))
        })`,
      'specs/b.ts': `test('b', () => {})\n`,
    }
    const { waitFor } = start(files)
    await waitFor('stdout', /^ok 1 b\nok 2 a was set up\nnot ok 3 a has little time/m)
    await waitFor('stderr', /✗ 1 failed {2}2 passed {2}2 specs ran/)
    folder.write({ 'step.ts': `export const step = 2\n` })
    await waitFor('stderr', /✗ 2 failed {2}1 passed {2}2 specs ran/)
  })

  it('runs first what failed last', async () => {
    const { waitFor } = start(small, ['--reporter', 'spec'])
    await waitFor('stdout', /3 passing/)
    folder.write({ 'src/twice.js': `import { add } from './add.js'\nexport const twice = value => add(value, 0)\n` })
    await waitFor('stdout', /1 failing/)
    folder.write({ 'src/add.js': `export function add(a, b) {\n  return b + a\n}\n` })
    const [order] = await waitFor('stdout', /twice\n +1\) doubles[\s\S]*add\n +✔ adds[\s\S]*1 passing/)
    assert.ok(order)
  })

  it('cuts a run short when a save comes', async () => {
    const files = {
      ...small,
      'test/slow.test.js': `import { other } from '../src/other.js'\nit('waits', done => { if (other() === 2) done() }).timeout(60_000)\n`,
      'test/other.test.js': `it('runs', () => {})\n`,
    }
    const { waitFor } = start(files, ['--reporter', 'spec'])
    await waitFor('stdout', /✔ runs/)
    folder.write({ 'src/other.js': `export const other = () => 2\n` })
    await waitFor('stderr', /✓ {2}4 passed/)
  })

  it('ends with the number of failures, once, as mocha does', async () => {
    const failing = {
      ...small,
      'test/wrong.test.js': `it('a', () => { throw new Error('a') })\nit('b', () => { throw new Error('b') })\n`,
    }
    const once = start(failing, ['--once', '--reporter', 'json'])
    assert.equal(await once.ended, 2)
    assert.equal(JSON.parse(once.stdout).stats.passes, 3)
    assert.equal(once.stderr, '')
    folder.remove()
    assert.equal(await start(small, ['--once', '--grep', 'adds|doubles', '-R', 'tap']).ended, 0)
    assert.match(session!.stdout, /# pass 2\n/)
    folder.remove()
    assert.equal(await start({ ...small, 'test/wrong.test.js': `import '../nowhere.js'\n` }, ['--once']).ended, 1)
    assert.match(session!.stderr, /ERR_REGROW_LINK .*nowhere/)
  })

  it('tells what to install when mocha is missing', async () => {
    folder = createFolder(small)
    session = startRegrow(['test', '--once'], { folder })
    assert.equal(await session.ended, 2)
    assert.match(session.stderr, /ERR_REGROW_OPTION {2}.*npm install --save-dev mocha/)
  })
})
