// Where tools keep what can be made again: in the node_modules of the package the program belongs to.
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @returns undefined where no directory from `root` upwards has a node_modules */
export function cacheFolder(root: string): string | undefined {
  for (let at = root; ; at = dirname(at)) {
    const modules = join(at, 'node_modules')
    if (statSync(modules, { throwIfNoEntry: false })?.isDirectory()) return join(modules, '.cache/regrow')
    if (dirname(at) === at) return undefined
  }
}
