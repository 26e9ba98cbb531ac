// Reading a text again in part: what comes of it is what reading all of it gives, or nothing.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { analyse } from '../../bundler/analyse.js'
import { ParseError } from '../../bundler/parse.js'
import { reanalyse } from '../../bundler/reanalyse.js'
import type { ModuleRecord } from '../../bundler/record.js'

const runs = Number(process.env.REGROW_RUNS ?? 1500)

// The linter takes `$` before a brace for a forgotten template.
const statements = [
  "'use strict'",
  "import { one, two as other } from './numbers.js'",
  "import standard from './standard.js'",
  "import * as tools from './tools.js'",
  "import './effects.js'",
  'export { one as uno }',
  "export * from './all.js'",
  "export * as space from './space.js'",
  'let count = 0',
  'const limits = { soft: 10, hard: count }, [first, { second = one }] = read(limits)',
  'export const ratio = (part, whole) => part / whole',
  'export function tick(by = other) { count += by; return ratio(count, by) }',
  'function recur(n) { return n ? recur(n - 1) : tools.end() }',
  'export class Point { #x = 0; static made = 0; at = [one]; move(by) { this.#x += by; return tick(this) } get x() { return this.#x } }',
  'class Other extends Point { static { Other.made = count } [limits.soft]() { return super.x } }',
  'class Assigned { constructor(a) {\vthis.size = [one];\vthis["quoted"] = count; this.own = a } }',
  'var __decorated_Marked; class Marked { static { __decorated_Marked = __decorate(this); __decorated_Marked.with([tools.mark], []) } #made = __decorated_Marked.made(this) }',
  'var old = function named(n) { return n > 1 ? named(n - 1) : old }',
  'tick(count)',
  'server.on("request", (request, answer) => answer.end(`§{count} of §{limits.hard}`))',
  'setInterval(() => tick(1), 1000)',
  'for (const each of [1, 2]) { var inner = each; tick(inner) }',
  'limits.soft = { get() { return count }, set(value) { count = value } }',
  'if (count > 1) { tick(2) } else tick(3)',
  'export default { fetch() { return count }, [one]: standard }',
  'const { member, deeper: { still } } = tools',
  'tools.list.push(tools["x"], delete tools.y)',
  'const late = () => import("./late.js")',
  'count++',
  '[1, 2].map(n => n * count)',
  '/ratio/g.test(String(limits))',
  '(function () { return arguments.length + count })()',
  'label: for (;;) break label',
  'const text = `a §{tick(`b §{count}`)} c`',
  'globalThis.kept ??= standard',
  'let async, of',
  ';',
].map(each => each.replaceAll('§', '$'))

/** What is typed into a text, and leaves it broken as often as not. */
const pieces = [
  ...statements,
  'X',
  '1',
  '.y',
  ' = 3',
  '\n',
  ' ',
  ';',
  '(',
  ')',
  '{',
  '}',
  '`',
  '//',
  '/*',
  '*/',
  "'",
  ' + ',
  ', more',
  'await ',
  'async ',
  'function ',
  'count',
  'tick',
  'tools.far',
  'eval("1")',
  '$_',
  '\\u0061',
]

const programs = fc
  .array(fc.tuple(fc.constantFrom(...statements), fc.constantFrom('\n', '\n\n', ';\n', ' // why\n', ';')), {
    minLength: 3,
    maxLength: 24,
  })
  .map(list => list.flat().join(''))

/** An edit: where, counted from the start of the text or of one of its statements, how much goes, and what comes. */
const edits = fc.record({
  place: fc.nat(),
  isAtStatement: fc.boolean(),
  removed: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(12) }),
  inserted: fc.oneof({ weight: 1, arbitrary: fc.constant('') }, { weight: 4, arbitrary: fc.constantFrom(...pieces) }),
})

function edited(
  { code, statements }: ModuleRecord,
  edit: typeof edits extends fc.Arbitrary<infer T> ? T : never,
): string {
  const { place, isAtStatement, removed, inserted } = edit
  const at = isAtStatement && statements.length ? statements[place % statements.length]! : place % (code.length + 1)
  return code.slice(0, at) + inserted + code.slice(at + removed)
}

