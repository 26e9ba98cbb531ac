// Source text, TypeScript or not, to what it defines by name, with the places: so that what is typed can take a definition's place.
import type { ParserPlugin } from '@babel/parser'
import { babel, childrenOf } from './babel.js'
import { BuildError } from './build.js'
import type { Node } from './parse.js'
import { isTypeScript, pluginsOf } from './strip.js'

/** One thing that a text defines: a declaration, one variable declarator, one imported name, or an export. */
export interface Definition {
  readonly kind: 'declaration' | 'variable' | 'import' | 'export'
  /** Bindings; `type X` for a type, `export x` for an export that is no binding, `default` for the default export. */
  readonly names: readonly string[]
  /** Of a declaration without `export`, a declarator without `let`, or an import's specifier. */
  readonly start: number
  readonly end: number
  /** `let`, `const`, … of a variable. */
  readonly keyword: string
  readonly exported: 'no' | 'named' | 'default'
  /** It can stand after `export default`. */
  readonly canBeDefault: boolean
  /** What stands between `import` and `from` when it is imported alone. */
  readonly clause?: string
}

/** A top-level statement. What defines nothing is run. */
export interface Statement {
  readonly start: number
  readonly end: number
  readonly definitions: readonly Definition[]
  readonly isExpression: boolean
  /** What follows `from`, of an import. */
  readonly from?: string
  /** `import` or `import type`. */
  readonly importWord?: string
}

export interface Definitions {
  readonly text: string
  readonly statements: readonly Statement[]
  /** Names in lists: `export { a, b as c }`. */
  readonly listed: ReadonlySet<string>
  /** `var`s of statements that are run. */
  readonly variables: readonly string[]
  /** Names that statements which are run mention, types aside. */
  readonly mentioned: ReadonlySet<string>
}

interface SyntaxFailure {
  readonly message: string
  readonly pos: number
  readonly reasonCode?: string
  readonly loc: { readonly line: number; readonly column: number }
}

/** Text that ends before it is complete. */
export class IncompleteError extends BuildError {}

const decoratorPlugins: readonly ParserPlugin[] = ['decorators-legacy', 'decoratorAutoAccessors']

/** Whether more text could make it right: it went wrong at its end, or inside of what a later line may close. */
function isUnfinished({ pos, reasonCode }: SyntaxFailure, text: string): boolean {
  if (reasonCode === 'UnterminatedTemplate' || reasonCode === 'UnterminatedComment') return true
  if (reasonCode === 'UnterminatedString') return /\\\n[^\n]*$/.test(text)
  return pos >= text.trimEnd().length
}

function parseText(text: string, id: string, errorRecovery: boolean): Node {
  try {
    const file = babel().parse(text, {
      sourceType: 'module',
      plugins: isTypeScript(id) ? [...pluginsOf(id), ...decoratorPlugins] : pluginsOf(id),
      allowUndeclaredExports: true,
      errorRecovery,
    })
    return file.program as unknown as Node
  } catch (error) {
    if (error instanceof RangeError) throw new BuildError('the source nests too deeply', 1, 1)
    const failure = error as SyntaxFailure
    if (!failure.loc) throw error
    const message = failure.message.replace(/ \(\d+:\d+\)$/, '')
    const Failure = isUnfinished(failure, text) ? IncompleteError : BuildError
    throw new Failure(message, failure.loc.line, failure.loc.column + 1)
  }
}

/**
 * What a file defines.
 * @param id its ending tells the language
 * @throws BuildError
 */
export function definitionsOf(text: string, id: string): Definitions {
  return read(text, parseText(text, id, true))
}

/**
 * What was typed. An object literal is one, although it begins like a block.
 * @throws IncompleteError where more may follow; BuildError
 */
