// CommonJS: a module is its text as it stands, run whole as a function, and a frame of ES module around it that links it.

import { analyse, byPlace } from './analyse.js'
import { lazily } from './lazily.js'
import { children, type Node, parse } from './parse.js'
import type { ModuleRecord } from './record.js'
import { signature } from './signature.js'

/** The text of a CommonJS module, and what must be known to frame it. */
export interface CommonJS {
  /** JavaScript, the body of a function. */
  readonly code: string
  /** What it takes: `exports`, `require`, `module`, `__filename`, `__dirname`, and what stands for `import()` if there is one. */
  readonly parameters: readonly string[]
  /** Literal specifiers of `import()`. */
  readonly dynamicRequests: readonly string[]
  /** Literal specifiers of `require`. */
  readonly required: readonly string[]
  /** What the text comes to, whatever its layout. */
  readonly signature: string
}

/** What a `require` of a guest module gives: its `module.exports` or JSON value, or the namespace of an ES module. */
export interface RequiredModule {
  readonly id: string
  readonly gives: 'default' | 'namespace'
}

/** Whether a text is CommonJS, for a file whose name leaves it open. */
export function looksLikeCommonJS(source: string): boolean {
  const usesCommonJS =
    /\brequire\s*\(|\bmodule\s*\.\s*exports\b|\bexports\s*[.[]|\bObject\.defineProperty\(exports\b/.test(source)
  return (
    usesCommonJS && !/^[^\S\n\r]*(?:import(?:\s+\w|\s*[{*'"])|export(?:\s+\w|\s*[{*]))|\bimport\.meta\b/m.test(source)
  )
}

/** TypeScript's `export = value`, whatever else is imported. */
export const hasExportAssignment = (source: string): boolean => /^[^\S\n\r]*export\s*=(?!=)/m.test(source)

/** Whether a text gives what it exports by the names of CommonJS, whatever it imports. */
export const assignsExports = (source: string): boolean =>
  /^[^\S\n\r]*(?:module\s*\.\s*exports|exports\s*\.\s*\w+)\s*=(?!=)/m.test(source)

/** @throws ParseError */
export function readCommonJS(code: string): CommonJS {
  const program = parse(code, 'script')
  const found: Found = { required: new Set(), imports: [] }
  collect(program, found)
  const { required, imports } = found
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname']
  let rewritten = ''
  let end = 0
  if (imports.length) {
    const name = nameForImport(code)
    parameters.push(name)
    for (const { start } of imports) {
      rewritten += code.slice(end, start) + name
      end = start + name.length
    }
  }
  return {
    code: rewritten + code.slice(end),
    parameters,
    dynamicRequests: imports.flatMap(({ source }) => (typeof source.value === 'string' ? source.value : [])),
    required: [...required],
    signature: signature(program),
  }
}

interface Found {
  readonly required: Set<string>
  /** In source order. */
  readonly imports: Node[]
}

function collect(node: Node, found: Found): void {
  if (node.type === 'ImportExpression') found.imports.push(node)
  if (node.type === 'CallExpression' && node.callee.name === 'require' && node.arguments.length === 1) {
    const { value } = node.arguments[0]
    if (typeof value === 'string') found.required.add(value)
  }
  for (const child of children(node)) collect(child, found)
}

/** As long as `import`, so that every place in the text stays what it is. */
function nameForImport(code: string): string {
  for (let index = 0; ; index++) {
    const name = `$_i${index.toString(36).padStart(3, '_')}`
    if (!code.includes(name)) return name
  }
}

/**
 * The record of the frame: it imports what the text requires, runs it, and exports its names.
 * @param guests what the specifiers stand for that lead to guest modules
 */
export function frameCommonJS(
  { code, signature, dynamicRequests }: CommonJS,
  guests: ReadonlyMap<string, RequiredModule>,
): ModuleRecord {
  const { exports, reexports } = namesOf(code)
  const specifiers = [...guests.keys()]
  const lines: string[] = []
  specifiers.forEach((specifier, index) => {
    const name = guests.get(specifier)!.gives === 'default' ? `$r${index}` : `* as $r${index}`
    lines.push(`import ${name} from ${JSON.stringify(specifier)}`)
  })
  const required = specifiers.map(
    (specifier, index) =>
      `${JSON.stringify(specifier)}: { id: ${JSON.stringify(guests.get(specifier)!.id)}, runs: ${guests.get(specifier)!.gives === 'default'}, read: () => $r${index} }`,
  )
  lines.push(`const $cjs = ${run}(${JSON.stringify(signature)}, { __proto__: null, ${required.join(', ')} })`)
  lines.push(`export { $cjs as default, $cjs as "module.exports" }`)
  const names = exports.filter(each => each !== 'default' && each !== 'module.exports')
  if (names.length) {
    lines.push(
      `const { ${names.map((each, index) => `${JSON.stringify(each)}: $e${index}`).join(', ')} } = ${named}($cjs)`,
    )
    lines.push(`export { ${names.map((each, index) => `$e${index} as ${JSON.stringify(each)}`).join(', ')} }`)
  }
  for (const each of reexports) if (guests.has(each)) lines.push(`export * from ${JSON.stringify(each)}`)
  const record = analyse(lines.join('\n'))
  return {
    ...record,
    dynamicRequests,
    edits: [...record.edits, ...kernelCalls(record)].sort(byPlace),
  }
}

/** Stand in the frame for calls of the kernel. */
const run = '$commonjs_run'
const named = '$commonjs_named'

function kernelCalls({ code, prefix }: ModuleRecord): { start: number; end: number; text: string }[] {
  const method: Record<string, string> = { [run]: 'commonJS', [named]: 'named' }
  return Object.entries(method).flatMap(([name, called]) => {
    const start = code.indexOf(`= ${name}(`) + 2
    return start < 2 ? [] : [{ start, end: start + name.length, text: `${prefix}k.${called}` }]
  })
}

const lexer = lazily<typeof import('cjs-module-lexer')>('cjs-module-lexer')

let isReady = false

/** What the text exports, as Node finds it: a text that its lexer cannot read exports nothing by name. */
function namesOf(code: string): { exports: readonly string[]; reexports: readonly string[] } {
  const { initSync, parse: lex } = lexer()
  if (!isReady) initSync()
  isReady = true
  try {
    const { exports, reexports } = lex(code)
    return { exports: [...new Set(exports)], reexports: [...new Set(reexports)] }
  } catch {
    return { exports: [], reexports: [] }
  }
}
