import assert from 'node:assert/strict'
import { BuildError } from '../../bundler/build.js'
import { addTyped, compose, nothingTyped, saved, stillTyped, type TypedState } from '../../bundler/compose.js'
import { definitionsOf, definitionsTyped, IncompleteError } from '../../bundler/definitions.js'

let count = 0

function type(file: string, text: string, id = 'main.ts', before: TypedState = nothingTyped): TypedState {
  return addTyped(definitionsOf(file, id), before, definitionsTyped(text, id), { number: ++count, text }, id, [])
}

/** The module's text after something was typed. */
const typed = (file: string, text: string, id = 'main.js'): string =>
  compose(definitionsOf(file, id), type(file, text, id)).text

function save(file: string, text: string, id = 'main.ts'): string {
  const state = type(file, text, id)
  assert.equal(state.definitions.length, 1)
  return saved(definitionsOf(file, id), state.definitions[0]!)
}

describe('typed text in a file', () => {
  it('stands in the place of what has its name', () => {
    assert.equal(typed('a()\nfunction f() {}\nb()', 'function f() { return 1 }'), 'a()\nfunction f() { return 1 }\nb()')
    assert.equal(typed('let a = 1, b = 2\n', 'let b = 3'), 'let a = 1, b = 3\n')
    assert.equal(typed('let a = 1, b = 2\n', 'const b = 3'), 'let a = 1; const b = 3\n')
    assert.equal(typed('export let a = 1, b = 2\n', 'const a = 3'), 'export const a = 3; export let b = 2\n')
    assert.equal(typed('export class A {}\n', 'class A { x }'), 'export class A { x }\n')
    assert.equal(
      typed('export default function f() {}', 'function f() { return 1 }'),
      'export default function f() { return 1 }',
    )
    assert.equal(typed('export default class {}\n', 'export default 5'), 'export default 5\n')
    assert.equal(typed('const { a, b } = c\n', 'let a = 1, b = 2'), 'let a = 1; let b = 2\n')
  })

  it('stands at the end where nothing has its name', () => {
    assert.equal(typed('let a = 1 // last', 'let b = 2'), 'let a = 1 // last\nlet b = 2;')
    assert.equal(typed('', 'export function f() {}'), '\nexport function f() {};')
  })

  it('does not run into what follows', () => {
    assert.equal(typed('function f() {}\n(0, g)()', 'let f = 1'), 'let f = 1;\n(0, g)()')
    assert.equal(typed('let f = 1; g()', 'function f() {}'), 'function f() {} g()')
    assert.equal(typed('function f() {} g()', 'let f = 1'), 'let f = 1; g()')
  })

  it('takes the place of an imported name, and leaves the others', () => {
    assert.equal(
      typed("import d, { a, b as c } from './x.js'\n", 'let c = 1'),
      "import d from './x.js'; import { a } from './x.js';\n\nlet c = 1;",
    )
    assert.equal(typed("import { a } from './x.js'\n", 'let a = 1'), "import './x.js';\n\nlet a = 1;")
  })

  it('knows types from values, and all overloads of a function', () => {
    const file = 'interface Box { a: 1 }\nfunction f(x: string): void\nfunction f(x: unknown) {}\ng()'
    assert.equal(
      typed(file, 'type Box = string', 'main.ts'),
      file.replace('interface Box { a: 1 }', 'type Box = string'),
    )
    assert.equal(typed(file, 'let Box = 1', 'main.ts'), `${file}\nlet Box = 1;`)
    assert.equal(typed(file, 'function f() {}', 'main.ts'), 'interface Box { a: 1 }\nfunction f() {}\n\ng()')
    assert.equal(
      type('', 'function f(a: 1): 1\nfunction f(a: 2): 2\nfunction f(a: any) { return a }').definitions.length,
      1,
    )
  })

  it('refuses half of a destructuring', () => {
    assert.throws(() => type('const { a, b } = c', 'let a = 1'), BuildError)
    const first = type('', 'const { a, b } = c')
    assert.throws(() => type('', 'let a = 1', 'main.ts', first), /'a' is declared together with 'b'/)
  })

  it('says where each piece comes from', () => {
    const file = 'let a = 1\nlet b = 2\nlet c = 3'
    const text = 'let b = {\n  x: 1,\n}'
    const composition = compose(definitionsOf(file, 'main.js'), type(file, text, 'main.js'))
    const place = (needle: string) => {
      const before = composition.text.slice(0, composition.text.indexOf(needle)).split('\n')
      const { evaluation, line, column } = composition.originOf(before.length, before.at(-1)!.length + 1)
      return [evaluation?.text === text ? 'typed' : 'file', line, column]
    }
    assert.deepEqual(place('a = 1'), ['file', 1, 5])
    assert.deepEqual(place('x: 1'), ['typed', 2, 3])
    assert.deepEqual(place('c = 3'), ['file', 3, 5])
  })

  it('gives way where the file changed', () => {
    const file = 'let a = 1\nlet b = 2'
    const state = type(file, 'let a = 5; let b = 6; let c = 7')
    const names = (now: string) =>
      stillTyped(definitionsOf(now, 'main.ts'), state).definitions.flatMap(each => each.names)
    assert.deepEqual(names('let  b = 2\n// moved\nlet a = 1'), ['a', 'b', 'c'])
    assert.deepEqual(names('let a = 2\nlet b = 2'), ['b', 'c'])
    assert.deepEqual(names('let b = 2\nlet c = 7'), ['b'])
  })

  it('knows what is not complete from what is wrong', () => {
    for (const text of ['function f() {', 'a +', '`x', '/* x', 'f(1,', 'const a: ', "'x\\\n", '{ a: 1,'])
      assert.throws(() => definitionsTyped(text, 'main.ts'), IncompleteError, text)
    for (const text of ['let 1', ')', "'x", 'a b', 'let a = 1; let a = 2'])
      assert.throws(
        () => definitionsTyped(text, 'main.ts'),
        error => error instanceof BuildError && !(error instanceof IncompleteError),
        text,
      )
  })
})

describe('saving what was typed', () => {
  it('replaces that definition and leaves every other byte', () => {
    const file =
      '#!/usr/bin/env node\r\n/** Doc. */\r\nexport  const a=1,\tb = 2 ;\r\n\r\n  function f( ) { }// end\r\n\r\n'
    assert.equal(save(file, 'const b = [\n  3,\n]'), file.replace('b = 2', 'b = [\r\n  3,\r\n]'))
    assert.equal(
      save(file, 'function f() { return 1 }'),
      file.replace('function f( ) { }', 'function f() { return 1 }'),
    )
  })

  it('adds at the end, in the way the file ends', () => {
    assert.equal(save('let a = 1\n', 'let b = 2'), 'let a = 1\nlet b = 2\n')
    assert.equal(save('let a = 1', 'let b = 2'), 'let a = 1\nlet b = 2')
    assert.equal(save('', 'let b = 2'), 'let b = 2\n')
    assert.equal(
      save("import './a.js'\nlet a = 1\n", "import { b } from './b.js'"),
      "import './a.js'\nimport { b } from './b.js'\nlet a = 1\n",
    )
  })
})
