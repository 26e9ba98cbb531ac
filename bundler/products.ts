// What an item produces, and what it registers: where a value is made, and where a listener goes (R11).
import { children, isFunction, type Node } from './parse.js'
import { assignedPrototype } from './prototypes.js'
import type { Edit } from './record.js'

/**
 * Whether an expression makes its value, as far as the text tells: calls and `new` do, object literals, and arrays of nothing else. What
 * only names a value (`process.stdin`, `shared ??= open()`) does not.
 */
export function makesValue(node: Node | null | undefined): boolean {
  switch (node?.type) {
    case 'CallExpression':
    case 'NewExpression':
    case 'TaggedTemplateExpression':
    case 'ObjectExpression':
      return true
    case 'ArrayExpression':
      return node.elements.length > 0 && node.elements.every(makesValue)
    case 'AwaitExpression':
      return makesValue(node.argument)
    case 'ChainExpression':
      return makesValue(node.expression)
    case 'ConditionalExpression':
      return makesValue(node.consequent) || makesValue(node.alternate)
    case 'LogicalExpression':
      return makesValue(node.left) || makesValue(node.right)
    case 'SequenceExpression':
      return makesValue(node.expressions.at(-1))
    case 'AssignmentExpression':
      return node.operator === '=' && makesValue(node.right)
    default:
      return false
  }
}

/**
 * Whether evaluating an expression runs no code of the program, as far as the text tells: literals, functions, and arrays and objects of
 * them. No call, no property that may have a getter, nothing that is iterated or converted.
 */
export function isInert(node: Node | null | undefined): boolean {
  switch (node?.type) {
    case 'Literal':
    case 'Identifier':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return true
    case 'TemplateLiteral':
      return node.expressions.every(isPrimitive)
    case 'ArrayExpression':
      return node.elements.every((each: Node | null) => each === null || isInert(each))
    case 'ObjectExpression':
      return node.properties.every(
        (each: Node) =>
          each.type === 'Property' &&
          each.kind === 'init' &&
          (!each.computed || isPrimitive(each.key)) &&
          isInert(each.value),
      )
    case 'UnaryExpression':
      return node.operator === '!' || node.operator === 'void' ? isInert(node.argument) : isPrimitive(node)
    case 'BinaryExpression':
      return isPrimitive(node)
    default:
      return false
  }
}

/** Whether an expression of literals gives something that converts without running code. */
function isPrimitive(node: Node): boolean {
  switch (node.type) {
    case 'Literal':
      return !node.regex
    case 'TemplateLiteral':
      return node.expressions.every(isPrimitive)
    case 'UnaryExpression':
      return node.operator !== 'delete' && isPrimitive(node.argument)
    case 'BinaryExpression':
      return isPrimitive(node.left) && isPrimitive(node.right)
    default:
      return false
  }
}

/** The expression statement of a module whose value may be a product of its own. */
export function productOf(statement: Node): Node | undefined {
  if (statement.type !== 'ExpressionStatement' || statement.parent?.type !== 'Program') return undefined
  // A prototype is no value to be disposed of.
  return makesValue(statement.expression) && !assignedPrototype(statement.expression) ? statement.expression : undefined
}

const registering = new Set(['on', 'once', 'addListener', 'prependListener', 'prependOnceListener', 'addEventListener'])

/** Whether a call registers a listener by its looks, `x.on(event, listener)`, or makes a server listen. Only those of items' own code count. */
export function registers(node: Node): boolean {
  if (node.type !== 'CallExpression') return false
  const { callee } = node
  return (
    callee.type === 'MemberExpression' &&
    !callee.computed &&
    callee.object.type !== 'Super' &&
    (callee.property.name === 'listen' || (node.arguments.length >= 2 && registering.has(callee.property.name))) &&
    !hasOptional(callee.object)
  )
}

/** What a statement registers with, and nothing else that it does: `bus` of `bus.on(…).once(…)`, `server` of `server.listen(…)`. */
export function registersWith(expression: Node | undefined): { receiver: Node; listens: boolean } | undefined {
  let at = expression
  let listens = false
  while (at?.type === 'CallExpression') {
    if (!registers(at)) return undefined
    listens ||= at.callee.property.name === 'listen'
    at = at.callee.object as Node
  }
  return at?.type === 'Identifier' && at !== expression ? { receiver: at, listens } : undefined
}

/** `a?.b` ends the whole chain: what follows it stays as it is. */
export function hasOptional(node: Node): boolean {
  for (let at: Node | undefined = node; at; at = at.type === 'CallExpression' ? at.callee : at.object) {
    if (at.optional) return true
    if (at.type !== 'CallExpression' && at.type !== 'MemberExpression') return false
  }
  return false
}

