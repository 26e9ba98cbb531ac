// Where the programs of the benchmark are: a file each, or a folder with a `main.js` for those of several modules.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface BenchmarkProgram {
  readonly name: string
  /** Path of the entry, relative to `directory`. */
  readonly file: string
}

/** They are JavaScript that is not compiled, so they stay beside the sources. */
export const directory = fileURLToPath(new URL('../../../../test/bench/steady/programs/', import.meta.url))

/**
 * @param names those wanted; all when there are none
 * @throws Error naming one that does not exist
 */
export function findPrograms(names: readonly string[] = []): BenchmarkProgram[] {
  const found = readdirSync(directory, { withFileTypes: true })
    .map(entry =>
      entry.isDirectory()
        ? { name: entry.name, file: `${entry.name}/main.js` }
        : { name: entry.name.replace(/\.js$/, ''), file: entry.name },
    )
    .sort((left, right) => (left.name < right.name ? -1 : 1))
  if (names.length === 0) return found
  return names.map(name => {
    const program = found.find(each => each.name === name)
    if (!program) throw new Error(`no benchmark ${name}; there are ${found.map(each => each.name).join(', ')}`)
    return program
  })
}
