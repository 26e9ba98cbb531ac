// `F.prototype = {…}`, the classes of before there was `class`: instances that exist keep the object, so an edit is to change it in place (R2).
import type { Node } from './parse.js'
import type { Edit } from './record.js'

/** The object that a statement gives to a function as its prototype, and the name of that function. */
interface AssignedPrototype {
  readonly owner: string
  readonly object: Node
}

/** @param expression of a statement: `F.prototype = …`, also among others, as in `G.prototype = F.prototype = …` */
export function assignedPrototype(expression: Node): AssignedPrototype | undefined {
  let owner: string | undefined
  let at = expression
  for (; at.type === 'AssignmentExpression' && at.operator === '='; at = at.right) {
    if (isMember(at.left, 'prototype')) owner = at.left.object.name
  }
  return owner !== undefined && (at.type === 'ObjectExpression' || isObjectCreate(at))
    ? { owner, object: at }
    : undefined
}

/** Hands the object to the kernel: `F.prototype = $_k.prototype(F,{…})`. */
export function prototypeEdits({ owner, object }: AssignedPrototype, kernel: string): Edit[] {
  const { start, end } = object
  return [
    { start, end: start, name: owner, form: 'read', before: `${kernel}.prototype(` },
    { start, end: start, text: ',' },
    { start: end, end, text: ')' },
  ]
}

const isObjectCreate = ({ type, callee }: Node): boolean =>
  type === 'CallExpression' && isMember(callee, 'create') && callee.object.name === 'Object'

const isMember = ({ type, computed, object, property }: Node, name: string): boolean =>
  type === 'MemberExpression' && !computed && object.type === 'Identifier' && property.name === name
