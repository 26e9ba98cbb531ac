// What must be known of a function to put a trampoline in front of it.
import { children, isClass, isFunction, type Node } from './parse.js'
import type { FunctionShape, FunctionSpec } from './record.js'

export function shapeOf(node: Node): FunctionShape {
  if (node.generator) return 'generator'
  if (node.type === 'ArrowFunctionExpression') return 'arrow'
  return node.async ? 'method' : 'constructible'
}

/** `length` as the language counts it: parameters before the first default or rest. */
export function lengthOf(node: Node): number {
  const end = node.params.findIndex((each: Node) => each.type === 'AssignmentPattern' || each.type === 'RestElement')
  return end === -1 ? node.params.length : end
}

/** How many arguments a function takes; undefined when its code may notice any, be it only by its looks. */
export function takesOf({ params, body }: Node, code: string): number | undefined {
  const start = params.length ? params[0].start : body.start
  if (/\b(?:arguments|eval)\b/.test(code.slice(start, body.end))) return undefined
  return params.some((each: Node) => each.type === 'RestElement') ? undefined : params.length
}

export function functionSpec(node: Node, code: string, givenName?: string): FunctionSpec {
  const shape = shapeOf(node)
  const spec = {
    start: node.start,
    end: node.end,
    shape,
    usesThis: node.type !== 'ArrowFunctionExpression' && usesThis(node),
    length: lengthOf(node),
    takes: takesOf(node, code),
  }
  return node.id || givenName === undefined ? spec : { ...spec, givenName }
}

/** Whether something that is a function's own stands in a node: it, or a part of it. */
function usesOwn(node: Node, isMeant: (node: Node) => boolean): boolean {
  if (isMeant(node)) return true
  for (const child of children(node)) {
    if (isFunction(child) && child.type !== 'ArrowFunctionExpression') continue
    if (isClass(child) ? outerParts(child).some(each => usesOwn(each, isMeant)) : usesOwn(child, isMeant)) return true
  }
  return false
}

/** What of a class belongs to the function around it: what it extends, and its computed keys. */
const outerParts = ({ superClass, body }: Node): Node[] => [
  ...(superClass ? [superClass] : []),
  ...body.body.flatMap((each: Node) => (each.computed ? [each.key] : [])),
]

const isNewTarget = (node: Node): boolean => node.type === 'MetaProperty' && node.meta.name === 'new'

/** Whether `this` or `new.target` in a function is its own, or for an arrow that of what is around it. */
export const usesThis = (node: Node): boolean =>
  usesOwn(node, each => each.type === 'ThisExpression' || isNewTarget(each))

export const usesNewTarget = (node: Node): boolean => usesOwn(node, isNewTarget)

/** Whether a constructor cannot be written with a call of `super` before all else: what it returns, or code in its parameters. */
export function needsBase({ params, body }: Node): boolean {
  return params.some((each: Node) => each.type !== 'Identifier') || returnsValue(body)
}

export const isDirectEval = (node: Node): boolean =>
  node.type === 'CallExpression' && node.callee.name === 'eval' && !node.optional

/** Whether a direct `eval` stands in a node. */
export function evaluates(node: Node): boolean {
  if (isDirectEval(node)) return true
  for (const child of children(node)) if (evaluates(child)) return true
  return false
}

function returnsValue(node: Node): boolean {
  if (node.type === 'ReturnStatement') return node.argument !== null
  return children(node).some(child => !isFunction(child) && !isClass(child) && returnsValue(child))
}

/** Whether `super` in a function means the object it is written in. */
export const usesSuper = (node: Node): boolean => usesOwn(node, each => each.type === 'Super')
