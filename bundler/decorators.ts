// Writes standard decorators as code that keeps the class as it is: its fields and private members stay the language's own, so that they
// outlive an edit (R2). esbuild makes WeakMaps and constructor code of them as soon as one member has a decorator.
//
//   @tag class K { #p = 1; @logged m() {} @inc f = 1 }
//
//   class K {static{__decorated_K=__decorate(this);__decorated_K.with([tag],[["method","m",false,[logged]],["field","f",false,[inc]]])}
//   #__made=__decorated_K.made(this); #p = 1; m() {} f = __decorated_K.init("f",this,1);#__f=__decorated_K.after("f",this);}
//   K=__decorateWhole(__decorated_K,K);
import type { ParserPlugin } from '@babel/parser'
import { bodyOf } from './babel.js'
import { type MappedCode, Output, tokenOf } from './output.js'
import type { Node } from './parse.js'
import { countWhile, startsOfLines } from './places.js'

type Piece = string | { readonly start: number; readonly end: number }

/** What stands in the place of a piece of text: text, and pieces of it. */
export interface Change {
  readonly start: number
  readonly end: number
  readonly pieces: readonly Piece[]
}

/**
 * @param source TypeScript or JSX
 * @returns undefined where there is nothing to write. esbuild does the rest: classes inside of something, decorated private methods and
 *   accessors, decorators of members with computed names, those that await, and those of a class that is an expression
 */
export function writeDecorators(source: string, plugins: ParserPlugin[]): MappedCode | undefined {
  if (source.includes('__decorat')) return undefined
  const body = bodyOf(source, plugins, { createParenthesizedExpressions: true })
  if (!body) return undefined
  const changes: Change[] = []
  for (const node of body) {
    const found = classIn(node)
    if (!found) continue
    const decorators: Node[] = [found.node, ...found.node.body.body].flatMap(each => each.decorators ?? [])
    if (decorators.length === 0 || awaits(decorators) || !found.node.body.body.every(isWritable)) continue
    // No name can be given what decorators make of it.
    if (found.node.decorators?.length && found.node.type === 'ClassExpression') continue
    const start = Math.min(node.start, found.node.decorators?.[0]?.start ?? node.start)
    changes.push({ start, end: start, pieces: [`var ${stateOf(found.name)};`] })
    changes.push(...classChanges(found.node, found.name, source))
  }
  if (changes.length === 0) return undefined
  const end = { start: source.length, end: source.length, pieces: [runtime] }
  return rewrite(source, [...changes, end])
}

export const stateOf = (name: string) => `__decorated_${name}`

/** The class that a statement gives what its decorators made of it: there its name means that, inside of it too, as `state.self`. */
export function decoratedWhole(statement: Node): string | undefined {
  const { left, right } = statement.expression ?? {}
  return right?.callee?.name === '__decorateWhole' ? left?.name : undefined
}

/** Whether a variable holds what decorators made of a class. */
export const isDecoratorState = (name: string): boolean => name.startsWith('__decorated_')

/** Of a declaration at top level, or a class that is a variable's initialiser. */
function classIn(node: Node): { node: Node; name: string } | undefined {
  const declaration = node.type.startsWith('Export') ? node.declaration : node
  if (declaration?.type === 'ClassDeclaration')
    return declaration.id && { node: declaration, name: declaration.id.name }
  const [declarator, ...more] = declaration?.type === 'VariableDeclaration' ? declaration.declarations : []
  if (declarator?.init?.type !== 'ClassExpression' || declarator.id.type !== 'Identifier' || more.length)
    return undefined
  return { node: declarator.init, name: declarator.id.name }
}

const fieldTypes = ['ClassProperty', 'ClassPrivateProperty', 'ClassAccessorProperty']

/** In a static block, nothing can be awaited. */
function awaits(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(awaits)
  if (typeof value !== 'object' || value === null) return false
  const { type } = value as Node
  if (type === 'AwaitExpression') return true
  return type !== undefined && !/Function|Method/.test(type) && Object.values(value).some(awaits)
}

const isPrivate = ({ key }: Node) => key.type === 'PrivateName'

function isWritable(member: Node): boolean {
  if (!member.decorators?.length) return true
  if (member.computed || member.abstract || member.declare) return false
  if (member.type === 'ClassMethod') return member.kind !== 'constructor' && member.body !== null
  return fieldTypes.includes(member.type) && !(member.type === 'ClassAccessorProperty' && isPrivate(member))
}

