// The difference of two versions of a module: what stays, what is replaced in place, what runs.
import assert from 'node:assert/strict'
import { analyse } from '../../bundler/analyse.js'
import { lineOf, type RunningVersion, usesOf } from '../../bundler/comparison.js'
import { type Difference, diff, firstPlan } from '../../bundler/diff.js'
import type { Item, ModuleRecord } from '../../bundler/record.js'

/** What a case says of a difference; what it leaves out is empty. */
interface Told {
  /** Functions whose implementation is replaced, also when only their layout changed. */
  readonly replaced?: readonly string[]
  /** Texts of the function literals that are replaced. */
  readonly literals?: readonly string[]
  /** Items that run: names of data and classes, text of statements. */
  readonly runs?: readonly string[]
  readonly added?: readonly string[]
  readonly patched?: readonly string[]
  readonly removed?: readonly string[]
  readonly disturbed?: readonly string[]
}

interface Options {
  /** Texts of literals that were called while their item ran. */
  readonly called?: readonly string[]
  readonly relinked?: readonly string[]
}

/** A version as it would be after its first load. */
function load(record: ModuleRecord, called: readonly string[] = []): RunningVersion & { takeId: () => number } {
  let next = 0
  const takeId = () => next++
  const { literalIds, classes, owners, nextOwner } = firstPlan(record, takeId)
  const ids = new Set<number>()
  for (const [literal, id] of literalIds) if (called.includes(textOf(record, literal.spec))) ids.add(id)
  assert.equal(ids.size, called.length)
  return { record, literalIds, classes, owners, nextOwner, called: ids, takeId }
}

const textOf = ({ code }: ModuleRecord, { start, end }: { start: number; end: number }) => code.slice(start, end)

function compare(
  before: string,
  after: string,
  { called, relinked }: Options = {},
): Difference & { record: ModuleRecord } {
  const record = analyse(after)
  const { takeId, ...running } = load(analyse(before), called)
  return { ...diff(running, record, new Map(relinked?.map(name => [name, 'moved' as const])), takeId), record }
}

function tell(difference: ReturnType<typeof compare>): Required<Told> {
  const { record } = difference
  const label = (item: Item) => (item.kind === 'statement' ? textOf(record, item) : item.names.join())
  return {
    replaced: difference.functions.map(({ item }) => label(item)),
    literals: difference.literals.map(({ literal }) => textOf(record, literal.spec)),
    runs: difference.runs.map(({ item }) => label(item)),
    added: difference.added,
    patched: difference.patched,
    removed: difference.removed,
    disturbed: [...difference.disturbed],
  }
}

/** Asserts what a difference is, and that it is nothing else. */
function differs(title: string, before: string, after: string, expected: Told, options?: Options): void {
  it(title, () => {
    const nothing = { replaced: [], literals: [], runs: [], added: [], patched: [], removed: [], disturbed: [] }
    assert.deepEqual(tell(compare(before, after, options)), { ...nothing, ...expected })
  })
}

