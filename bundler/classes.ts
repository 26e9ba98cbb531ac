// A class as a list of elements, each comparable with its older self.
import { evaluates, lengthOf, needsBase, takesOf, usesNewTarget } from './functions.js'
import { children, isClass, type Node } from './parse.js'
import type { ClassElement, ClassSpec, FunctionShape, PrivateAccess } from './record.js'
import { isAnonymousDefinition } from './references.js'
import { signature } from './signature.js'

function isConstant(node: Node | null): boolean {
  if (node === null) return true
  if (node.type === 'Literal') return !node.regex
  if (node.type === 'ArrayExpression') return node.elements.length === 0
  if (node.type === 'ObjectExpression') return node.properties.length === 0
  return node.type === 'UnaryExpression' && node.operator !== 'delete' && isConstant(node.argument)
}

function memberShape(method: Node): FunctionShape {
  if (method.kind === 'get' || method.kind === 'set') return 'accessor'
  return method.value.generator ? 'generator' : 'method'
}

/** The offset behind the `]` that closes a computed key; comments may stand before it. */
function afterBracket(code: string, from: number): number {
  const bracket = /(?:[^\]/]|\/\*[\s\S]*?\*\/|\/\/.*)*\]/y
  bracket.lastIndex = from
  return bracket.test(code) ? bracket.lastIndex : from
}

function element(node: Node, code: string, usesOf: (node: Node) => string[]): ClassElement {
  const common = { signature: signature(node), start: node.start, end: node.end }
  if (node.type === 'StaticBlock') {
    return {
      ...common,
      kind: 'block',
      isStatic: true,
      isPrivate: false,
      isComputed: false,
      name: '',
      keyStart: node.start,
      keyEnd: node.start,
      valueStart: code.indexOf('{', node.start + 6),
      valueEnd: node.end,
      bodyStart: node.start,
      length: 0,
      takes: 0,
      shape: 'method',
      prefix: '',
      isConstant: false,
      evaluates: false,
      takesName: false,
      needsBase: false,
      uses: usesOf(node),
    }
  }
  const { key, value } = node
  const isPrivate = key.type === 'PrivateIdentifier'
  const named = {
    ...common,
    isStatic: node.static,
    isPrivate,
    isComputed: node.computed,
    name: node.computed ? signature(key) : String(key.name ?? key.value),
    keyStart: node.computed ? code.lastIndexOf('[', key.start - 1) : key.start,
    keyEnd: node.computed ? afterBracket(code, key.end) : key.end,
  }
  if (node.type === 'PropertyDefinition') {
    return {
      ...named,
      kind: 'field',
      valueStart: value ? value.start : node.end,
      valueEnd: value ? value.end : node.end,
      bodyStart: node.end,
      length: 0,
      takes: 0,
      shape: 'method',
      prefix: '',
      isConstant: isConstant(value),
      evaluates: value !== null && evaluates(value),
      takesName: isAnonymousDefinition(value),
      needsBase: false,
      uses: node.static && value ? usesOf(value) : [],
    }
  }
  return {
    ...named,
    kind: node.kind,
    valueStart: value.start,
    valueEnd: value.end,
    bodyStart: value.body.start,
    length: lengthOf(value),
    takes: takesOf(value, code),
    shape: memberShape(node),
    prefix: `${value.async ? 'async ' : ''}${value.generator ? '*' : ''}`,
    isConstant: false,
    evaluates: false,
    takesName: false,
    needsBase: node.kind === 'constructor' && needsBase(value),
    uses: [],
  }
}

function declaresPrivate(node: Node, name: string): boolean {
  return node.body.body.some((each: Node) => each.key?.type === 'PrivateIdentifier' && each.key.name === name)
}

/** `o.#x` and `#x in o` for the class's own private names, so that a name added later can reach older instances. */
function privateAccesses(node: Node, own: ReadonlySet<string>, out: PrivateAccess[]): void {
  for (const child of children(node)) {
    if (
      child.type === 'MemberExpression' &&
      child.property.type === 'PrivateIdentifier' &&
      own.has(child.property.name)
    ) {
      out.push({ name: child.property.name, objectStart: child.object.start, objectEnd: child.object.end })
    }
    if (child.type === 'BinaryExpression' && child.left.type === 'PrivateIdentifier' && own.has(child.left.name)) {
      out.push({ name: child.left.name, objectStart: child.right.start, objectEnd: child.right.end })
    }
    const hidden = isClass(child) ? new Set([...own].filter(name => !declaresPrivate(child, name))) : own
    privateAccesses(child, hidden, out)
  }
}

/** Whether instances can be made by one class, whose constructor and field initialisers are methods of another. */
function isBase({ superClass, body }: Node, elements: readonly ClassElement[]): boolean {
  if (superClass) return false
  const own = body.body.find((each: Node) => each.kind === 'constructor')
  if (own && (usesNewTarget(own.value) || evaluates(own.value))) return false
  const names = new Set<string>()
  for (const { kind, isStatic, isComputed, isPrivate, evaluates, name } of elements) {
    if (kind !== 'field' || isStatic) continue
    // In methods `eval` could name `arguments`.
    if (isComputed || evaluates) return false
    if (isPrivate) continue
    if (names.has(name) || name.startsWith('#')) return false
    names.add(name)
  }
  return true
}

/** @param usesOf the module-level names that stand directly in a node */
export function classSpec(node: Node, givenName: string, code: string, usesOf: (node: Node) => string[]): ClassSpec {
  const elements = node.body.body.map((each: Node) => element(each, code, usesOf)) as ClassElement[]
  const own = new Set(elements.filter(each => each.isPrivate).map(each => each.name))
  const accesses: PrivateAccess[] = []
  if (own.size) privateAccesses(node.body, own, accesses)
  return {
    start: node.start,
    end: node.end,
    ...(node.id ? { ownName: node.id.name } : {}),
    givenName,
    ...(node.superClass ? { heritage: { start: node.superClass.start, end: node.superClass.end } } : {}),
    bodyStart: node.body.start,
    isBase: isBase(node, elements),
    elements,
    privateAccesses: accesses,
  }
}
