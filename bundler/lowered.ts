// Recognises what esbuild makes of TypeScript's enums and namespaces, and of decorators.
import type { Node } from './parse.js'

/** esbuild's form of a TypeScript enum or namespace: `((X) => {…})(X || (X = {}))`. */
export function extendedName(expression: Node | null | undefined): string | undefined {
  if (expression?.type !== 'CallExpression' || expression.arguments.length !== 1) return undefined
  const { callee } = expression
  const argument = expression.arguments[0]
  const isWrapper = callee.type === 'ArrowFunctionExpression' || callee.type === 'FunctionExpression'
  if (!isWrapper || argument.type !== 'LogicalExpression' || argument.operator !== '||') return undefined
  return argument.left.type === 'Identifier' ? argument.left.name : undefined
}

const decoratorHelpers =
  /^__(decoratorStart|decorateElement|decoratorMetadata|decorateClass|decorateParam|runInitializers)\d*$/

/** Whether a statement is a step of esbuild's lowered decorators: after its class, or before it (`_x_dec = […]`). */
function decoratorStep(node: Node): 'before' | 'after' | undefined {
  if (node.type !== 'ExpressionStatement') return undefined
  const { expression } = node
  const steps: Node[] = expression.type === 'SequenceExpression' ? expression.expressions : [expression]
  const isList = (each: Node) =>
    each.type === 'AssignmentExpression' &&
    each.left.type === 'Identifier' &&
    /^_.*_(dec|decorators)\d*$/.test(each.left.name) &&
    each.right.type === 'ArrayExpression'
  if (steps.every(isList)) return 'before'
  const callOf = (each: Node) => (each.type === 'AssignmentExpression' ? each.right : each)
  const isHelper = (each: Node) =>
    each.type === 'CallExpression' && each.callee.type === 'Identifier' && decoratorHelpers.test(each.callee.name)
  return steps.every(each => isHelper(callOf(each))) ? 'after' : undefined
}

/** The class that each decorating statement belongs to. */
export function decoratedClasses(body: readonly Node[]): Map<Node, string> {
  const found = new Map<Node, string>()
  const className = (node: Node | undefined): string | undefined => {
    const declaration = node?.type.startsWith('Export') ? node.declaration : node
    if (declaration?.type === 'ClassDeclaration') return declaration.id?.name ?? 'default'
    const declarator = declaration?.type === 'VariableDeclaration' ? declaration.declarations[0] : undefined
    return declarator?.init?.type === 'ClassExpression' ? declarator.id.name : undefined
  }
  body.forEach((node, index) => {
    const step = decoratorStep(node)
    if (!step) return
    const name =
      step === 'before' ? className(body[index + 1]) : (className(body[index - 1]) ?? found.get(body[index - 1]!))
    if (name !== undefined) found.set(node, name)
  })
  return found
}
