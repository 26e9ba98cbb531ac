// Granted packages in isolates: bundled, never loaded by the host, and no way to files outside their own directory.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Host, HostOptions, Program } from '../../host/api.js'
import { createHost } from '../../host/index.js'

describe('isolates with granted packages', () => {
  let folder: string
  let host: Host

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-packages-')))
    write({ 'secret.json': '{"secret":1}', 'secret.js': 'export const secret = 1', 'root/main.js': '' })
  })
  afterEach(async () => {
    await host?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  }
  /** Files of a package in the root. */
  const writePackage = (name: string, files: Readonly<Record<string, string>>): void =>
    write(Object.fromEntries(Object.entries(files).map(([file, text]) => [`root/node_modules/${name}/${file}`, text])))
  function run(source: string, packages: HostOptions['packages'], file = 'main.js'): Promise<Program> {
    write({ [`root/${file}`]: source })
    host = createHost({
      realm: 'isolate',
      watch: false,
      root: join(folder, 'root'),
      packages: packages!,
      limits: { cpuMs: 1000 },
    })
    return host.run(file)
  }

  const modern = { 'package.json': '{"type":"module","exports":{".":"./a.js","./b":"./b.js"}}' }

  it('import ES modules and CommonJS, by name, default and namespace, and keep their state over edits', async () => {
    writePackage('modern', {
      ...modern,
      'a.js': 'import { n } from "./b.js"\nexport let count = 0\nexport const add = () => (count += n)',
      'b.js': 'export const n = 2',
    })
    writePackage('@scope/old', {
      'package.json': '{"main":"lib"}',
      'lib/index.js': 'exports.twice = n => n * 2; exports.up = require("./up.json")',
      'lib/up.json': '{"up":1}',
    })
    const source = (by: number) => `import { add, count } from 'modern'
      import * as b from 'modern/b'
      import old, { twice } from '@scope/old'
      export const run = () => [add(), count, Object.keys(b), old.up.up, twice(${by})]`
    const program = await run(source(1), ['modern', '@scope/old'])
    assert.deepEqual(await program.call('run'), [2, 2, ['n'], 1, 2])
    assert.equal((await program.update({ 'main.js': source(5) })).outcome, 'applied')
    assert.deepEqual(await program.call('run'), [4, 4, ['n'], 1, 10])
  })

  it('require them, and import() them later', async () => {
    writePackage('old', { 'package.json': '{}', 'index.js': 'module.exports = () => 3' })
    assert.equal(await (await run(`exports.run = () => require('old')()`, ['old'], 'main.cjs')).call('run'), 3)
    await host.close()
    const later = `export const run = async () => (await import('old')).default()`
    assert.equal(await (await run(later, ['old'])).call('run'), 3)
  })

  it('have them again after their process was killed', async () => {
    writePackage('modern', { ...modern, 'a.js': 'export const one = 1', 'b.js': '' })
    const program = await run(
      `import { one } from 'modern'\nexport const look = () => one\nexport const spin = () => { for (;;); }`,
      true,
    )
    await assert.rejects(program.call('spin'), { code: 'ERR_REGROW_TIMEOUT' })
    assert.equal(await program.call('look'), 1)
  })

  it('run them on the guest’s side only, without paths of the host', async () => {
    writePackage('modern', {
      ...modern,
      'a.js':
        'globalThis.ranHere = typeof process\nexport const fail = () => new Error("x").stack\nexport const text = String(fail)',
      'b.js': '',
    })
    const program = await run(
      `import { fail, text } from 'modern'\nexport const run = () => [globalThis.ranHere, fail() + text]`,
      ['modern'],
    )
    const [kind, texts] = (await program.call('run')) as [string, string]
    assert.equal(kind, 'undefined')
    assert.ok(!('ranHere' in globalThis))
    assert.ok(!texts.includes(folder), texts)
  })

  it('reject names that a package does not export, packages that are not there, and those that throw', async () => {
    writePackage('modern', { ...modern, 'a.js': 'export const one = 1', 'b.js': 'throw new Error("no")' })
    await assert.rejects(run(`import { two } from 'modern'`, true), { code: 'ERR_REGROW_LINK', message: /'two'/ })
    await assert.rejects(run(`import 'nothing-such'`, true), { code: 'ERR_REGROW_LINK', message: /is it installed/ })
    await assert.rejects(run(`import 'modern/none'`, true), {
      code: 'ERR_REGROW_LINK',
      message: /exports do not have it/,
    })
    await assert.rejects(run(`import 'modern/b'`, true), { code: 'ERR_REGROW_EVALUATE', message: /: no$/ })
  })

  it('end one that never ends', async () => {
    writePackage('modern', { ...modern, 'a.js': 'for (;;);', 'b.js': '' })
    await assert.rejects(run(`import 'modern'`, true), { code: 'ERR_REGROW_TIMEOUT' })
  })

  it('survive a package that asks for a builtin and can do without', async () => {
    writePackage('old', { 'index.js': 'try { require("fs") } catch { exports.without = true }' })
    assert.equal(
      await (await run(`import { without } from 'old'\nexport const run = () => without`, ['old'])).call('run'),
      true,
    )
  })

  it('take what a package has for where there is no Node', async () => {
    writePackage('old', {
      'package.json': '{"browser":{"./node.js":"./other.js","util":false}}',
      'index.js': 'require("util"); exports.kind = require("./node.js")',
      'node.js': 'module.exports = require("os").EOL',
      'other.js': 'module.exports = "other"',
    })
    assert.equal(
      await (await run(`import { kind } from 'old'\nexport const run = () => kind`, ['old'])).call('run'),
      'other',
    )
  })

  const denied: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'a file outside by a relative path': { 'index.js': 'import "../../../secret.json"' },
    'a file of the root': { 'index.js': 'import "../../main.js"' },
    'an absolute path': { 'index.js': 'import "/etc/passwd"' },
    'a file URL': { 'index.js': 'import "file:///etc/passwd"' },
    'a data URL': { 'index.js': 'import "data:text/javascript,1"' },
    'a builtin': { 'index.js': 'import "node:fs"' },
    'a package that is not granted': { 'index.js': 'import "other"' },
    'its own #name for a file outside': {
      'package.json': '{"type":"module","imports":{"#x":"../../../secret.js"}}',
      'index.js': 'import "#x"',
    },
    'a main outside': { 'package.json': '{"main":"../../../secret.js"}' },
    'an alias outside': {
      'package.json': '{"browser":{"./a.js":"../../../secret.js"}}',
      'index.js': 'import "./a.js"',
      'a.js': '',
    },
    'a link to a file outside': { 'index.js': 'import "./link.json"' },
    'a file that is no script': { 'index.js': 'import "./a.node"', 'a.node': '' },
    'by require': { 'index.js': 'require("../../../secret.json")' },
  }
  for (const [title, files] of Object.entries(denied)) {
    it(`keep a package from ${title}`, async () => {
      writePackage('bad', files)
      writePackage('other', { 'index.js': '' })
      symlinkSync('../../../secret.json', join(folder, 'root/node_modules/bad/link.json'))
      await assert.rejects(
        run(`import * as bad from 'bad'\nexport const run = () => bad`, ['bad']),
        (error: Error & { code: string }) => {
          assert.ok(
            ['ERR_REGROW_DENIED', 'ERR_REGROW_LINK', 'ERR_REGROW_BUILD'].includes(error.code),
            `${error.code} ${error.message}`,
          )
          assert.ok(!error.message.includes(folder), error.message)
          return true
        },
      )
    })
  }

  it('read no file for a pattern of names', async () => {
    const globbed =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a guest
      'export const run = n => import(`../../../${n}.json`)\nexport const other = n => r\\u0065quire("./" + n + ".json")'
    writePackage('bad', { 'index.js': globbed })
    const program = await run(
      `import { run as attack } from 'bad'\nexport const run = () => attack('secret').then(() => 'got it', () => 'nothing')`,
      ['bad'],
    )
    assert.equal(await program.call('run'), 'nothing')
  })

  it('refuse a package that is a link out of the root', async () => {
    write({ 'private/index.js': 'export const secret = 1' })
    mkdirSync(join(folder, 'root/node_modules'))
    symlinkSync('../../private', join(folder, 'root/node_modules/bad'))
    await assert.rejects(run(`import 'bad'`, ['bad']), { code: 'ERR_REGROW_DENIED', message: /link that leads out/ })
  })

  it('take no builtin for a package, whatever is listed', async () => {
    for (const name of ['fs', 'node:fs', 'process'])
      await assert.rejects(run(`import '${name}'`, ['fs', 'node:fs', 'process']), { code: 'ERR_REGROW_DENIED' })
  })
})
