// A program of some size, in a process of its own: makes the edits it is asked for, and tells how long each took to be reported.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { RealmKind } from '../../../host/api.js'
import { createHost } from '../../../host/index.js'
import { Project } from '../peers/project.js'
import { kinds } from './kinds.js'

export interface Asked {
  /** Index of the kind. */
  readonly kind: number
  readonly number: number
}

const [size, realm] = [Number(process.argv[2]), process.argv[3] as RealmKind]
const folder = mkdtempSync(join(tmpdir(), 'regrow-edits-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const project = new Project(join(folder, 'project'), { shape: 'tree', language: 'js', size })
const entry = join(project.directory, 'entry.js')
writeFileSync(entry, `import { at } from './src/root.js'\nexport const look = path => at(path)()\n`)
const host = createHost({ root: project.directory, realm })
const program = await host.run(entry)

/** @returns milliseconds from before the save until its report */
async function edit({ kind, number }: Asked): Promise<number> {
  const { file } = project.editLeaf(number)
  const before = readFileSync(file, 'utf8')
  const { text, beside, outcome = 'applied' } = kinds[kind]!.edit(before, number, basename(file, '.js'))
  if (beside) writeFileSync(join(dirname(file), beside.name), beside.text)
  const milliseconds = await save(file, text, outcome)
  if (outcome === 'rejected') await save(file, before, 'unchanged')
  return milliseconds
}

async function save(file: string, text: string, outcome: string): Promise<number> {
  const reported = once(program, 'reload')
  const since = performance.now()
  writeFileSync(file, text)
  const [report] = await reported
  assert.equal(report.outcome, outcome, report.error?.message)
  return performance.now() - since
}

process.on('message', async (asked: Asked) => process.send!(await edit(asked)))
process.on('disconnect', () => process.exit())
process.send!('started')
