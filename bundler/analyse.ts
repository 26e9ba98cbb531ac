// Text to module record: everything the diff, the linker and the emitter need to know, as plain data.
import { decoratedWhole, stateOf } from './decorators.js'
import { isDirectEval } from './functions.js'
import { collectItems } from './items.js'
import { isOptionalImport } from './links.js'
import { children, isFunction, isShorthand, type Node, parse, topDeclarators } from './parse.js'
import { collectRegistrations, receiverEdits } from './products.js'
import { assignedPrototype, prototypeEdits } from './prototypes.js'
import {
  type Binding,
  bindingOf,
  type Edit,
  type ImportEntry,
  type Item,
  literalsIn,
  type ModuleRecord,
  type ModuleRequest,
} from './record.js'
import { collectReferences, declaratorOf, hoistedVariableEdits, textBefore } from './references.js'
import { analyseScopes, type Reference, type Scopes, variableDefinition } from './scopes.js'

const moduleName = (node: Node): string => String(node.name ?? node.value)

function requestOf(node: Node): ModuleRequest {
  const isOptional =
    node.type === 'ImportDeclaration' &&
    node.specifiers.length > 0 &&
    node.specifiers.every(({ local }: Node) => isOptionalImport(local.name))
  const request = { specifier: node.source.value, start: node.source.start, ...(isOptional && { isOptional }) }
  const attributes: readonly Node[] = node.attributes ?? []
  if (attributes.length === 0) return request
  return {
    ...request,
    attributes: Object.fromEntries(attributes.map(each => [moduleName(each.key), each.value.value])),
  }
}

interface Links {
  requests: ModuleRequest[]
  imports: Map<string, ImportEntry>
  localExports: Map<string, { binding: string; start: number }>
  indirectExports: Map<string, ImportEntry>
  starExports: string[]
}

function declaredNames(declaration: Node, scopes: Scopes): string[] {
  if (declaration.id) return [declaration.id.name]
  return scopes.module.variables
    .filter(each => each.defs.some(definition => definition.parent === declaration))
    .map(each => each.name)
}

function collectLinks(program: Node, scopes: Scopes): Links {
  const links: Links = {
    requests: [],
    imports: new Map(),
    localExports: new Map(),
    indirectExports: new Map(),
    starExports: [],
  }
  const { requests, imports, localExports, indirectExports, starExports } = links
  for (const node of program.body as Node[]) {
    if (node.source) requests.push(requestOf(node))
    if (node.type === 'ImportDeclaration') {
      for (const each of node.specifiers as Node[]) {
        const name =
          each.type === 'ImportNamespaceSpecifier' ? '*' : each.imported ? moduleName(each.imported) : 'default'
        imports.set(each.local.name, { specifier: node.source.value, name, start: each.start })
      }
    } else if (node.type === 'ExportAllDeclaration') {
      if (!node.exported) starExports.push(node.source.value)
      else
        indirectExports.set(moduleName(node.exported), { specifier: node.source.value, name: '*', start: node.start })
    } else if (node.type === 'ExportDefaultDeclaration') {
      localExports.set('default', {
        binding:
          node.declaration.id?.name && node.declaration.type.endsWith('Declaration')
            ? node.declaration.id.name
            : 'default',
        start: node.start,
      })
    } else if (node.type === 'ExportNamedDeclaration') {
      if (node.declaration) {
        for (const name of declaredNames(node.declaration, scopes))
          localExports.set(name, { binding: name, start: node.start })
      }
      for (const each of node.specifiers as Node[]) {
        const local = moduleName(each.local)
        const entry = { start: each.start }
        if (node.source)
          indirectExports.set(moduleName(each.exported), { ...entry, specifier: node.source.value, name: local })
        else localExports.set(moduleName(each.exported), { ...entry, binding: local })
      }
    }
  }
  // `import { a } from 'x'; export { a }` is a re-export.
  for (const [name, { binding, start }] of localExports) {
    const entry = imports.get(binding)
    if (!entry) continue
    localExports.delete(name)
    indirectExports.set(name, { ...entry, start })
  }
  return links
}

