// A class as a list of elements, each comparable with its older self.
import { isDecoratorState } from './decorators.js'
import { fieldMark } from './field-mark.js'
import { evaluates, lengthOf, needsBase, takesOf, usesNewTarget } from './functions.js'
import { hole } from './literals.js'
import { children, isClass, type Node } from './parse.js'
import { hasOptional } from './products.js'
import type { ClassElement, ClassSpec, FunctionShape, Literal, PrivateAccess } from './record.js'
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

/** What must be asked of a class's surroundings. */
export interface ClassQuestions {
  /** The module-level names that stand directly in a node. */
  usesOf(node: Node): string[]
  /** The literals of a static field (R6). */
  literalsOf(field: Node): [Node, Literal][]
}

const none: readonly never[] = []

/** Written out in one piece: classes have many elements, and an object that grows by parts takes V8 several times as long. */
function element(node: Node, code: string, { usesOf, literalsOf }: ClassQuestions): ClassElement {
  if (node.type === 'StaticBlock') return staticBlock(node, code, usesOf)
  const { key, value, computed } = node
  const isField = node.type === 'PropertyDefinition'
  const keyUses = computed ? usesOf(key) : []
  // A computed key tells at run time what an anonymous function is called.
  const literals = isField && node.static && value && !computed ? literalsOf(node) : none
  const holes = literals.length ? new Map(literals.map(([each, literal]) => [each, hole(each, literal)])) : undefined
  return {
    kind: isField ? 'field' : node.kind,
    isStatic: node.static,
    isPrivate: key.type === 'PrivateIdentifier',
    isComputed: computed,
    name: computed ? signature(key) : String(key.name ?? key.value),
    signature: signature(node, holes),
    start: node.start,
    end: node.end,
    keyStart: computed ? code.lastIndexOf('[', key.start - 1) : key.start,
    keyEnd: computed ? afterBracket(code, key.end) : key.end,
    valueStart: value ? value.start : node.end,
    valueEnd: value ? value.end : node.end,
    bodyStart: isField ? node.end : value.body.start,
    length: isField ? 0 : lengthOf(value),
    takes: isField ? 0 : takesOf(value, code),
    shape: isField ? 'method' : memberShape(node),
    prefix: isField ? '' : `${value.async ? 'async ' : ''}${value.generator ? '*' : ''}`,
    isConstant: isField && isConstant(value),
    evaluates: isField && value !== null && evaluates(value),
    takesName: isField && isAnonymousDefinition(value),
    isAssigned: node.isAssigned === true,
    needsBase: node.kind === 'constructor' && needsBase(value),
    isDecorating: false,
    // What decorators made of it does not count.
    uses:
      isField && node.static
        ? [...keyUses, ...(value ? usesOf(value).filter(each => !isDecoratorState(each)) : [])]
        : [],
    keyUses,
    literals: literals.length ? literals.map(([, literal]) => literal) : none,
  }
}

function staticBlock(node: Node, code: string, usesOf: (node: Node) => string[]): ClassElement {
  const assigned = node.body[0]?.expression?.left
  const isDecorating = assigned?.type === 'Identifier' && isDecoratorState(assigned.name)
  return {
    kind: 'block',
    isStatic: true,
    isPrivate: false,
    isComputed: false,
    name: '',
    signature: signature(node),
    start: node.start,
    end: node.end,
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
    isAssigned: false,
    needsBase: false,
    isDecorating,
    uses: usesOf(node),
    keyUses: [],
    literals: none,
  }
}

function declaresPrivate(node: Node, name: string): boolean {
  return node.body.body.some((each: Node) => each.key?.type === 'PrivateIdentifier' && each.key.name === name)
}

/** Whether an expression begins what `new` calls: `new this.#x.Y()`. */
function isInCallee(node: Node): boolean {
  for (let at = node; ; at = at.parent!) {
    const parent = at.parent!
    if (parent.type === 'NewExpression') return parent.callee === at
    const isBegun = parent.object === at || parent.tag === at
    if (!isBegun) return false
  }
}

