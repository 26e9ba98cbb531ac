// Loads a program of the benchmark natively or under regrow, and reloads it with every marked definition edited.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Program, RealmKind } from '../../../host/api.js'
import { createHost } from '../../../host/index.js'
import { directory } from './programs.js'

/** Run by node itself, or under regrow in a realm. */
export type Mode = 'native' | RealmKind

/** A program that runs. */
export interface Loaded {
  /** Its export of now. */
  readonly run: () => unknown
  /** The checksum that `run` shall return. */
  readonly expected: unknown
  /** Edits all modules and reloads; natively there is nothing to do. @param version from 1 */
  reload(version: number): Promise<void>
  close(): Promise<void>
}

/** Stands in definitions, so that an edit of it makes each a new one that does the same. */
const marker = /void \d+ \/\/ edit$/gm

/** @param file path of the entry, relative to the programs */
export function load(mode: Mode, file: string): Promise<Loaded> {
  return mode === 'native' ? loadNatively(file) : loadUnderRegrow(mode, file)
}

async function loadNatively(file: string): Promise<Loaded> {
  const { run, expected } = await import(pathToFileURL(join(directory, file)).href)
  return { run, expected, async reload() {}, async close() {} }
}

async function loadUnderRegrow(realm: RealmKind, file: string): Promise<Loaded> {
  const host = createHost({ root: directory, realm, watch: false })
  const program = await host.run(`./${file}`)
  return {
    get run() {
      return program.exports.run
    },
    expected: program.exports.expected,
    reload: version => reload(program, version),
    close: () => host.close(),
  }
}

async function reload(program: Program, version: number): Promise<void> {
  const ids = program.modules().map(module => module.id)
  const report = await program.update(Object.fromEntries(ids.map(id => [id, edited(id, version)])))
  assert.equal(report.outcome, 'applied', report.error?.stack)
  for (const id of ids) {
    const module = report.modules.find(each => each.id === id)
    assert.ok(module && module.patched.length > 0, `reload ${version} patched nothing in ${id}`)
  }
}

function edited(id: string, version: number): string {
  const text = readFileSync(join(directory, id), 'utf8')
  const edits = text.match(marker)?.length ?? 0
  assert.ok(edits >= 3, `${id} has ${edits} places to edit, three are wanted at least`)
  return text.replace(marker, `void ${version} // edit`)
}
