// `regrow repl`, as one types into it: alone, in a module, attached. One file for one command, however many keys it takes.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Screen, watchScreen } from '../support/screen.js'
import { createFolder, type Folder, findTerminal, type Session, startRegrow } from '../support/terminal.js'

const size = { columns: 90, rows: 40 }

const files = {
  'main.ts': `import { step } from './step.ts'
let count = 0
class Clock {
  tick(): string {
    count += step
    return 'tick'
  }
}
const clock = new Clock()
let last = ''
setInterval(() => {
  last = clock.tick()
}, 5)
export const look = (): number => count
`,
  'step.ts': 'export const step = 1\nlet secret = 42\n',
}

describe('regrow repl', () => {
  let folder: Folder
  const sessions: Session[] = []

  const start = (args: readonly string[], options: { env?: Record<string, string>; terminal?: boolean } = {}) => {
    const { terminal = true, env } = options
    const environment = { XDG_STATE_HOME: join(folder.path, 'state'), NO_COLOR: '1', ...env }
    const session = startRegrow(args, { folder, env: environment, ...(terminal ? { terminal: size } : {}) })
    sessions.push(session)
    return session
  }
  const open = async (...args: string[]): Promise<{ session: Session; screen: Screen }> => {
    const session = start(['repl', ...args])
    const screen = watchScreen(session, size)
    await screen.shows(/>$/)
    return { session, screen }
  }

  beforeEach(() => {
    folder = createFolder(files)
  })
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.close()
    folder.remove()
  })

  describe('on a terminal', () => {
    before(function () {
      // Neither util-linux's script nor Python is here.
      if (!findTerminal()) this.skip()
    })

    it('enters modules, and reads and changes their private state', async () => {
      const { session, screen } = await open('main.ts')
      session.type('.enter step.ts\r')
      await screen.shows(/step\.ts>$/)
      session.type('secret\r')
      await screen.shows(/> secret\n42\nstep\.ts>$/)
      session.type('secret = { changed: [1] }\r')
      await screen.shows(/\n\{ changed: \[ 1 \] \}\n/)
      session.type('.leave\r')
      await screen.shows(/main\.ts>$/)
      session.type('.leave\r')
      await screen.shows(/this is where you came in/)
      session.type('.enter nowhere.ts\r')
      await screen.shows(/there is no module nowhere\.ts/)
      session.type('secret\r')
      await screen.shows(/Uncaught ReferenceError: secret is not defined\n {4}at .*main\.ts\?typed=\d+:1:1/)
    })

    it('redefines a method that a running interval calls, and undoes that', async () => {
      const { session, screen } = await open('main.ts')
      session.type('class Clock {\r')
      await screen.shows(/\n(\.\.\.|\|)$/)
      session.type("tick() {\rreturn 'changed'\r}\r}\r")
      await screen.shows(/✓ main\.ts patched Clock\.tick .*\nmain\.ts>$/)
      session.type('await new Promise(done => setTimeout(done, 50)); last\r')
      await screen.shows(/\n'changed'\n/)
      session.type('.show Clock\r')
      await screen.shows(/\/\/ main\.ts, typed here\nclass Clock \{\n.*tick\(\) \{\n/)
      session.type('.undo\r')
      await screen.shows(/\.undo\n.*✓ main\.ts patched Clock\.tick .*\nmain\.ts>$/)
      session.type('await new Promise(done => setTimeout(done, 50)); last\r')
      await screen.shows(/\n'tick'\n/)
      session.type('.undo\r')
      await screen.shows(/nothing is left to undo/)
      session.type('.redo\r.redo\r')
      await screen.shows(/✓ main\.ts patched Clock\.tick .*\n.*\.redo\n.*unchanged.*\nnothing was undone/)
    })

    it('prints a reload above the line that is being typed', async () => {
      const { session, screen } = await open('main.ts')
      session.type('step * 100')
      await screen.shows(/main\.ts> step \* 100$/)
      // Three to the left.
      session.type('\x1b[D\x1b[D\x1b[D')
      await screen.shows(/main\.ts> step \* 100$/, 16)
      folder.write({ 'step.ts': 'export const step = 7\nlet secret = 42\n' })
      await screen.shows(/✓ step\.ts evaluated step .*\nmain\.ts> step \* 100$/, 16)
      assert.equal(screen.cursor().row, 'main.ts> step * 100')
      session.type('2\r')
      await screen.shows(/main\.ts> step \* 2100\n14700\nmain\.ts>$/)
      assert.equal(screen.text().match(/step \* /g)!.length, 1, screen.text())
    })

    it('prints what the program prints above it too, also above a line that is wrapped', async () => {
      const { session, screen } = await open('main.ts')
      session.type("let go; const printed = new Promise(done => (go = done)).then(() => console.log('from inside'))\r")
      await screen.shows(/added go printed.*\nmain\.ts>$/)
      session.type('setTimeout(go, 300)\r')
      const long = `'${'long '.repeat(30)}'`
      session.type(`${long}.length`)
      await screen.shows(/from inside\nmain\.ts> 'long /)
      const typed = screen.text().split('\n').slice(-2).join('')
      assert.equal(typed, `main.ts> ${long}.length`)
      session.type('\r')
      await screen.shows(/\n150\nmain\.ts>$/)
    })

    it('prints what is thrown later, with its places', async () => {
      const { session, screen } = await open('main.ts')
      session.type("setTimeout(() => { throw new Error('typed') }, 1)\r")
      await screen.shows(/✗ uncaught {2}Error: typed\n {4}at .*main\.ts\?typed=1:1:26/)
      session.type("Promise.reject(new Error('left')); 1\r")
      await screen.shows(/✗ uncaught {2}Error: left\n {4}at .*main\.ts\?typed=2:1:16/)
      assert.doesNotMatch(screen.text(), /regrow=|kernel|dist\/bundle/)
    })

    it('gives the prompt back at Ctrl-C while something is awaited', async () => {
      const { session, screen } = await open('main.ts')
      session.type("await new Promise(done => setTimeout(done, 500, 'late'))\r")
      await screen.shows(/'late'\)\)$/)
      session.type('1 + 1')
      session.type('\x03')
      await screen.shows(/it goes on by itself\nmain\.ts>$/)
      session.type('2 + 3\r40')
      await screen.shows(/> 2 \+ 3\n5\n/)
      await screen.shows(/\n'late'\nmain\.ts> 40$/)
      session.type('0\r')
      await screen.shows(/> 400\n400\nmain\.ts>$/)
    })

    it('saves what was typed into its file, and nothing else', async () => {
      const windows =
        '// first\r\nexport const a = 1\r\n\r\nfunction  odd( ) { return 1 }  // kept\r\nlet last = 3 // no end'
      folder.write({ 'odd.js': windows })
      const { session, screen } = await open('odd.js')
      session.type("function odd() {\rreturn 'typed'\r}\r")
      await screen.shows(/patched odd/)
      session.type('.save odd\r')
      await screen.shows(/saved odd to odd\.js\n/)
      await screen.shows(/· .*unchanged/)
      const expected = windows.replace('function  odd( ) { return 1 }', "function odd() {\r\nreturn 'typed'\r\n}")
      assert.equal(readFileSync(join(folder.path, 'odd.js'), 'utf8'), expected)
      session.type('.save odd\r')
      await screen.shows(/odd was not typed: odd\.js has it as it runs/)
      session.type("function odd() { return 'again' }\r")
      await screen.shows(/patched odd[\s\S]*patched odd/)
      session.type('.save odd\r')
      await screen.shows(/saved odd to odd\.js\n[\s\S]*saved odd to odd\.js\n/)
      await screen.shows(/· .*unchanged[\s\S]*· .*unchanged/)
      const again = expected.replace(/function odd\(\) \{[^}]*\}/, "function odd() { return 'again' }")
      assert.equal(readFileSync(join(folder.path, 'odd.js'), 'utf8'), again)
      session.type('const fresh = () => 2\r')
      await screen.shows(/added fresh/)
      session.type('.save fresh\r')
      await screen.shows(/saved fresh to odd\.js\n/)
      await screen.shows(/· .*unchanged[\s\S]*· .*unchanged[\s\S]*· .*unchanged/)
      assert.equal(readFileSync(join(folder.path, 'odd.js'), 'utf8'), `${again}\r\nconst fresh = () => 2`)
      session.type('[odd(), fresh(), a, last]\r')
      await screen.shows(/\[ 'again', 2, 1, 3 \]/)
    })

    it('does not save over what has changed in the file', async () => {
      const { session, screen } = await open('--no-watch', 'main.ts')
      session.type('const look = () => 1\r')
      await screen.shows(/patched look/)
      folder.write({ 'main.ts': files['main.ts'].replace('=> count', '=> count + 1') })
      session.type('.save look\r')
      await screen.shows(/the file's own look has changed since look was typed/)
      session.type('.reload\r')
      await screen.shows(/\.reload\n.*✓ main\.ts patched look/)
    })

    it('completes names and members that are live, and runs no getter for it', async () => {
      folder.write({
        'main.ts': "const deep = { inner: { wanted: 1 }, get trap() { throw new Error('RAN') } }\nconsole.log('up')\n",
      })
      const { session, screen } = await open('main.ts')
      session.type('dee\t')
      await screen.shows(/> deep$/)
      session.type('.in')
      await screen.shows(/> deep\.in$/)
      session.type('\t')
      await screen.shows(/> deep\.inner$/)
      session.type('.wan')
      await screen.shows(/> deep\.inner\.wan$/)
      session.type('\t')
      await screen.shows(/> deep\.inner\.wanted$/)
      session.type('\x15deep.trap.x')
      await screen.shows(/> deep\.trap\.x$/)
      session.type('\t\t')
      session.type('\x15.ent')
      await screen.shows(/> \.ent$/)
      session.type('\t')
      await screen.shows(/> \.enter$/)
      session.type(' ma')
      await screen.shows(/> \.enter ma$/)
      session.type('\t')
      await screen.shows(/> \.enter main\.ts$/)
      assert.doesNotMatch(screen.text(), /RAN/)
    })

    it('shows the modules as a tree, and how things stand', async () => {
      const { session, screen } = await open('main.ts')
      session.type('let mine = 1\r')
      await screen.shows(/added mine/)
      session.type('.modules\r')
      await screen.shows(/main\.ts {2}v2 {2}typed: mine {2}← here\n└─ step\.ts {2}v1\n/)
      session.type('.stats\r')
      await screen.shows(/main\.ts {2}realm main {2}2 modules {2}reloads: 1 applied, 0 unchanged, 0 rejected/)
      session.type('.help\r')
      await screen.shows(/\.save +Write a definition that was typed here into its file/)
      session.type('let half = )\r')
      await screen.shows(/✗ ERR_REGROW_BUILD {2}Unexpected token/)
    })

    it('keeps a history between sessions, in a file that may be told', async () => {
      const { session, screen } = await open('main.ts')
      session.type("'remembered'\r")
      await screen.shows(/\n'remembered'\n/)
      session.type('.exit\r')
      assert.equal(await session.ended, 0)
      assert.match(readFileSync(join(folder.path, 'state/regrow/repl_history'), 'utf8'), /'remembered'/)
      const second = await open('main.ts')
      second.session.type('\x1b[A')
      await second.screen.shows(/> ('remembered'|\.exit)$/)
      // Node 20 remembers how the session ended, later versions do not.
      if (/exit$/.test(second.screen.text())) second.session.type('\x1b[A')
      await second.screen.shows(/main\.ts> 'remembered'$/)
    })

    it('goes on where a program runs elsewhere, through a socket of this user alone', async () => {
      const server = start(['run', '--listen', 'live.sock', 'main.ts'], { terminal: false })
      await server.waitFor('stderr', /regrow repl --attach live\.sock/)
      const path = join(folder.path, 'live.sock')
      assert.equal(statSync(path).mode & 0o777, 0o600)
      const { session, screen } = await open('--attach', 'live.sock', '--module', 'step.ts')
      session.type('secret\r')
      await screen.shows(/step\.ts> secret\n42\n/)
      session.type('half')
      await screen.shows(/> half$/)
      folder.write({ 'step.ts': 'export const step = 9\nlet secret = 42\n' })
      await screen.shows(/✓ step\.ts evaluated step .*\nstep\.ts> half$/)
      await server.waitFor('stderr', /✓ step\.ts evaluated step/)
      session.type('\x15.exit\r')
      assert.equal(await session.ended, 0)
      const piped = start(['repl', '--attach', 'live.sock'], { terminal: false })
      piped.child.stdin.end('typeof look\nlook() > 0\n')
      assert.equal(await piped.ended, 0)
      assert.equal(piped.stdout, "'function'\ntrue\n")
      const second = start(['run', '--listen', 'live.sock', 'step.ts'], { terminal: false })
      assert.equal(await second.ended, 2)
      assert.match(second.stderr, /cannot listen on .*: somebody listens there/)
      server.child.kill('SIGTERM')
      assert.equal(await server.ended, 143)
      assert.equal(existsSync(path), false)
      const late = start(['repl', '--attach', 'live.sock'], { terminal: false })
      assert.equal(await late.ended, 1)
      assert.match(late.stderr, /no program listens on live\.sock/)
    })
  })

  it('takes a pipe, and an empty module where there is no entry', async () => {
    const session = start(['repl'], { terminal: false })
    session.child.stdin.end(
      "import { step } from './step.ts'\nlet x: number = step + 1\nfunction f() {\n  return x * 2\n}\nf()\nawait Promise.resolve('late')\nnope\n",
    )
    assert.equal(await session.ended, 0)
    assert.match(session.stdout, /^4\n'late'\nUncaught ReferenceError: nope is not defined\n/)
  })

  it('does not listen where a file is', async () => {
    folder.write({ 'no.sock': 'a file' })
    const session = start(['run', '--listen', 'no.sock', 'main.ts'], { terminal: false })
    assert.equal(await session.ended, 2)
    assert.equal(readFileSync(join(folder.path, 'no.sock'), 'utf8'), 'a file')
  })

  it('takes away a socket that was left behind', async () => {
    const killed = start(['run', '--listen', 'live.sock', 'main.ts'], { terminal: false })
    await killed.waitFor('stderr', /--attach/)
    killed.child.kill('SIGKILL')
    await killed.ended
    assert.equal(existsSync(join(folder.path, 'live.sock')), true)
    const next = start(['run', '--listen', 'live.sock', 'main.ts'], { terminal: false })
    await next.waitFor('stderr', /--attach/)
  })
})