const nameOf = ({ key }: Node): string =>
  key.type === 'PrivateName' ? `#${key.id.name}` : String(key.type === 'Identifier' ? key.name : key.value)

function kindOf(member: Node): string {
  if (member.type === 'ClassAccessorProperty') return 'accessor'
  if (member.type !== 'ClassMethod') return 'field'
  return member.kind === 'get' ? 'getter' : member.kind === 'set' ? 'setter' : 'method'
}

/** The expressions of decorators, as a list. */
const listOf = (decorators: readonly Node[]): Piece[] => [
  '[',
  ...decorators.flatMap(({ expression }): Piece[] => ['(', expression, '),']),
  ']',
]

const without = (decorators: readonly Node[], instead: string): Change[] =>
  decorators.map(({ start, end }, index) => ({ start, end, pieces: index === 0 ? [instead] : [] }))

function classChanges(node: Node, name: string, source: string): Change[] {
  const state = stateOf(name)
  const members: Node[] = node.body.body.filter((each: Node) => each.decorators?.length)
  const decorate: Piece[] = [`static{${state}=__decorate(this);${state}.with(`, ...listOf(node.decorators ?? []), ',[']
  for (const each of members) {
    const key = nameOf(each)
    decorate.push(`[${JSON.stringify(kindOf(each))},${JSON.stringify(key)},${Boolean(each.static)},`)
    decorate.push(...listOf(each.decorators))
    if (isPrivate(each)) decorate.push(`,{has:o=>${key} in o,get:o=>o.${key},set:(o,v)=>{o.${key}=v}}`)
    decorate.push('],')
  }
  decorate.push('])}')
  const isMethodOfInstances = (each: Node) => each.type === 'ClassMethod' && !each.static
  if (members.some(isMethodOfInstances)) decorate.push(`#__made=${state}.made(this);`)
  const begin = node.body.start + 1
  const changes: Change[] = [{ start: begin, end: begin, pieces: decorate }]
  for (const each of members) {
    // What stood before it ends here, even without a semicolon.
    changes.push(...without(each.decorators, ';'))
    if (fieldTypes.includes(each.type)) changes.push(...fieldChanges(each, state, source))
  }
  if (!node.decorators?.length) return changes
  const whole = `\n${name}=__decorateWhole(${state},${name});`
  return [...changes, ...without(node.decorators, ''), { start: node.end, end: node.end, pieces: [whole] }]
}

function fieldChanges(field: Node, state: string, source: string): Change[] {
  const key = nameOf(field)
  const id = JSON.stringify(`${field.static ? 'static ' : ''}${key}`)
  const init = `${state}.init(${id},this`
  const after = `;${field.static ? 'static ' : ''}#__${field.static ? 'static_' : ''}${key.replace(/[^\p{ID_Continue}$]/gu, '_')}=${state}.after(${id},this);`
  const end = { start: field.end, end: field.end, pieces: [after] }
  const { value } = field
  if (value) {
    const { start, end: valueEnd } = value
    return [{ start, end: start, pieces: [`${init},`] }, { start: valueEnd, end: valueEnd, pieces: [')'] }, end]
  }
  const mark = /\s*[?!]/y
  mark.lastIndex = field.key.end
  const typeEnd = field.typeAnnotation?.end ?? (mark.test(source) ? mark.lastIndex : field.key.end)
  return [{ start: field.key.end, end: typeEnd, pieces: [`=${init})`] }, end]
}

export function rewrite(source: string, changes: Change[]): MappedCode {
  const output = new Output()
  const copy = (start: number, end: number) => void output.source(source.slice(start, end), start)
  let done = 0
  // Stable, so what begins at one place stays in order.
  for (const { start, end, pieces } of changes.sort((a, b) => a.start - b.start)) {
    copy(done, start)
    for (const each of pieces) {
      if (typeof each === 'string') output.token(each, start)
      else copy(each.start, each.end)
    }
    done = end
  }
  copy(done, source.length)
  return { code: output.toString(), segments: output.segments }
}

