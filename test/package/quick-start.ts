// Finds the library's quick start in a README: its files, the program among them, and what that prints.

export interface QuickStart {
  /** The name of the file that imports from 'regrow'. */
  readonly program: string
  /** Texts of all files before the output, by the name that stands in a line of its own above each block. */
  readonly files: Readonly<Record<string, string>>
  /** Lines of the block without a language that follows the program, without spaces at their ends. */
  readonly prints: readonly string[]
}

const heading = /^#+ .*(quick ?start|as a library|from code)/im
/** The name line, if there is one, the language, and the text. */
const block = /(?:^`([\w./-]+)`:\n\n)?^```(\w*)[^\n]*\n(.*?)^```$/gms

/** @throws Error that tells what the README lacks */
export function findQuickStart(readme: string): QuickStart {
  const at = readme.search(heading)
  if (at === -1) throw new Error('the README has no heading like "Quick start" or "As a library"')
  const files: Record<string, string> = {}
  let program: string | undefined
  for (const [, name, language, text = ''] of readme.slice(at).matchAll(block)) {
    if (program !== undefined && language === '') {
      return { program, files, prints: lines(text) }
    }
    if (name === undefined) continue
    files[name] = text
    if (/from ['"]regrow['"]/.test(text)) program ??= name
  }
  throw new Error(
    program === undefined
      ? "no named block after the heading imports from 'regrow'"
      : `no block without a language says what ${program} prints`,
  )
}

/** Lines of an output, without spaces at their ends and empty lines at its end. */
export const lines = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => line.trimEnd())
