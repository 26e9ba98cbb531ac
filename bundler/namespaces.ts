// Recognises what esbuild makes of TypeScript's enums and namespaces.
import { targetsIn } from './assigned.js'
import type { Node } from './parse.js'
import type { ModuleRecord, NamespaceMember, StatementItem } from './record.js'
import { signature } from './signature.js'

/** esbuild's form of a TypeScript enum or namespace: `((X) => {…})(X || (X = {}))`. */
export function extendedName(expression: Node | null | undefined): string | undefined {
  if (expression?.type !== 'CallExpression' || expression.arguments.length !== 1) return undefined
  const { callee } = expression
  const argument = expression.arguments[0]
  const isWrapper = callee.type === 'ArrowFunctionExpression' || callee.type === 'FunctionExpression'
  if (!isWrapper || argument.type !== 'LogicalExpression' || argument.operator !== '||') return undefined
  return argument.left.type === 'Identifier' ? argument.left.name : undefined
}

/** What a namespace's body gives its object, and the objects of namespaces inside of it. */
export function namespaceMembers({ callee }: Node, above: readonly string[] = []): NamespaceMember[] {
  if (callee.body.type !== 'BlockStatement') return []
  const pathsOf = (target: Node): string[][] =>
    isMemberOf(target, callee.params[0]) && !target.computed ? [[...above, target.property.name]] : []
  return callee.body.body.flatMap(({ expression }: Node) => {
    if (expression?.type === 'AssignmentExpression')
      return targetsIn(expression.left)
        .flatMap(pathsOf)
        .map(path => ({ path }))
    const argument = expression?.type === 'CallExpression' ? expression.arguments[0] : undefined
    // `((B2) => {…})(B = A2.B || (A2.B = {}))`
    if (argument?.type !== 'AssignmentExpression' || argument.right.type !== 'LogicalExpression') return []
    return pathsOf(argument.right.left).flatMap((path): NamespaceMember[] =>
      isEnumBody(expression)
        ? [{ path, text: signature(expression) }]
        : [{ path }, ...namespaceMembers(expression, path)],
    )
  })
}

const isMemberOf = ({ type, object }: Node, parameter: Node | undefined): boolean =>
  type === 'MemberExpression' && object.type === 'Identifier' && object.name === parameter?.name

/** `E2[E2["A"] = 0] = "A"`, where a namespace's body has `E2.a = 0`. */
const isEnumBody = ({ callee }: Node): boolean =>
  callee.body.body?.length > 0 &&
  callee.body.body.every(
    ({ expression }: Node) =>
      expression?.type === 'AssignmentExpression' &&
      expression.left.computed &&
      isMemberOf(expression.left, callee.params[0]),
  )

/** What statements gave to namespaces that are still there, and no statement gives any more. */
export function removedMembers(before: ModuleRecord, after: ModuleRecord): string[][] {
  const given = (record: ModuleRecord) =>
    new Map(
      record.items.flatMap(item => {
        const { extendsName: name, members = [] } = item.kind === 'statement' ? item : {}
        return members.map(({ path, text }): [string, string[]] => [
          JSON.stringify([name, path, text]),
          [name!, ...path],
        ])
      }),
    )
  const had = given(before)
  if (had.size === 0) return []
  const now = given(after)
  // An enum to which another body adds is not built afresh.
  const kept = new Set([...had].flatMap(([key, path]) => (now.has(key) ? path.join('.') : [])))
  const extended = new Set(after.items.map(each => each.kind === 'statement' && each.extendsName))
  // What it was merged with stays the same object without it.
  const isSameObject = (name: string) =>
    extended.has(name) || /^(function|class)$/.test(after.bindings.get(name)?.kind ?? '')
  return [...had].flatMap(([key, path]) =>
    now.has(key) || kept.has(path.join('.')) || !isSameObject(path[0]!) ? [] : [path],
  )
}

/** The objects that a namespace's body fills, as paths. */
export function filledObjects({ extendsName, members = [] }: StatementItem): string[][] {
  if (extendsName === undefined) return []
  const paths = [[extendsName], ...members.map(({ path }) => [extendsName, ...path.slice(0, -1)])]
  return [...new Map(paths.map(path => [path.join('.'), path])).values()]
}
