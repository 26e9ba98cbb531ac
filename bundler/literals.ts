// Finds the function literals of an item that can be patched in place (R6).
import { functionSpec, lengthOf, shapeOf, takesOf, usesSuper, usesThis } from './functions.js'
import { children, isClass, isFunction, isLoop, type Node } from './parse.js'
import type { Literal, SelfPlace } from './record.js'
import { textBefore } from './references.js'
import type { Scope, Scopes } from './scopes.js'
import { signature } from './signature.js'

/** The name an anonymous function literal gets from where it stands. */
function givenNameOf(node: Node): string | undefined {
  const parent = node.parent!
  if (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name
  if (parent.type === 'Property' && !parent.computed) return String(parent.key.name ?? parent.key.value)
  if (parent.type === 'PropertyDefinition')
    return `${parent.key.type === 'PrivateIdentifier' ? '#' : ''}${parent.key.name ?? parent.key.value}`
  const isNaming = parent.type === 'AssignmentExpression' || parent.type === 'AssignmentPattern'
  if (isNaming && parent.left.type === 'Identifier') return parent.left.name
  return ''
}

/**
 * Whether a function reads a variable of the block it stands in: then each evaluation makes a different closure (R6).
 * @param owner the class whose field it stands in, which has a name inside
 */
function closesOver(node: Node, scopes: Scopes, owner: Node | undefined): boolean {
  const isOutside = ({ type, block }: Scope) =>
    type === 'module' || type === 'global' || (type === 'class' && block === owner)
  return scopes.acquire(node)!.through.some(each => each.resolved !== null && !isOutside(each.resolved.scope))
}

/** Where a named function expression names itself. */
function selfPlaces(node: Node, scopes: Scopes): SelfPlace[] {
  if (!node.id) return []
  // The initialiser of a static field has a scope that stands at the same node.
  const own = scopes.acquire(node, true)!.upper?.variables.find(each => each.name === node.id.name)
  return (own?.references ?? [])
    .filter(each => !each.isWrite())
    .map(({ identifier }) => ({ start: identifier.start, end: identifier.end, before: textBefore(identifier) }))
}

/** `[Symbol.iterator]`, for a method of that key. */
const wellKnownName = (key: Node): string =>
  key.type === 'MemberExpression' && key.object.name === 'Symbol' && !key.computed
    ? `[Symbol.${key.property.name}]`
    : ''

function usesArguments(node: Node): boolean {
  for (const child of children(node)) {
    if (child.type === 'Identifier' && child.name === 'arguments') return true
    if (!(isFunction(child) && child.type !== 'ArrowFunctionExpression') && usesArguments(child)) return true
  }
  return false
}

const hasPrivateNames = (node: Node): boolean =>
  node.type === 'PrivateIdentifier' || children(node).some(hasPrivateNames)

/**
 * The functions that stand directly in an item and can be patched in place (R6).
 * @param item or a static field
 * @param owner the field's class, if its name means the same wherever the functions are compiled
 */
export function literalsOf(
  item: Node,
  scopes: Scopes,
  code: string,
  namesIn: (node: Node) => string[],
  owner?: Node,
): [Node, Literal][] {
  const found: [Node, Literal][] = []
  const isInClass = item.type === 'PropertyDefinition'
  // They are compiled apart from the class.
  const needsClass = (node: Node) =>
    hasPrivateNames(node) || (node.type === 'ArrowFunctionExpression' && usesThis(node))
  const visit = (node: Node, isRepeated: boolean): void => {
    if (isClass(node)) return
    if (!isFunction(node)) {
      for (const child of children(node)) visit(child, isRepeated || isLoop(node))
      return
    }
    const parent = node.parent!
    // A declaration is part of its block; what `new` calls at once is part of its item.
    if (node.type === 'FunctionDeclaration' || (parent.type === 'NewExpression' && parent.callee === node)) return
    const isMember = parent.type === 'Property' && (parent.method || parent.kind !== 'init')
    if (closesOver(node, scopes, owner) || usesSuper(node) || (isInClass && needsClass(node))) return
    if (node.type === 'ArrowFunctionExpression' && usesArguments(node)) return
    if (!isMember) {
      const places = selfPlaces(node, scopes)
      // Each evaluation in a loop means itself by its own name.
      if (isRepeated && places.length > 0) return
      const spec = functionSpec(node, code, givenNameOf(node))
      const isComputed = parent.type === 'Property' && parent.computed && node.id === null && parent.value === node
      found.push([
        node,
        {
          signature: signature(node),
          spec,
          start: isComputed ? parent.start : node.start,
          end: isComputed ? parent.end : node.end,
          before: '',
          ...(isComputed ? { computedKey: { start: parent.key.start, end: parent.key.end } } : {}),
          names: namesIn(node),
          selfPlaces: places,
          selfName: node.id?.name ?? '',
        },
      ])
      return
    }
    const isAccessor = parent.kind !== 'init'
    const key = parent.computed ? undefined : String(parent.key.name ?? parent.key.value)
    const keyText = parent.computed
      ? ''
      : key === '__proto__'
        ? '["__proto__"]'
        : code.slice(parent.key.start, parent.key.end)
    found.push([
      node,
      {
        signature: signature(node),
        spec: {
          start: node.start,
          end: node.end,
          shape: isAccessor
            ? 'accessor'
            : node.generator
              ? 'generator'
              : shapeOf(node) === 'arrow'
                ? 'arrow'
                : 'method',
          usesThis: true,
          length: lengthOf(node),
          takes: takesOf(node, code),
          givenName: key ?? wellKnownName(parent.key),
          methodPrefix: `${node.async ? 'async ' : ''}${node.generator ? '*' : ''}`,
        },
        start: isAccessor ? node.start : parent.start,
        end: node.end,
        before: isAccessor || parent.computed ? '' : `${keyText}: `,
        ...(parent.computed && !isAccessor ? { computedKey: { start: parent.key.start, end: parent.key.end } } : {}),
        names: namesIn(node),
        selfPlaces: [],
        selfName: '',
      },
    ])
  }
  for (const child of children(item)) visit(child, isLoop(item))
  if (isFunction(item)) visit(item, false)
  return found
}

/** What stands in a signature for a literal: its shape and, for a method, its name. */
export function hole(node: Node, literal: Literal): string {
  const kind =
    literal.spec.shape === 'method' && node.async && node.type === 'FunctionExpression'
      ? 'function'
      : literal.spec.shape
  return `<${kind}>`
}
