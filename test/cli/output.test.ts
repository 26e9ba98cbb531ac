// What the command line answers without a program, and its machine-readable form.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { createFolder, type Folder, type Session, type SessionOptions, startRegrow } from '../support/terminal.js'

const { version } = createRequire(import.meta.url)('regrow/package.json') as { version: string }
const escapeCharacter = String.fromCharCode(27)

describe('regrow on the command line', () => {
  let folder: Folder
  let session: Session | undefined

  const start = (
    args: string[],
    files: Record<string, string> = {},
    options: Partial<SessionOptions> = {},
  ): Session => {
    folder = createFolder(files)
    session = startRegrow(args, { folder, ...options })
    return session
  }

  afterEach(async () => {
    await session?.close()
    session = undefined
    folder.remove()
  })

  it('explains its command at --help', async () => {
    const running = start(['--help'])
    assert.equal(await running.ended, 0)
    assert.match(running.stdout, /run <entry> {2,}Run a program/)
  })

  it('explains the options of run at run --help', async () => {
    const running = start(['run', '--help'])
    assert.equal(await running.ended, 0)
    for (const option of ['--realm', '--root', '--no-watch', '--json'])
      assert.ok(running.stdout.includes(option), option)
  })

  for (const args of [['--version'], ['run', '--version']]) {
    it(`prints its version at ${args.join(' ')}`, async () => {
      const running = start(args)
      assert.equal(await running.ended, 0)
      assert.ok(running.stdout.startsWith(`regrow/${version} `), running.stdout)
    })
  }

  const misuses: [string[], RegExp][] = [
    [[], /say what to run/],
    [['run'], /missing required args/],
    [['walk', 'main.ts'], /no command 'walk'/],
    [['run', '--fast', 'main.ts'], /Unknown option `--fast`/],
    [['run', '--realm', 'moon', 'main.ts'], /--realm is 'main' or 'context', not 'moon'/],
    [['run', '--root', 'nowhere', 'main.ts'], /nowhere/],
  ]
  for (const [args, message] of misuses) {
    it(`ends with 2 and says why at: regrow ${args.join(' ')}`, async () => {
      const running = start(args, { 'main.ts': `console.log('ran')\n` })
      assert.equal(await running.ended, 2)
      assert.match(running.stderr, message)
      assert.equal(running.stdout, '')
    })
  }

  it('prints one JSON object a line with --json', async () => {
    const running = start(['run', '--json', 'main.ts'], {
      'main.ts': `import { size } from './size.ts'\nexport const half = size / 2\nsetInterval(() => {}, 1000)\n`,
      'size.ts': `export const size = 4\n`,
    })
    const next = async (): Promise<any> => JSON.parse((await running.waitFor('stdout', /^.*\n/))[0])

    const { time, milliseconds, ...started } = await next()
    assert.ok(!Number.isNaN(Date.parse(time)) && milliseconds > 0)
    assert.deepEqual(started, { regrow: 'start', version, entry: 'main.ts', realm: 'main', modules: 2 })

    folder.write({ 'size.ts': `export const size = 6\n` })
    const applied = await next()
    assert.equal(applied.regrow, 'reload')
    assert.equal(applied.outcome, 'applied')
    assert.equal(applied.drift, false)
    assert.deepEqual(applied.modules.find((each: { id: string }) => each.id === 'main.ts').evaluated, ['half'])
    assert.ok(applied.timing.total > 0)

    folder.write({ 'size.ts': `export const size = \n` })
    const rejected = await next()
    assert.equal(rejected.outcome, 'rejected')
    assert.equal(rejected.drift, true)
    assert.equal(rejected.error.code, 'ERR_REGROW_BUILD')
    assert.equal(rejected.error.file, 'size.ts')
    assert.equal(typeof rejected.error.line, 'number')
    assert.match(rejected.error.frame, /> /)
    assert.equal(running.stderr, '')
  })

  it('reports a failed first load as JSON', async () => {
    const running = start(['run', '--json', 'main.ts'], { 'main.ts': `throw new TypeError('no')\n` })
    assert.equal(await running.ended, 1)
    const { regrow, error } = JSON.parse(running.stdout)
    assert.deepEqual(
      [regrow, error.code, error.cause.name, error.cause.message],
      ['error', 'ERR_REGROW_EVALUATE', 'TypeError', 'no'],
    )
  })

  it('reports an uncaught value as JSON, also one that cannot be looked at', async () => {
    const running = start(['run', '--json', '--no-watch', 'main.ts'], {
      'main.ts': `setTimeout(() => { throw { get message() { throw 1 } } }, 1)\n`,
    })
    assert.equal(await running.ended, 1)
    const last = JSON.parse(running.stdout.trim().split('\n').at(-1)!)
    assert.equal(last.regrow, 'uncaught')
    assert.equal(last.goesOn, false)
  })

  it('goes on quietly when the reader of its JSON has gone', async () => {
    const running = start(['run', '--json', 'main.ts'], {
      'main.ts': `import { size } from './size.ts'\nsetInterval(() => console.error('size ' + size), 10)\n`,
      'size.ts': `export const size = 1\n`,
    })
    await running.waitFor('stdout', /"start"/)
    running.child.stdout.destroy()
    // The second line is the first that the system refuses for sure.
    for (const size of [2, 3]) {
      folder.write({ 'size.ts': `export const size = ${size}\n` })
      await running.waitFor('stderr', new RegExp(`size ${size}\\n`))
    }
    running.child.kill('SIGTERM')
    assert.equal(await running.ended, 143)
    assert.doesNotMatch(running.stderr, /EPIPE/)
  })

  const coloured = { 'main.ts': `throw new Error('red?')\n` }

  it('uses colours when FORCE_COLOR asks for them', async () => {
    const running = start(['run', 'main.ts'], coloured, { env: { FORCE_COLOR: '1' } })
    assert.equal(await running.ended, 1)
    assert.ok(running.stderr.includes(`${escapeCharacter}[31mERR_REGROW_EVALUATE`), running.stderr)
  })

  for (const [when, env] of Object.entries({
    'into a pipe': {},
    'with NO_COLOR': { FORCE_COLOR: '1', NO_COLOR: '1' },
  })) {
    it(`uses no colours ${when}`, async () => {
      const running = start(['run', 'main.ts'], coloured, { env })
      assert.equal(await running.ended, 1)
      assert.match(running.stderr, /ERR_REGROW_EVALUATE/)
      assert.ok(!running.stderr.includes(escapeCharacter), running.stderr)
    })
  }
})
