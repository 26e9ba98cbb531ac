// Who exports what, through re-exports too, and which imports a module's text needs: rendering and repairing agree on it here.
import { type Definition, expressionsOf, find, type ImportStyle, isNameless, type Model, type Module } from './model.js'

/** How a module's text names a definition, and the import that this takes. */
export interface Way {
  /** The expression that stands for the definition. */
  readonly text: string
  /** Whether it is an identifier, which a shorthand property can take. */
  readonly isPlain: boolean
  readonly from?: { readonly module: Module; readonly exported: string }
}

/** The ways of importing a definition from outside its module: exporter, and the name there. */
export function exporters(model: Model, home: Module, definition: Definition): { module: Module; exported: string }[] {
  const ways: { module: Module; exported: string }[] = []
  if (definition.visibility !== 'hidden') {
    const exported = definition.visibility === 'default' ? 'default' : definition.name
    ways.push({ module: home, exported })
    for (const module of model.modules) {
      if (module !== home && exported !== 'default' && module.stars.includes(home.id)) ways.push({ module, exported })
      for (const each of module.reexports) if (each.of === definition.id) ways.push({ module, exported: each.as })
    }
  }
  return ways
}

/** @param how chooses among the ways there are */
export function wayTo(model: Model, from: Module, id: number, how: number): Way | undefined {
  const target = find(model, id)
  if (!target || target.definition.kind === 'statement') return undefined
  const { module: home, definition } = target
  if (home === from) return isNameless(definition) ? undefined : { text: definition.name, isPlain: true }
  const ways = exporters(model, home, definition).filter(each => each.module !== from)
  const way = ways[how % ways.length]
  if (!way) return undefined
  const style = from.styles[way.module.id] ?? 'named'
  if (style === 'namespace') return { text: `n${way.module.id}.${way.exported}`, isPlain: false, from: way }
  const local = localName(way.exported, way.module, style)
  return { text: local, isPlain: true, from: way }
}

/** @param module the exporter; a name that comes through it from elsewhere is renamed, as it may come directly too */
export function localName(exported: string, module: Module, style: ImportStyle): string {
  if (exported === 'default') return `d${module.id}`
  const isOwn = module.definitions.some(each => each.name === exported)
  return style === 'renamed' || !isOwn ? `${exported}_of_${module.id}` : exported
}

/** The imports of a module, exporter by exporter, in the order its text asks for them. */
export function importsOf(model: Model, module: Module): Map<number, Set<string>> {
  const imports = new Map<number, Set<string>>()
  const take = (way: Way | undefined) => {
    if (!way?.from) return
    const { module: exporter, exported } = way.from
    imports.set(exporter.id, (imports.get(exporter.id) ?? new Set()).add(exported))
  }
  for (const definition of module.definitions) {
    if (definition.kind === 'class' && definition.base !== undefined) take(wayTo(model, module, definition.base, 0))
    for (const { expression } of expressionsOf(definition))
      for (const term of expression) if (term.kind === 'use') take(wayTo(model, module, term.of, term.how))
  }
  return imports
}

/** Ids of the modules in the order they evaluate: depth first from an entry that names all of them. */
export function evaluationOrder(model: Model): Map<number, number> {
  const order = new Map<number, number>()
  const entered = new Set<number>()
  const byId = new Map(model.modules.map(module => [module.id, module]))
  const visit = (module: Module | undefined) => {
    if (!module || entered.has(module.id)) return
    entered.add(module.id)
    for (const id of importsOf(model, module).keys()) visit(byId.get(id))
    for (const each of module.reexports) visit(find(model, each.of)?.module)
    for (const id of module.stars) visit(byId.get(id))
    order.set(module.id, order.size)
  }
  for (const module of model.modules) visit(module)
  return order
}
