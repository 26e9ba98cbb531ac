// A debugger sees the sources, and stops in them.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { realms } from '../support/program.js'
import type { Pause } from './debugger-child.js'

const child = fileURLToPath(new URL('./debugger-child.js', import.meta.url))

describe('a debugger', () => {
  for (const realm of realms) {
    it(`stops at breakpoints in TypeScript, before and after a reload, in realm ${realm}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--inspect=127.0.0.1:0', child, realm], {
        timeout: 15_000,
      })
      const { answers, pauses } = JSON.parse(stdout) as { answers: number[]; pauses: Pause[] }
      assert.deepEqual(answers, [60, 800])
      const seen = pauses.map(({ source, ...pause }) => ({ ...pause, file: source?.replace(/^file:.*\//, '') }))
      assert.deepEqual(seen, [
        { name: 'scale', line: 5, text: '  return by * kind * 10 // stop here', by: 3, file: 'main.ts' },
        { name: 'scale', line: 7, text: '  return by * kind * 100 // stop here', by: 4, file: 'main.ts' },
      ])
    })
  }
})
