// Keys of `regrow test`, and the REPL that --break opens, through a pseudo terminal.
import assert from 'node:assert/strict'
import { type Folder, findTerminal, type Session, startRegrow } from '../support/terminal.js'
import { createTestFolder, small } from './test-folder.js'

describe('keys of regrow test', () => {
  let folder: Folder
  let session: Session

  before(function () {
    if (findTerminal()) return
    if (process.env.CI) throw new Error('a pseudo terminal is needed: util-linux script, or python3')
    this.skip()
  })

  afterEach(async () => {
    await session.close()
    folder.remove()
  })

  it('--break opens the REPL where a test fails, and leaving it runs the test again', async () => {
    folder = createTestFolder({
      'package.json': '{"type":"module"}',
      'src/state.js': `let limit = 1\nexport const allowed = () => limit\n`,
      'test/state.test.js': `import { allowed } from '../src/state.js'
        const wanted = 2
        afterEach(() => console.log('afterwards'))
        it('is allowed', () => { if (allowed() !== wanted) throw new Error('only ' + allowed()) })
        it('comes later', () => console.log('later'))`,
    })
    session = startRegrow(['test', '--break'], { folder, env: { NO_COLOR: '1' }, terminal: true })
    const { waitFor, type, ended } = session
    await waitFor('stdout', /'is allowed' fails; this is test\/state\.test\.js as it stands/)
    await waitFor('stdout', /test\/state\.test\.js> /)
    assert.doesNotMatch(session.stdout, /afterwards|later/)
    type('wanted * 21\r')
    await waitFor('stdout', /\n42\r?\n/)
    type('.enter src/state.js\r')
    await waitFor('stdout', /src\/state\.js> /)
    type('limit = 2\r')
    await waitFor('stdout', /\n2\r?\n/)
    type('.exit\r')
    await waitFor('stdout', /later[\s\S]*✗ 1 failed {2}1 passed {2}1 spec ran[\s\S]*✓ {2}2 passed {2}1 spec ran/)
    type('a')
    await waitFor('stdout', /✓ {2}2 passed {2}1 spec ran/)
    type('q')
    assert.equal(await ended, 0)
  })

  it('a runs all, f what failed, p what matches, r all in a fresh program, q quits', async () => {
    folder = createTestFolder({
      ...small,
      'test/wrong.test.js': `let runs = 0\nit('fails', () => { throw new Error('no') })\nit('counts', () => { globalThis.count = (globalThis.count ?? 0) + 1 })\n`,
    })
    session = startRegrow(['test'], { folder, env: { NO_COLOR: '1' }, terminal: true })
    const { waitFor, type, ended } = session
    await waitFor('stdout', /a all · f failed · p pattern · r afresh · q quit/)
    await waitFor('stdout', /✗ 1 failed {2}4 passed {2}4 specs ran/)
    type('a')
    await waitFor('stdout', /✗ 1 failed {2}4 passed {2}4 specs ran/)
    type('f')
    await waitFor('stdout', /0 passing[\s\S]*1 failing[\s\S]*✗ 1 failed {2}4 passed {2}1 spec ran/)
    type('p')
    await waitFor('stdout', /pattern \(of test titles; empty for all\): /)
    type('doub\r')
    await waitFor('stdout', /1 passing[\s\S]*✗ 1 failed {2}4 passed {2}4 specs ran {2}only \/doub\//)
    type('r')
    await waitFor('stdout', /✗ 1 failed {2}4 passed {2}4 specs ran\r?\n/)
    type('q')
    assert.equal(await ended, 0)
  })
})
