// Tells when a file has come that may be a spec, in any directory below those where specs are looked for.
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { clearTimeout, setTimeout } from 'node:timers'
import { createDirectoryWatcher } from '../../watch-directories.js'
import type { CollectOptions } from './mocha.js'

/** How long files may go on coming, in milliseconds. */
const quiet = 15

const notLookedInto = new Set(['node_modules', '.git'])

/**
 * Watches until the process ends.
 * @param onCome is called once at the start as well: what came before made no event
 */
export function watchSpecs(
  root: string,
  { spec, file, extension }: CollectOptions,
  onCome: () => void,
  onError: (error: Error) => void,
): void {
  const bases = new Set([...spec, ...file].map(baseOf))
  const named = new Set([...spec, ...file].map(each => resolve(each)))
  /** Names in each directory, as they were when it was read. */
  const held = new Map<string, Set<string>>()
  let timer: NodeJS.Timeout | undefined

  const directories = createDirectoryWatcher({
    root,
    onError,
    onEntry(path) {
      const names = held.get(dirname(path))
      if (!names) return
      const kind = kindOf(path)
      if (kind === undefined) names.delete(basename(path))
      else if (!names.has(basename(path))) {
        names.add(basename(path))
        if (kind === 'directory' || mayBeSpec(path)) soon()
      }
    },
    onDirectory: soon,
  })

  const mayBeSpec = (path: string): boolean =>
    named.has(path) || extension.some(each => path.endsWith(each.startsWith('.') ? each : `.${each}`))

  function soon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      for (const base of bases) hold(base)
      onCome()
    }, quiet).unref()
  }

  function hold(directory: string): void {
    const entries = entriesOf(directory)
    const isNew = !held.has(directory)
    held.set(directory, new Set(entries.map(each => each.name)))
    if (isNew) directories.hold(directory)
    for (const each of entries)
      if (each.isDirectory() && !notLookedInto.has(each.name)) hold(join(directory, each.name))
  }

  for (const base of bases) hold(base)
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}

function kindOf(path: string): 'file' | 'directory' | undefined {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file'
  } catch {
    return undefined
  }
}

/** The directory below which a pattern finds files. */
function baseOf(pattern: string): string {
  const parts = resolve(pattern).split(sep)
  const magic = parts.findIndex(part => /[*?{}[\]()!+@]/.test(part))
  const base = magic === -1 ? parts.join(sep) : parts.slice(0, magic).join(sep) || sep
  return kindOf(base) === 'directory' ? base : dirname(base)
}
