import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { createGate } from '../../host/cli/repl/gate.js'

describe('the gate of the REPL', () => {
  for (const isEarly of [true, false]) {
    it(`holds lines back that are ${isEarly ? 'there before anybody reads' : 'typed later'}`, async () => {
      const source = new PassThrough()
      if (isEarly) source.end('one\ntwo\r\nthree')
      const gate = createGate(source, () => {})
      if (isEarly) await new Promise(done => setImmediate(done))
      const lines: string[] = []
      const reader = createInterface({ input: gate.input })
      const closed = once(reader, 'close')
      reader.on('line', line => {
        lines.push(line)
        gate.hold(true)
        setImmediate(() => {
          lines.push(`/${line}`)
          gate.hold(false)
        })
      })
      if (!isEarly) source.end('one\ntwo\r\nthree')
      await closed
      assert.deepEqual(lines, ['one', '/one', 'two', '/two', 'three'])
      gate.close()
    })
  }
})