/** `o.#x` and `#x in o` for the class's own private names, so that a name added later can reach older instances. */
function privateAccesses(node: Node, own: ReadonlySet<string>, out: PrivateAccess[]): void {
  for (const child of children(node)) {
    if (
      child.type === 'MemberExpression' &&
      child.property.type === 'PrivateIdentifier' &&
      own.has(child.property.name)
    ) {
      const { property, object } = child
      out.push({
        name: property.name,
        objectStart: object.start,
        objectEnd: object.end,
        ...(hasOptional(object) && !child.optional && { chainEnd: property.start }),
        isCallee: isInCallee(child),
      })
    }
    if (child.type === 'BinaryExpression' && child.left.type === 'PrivateIdentifier' && own.has(child.left.name)) {
      const { left, right } = child
      out.push({ name: left.name, objectStart: right.start, objectEnd: right.end, isCallee: false })
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

function heritage(node: Node, usesOf: (node: Node) => string[]): NonNullable<ClassSpec['heritage']> {
  const { start, end, type } = node
  if (type === 'Identifier' || type === 'MemberExpression') return { start, end }
  return { start, end, made: { signature: signature(node), uses: usesOf(node) } }
}

/** Tells members apart whose computed keys read the same: each may be another one. */
function numbered(elements: ClassElement[]): ClassElement[] {
  const counts = new Map<string, number>()
  return elements.map(each => {
    if (!each.isComputed) return each
    const like = `${each.isStatic} ${each.kind} ${each.name}`
    const count = counts.get(like) ?? 0
    counts.set(like, count + 1)
    return count === 0 ? each : { ...each, name: `${each.name} ${count}` }
  })
}

/** A field that esbuild assigns or defines in the constructor, as the declaration that it was: `this.b = 1`, `__publicField(this, "b", 1)`. */
function declarationIn(statement: Node, code: string, parameters: ReadonlySet<string>): Node | undefined {
  if (statement.type !== 'ExpressionStatement') return undefined
  const [expression] =
    statement.expression.type === 'SequenceExpression' ? statement.expression.expressions : [statement.expression]
  const { start, end } = statement
  const field = (key: Node, value: Node | null): Node =>
    ({ type: 'PropertyDefinition', start, end, key, value, computed: false, static: false }) as unknown as Node
  if (expression.type === 'CallExpression') {
    const [self, key, value] = expression.arguments
    const isDefined = /^__publicField\d*$/.test(expression.callee.name ?? '') && self?.type === 'ThisExpression'
    return isDefined && key.type === 'Literal' ? field(key, value ?? null) : undefined
  }
  const { left, right } = expression
  const isAssigned = code[start - 1] === fieldMark && left?.type === 'MemberExpression'
  if (!isAssigned || (left.computed && left.property.type !== 'Literal')) return undefined
  // A parameter's property has no value for instances that are there.
  return parameters.has(right.name) ? undefined : field(left.property, right)
}

/** What esbuild writes into a constructor for the class's fields and private members. */
function isMadeUp(statement: Node): boolean {
  const { expression } = statement
  const call = expression?.type === 'SequenceExpression' ? expression.expressions[0] : expression
  if (call?.type !== 'CallExpression') return false
  if (call.callee.type === 'Super') return call.arguments[0]?.argument?.name === 'arguments'
  return /^__(privateAdd|runInitializers)\d*$/.test(call.callee.name ?? '')
}

/** The fields that a constructor begins with, if any, and the signature of the rest; an empty one if nothing else is there. */
function fieldsOfConstructor(node: Node, code: string): { fields: Node[]; signature: string } | undefined {
  const { params, body } = node.value as Node
  const parameters = new Set<string>(params.map((each: Node) => each.name ?? each.left?.name))
  const holes = new Map<Node, string>()
  const fields: Node[] = []
  for (const statement of body.body as Node[]) {
    const field = declarationIn(statement, code, parameters)
    if (!field) continue
    fields.push(field)
    holes.set(statement, '')
  }
  if (fields.length === 0) return undefined
  const isOnlyFields = params.length === 0 && body.body.every((each: Node) => holes.has(each) || isMadeUp(each))
  return { fields, signature: isOnlyFields ? '' : signature(node, holes) }
}

export function classSpec(node: Node, givenName: string, code: string, questions: ClassQuestions): ClassSpec {
  let assigned: ClassElement[] = []
  const made = node.body.body.map((each: Node): ClassElement => {
    const plain = element(each, code, questions)
    const found = each.kind === 'constructor' ? fieldsOfConstructor(each, code) : undefined
    if (!found) return plain
    assigned = found.fields.map(field => element(field, code, questions))
    return { ...plain, signature: found.signature }
  })
  const elements = numbered(made)
  const own = new Set(elements.filter(each => each.isPrivate).map(each => each.name))
  const accesses: PrivateAccess[] = []
  if (own.size) privateAccesses(node.body, own, accesses)
  return {
    start: node.start,
    end: node.end,
    ...(node.id ? { ownName: node.id.name } : {}),
    givenName,
    ...(node.superClass ? { heritage: heritage(node.superClass, questions.usesOf) } : {}),
    bodyStart: node.body.start,
    isBase: isBase(node, elements),
    elements,
    assigned,
    privateAccesses: accesses,
  }
}
