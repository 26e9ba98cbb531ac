// The modules of a program as a tree: who imports whom, with versions.
import type { ModuleInfo } from '../../api.js'

/** @param mark writes a module's line. @returns lines; a module stands once with what it imports, and is only named further down */
export function moduleTree(
  modules: readonly ModuleInfo[],
  entry: string,
  mark: (module: ModuleInfo) => string,
): string[] {
  const byId = new Map(modules.map(each => [each.id, each]))
  const told = new Set<string>()
  const lines: string[] = []
  const add = (id: string, first: string, rest: string): void => {
    const module = byId.get(id)
    if (!module) return
    const isAgain = told.has(id) && module.imports.length > 0
    lines.push(`${first}${isAgain ? `${id} (above)` : mark(module)}`)
    if (told.has(id)) return
    told.add(id)
    module.imports.forEach((each, index) => {
      const isLast = index === module.imports.length - 1
      add(each, `${rest}${isLast ? '└─ ' : '├─ '}`, `${rest}${isLast ? '   ' : '│  '}`)
    })
  }
  add(entry, '', '')
  // What `import()` brought in.
  for (const { id } of modules) if (!told.has(id)) add(id, '', '')
  return lines
}