/** Hands a registration to the kernel: `x.on(…)` becomes `$_k.listen(x,"on","x.on")(…)`. */
export function registrationEdits(call: Node, code: string, kernel: string): Edit[] {
  const { object, property, optional, start, end } = call.callee as Node
  const dot = dotBetween(code, object.end, property.start)
  // As V8 would call it, where it is no function.
  const shown = isPath(object) ? code.slice(start, end) : `(intermediate value).${property.name}`
  const name = JSON.stringify(property.name)
  const missing = call.optional ? 'void 0' : JSON.stringify(shown)
  const text = `,${name},${missing}${optional ? ',true)?.' : ')'}`
  const token = property.start
  return [
    { start, end: start, text: `${kernel}.listen(`, token, isBefore: true },
    { start: dot, end: property.end, text, token },
  ]
}

/** `a.b.c` on one line. */
function isPath(node: Node): boolean {
  if (node.type === 'Identifier') return true
  return node.type === 'MemberExpression' && !node.computed && !node.optional && isPath(node.object)
}

function dotBetween(code: string, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (code.startsWith('//', at)) at = code.indexOf('\n', at)
    else if (code.startsWith('/*', at)) at = code.indexOf('*/', at) + 1
    else if (code[at] === '.' || code[at] === '?') return at
  }
  return to
}

/**
 * Lets the kernel see what the call chains that make an item's value begin from: `stdin.on(…)` gives `stdin` back, which it did not make.
 * @param isNamespace whether a name is an import of everything, which no call gives back
 */
export function receiverEdits(
  node: Node | null | undefined,
  kernel: string,
  isNamespace: (name: string) => boolean,
): Edit[] {
  const inside = (each: Node | null | undefined) => receiverEdits(each, kernel, isNamespace)
  switch (node?.type) {
    case 'AwaitExpression':
      return inside(node.argument)
    case 'ChainExpression':
      return inside(node.expression)
    case 'ConditionalExpression':
      return [...inside(node.consequent), ...inside(node.alternate)]
    case 'LogicalExpression':
      return [...inside(node.left), ...inside(node.right)]
    case 'SequenceExpression':
      return inside(node.expressions.at(-1))
    case 'AssignmentExpression':
      return inside(node.right)
    case 'CallExpression':
      break
    default:
      return []
  }
  let call = node
  if (call.callee.type !== 'MemberExpression') return []
  while (call.callee.object.type === 'CallExpression' && call.callee.object.callee.type === 'MemberExpression')
    call = call.callee.object
  const receiver: Node = call.callee.object
  // A member of the global object may be one of the names that are written otherwise.
  const isPlace =
    receiver.type === 'Identifier'
      ? !isNamespace(receiver.name) && !globalNames.has(receiver.name)
      : receiver.type === 'MemberExpression'
  if (!isPlace || hasOptional(receiver) || hasSuper(receiver)) return []
  if (receiver.type === 'Identifier' && call.arguments[0]?.type !== 'SpreadElement')
    return notedReceiver(receiver, call, kernel)
  return [
    { start: receiver.start, end: receiver.start, text: `${kernel}.from(`, isBefore: true },
    { start: receiver.end, end: receiver.end, text: ')' },
  ]
}

/** Among the arguments, where V8 does not see it when it says what is no function. */
function notedReceiver({ name, start: token }: Node, call: Node, kernel: string): Edit[] {
  const [first] = call.arguments
  const note = (at: number, before: string): Edit => ({
    start: at,
    end: at,
    name,
    form: 'read',
    before,
    token,
    isAround: true,
  })
  const text = (at: number, text: string): Edit => ({ start: at, end: at, text, isAround: true })
  // `f((k.from(x),a),b)`, and `f(...k.none(x))` where there is nothing to stand before.
  if (first) return [note(first.start, `(${kernel}.from(`), text(first.start, '),'), text(first.end, ')')]
  return [note(call.end - 1, `...${kernel}.none(`), text(call.end - 1, ')')]
}

/** Names of the global object. */
export const globalNames: ReadonlySet<string> = new Set(['globalThis', 'global'])

function hasSuper(node: Node): boolean {
  for (let at = node; at; at = at.object) if (at.type === 'Super') return true
  return false
}

/** Collects the registrations of items' own code. */
export function collectRegistrations(
  node: Node,
  code: string,
  kernel: string,
  isNamespace: (name: string) => boolean,
  out: Edit[],
): void {
  // `on` of a namespace is a function that a module exports.
  const isFree = !(
    node.type === 'CallExpression' &&
    node.callee.object?.type === 'Identifier' &&
    isNamespace(node.callee.object.name)
  )
  if (isFree && registers(node)) out.push(...registrationEdits(node, code, kernel))
  for (const child of children(node)) {
    const isEntered = isFunction(child) || child.type === 'StaticBlock' || child.type === 'PropertyDefinition'
    if (!isEntered) collectRegistrations(child, code, kernel, isNamespace, out)
  }
}
