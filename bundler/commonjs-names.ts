// The names of CommonJS in TypeScript with `import`s, which the TypeScript compiler makes CommonJS of: such a module has both. Here it stays an
// ECMAScript module, so that its definitions are patched one by one.
import { hash } from 'node:crypto'
import { lazily } from './lazily.js'
import { optionalPrefix } from './links.js'
import { children, isFunction, isLoop, type Node, ParseError, parse } from './parse.js'
import { countWhile, startsOfLines } from './places.js'
import type { Stripped } from './strip.js'

const traceMapping = lazily<typeof import('@jridgewell/trace-mapping')>('@jridgewell/trace-mapping')

/** What an import of this name from a module is: what `require()` of it gives. */
export const requiredName = 'require()'

const names = /\b(?:require|module|__dirname|__filename)\b/

/** Whether a text may name them. */
export const namesCommonJS = (source: string): boolean => names.test(source)

/** What esbuild puts for such names where nothing declares them. */
export const commonJSNames: Readonly<Record<string, string>> = {
  __dirname: 'import.meta.dirname',
  __filename: 'import.meta.filename',
  require: 'import.meta.$require',
  module: 'import.meta.$module',
}

/** A `require` of one of the program's own modules. */
interface Call {
  readonly node: Node
  readonly specifier: string
  /** It runs whenever the module does. */
  readonly isSure: boolean
}

/** Makes imports, behind the code, of what is required of the program's own modules: they are where the calls are, for messages. */
export function importRequired({ code, map }: Stripped): Stripped {
  if (!code.includes('import.meta.$require')) return { code, map }
  let calls: Call[]
  try {
    calls = collectCalls(parse(code), true, [])
  } catch (error) {
    // Whoever reads the code says so.
    if (error instanceof ParseError) return { code, map }
    throw error
  }
  if (calls.length === 0) return { code, map }
  let text = ''
  let end = 0
  const imports = new Map<string, { line: string; start: number }>()
  for (const { node, specifier, isSure } of calls) {
    // Called by the specifier, so that no other call has a say in what it is.
    const name = (isSure ? '$require_' : optionalPrefix) + hash('sha1', specifier, 'hex').slice(0, 8)
    const line = `import { "${requiredName}" as ${name} } from ${JSON.stringify(specifier)};\n`
    if (!imports.has(name)) imports.set(name, { line, start: node.start })
    if (!isSure) continue
    // As long as the call was, so that nothing moves.
    text += code.slice(end, node.start) + name.padEnd(node.end - node.start)
    end = node.end
  }
  text += code.slice(end)
  const { decodedMappings, TraceMap, traceSegment } = traceMapping()
  const trace = new TraceMap(map)
  const lines = startsOfLines(code)
  const mappings = decodedMappings(trace).map(each => [...each])
  mappings.length = lines.length - 1
  for (const { start } of imports.values()) {
    const line = countWhile(lines.length, index => lines[index]! <= start) - 1
    const segment = traceSegment(trace, line, start - lines[line]!)
    mappings.push(segment && segment.length > 1 ? [[0, 0, segment[2]!, segment[3]!]] : [])
  }
  const more = [...imports.values()].map(each => each.line)
  return { code: text + more.join(''), map: JSON.stringify({ ...JSON.parse(map), mappings }) }
}

function collectCalls(node: Node, isSure: boolean, out: Call[]): Call[] {
  const specifier = requiredIn(node)
  if (specifier?.startsWith('.')) out.push({ node, specifier, isSure })
  for (const child of children(node)) collectCalls(child, isSure && !mayBeLeftOut(node, child), out)
  return out
}

function requiredIn({ type, callee, arguments: given }: Node): string | undefined {
  if (type !== 'CallExpression' || given.length !== 1) return undefined
  const called: Node = callee.type === 'SequenceExpression' ? callee.expressions.at(-1) : callee
  const { object, property } = called
  if (object?.type !== 'MetaProperty' || property.name !== '$require') return undefined
  const [argument] = given
  if (argument.type === 'TemplateLiteral' && argument.expressions.length === 0) return argument.quasis[0].value.cooked
  return argument.type === 'Literal' && typeof argument.value === 'string' ? argument.value : undefined
}

/** Whether a part of what runs may not run. */
function mayBeLeftOut(node: Node, part: Node): boolean {
  if (isFunction(node) || isLoop(node) || node.type === 'TryStatement' || node.type === 'SwitchCase') return true
  if (node.type === 'IfStatement' || node.type === 'ConditionalExpression') return part !== node.test
  if (node.type === 'LogicalExpression') return part !== node.left
  return node.type === 'PropertyDefinition' && !node.static
}
