// Reports on programs that are not trusted: names, messages and lines of sources are the guest's text, and go to terminals.
import type { ReloadReport } from '../../api.js'
import type { RegrowError } from '../../errors.js'
import { harmless } from './harmless.js'

/** Longer names are cut in reports, in characters. */
const longestName = 500

const lines = (text: string): string => text.split('\n').map(harmless).join('\n')
const name = (text: string): string => harmless(text.length > longestName ? `${text.slice(0, longestName)}…` : text)
const names = (texts: readonly string[]): string[] => texts.map(name)

export function makeHarmless(error: RegrowError): RegrowError {
  error.message = lines(error.message)
  if (error.stack !== undefined) error.stack = lines(error.stack)
  if (error.frame !== undefined) error.frame = lines(error.frame)
  if (error.file !== undefined) error.file = harmless(error.file)
  return error
}

export function harmlessReport(report: ReloadReport): ReloadReport {
  if (report.error) makeHarmless(report.error)
  report.failures?.forEach(makeHarmless)
  const modules = report.modules.map(({ id, version, added, patched, evaluated, removed, stale, kept }) => ({
    id: name(id),
    version,
    added: names(added),
    patched: names(patched),
    evaluated: names(evaluated),
    removed: names(removed),
    stale: names(stale),
    kept,
  }))
  return { ...report, modules }
}
