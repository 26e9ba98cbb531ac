// The text of a class definition.
import { wayTo } from './links.js'
import type { Definition, Method, Model, Module } from './model.js'
import { renderExpression } from './render.js'

/** Without `export`: a class declaration with its members. Private fields come with a reader and a writer. */
export function renderClass(model: Model, module: Module, definition: Definition & { kind: 'class' }): string {
  const expression = (of: Method['body'], argument: string) => renderExpression(model, module, of, argument)
  const base = definition.base === undefined ? undefined : wayTo(model, module, definition.base, 0)!.text
  const members: string[] = []
  for (const each of definition.statics) members.push(`static ${each.name} = ${expression(each.initial, '0')}`)
  for (const each of definition.fields) {
    const name = each.isPrivate ? `#${each.name}` : each.name
    members.push(`${name} = ${expression(each.initial, '1')}`)
    if (!each.isPrivate) continue
    members.push(`read_${each.name}() { return this.${name} }`, `write_${each.name}(v) { this.${name} = v }`)
    members.push(`has_${each.name}() { return #${each.name} in this }`)
  }
  if (definition.made) {
    const made = `this.made = (a + ${expression(definition.made, '1')}) % 1009`
    members.push(`constructor(a = 1) { ${base ? 'super(a); ' : ''}${made} }`)
  }
  members.push(`common(a) { return (${expression(definition.common, 'a')} + (super.common?.(a) ?? 0)) % 1009 }`)
  const fields = definition.fields.map(each => `this.${each.isPrivate ? '#' : ''}${each.name}`)
  for (const each of definition.methods) {
    // Methods read the fields, so that they tell whether an older instance has them.
    const sum = each.form === 'static' ? '1' : fields.join(' + ') || '1'
    members.push(...renderMethod(each, `(${expression(each.body, 'a')} + ${sum}) % 1009`))
  }
  return `class ${definition.name}${base ? ` extends ${base}` : ''} {\n  ${members.join('\n  ')}\n}`
}

function renderMethod({ name, form }: Method, value: string): string[] {
  switch (form) {
    case 'method':
      return [`${name}(a) { return ${value} }`]
    case 'getter':
      return [`get ${name}() { const a = 1; return ${value} }`]
    case 'static':
      return [`static ${name}(a) { return ${value} }`]
    case 'generator':
      return [`* ${name}(a) { yield a; yield ${value} }`]
    case 'async':
      return [`async ${name}(a) { return ${value} }`]
    case 'private':
      return [`#${name}(a) { return ${value} }`, `${name}(a) { return this.#${name}(a) }`]
  }
}
