// The linker on text alone: chains, stars, cycles, packages, and what it says of names that do not link. One file for one module, however many cases.
import assert from 'node:assert/strict'
import { analyse } from '../../bundler/analyse.js'
import { exportNames, type LinkView, link, resolveExport } from '../../host/link.js'
import type { BuiltModule, Resolved } from '../../host/module.js'

type Texts = Readonly<Record<string, string>>

/** What packages export, by key; all other specifiers are modules. */
const packages: Readonly<Record<string, readonly string[]>> = { pkg: ['default', 'one', 'two'] }

function build(id: string, source: string): BuiltModule {
  const record = analyse(source)
  const requests = new Map(
    record.requests.map(({ specifier }): [string, Resolved] => [
      specifier,
      specifier.startsWith('./') ? { kind: 'guest', id: specifier.slice(2) } : { kind: 'external', key: specifier },
    ]),
  )
  return { id, source, record, map: undefined, requests }
}

function graph(texts: Texts): LinkView {
  const modules = new Map(Object.entries(texts).map(([id, text]) => [id, build(id, text)]))
  return {
    module: id => modules.get(id),
    externalHas: (key, name) => packages[key]!.includes(name),
    externalNames: key => packages[key]!,
  }
}

const binding = (module: string, name: string) => ({ kind: 'binding', module, binding: name })

/** Asserts what exports resolve to, `module:name` in `expected`'s keys. */
function resolves(texts: Texts, expected: Readonly<Record<string, unknown>>): void {
  const view = graph(texts)
  for (const [place, found] of Object.entries(expected)) {
    const [id, name] = place.split(':') as [string, string]
    assert.deepEqual(resolveExport(view, id, name), found, place)
  }
}

/** The faults of a module's own names, as messages with the text at fault. */
function faults(texts: Texts, id = 'main.js'): string[] {
  const view = graph(texts)
  return link(view, view.module(id)!).faults.map(({ module, start, message }) => {
    assert.equal(module, id)
    return `${texts[id]!.slice(start).split(/\s|}/, 1)[0]}: ${message}`
  })
}

