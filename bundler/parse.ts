// Text to syntax tree, with a parent on every node.
import * as acorn from 'acorn'

/** A node of the ESTree, loosely typed: the bundler reads few of the many kinds. */
export interface Node {
  type: string
  start: number
  end: number
  range: [number, number]
  parent?: Node
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

const bookkeeping = new Set(['type', 'start', 'end', 'range', 'loc', 'parent', 'raw'])

/** The nodes directly below a node, in source order of their keys. */
export function* children(node: Node): Generator<Node> {
  for (const key in node) {
    if (bookkeeping.has(key)) continue
    const value = node[key]
    if (Array.isArray(value)) {
      for (const each of value) if (each && typeof each.type === 'string') yield each
    } else if (value && typeof value === 'object' && typeof value.type === 'string') yield value
  }
}

function setParents(node: Node): void {
  for (const child of children(node)) {
    child.parent = node
    setParents(child)
  }
}

/**
 * Parses a module, or the body of a CommonJS one.
 * @throws ParseError where the text is not JavaScript
 */
export function parse(code: string, sourceType: 'module' | 'script' = 'module'): Node {
  let program: Node
  try {
    program = acorn.parse(code, {
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
  setParents(program)
  return program
}

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

export const isFunction = (node: Node): boolean => functionTypes.has(node.type)

export const isClass = (node: Node): boolean => node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
