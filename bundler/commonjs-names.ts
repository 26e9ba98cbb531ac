// The names of CommonJS in TypeScript with `import`s, which the TypeScript compiler makes CommonJS of: such a module has both. Here it stays an
// ECMAScript module, so that its definitions are patched one by one.

import { lazily } from './lazily.js'
import { countWhile, startsOfLines } from './places.js'
import type { Stripped } from './strip.js'

const traceMapping = lazily<typeof import('@jridgewell/trace-mapping')>('@jridgewell/trace-mapping')

/** What an import of this name from a module is: what `require()` of it gives. */
export const requiredName = 'require()'

const names = /\b(?:require|__dirname|__filename)\b/
/** Whether a text may name them. */
export const namesCommonJS = (source: string): boolean => names.test(source)

const asksForMain = /\brequire\.main\s*[!=]==?\s*module\b/

/** What esbuild puts for such names where nothing declares them. */
export function commonJSNames(source: string): Record<string, string> {
  return {
    __dirname: 'import.meta.dirname',
    __filename: 'import.meta.filename',
    require: 'import.meta.$require',
    // `require.main === module`
    ...(asksForMain.test(source) && { 'require.main': 'import.meta.main', module: 'true' }),
  }
}

const relative = /\(0, import\.meta\.\$require\)\(("\.(?:[^"\\]|\\.)*")\)/g

/** Makes imports, behind the code, of what is required of the program's own modules: they are where the calls are, for messages. */
export function importRequired({ code, map }: Stripped): Stripped {
  let prefix = '$require'
  while (code.replaceAll('import.meta.$require', '').includes(prefix)) prefix += '_'
  const known = new Map<string, { name: string; offset: number }>()
  const text = code.replace(relative, (call: string, specifier: string, offset: number) => {
    const found = known.get(specifier) ?? { name: `${prefix}${known.size}`, offset }
    known.set(specifier, found)
    return found.name.padEnd(call.length)
  })
  if (known.size === 0) return { code, map }
  const { decodedMappings, TraceMap, traceSegment } = traceMapping()
  const trace = new TraceMap(map)
  const lines = startsOfLines(code)
  const mappings = decodedMappings(trace).map(each => [...each])
  mappings.length = lines.length - 1
  for (const { offset } of known.values()) {
    const line = countWhile(lines.length, index => lines[index]! <= offset) - 1
    const segment = traceSegment(trace, line, offset - lines[line]!)
    mappings.push(segment && segment.length > 1 ? [[0, 0, segment[2]!, segment[3]!]] : [])
  }
  const imports = [...known].map(
    ([specifier, { name }]) => `import { "${requiredName}" as ${name} } from ${specifier};\n`,
  )
  return { code: text + imports.join(''), map: JSON.stringify({ ...JSON.parse(map), mappings }) }
}
