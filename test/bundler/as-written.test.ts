// What esbuild writes otherwise than the source: names with numbers, and the values of enums.
import assert from 'node:assert/strict'
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import { asWritten } from '../../bundler/as-written.js'
import { strip } from '../../bundler/strip.js'

const codeOf = async (source: string, id = 'main.ts') =>
  (await strip(source, id, { compilerOptions: { jsx: 'react-jsx' } })).code.trimEnd()

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

  it('what is not sure to be a name stays', async () => {
    assert.match(
      await codeOf('const path = 1\nconst f = (path: number) => [path, "path2"]'),
      /\(path2\) => \[path2, "path2"\]/,
    )
    assert.match(
      await codeOf('namespace V { export let n = 1; export const f = (V: number) => V + n }\nclass V2 {}'),
      /\(V\d\) => V\d \+ V\.n/,
    )
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
