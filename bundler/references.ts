// Finds every place that names a module-level binding or an import, and says what text must stand there.
import { isFunction, isShorthand, type Node } from './parse.js'
import { globalNames, productOf } from './products.js'
import type { Binding, Edit, ImportEntry, ReferenceForm } from './record.js'
import type { Reference, Scopes } from './scopes.js'
import { keyText } from './writer.js'

/** A module-level or global name at a place in the code. */
export interface Mention {
  readonly name: string
  readonly node: Node
  /** What is read through it, as paths, where it may be a namespace: `ns.member`, `ns.member.deeper`. */
  readonly members: readonly string[]
  /** What is read of it is not all that counts: so with a namespace whose members are named. */
  readonly isValue: boolean
}

const statementLists = new Set(['Program', 'BlockStatement', 'StaticBlock', 'SwitchCase'])

/** Node's timers that guests own (R11). */
export const timerNames = new Set(['setTimeout', 'setInterval', 'setImmediate'])

/** Whether a node is the first thing of a statement in a list, where `(` could continue the line above. */
export function startsStatement(node: Node): boolean {
  let at: Node | undefined = node
  while (at && at.type !== 'ExpressionStatement')
    at = at.parent && at.parent.start === node.start ? at.parent : undefined
  // A product is written in parentheses.
  if (at === undefined || productOf(at)) return false
  return at.start === node.start && statementLists.has(at.parent!.type)
}

/** What must stand before what is written, in parentheses, for a name. */
export function textBefore(node: Node): string {
  if (isShorthand(node)) return `${node.name}: `
  return startsStatement(node) ? ';' : ''
}

/** Whether an expression gets a name from its place when it has none itself. */
export function isAnonymousDefinition(node: Node | null | undefined): boolean {
  if (!node) return false
  if (node.type === 'ArrowFunctionExpression') return true
  return (node.type === 'FunctionExpression' || node.type === 'ClassExpression') && node.id === null
}

/** Edits that let an anonymous function or class keep the name its place gives it. */
export function nameAround(node: Node, name: string): Edit[] {
  return [
    { start: node.start, end: node.start, text: `({${keyText(name)}:` },
    { start: node.end, end: node.end, text: `})[${JSON.stringify(name)}]` },
  ]
}

function formOf(reference: Reference): ReferenceForm {
  const node = reference.identifier
  if (reference.isWrite()) return 'write'
  return isCallee(node) ? 'call' : 'read'
}

function isCallee(node: Node): boolean {
  const parent = node.parent!
  return (
    (parent.type === 'CallExpression' && parent.callee === node) ||
    (parent.type === 'TaggedTemplateExpression' && parent.tag === node)
  )
}

function editOf(node: Node, name: string, form: ReferenceForm, out: Edit[]): void {
  let before = ''
  if (isShorthand(node)) before = `${node.name}: `
  else if (form === 'call' && startsStatement(node)) before = ';'
  out.push({ start: node.start, end: node.end, name, form, before })
}

/** `ns.member`, which can be read off the binding it stands for. */
function memberEdit(node: Node, name: string, member: string, out: Edit[]): void {
  const form = isCallee(node) ? 'call' : 'read'
  const before = form === 'call' && startsStatement(node) ? ';' : ''
  const [nameEnd, propertyStart] = [node.object.end, node.property.start]
  out.push({ start: node.start, end: node.end, name, form, before, member, nameEnd, propertyStart })
}

/** `setInterval`, and `globalThis.setInterval()`. */
function timerEdit(node: Node, out: Edit[]): void {
  const parent = node.parent!
  const { name, start } = node
  if (timerNames.has(name)) {
    if (parent.type === 'UnaryExpression') return
    out.push({ start, end: node.end, timer: name, before: isShorthand(node) ? `${name}: ` : '' })
  } else if (globalNames.has(name) && parent.type === 'MemberExpression') {
    const isTimer = parent.object === node && !parent.computed && timerNames.has(parent.property.name)
    // Read as a value it is the real one: who puts another in its place means to put it back.
    if (isTimer && isCallee(parent) && !parent.optional)
      out.push({ start, end: parent.end, timer: parent.property.name, before: '' })
  }
}

/** Whether a member expression is neither assigned nor deleted, nor ends where its object is undefined. */
function isRead(node: Node): boolean {
  const parent = node.parent!
  switch (parent.type) {
    case 'AssignmentExpression':
    case 'AssignmentPattern':
    case 'ForInStatement':
    case 'ForOfStatement':
      return parent.left !== node
    case 'UnaryExpression':
      return parent.operator !== 'delete'
    case 'Property':
      return parent.parent!.type !== 'ObjectPattern'
    case 'UpdateExpression':
    case 'ArrayPattern':
    case 'RestElement':
      return false
    default:
      return !node.optional
  }
}

/** What `const { a, b: { c } } = ns` reads of a namespace; nothing where a key is computed, or a rest takes all. */
function patternMembers(name: string, node: Node): string[] {
  const parent = node.parent!
  const pattern: Node | undefined =
    parent.type === 'VariableDeclarator' && parent.init === node
      ? parent.id
      : parent.type === 'AssignmentExpression' && parent.operator === '=' && parent.right === node
        ? parent.left
        : undefined
  if (pattern?.type !== 'ObjectPattern') return []
  const properties: Node[] = pattern.properties
  if (properties.some(each => each.type !== 'Property' || each.computed)) return []
  return properties.map(each => `${name}.${each.key.name ?? each.key.value}`)
}

