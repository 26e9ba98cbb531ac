// The steps of docs/live-coding.md, on a copy of its example.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { watchScreen } from '../support/screen.js'
import { createFolder, type Folder, findTerminal, type Session, startRegrow } from '../support/terminal.js'

const example = new URL('../../../docs/examples/live/', import.meta.url)
const size = { columns: 80, rows: 24 }

describe('the example of live coding', () => {
  let folder: Folder
  const sessions: Session[] = []

  before(function () {
    // Neither util-linux's script nor Python is here.
    if (!findTerminal()) this.skip()
  })
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.close()
    folder.remove()
  })

  it('changes its picture while it moves, and keeps what is saved', async () => {
    folder = createFolder(
      Object.fromEntries(readdirSync(example).map(name => [name, readFileSync(new URL(name, example), 'utf8')])),
    )
    const running = startRegrow(['run', '--listen', 'live.sock', 'main.ts'], { folder, terminal: size })
    sessions.push(running)
    const screen = watchScreen(running, size)
    await screen.shows(/[*#%]{4}[\s\S]*regrow repl --attach live\.sock/u)

    const ink = readFileSync(`${folder.path}/ink.ts`, 'utf8')
    folder.write({ 'ink.ts': ink.replace("' .:-=+*#%@'", "' ox'") })
    await screen.shows(/^[ ox]+$[\s\S]*✓ ink\.ts evaluated shades/mu)

    const repl = startRegrow(['repl', '--attach', 'live.sock', '--module', 'field.ts'], { folder })
    sessions.push(repl)
    repl.child.stdin.end(
      'rain.drops.length\nfunction wave(x: number, y: number, t: number) {\n  return 1\n}\nwave(0, 0, 0)\n.save wave\n',
    )
    assert.equal(await repl.ended, 0)
    assert.equal(repl.stdout, '3\n1\nsaved wave to field.ts\n')
    await screen.shows(/^x{79}$[\s\S]*✓ field\.ts patched wave[\s\S]*· .*unchanged/mu)
    assert.match(
      readFileSync(`${folder.path}/field.ts`, 'utf8'),
      /\nfunction wave\(x: number, y: number, t: number\) \{\n {2}return 1\n\}\n/,
    )
  })
})
