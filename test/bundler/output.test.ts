// Generated code remembers where each piece of it came from.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { analyse } from '../../bundler/analyse.js'
import { firstPlan } from '../../bundler/diff.js'
import { emitPatch } from '../../bundler/emit.js'
import type { Target } from '../../bundler/links.js'
import { Output, type Segments, tokenOf } from '../../bundler/output.js'

/** The pieces that segments cut a text into, with where each comes from. */
function pieces(text: string, segments: Segments): { text: string; source: number }[] {
  const found: { text: string; source: number }[] = []
  for (let at = 0; at < segments.length; at += 2) {
    found.push({ text: text.slice(segments[at], segments[at + 2] ?? text.length), source: segments[at + 1]! })
  }
  return found
}

describe('output', () => {
  it('is empty at first', () => {
    const output = new Output()
    assert.equal(output.toString(), '')
    assert.deepEqual(output.segments, [])
  })

  it('tells text of ours from text of the source', () => {
    const output = new Output().raw('(').source('abc', 7).raw(')')
    assert.equal(output.toString(), '(abc)')
    assert.deepEqual(output.segments, [0, -1, 1, 7, 4, -1])
  })

  it('joins neighbouring texts of ours', () => {
    assert.deepEqual(new Output().raw('a').raw('bc').source('d', 0).raw('e').raw('f').segments, [0, -1, 3, 0, 4, -1])
  })

  it('takes source ranges in any order and more than once', () => {
    const source = 'hello world'
    const output = new Output()
    for (const start of [6, 0, 6]) output.source(source.slice(start, start + 5), start)
    assert.equal(output.toString(), 'worldhelloworld')
    assert.deepEqual(output.segments, [0, 6, 5, 0, 10, 6])
  })

  it('tells text that stands for a token as a whole', () => {
    const { segments } = new Output().source('f', 0).token('(0,$.g)', 5).token('h', 0)
    assert.deepEqual(segments.map(tokenOf), [undefined, undefined, undefined, 5, undefined, 0])
  })

  it('adds nothing for empty texts', () => {
    const output = new Output().raw('').source('', 3).raw('a').source('', 5).raw('b')
    assert.equal(output.toString(), 'ab')
    assert.deepEqual(output.segments, [0, -1])
  })

  it('covers the whole text, ascending, and each piece of source is what stands there', () => {
    const source = 'const 𝒙 = "é\\n" // a line\nexport { 𝒙 }\n'
    const place = fc.nat({ max: source.length })
    const piece = fc.oneof(
      fc.string().map(text => ({ text })),
      fc.tuple(place, place).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) })),
    )
    fc.assert(
      fc.property(fc.array(piece), given => {
        const output = new Output()
        let expected = ''
        for (const each of given) {
          const text = 'text' in each ? each.text : source.slice(each.start, each.end)
          if ('text' in each) output.raw(text)
          else output.source(text, each.start)
          expected += text
        }
        assert.equal(output.toString(), expected)
        const cut = pieces(expected, output.segments)
        assert.equal(cut.map(each => each.text).join(''), expected)
        assert.ok(cut.every(each => each.text.length > 0))
        for (const { text, source: start } of cut) {
          if (start !== -1) assert.equal(text, source.slice(start, start + text.length))
        }
      }),
    )
  })
})

describe('the code of a patch', () => {
  const sources = {
    data: 'let count = 0\nexport const { a, b: [c = count] } = make(count)\nexport default { count, go() { return count } }',
    functions:
      'export function tick(by = step) { count += by; return tick }\nlet count = 0\nconst step = 1\nexport const later = async () => tick()',
    classes:
      'class A { #x = 1; static n = 0; get x() { return this.#x } m() { return new A() } }\nexport class B extends A { y = A.n; constructor() { super() } }',
    statements: `import { app, log as note } from './app.js'\nimport * as all from './app.js'\napp.get('/', (request, response) => response.end(all.log))\nfor (var i = 0; i < 3; i++) note(i, import.meta.url)\n({ i } = { i })`,
  }
  for (const [what, source] of Object.entries(sources)) {
    it(`of ${what} comes from the places its segments name`, () => {
      const record = analyse(source)
      const targets = new Map<string, Target>()
      for (const [name, { kind }] of record.bindings) {
        targets.set(name, {
          kind: 'binding',
          module: 'main.js',
          binding: name,
          isOwn: true,
          form: kind === 'const' ? 'constant' : 'variable',
        })
      }
      for (const [name, entry] of record.imports) {
        targets.set(
          name,
          entry.name === '*'
            ? { kind: 'namespace', module: 'app.js' }
            : { kind: 'binding', module: 'app.js', binding: entry.name, isOwn: false, form: 'constant' },
        )
      }
      let next = 0
      const plan = firstPlan(record, () => next++)
      const { code, segments } = emitPatch(record, targets, plan, plan.literalIds, code => code)
      const cut = pieces(code, segments)
      assert.equal(cut.map(each => each.text).join(''), code)
      const taken = cut.filter(each => each.source !== -1)
      assert.ok(taken.length > 3)
      const tokens = new Set([...record.bindings.keys(), ...record.imports.keys(), 'class', '('])
      for (const { text, source: start } of taken) {
        // What stands for a name, a class or its constructor has its place; all else is as written.
        const token = tokenOf(start)
        if (token === undefined) assert.equal(text, source.slice(start, start + text.length))
        else assert.ok(tokens.has(/^\w*/.exec(source.slice(token))![0] || source[token]!), text)
      }
    })
  }
})
