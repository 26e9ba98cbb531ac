// A node's signature: equal for texts that differ in layout, comments, quotes or parentheses alone (R9).
import { hash } from 'node:crypto'
import type { Node } from './parse.js'

const ignored = new Set(['type', 'start', 'end', 'range', 'loc', 'parent', 'children', 'raw', 'shorthand', 'directive'])

function write(node: Node, holes: ReadonlyMap<Node, string> | undefined, out: string[]): void {
  const hole = holes?.get(node)
  if (hole !== undefined) {
    out.push(hole)
    return
  }
  switch (node.type) {
    case 'Identifier':
      out.push('$', node.name, ' ')
      return
    case 'Literal':
      // Each ends with a mark of its own, so that neighbours never run together.
      if (node.regex) out.push('/', node.regex.pattern, '/', node.regex.flags, ';')
      else if (node.bigint !== undefined) out.push(node.bigint, 'n;')
      else if (typeof node.value === 'number') out.push(Object.is(node.value, -0) ? '-0' : String(node.value), ';')
      else out.push(JSON.stringify(node.value), ';')
      return
    case 'TemplateElement':
      out.push('`', JSON.stringify(node.value.raw), ';')
      return
  }
  out.push(node.type, '(')
  // `{ __proto__: x }` sets the prototype, `{ __proto__ }` does not; for any other name the two are one.
  if (node.shorthand && node.key?.name === '__proto__') out.push('shorthand;')
  for (const key in node) {
    if (ignored.has(key)) continue
    const value = node[key]
    if (key === 'key' && !node.computed && (value.type === 'Identifier' || value.type === 'Literal')) {
      out.push('.', String(value.name ?? value.value), ';') // { 'a': 1 } is { a: 1 }
    } else if (value === null || value === undefined || value === false) {
      out.push('-')
    } else if (Array.isArray(value)) {
      out.push('[')
      for (const each of value) {
        if (each) write(each, holes, out)
        out.push(',')
      }
      out.push(']')
    } else if (typeof value === 'object') write(value, holes, out)
    else out.push(String(value), ';')
  }
  out.push(')')
}

/**
 * @param holes nodes whose text is left out, with what stands for them
 * @returns the signature: short ones as text, longer ones as a hash
 */
export function signature(node: Node | readonly Node[], holes?: ReadonlyMap<Node, string>): string {
  const out: string[] = []
  if (Array.isArray(node)) for (const each of node) write(each, holes, out)
  else write(node as Node, holes, out)
  const text = out.join('')
  return text.length <= 40 ? text : hash('sha1', text, 'base64')
}
