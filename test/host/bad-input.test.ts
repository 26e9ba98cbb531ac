// Whatever a host is fed: a RegrowError that says what and where, and a running program that loses nothing by it.
// One list of all bad input, so that what is missing shows; hence its length.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host, HostOptions, Program } from '../../host/api.js'
import type { RegrowErrorCode } from '../../host/errors.js'
import { createHost, RegrowError } from '../../host/index.js'

const main = `import { n } from './lib.js'
let calls = 0
export function run() { return n + ' ' + ++calls }
`
const good = { 'main.js': main, 'lib.js': 'export const n = 1\n' }

interface Expected {
  readonly code: RegrowErrorCode
  readonly message: RegExp
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** The line that the frame points at. */
  readonly frame?: RegExp
}

function assertError(error: unknown, expected: Expected): void {
  assert.ok(RegrowError.is(error), `not a RegrowError: ${error}`)
  assert.equal(error.code, expected.code, error.message)
  assert.match(error.message, expected.message)
  assert.ok(error.message.length < 400, `a message of ${error.message.length} characters`)
  for (const key of ['file', 'line', 'column'] as const)
    if (expected[key] !== undefined) assert.equal(error[key], expected[key], `${key} of: ${error.message}`)
  if (expected.frame) assert.match(error.frame ?? 'no frame', expected.frame)
}

async function assertRejects(promise: Promise<unknown>, expected: Expected): Promise<void> {
  assertError(
    await promise.then(
      () => assert.fail('it did not reject'),
      error => error,
    ),
    expected,
  )
}

