// Makes sure that esbuild takes no computed import of a package for a pattern of file names: it would look for files by itself.
import { type Node, parse } from 'acorn'
import { BuildError } from '../../../bundler/build.js'

/** Names may be written with escapes. */
const mayImport = /\b(?:import|require)\b|\\u/

type Loose = Node & Record<string, unknown>

/** @throws BuildError for what does not parse */
export function withPlainImports(source: string, file: string): string {
  if (!mayImport.test(source)) return source
  const computed: Node[] = []
  const stack: unknown[] = [parseAny(source, file)]
  while (stack.length > 0) {
    const node = stack.pop()
    if (Array.isArray(node)) for (const each of node) stack.push(each)
    else if (typeof node === 'object' && node !== null && 'type' in node) {
      const found = specifierOf(node as Loose)
      if (found && found.type !== 'Literal') computed.push(found)
      for (const value of Object.values(node)) if (typeof value === 'object') stack.push(value)
    }
  }
  // From the last to the first, so that places stay as they are. A list's text says nothing of files to esbuild.
  const edits = computed.flatMap(({ start, end }) => [
    { at: start, insert: '[' },
    { at: end, insert: '].join()' },
  ])
  let text = source
  for (const { at, insert } of edits.sort((left, right) => right.at - left.at))
    text = text.slice(0, at) + insert + text.slice(at)
  return text
}

/** What an `import()` or a call of `require` names. */
function specifierOf(node: Loose): Node | undefined {
  if (node.type === 'ImportExpression') return node.source as Node
  if (node.type !== 'CallExpression') return undefined
  const [first] = node.arguments as Node[]
  const callee = node.callee as Loose
  const object = callee.type === 'MemberExpression' ? (callee.object as Loose) : callee
  return object.type === 'Identifier' && object.name === 'require' ? first : undefined
}

function parseAny(source: string, file: string): Node {
  const options = { ecmaVersion: 'latest', allowHashBang: true, allowReturnOutsideFunction: true } as const
  try {
    return parse(source, { ...options, sourceType: 'module' })
  } catch {
    try {
      return parse(source, { ...options, sourceType: 'script' })
    } catch (error) {
      throw new BuildError(`${file}: ${(error as Error).message}`, 1, 1)
    }
  }
}