describe('diff', () => {
  describe('of functions', () => {
    differs('replaces a changed one', 'function f() { return 1 }\nf()', 'function f() { return 2 }\nf()', {
      replaced: ['f'],
      patched: ['f'],
    })
    differs('replaces a constant arrow like a declaration', 'const f = () => 1', 'const f = () => 2', {
      replaced: ['f'],
      patched: ['f'],
    })
    differs('replaces one whose layout changed, and does not tell of it', 'const f = () => 1', 'const f = () =>   1', {
      replaced: ['f'],
    })
    differs('adds a declaration without running anything', 'go()', 'go()\nfunction f() {}', {
      replaced: ['f'],
      added: ['f'],
    })
    differs('runs the place of a new function literal', 'go()', 'go()\nconst f = () => 1', {
      runs: ['f'],
      added: ['f'],
    })
    differs('tells of a removed one', 'const f = () => 1\nfunction g() {}', 'function g() {}', { removed: ['f'] })
    differs(
      'replaces one when a name in it links elsewhere',
      `import { a } from './a.js'\nconst f = () => a\nconst g = () => 1`,
      `import { a } from './b.js'\nconst f = () => a\nconst g = () => 1`,
      { replaced: ['f'], patched: ['f'] },
      { relinked: ['a'] },
    )
    differs(
      'evaluates data that became a function, and the reverse',
      'const f = 1\nconst g = () => 1',
      'const f = () => 1\nconst g = 1',
      {
        runs: ['f', 'g'],
        patched: ['f'],
        disturbed: ['f', 'g'],
      },
    )
  })

  describe('of data', () => {
    differs('keeps what did not change', 'let a = 1\nconst b = new Map()', 'let a = 1\nconst b = new Map()', {})
    differs('evaluates what changed, and that alone', 'const a = 1\nconst b = 2', 'const a = 1\nconst b = 3', {
      runs: ['b'],
      disturbed: ['b'],
    })
    differs('keeps what was only laid out anew', `const a = { b: 'c' }`, `const a = {\n  'b': "c", // c\n}`, {})
    differs('keeps what was only moved', 'const a = 1\nconst b = 2\ngo()', 'const b = 2\ngo()\nconst a = 1', {})
    differs('keeps what a declaration of several gives up', 'const a = 1, b = 2', 'const a = 1\nconst b = 2', {})
    differs('keeps what became an export', 'const a = 1', 'export const a = 1', {})
    differs('never resets a declaration without initialiser', 'let a = 1', 'let a', {})
    differs('evaluates a declaration that got an initialiser', 'let a', 'let a = 1', { runs: ['a'], disturbed: ['a'] })
    differs('evaluates a pattern whole', 'const { a, b } = c()', 'const { a, b } = d()', {
      runs: ['a,b'],
      disturbed: ['a', 'b'],
    })
    differs('takes a renamed binding for a new one', 'const a = 1', 'const b = 1', {
      runs: ['b'],
      added: ['b'],
      removed: ['a'],
      disturbed: ['b'],
    })
    differs(
      'evaluates what links elsewhere',
      `import { a } from './a.js'\nconst b = a + 1\nconst c = 1`,
      `import { a } from './b.js'\nconst b = a + 1\nconst c = 1`,
      { runs: ['b'], disturbed: ['b'] },
      { relinked: ['a'] },
    )
    differs('evaluates a changed default export', 'export default { a: 1 }', 'export default { a: 2 }', {
      runs: ['default'],
      disturbed: ['default'],
    })
  })

  describe('of statements', () => {
    differs('does not run an unchanged one', 'listen(1)', '// now documented\nlisten( 1 );', {})
    differs('runs a changed one and no other', 'a(1)\nb(1)\nc(1)', 'a(1)\nb(2)\nc(1)', { runs: ['b(2)'] })
    differs('runs a new one among equal ones', 'push(1)\npush(1)', 'push(1)\npush(1)\npush(1)', { runs: ['push(1)'] })
    differs('tells of a removed one', 'a()\nb()\nc()', 'a()\nc()', { removed: ['statement at line 2'] })
    differs('runs nothing when they change places', 'a()\nb()', 'b()\na()', {})
  })

  describe('of literals', () => {
    differs(
      'replaces a changed one in place',
      `app.get('/', () => 1)\napp.get('/b', () => 2)`,
      `app.get('/', () => 3)\napp.get('/b', () => 2)`,
      { literals: ['() => 3'], patched: ['statement at line 1'] },
    )
    differs(
      'replaces a changed method of data',
      `const a = { m() { return 1 }, n: [] }`,
      `const a = { m() { return 2 }, n: [] }`,
      {
        literals: ['() { return 2 }'],
        patched: ['a'],
      },
    )
    differs(
      'runs the item when what stands around one changed too',
      `app.get('/', () => 1)`,
      `app.get('/b', () => 2)`,
      {
        runs: [`app.get('/b', () => 2)`],
        literals: ['() => 2'],
      },
    )
    differs('runs the item when there is one more', 'on(() => 1)', 'on(() => 1, () => 2)', {
      runs: ['on(() => 1, () => 2)'],
      literals: ['() => 1', '() => 2'],
    })
    differs(
      'runs the item when a called one changed',
      'const a = xs.map(x => x * 2)',
      'const a = xs.map(x => x * 3)',
      { runs: ['a'], literals: ['x => x * 3'], disturbed: ['a'] },
      { called: ['x => x * 2'] },
    )
    differs(
      'keeps an item whose called literal did not change',
      'const a = xs.map(x => x * 2)',
      'const a = xs.map(x => x * 2) // doubled',
      {},
      { called: ['x => x * 2'] },
    )
    differs(
      'runs the item when a literal closes over a variable of its block',
      '{\n  let n = 0\n  on(() => n + 1)\n}',
      '{\n  let n = 0\n  on(() => n + 2)\n}',
      { runs: ['{\n  let n = 0\n  on(() => n + 2)\n}'] },
    )

    it('keeps their ids over versions, and frees those of items that are gone', () => {
      const before = analyse(`on('a', () => 1)\non('b', () => 2)`)
      const { takeId, ...running } = load(before)
      const after = analyse(`on('b', () => 3)`)
      const { literalIds, removedLiterals, matches } = diff(running, after, new Map(), takeId)
      assert.deepEqual([...literalIds.values()], [1])
      assert.deepEqual(removedLiterals, [0])
      assert.equal(matches.get(after.items[0]!), before.items[1])
    })
  })

  describe('of classes', () => {
    const shape = (body: string) => `class Shape {${body}}`
    differs('leaves an unchanged one alone', shape(' m() {} '), shape(' m() {} '), {})
    differs('names a changed method', shape('m() { return 1 }\nn() {}'), shape('m() { return 2 }\nn() {}'), {
      runs: ['Shape'],
      patched: ['Shape.m'],
    })
    differs(
      'names added and removed members',
      shape('a() {}\n#b = 1\nstatic c() {}'),
      shape('a() {}\n#d = 1\nget e() {}'),
      {
        runs: ['Shape'],
        added: ['Shape.#d', 'Shape.e'],
        removed: ['Shape.#b', 'Shape.c'],
      },
    )
    differs('does not tell of one that was only laid out anew', shape('m() {}'), shape('\n  m() {}\n'), {
      runs: ['Shape'],
    })

    differs(
      'names the class itself when it extends another',
      shape('m() {}'),
      shape('m() {}').replace('{', 'extends Base {'),
      {
        runs: ['Shape'],
        patched: ['Shape'],
      },
    )

    it('runs a changed static field and no other', () => {
      const { runs } = compare(
        shape('static a = 1; static b = 1; static c = a'),
        shape('static a = 1; static b = 2; static c = a'),
      )
      assert.deepEqual(
        runs.map(run => [run.isNew, run.statics]),
        [[false, ['keep', 'run', ['a']]]],
      )
    })

    it('remembers the fields that a version added', () => {
      const { classes } = compare(shape('a = 1'), shape('a = 1; b = 2; #c = 3'))
      assert.deepEqual([...classes.get('Shape')!.lateFields], ['b', '#c'])
    })
  })

  it('runs everything of a first version', () => {
    const record = analyse('let a = 1\nexport const f = () => a\nclass C {}\nfunction g() {}\ngo(() => 1)')
    let next = 0
    const plan = firstPlan(record, () => next++)
    assert.deepEqual(tell({ ...plan, record }).runs, ['a', 'f', 'C', 'go(() => 1)'])
    assert.deepEqual(tell({ ...plan, record }).replaced, ['g'])
    assert.ok(plan.runs.every(run => run.isNew))
    assert.equal(next, 1)
  })

  it('counts what a called literal names as named by the item', () => {
    const record = analyse('const b = xs.map(x => x * scale)')
    const item = record.items[0]!
    assert.deepEqual([...usesOf(item, load(record))], ['xs'])
    assert.deepEqual([...usesOf(item, load(record, ['x => x * scale']))].sort(), ['scale', 'xs'])
  })

  it('tells removed bindings and new variables from those that stay', () => {
    const { removedBindings, variables } = compare('var a = 1\nlet b = 2', 'var a = 1\nif (a) { var c = 3 }')
    assert.deepEqual(removedBindings, ['b'])
    assert.deepEqual(variables, ['c'])
  })
})

describe('lineOf', () => {
  it('counts lines from 1', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map(offset => lineOf('a\nb\n', offset)),
      [1, 1, 2, 2],
    )
  })
})
