// Rule R2 for classes with decorators, which esbuild writes out as statements around the class.
import { inEveryRealm } from '../support/program.js'

const helpers = `
  const log: any[] = []
  const logged = (method: any, context: any) => function (this: any, ...given: any[]) { return context.name + ':' + method.apply(this, given) }
  const inc = (value: any, { kind }: any) => kind === 'accessor' ? { init: (x: number) => x + 1 } : (x: number) => x + 1
  const tag = (t: string) => (K: any) => { K.tag = t }
  const wrap = (_: any, key: string, own: any) => { const f = own.value; own.value = function (...given: any[]) { return key + ':' + f.apply(this, given) } }
  const note = (...given: any[]) => { log.push(given.length) }
`

interface Shape {
  readonly body: string
  readonly run: string
  readonly before: unknown
  readonly edit: readonly [string, string]
  readonly after: unknown
  readonly options?: Record<string, unknown>
}

const other = ['/* here */', 'other() { return 1 }'] as const
const legacy = { experimentalDecorators: true }

/** Shapes that esbuild writes in different ways. `/* here *\/` is where a member is added. */
const shapes: Record<string, Shape> = {
  'beside a private field': {
    body: `class K { #p = 1; @logged m() { return 'one' + this.#p++ } }`,
    run: '[k.m(), new K().m()]',
    before: ['m:one1', 'm:one1'],
    edit: [`'one'`, `'two'`],
    after: ['m:two2', 'm:two1'],
  },
  'beside a private field, when a member is added': {
    body: `class K { #p = 1; @logged m() { return this.#p++ } /* here */ }`,
    run: '[k.m(), new K().m()]',
    before: ['m:1', 'm:1'],
    edit: other,
    after: ['m:2', 'm:1'],
  },
  'beside a private method': {
    body: `class K { #p() { return 1 } @logged m() { return 'one' + this.#p() } }`,
    run: '[k.m(), new K().m()]',
    before: ['m:one1', 'm:one1'],
    edit: [`'one'`, `'two'`],
    after: ['m:two1', 'm:two1'],
  },
  'of private methods': {
    body: `class K { @logged #p() { return 'one' } static #n = 1; @logged static #s() { return K.#n++ } m() { return this.#p() } static m() { return K.#s() } }`,
    run: '[k.m(), K.m()]',
    before: ['#p:one', '#s:1'],
    edit: [`'one'`, `'two'`],
    after: ['#p:two', '#s:2'],
  },
  'of a private method, when another member is added': {
    body: `class K { @logged #p() { return 1 } m() { return this.#p() } /* here */ }`,
    run: 'k.m()',
    before: '#p:1',
    edit: other,
    after: '#p:1',
  },
  'beside static fields, which keep their values': {
    body: `class K { static #n = 0; static n = 5; @logged m() { return 'one' + K.#n++ + K.n++ } }`,
    run: 'k.m()',
    before: 'm:one05',
    edit: [`'one'`, `'two'`],
    after: 'm:two16',
  },
  'beside a private static field that is edited': {
    body: `class K { static #n = 1; @logged #p() { return K.#n } m() { return this.#p() } }`,
    run: 'k.m()',
    before: '#p:1',
    edit: ['#n = 1', '#n = 5'],
    after: '#p:5',
  },
  'of accessors and fields, for new instances': {
    body: `class K { @inc accessor x = 3; @inc f = 1; @inc #g = 5; @inc static s = 1; accessor b = 7; m() { return this.#g } }`,
    run: '[k.x, k.f, k.m(), new K().x, new K().f, new K().m(), K.s, k.b]',
    before: [4, 2, 6, 4, 2, 6, 2, 7],
    edit: ['return this.#g', 'return -this.#g'],
    after: [4, 2, -6, 4, 2, -6, 2, 7],
  },
  'of private accessors': {
    body: `class K { @inc accessor #x = 3; @inc static accessor y = 1; m() { return this.#x } /* here */ }`,
    run: '[k.m(), new K().m(), K.y]',
    before: [4, 4, 2],
    edit: other,
    after: [4, 4, 2],
  },
  'of the class, with static blocks and fields': {
    body: `@tag('t') class K { static n = log.length; static { log.push(1) } static self = () => K; @logged m() { return 'one' } }`,
    run: `[k.m(), K.tag, K.n, log.length, K.self() === K]`,
    before: ['m:one', 't', 0, 1, true],
    edit: [`'one'`, `'two'`],
    after: ['m:two', 't', 0, 1, true],
  },
  'of getters, and of members with computed names': {
    body: `class K { #p = 1; @logged ['m' + 1]() { return this.#p } @((get: any) => function (this: any) { return 'got' + get.call(this) }) get g() { return 'one' } }`,
    run: `[k.m1(), k.g]`,
    before: ['m1:1', 'gotone'],
    edit: [`'one'`, `'two'`],
    after: ['m1:1', 'gottwo'],
  },
  'of several classes in a row': {
    body: `class L { #p = 1; @logged m() { return this.#p } }
      @tag('t') class K extends L { #q = 1; @logged m() { return 'one' + this.#q + super.m() } }
      class M { static #r = 1; @logged m() { return M.#r } }`,
    run: `[k.m(), new L().m(), new M().m(), K.tag]`,
    before: ['m:one1m:1', 'm:1', 'm:1', 't'],
    edit: [`'one'`, `'two'`],
    after: ['m:two1m:1', 'm:1', 'm:1', 't'],
  },
  'of an exported class': {
    body: `export class K { #p = 1; @logged m() { return 'one' + this.#p } }`,
    run: 'k.m()',
    before: 'm:one1',
    edit: [`'one'`, `'two'`],
    after: 'm:two1',
  },
  'of a default export that names itself': {
    body: `export default class K { #p = 1; @logged m() { return 'one' + this.#p + (this instanceof K) } }`,
    run: 'k.m()',
    before: 'm:one1true',
    edit: [`'one'`, `'two'`],
    after: 'm:two1true',
  },
  'of members and class with a static field, as Nest, Angular and TypeORM have them': {
    body: `@tag('t') class K { static n = 1; static #x = 2; #p = 1; @wrap m() { return 'one' + this.#p + K.#x + K.n++ } }`,
    run: '[k.m(), K.tag]',
    before: ['m:one121', 't'],
    edit: [`'one'`, `'two'`],
    after: ['m:two122', 't'],
    options: legacy,
  },
  'of parameters and properties': {
    body: `@tag('t') class K { static n = 1; @note f: number = 1; @wrap m(@note a: any) { return 'one' + a + this.f } @wrap static s() { return K.n } constructor(@note private q?: any) {} }`,
    run: '[k.m(1), K.s(), K.tag, log.length]',
    before: ['m:one11', 's:1', 't', 3],
    edit: [`'one'`, `'two'`],
    after: ['m:two11', 's:1', 't', 6],
    options: legacy,
  },
  'where fields are assigned': {
    body: `@tag('t') class K { static n = 1; static { log.push(1) } f = 2; @wrap m() { return 'one' + this.f + K.n++ } }`,
    run: '[k.m(), K.tag, log.length]',
    before: ['m:one21', 't', 1],
    edit: [`'one'`, `'two'`],
    after: ['m:two22', 't', 1],
    options: { ...legacy, useDefineForClassFields: false },
  },
}

describe('R2 decorated classes', () => {
  inEveryRealm((start, realm) => {
    for (const [title, { body, run, before, edit, after, options }] of Object.entries(shapes)) {
      // An isolate's files know no tsconfig.json.
      if (options && realm === 'isolate') continue
      it(`an edit keeps decorators ${title}`, async () => {
        const source = (text: string) => ({
          'tsconfig.json': JSON.stringify({ compilerOptions: options ?? {} }),
          'main.ts': `${helpers}${text}\nconst k: any = new (K as any)()\nexport const run = () => ${run}\n`,
        })
        const app = await start(source(body))
        await app.expect('run', before)
        await app.edit(source(body.replace(...edit)))
        await app.expect('run', after)
      })
    }
  })
})
