// The text of a generated module, in JavaScript or TypeScript: some 40 lines of the usual things, and what the harness asks for.

export type Language = 'js' | 'ts'

export interface ModuleText {
  readonly index: number
  /** What `tell` returns first. */
  readonly version: number
  readonly language: Language
  /** Specifiers of the hub and of the modules imported. */
  readonly hub: string
  readonly imports: readonly string[]
}

/** `tell()` gives the version, how often it was called, and what the hub says. `at(path)` finds the `tell` of a module below. */
export function moduleText({ index, version, language, hub, imports }: ModuleText): string {
  const t = (type: string) => (language === 'ts' ? type : '')
  const name = `M${index}`
  return `import { hub } from '${hub}'
${imports.map((specifier, place) => `import { at as at${place} } from '${specifier}'\n`).join('')}${t(`
interface Entry {
  readonly key: string
  amount: number
}

type Tell = () => number[]
`)}
const settings = { name: '${name}', limit: ${index % 97}, tags: ['some', 'tags', 'of', '${name}'] }
const entries${t(': Map<string, Entry>')} = new Map()
let calls = 0

export class Ledger${name} {
  total = 0
  constructor(${t('readonly ')}title${t(': string')}) {
    ${language === 'ts' ? '' : 'this.title = title'}
  }
  add(key${t(': string')}, amount${t(': number')}) {
    const entry = entries.get(key) ?? { key, amount: 0 }
    entry.amount += Math.min(amount, settings.limit)
    entries.set(key, entry)
    this.total += amount
    return this
  }
  describe()${t(': string')} {
    return \`\${this.title}: \${this.total} in \${entries.size} entries\`
  }
}

export function summarize(ledgers${t(`: Ledger${name}[]`)}) {
  return ledgers
    .filter(ledger => ledger.total > 0)
    .map(ledger => ledger.describe())
    .join(settings.tags.length > 2 ? '; ' : ', ')
}

export const ratio = (part${t(': number')}, whole${t(': number')}) => (whole === 0 ? 0 : Math.round((part / whole) * 100))

export function tell()${t(': number[]')} {
  return [${version}, ++calls, hub()]
}

export function at(path${t(': number[]')}, depth = 0)${t(': Tell')} {
  switch (path[depth]) {
${imports.map((_, place) => `    case ${place}:\n      return at${place}(path, depth + 1)\n`).join('')}    default:
      return tell
  }
}
`
}

/** The module that all import. */
export function hubText(version: number): string {
  return `export function hub() {
  return ${version}
}

export const tell = () => [0, 0, hub()]
`
}
