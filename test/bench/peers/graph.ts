// Which module imports which, as plain data: a tree, or layers in which each module imports a few of the next layer.

export type Shape = 'tree' | 'layered'

export interface Graph {
  /** For each module the indexes of those it imports; the first is the root. A hub that all import is not among them. */
  readonly imports: readonly (readonly number[])[]
  /** Those that import nothing of these. */
  readonly leaves: readonly number[]
  /** @returns which import to follow at each step from the root to a module */
  path(index: number): number[]
}

const branches = 4

/** @param size how many modules, 2 at least */
export function createGraph(shape: Shape, size: number): Graph {
  const imports = shape === 'tree' ? tree(size) : layered(size)
  const importers = findImporters(imports)
  const leaves = imports.flatMap((each, index) => (each.length === 0 ? [index] : []))
  return {
    imports,
    leaves,
    path(index) {
      const steps: number[] = []
      for (let at = index; at !== 0; at = importers[at]!) steps.push(imports[importers[at]!]!.indexOf(at))
      return steps.reverse()
    },
  }
}

function tree(size: number): number[][] {
  return Array.from({ length: size }, (_, index) =>
    range(branches)
      .map(branch => index * branches + 1 + branch)
      .filter(child => child < size),
  )
}

/** The root imports the whole first layer. Layers are as wide as the graph is deep. */
function layered(size: number): number[][] {
  const width = Math.max(1, Math.round(Math.sqrt(size - 1)))
  const isThere = (index: number) => index < size
  return Array.from({ length: size }, (_, index) => {
    if (index === 0) return range(width, 1).filter(isThere)
    const layer = Math.floor((index - 1) / width)
    const next = [0, 1, 7].map(offset => 1 + (layer + 1) * width + ((index - 1 + offset) % width))
    return [...new Set(next)].filter(isThere)
  })
}

function findImporters(imports: readonly (readonly number[])[]): number[] {
  const importers: number[] = []
  for (const [index, each] of imports.entries()) for (const imported of each) importers[imported] ??= index
  return importers
}

function range(length: number, first = 0): number[] {
  return Array.from({ length }, (_, index) => first + index)
}
