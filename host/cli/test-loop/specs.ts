// Which spec files there are, and the entry of the program, which imports them.
import { relative, resolve, sep } from 'node:path'
import { RegrowError } from '../../errors.js'
import type { MochaPackage } from './mocha.js'
import type { TestOptions } from './options.js'

export interface Specs {
  /** Ids of the spec files, in mocha's order. */
  readonly ids: readonly string[]
  /** Ids of what is loaded before them. */
  readonly setup: readonly string[]
  /** The text of the entry. */
  readonly text: string
  has(id: string): boolean
  path(id: string): string
  /** Looks for files anew. @returns whether there are others than before */
  refresh(): boolean
}

/** @throws RegrowError ERR_REGROW_DENIED for a file outside the root */
export function createSpecs(mocha: MochaPackage, options: TestOptions): Specs {
  const { root, collect } = options
  const idOf = (path: string) => {
    const id = relative(root, path)
    if (id.startsWith(`..${sep}`) || resolve(root, id) !== resolve(path))
      throw new RegrowError('ERR_REGROW_DENIED', `the spec ${path} is outside the root ${root}`, { file: path })
    return id.split(sep).join('/')
  }
  const look = () => [...new Set(mocha.collectFiles(collect).map(idOf))]
  const setup = options.setup.map(idOf)
  let ids = look()
  let known = new Set(ids)
  return {
    get ids() {
      return ids
    },
    setup,
    get text() {
      const lines = setup.map((id, index) => `export * as setup${index} from ${JSON.stringify(`./${id}`)}`)
      return [...lines, ...ids.map(id => `import ${JSON.stringify(`./${id}`)}`), ''].join('\n')
    },
    has: id => known.has(id),
    path: id => resolve(root, id),
    refresh() {
      const before = ids.join('\n')
      ids = look()
      known = new Set(ids)
      return ids.join('\n') !== before
    },
  }
}