describe('bad input', () => {
  let top: string
  let root: string
  const hosts: Host[] = []

  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-bad-')))
    root = join(top, 'app')
    mkdirSync(root)
    writeFileSync(join(top, 'outside.js'), 'export const n = 7\n')
    for (const [name, text] of Object.entries(good)) writeFileSync(join(root, name), text)
  })
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close()
    rmSync(top, { recursive: true, force: true })
  })

  const hostOf = (options: HostOptions = {}) => {
    const host = createHost({ root, watch: false, ...options })
    hosts.push(host)
    return host
  }
  const at = (name: string) => join(root, name)
  const write = (files: Record<string, string | Uint8Array>) => {
    for (const [name, content] of Object.entries(files)) {
      rmSync(at(name), { force: true, recursive: true })
      writeFileSync(at(name), content)
    }
  }

  /** A first load of it fails and leaves no program; as an edit it is rejected, and a good edit afterwards is applied. */
  async function refused(spoil: () => void, expected: Expected, options: HostOptions = {}): Promise<void> {
    const host = hostOf(options)
    const program = await host.run('./main.js')
    assert.equal(await program.call('run'), '1 1')
    const { run } = program.exports
    spoil()
    await assertRejects(host.run('./main.js'), expected)
    assert.deepEqual([...host.programs], [program])
    const report = await program.reload()
    assert.equal(report.outcome, 'rejected')
    assertError(report.error, expected)
    assert.equal(program.drift, report)
    assert.equal(await program.call('run'), '1 2')
    await mended(program, run, 3)
  }

  async function mended(program: Program, run: () => unknown, calls: number): Promise<void> {
    write({ 'main.js': main, 'lib.js': 'export const n = 2\n' })
    const report = await program.reload()
    assert.equal(report.outcome, 'applied', report.error?.message)
    assert.equal(program.drift, undefined)
    assert.equal(await program.call('run'), `2 ${calls}`)
    assert.equal(program.exports.run, run)
  }

  const importing = (specifier: string) => main.replace('./lib.js', specifier)

  describe('as the entry', () => {
    const cases: Record<string, { entry: string; code?: RegrowErrorCode; message: RegExp; file?: string }> = {
      'a file that is not there': { entry: './absent.js', message: /cannot find .*absent\.js/, file: 'absent.js' },
      'a directory': { entry: './folder', message: /folder/, file: 'folder' },
      'the root itself': { entry: '.', message: /entry|directory/ },
      'a path out of the root': {
        entry: '../outside.js',
        code: 'ERR_REGROW_DENIED',
        message: /outside\.js is outside the root/,
      },
      'an absolute path out of the root': {
        entry: '/etc/hostname',
        code: 'ERR_REGROW_DENIED',
        message: /\/etc\/hostname is outside the root/,
      },
      'a link out of the root': {
        entry: './link.js',
        code: 'ERR_REGROW_DENIED',
        message: /outside\.js is outside the root/,
      },
      nothing: { entry: '', code: 'ERR_REGROW_OPTION', message: /entry must be a path/ },
    }
    for (const [what, { entry, code = 'ERR_REGROW_LINK', ...expected }] of Object.entries(cases)) {
      it(`${what} is refused, and the host runs the next`, async () => {
        mkdirSync(at('folder'))
        symlinkSync(join(top, 'outside.js'), at('link.js'))
        const host = hostOf()
        await assertRejects(host.run(entry), { code, ...expected })
        assert.equal(host.programs.size, 0)
        assert.equal(await (await host.run('./main.js')).call('run'), '1 1')
      })
    }

    it('an entry that is deleted while it runs is an edit that is rejected', async () => {
      const program = await hostOf().run('./main.js')
      const { run } = program.exports
      unlinkSync(at('main.js'))
      const report = await program.reload()
      assertError(report.error, { code: 'ERR_REGROW_LINK', message: /main\.js: the entry is gone/, file: 'main.js' })
      assert.equal(await program.call('run'), '1 1')
      await mended(program, run, 2)
    })
  })

  describe('as a file', () => {
    it('one without permission to read', async function () {
      chmodSync(at('lib.js'), 0o000)
      let isReadable = true
      try {
        readFileSync(at('lib.js'))
      } catch {
        isReadable = false
      }
      chmodSync(at('lib.js'), 0o644)
      if (isReadable) {
        this.test!.title += ' (skipped: this user, root perhaps, reads every file)'
        this.skip()
      }
      const spoil = () => {
        writeFileSync(at('lib.js'), 'export const n = 3\n')
        chmodSync(at('lib.js'), 0o000)
      }
      await refused(spoil, { code: 'ERR_REGROW_BUILD', message: /cannot read lib\.js: EACCES/, file: 'lib.js' })
    })

    it('one that is not there', () =>
      refused(() => unlinkSync(at('lib.js')), {
        code: 'ERR_REGROW_LINK',
        message: /cannot find '\.\/lib\.js' imported by main\.js/,
        ...{ file: 'main.js', line: 1, column: 19, frame: /> 1 \| import \{ n \} from '\.\/lib\.js'/ },
      }))

    it('a directory in its place', () => {
      const spoil = () => {
        unlinkSync(at('lib.js'))
        mkdirSync(at('lib.js'))
      }
      return refused(spoil, { code: 'ERR_REGROW_LINK', message: /lib\.js/, file: 'main.js', line: 1, column: 19 })
    })

    it('a binary one', () =>
      refused(() => write({ 'lib.js': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x0a, 0, 1, 2]) }), {
        code: 'ERR_REGROW_BUILD',
        message: /lib\.js is not a text file: it holds a NUL byte in line 2/,
        ...{ file: 'lib.js', line: 2 },
      }))

    it('one that is not UTF-8', () =>
      refused(() => write({ 'lib.js': Buffer.from("// Latin 1:\n\nexport const n = '\xfc'\n", 'latin1') }), {
        code: 'ERR_REGROW_BUILD',
        message: /lib\.js is not valid UTF-8: line 3/,
        ...{ file: 'lib.js', line: 3 },
      }))

    it('one in UTF-16', () =>
      refused(() => write({ 'lib.js': Buffer.from('\ufeffexport const n = 3\n', 'utf16le') }), {
        code: 'ERR_REGROW_BUILD',
        message: /lib\.js is encoded as UTF-16/,
        file: 'lib.js',
      }))

    it('a line of 10 MB with a mistake in it: told by its place, not by its text', () => {
      const text = `export const n = '${'x'.repeat(10_000_000)}'.length +* 1\n`
      return refused(() => write({ 'lib.js': text }), {
        code: 'ERR_REGROW_BUILD',
        message: /lib\.js/,
        ...{ file: 'lib.js', line: 1, column: text.indexOf('*') + 1 },
      })
    })

    it('a line of 10 MB without one is a program like any other', async () => {
      const program = await hostOf().run('./main.js')
      write({ 'lib.js': `export const n = '${'x'.repeat(10_000_000)}'.length\n` })
      assert.equal((await program.reload()).outcome, 'applied')
      assert.equal(await program.call('run'), '10000000 1')
    })

    it('an empty one, which lacks the export', () =>
      refused(() => write({ 'lib.js': '' }), {
        code: 'ERR_REGROW_LINK',
        message: /'n'/,
        ...{ file: 'main.js', line: 1, frame: /> 1 \|/ },
      }))

    it('a tsconfig.json that is no JSON', async () => {
      const tsconfig = '{\n  "compilerOptions": { nope\n}\n'
      write({ 'lib.ts': 'export const n: number = 1\n', 'main.js': importing('./lib.ts') })
      const program = await hostOf().run('./main.js')
      write({ 'tsconfig.json': tsconfig, 'lib.ts': 'export const n: number = 2\n' })
      const report = await program.reload()
      assert.equal(report.outcome, 'rejected')
      assertError(report.error, {
        code: 'ERR_REGROW_BUILD',
        message: /tsconfig\.json is invalid/,
        file: 'tsconfig.json',
      })
      assert.ok(report.error!.line! <= tsconfig.trimEnd().split('\n').length, `line ${report.error!.line} of 3`)
      assert.equal(await program.call('run'), '1 1')
      write({ 'tsconfig.json': '{}' })
      assert.equal((await program.reload()).outcome, 'applied')
      assert.equal(await program.call('run'), '2 2')
    })
  })

  describe('as an import', () => {
    const place = { file: 'main.js', line: 1, column: 19, frame: /> 1 \| import \{ n \} from/ }
    const imports: Record<
      string,
      { specifier: string; code: RegrowErrorCode; message: RegExp; options?: HostOptions }
    > = {
      'a path out of the root': {
        specifier: '../outside.js',
        code: 'ERR_REGROW_DENIED',
        message: /main\.js may not import '\.\.\/outside\.js': .* is outside the root/,
      },
      'an absolute path out of the root': {
        specifier: '/etc/hostname',
        code: 'ERR_REGROW_DENIED',
        message: /'\/etc\/hostname': .* is outside the root/,
      },
      'a link out of the root': {
        specifier: './link.js',
        code: 'ERR_REGROW_DENIED',
        message: /'\.\/link\.js': .*outside\.js is outside the root/,
      },
      'a link that leads to itself': { specifier: './loop.js', code: 'ERR_REGROW_LINK', message: /'\.\/loop\.js'/ },
      'a package that is not there': {
        specifier: 'regrow-no-such-package',
        code: 'ERR_REGROW_LINK',
        message: /cannot find package 'regrow-no-such-package' imported by main\.js/,
      },
      'a builtin while packages are off': {
        specifier: 'node:fs',
        code: 'ERR_REGROW_DENIED',
        message: /packages are off; set the option 'packages'/,
        options: { packages: false },
      },
      'a package while packages are off': {
        specifier: 'regrow-no-such-package',
        code: 'ERR_REGROW_DENIED',
        message: /packages are off/,
        options: { packages: false },
      },
      'a builtin that is not in the list': {
        specifier: 'node:fs',
        code: 'ERR_REGROW_DENIED',
        message: /add 'node:fs' to the option 'packages'/,
        options: { packages: ['node:path'] },
      },
      'a URL': {
        specifier: 'https://example.com/n.js',
        code: 'ERR_REGROW_LINK',
        message: /'https:' are not supported/,
      },
    }
    for (const [what, { specifier, options, ...expected }] of Object.entries(imports)) {
      it(what, () => {
        const spoil = () => {
          symlinkSync(join(top, 'outside.js'), at('link.js'))
          symlinkSync('loop.js', at('loop.js'))
          write({ 'main.js': importing(specifier) })
        }
        return refused(spoil, { ...expected, ...place }, options)
      })
    }

    it('a linked package of TypeScript outside the root: told what to do, which helps', async () => {
      const linked = join(top, 'linked')
      mkdirSync(linked)
      writeFileSync(join(linked, 'package.json'), JSON.stringify({ type: 'module', exports: './index.tsx' }))
      writeFileSync(join(linked, 'index.tsx'), 'export const n: number = 5')
      mkdirSync(at('node_modules'))
      symlinkSync(linked, at('node_modules/linked'), 'junction')
      write({ 'main.js': importing('linked') })
      await assertRejects(hostOf().run('./main.js'), {
        code: 'ERR_REGROW_EVALUATE',
        message:
          /index\.tsx, imported by main\.js: it is TypeScript outside the root; name a directory above it as root$/,
      })
      const program = await hostOf({ root: top }).run('./app/main.js')
      assert.equal(await program.call('run'), '5 1')
    })

    it('a module that becomes a link out of the root', () => {
      const spoil = () => {
        unlinkSync(at('lib.js'))
        symlinkSync(join(top, 'outside.js'), at('lib.js'))
      }
      return refused(spoil, { code: 'ERR_REGROW_DENIED', message: /outside\.js is outside the root/ })
    })

    it('what the list of packages has is imported', async () => {
      write({ 'main.js': `import { sep } from 'node:path'\nexport const run = () => sep\n` })
      assert.equal(await (await hostOf({ packages: ['node:path'] }).run('./main.js')).call('run'), '/')
    })

    it('a dynamic import out of the root rejects inside the program, which runs on', async () => {
      write({ 'main.js': `export const load = () => import('../outside.js')\nexport const run = () => 1\n` })
      const program = await hostOf().run('./main.js')
      await assert.rejects(program.call('load'), {
        name: 'Error',
        code: 'ERR_REGROW_DENIED',
        message: /is outside the root/,
      })
      assert.equal(await program.call('run'), 1)
    })
  })

  describe('as options', () => {
    const option = (message: RegExp): Expected => ({ code: 'ERR_REGROW_OPTION', message })
    const thrown = (action: () => unknown, expected: Expected) => {
      let error: unknown
      try {
        action()
      } catch (each) {
        error = each
      }
      assertError(error, expected)
    }
    const wrong: Record<string, { options: object; message: RegExp }> = {
      'an unknown name': { options: { wach: true }, message: /unknown option 'wach'; there are .*watch/ },
      'an unknown realm': { options: { realm: 'moon' }, message: /realm must be .* not "moon"/ },
      'packages that are no list': { options: { packages: 'all' }, message: /packages must be true, false or a list/ },
      'sources that are no record': { options: { sources: ['main.js'] }, message: /sources must be/ },
      'a root that is no text': { options: { root: 7 }, message: /root must be a path/ },
    }
    for (const [what, { options, message }] of Object.entries(wrong)) {
      it(`${what} is refused by createHost and by run`, async () => {
        thrown(() => createHost(options as HostOptions), option(message))
        const host = hostOf()
        await assertRejects(host.run('./main.js', options as HostOptions), option(message))
        assert.equal(await (await host.run('./main.js')).call('run'), '1 1')
      })
    }

    it('callbacks of run that are none are refused', async () => {
      for (const name of ['onProgress', 'onFailedStart'])
        await assertRejects(
          hostOf().run('./main.js', { [name]: true }),
          option(new RegExp(`${name} must be a function`)),
        )
    })

    it('args are an option of run alone', () => {
      thrown(() => createHost({ args: [] } as HostOptions), option(/unknown option 'args'/))
    })

    it('a root that is not there, or is a file', async () => {
      const host = createHost({ root: join(top, 'absent'), watch: false })
      hosts.push(host)
      await assertRejects(host.run('./main.js'), option(/root does not exist: .*absent/))
      await assertRejects(host.run('./main.js', { root: join(top, 'outside.js') }), option(/root is not a directory/))
      assert.equal(await (await host.run('./main.js', { root })).call('run'), '1 1')
    })
  })

  describe('out of turn', () => {
    const closed = (message: RegExp): Expected => ({ code: 'ERR_REGROW_CLOSED', message })
    const lib = (n: number) => ({ 'lib.js': `export const n = ${n}\n` })

    it('run after close', async () => {
      const host = hostOf()
      await host.close()
      await assertRejects(host.run('./main.js'), closed(/the host is closed/))
    })

    it('anything after the program was closed, which can be done twice', async () => {
      const host = hostOf()
      const program = await host.run('./main.js')
      await program.close()
      await program.close()
      const message = /the program main\.js is closed/
      await assertRejects(program.reload(), closed(message))
      await assertRejects(program.update(lib(2)), closed(message))
      await assertRejects(program.undo(), closed(message))
      await assertRejects(program.call('run'), closed(message))
      await assertRejects(program.get('run'), closed(message))
      assert.equal(host.programs.size, 0)
    })

    it('many reloads at once go one after another, in order', async () => {
      const program = await hostOf().run('./main.js')
      const reports: unknown[] = []
      program.on('reload', report => reports.push(report))
      const results = await Promise.all([
        program.update(lib(2)),
        program.reload(),
        program.update({ 'lib.js': 'export const n = ' }),
        program.update(lib(3)),
        program.update(lib(4)),
      ])
      assert.deepEqual(
        results.map(report => report.outcome),
        ['applied', 'unchanged', 'rejected', 'applied', 'applied'],
      )
      assert.deepEqual(reports, results)
      assert.equal(await program.call('run'), '4 1')
      assert.equal(program.modules().find(each => each.id === 'lib.js')!.version, 4)
    })

    it('close during a reload that awaits for ever: it and what waits behind it are refused', async () => {
      let hold: (() => void) | undefined
      const held = new Promise<void>(done => {
        hold = done
      })
      const host = hostOf({ globals: { hold } })
      const program = await host.run('./main.js')
      const first = program.update({ 'lib.js': 'export const n = await new Promise(() => hold())\n' })
      const second = program.update(lib(3))
      const refusals = [first, second].map(each => assertRejects(each, closed(/the program main\.js is closed/)))
      await held
      const heard = once(program, 'close')
      await program.close()
      await Promise.all([...refusals, heard])
      assert.equal(host.programs.size, 0)
      assert.equal(await (await host.run('./main.js')).call('run'), '1 1')
    })

    it('a call of what is no export, or no function, names it', async () => {
      write({ 'main.js': `${main}export const value = 1\n` })
      const program = await hostOf().run('./main.js')
      await assertRejects(program.call('absent'), {
        code: 'ERR_REGROW_LINK',
        message: /main\.js has no export 'absent'/,
      })
      await assertRejects(program.call('value'), {
        code: 'ERR_REGROW_LINK',
        message: /'value', which is not a function/,
      })
      assert.equal(await program.call('run'), '1 1')
    })

    it('calls refuse what they do not understand, and say what they take', async () => {
      const host = hostOf()
      const program = await host.run('./main.js')
      const given = program as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
      for (const [call, args, message] of [
        ['reload', ['main.js'], /takes a list of files/],
        ['reload', [[1]], /takes a list of files/],
        ['update', [{ 'main.js': undefined }], /main\.js is undefined/],
        ['update', ['main.js'], /takes an object/],
        ['evaluate', [5], /takes a text, not number/],
        ['evaluate', ['1', { modul: 'lib.js' }], /unknown option 'modul' of evaluate; there is module/],
        ['close', [{ dispos: false }], /unknown option 'dispos' of close/],
      ] as const)
        await assertRejects(given[call]!(...args), { code: 'ERR_REGROW_OPTION', message })
      await assertRejects(host.close({ dispos: false } as object), { code: 'ERR_REGROW_OPTION', message: /'dispos'/ })
      assert.equal((await program.reload()).outcome, 'unchanged')
      assert.equal(await program.call('run'), '1 1')
      assert.equal(await (await host.run('./main.js')).call('run'), '1 1')
    })

    it('an update of a file outside the root is refused whole', async () => {
      const program = await hostOf().run('./main.js')
      const files = { ...lib(2), '../outside.js': '' }
      await assertRejects(program.update(files), { code: 'ERR_REGROW_DENIED', message: /'\.\.\/outside\.js'/ })
      assert.equal((await program.reload()).outcome, 'unchanged')
      assert.equal(await program.call('run'), '1 1')
      assert.equal((await program.update(lib(2))).outcome, 'applied')
    })
  })
})
