// Rule R2 for classes with decorators, which are written out as a static block, or by esbuild as statements around the class. One table of the
// forms that esbuild and regrow write, and what no table holds; hence its length.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

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
  'of a class that is applied anew because a static field names what changed': {
    body: `const BASE = 1; @tag('t') class K { static n = BASE; @logged m() { return K.n } }`,
    run: '[k.m(), K.tag]',
    before: ['m:1', 't'],
    edit: ['BASE = 1', 'BASE = 2'],
    after: ['m:2', 't'],
  },
  'of members and class with a static field, as Nest, Angular and TypeORM have them': {
    body: `@tag('t') class K { static n = 1; static #x = 2; #p = 1; @wrap m() { return 'one' + this.#p + K.#x + K.n++ } }`,
    run: '[k.m(), K.tag]',
    before: ['m:one121', 't'],
    edit: [`'one'`, `'two'`],
    after: ['m:two122', 't'],
    options: legacy,
  },
  'as statements, of a class that is applied anew because a static field names what changed': {
    body: `const BASE = 1; class K { static n = BASE; @wrap m() { return K.n } }`,
    run: '[k.m()]',
    before: ['m:1'],
    edit: ['BASE = 1', 'BASE = 2'],
    after: ['m:2'],
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

    const edit = async (before: string, after: string, run: string) => {
      const source = (text: string) =>
        `${helpers}${text}\nconst k: any = new (K as any)(), K0: any = K\nexport const run = () => ${run}\n`
      const app = await start({ 'main.ts': source(before) })
      return { app, edit: (text = after) => app.edit({ 'main.ts': source(text) }) }
    }

    it('a field added to a decorated class reaches older instances, with or without a decorator', async () => {
      const { app, edit: save } = await edit(
        'class K { @logged m() { return 1 } }',
        'class K { b = this.m() + 1; #c = 3; @inc d = 4; accessor e = 5; #f() { return 6 } @logged m() { return this.#c } rest() { return [this.#f(), this.e] } }',
        '[k.m(), k.b, k.d, k.rest?.()]',
      )
      await app.expect('run', ['m:1', undefined, undefined, undefined])
      await save()
      await app.expect('run', ['m:3', 'm:31', 5, [6, 5]])
    })

    it('a decorator that throws takes the edit back', async () => {
      const text = (body: string, tagged: string) =>
        `class K { #p = 1; @logged m() { return '${body}' + this.#p++ } ${tagged} n() {} }`
      const { app, edit: save } = await edit(text('one', ''), '', 'k.m()')
      await app.expect('run', 'm:one1')
      await app.edit(
        {
          'main.ts': `${helpers}${text('two', `@((): any => { throw new Error('no') })`)}\nconst k: any = new (K as any)(), K0: any = K\nexport const run = () => k.m()\n`,
        },
        'rejected',
      )
      await app.expect('run', 'm:one2')
      await save(text('three', '@logged'))
      await app.expect('run', 'm:three3')
    })

    it('decorators that await, and those of classes without a name or inside of functions, work', async () => {
      const source = (body: string) => ({
        'main.ts': `${helpers}import Nameless from './nameless.ts'
          class K { #p = 1; @(await Promise.resolve(logged)) m() { return '${body}' + this.#p } }
          const make = () => class { @logged m() { return '${body}' } }
          const L = class { #p = 1; @logged m() { return '${body}' + this.#p++ } }
          const k = new K(), l = new L(), nameless = new Nameless()
          export const run = () => [k.m(), new (make())().m(), l.m(), nameless.m()]`,
        'nameless.ts': `${helpers}export default class { #p = 1; @logged m() { return '${body}' + this.#p++ } }`,
      })
      const app = await start(source('one'))
      await app.expect('run', ['m:one1', 'm:one', 'm:one1', 'm:one1'])
      await app.edit(source('two'))
      await app.expect('run', ['m:two1', 'm:two', 'm:two2', 'm:two2'])
    })

    it('importers get the class that a decorator put in place of another', async () => {
      const lib = (
        body: string,
      ) => `${helpers}const sub = (K: any) => class extends K { n() { return super.n() + '!' } }
        @sub export class A { n() { return '${body}' } }
        export @sub class B { @logged n() { return '${body}' } }
        @sub export default class C { #p = '${body}'; @logged n() { return this.#p } }`
      const app = await start({
        'main.ts': `import C, { A, B } from './lib.ts'\nexport const run = () => [A, B, C].map(each => new each().n())`,
        'lib.ts': lib('one'),
      })
      await app.expect('run', ['one!', 'n:one!', 'n:one!'])
      await app.edit({ 'lib.ts': lib('two') })
      await app.expect('run', ['two!', 'n:two!', 'n:two!'])
    })

    it('inside of a decorated class its name means what decorators made of it, as in TypeScript', async () => {
      const source = (body: string) => `${helpers}const sub = (K: any) => class extends K { kind = 'sub' }
        @sub class K { static self = () => K; static first: any = new K(); make() { return { K, made: new K(), body: '${body}' } } }
        export const run = () => {
          const { K: own, made, body } = new K().make() as any
          return [own === K, made.kind, K.self() === K, K.first.kind, body]
        }`
      const app = await start({ 'main.ts': source('one') })
      await app.expect('run', [true, 'sub', true, 'sub', 'one'])
      await app.edit({ 'main.ts': source('two') })
      await app.expect('run', [true, 'sub', true, 'sub', 'two'])
    })

    it('state stays when decorators come and go', async () => {
      const plain =
        'class K { static n = 0; static #s = 0; static next() { return [++this.n, ++this.#s] } #b = 0; a = 0; m() { return [...(this.constructor as any).next(), ++this.#b, ++this.a].join() } }'
      const decorated = plain.replace(' m()', ' @logged m()')
      const whole = `@tag('t') ${decorated.replace('a = 0', '@inc a = 0')}`
      const { app, edit: save } = await edit(plain, decorated, '[k.m(), K === K0]')
      await app.expect('run', ['1,1,1,1', true])
      await save()
      await app.expect('run', ['m:2,2,2,2', true])
      await save(whole)
      await app.expect('run', ['m:3,3,3,3', true])
      await save(plain)
      await app.expect('run', ['4,4,4,4', true])
    })

    it('a decorator whose data changed is not run again, as a statement', async () => {
      const source = (n: number) =>
        `${helpers}const T = '${n}'; @tag(T) class K { m() { return K.tag } }\nexport const run = () => new K().m()`
      const app = await start({ 'main.ts': source(1) })
      const { evaluated } = moduleReport(await app.edit({ 'main.ts': source(2) }), 'main.ts')
      assert.deepEqual(evaluated, ['T'])
      await app.expect('run', '1')
    })

    it('reports name what the author wrote', async () => {
      const { app, edit: save } = await edit(
        `@tag('t') class K { static self = () => K; accessor x = 1; @inc f = 2; @logged m() { return 'one' } n() { return K } }`,
        '',
        '[k.m(), k.n() === K]',
      )
      await app.expect('run', ['m:one', true])
      const told = async (text: string) => {
        const { added, patched, evaluated, removed } = moduleReport(await save(text), 'main.ts')
        return { added, patched, evaluated, removed }
      }
      const text = (body: string) => `@tag('t') class K { static self = () => K; ${body} n() { return K } }`
      const nothing = { added: [], patched: [], evaluated: [], removed: [] }
      assert.deepEqual(await told(text(`accessor x = 1; @inc f = 2; @logged m() { return 'two' }`)), {
        ...nothing,
        patched: ['K.m'],
      })
      assert.deepEqual(await told(text(`accessor x = 2; @inc f = 2; @logged m() { return 'two' }`)), {
        ...nothing,
        patched: ['K.x'],
      })
      assert.deepEqual(await told(text(`accessor x = 2; @inc f = 2; @inc g = 3; @logged m() { return 'two' }`)), {
        ...nothing,
        added: ['K.g'],
        patched: ['K'],
      })
    })

    it('reports name what the author wrote where esbuild writes private methods with decorators', async () => {
      const text = (p: string, m: string) =>
        `class K { @logged #p() { return ${p} } m() { return this.#p() + '${m}' } n() { return K } }`
      const { app, edit: save } = await edit(text('1', 'a'), '', 'k.m()')
      const told = async (body: string) => {
        const { added, patched, evaluated, removed } = moduleReport(await save(body), 'main.ts')
        return { added, patched, evaluated, removed }
      }
      const nothing = { added: [], patched: [], evaluated: [], removed: [] }
      assert.deepEqual(await told(text('1', 'b')), { ...nothing, patched: ['K.m'] })
      await app.expect('run', '#p:1b')
      assert.deepEqual(await told(text('2', 'b')), { ...nothing, patched: ['K'] })
      await app.expect('run', '#p:2b')
    })

    it('a class decorator makes instances, whose members are decorated already, while the class has no name yet', async () => {
      const source = (end: string) => `
        const instances = [], failed = []
        const single = Class => { instances.push(new Class()); try { Class.self() } catch (error) { failed.push(error.message) } }
        const double = () => initial => initial * 2
        const loud = method => function () { return method.call(this) + '!' }
        @single
        class Settings {
          static self() { return Settings }
          @double size = 21
          @loud name() { return 'settings${end}' }
        }
        export const run = () => [instances.map(each => [each.size, each.name()]), failed]`
      const app = await start({ 'main.ts': source('') })
      const early = `Cannot access 'Settings' before initialization`
      await app.expect('run', [[[42, 'settings!']], [early]])
      await app.edit({ 'main.ts': source('?') })
      const now = [42, 'settings?!']
      await app.expect('run', [
        [now, now],
        [early, early],
      ])
    })

    if (realm === 'isolate') return
    it('a class that names itself stays when experimental decorators come and go', async () => {
      const source = (decorator: string, body: string) => ({
        'tsconfig.json': JSON.stringify({ compilerOptions: legacy }),
        'main.ts': `${helpers}export class K { static n = 0; #p = 0; ${decorator} m() { return [++K.n, ++this.#p].join() + '${body}' } }
          const k = new K(), K0 = K\nexport const run = () => [k.m(), K === K0]`,
      })
      const app = await start(source('', 'a'))
      await app.expect('run', ['1,1a', true])
      await app.edit(source('@wrap', 'a'))
      await app.expect('run', ['m:2,2a', true])
      const { added, patched, evaluated } = moduleReport(await app.edit(source('@wrap', 'b')), 'main.ts')
      assert.deepEqual([added, patched, evaluated], [[], ['K.m'], []])
      await app.expect('run', ['m:3,3b', true])
      await app.edit(source('', 'b'))
      await app.expect('run', ['4,4b', true])
    })
  })
})
