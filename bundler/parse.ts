// Text to syntax tree, with its parent and its children on every node.
import { restoreStaticFields } from './field-mark.js'
import { lazily } from './lazily.js'

const acorn = lazily<typeof import('acorn')>('acorn')
const visitorKeys = lazily<typeof import('eslint-visitor-keys')>('eslint-visitor-keys')

/** A node of the ESTree, loosely typed: the bundler reads few of the many kinds. */
export interface Node {
  type: string
  start: number
  end: number
  range: [number, number]
  parent?: Node
  /** The nodes directly below it, in source order. */
  children?: readonly Node[]
  [key: string]: any
}

/** A place where text does not parse. `line` and `column` count from 1. */
export class ParseError extends Error {
  readonly line: number
  readonly column: number
  constructor(message: string, line: number, column: number) {
    super(message)
    this.name = 'ParseError'
    this.line = line
    this.column = column
  }
}

const none: readonly Node[] = []

/** The nodes directly below a node, in source order. */
export const children = (node: Node): readonly Node[] => node.children!

type VisitorKeys = Readonly<Record<string, readonly string[]>>

/** @param keys for each type, where nodes stand in it, in source order */
function setRelations(node: Node, keys: VisitorKeys): void {
  let found: Node[] | undefined
  const add = (child: Node) => {
    child.parent = node
    if (found) found.push(child)
    else found = [child]
    setRelations(child, keys)
  }
  for (const key of keys[node.type]!) {
    const value = node[key]
    if (!value) continue
    if (!Array.isArray(value)) add(value)
    else for (const each of value) if (each) add(each)
  }
  node.children = found ?? none
}

/**
 * Parses a module, or the body of a CommonJS one.
 * @throws ParseError where the text is not JavaScript
 */
export function parse(code: string, sourceType: 'module' | 'script' = 'module'): Node {
  let program: Node
  try {
    program = acorn().parse(code, {
      ecmaVersion: 'latest',
      sourceType,
      allowReturnOutsideFunction: sourceType === 'script',
      ranges: true,
      allowHashBang: true,
    }) as unknown as Node
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: { line: number; column: number } }
    if (!loc) throw error
    throw new ParseError(message.replace(/ \(\d+:\d+\)$/, ''), loc.line, loc.column + 1)
  }
  restoreStaticFields(program, code)
  setRelations(program, visitorKeys().KEYS)
  return program
}

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

export const isFunction = (node: Node): boolean => functionTypes.has(node.type)

const loopTypes = new Set(['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement'])

export const isLoop = (node: Node): boolean => loopTypes.has(node.type)

/** The declarators of a module's own `var`, `let` and `const`. */
export const topDeclarators = (program: Node): { declarator: Node; kind: string }[] =>
  program.body.flatMap((node: Node) => {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node
    if (declaration?.type !== 'VariableDeclaration') return []
    return declaration.declarations.map((declarator: Node) => ({ declarator, kind: declaration.kind }))
  })

/** Whether an identifier, which is no key itself, stands for a key as well: `{ name }`, `{ name = 1 }`. */
export function isShorthand(node: Node): boolean {
  const parent = node.parent!
  const property = parent.type === 'AssignmentPattern' && parent.left === node ? parent.parent! : parent
  return property.type === 'Property' && property.shorthand
}

export const isClass = (node: Node): boolean => node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
