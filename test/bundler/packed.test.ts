// Packed records: what is unpacked is what was packed, in far less space.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { analyse } from '../../bundler/analyse.js'
import { outlineData, releasable, release } from '../../bundler/outline.js'
import { pack, unpack } from '../../bundler/packed.js'
import { reanalyse } from '../../bundler/reanalyse.js'
import type { ModuleRecord } from '../../bundler/record.js'

const own = ['bundler', 'guest'].map(name => fileURLToPath(new URL(`../../${name}`, import.meta.url)))

const odd: readonly string[] = [
  '',
  "export const grüße = '😀'\nexport { grüße as '\\u{1f600}' }",
  'class A { static [Symbol.iterator] = () => 1; #p; get #q() { return this.#p } static { A.x = eval } }',
  "export default { [a]: () => 1, 'b c'() { return this }, __proto__: null, get d() { return 2 } }",
  'let { a, ...b } = c, [d = () => a] = b\na.b = 1\n;[a.c] = [2]',
  `function long() {}\n${'long()\n'.repeat(50_000)}`,
]

const texts = () => [
  ...own.flatMap(directory =>
    readdirSync(directory)
      .filter(name => name.endsWith('.js') && name !== 'kernel.bundle.js')
      .map(name => readFileSync(join(directory, name), 'utf8')),
  ),
  ...odd,
]

const bodyOf = ({ items, edits, statements, memberPlaces }: ModuleRecord) => ({
  items,
  edits,
  statements,
  memberPlaces,
})

describe('packed records', () => {
  it('are unpacked to what was packed, and take less than half of their JSON', () => {
    let [packed, plain] = [0, 0]
    for (const text of texts()) {
      const body = bodyOf(analyse(text))
      const small = pack(body)
      assert.deepEqual(unpack(small), body)
      packed += small.length
      plain += JSON.stringify(body).length
    }
    assert.ok(plain > 1_000_000, `${plain} characters of JSON`)
    assert.ok(packed < plain / 2, `${packed} of ${plain} characters`)
  })

  it('keep a record that lets its items go what it was, without reading its text again', () => {
    for (const text of texts()) {
      const whole = analyse(text)
      const record = releasable(whole, () => assert.fail('the text is read again'))
      release(record)
      release(record)
      assert.deepEqual(bodyOf(record), bodyOf(whole))
      assert.deepEqual(outlineData(record), outlineData(whole))
      release(record)
      const next = `${text}\n;`
      assert.deepEqual(reanalyse(record, next), reanalyse(whole, next))
    }
  })
})