function collectBindings(
  scopes: Scopes,
  imports: ReadonlyMap<string, ImportEntry>,
  links: Links,
  declarators: ReadonlySet<Node>,
): Map<string, Binding> {
  const bindings = new Map<string, Binding>()
  for (const variable of scopes.module.variables) {
    const { name, references, defs } = variable
    if (imports.has(name) || defs.length === 0) continue
    const isDeclaration = (each: Reference) => each.init && declarators.has(declaratorOf(each.identifier)!)
    const isAssigned = references.some(each => each.isWrite() && !isDeclaration(each))
    const kind = defs.some(each => each.type === 'FunctionName')
      ? 'function'
      : defs.some(each => each.type === 'ClassName')
        ? 'class'
        : variableDefinition(variable)!.kind
    bindings.set(name, bindingOf(kind, isAssigned))
  }
  if (links.localExports.get('default')?.binding === 'default') bindings.set('default', bindingOf('default', false))
  return bindings
}

/** Own names of classes and function expressions inside them, which must mean the stable object. */
function selfReferences(program: Node, scopes: Scopes, out: Edit[]): void {
  const decorated = new Set((program.body as Node[]).map(decoratedWhole))
  const refer = (node: Node, name: string) => {
    if (!node.id) return
    const scope = scopes.acquire(node)
    const own = scope?.variables.find(
      each => each.name === node.id.name && each.defs.some(definition => definition.node === node),
    )
    for (const reference of own?.references ?? []) {
      const { identifier } = reference
      if (reference.isWrite()) continue // as written, it throws: the name is constant in there
      const before = textBefore(identifier)
      const { start, end } = identifier
      if (decorated.has(name)) {
        out.push({ start, end, name: stateOf(name), form: 'read', before })
        out.push({ start: end, end, text: '.self' })
      } else out.push({ start, end, name, form: 'self', before })
    }
  }
  for (let node of program.body as Node[]) {
    if (node.type.startsWith('Export') && node.declaration) node = node.declaration
    if (node.type === 'ClassDeclaration') refer(node, node.id?.name ?? 'default')
    if (node.type === 'ClassExpression') refer(node, 'default')
    if (node.type === 'FunctionExpression') refer(node, 'default')
    if (node.type !== 'VariableDeclaration') continue
    for (const { id, init } of node.declarations) {
      if (id.type === 'Identifier' && (init?.type === 'ClassExpression' || init?.type === 'FunctionExpression'))
        refer(init, id.name)
    }
  }
}

/** A module has no `arguments`, but the function it is compiled to has: another name stands for nothing, as natively. */
function topLevelArguments(scopes: Scopes, prefix: string, out: Edit[]): void {
  for (const { identifier } of scopes.global.through) {
    if (identifier.name !== 'arguments' || isInFunction(identifier)) continue
    const { start, end } = identifier
    out.push({ start, end, text: `${isShorthand(identifier) ? 'arguments: ' : ''}${prefix}arguments` })
  }
}

/** The scope analysis does not see the `arguments` of parameters' defaults. */
function isInFunction(node: Node): boolean {
  for (let at = node.parent; at; at = at.parent)
    if (isFunction(at) && at.type !== 'ArrowFunctionExpression') return true
  return false
}

interface Constructs {
  readonly prefix: string
  readonly edits: Edit[]
  readonly dynamicRequests: string[]
  hasEval: boolean
}