/** The key of a member expression that its text tells. */
function keyOf({ computed, property }: Node): string | undefined {
  if (!computed) return property.type === 'PrivateIdentifier' ? undefined : property.name
  return typeof property.value === 'string' && !property.value.includes('.') ? property.value : undefined
}

/** The paths that are read through a name. */
function memberPaths(name: string, node: Node): string[] {
  const paths: string[] = []
  let path = name
  let at = node
  for (;;) {
    const parent = at.parent!
    const key = parent.type === 'MemberExpression' && parent.object === at ? keyOf(parent) : undefined
    if (key === undefined) break
    path += `.${key}`
    paths.push(path)
    at = parent
  }
  return [...paths, ...patternMembers(path, at)]
}

function isInFunction(node: Node): boolean {
  for (let at = node.parent; at; at = at.parent) if (isFunction(at)) return true
  return false
}

const none: readonly string[] = []

/** The paths that matter: those that items read directly (R4), and the first step of each, which is read off the binding itself. */
function membersOf(name: string, node: Node, isNamespace: boolean): readonly string[] {
  const paths = memberPaths(name, node)
  if (paths.length === 0 || (isNamespace && paths.length === 1) || !isInFunction(node)) return paths
  return isNamespace ? paths.filter(each => each.indexOf('.') === each.lastIndexOf('.')) : none
}

/** The right-hand side that takes its name from an assignment to `node`. */
function namedValue(node: Node): Node | undefined {
  const parent = node.parent!
  if (parent.type === 'AssignmentExpression' && parent.left === node) {
    return ['=', '??=', '||=', '&&='].includes(parent.operator) ? parent.right : undefined
  }
  if (parent.type === 'AssignmentPattern' && parent.left === node) return parent.right
  if (parent.type === 'VariableDeclarator' && parent.id === node) return parent.init
  return undefined
}

/**
 * @param topPatterns destructuring declarators at top level, whose names are initialised, not assigned
 */
export function collectReferences(
  scopes: Scopes,
  imports: ReadonlyMap<string, ImportEntry>,
  bindings: ReadonlyMap<string, Binding>,
  topDeclarators: ReadonlySet<Node>,
): { edits: Edit[]; mentions: Mention[] } {
  const edits: Edit[] = []
  const mentions: Mention[] = []
  for (const variable of scopes.module.variables) {
    const { name } = variable
    if (!imports.has(name) && !bindings.has(name)) continue
    const isNamespace = imports.get(name)?.name === '*'
    for (const reference of variable.references) {
      const node = reference.identifier
      const parent = node.parent!
      if (parent.type === 'ExportSpecifier') continue
      const declarator = reference.init ? declaratorOf(node) : undefined
      if (declarator && topDeclarators.has(declarator)) {
        if (declarator.id === node) continue // its initialiser alone is emitted
        editOf(node, name, 'initialize', edits)
        if (parent.type === 'AssignmentPattern' && isAnonymousDefinition(parent.right)) {
          edits.push(...nameAround(parent.right, name))
        }
        continue
      }
      const form = formOf(reference)
      const member =
        isNamespace && parent.type === 'MemberExpression' && parent.object === node && !parent.computed
          ? `${name}.${parent.property.name}`
          : undefined
      // In parentheses, `(ns).member`, it stays as written.
      const isBare = parent.start === node.start
      if (member !== undefined && isBare && isRead(parent)) memberEdit(parent, name, member, edits)
      else editOf(node, name, form, edits)
      if (form === 'write') {
        const value = namedValue(node)
        if (value && isAnonymousDefinition(value)) edits.push(...nameAround(value, name))
        // Nothing derives from what is only assigned, but how it is written depends on what the name stands for.
        if (!reference.isRead()) {
          mentions.push({ name, node, members: none, isValue: false })
          continue
        }
      }
      const members = imports.has(name) ? membersOf(name, node, isNamespace) : none
      mentions.push({ name, node, members, isValue: !isNamespace || members.length === 0 })
    }
  }
  for (const reference of scopes.global.through) {
    if (!reference.isWrite()) timerEdit(reference.identifier, edits)
    mentions.push(mentionOf(reference))
  }
  for (const reference of scopes.global.references) mentions.push(mentionOf(reference))
  return { edits, mentions: mentions.sort((a, b) => a.node.start - b.node.start) }
}

const mentionOf = ({ identifier }: Reference): Mention => ({
  name: identifier.name,
  node: identifier,
  members: none,
  isValue: true,
})

/** The declarator a name is declared in. */
export function declaratorOf(node: Node): Node | undefined {
  for (let at: Node | undefined = node; at; at = at.parent) if (at.type === 'VariableDeclarator') return at
  return undefined
}

/** Turns a `var` inside a statement into assignments: its names are the module's. */
export function hoistedVariableEdits(declaration: Node, out: Edit[]): void {
  const first = declaration.declarations[0]
  const parent = declaration.parent!
  const isLoopHead =
    (parent.type === 'ForInStatement' || parent.type === 'ForOfStatement') && parent.left === declaration
  const inList = statementLists.has(parent.type)
  out.push({ start: declaration.start, end: first.start, text: inList ? ';' : '' })
  if (isLoopHead) return
  for (const declarator of declaration.declarations) {
    if (!declarator.init) out.push({ start: declarator.start, end: declarator.end, text: '0' })
    else if (declarator.id.type !== 'Identifier') {
      out.push({ start: declarator.start, end: declarator.start, text: '(' })
      out.push({ start: declarator.end, end: declarator.end, text: ')' })
    }
  }
}
