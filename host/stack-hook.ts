// Makes the errors of a realm show mapped stack traces.
import type { StackMapper } from './stack.js'

const hooked = new WeakMap<ErrorConstructor, { mappers: Set<StackMapper>; restore: () => void }>()

/**
 * Makes errors born in a realm show mapped frames. A hook the program sets itself wins.
 * @returns what takes it back
 */
export function installStackHook(realmError: ErrorConstructor, mapper: StackMapper): () => void {
  // Programs of the main realm share one `Error`.
  let entry = hooked.get(realmError)
  if (!entry) {
    // Node puts a formatter of its own here; a program or a tool may have put another.
    const before = realmError.prepareStackTrace as Formatter | undefined
    const mappers = new Set<StackMapper>()
    const formatter: Formatter = (error, sites) => formatStack(error, sites, mappers, before)
    realmError.prepareStackTrace = formatter
    const restore = () => {
      hooked.delete(realmError)
      if (realmError.prepareStackTrace !== formatter) return
      if (before) realmError.prepareStackTrace = before
      else delete (realmError as Partial<ErrorConstructor>).prepareStackTrace
    }
    entry = { mappers, restore }
    hooked.set(realmError, entry)
  }
  const { mappers, restore } = entry
  mappers.add(mapper)
  return () => {
    mappers.delete(mapper)
    if (mappers.size === 0) restore()
  }
}

type Formatter = (error: Error, sites: NodeJS.CallSite[]) => any

function formatStack(
  error: Error,
  sites: NodeJS.CallSite[],
  mappers: ReadonlySet<StackMapper>,
  before: Formatter | undefined,
): unknown {
  if (before) {
    const shown: unknown = before(error, sites)
    if (typeof shown !== 'string') return shown
    let mapped = shown
    for (const mapper of mappers) mapped = mapper.stack(mapped)
    return mapped
  }
  let text = sites.map(site => `    at ${site}`).join('\n')
  for (const mapper of mappers) text = mapper.stack(text)
  let head: string
  try {
    head = String(error)
  } catch {
    head = 'Error'
  }
  return text ? `${head}\n${text}` : head
}
