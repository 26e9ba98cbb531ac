// Recognises what esbuild makes of decorators.
import type { Node } from './parse.js'

/**
 * esbuild writes a decorated class that names itself as `const _K = class _K {…}`, and `let K = _K` further down. That would be another
 * class than the `class K {…}` it was before it had a decorator, so one name is made of the two. Nothing moves: the source map stays right.
 */
export function withoutAliases(code: string, source: string): string {
  let text = code
  // There `_K` may stand for `this`, where another `K` is in scope.
  if (code.includes('__decoratorStart(')) return code
  for (const [line, exported, name, alias] of code.matchAll(/^(export )?let (\S+) = (_\S+);$/gm)) {
    const suffix = alias!.slice(name!.length + 1)
    if (!alias!.startsWith(`_${name}`) || !/^\d*$/.test(suffix) || source.includes(alias!)) continue
    const declared = `const ${alias} = class ${alias} `
    if (!text.includes(declared)) continue
    const padded = name!.padStart(alias!.length)
    text = text
      .replace(line!, () => (exported ? `export { ${name} };` : ';').padEnd(line!.length))
      .replace(declared, () => `let   ${alias} = class ${alias} `)
      .replace(new RegExp(`(?<![\\w$])${alias!.replaceAll('$', '\\$')}(?![\\w$])`, 'g'), () => padded)
  }
  return text
}

const decoratorHelpers =
  /^__(decoratorStart|decorateElement|decoratorMetadata|decorateClass|decorateWhole|runInitializers)\d*$/

const isNamed = (node: Node | undefined) => node?.type === 'Identifier'

/** `__decorateElement2(…)` gives `decorateElement`. */
function helperOf(node: Node | undefined): string | undefined {
  if (node?.type !== 'CallExpression' || !isNamed(node.callee)) return undefined
  return decoratorHelpers.exec(node.callee.name)?.[1]
}

/** `K` for `K` and `K.prototype`. */
function nameAt(node: Node | undefined): string | undefined {
  const object = node?.type === 'MemberExpression' ? node.object : node
  return isNamed(object) ? object.name : undefined
}

/** The static field that a statement behind its class gives it. */
export interface LoweredStatic {
  readonly owner: string
  /** As reports show it. */
  readonly label: string
  /** The initialiser as written, decorators aside. */
  readonly value: Node | undefined
  /** The variable of the map that holds a private one. */
  readonly storage: string | undefined
}

export interface LoweredStatements {
  /** The class that each decorating statement belongs to. */
  readonly decorates: ReadonlyMap<Node, string>
  readonly statics: ReadonlyMap<Node, LoweredStatic>
  /** The variables of maps that hold what is private, by the statements that make them. */
  readonly storages: ReadonlyMap<Node, string>
}

/**
 * What esbuild puts around classes for their decorators. It is known by the names it hands from one statement to the next, for other
 * statements stand between: `_p = new WeakMap()` holds what is private, and must not run again.
 */
export function loweredStatements(body: readonly Node[]): LoweredStatements {
  const decorates = new Map<Node, string>()
  const statics = new Map<Node, LoweredStatic>()
  const classes = new Set<string>()
  /** Variables of esbuild's by the class they are for: `_init`, `_m_dec`, and the functions of decorated private methods. */
  const owners = new Map<string, string>()
  let last = ''
  for (const node of body) {
    const name = className(node)
    if (name !== undefined) classes.add((last = name))
    if (node.type !== 'ExpressionStatement') continue
    const { target, value } = firstStep(node)
    const helper = helperOf(value)
    if (!helper) {
      const lowered = staticOf(value)
      if (lowered && classes.has(lowered.owner)) statics.set(node, lowered)
      continue
    }
    const [given, of, , list] = value.arguments
    const owner =
      helper === 'decoratorStart'
        ? last
        : helper === 'decorateClass' || helper === 'decorateWhole'
          ? nameAt(of)
          : owners.get(nameAt(given) ?? '')
    if (owner === undefined || !classes.has(owner)) continue
    decorates.set(node, owner)
    for (const each of [target, nameAt(list)]) if (each !== undefined && !classes.has(each)) owners.set(each, owner)
  }
  const storages = new Map<Node, string>()
  if (owners.size === 0 && statics.size === 0) return { decorates, statics, storages }
  // Lists of decorators stand before the class, and the functions of private methods before they are decorated.
  for (const node of body) {
    if (node.type !== 'ExpressionStatement' || decorates.has(node)) continue
    const { target, value } = firstStep(node)
    if (target === undefined) continue
    const owner = /^(Array|Function)Expression$/.test(value.type) ? owners.get(target) : undefined
    if (owner !== undefined) decorates.set(node, owner)
    if (value.type === 'NewExpression' && /^Weak(Map|Set)$/.test(value.callee.name) && target.startsWith('_'))
      storages.set(node, target)
  }
  return { decorates, statics, storages }
}

/** What a statement begins with: a value, and the variable it is for. */
function firstStep({ expression }: Node): { target: string | undefined; value: Node } {
  const first = expression.type === 'SequenceExpression' ? expression.expressions[0] : expression
  return first.type === 'AssignmentExpression'
    ? { target: isNamed(first.left) ? first.left.name : undefined, value: first.right }
    : { target: undefined, value: first }
}

function className(node: Node): string | undefined {
  const declaration = node.type.startsWith('Export') ? node.declaration : node
  if (declaration?.type === 'ClassDeclaration') return declaration.id?.name ?? 'default'
  const declarator = declaration?.type === 'VariableDeclaration' ? declaration.declarations[0] : undefined
  return declarator?.init?.type === 'ClassExpression' ? declarator.id.name : undefined
}

/** `__publicField(K, "n", 1)`, `__privateAdd(K, _n, 1)`. */
function staticOf(call: Node): LoweredStatic | undefined {
  const match =
    call.type === 'CallExpression' && isNamed(call.callee) && /^__(publicField|privateAdd)\d*$/.exec(call.callee.name)
  if (!match) return undefined
  const [owner, key, given] = call.arguments
  if (!isNamed(owner) || !key) return undefined
  const value = helperOf(given) === 'runInitializers' ? given.arguments[3] : given
  const storage = match[1] === 'privateAdd' ? nameAt(key) : undefined
  const label = storage ? storage.replace(/^_(.+?)\d*$/, '#$1') : key.type === 'Literal' ? key.value : '[computed]'
  return { owner: owner.name, label: `${owner.name}.${label}`, value, storage }
}
