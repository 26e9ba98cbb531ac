// `regrow run` over the life of a program: reloads, mistakes, the ways it ends.
import assert from 'node:assert/strict'
import { createFolder, type Folder, type Session, type SessionOptions, startRegrow } from '../support/terminal.js'

const ticking = {
  'main.ts': `import { greet } from './greet.ts'\nlet ticks = 0\nsetInterval(() => console.log(greet(), ++ticks), 10)\n`,
  'greet.ts': `export function greet(): string {\n  return 'hello'\n}\n`,
}

describe('regrow run', () => {
  let folder: Folder
  let session: Session | undefined

  const start = (files: Record<string, string>, args: string[], options: Partial<SessionOptions> = {}): Session => {
    folder = createFolder(files)
    session = startRegrow(['run', ...args], { folder, ...options })
    return session
  }

  afterEach(async () => {
    await session?.close()
    session = undefined
    folder.remove()
  })

  it('shows an edit in one line, and the running program has it', async () => {
    const { waitFor } = start(ticking, ['main.ts'])
    await waitFor('stderr', /^regrow \d+\.\d+\.\d+ {2}main\.ts {2}2 modules {2}[\d.]+ ms\n/m)
    const before = await waitFor('stdout', /hello (\d+)\n/)
    folder.write({ 'greet.ts': `export function greet(): string {\n  return 'good day'\n}\n` })
    await waitFor('stderr', /^\d\d:\d\d:\d\d {2}✓ greet\.ts patched greet {2}\d+ kept {2}[\d.]+ ms\n/m)
    const after = await waitFor('stdout', /good day (\d+)\n/)
    assert.ok(Number(after[1]) > Number(before[1]), 'the count went on')
  })

  it('keeps its own lines off the standard output of the program', async () => {
    const running = start({ 'main.ts': `console.log('only this')\n` }, ['--no-watch', 'main.ts'])
    assert.equal(await running.ended, 0)
    assert.equal(running.stdout, 'only this\n')
  })

  it('shows a syntax error with its frame, goes on, and says when the sources run again', async () => {
    const { waitFor } = start(ticking, ['main.ts'])
    await waitFor('stdout', /hello 1\n/)
    folder.write({ 'greet.ts': `export function greet(): string {\n  return 'broken\n}\n` })
    await waitFor('stderr', /✗ rejected {2}ERR_REGROW_BUILD {2}(?!greet\.ts).+ {2}greet\.ts:2:\d+\n/)
    await waitFor('stderr', /^ {3}> 2 \| {3}return 'broken\n/m)
    await waitFor('stderr', /^ {3}The program runs on unchanged\.\n/m)
    await waitFor('stdout', /hello \d+\n/)
    folder.write({ 'greet.ts': `export function greet(): string {\n  return 'mended'\n}\n` })
    await waitFor('stderr', /✓ greet\.ts patched greet .* runs its sources again\n/)
    await waitFor('stdout', /mended \d+\n/)
  })

  it('says the place of an error once, and what was thrown', async () => {
    const { waitFor } = start({ 'main.ts': `export let state = 1\nsetInterval(() => {}, 1000)\n` }, ['main.ts'])
    await waitFor('stderr', /^regrow /m)
    folder.write({
      'main.ts': `export let state = fail()\nfunction fail(): never { throw new RangeError('too far') }\nsetInterval(() => {}, 1000)\n`,
    })
    const [line] = await waitFor('stderr', /✗ rejected.*\n/)
    assert.match(line, /ERR_REGROW_EVALUATE {2}RangeError: too far {2}main\.ts:2:\d+\n$/)
  })

  it('gives the program what stands after the entry, also what looks like options', async () => {
    const program = `console.log(JSON.stringify(process.argv))\n`
    const running = start({ 'app/main.ts': program }, [
      '--no-watch',
      'app/main.ts',
      '--json',
      '--port=1',
      '-h',
      '--',
      'x',
    ])
    assert.equal(await running.ended, 0, running.stderr)
    const entry = `${folder.path}/app/main.ts`
    assert.deepEqual(JSON.parse(running.stdout), [process.execPath, entry, '--json', '--port=1', '-h', '--', 'x'])
  })

  it('does not show its own arguments to a program that has none', async () => {
    const running = start({ 'main.ts': `console.log(JSON.stringify(process.argv.slice(1)))\n` }, [
      '--no-watch',
      'main.ts',
    ])
    assert.equal(await running.ended, 0, running.stderr)
    assert.deepEqual(JSON.parse(running.stdout), [`${folder.path}/main.ts`])
  })

  it('runs a program in a context of its own', async () => {
    const program = `globalThis.mark = 1\nconsole.log(process.argv.at(-1), Object.hasOwn(globalThis, 'mark'))\n`
    const running = start({ 'main.js': program }, ['--realm', 'context', '--no-watch', 'main.js', 'last'])
    assert.equal(await running.ended, 0, running.stderr)
    assert.equal(running.stdout, 'last true\n')
  })

  it('finds modules relative to --root and refuses what lies outside', async () => {
    const files = {
      'app/main.ts': `import { x } from '../secret.ts'\nconsole.log(x)\n`,
      'secret.ts': 'export const x = 1\n',
    }
    const running = start(files, ['--no-watch', '--root', 'app', 'app/main.ts'])
    assert.equal(await running.ended, 1)
    assert.match(running.stderr, /ERR_REGROW_DENIED/)
    assert.equal(running.stdout, '')
  })

  it('fails with 1 and a frame when the entry does not load', async () => {
    const running = start({ 'main.ts': `const a = 1\nconst b = = 2\n` }, ['main.ts'])
    assert.equal(await running.ended, 1)
    assert.match(running.stderr, /^✗ ERR_REGROW_BUILD {2}.+ {2}main\.ts:2:\d+\n/m)
    assert.match(running.stderr, /^ {3}> 2 \| const b = = 2$/m)
  })

  it('fails with 1 when the entry throws, although it had opened a timer', async () => {
    const running = start({ 'main.ts': `setInterval(() => {}, 1000)\nthrow new Error('no luck')\n` }, ['main.ts'])
    assert.equal(await running.ended, 1)
    assert.match(running.stderr, /ERR_REGROW_EVALUATE {2}Error: no luck {2}main\.ts:2:\d+\n/)
  })

  it('fails with 1 when there is no such entry', async () => {
    const running = start({}, ['missing.ts'])
    assert.equal(await running.ended, 1)
    assert.match(running.stderr, /ERR_REGROW_LINK.*missing\.ts/)
  })

  it("ends with the program's own exit code", async () => {
    const running = start({ 'main.ts': `setTimeout(() => process.exit(7), 1)\n` }, ['main.ts'])
    assert.equal(await running.ended, 7)
  })

  it('without watching ends when the work ends, with the exit code the program set', async () => {
    const program = `process.exitCode = 3\nsetTimeout(() => console.log('done'), 1)\n`
    const running = start({ 'main.ts': program }, ['--no-watch', 'main.ts'])
    assert.equal(await running.ended, 3)
    assert.equal(running.stdout, 'done\n')
  })

  it('stays for edits when the program has nothing left to do', async () => {
    const { waitFor } = start({ 'main.ts': `console.log('first')\n` }, ['main.ts'])
    await waitFor('stderr', /^regrow /m)
    folder.write({ 'main.ts': `console.log('second')\n` })
    await waitFor('stdout', /second\n/)
  })

  for (const [what, statement] of Object.entries({
    exception: `throw new Error('oops')`,
    rejection: `void Promise.reject(new Error('oops'))`,
  })) {
    const program = `setInterval(() => console.log('alive'), 5)\nsetTimeout(() => {\n  ${statement}\n}, 1)\n`

    it(`prints an uncaught ${what} at its place in the source and goes on`, async () => {
      const { waitFor } = start({ 'main.ts': `interface Unused {\n  a: string\n}\n${program}` }, ['main.ts'])
      await waitFor('stderr', /✗ uncaught {2}Error: oops\n[\s\S]*main\.ts:6:\d+[\s\S]*The program goes on\.\n/)
      await waitFor('stdout', /alive\n/)
    })

    it(`fails with 1 at an uncaught ${what} without watching`, async () => {
      const running = start({ 'main.ts': program }, ['--no-watch', 'main.ts'])
      assert.equal(await running.ended, 1)
      assert.match(running.stderr, /Error: oops\n/)
    })
  }

  it('shows who called what fails at the start, and what caused it', async () => {
    const files = {
      'main.ts': `import { deep } from './lib.ts'\nexport const value = middle()\nfunction middle() { return deep() }\n`,
      'lib.ts': `export function deep() {
  try { inner() } catch (cause) { throw new Error('outer', { cause }) }
}
function inner() { throw new TypeError('inner') }
`,
    }
    for (const realm of ['main', 'context']) {
      const running = start(files, ['--realm', realm, 'main.ts'])
      assert.equal(await running.ended, 1)
      await running.waitFor('stderr', /^✗ ERR_REGROW_EVALUATE {2}Error: outer {2}lib\.ts:2:41\n/m)
      await running.waitFor('stderr', /^ {3}at middle \(main\.ts:3:28\)\n/m)
      await running.waitFor('stderr', /^ {3}caused by TypeError: inner\n {7}at inner \(.*\/lib\.ts:4:26\)\n/m)
      folder.remove()
    }
  })

  it('leaves an uncaught exception to a program that handles it', async () => {
    const program = `process.on('uncaughtException', error => { console.log('own', error.message); process.exit(4) })
setTimeout(() => { throw new Error('oops') }, 1)\n`
    const running = start({ 'main.ts': program }, ['main.ts'])
    assert.equal(await running.ended, 4)
    assert.equal(running.stdout, 'own oops\n')
    assert.doesNotMatch(running.stderr, /oops/)
  })

  it('tells listeners of the end of the process, although it closes the program before', async () => {
    const files = {
      'main.js': `import manifest from 'package.json/package.json' with { type: 'json' }
process.on('exit', code => console.log('exit', code, performance.now()))
performance.now = () => 0
setInterval(() => {}, 1000)
export const value = () => 1
console.log(manifest.name)`,
      'node_modules/package.json/package.json': '{ "name": "package.json" }',
    }
    const running = start(files, ['main.js'])
    await running.waitFor('stdout', /^package\.json\n/)
    await running.waitFor('stderr', /^regrow /m)
    folder.write({ 'main.js': files['main.js'].replace('=> 1', '=> 2') })
    await running.waitFor('stderr', /patched value/)
    running.child.kill('SIGTERM')
    assert.equal(await running.ended, 143)
    await running.waitFor('stdout', /exit 143 0\n/)
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`closes at ${signal} and ends with ${code}`, async () => {
      const running = start(ticking, ['main.ts'])
      await running.waitFor('stdout', /hello/)
      running.child.kill(signal)
      assert.equal(await running.ended, code)
    })
  }

  it('lets a program end in its own way at SIGINT', async () => {
    const program = `const timer = setInterval(() => {}, 1000)
process.on('SIGINT', () => { console.log('tidied up'); clearInterval(timer) })
console.log('ready')\n`
    const running = start({ 'main.ts': program }, ['main.ts'])
    await running.waitFor('stderr', /^regrow /m)
    running.child.kill('SIGINT')
    assert.equal(await running.ended, 0)
    assert.match(running.stdout, /tidied up/)
  })

  it('ends at once at a second SIGINT when the program would not', async () => {
    const program = `setInterval(() => {}, 1000)\nprocess.on('SIGINT', () => console.log('not now'))\n`
    const running = start({ 'main.ts': program }, ['main.ts'])
    await running.waitFor('stderr', /^regrow /m)
    running.child.kill('SIGINT')
    await running.waitFor('stdout', /not now/)
    running.child.kill('SIGINT')
    assert.equal(await running.ended, 130)
  })

  it('runs a program in an isolate, patches it, and says when it had to be ended', async () => {
    const text = (word: string, more = '') =>
      `let ticks = 0\nconst say = () => '${word}'\nsetInterval(() => console.log(say(), ++ticks, typeof process), 20)\n${more}`
    const { waitFor } = start({ 'main.js': text('hello') }, ['--realm', 'isolate', 'main.js'])
    const before = await waitFor('stdout', /\[main\.js\] "?hello"? (\d+) "?undefined"?\n/)
    folder.write({ 'main.js': text('good day') })
    await waitFor('stderr', /✓ main\.js patched say /)
    const after = await waitFor('stdout', /good day"? (\d+)/)
    assert.ok(Number(after[1]) > Number(before[1]), 'the count went on')
    folder.write({ 'main.js': text('good day', 'for (;;);') })
    await waitFor(
      'stderr',
      /The isolate has ended: .*ran for more than 2000 ms.* it is started again, without its state\.\n/,
    )
    await waitFor('stderr', /✗ rejected {2}ERR_REGROW_TIMEOUT/)
  })

  it('takes no arguments for a program in an isolate', async () => {
    const running = start({ 'main.js': '' }, ['--realm', 'isolate', 'main.js', 'more'])
    assert.equal(await running.ended, 2)
    assert.match(running.stderr, /takes no arguments/)
  })
})