/** What no text without such constructs has, unless it writes `eval` or a declaration of variables otherwise. */
const mayHaveConstructs = /\bimport\s*[(./]|\beval\b|\bvar\b|\\u/

/** Constructs that are rewritten or matter wherever they stand. */
function collectConstructs(node: Node, found: Constructs, isTop: boolean): void {
  const { prefix, edits, dynamicRequests } = found
  for (const child of children(node)) {
    if (isDirectEval(child)) found.hasEval = true
    if (child.type === 'ImportExpression') {
      edits.push({ start: child.start, end: child.start + 6, text: `${prefix}k.import` })
      if (child.source.type === 'Literal' && typeof child.source.value === 'string')
        dynamicRequests.push(child.source.value)
    } else if (child.type === 'MetaProperty' && child.meta.name === 'import') {
      edits.push({ start: child.start, end: child.end, text: `${prefix}k.meta` })
    } else if (
      child.type === 'VariableDeclaration' &&
      child.kind === 'var' &&
      isTop &&
      node.type !== 'Program' &&
      node.type !== 'ExportNamedDeclaration'
    ) {
      hoistedVariableEdits(child, edits)
    }
    const entersFunction = isFunction(child) || child.type === 'StaticBlock' || child.type === 'PropertyDefinition'
    collectConstructs(child, found, isTop && !entersFunction)
  }
}

/** Where the values that items make come from. */
function collectReceivers(program: Node, kernel: string, isNamespace: (name: string) => boolean, out: Edit[]): void {
  for (const node of program.body as Node[]) {
    const declaration = node.type.startsWith('Export') ? node.declaration : node
    if (node.type === 'ExportDefaultDeclaration') out.push(...receiverEdits(declaration, kernel, isNamespace))
    else if (node.type === 'ExpressionStatement') out.push(...receiverEdits(node.expression, kernel, isNamespace))
    else if (declaration?.type === 'VariableDeclaration')
      for (const { init } of declaration.declarations) out.push(...receiverEdits(init, kernel, isNamespace))
  }
}

function collectPrototypes(program: Node, kernel: string, out: Edit[]): void {
  for (const node of program.body as Node[]) {
    const assigned = node.type === 'ExpressionStatement' ? assignedPrototype(node.expression) : undefined
    if (assigned) out.push(...prototypeEdits(assigned, kernel))
  }
}

/** The order of edits. */
export const byPlace = (a: Edit, b: Edit): number => a.start - b.start || a.end - b.end

/**
 * @param code JavaScript
 * @param once labels statements that are run once, and are no part of the module
 * @throws ParseError
 */
export function analyse(code: string, once?: string): ModuleRecord {
  const program = parse(code)
  let prefix = '$_'
  while (code.includes(prefix)) prefix += '_'
  const scopes = analyseScopes(program, code)
  const links = collectLinks(program, scopes)
  const declarators = new Set(topDeclarators(program).map(each => each.declarator))
  const bindings = collectBindings(scopes, links.imports, links, declarators)
  const { edits, mentions } = collectReferences(scopes, links.imports, bindings, declarators)
  selfReferences(program, scopes, edits)
  topLevelArguments(scopes, prefix, edits)
  const constructs: Constructs = { prefix, edits, dynamicRequests: [], hasEval: false }
  if (mayHaveConstructs.test(code)) collectConstructs(program, constructs, true)
  const isNamespace = (name: string) => links.imports.get(name)?.name === '*'
  collectRegistrations(program, code, `${prefix}k`, isNamespace, edits)
  collectPrototypes(program, `${prefix}k`, edits)
  collectReceivers(program, `${prefix}k`, isNamespace, edits)
  const items = collectItems(program, code, scopes, bindings, mentions, once)
  edits.sort(byPlace)
  const memberPlaces = mentions.flatMap(({ node, members }) => members.map(member => ({ start: node.start, member })))
  const { dynamicRequests, hasEval } = constructs
  const statements = (program.body as Node[]).flatMap(({ start, end }) => [start, end])
  const rest = { dynamicRequests, bindings, items, edits, statements, memberPlaces, hasEval, prefix }
  return { code, ...links, ...rest, ...summaryOf(items, memberPlaces) }
}

/** What a record says of all its items together. */
export function summaryOf(
  items: readonly Item[],
  memberPlaces: ModuleRecord['memberPlaces'],
): Pick<ModuleRecord, 'functions' | 'uses' | 'members'> {
  const functions = new Map<string, boolean>()
  const uses = new Set<string>()
  const add = (names: readonly string[]) => {
    for (const name of names) uses.add(name)
  }
  for (const item of items) {
    if (item.kind === 'function') functions.set(item.names[0]!, item.spec.usesThis)
    add(item.uses)
    for (const literal of literalsIn(item)) add(literal.names)
    if (item.kind === 'statement') add(item.completes)
    if (item.kind === 'class') for (const element of item.spec.elements) add(element.uses)
  }
  return { functions, uses, members: [...new Set(memberPlaces.map(each => each.member))] }
}
