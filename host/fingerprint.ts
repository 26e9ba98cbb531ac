// What cached texts depend on besides themselves: this version of regrow, and of esbuild.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fingerprintPath } from './own-files.js'

let known: string | undefined

/** Differs wherever the same text may be made into something else. */
export function fingerprint(): string {
  if (known !== undefined) return known
  const own = readFileSync(fingerprintPath, 'utf8').trim()
  const esbuild = createRequire(import.meta.url)('esbuild/package.json') as { version: string }
  known = `${own} esbuild ${esbuild.version}`
  return known
}