function read(code: string): ModuleRecord | undefined {
  try {
    return analyse(code)
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

/** Maps tell their order as well. */
const plain = (record: ModuleRecord) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, value instanceof Map ? [...value] : value]))

describe('reading a text again in part', () => {
  it('gives what reading all of it gives, over random edits', function () {
    this.timeout(0)
    let inPart = 0
    let wrong = 0
    fc.assert(
      fc.property(programs, fc.array(edits, { minLength: 1, maxLength: 6 }), (program, list) => {
        let before = read(program)
        fc.pre(before !== undefined)
        for (const edit of list) {
          const code = edited(before!, edit)
          const part = reanalyse(before!, code)
          const whole = read(code)
          if (part) {
            inPart++
            assert(whole, `it took what does not parse: ${code}`)
            assert.deepEqual(plain(part), plain(whole))
          } else if (!whole) wrong++
          // Each edit begins from what the one before left, as it was read then.
          before = part ?? whole ?? before
        }
      }),
      { numRuns: runs },
    )
    assert(inPart > runs / 4 && wrong > runs / 10, `read in part ${inPart}, did not parse ${wrong}`)
  })

  const module = `import { step } from './step.js'
import * as tools from './tools.js'
let count = 0
export function tick(by = step) {
  count += by
  return count
}
const limits = { soft: 1 }
function unused() {}
export const far = () => tools.far(count)
class Point {
  move() {
    return limits.soft
  }
}
setInterval(() => tick(), 1000)
export { Point }
`
  const readAgain = (from: string, to: string) => {
    assert(module.includes(from))
    return reanalyse(analyse(module), module.replace(from, to))
  }

  const inPart: Record<string, [string, string]> = {
    'the body of a function': ['count += by', 'count += by * 2'],
    'an initialiser': ['soft: 1', 'soft: 2'],
    'a member of a class': ['return limits.soft', 'return limits.soft + 1'],
    'a literal in a statement': ['() => tick()', '() => tick(2)'],
    'a new function': ['const limits', 'function more() { return count }\nconst limits'],
    'a function that goes': ['function unused() {}\n', ''],
    'a member of a namespace': ['tools.far(', 'tools.near('],
    'what stands right below the imports': ['let count = 0', 'let count = 1'],
    'what stands right above a list of exports': ['1000', '2000'],
    'a comment between statements': ['const limits', '// why\nconst limits'],
  }
  for (const [what, [from, to]] of Object.entries(inPart))
    it(`reads ${what} alone`, () => {
      const part = readAgain(from, to)
      assert(part)
      assert.deepEqual(plain(part), plain(analyse(module.replace(from, to))))
    })

  it('reads a function alone between others that the edit cannot reach', () => {
    const [above, below] = ['export class Above {}', 'export class Below {}']
    const text = `${above}\nfunction between() { return 1 }\n${below}`
    const code = text.replace('return 1', 'return 2')
    const part = reanalyse(analyse(text), code)
    assert.deepEqual(part && plain(part), plain(analyse(code)))
    // Where the neighbours must be read, they are all there is.
    assert.equal(reanalyse(analyse(text), text.replace('1 }', '1 };(0)')), undefined)
    assert.equal(reanalyse(analyse(text), text.replace('function', 'async function')), undefined)
  })

  const whole: Record<string, [string, string]> = {
    'an import': ["{ step } from './step.js'", "{ step, more } from './step.js'"],
    'a list of exports': ['export { Point }', 'export { Point, limits }'],
    'a name that others name': ['let count = 0', 'let counts = 0'],
    'a name that others took for a global one': ['const limits', 'const setInterval = f\nconst limits'],
    'what does not parse': ['count += by', 'count += '],
    'a name that is declared twice': ['const limits', 'let step\nconst limits'],
    'direct eval': ['return count', 'return eval("count")'],
    'a statement that goes on with the next': ['const limits = { soft: 1 }', 'const limits = { soft: 1 } +'],
  }
  for (const [what, [from, to]] of Object.entries(whole))
    it(`leaves ${what} to a reading of all`, () => {
      assert.equal(readAgain(from, to), undefined)
    })
})
