// Signatures: equal for texts that mean the same and differ in their writing alone, different for all others.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Node, parse } from '../../bundler/parse.js'
import { signature } from '../../bundler/signature.js'

const signatureOf = (code: string): string => signature(parse(code).body)

const expression = (code: string): Node => parse(`(${code})`).body[0].expression

/** Placeholders as `$<name>`, which the linter does not take for a forgotten template. */
const inBraces = (text: string) => text.replaceAll(/<(\w+)>/g, '{$1}')

/** Texts of each list mean the same. */
const alike: Readonly<Record<string, readonly string[]>> = {
  layout: [
    'const f=(a,b)=>{return a+b}',
    'const f = (a, b) => {\n\n  return a + b;\n}\n',
    'const f\t=\r\n(a,b)=>{return a+b;}',
  ],
  comments: ['go(1)', '// first\ngo(/* one */ 1) // last', '/** @type {number} */\ngo(1)'],
  semicolons: ['a()\nb()', 'a(); b();'],
  quotes: [`go('it', "it's")`, `go("it", 'it\\'s')`],
  escapes: [`go('A\\n')`, `go('\\x41\\u{a}')`],
  'the writing of numbers': ['go(255, 1000, .5)', 'go(0xff, 1_000, 0.50)', 'go(0b11111111, 1e3, 5e-1)'],
  'the writing of big integers': ['go(255n)', 'go(0xffn)', 'go(2_5_5n)'],
  parentheses: ['go(a * b + c, d)', 'go(((a * b) + (c)), (d))'],
  'parentheses around a whole statement': ['go()', '(go())', '((go)())'],
  'parentheses of one parameter': ['go(a => a)', 'go((a) => a)', 'go((a) => (a))'],
  'trailing commas': ['go(a, [b, c], { d, e }, (f, g) => 0)', 'go(a, [b, c,], { d, e, }, (f, g,) => 0,)'],
  shorthand: ['go({ a, b })', 'go({ a: a, b: b })'],
  'shorthand in patterns': ['const { a, b = 1 } = c', 'const { a: a, b: b = 1 } = c'],
  'quotes of keys': [`go({ a: 1, 2: 3 })`, `go({ 'a': 1, '2': 3 })`, `go({ "a": 1, 0x2: 3 })`],
  'quotes of method keys': ['class A { m() {} }', `class A { 'm'() {} }`],
  'arguments of new': ['go(new A)', 'go(new A())'],
  'empty parentheses of optional chains': ['go(a?.b.c)', 'go((a?.b.c))'],
}

/** No two texts of a list mean the same. */
const different: Readonly<Record<string, readonly string[]>> = {
  numbers: ['go(1)', 'go(2)', 'go(-1)', 'go(12)', 'go(1.5)'],
  'kinds of values': [`go(1)`, `go('1')`, `go(1n)`, 'go(true)', 'go(null)', 'go(undefined)', 'go(`1`)', 'go(/1/)'],
  'zero and minus zero': ['go(0)', 'go(-0)'],
  strings: [`go('a')`, `go('A')`, `go('a ')`, `go('')`, `go('\\ud800')`, `go('\\ud801')`],
  templates: ['go(`a$<b>c`)', 'go(`a$<c>c`)', 'go(`ac$<b>`)', 'go(`$<b>ac`)', 'go(`a$<b>$<b>c`)'].map(inBraces),
  'raw text of tagged templates': ['go`\\x41`', 'go`A`'],
  'regular expressions': ['go(/a/)', 'go(/a/g)', 'go(/ag/)', 'go(/(?:a)/)'],
  operators: ['go(a + b)', 'go(a - b)', 'go(b + a)', 'go(a && b)', 'go(a & b)', 'go(a ?? b)'],
  grouping: ['go(a - (b - c))', 'go(a - b - c)', 'go((a, b))', 'go(a, b)'],
  'where an optional chain ends': ['go(a?.b.c)', 'go((a?.b).c)', 'go(a.b.c)', 'go(a?.b?.c)'],
  'holes of arrays': ['go([a])', 'go([, a])', 'go([a, ,])', 'go([, , a])'],
  'calls and their targets': ['go()', 'go', 'new go()', 'go?.()', 'go``', 'this.go()'],
  keys: ['go({ a: 1 })', 'go({ b: 1 })', 'go({ [a]: 1 })', 'go({ a() {} })', 'go({ get a() {} })', 'go({ ...a })'],
  functions: [
    'go(function () {})',
    'go(function a() {})',
    'go(() => {})',
    'go(async () => {})',
    'go(function* () {})',
    'go(async function () {})',
    'go((a) => {})',
    'go((...a) => {})',
    'go((a = 1) => {})',
  ],
  declarations: ['let a = 1', 'const a = 1', 'var a = 1', 'let a', 'let { a } = 1', 'let [a] = 1'],
  members: [
    'class A { m() {} }',
    'class A { static m() {} }',
    'class A { #m() {} }',
    'class A { get m() {} }',
    'class A { m = 1 }',
    'class A { async m() {} }',
    'class A { *m() {} }',
    `class A { ['m']() {} }`,
    'class A extends B { m() {} }',
  ],
  'order of statements': ['a(); b()', 'b(); a()'],
  'neighbouring numbers': ['go(a ? 1 : 23)', 'go(a ? 12 : 3)'],
  'neighbouring big integers': ['go(a ? 1 : 23n)', 'go(a ? 12 : 3n)'],
  'neighbouring numbers of a loop': ['for (; 1; 23);', 'for (; 12; 3);'],
  'infinity and null': ['go(1e999)', 'go(null)'],
  'a key __proto__ and a property of that name': [
    'go({ __proto__: __proto__ })',
    'go({ __proto__ })',
    `go({ ['__proto__']: __proto__ })`,
  ],
}

describe('signature', () => {
  for (const [what, texts] of Object.entries(alike)) {
    it(`does not heed ${what}`, () => {
      for (const text of texts) assert.equal(signatureOf(text), signatureOf(texts[0]!), text)
    })
  }

  for (const [what, texts] of Object.entries(different)) {
    it(`tells apart ${what}`, () => {
      const seen = new Map<string, string>()
      for (const text of texts) {
        const found = signatureOf(text)
        assert.equal(seen.get(found), undefined, `${text} is taken for ${seen.get(found)}`)
        seen.set(found, text)
      }
    })
  }

  it('tells apart a change of one value anywhere in a long text', () => {
    const text = (values: readonly number[]) => `go(${values.join(', ')}, '${'long '.repeat(20)}')`
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 99 }),
        (values, at, more) => {
          const changed = values.with(at % values.length, values[at % values.length]! + more)
          assert.notEqual(signatureOf(text(values)), signatureOf(text(changed)))
        },
      ),
    )
  })

  it('stays short for long texts', () => {
    assert.ok(signatureOf(`go('${'x'.repeat(10_000)}')`).length <= 40)
  })

  it('puts what stands for a hole in its place', () => {
    const first = expression('app.get(path, (request) => 1)')
    const second = expression('app.get(path, (request) => 2)')
    const third = expression('app.get(other, (request) => 2)')
    const holed = (call: Node, hole: string) => signature(call, new Map([[call.arguments[1], hole]]))
    assert.notEqual(signature(first), signature(second))
    assert.equal(holed(first, '<arrow>'), holed(second, '<arrow>'))
    assert.notEqual(holed(first, '<arrow>'), holed(second, '<method>'))
    assert.notEqual(holed(first, '<arrow>'), holed(third, '<arrow>'))
  })
})
