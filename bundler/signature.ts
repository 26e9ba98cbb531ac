// A node's signature: equal for texts that differ in layout, comments, quotes or parentheses alone (R9).
import { hash } from 'node:crypto'
import type { Node } from './parse.js'

type Holes = ReadonlyMap<Node, string> | undefined

/** Each part ends with a mark of its own, so that neighbours never run together. */
function textOf(node: Node, holes: Holes): string {
  const hole = holes?.get(node)
  if (hole !== undefined) return hole
  switch (node.type) {
    case 'Identifier':
      return `$${node.name} `
    case 'Literal':
      return literalText(node)
    case 'TemplateElement':
      return `\`${JSON.stringify(node.value.raw)};`
  }
  let text = `${node.type}(`
  // `{ __proto__: x }` sets the prototype, `{ __proto__ }` does not; for any other name the two are one.
  if (node.shorthand && node.key?.name === '__proto__') text += 'shorthand;'
  for (const key in node) {
    if (inheritsKeys && !Object.hasOwn(node, key)) continue
    switch (key) {
      case 'type':
      case 'start':
      case 'end':
      case 'range':
      case 'parent':
      case 'children':
      case 'shorthand':
      case 'directive':
        continue
    }
    const value = node[key]
    if (value === null || value === undefined || value === false) text += '-'
    else if (typeof value !== 'object') text += `${value};`
    else if (Array.isArray(value)) text += listText(value, holes)
    else if (key === 'key' && !node.computed && (value.type === 'Identifier' || value.type === 'Literal'))
      text += `.${value.name ?? value.value};` // { 'a': 1 } is { a: 1 }
    else text += textOf(value, holes)
  }
  return `${text})`
}

function literalText({ regex, bigint, value }: Node): string {
  if (regex) return `/${regex.pattern}/${regex.flags};`
  if (bigint !== undefined) return `${bigint}n;`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0;' : `${value};`
  return `${JSON.stringify(value)};`
}

function listText(nodes: readonly (Node | null)[], holes: Holes): string {
  let text = '['
  for (const each of nodes) text += each ? `${textOf(each, holes)},` : ','
  return `${text}]`
}

/** Whether a program has put something on `Object.prototype`, as it can in realm `main`, that nodes seem to have. It costs much to ask of each. */
let inheritsKeys = false

function lookForInheritedKeys(): void {
  inheritsKeys = false
  for (const _ in {}) inheritsKeys = true
}

/** Longer signatures are kept as a hash. */
const longestText = 100

/**
 * @param holes nodes whose text is left out, with what stands for them
 * @returns the signature: short ones as text, longer ones as a hash
 */
export function signature(node: Node | readonly Node[], holes?: ReadonlyMap<Node, string>): string {
  lookForInheritedKeys()
  const text = Array.isArray(node) ? node.map(each => textOf(each, holes)).join('') : textOf(node as Node, holes)
  return text.length <= longestText ? text : hash('sha1', text, 'base64')
}
