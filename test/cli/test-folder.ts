// A small project with tests, and mocha where it is looked for.
import { mkdirSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createFolder, type Folder } from '../support/terminal.js'

const mocha = dirname(createRequire(import.meta.url).resolve('mocha/package.json'))

export const assertion = `import assert from 'node:assert/strict'\n`

export const small = {
  'package.json': '{"type":"module"}',
  'src/add.js': `export function add(a, b) {\n  return a + b\n}\n`,
  'src/twice.js': `import { add } from './add.js'\nexport const twice = value => add(value, value)\n`,
  'src/other.js': `export const other = () => 1\n`,
  'test/add.test.js': `${assertion}import { add } from '../src/add.js'\ndescribe('add', () => {\n  it('adds', () => assert.equal(add(1, 2), 3))\n})\n`,
  'test/twice.test.js': `${assertion}import { twice } from '../src/twice.js'\ndescribe('twice', () => {\n  it('doubles', () => assert.equal(twice(4), 8))\n})\n`,
  'test/other.test.js': `${assertion}import { other } from '../src/other.js'\ndescribe('other', () => {\n  it('is one', () => assert.equal(other(), 1))\n})\n`,
}

/** A folder whose project has installed mocha. */
export function createTestFolder(files: Record<string, string>): Folder {
  const folder = createFolder(files)
  mkdirSync(join(folder.path, 'node_modules'), { recursive: true })
  symlinkSync(mocha, join(folder.path, 'node_modules/mocha'))
  return folder
}
