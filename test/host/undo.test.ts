import assert from 'node:assert/strict'
import { inEveryRealm } from '../support/program.js'

describe('undo and redo', () => {
  inEveryRealm(start => {
    const version = (text: string) => ({ 'main.js': `let state = 0\nexport const look = () => [state++, '${text}']` })

    it('go back and forth among the texts that ran, and keep state', async () => {
      const running = await start(version('one'))
      await running.expect('look', [0, 'one'])
      await running.edit(version('two'))
      await running.edit(version('three'))
      assert.equal((await running.program.undo()).outcome, 'applied')
      await running.expect('look', [1, 'two'])
      await running.program.undo()
      await running.expect('look', [2, 'one'])
      assert.equal((await running.program.undo()).outcome, 'unchanged')
      await running.program.redo()
      await running.program.redo()
      await running.expect('look', [3, 'three'])
      assert.equal((await running.program.redo()).outcome, 'unchanged')
    })

    it('leave a module undone until its file changes, and name it in every report', async () => {
      const running = await start(version('one'))
      await running.edit(version('two'))
      assert.deepEqual((await running.program.undo()).undone, ['main.js'])
      assert.deepEqual(running.program.undone, ['main.js'])
      assert.deepEqual((await running.program.reload()).undone, ['main.js'])
      await running.expect('look', [0, 'one'])
      const report = await running.edit(version('three'))
      assert.equal(report.undone, undefined)
      assert.deepEqual(running.program.undone, [])
      await running.expect('look', [1, 'three'])
    })

    it('name nothing when they lead to what the files say', async () => {
      const running = await start(version('one'))
      await running.edit(version('two'))
      await running.program.undo()
      assert.equal((await running.program.redo()).undone, undefined)
    })

    it('take back what was typed, and bring it again', async () => {
      const running = await start(version('one'))
      await running.program.evaluate('let mine = 1')
      await running.program.evaluate('const look = () => "typed"')
      await running.expect('look', 'typed')
      assert.equal((await running.program.undo()).undone, undefined)
      await running.expect('look', [0, 'one'])
      assert.equal(await running.program.evaluate('mine'), 1)
      await running.program.undo()
      await assert.rejects(running.program.evaluate('mine'), /mine is not defined/)
      await running.program.redo()
      await running.program.redo()
      await running.expect('look', 'typed')
      assert.equal(await running.program.evaluate('mine'), 1)
    })

    it('bring back what was typed where a file had taken its place', async () => {
      const running = await start(version('one'))
      await running.program.evaluate('const look = () => "typed"')
      await running.edit(version('two'))
      await running.expect('look', [0, 'two'])
      const { undone } = await running.program.undo()
      assert.deepEqual(undone, ['main.js'])
      await running.expect('look', 'typed')
    })

    it('forget what was undone once something else is applied', async () => {
      const running = await start(version('one'))
      await running.edit(version('two'))
      await running.program.undo()
      await running.edit(version('three'))
      assert.equal((await running.program.redo()).outcome, 'unchanged')
      await running.program.undo()
      await running.expect('look', [0, 'one'])
    })

    it('leave everything as it was when they are rejected', async () => {
      const running = await start({
        'main.js': "import { a } from './a.js'\nexport const look = () => a",
        'a.js': 'export const a = 1',
      })
      await running.edit({ 'a.js': 'export const a = 2, b = 3' })
      await running.program.evaluate("import { b } from './a.js'")
      await running.edit({ 'main.js': "import { a, b } from './a.js'\nexport const look = () => [a, b]" })
      await running.program.update({ 'a.js': 'export const a = 2, b = 4' })
      await running.program.undo()
      await running.expect('look', [2, 3])
      await running.program.undo()
      await running.program.undo()
      await running.expect('look', 2)
      const report = await running.program.undo()
      assert.equal(report.outcome, 'applied', report.error?.message)
      await running.expect('look', 1)
    })

    it('go beside a file that is broken', async () => {
      const running = await start({
        'main.js': "import { a } from './a.js'\nexport const look = () => [a, 'one']",
        'a.js': 'export const a = 1',
      })
      await running.edit({ 'main.js': "import { a } from './a.js'\nexport const look = () => [a, 'two']" })
      await running.edit({ 'a.js': 'export const a = ' }, 'rejected')
      assert.equal((await running.program.undo()).outcome, 'applied')
      await running.expect('look', [1, 'one'])
      assert.ok(running.program.drift)
      await running.edit({ 'a.js': 'export const a = 5' })
      await running.expect('look', [5, 'one'])
      assert.equal(running.program.drift, undefined)
    })
  })
})
