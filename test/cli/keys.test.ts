// Keys on a terminal, through a pseudo terminal.
import assert from 'node:assert/strict'
import { createFolder, type Folder, findTerminal, type Session, startRegrow } from '../support/terminal.js'

const program = {
  'main.ts': `import { word } from './word.ts'\nsetInterval(() => console.log('says ' + word()), 10)\n`,
  'word.ts': `export function word(): string {\n  return 'one'\n}\n`,
}
const edited = { 'word.ts': `export function word(): string {\n  return 'two'\n}\n` }

describe('keys of regrow run', () => {
  let folder: Folder
  let session: Session | undefined

  before(function () {
    if (findTerminal()) return
    // A build machine must not lose these tests unseen; a person's machine may lack both.
    if (process.env.CI) throw new Error('a pseudo terminal is needed: util-linux script, or python3')
    this.skip()
  })

  const start = (
    files: Record<string, string>,
    args: string[],
    env: Record<string, string> = { NO_COLOR: '1' },
  ): Session => {
    folder = createFolder(files)
    session = startRegrow(['run', ...args], { folder, env, terminal: true })
    return session
  }

  afterEach(async () => {
    await session?.close()
    session = undefined
    folder?.remove()
  })

  it('r reloads, u goes back, U forth, s tells the state, q quits', async () => {
    const { waitFor, type, ended } = start(program, ['--no-watch', 'main.ts'])
    await waitFor('stdout', /regrow .*2 modules.*\(r reload · u undo · s status · q quit\)/)
    folder.write(edited)
    type('r')
    await waitFor('stdout', /✓ word\.ts patched word/)
    await waitFor('stdout', /says two/)
    type('u')
    await waitFor('stdout', /✓ word\.ts patched word/)
    await waitFor('stdout', /says one/)
    type('U')
    await waitFor('stdout', /✓ word\.ts patched word/)
    await waitFor('stdout', /says two/)
    type('s')
    await waitFor(
      'stdout',
      /main\.ts {2}realm main {2}2 modules {2}reloads: 3 applied, 0 unchanged, 0 rejected {2}heap [\d.]+ MB/,
    )
    type('h')
    await waitFor('stdout', /r reload now/)
    type('q')
    assert.equal(await ended, 0)
  })

  it('a start that failed waits for the save that mends it', async () => {
    const { waitFor, type, ended } = start({ ...program, 'word.ts': 'export function' }, ['main.ts'])
    await waitFor('stdout', /ERR_REGROW_BUILD.*word\.ts:1/)
    await waitFor('stdout', /waiting for a save that mends it/)
    folder.write({ 'word.ts': `throw new Error('no')` })
    await waitFor('stdout', /ERR_REGROW_LINK.*'word'/)
    folder.write(edited)
    await waitFor('stdout', /2 modules.*q quit/)
    await waitFor('stdout', /says two/)
    type('q')
    assert.equal(await ended, 0)
  })

  it('a start that failed, or was mistyped, ends where it cannot wait', async () => {
    const waiting = start({ 'main.ts': 'export (' }, ['main.ts'])
    await waiting.waitFor('stdout', /waiting/)
    waiting.type('\x03')
    assert.equal(await waiting.ended, 130)
    folder.remove()
    assert.equal(await start({ 'main.ts': 'export (' }, ['--no-watch', 'main.ts']).ended, 1)
    folder.remove()
    assert.equal(await start(program, ['mian.ts']).ended, 1)
  })

  it('r says that nothing changed', async () => {
    const { waitFor, type } = start(program, ['main.ts'])
    await waitFor('stdout', /q quit\)/)
    type('r')
    await waitFor('stdout', /· unchanged/)
  })

  it('Ctrl-C ends as it does without keys', async () => {
    const { waitFor, type, ended } = start(program, ['main.ts'])
    await waitFor('stdout', /q quit\)/)
    type('\x03')
    assert.equal(await ended, 130)
  })

  it('typing other keys and pasting a text does nothing', async () => {
    const { waitFor, type, ended } = start(program, ['main.ts'])
    // Typed text may arrive together with what was typed before, so the question is repeated until it is answered.
    const untouched = async (): Promise<void> => {
      for (;;) {
        type('s')
        const [found] = await waitFor('stdout', /says one|reloads: \d+ applied, \d+ unchanged/)
        if (!found.startsWith('reloads')) continue
        assert.equal(found, 'reloads: 0 applied, 0 unchanged')
        return
      }
    }
    await waitFor('stdout', /q quit\)/)
    for (const typed of ['x', 'quite true', '\x1b[A']) {
      type(typed)
      await untouched()
    }
    // So is this: what answered may have been an earlier question, with the last text still to be read.
    const quitting = setInterval(() => type('q'), 50)
    try {
      assert.equal(await ended, 0)
    } finally {
      clearInterval(quitting)
    }
  })

  it('leaves the terminal to a program that reads it', async () => {
    const reading = `process.stdin.on('data', chunk => console.log('read ' + String(chunk).trim()))\n`
    const { waitFor, type } = start({ 'main.ts': reading }, ['main.ts'])
    const [banner] = await waitFor('stdout', /regrow [^\n]*\n/)
    assert.doesNotMatch(banner, /q quit/)
    type('q\n')
    await waitFor('stdout', /read q/)
  })

  it('gives the terminal to a program that begins to read it later', async () => {
    const reading = `setTimeout(() => process.stdin.on('data', chunk => console.log('read ' + String(chunk).trim())), 50)\n`
    const { waitFor, type } = start({ 'main.ts': reading }, ['main.ts'])
    await waitFor('stdout', /q quit\)/)
    await waitFor('stdout', /keys are off: the program reads standard input/)
    type('quit\n')
    await waitFor('stdout', /read quit/)
  })

  it('does not stay for keys alone', async () => {
    const { ended } = start({ 'main.ts': `console.log('done')\n` }, ['--no-watch', 'main.ts'])
    assert.equal(await ended, 0)
  })

  it('colours its lines on a terminal, and not with NO_COLOR', async () => {
    const bold = '\x1b[1mregrow'
    const colored = start({ 'main.ts': '' }, ['--no-watch', 'main.ts'], {})
    await colored.ended
    assert.ok(colored.stdout.includes(bold), colored.stdout)
    folder.remove()
    const plain = start({ 'main.ts': '' }, ['--no-watch', 'main.ts'])
    await plain.ended
    assert.match(plain.stdout, /^regrow /m)
    assert.ok(!plain.stdout.includes('\x1b['), plain.stdout)
  })
})
