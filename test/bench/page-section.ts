// Parts of docs/benchmarks.md that commands of their own write: each between two comments, kept when the rest is written anew.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const start = (name: string) => `<!-- ${name}: generated -->`
const end = (name: string) => `<!-- ${name}: end -->`

/** @returns the part with its comments; '' where the page has none */
export function readSection(page: string, name: string): string {
  if (!existsSync(page)) return ''
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(start(name))
  const to = text.indexOf(end(name))
  return from === -1 || to === -1 ? '' : text.slice(from, to + end(name).length)
}

export function writeSection(page: string, name: string, text: string): void {
  const section = `${start(name)}\n${text.trim()}\n${end(name)}`
  const before = readSection(page, name)
  const whole = existsSync(page) ? readFileSync(page, 'utf8') : ''
  writeFileSync(page, before ? whole.replace(before, () => section) : `${whole.trimEnd()}\n\n${section}\n`)
}