describe('linker', () => {
  describe('chains', () => {
    it('finds a binding under the name it is exported by', () => {
      resolves(
        {
          'main.js': `const a = 1\nexport { a, a as b, a as 'c d' }\nexport function f() {}\nexport let { x, y: [z] } = f`,
        },
        {
          'main.js:a': binding('main.js', 'a'),
          'main.js:b': binding('main.js', 'a'),
          'main.js:c d': binding('main.js', 'a'),
          'main.js:f': binding('main.js', 'f'),
          'main.js:x': binding('main.js', 'x'),
          'main.js:z': binding('main.js', 'z'),
          'main.js:y': null,
        },
      )
    })

    it('finds a default export, named or not', () => {
      const texts = {
        'expression.js': 'export default 1 + 1',
        'anonymous.js': 'export default function () {}',
        'named.js': 'export default class Named {}',
        'alias.js': 'const a = 1\nexport { a as default }',
        'assigned.js': 'const a = 1\nexport default a',
      }
      resolves(texts, {
        'expression.js:default': binding('expression.js', 'default'),
        'anonymous.js:default': binding('anonymous.js', 'default'),
        'named.js:default': binding('named.js', 'Named'),
        'alias.js:default': binding('alias.js', 'a'),
        'assigned.js:default': binding('assigned.js', 'default'),
      })
    })

    it('follows re-exports through any number of modules and renames', () => {
      const texts = {
        'main.js': `export { d as e, default as f } from './three.js'`,
        'three.js': `import { c } from './two.js'\nexport { c as d }\nexport { b as default } from './one.js'`,
        'two.js': `export { b as c } from './one.js'`,
        'one.js': 'export const a = 1\nexport { a as b }',
      }
      resolves(texts, { 'main.js:e': binding('one.js', 'a'), 'main.js:f': binding('one.js', 'a'), 'main.js:d': null })
    })

    it('follows a chain of 2,000 modules', () => {
      const texts: Record<string, string> = { 'm2000.js': 'export const a = 1' }
      for (let n = 0; n < 2000; n++) texts[`m${n}.js`] = `export * from './m${n + 1}.js'`
      resolves(texts, { 'm0.js:a': binding('m2000.js', 'a'), 'm0.js:b': null })
    })

    it('finds namespaces, also when they are re-exported', () => {
      const texts = {
        'main.js': `export { ns } from './a.js'\nexport { own } from './b.js'`,
        'a.js': `export * as ns from './c.js'`,
        'b.js': `import * as all from './c.js'\nexport { all as own }`,
        'c.js': 'export const x = 1',
      }
      const namespace = { kind: 'namespace', module: 'c.js' }
      resolves(texts, { 'main.js:ns': namespace, 'main.js:own': namespace, 'a.js:x': null })
    })
  })

  describe('stars', () => {
    it('give all names but default', () => {
      const texts = {
        'main.js': `export * from './a.js'`,
        'a.js': `export const x = 1\nexport default 2\nexport * from './b.js'`,
        'b.js': 'export const y = 1',
      }
      resolves(texts, { 'main.js:x': binding('a.js', 'x'), 'main.js:y': binding('b.js', 'y'), 'main.js:default': null })
      assert.deepEqual([...exportNames(graph(texts), 'main.js')].sort(), ['x', 'y'])
      assert.deepEqual([...exportNames(graph(texts), 'a.js')].sort(), ['default', 'x', 'y'])
    })

    it('yield to names that the module exports itself', () => {
      const texts = {
        'main.js': `export * from './a.js'\nexport const x = 0\nexport { y } from './b.js'`,
        'a.js': 'export const x = 1, y = 1, z = 1',
        'b.js': 'export const y = 2',
      }
      resolves(texts, {
        'main.js:x': binding('main.js', 'x'),
        'main.js:y': binding('b.js', 'y'),
        'main.js:z': binding('a.js', 'z'),
      })
    })

    const ambiguous = {
      'both.js': `export * from './a.js'\nexport * from './b.js'`,
      'a.js': 'export const x = 1, onlyA = 1',
      'b.js': 'export const x = 2, onlyB = 1',
    }

    it('that disagree make a name ambiguous, and only that one', () => {
      resolves(ambiguous, {
        'both.js:x': 'ambiguous',
        'both.js:onlyA': binding('a.js', 'onlyA'),
        'both.js:onlyB': binding('b.js', 'onlyB'),
      })
    })

    it('that disagree are a fault for who asks for the name by any way, and for nobody else', () => {
      const asks = { ...ambiguous, 'main.js': `import { x } from './both.js'` }
      const passes = { ...ambiguous, 'main.js': `export { x as y } from './both.js'` }
      const reads = { ...ambiguous, 'main.js': `import * as all from './both.js'\nimport { onlyA } from './both.js'` }
      const message = `main.js imports 'x' from './both.js', but it is exported there by more than one \`export *\``
      assert.deepEqual(faults(asks), [`x: ${message}`])
      assert.deepEqual(faults(passes), [`x: ${message}`])
      assert.deepEqual(faults(reads), [])
      assert.deepEqual(faults(ambiguous, 'both.js'), [])
    })

    it('that disagree below a third star stay ambiguous', () => {
      resolves({ ...ambiguous, 'main.js': `export * from './both.js'` }, { 'main.js:x': 'ambiguous' })
    })

    it('that lead to one binding, namespace or package name agree', () => {
      const texts = {
        'main.js': `export * from './a.js'\nexport * from './b.js'`,
        'a.js': `export { x as y } from './c.js'\nexport * as ns from './c.js'\nexport { one } from 'pkg'\nexport * from './c.js'`,
        'b.js': `import { x } from './c.js'\nexport { x as y }\nexport * as ns from './c.js'\nexport { one } from 'pkg'\nexport * from './c.js'`,
        'c.js': 'export const x = 1',
      }
      resolves(texts, {
        'main.js:y': binding('c.js', 'x'),
        'main.js:x': binding('c.js', 'x'),
        'main.js:ns': { kind: 'namespace', module: 'c.js' },
        'main.js:one': { kind: 'external', module: 'pkg', name: 'one' },
      })
    })

    it('that lead to two names of one package disagree', () => {
      const texts = {
        'main.js': `export * from './a.js'\nexport * from './b.js'`,
        'a.js': `export { one as n } from 'pkg'`,
        'b.js': `export { two as n } from 'pkg'`,
      }
      resolves(texts, { 'main.js:n': 'ambiguous' })
    })
  })

  describe('cycles', () => {
    it('of modules that import each other link both ways', () => {
      const texts = {
        'main.js': `import { b } from './b.js'\nexport const a = () => b`,
        'b.js': `import { a } from './main.js'\nexport const b = () => a`,
      }
      assert.deepEqual(faults(texts), [])
      assert.deepEqual(faults(texts, 'b.js'), [])
      resolves(texts, { 'main.js:a': binding('main.js', 'a'), 'b.js:b': binding('b.js', 'b') })
    })

    it('of stars give every name from every side', () => {
      const texts = {
        'a.js': `export * from './b.js'\nexport const inA = 1`,
        'b.js': `export * from './c.js'\nexport const inB = 1`,
        'c.js': `export * from './a.js'\nexport const inC = 1`,
      }
      for (const id of Object.keys(texts)) {
        resolves(texts, {
          [`${id}:inA`]: binding('a.js', 'inA'),
          [`${id}:inB`]: binding('b.js', 'inB'),
          [`${id}:inC`]: binding('c.js', 'inC'),
          [`${id}:missing`]: null,
        })
        assert.deepEqual([...exportNames(graph(texts), id)].sort(), ['inA', 'inB', 'inC'])
      }
    })

    it('of a module that re-exports itself under another name end at its binding', () => {
      resolves(
        { 'main.js': `export const a = 1\nexport { a as b } from './main.js'\nexport * from './main.js'` },
        { 'main.js:b': binding('main.js', 'a'), 'main.js:c': null },
      )
    })

    it('of re-exports without an origin are a fault', () => {
      const texts = { 'main.js': `export { x } from './b.js'`, 'b.js': `export { x } from './main.js'` }
      resolves(texts, { 'main.js:x': null, 'b.js:x': null })
      assert.deepEqual(faults(texts), [`x: main.js imports 'x' from './b.js', but it is not exported there`])
    })
  })

  describe('packages', () => {
    it('give the names they have, through stars and chains too', () => {
      const texts = {
        'main.js': `import pkg, { one as first } from 'pkg'\nimport { two } from './all.js'\nimport * as ns from 'pkg'`,
        'all.js': `export * from 'pkg'`,
      }
      const view = graph(texts)
      const { targets } = link(view, view.module('main.js')!)
      const external = (name: string) => ({ kind: 'external', module: 'pkg', name })
      assert.deepEqual(Object.fromEntries(targets), {
        pkg: external('default'),
        first: external('one'),
        two: external('two'),
        ns: { kind: 'namespace', module: 'pkg' },
      })
      assert.deepEqual([...exportNames(view, 'all.js')].sort(), ['one', 'two'])
    })

    it('that do not have a name are a fault', () => {
      assert.deepEqual(faults({ 'main.js': `import { three } from 'pkg'` }), [
        `three: main.js imports 'three' from 'pkg', but it is not exported there`,
      ])
    })
  })

  describe('a module', () => {
    it('is told of every name that does not link, with its place', () => {
      const texts = {
        'main.js': `import good, { bad, fine as also } from './a.js'\nexport { worse as x } from './a.js'`,
        'a.js': 'export const fine = 1',
      }
      const message = (name: string) => `main.js imports '${name}' from './a.js', but it is not exported there`
      assert.deepEqual(faults(texts), [
        `good,: ${message('default')}`,
        `bad,: ${message('bad')}`,
        `worse: ${message('worse')}`,
      ])
    })

    it('may call its own functions directly unless it reassigns them', () => {
      const view = graph({
        'main.js': `
          import { a } from './a.js'
          export function f() {}
          export const g = () => a
          let h = () => {}
          h = g
          function i() {}
          i = h
          const data = 1
          let state = 2
          class C {}
          export default 3`,
        'a.js': 'export let a = 1',
      })
      const { targets } = link(view, view.module('main.js')!)
      const forms = [...targets].map(([name, target]) => [name, target.kind === 'binding' && target.form])
      assert.deepEqual(Object.fromEntries(forms), {
        a: 'constant',
        f: 'function',
        g: 'function',
        h: 'variable',
        i: 'variable',
        data: 'constant',
        state: 'variable',
        C: 'variable',
        default: 'constant',
      })
      assert.deepEqual(targets.get('a'), { ...binding('a.js', 'a'), isOwn: false, form: 'constant' })
    })

    it('links the members of a namespace to what they stand for, and knows which need no `this`', () => {
      const view = graph({
        'main.js': `import * as config from './all.js'\nexport const area = config.side * 2\nexport const f = () => config.other + config.sum() + config.own() + config.gone`,
        'all.js': `export * from './config.js'`,
        'config.js':
          'export const side = 1, other = 2\nexport const sum = () => 3\nexport function own() { return this }',
      })
      const { targets, faults } = link(view, view.module('main.js')!)
      assert.deepEqual(faults, [])
      assert.deepEqual(targets.get('config'), { kind: 'namespace', module: 'all.js' })
      assert.deepEqual(targets.get('config.side'), { ...binding('config.js', 'side'), isOwn: false, form: 'constant' })
      assert.deepEqual(targets.get('config.other'), {
        ...binding('config.js', 'other'),
        isOwn: false,
        form: 'constant',
      })
      assert.deepEqual(targets.get('config.sum'), { ...binding('config.js', 'sum'), isOwn: false, form: 'function' })
      assert.deepEqual(targets.get('config.own'), { ...binding('config.js', 'own'), isOwn: false, form: 'constant' })
      assert.equal(targets.get('config.gone'), undefined)
    })
  })
})