/** A source map's decoded mappings, led on to the text that the rewritten one was made of. */
export function relocate<Segment extends readonly number[]>(
  lines: readonly (readonly Segment[])[],
  source: string,
  { code, segments }: MappedCode,
): number[][][] {
  const [now, before] = [startsOfLines(code), startsOfLines(source)]
  return lines.map(mappings =>
    mappings.map(mapping => {
      if (mapping.length < 4) return [...mapping]
      const offset = now[mapping[2]!]! + mapping[3]!
      const last = countWhile(segments.length / 2, index => segments[index * 2]! <= offset) - 1
      const [at, from] = [segments[last * 2]!, segments[last * 2 + 1]!]
      const original = tokenOf(from) ?? from + offset - at
      const line = countWhile(before.length, index => before[index]! <= original) - 1
      return [mapping[0]!, mapping[1]!, line, original - before[line]!, ...mapping.slice(4)]
    }),
  )
}

/** What the written code calls, at the end of the module. */
const runtime = `
function __decorate(target) {
  const inits = {}, extras = { made: [], static: [], whole: [] }
  const runAll = (list, object) => { for (const each of list ?? []) each.call(object) }
  const { name: className } = target
  let result
  return {
    get self() {
      if (!result) throw new ReferenceError(\`Cannot access '\${className}' before initialization\`)
      return result
    },
    whole() {
      runAll(extras.whole, result)
      return result
    },
    made: object => runAll(extras.made, object),
    init: (id, object, value) => (inits[id] ?? []).reduce((value, init) => init.call(object, value), value),
    after: (id, object) => runAll(extras[id], object),
    with(whole, elements) {
      const key = Symbol.metadata ?? Symbol.for('Symbol.metadata')
      const parent = Object.getPrototypeOf(target)
      const metadata = Object.create(parent?.[key] ?? null)
      const place = ([kind, , isStatic]) => (kind === 'field' ? 2 : 0) + (isStatic ? 0 : 1)
      for (const [kind, name, isStatic, decorators, own] of [...elements].sort((a, b) => place(a) - place(b))) {
        const id = (isStatic ? 'static ' : '') + name
        const home = isStatic ? target : target.prototype
        const isValue = kind === 'field' || kind === 'accessor'
        if (isValue) inits[id] = [], extras[id] = []
        const later = isValue ? extras[id] : isStatic ? extras.static : extras.made
        const found = kind === 'field' ? undefined : Object.getOwnPropertyDescriptor(home, name)
        const slot = { method: 'value', getter: 'get', setter: 'set' }[kind]
        const { has, get, set } = own ?? { has: o => name in o, get: o => o[name], set: (o, v) => { o[name] = v } }
        const access = { has }
        if (kind !== 'setter') access.get = get
        if (kind !== 'method' && kind !== 'getter') access.set = set
        for (const decorator of decorators.reverse()) {
          const context = { kind, name, metadata, static: isStatic, private: own !== undefined, access }
          const given = slot ? found[slot] : kind === 'accessor' ? { get: found.get, set: found.set } : undefined
          const made = __decorateBy(decorator, given, context, later)
          if (made === undefined) continue
          if (kind === 'accessor') {
            if (typeof made !== 'object' || made === null) throw new TypeError('Object expected')
            if (__decorateFunction(made.get)) found.get = made.get
            if (__decorateFunction(made.set)) found.set = made.set
            if (__decorateFunction(made.init)) inits[id].unshift(made.init)
          } else if (__decorateFunction(made)) {
            if (slot) found[slot] = made
            else inits[id].unshift(made)
          }
        }
        if (found) Object.defineProperty(home, name, found)
      }
      let last = target
      for (const decorator of whole.reverse()) {
        const made = __decorateBy(decorator, last, { kind: 'class', name: className, metadata }, extras.whole)
        if (__decorateFunction(made)) last = made
      }
      result = last
      Object.defineProperty(result, key, { value: metadata, configurable: true, enumerable: true, writable: true })
      runAll(extras.static, result)
    },
  }
}
function __decorateFunction(value) {
  if (value !== undefined && typeof value !== 'function') throw new TypeError('Function expected')
  return value !== undefined
}
function __decorateBy(decorator, given, context, later) {
  let isDone = false
  context.addInitializer = each => {
    if (isDone) throw new TypeError('Already initialized')
    if (!__decorateFunction(each)) throw new TypeError('Function expected')
    later.push(each)
  }
  try {
    return decorator(given, context)
  } finally {
    isDone = true
  }
}
function __decorateWhole(state) {
  return state.whole()
}`
