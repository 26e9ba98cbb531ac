// Scope analysis, and the few questions the bundler asks of it.
import { lazily } from './lazily.js'
import { isFunction, type Node } from './parse.js'

const eslintScope = lazily<any>('eslint-scope')

export interface Reference {
  identifier: Node
  from: Scope
  resolved: Variable | null
  init?: boolean
  isWrite(): boolean
  isRead(): boolean
}

export interface Variable {
  name: string
  scope: Scope
  defs: { type: string; name: Node; node: Node; parent: Node | null }[]
  references: Reference[]
}

export interface Scope {
  type: string
  block: Node
  upper: Scope | null
  variables: Variable[]
  references: Reference[]
  through: Reference[]
  childScopes: Scope[]
}

export interface Scopes {
  readonly module: Scope
  readonly global: Scope
  /** The scope a function, class or block opens. */
  acquire(node: Node, inner?: boolean): Scope | null
}

/** What the library's own table leaves out. */
const importKeys = { ImportExpression: ['source', 'options'] }
const ownKeys = new Set(['parent', 'children', 'range'])
const fallback = (node: Node) => Object.keys(node).filter(key => !ownKeys.has(key))

/** @param code of the program */
export function analyseScopes(program: Node, code: string): Scopes {
  // With a table of ours the library copies its own for each pattern that it meets.
  const childVisitorKeys = /\bimport\s*[(/]/.test(code) ? importKeys : null
  const manager = eslintScope().analyze(program, {
    ecmaVersion: 2022,
    sourceType: 'module',
    ignoreEval: true,
    fallback,
    childVisitorKeys,
  })
  const global = manager.globalScope as Scope
  const module = global.childScopes.find(scope => scope.type === 'module')!
  return { module, global, acquire: (node, inner) => manager.acquire(node, inner) }
}

/** Whether code runs when its surroundings do, not when a function below them is called. */
export function isDirect(node: Node, within: Node): boolean {
  for (let at: Node | undefined = node; at && at !== within; at = at.parent) {
    if (isFunction(at)) return false
    const parent: Node | undefined = at.parent
    if (parent?.type === 'PropertyDefinition' && parent.value === at && !parent.static) return false
  }
  return true
}

/** Names a statement's `var` declarations hoist to the module. */
export function variableDefinition(variable: Variable): { kind: 'var' | 'let' | 'const'; node: Node } | undefined {
  const definition = variable.defs.find(each => each.type === 'Variable')
  if (!definition?.parent) return undefined
  const kind = definition.parent.kind
  return { kind: kind === 'var' || kind === 'let' ? kind : 'const', node: definition.parent }
}
