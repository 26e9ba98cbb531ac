// Cuts a module into items: its top-level constructs, each with what it declares, names and holds.
import { assignedProperties, repeatedNames, targetsIn } from './assigned.js'
import { classSpec } from './classes.js'
import { decoratedWhole } from './decorators.js'
import { functionSpec } from './functions.js'
import { hole, literalsOf } from './literals.js'
import { loweredStatements } from './lowered.js'
import { extendedName, namespaceMembers } from './namespaces.js'
import { children, isFunction, type Node } from './parse.js'
import { countWhile } from './places.js'
import { isInert, makesValue, productOf, registersWith } from './products.js'
import type { Binding, ClassItem, DataItem, FunctionItem, Item, StatementItem } from './record.js'
import { isAnonymousDefinition, type Mention } from './references.js'
import { isDirect, type Scopes } from './scopes.js'
import { signature } from './signature.js'

function awaits(node: Node): boolean {
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) return true
  if (node.type === 'VariableDeclaration' && node.kind === 'await using') return true
  for (const child of children(node)) if (!isFunction(child) && awaits(child)) return true
  return false
}

const computedKeys = (node: Node): Node[] =>
  node.body.body.filter((each: Node) => each.computed).map((each: Node) => each.key)

export function collectItems(
  program: Node,
  code: string,
  scopes: Scopes,
  bindings: ReadonlyMap<string, Binding>,
  mentions: readonly Mention[],
  once: string | undefined,
): Item[] {
  const mentionsIn = (node: Node): Mention[] => {
    const found: Mention[] = []
    const first = countWhile(mentions.length, index => mentions[index]!.node.start < node.start)
    for (let at = first; at < mentions.length && mentions[at]!.node.end <= node.end; at++) found.push(mentions[at]!)
    return found
  }
  const unique = (names: string[]) => [...new Set(names)]
  const namesIn = (node: Node) => unique(mentionsIn(node).flatMap(each => [each.name, ...each.members]))
  const usesOf = (node: Node) =>
    isFunction(node)
      ? []
      : unique(
          mentionsIn(node)
            .filter(each => isDirect(each.node, node))
            .flatMap(each => (each.isValue ? [each.name, ...each.members] : each.members)),
        )

  const lowered = loweredStatements(program.body)
  const decorated = new Set((program.body as Node[]).map(decoratedWhole))
  const repeated = repeatedNames(program)
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
      spec: functionSpec(node, code, givenName),
      isHoisted,
    } satisfies FunctionItem)

  const addClass = (name: string, node: Node, range: Node, givenName: string) => {
    const owner = decorated.has(name) ? undefined : node
    const literalsOfField = (field: Node) => literalsOf(field, scopes, code, namesIn, owner)
    const spec = classSpec(node, givenName, code, { usesOf, literalsOf: literalsOfField })
    const elements = new Map<Node, string>(
      spec.elements.map((each, index) => [node.body.body[index], `<${each.signature}>`]),
    )
    items.push({
      kind: 'class',
      key: keyOf(name),
      names: [name],
      start: range.start,
      end: range.end,
      signature: `${signature(node, elements)}${spec.assigned.map(each => each.signature).join()}`,
      uses: unique([...(node.superClass ? usesOf(node.superClass) : []), ...computedKeys(node).flatMap(usesOf)]),
      allNames: namesIn(node),
      isAsync: (node.superClass !== null && awaits(node.superClass)) || computedKeys(node).some(awaits),
      spec,
    } satisfies ClassItem)
  }

  /** Names that namespaces have extended so far. */
  const extended = new Set<string>()

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
      initEnd: (form === 'pattern' ? signed : (init ?? signed)).end,
      takesName: form === 'simple' && isAnonymousDefinition(init),
      makesValue: makesValue(init),
      isInert: form !== 'pattern' && (init === null || isInert(init)),
      // A namespace above it has begun the object.
      isEnum: form === 'simple' && extendedName(init) === names[0] && !extended.has(names[0]!),
    } satisfies DataItem)
  }

  const addDeclarator = (declarator: Node, declaration: Node) => {
    const { id, init } = declarator
    if (id.type !== 'Identifier')
      return addData(
        targetsIn(id).map(each => each.name),
        'pattern',
        declarator,
        init,
        declarator,
      )
    if (!init) {
      if (declaration.kind !== 'var' || !items.some(each => each.names.includes(id.name)))
        addData([id.name], 'empty', declarator, null, declarator)
      return
    }
    // What is declared twice is one value after the other.
    if (isFunction(init) && !repeated.has(id.name)) return addFunction(id.name, init, declarator, false, id.name)
    if (init.type === 'ClassExpression' && !repeated.has(id.name)) return addClass(id.name, init, declarator, id.name)
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

  const statementAt = ({ start, end }: Node) =>
    ({ kind: 'statement', key: keyOf('statement'), names: [], start, end }) as const

  const loweredAt = (node: Node): Partial<StatementItem> => {
    const found = lowered.statics.get(node)
    if (!found) return lowered.storages.has(node) ? { makes: lowered.storages.get(node)! } : {}
    const { value, label, storage } = found
    return { uses: value ? usesOf(value) : [], sets: { label, ...(storage === undefined ? {} : { storage }) } }
  }

  /** Nobody edits it, so its functions are plain ones. */
  const addOnce = (node: Node) => {
    const { expression } = node
    items.push({
      ...statementAt(node),
      signature: `once ${signature(node)}`,
      literals: [],
      allNames: namesIn(node),
      uses: [],
      isAsync: awaits(node),
      completes: [],
      registersWith: [],
      assigns: [],
      once: node.type === 'ExpressionStatement' ? { start: expression.start, end: expression.end } : true,
      ...(makesValue(expression) ? { product: { start: expression.start, end: expression.end } } : {}),
    } satisfies StatementItem)
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
    if (once !== undefined && node.type === 'LabeledStatement' && node.label.name === once) {
      addOnce(node.body)
      return
    }
    // What only keeps imports is not run.
    if (once !== undefined && node.type === 'LabeledStatement' && node.label.name === `${once}_`) return
    const assigned = assignedProperties(node.expression)
    const registered = registersWith(node.expression)
    const product = productOf(node)
    const extendsName = node.type === 'ExpressionStatement' ? extendedName(node.expression) : undefined
    items.push({
      ...statementAt(node),
      ...withLiterals(node, node),
      ...(product ? { product: { start: product.start, end: product.end } } : {}),
      completes: unique(assigned.flatMap(each => usesOf(each.root))),
      // A function of a namespace is called on no object.
      registersWith: registered ? usesOf(registered.receiver).filter(name => !name.includes('.')) : [],
      ...(registered?.listens && { listens: true }),
      assigns: assigned.flatMap(each => each.path ?? []),
      ...(lowered.decorates.has(node) ? { decorates: lowered.decorates.get(node)! } : {}),
      ...loweredAt(node),
      ...(extendsName !== undefined && bindings.has(extendsName)
        ? { extendsName, members: namespaceMembers(node.expression) }
        : {}),
    } satisfies StatementItem)
    if (extendsName !== undefined) extended.add(extendsName)
  }
  for (const node of program.body as Node[]) add(node)
  return items
}