export function definitionsTyped(text: string, id: string): Definitions {
  if (/^\s*\{/.test(text) && !/;\s*$/.test(text)) {
    try {
      const program = parseText(`(${text}\n)`, id, false)
      const [only] = program.body as Node[]
      if (program.body.length === 1 && only!.type === 'ExpressionStatement') {
        const whole = { start: 0, end: text.length, definitions: [], isExpression: true }
        return { ...read('', program), text, statements: [whole] }
      }
    } catch {
      // It is a block, or wrong either way.
    }
  }
  return read(text, parseText(text, id, false))
}

function read(text: string, program: Node): Definitions {
  const listed = new Set<string>()
  const variables: string[] = []
  const mentioned = new Set<string>()
  const statements: Statement[] = []
  for (const node of [...program.directives, ...program.body].sort((a, b) => a.start - b.start) as Node[]) {
    const statement = statementOf(node, text, listed)
    statements.push(statement)
    if (statement.definitions.length || statement.from !== undefined) continue
    collectVariables(node, variables)
    collectNames(node, mentioned)
  }
  return { text, statements, listed, variables, mentioned }
}

function statementOf(node: Node, text: string, listed: Set<string>): Statement {
  const { start, end } = node
  const statement = { start, end, definitions: [] as Definition[], isExpression: false }
  const plain = { keyword: '', exported: 'no', canBeDefault: false } as const
  switch (node.type) {
    case 'ImportDeclaration': {
      const isType = node.importKind === 'type'
      const definitions = (node.specifiers as Node[]).map(each => {
        const isTypeName = isType || each.importKind === 'type'
        const names = [isTypeName ? `type ${each.local.name}` : each.local.name]
        const own = text.slice(each.start, each.end)
        const clause = each.type === 'ImportSpecifier' ? `{ ${own} }` : own
        return { ...plain, kind: 'import' as const, names, start: each.start, end: each.end, clause }
      })
      const from = text.slice(node.source.start, end).replace(/;$/, '')
      return { ...statement, definitions, from, importWord: isType ? 'import type' : 'import' }
    }
    case 'ExportNamedDeclaration':
      if (node.declaration) return { ...statement, definitions: declared(node.declaration, 'named') }
      for (const each of node.specifiers as Node[]) {
        if (each.local && !node.source) listed.add(each.local.name)
      }
      return {
        ...statement,
        definitions: [
          {
            ...plain,
            kind: 'export',
            names: (node.specifiers as Node[]).map(each => `export ${each.exported.name ?? each.exported.value}`),
            start,
            end,
          },
        ],
      }
    case 'ExportAllDeclaration':
    case 'TSExportAssignment':
    case 'TSNamespaceExportDeclaration':
      return { ...statement, definitions: [{ ...plain, kind: 'export', names: [], start, end }] }
    case 'ExportDefaultDeclaration': {
      const { declaration } = node
      const names = ['default', ...(declaration.id?.name === undefined ? [] : [declaration.id.name])]
      const { start: from, end: to } = declaration
      const isDeclaration = declaration.type.endsWith('Declaration')
      const range = isDeclaration ? { start: from, end: to } : { start: defaultStart(text, node), end: to }
      return {
        ...statement,
        definitions: [{ kind: 'declaration', names, ...range, keyword: '', exported: 'default', canBeDefault: true }],
      }
    }
  }
  const definitions = declared(node, 'no')
  return { ...statement, definitions, isExpression: node.type === 'ExpressionStatement' || node.type === 'Directive' }
}

/** Parentheses around an expression are no part of its node. */
function defaultStart(text: string, node: Node): number {
  return node.start + /^export\s+default\s*/.exec(text.slice(node.start))![0].length
}

function declared(node: Node, exported: 'no' | 'named'): Definition[] {
  const one = (names: string[], canBeDefault = false): Definition[] => [
    { kind: 'declaration', names, start: node.start, end: node.end, keyword: '', exported, canBeDefault },
  ]
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
      return one([node.id.name], node.type !== 'TSDeclareFunction')
    case 'TSEnumDeclaration':
    case 'TSImportEqualsDeclaration':
      return one([node.id.name])
    case 'TSModuleDeclaration':
      return one(node.id.type === 'Identifier' ? [node.id.name] : [])
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return one([`type ${node.id.name}`])
    case 'VariableDeclaration':
      return (node.declarations as Node[]).map(each => ({
        kind: 'variable',
        names: patternNames(each.id),
        start: each.start,
        end: each.end,
        keyword: node.kind,
        exported,
        canBeDefault: false,
      }))
    default:
      return []
  }
}

function patternNames(node: Node | null, out: string[] = []): string[] {
  if (node?.type === 'Identifier') out.push(node.name)
  else if (node?.type === 'ObjectPattern')
    for (const each of node.properties) patternNames(each.type === 'RestElement' ? each.argument : each.value, out)
  else if (node?.type === 'ArrayPattern') for (const each of node.elements) patternNames(each, out)
  else if (node?.type === 'AssignmentPattern') patternNames(node.left, out)
  else if (node?.type === 'RestElement') patternNames(node.argument, out)
  return out
}

const ownVariables = /Function|Arrow|Class|Method|StaticBlock/

/** Names that `var` declares in a statement, outside of functions. */
function collectVariables(node: Node, out: string[]): void {
  if (node.type === 'VariableDeclaration' && node.kind === 'var')
    for (const each of node.declarations) patternNames(each.id, out)
  if (ownVariables.test(node.type)) return
  for (const child of childrenOf(node)) collectVariables(child, out)
}

function collectNames(node: Node, out: Set<string>): void {
  if (node.type === 'Identifier' || node.type === 'JSXIdentifier') out.add(node.name)
  for (const child of childrenOf(node)) {
    const isType =
      child.type.startsWith('TS') && !/^TS(?:As|NonNull|Satisfies|TypeAssertion|Instantiation)/.test(child.type)
    if (!isType) collectNames(child, out)
  }
}
