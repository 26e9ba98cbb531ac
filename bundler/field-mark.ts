// Fields that a tsconfig wants assigned become code of the constructor, or a static block each; a vertical tab before each tells them from
// what the author wrote there.
import { lazily } from './lazily.js'
import { children, type Node, parse } from './parse.js'
import { countWhile, startsOfLines } from './places.js'

const traceMapping = lazily<typeof import('@jridgewell/trace-mapping')>('@jridgewell/trace-mapping')

/** What stands before such an assignment, in place of a space. */
export const fieldMark = '\v'

/** Whether fields are assigned: by TypeScript's rules a target before ES2022 decides so, if nothing else does. */
export function assignsFields({ useDefineForClassFields, target }: Readonly<Record<string, unknown>>): boolean {
  if (useDefineForClassFields !== undefined) return useDefineForClassFields === false
  return target !== undefined && !/^es(next|20(2[2-9]|[3-9]\d))$/i.test(String(target))
}

/**
 * Marks the assignments to `this` that come from a declaration: there the source has no `this`. Nothing moves, so the map stays right.
 * @param code by esbuild
 * @param json its source map
 */
export function markFields(code: string, json: string, source: string): string {
  const { originalPositionFor, TraceMap } = traceMapping()
  const map = new TraceMap(json)
  const lines = source.split('\n')
  let isText: ((line: number) => boolean) | undefined
  return code
    .split('\n')
    .map((text, index) => {
      const column = /^ +(?=this[.[])/.exec(text)?.[0].length
      if (column === undefined) return text
      const place = originalPositionFor(map, { line: index + 1, column })
      if (place.line === null || /^this\b/.test(lines[place.line - 1]!.slice(place.column))) return text
      isText ??= linesOfTemplates(code)
      if (isText(index)) return text
      return `${text.slice(0, column - 1)}${fieldMark}${text.slice(column)}`
    })
    .join('\n')
}

/** Tells lines that begin inside the text of a template literal: of those the map knows nothing. */
function linesOfTemplates(code: string): (line: number) => boolean {
  if (!code.includes('`')) return () => false
  const starts = startsOfLines(code)
  const within = new Set<number>()
  const visit = (node: Node): void => {
    const { start, end } = node
    if (node.type === 'TemplateElement')
      for (let line = countWhile(starts.length, at => starts[at]! <= start); starts[line]! <= end; line++)
        within.add(line)
    for (const each of children(node)) visit(each)
  }
  visit(parse(code))
  return line => within.has(line)
}

/** Makes static fields again of the blocks that esbuild made of them: `static { this.x = 1; }`. @param program is changed */
export function restoreStaticFields(program: Node, code: string): void {
  if (!code.includes(fieldMark)) return
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each)
      return
    }
    const node = value as Node | null
    if (typeof node?.type !== 'string') return
    for (const each of Object.values(node)) if (typeof each === 'object') visit(each)
    if (node.type === 'ClassBody') node.body = node.body.map((each: Node) => staticFieldIn(each, code) ?? each)
  }
  visit(program)
}

function staticFieldIn({ type, start, end, body }: Node, code: string): Node | undefined {
  if (type !== 'StaticBlock' || body.length !== 1 || code[body[0].start - 1] !== fieldMark) return undefined
  const { left, right } = body[0].expression
  if (left?.type !== 'MemberExpression' || (left.computed && left.property.type !== 'Literal')) return undefined
  return {
    type: 'PropertyDefinition',
    start,
    end,
    key: left.property,
    value: right,
    computed: false,
    static: true,
    isAssigned: true,
  } as unknown as Node
}
