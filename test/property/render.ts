// A model as the texts of its modules.
import { importsOf, localName, wayTo } from './links.js'
import { type Definition, type Expression, find, isNameless, type Model, type Module, type Term } from './model.js'
import { renderClass } from './render-class.js'

export const fileOf = (module: Pick<Module, 'id'>) => `m${module.id}.js`

/** What no edit touches: the registry, and a function that wraps functions. */
const base = `const registry = []
export const register = entry => { registry.push(entry) }
export const wrap = inner => (...args) => inner(...args)
export function heard() { return registry }
`

/** @returns texts by module id; the entry is `main.js`, and shows every module as a namespace */
export function render(model: Model): Record<string, string> {
  const main = [
    `export { heard } from './base.js'`,
    ...model.modules.map(module => `export * as m${module.id} from './${fileOf(module)}'`),
  ]
  return {
    'main.js': `${main.join('\n')}\n`,
    'base.js': base,
    ...Object.fromEntries(model.modules.map(module => [fileOf(module), renderModule(model, module)])),
  }
}

function renderModule(model: Model, module: Module): string {
  const definitions = module.definitions.map(each => renderDefinition(model, module, each))
  const lines = [`import { register, wrap } from './base.js'`, ...renderImports(model, module), ...definitions]
  for (const each of module.reexports) {
    const { module: home, definition } = find(model, each.of)!
    const name = definition.visibility === 'default' ? 'default' : definition.name
    lines.push(`export { ${name} as ${each.as} } from './${fileOf(home)}'`)
  }
  for (const id of module.stars) lines.push(`export * from './${fileOf({ id })}'`)
  return `${layOut(lines, module.layout)}\n`
}

function layOut(lines: readonly string[], layout: number): string {
  return lines
    .map((line, index) => ((layout + index) % 3 === 1 ? `// note ${layout}\n\n${line}` : line))
    .join(layout % 2 ? '\n' : '\n\n')
}

function renderImports(model: Model, module: Module): string[] {
  return [...importsOf(model, module)].map(([id, names]) => {
    const style = module.styles[id] ?? 'named'
    const from = `from './${fileOf({ id })}'`
    if (style === 'namespace') return `import * as n${id} ${from}`
    const clauses = [...names].map(name => {
      const local = localName(name, model.modules.find(each => each.id === id)!, style)
      return local === name ? name : `${name} as ${local}`
    })
    return `import { ${clauses.join(', ')} } ${from}`
  })
}

/** The text of an expression, a number below 1009 whatever it uses. */
export function renderExpression(model: Model, module: Module, expression: Expression, argument: string): string {
  return `(${expression.map(term => renderTerm(model, module, term, argument)).join(' + ') || '0'}) % 1009`
}

function renderTerm(model: Model, module: Module, term: Term, argument: string): string {
  if (term.kind === 'number') return String(term.value)
  const way = wayTo(model, module, term.of, term.how)!
  const { text } = way
  const { definition } = find(model, term.of)!
  switch (definition.kind) {
    case 'function':
      if (definition.form === 'generator') return `[...${text}(${argument})][1]`
      return term.how % 3 === 1 ? `[${argument}].map(${text})[0]` : `${text}(${argument})`
    case 'data':
      if (definition.form === 'plain') return way.isPlain && term.how % 3 === 1 ? `({ ${text} }).${text}` : text
      // Eager uses have no argument: they call nothing.
      return definition.form === 'methods' && argument !== '0' ? `${text}.method(${argument})` : `${text}.n`
    case 'class':
      return `new ${text}(${argument}).common(${argument})`
    default:
      return text
  }
}

function renderDefinition(model: Model, module: Module, definition: Definition): string {
  const { name } = definition
  const isNamed = definition.visibility === 'named'
  const prefix = isNamed ? 'export ' : ''
  switch (definition.kind) {
    case 'function':
      return renderFunction(model, module, definition)
    case 'data': {
      const value = renderData(model, module, definition)
      return isNameless(definition) ? `export default ${value}` : `${prefix}${definition.keyword} ${name} = ${value}`
    }
    case 'state':
      return [
        `${prefix}${definition.keyword} ${name} = ${definition.initial}`,
        `export function get_${name}() { return ${name} }`,
        `export function set_${name}(value) { ${name} = value }`,
      ].join('\n')
    case 'class': {
      const text = renderClass(model, module, definition)
      return `${definition.visibility === 'default' ? 'export default ' : prefix}${text}`
    }
    case 'statement':
      return `register({ key: '${name}', call: () => ${renderExpression(model, module, definition.body, '1')} })`
  }
}

function renderData(model: Model, module: Module, definition: Definition & { kind: 'data' }): string {
  const value = renderExpression(model, module, definition.value, '0')
  if (definition.form === 'plain') return value
  if (definition.form === 'object') return `{ n: ${value}, list: [1, 2] }`
  const body = renderExpression(model, module, definition.method, 'a')
  return `{ n: ${value}, method(a) { return (${body} + this.n) % 1009 }, arrow: a => ${body}, get got() { return this.n + 1 } }`
}

const parameterLists = ['(a)', '(a = 1)', '(a, b = 2)', '(a, ...rest)']

function renderFunction(model: Model, module: Module, definition: Definition & { kind: 'function' }): string {
  const { name, form } = definition
  const parameters = parameterLists[definition.parameters % parameterLists.length]!
  const body = renderBody(model, module, definition)
  const keyword = {
    declaration: 'function',
    generator: 'function*',
    async: 'async function',
    asyncGenerator: 'async function*',
  }
  if (form === 'declaration' || form === 'generator' || form === 'async' || form === 'asyncGenerator') {
    const prefix = { hidden: '', named: 'export ', default: 'export default ' }[definition.visibility]
    return `${prefix}${keyword[form]} ${name}${parameters} { ${body} }`
  }
  const value = { arrow: `${parameters} => { ${body} }`, expression: `function ${parameters} { ${body} }` }
  const text = form === 'wrapped' ? `wrap(${value.arrow})` : value[form]
  if (isNameless(definition)) return `export default ${text}`
  const declaration = `const ${name} = ${text}`
  if (definition.visibility === 'default') return `${declaration}\nexport { ${name} as default }`
  return definition.visibility === 'named' ? `export ${declaration}` : declaration
}

function renderBody(model: Model, module: Module, definition: Definition & { kind: 'function' }): string {
  const value = renderExpression(model, module, definition.body, 'a')
  if (definition.form === 'generator' || definition.form === 'asyncGenerator')
    return `yield a; yield ${value}; return 1`
  if (definition.form === 'async') return `await null; return ${value}`
  const shadowed = module.definitions.find(each => each.kind !== 'statement')?.name ?? 'nothing'
  switch (definition.shape % 6) {
    case 0:
      return `return ${value}`
    case 1:
      return `const t = ${value}; { const ${shadowed} = 3; return t + ${shadowed} }`
    case 2:
      return `return (() => ${value})()`
    case 3:
      return isNameless(definition) || definition.form === 'wrapped'
        ? `return ${value}`
        : `return a > 0 ? ${definition.name}(a - 1) : ${value}`
    case 4:
      return `const { n: q = 1 } = { n: ${value} }; return q`
    default:
      return `try { return ${value} } finally { a = 0 }`
  }
}
