// What statements give values to: properties of objects, and names.
import { children, type Node, topDeclarators } from './parse.js'

interface AssignedProperty {
  /** The name its object is reached from. */
  readonly root: Node
  /** `a."b"."c"`; undefined where a key is known at run time only. */
  readonly path: string | undefined
}

/** What `a.b = c.d.e = …` assigns: here properties reached from `a` and `c`; and so of `[a.b] = …`, `({ e: c.d.e } = …)` and a sequence. */
export function assignedProperties(expression: Node | undefined): AssignedProperty[] {
  if (expression?.type === 'SequenceExpression') return expression.expressions.flatMap(assignedProperties)
  const found: AssignedProperty[] = []
  for (let node = expression; node?.type === 'AssignmentExpression'; node = node.right)
    for (const target of targetsIn(node.left)) {
      const property = propertyAt(target)
      if (property) found.push(property)
    }
  return found
}

/** What a pattern gives values to. */
export function targetsIn(target: Node): Node[] {
  switch (target.type) {
    case 'ArrayPattern':
    case 'ObjectPattern':
    case 'RestElement':
      return children(target).flatMap(targetsIn)
    case 'Property':
      return targetsIn(target.value)
    case 'AssignmentPattern':
      return targetsIn(target.left)
    default:
      return [target]
  }
}

function propertyAt(target: Node): AssignedProperty | undefined {
  let path = ''
  let isKnown = true
  let object = target
  for (; object.type === 'MemberExpression'; object = object.object) {
    const { property, computed } = object
    const key = computed ? property.value : property.name
    isKnown &&= typeof key === 'string'
    path = `.${JSON.stringify(key)}${path}`
  }
  if (object === target || object.type !== 'Identifier') return undefined
  return { root: object, path: isKnown ? object.name + path : undefined }
}

/** Names that several `var` declarations at top level give a value. */
export function repeatedNames(program: Node): Set<string> {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { declarator, kind } of topDeclarators(program)) {
    if (kind !== 'var' || !declarator.init) continue
    for (const { name } of targetsIn(declarator.id)) {
      if (seen.has(name)) repeated.add(name)
      seen.add(name)
    }
  }
  return repeated
}
