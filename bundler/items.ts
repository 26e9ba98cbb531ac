// Cuts a module into items: its top-level constructs, each with what it declares, names and holds.
import { classSpec } from './classes.js'
import { functionSpec, lengthOf, shapeOf, usesSuper } from './functions.js'
import { children, isClass, isFunction, type Node } from './parse.js'
import type { Binding, ClassItem, DataItem, FunctionItem, Item, Literal, StatementItem } from './record.js'
import { isAnonymousDefinition, type Mention } from './references.js'
import { isDirect, type Scope, type Scopes } from './scopes.js'
import { signature } from './signature.js'

/** The name an anonymous function literal gets from where it stands. */
function givenNameOf(node: Node): string | undefined {
  const parent = node.parent!
  if (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name
  if (parent.type === 'Property' && !parent.computed) return String(parent.key.name ?? parent.key.value)
  if (parent.type === 'AssignmentExpression' && parent.left.type === 'Identifier') return parent.left.name
  return ''
}

/** Whether a function reads a variable of the block it stands in: then each evaluation makes a different closure (R6). */
function closesOver(node: Node, scopes: Scopes): boolean {
  const isOutside = (where: Scope) => where.type === 'module' || where.type === 'global'
  return scopes.acquire(node)!.through.some(each => each.resolved !== null && !isOutside(each.resolved.scope))
}

/** Where a named function expression names itself. */
function selfPlaces(node: Node, scopes: Scopes): number[] {
  if (!node.id) return []
  const own = scopes.acquire(node)!.variables.find(each => each.name === node.id.name)
  return own?.references.map(each => each.identifier.start) ?? []
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

/** The functions that stand directly in an item and can be patched in place (R6). */
function literalsOf(item: Node, scopes: Scopes, code: string, namesIn: (node: Node) => string[]): [Node, Literal][] {
  const found: [Node, Literal][] = []
  const visit = (node: Node): void => {
    if (isClass(node)) return
    if (!isFunction(node)) {
      for (const child of children(node)) visit(child)
      return
    }
    const parent = node.parent!
    const isMember = parent.type === 'Property' && (parent.method || parent.kind !== 'init')
    if (closesOver(node, scopes) || usesSuper(node)) return
    if (node.type === 'ArrowFunctionExpression' && usesArguments(node)) return
    if (!isMember) {
      const spec = functionSpec(node, givenNameOf(node))
      found.push([
        node,
        {
          signature: signature(node),
          spec,
          start: node.start,
          end: node.end,
          before: '',
          names: namesIn(node),
          selfPlaces: selfPlaces(node, scopes),
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
          length: lengthOf(node),
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
  for (const child of children(item)) visit(child)
  if (isFunction(item)) visit(item)
  return found
}

/** What stands in a signature for a literal: its shape and, for a method, its name. */
function hole(node: Node, literal: Literal): string {
  const kind =
    literal.spec.shape === 'method' && node.async && node.type === 'FunctionExpression'
      ? 'function'
      : literal.spec.shape
  return `<${kind}>`
}

/** esbuild's form of a TypeScript enum or namespace: `((X) => {…})(X || (X = {}))`. */
function extendedName(expression: Node | null | undefined): string | undefined {
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
function decoratedClasses(body: readonly Node[]): Map<Node, string> {
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

function awaits(node: Node): boolean {
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) return true
  if (node.type === 'VariableDeclaration' && node.kind === 'await using') return true
  for (const child of children(node)) if (!isFunction(child) && awaits(child)) return true
  return false
}

function patternNames(node: Node, out: string[] = []): string[] {
  if (node.type === 'Identifier') out.push(node.name)
  else if (node.type === 'Property') patternNames(node.value, out)
  else if (node.type === 'AssignmentPattern') patternNames(node.left, out)
  else if (node.type === 'RestElement') patternNames(node.argument, out)
  else for (const child of children(node)) patternNames(child, out)
  return out
}

export function collectItems(
  program: Node,
  code: string,
  scopes: Scopes,
  bindings: ReadonlyMap<string, Binding>,
  mentions: readonly Mention[],
): Item[] {
  const mentionsIn = (node: Node): Mention[] => {
    let low = 0
    let high = mentions.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (mentions[middle]!.node.start < node.start) low = middle + 1
      else high = middle
    }
    const found: Mention[] = []
    for (let at = low; at < mentions.length && mentions[at]!.node.end <= node.end; at++) found.push(mentions[at]!)
    return found
  }
  const unique = (names: string[]) => [...new Set(names)]
  const namesIn = (node: Node) =>
    unique(mentionsIn(node).flatMap(each => (each.member ? [each.name, each.member] : [each.name])))
  const usesOf = (node: Node) =>
    unique(
      mentionsIn(node)
        .filter(each => isDirect(each.node, node))
        .map(each => each.member ?? each.name),
    )

  const decorated = decoratedClasses(program.body)
  const items: Item[] = []
  const count = new Map<string, number>()
  const keyOf = (name: string) => {
    const seen = count.get(name) ?? 0
    count.set(name, seen + 1)
    return seen ? `${name}~${seen}` : name
  }

  const withLiterals = (node: Node, range: Node) => {
    const found = literalsOf(node, scopes, code, namesIn)
    const holes = new Map(found.map(([each, literal]) => [each, hole(each, literal)]))
    const inLiteral = (mention: Mention) =>
      found.some(([each]) => each.start <= mention.node.start && mention.node.end <= each.end)
    return {
      signature: signature(node, holes),
      literals: found.map(([, literal]) => literal),
      allNames: unique(
        mentionsIn(range)
          .filter(each => !inLiteral(each))
          .map(each => each.name),
      ),
      uses: usesOf(range),
      isAsync: awaits(node),
    }
  }

  const addFunction = (name: string, node: Node, range: Node, isHoisted: boolean, givenName?: string) =>
    items.push({
      kind: 'function',
      key: keyOf(name),
      names: [name],
      start: range.start,
      end: range.end,
      signature: signature(node),
      uses: [],
      allNames: namesIn(node),
      isAsync: false,
      spec: functionSpec(node, givenName),
      isHoisted,
    } satisfies FunctionItem)

  const addClass = (name: string, node: Node, range: Node, givenName: string) =>
    items.push({
      kind: 'class',
      key: keyOf(name),
      names: [name],
      start: range.start,
      end: range.end,
      signature: signature(node),
      uses: node.superClass ? usesOf(node.superClass) : [],
      allNames: namesIn(node),
      isAsync: false,
      spec: classSpec(node, givenName, code, usesOf),
    } satisfies ClassItem)

  const addData = (names: string[], form: DataItem['form'], signed: Node, init: Node | null, range: Node) => {
    const parts = withLiterals(signed, range)
    items.push({
      kind: 'data',
      key: keyOf(names.join()),
      names,
      form,
      start: range.start,
      end: range.end,
      ...parts,
      // A declaration without initialiser never resets: all such are alike.
      signature: form === 'empty' ? '' : parts.signature,
      initStart: (form === 'pattern' ? signed : (init ?? signed)).start,
      initEnd: (init ?? signed).end,
      takesName: form === 'simple' && isAnonymousDefinition(init),
      isEnum: form === 'simple' && extendedName(init) === names[0],
    } satisfies DataItem)
  }

  const addDeclarator = (declarator: Node, declaration: Node) => {
    const { id, init } = declarator
    if (id.type !== 'Identifier') return addData(patternNames(id), 'pattern', declarator, init, declarator)
    if (!init) {
      if (declaration.kind !== 'var' || !items.some(each => each.names.includes(id.name)))
        addData([id.name], 'empty', declarator, null, declarator)
      return
    }
    if (isFunction(init)) return addFunction(id.name, init, declarator, false, id.name)
    if (init.type === 'ClassExpression') return addClass(id.name, init, declarator, id.name)
    return addData([id.name], 'simple', init, init, declarator)
  }

  const addDefault = (node: Node) => {
    const { declaration } = node
    const name = declaration.id?.name ?? 'default'
    if (declaration.type === 'FunctionDeclaration') return addFunction(name, declaration, node, true, 'default')
    if (declaration.type === 'ClassDeclaration') return addClass(name, declaration, node, 'default')
    if (isFunction(declaration)) return addFunction('default', declaration, node, false, 'default')
    if (declaration.type === 'ClassExpression') return addClass('default', declaration, node, 'default')
    return addData(['default'], 'simple', declaration, declaration, node)
  }

  const add = (node: Node): void => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'EmptyStatement':
        return
      case 'ExportNamedDeclaration':
        if (node.declaration) add(node.declaration)
        return
      case 'ExportDefaultDeclaration':
        addDefault(node)
        return
      case 'FunctionDeclaration':
        addFunction(node.id.name, node, node, true)
        return
      case 'ClassDeclaration':
        addClass(node.id.name, node, node, node.id.name)
        return
      case 'VariableDeclaration':
        for (const declarator of node.declarations) addDeclarator(declarator, node)
        return
    }
    if (node.directive) return
    const extendsName = node.type === 'ExpressionStatement' ? extendedName(node.expression) : undefined
    items.push({
      kind: 'statement',
      key: keyOf('statement'),
      names: [],
      start: node.start,
      end: node.end,
      ...withLiterals(node, node),
      ...(decorated.has(node) ? { decorates: decorated.get(node)! } : {}),
      ...(extendsName !== undefined && bindings.has(extendsName) ? { extendsName } : {}),
    } satisfies StatementItem)
  }
  for (const node of program.body as Node[]) add(node)
  return items
}
