// What esbuild writes otherwise than the source: names with numbers, and the values of enums.
import assert from 'node:assert/strict'
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import { analyse } from '../../bundler/analyse.js'
import { asWritten } from '../../bundler/as-written.js'
import { strip } from '../../bundler/strip.js'

/** Without the end that makes a module of what exports nothing. */
const codeOf = async (source: string, id = 'main.ts') =>
  (await strip(source, id, { compilerOptions: { jsx: 'react-jsx' } })).code.replace(/(?:export \{\};)?\s*$/, '')

describe('putting back what esbuild writes otherwise', () => {
  const cases: Record<string, readonly [source: string, others: string]> = {
    'parameters, loops and catches': [
      "['x'].forEach(path => use(path))\nfor (const path of []) use(path)\ntry { use(1) } catch (path) { use([path]) }",
      'export const path = 1\nfunction use(x: unknown) {}',
    ],
    'functions and classes inside of others': [
      'const make = () => { function helper() {} class Oops extends Error {} return [helper, Oops] }',
      'function helper() {}\nclass Oops {}',
    ],
    namespaces: ['namespace Vec { export let made = 0; export const make = () => ++made }', 'class Vec2 {}'],
    enums: ['enum Dir { Up = "u", Down = 1 }', 'class Dir2 {}\nclass Dir3 {}'],
  }
  for (const [what, [source, others]] of Object.entries(cases))
    it(`${what} have the same text whatever else the module declares`, async () => {
      const alone = await codeOf(source)
      assert.doesNotMatch(alone, /\b(?:Dir|Vec|path|helper|Oops)\d/)
      const beside = await codeOf(`${source}\n${others}`)
      assert.equal(beside.slice(0, alone.length), alone)
    })

  it('members of an enum are read from it, below it', async () => {
    const code = await codeOf(
      'const early = () => Port.Http\nenum Port { Http = 80, Name = "web" }\nconst all = [Port.Http, Port["Name"], Port.Http + 1]',
    )
    assert.match(code, /const early = \(\) => 80 \/\* Http \*\/;/)
    assert.match(code, /const all = \[Port\.Http, Port\["Name"\], Port\.Http \+ 1\]/)
  })

  it('text and properties are no names', async () => {
    const signatureOf = async (source: string) => analyse(await codeOf(source)).items.at(-1)!.signature
    // The linter takes `$` before a brace for a forgotten template.
    for (const text of [
      'const f = (path: number) => [path, "path2", `path2 §{path}`, /path2/, { path2: path, path }]',
      'const f = ({ path2: path, other: { path3: [path2 = path] } }: any) => path.path2',
      'const f = (path: any, i: number) => path[path[path[i]]]',
      'const f = (path: any) => { ({ path2: path } = { path2: 7 }); return path }',
      'const f = (path: string) => { const path2 = "p"; { const path3 = path + path2; return path3 } }',
      'const f = () => { try { f() } catch (path) { const path2 = `path2 §{path}`; return path2 } }',
      'const f = () => { const user = 1; path2: for (;;) break path2; class path { static path = path } return path }',
    ]) {
      const source = text.replaceAll('§', '$')
      assert.equal(await signatureOf(`const path = 1\n${source}`), await signatureOf(source), source)
    }
  })

  it('two names that would be taken for one another keep apart, whatever the module declares', async () => {
    const source = 'namespace V { export let n = 1; export const f = (V: number) => V + n }'
    const alone = await codeOf(source)
    assert.match(alone, /\(V2\) => V2 \+ V\.n/)
    assert.equal((await codeOf(`${source}\nclass V2 {}\nclass V3 {}`)).slice(0, alone.length), alone)
    const jsx = await codeOf('export const C = () => { const jsx = 1; return <a>{jsx}</a> }', 'main.tsx')
    assert.match(jsx, /const (jsx\d) = 1;\n {2}return \/\* @__PURE__ \*\/ jsx\("a", \{ children: \1 \}\)/)
  })

  it('places on the line behind are found where they were', async () => {
    const source =
      'const path = 1\nconst f = (path: number) => [path, path, marked]\nenum P { Long = 1 }\nconst marked = [P.Long, marked]'
    const { code, map } = await strip(source, 'main.ts', {})
    const trace = new TraceMap(map)
    for (const [line, text] of code.split('\n').entries())
      for (const { index } of text.matchAll(/\bmarked\b/g)) {
        const at = originalPositionFor(trace, { line: line + 1, column: index })
        assert(source.split('\n')[at.line! - 1]!.startsWith('marked', at.column!), `${line}:${index}`)
      }
  })

  it('JavaScript that needs nothing is given back', () => {
    const map = JSON.stringify({ version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA' })
    assert.deepEqual(asWritten('a;\n', map, 'a'), { code: 'a;\n', map })
  })
})
