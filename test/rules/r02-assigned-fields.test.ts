// Rule R2 where a tsconfig wants fields assigned, so that esbuild makes code of the constructor of them.
import assert from 'node:assert/strict'
import { inLocalRealms, moduleReport } from '../support/program.js'

describe('R2 assigned fields', () => {
  inLocalRealms(start => {
    for (const options of [
      { target: 'ES2020' },
      { useDefineForClassFields: false },
      { target: 'es2015', experimentalDecorators: true },
    ]) {
      describe(`with ${JSON.stringify(options)}`, () => {
        const begin = async (text: string, run: string, rest = '') => {
          const source = (each: string) => ({
            'tsconfig.json': JSON.stringify({ compilerOptions: options }),
            'main.ts': `${rest}\n${each}\nconst k: any = new (K as any)('p'), make = () => new (K as any)('q') as any\nexport const run = () => ${run}\n`,
          })
          const app = await start(source(text))
          return { app, save: (each: string) => app.edit(source(each)) }
        }
        const told = ({ added, patched, removed }: ReturnType<typeof moduleReport>) => ({ added, patched, removed })

        it('a field added by an edit reaches older instances, and the report names it', async () => {
          const { app, save } = await begin('class K { a = 1 }', '[k.a, k.b, k.b === k.b, make().b]')
          const report = await save('class K { a = 1; b = [this.a + 1] }')
          await app.expect('run', [1, [2], true, [2]])
          assert.deepEqual(told(moduleReport(report, 'main.ts')), { added: ['K.b'], patched: [], removed: [] })
        })

        it('the first field of a class with a superclass does so too', async () => {
          const { app, save } = await begin('class K extends B {}', '[k.b, make().b]', 'class B { a = 1 }')
          const report = await save(`class K extends B { b = this.a + 1; 'c-d' = 2; f = () => this.b }`)
          await app.expect('run', [2, 2])
          assert.deepEqual(told(moduleReport(report, 'main.ts')).added, ['K.b', 'K.c-d', 'K.f'])
        })

        it('a static field is a field, too: patched in place, evaluated when its value changes, owned, and gone with its line', async () => {
          const source = (text: string, by: number, more = '') => ({
            'tsconfig.json': JSON.stringify({ compilerOptions: options }),
            'main.ts': `
              const by: number = ${by}
              export class K {
                static hits = 0
                static twice = by * 2
                static readonly tell = () => '${text}'
                static 'timer-${text.length}' = setInterval(() => {}, 1e6)
                ${more}
                static { this.hits += 10 }
              }
              const held: any[] = [K.tell, K]
              const timers: any = Object.values(K).filter(each => each?.hasRef)
              export const run = () => [K.hits++, K.twice, held[0](), K.tell === held[0], Object.keys(K).length, timers[0]._destroyed]`,
          })
          const app = await start(source('one', 1))
          await app.expect('run', [10, 2, 'one', true, 4, false])
          const first = moduleReport(await app.edit(source('two', 3)), 'main.ts')
          await app.expect('run', [11, 6, 'two', true, 4, false])
          assert.deepEqual([first.patched, first.evaluated], [['K.tell'], ['by', 'K.twice']])
          const second = moduleReport(await app.edit(source('three', 3, 'static more = 1')), 'main.ts')
          await app.expect('run', [12, 6, 'three', true, 5, true])
          assert.deepEqual([second.removed, second.evaluated], [['K.timer-3'], ['K.timer-5', 'K.more']])
          const third = moduleReport(await app.edit(source('three', 3)), 'main.ts')
          assert.deepEqual(third.removed, ['K.more'])
          await app.expect('run', [13, 6, 'three', true, 4, true])
        })

        it('a setter of a superclass is called for a static field, too, whenever its value is evaluated', async () => {
          const source = (size: number, more = '') => ({
            'tsconfig.json': JSON.stringify({ compilerOptions: options }),
            'main.ts': `
              const kept: unknown[] = []
              class Base { static shared = 1; static set size(value: any) { kept.push(value) } static set late(value: any) { kept.push(value) } }
              class Box extends Base { static shared = 2; static set own(value: any) { kept.push(value) } static size: any = ${size}; static own: any = 5; ${more} }
              export const run = () => [kept, Object.keys(Box), Base.shared, Box.shared]`,
          })
          const app = await start(source(3))
          await app.expect('run', [[3, 5], ['shared'], 1, 2])
          await app.edit(source(4))
          await app.expect('run', [[3, 5, 4], ['shared'], 1, 2])
          await app.edit(source(4, 'static late: any = [6]'))
          await app.expect('run', [[3, 5, 4, [6]], ['shared'], 1, 2])
          await app.edit(source(4))
          await app.expect('run', [[3, 5, 4, [6]], ['shared'], 1, 2])
        })

        it('a private field added by an edit starts as its initialiser says', async () => {
          const { app, save } = await begin('class K { a = 1; m(): any { return 0 } }', '[k.m(), k.m(), make().m()]')
          await save('class K { a = 1; #p = this.a + 1; m() { return this.#p++ } }')
          await app.expect('run', [2, 3, 2])
        })

        it('what the constructor itself assigns is no field, nor is a property of a parameter', async () => {
          const { app, save } = await begin(
            'class K { a = 1; constructor(x: string) { this.c = x } }',
            '[k.a, k.b, k.c, k.d, k.x, make().d, make().x, make().e]',
          )
          await save('class K { a = 1; constructor(public x: string) { this.c = x; this.d = 4 } b = 2; e = this.x }')
          await app.expect('run', [1, 2, 'p', undefined, undefined, 4, 'q', 'q'])
        })

        it('a setter of a superclass is called for new instances', async () => {
          const { app, save } = await begin(
            'class K extends B { a = 1 }',
            '[k.a, k.b, k.kept, make().b, make().kept]',
            'class B { kept: any; get b() { return this.kept } set b(value) { this.kept = value + 1 } }',
          )
          await save('class K extends B { a = 1; b = 5 }')
          await app.expect('run', [1, undefined, undefined, 6, 6])
        })

        it('an edited initialiser counts for new instances, and a removed field is gone for them', async () => {
          const { app, save } = await begin('class K { a = 1; b = 2; n() {} }', '[k.a, k.b, make().a, make().b]')
          const report = await save('class K { a = 10; n() {} }')
          await app.expect('run', [1, 2, 10, undefined])
          assert.deepEqual(told(moduleReport(report, 'main.ts')), { added: [], patched: ['K.a'], removed: ['K.b'] })
        })

        it('a constructor that is edited beside its fields is reported alone', async () => {
          const { app, save } = await begin('class K { a = 1; constructor() { this.a++ } }', '[k.a, make().a]')
          const report = await save('class K { a = 1; constructor() { this.a += 2 } }')
          await app.expect('run', [2, 3])
          assert.deepEqual(told(moduleReport(report, 'main.ts')), {
            added: [],
            patched: ['K.constructor'],
            removed: [],
          })
        })
      })
    }

    it('JavaScript that is indented by tabs has no such fields', async () => {
      const source = (body: string) =>
        `class K {\n\tconstructor() {${body}\n\t}\n}\nconst k = new K()\nexport const run = () => [k.a, k.b]`
      const app = await start(source('\n\t\tthis.a = 1'))
      await app.edit(source('\n\t\tthis.a = 1\n\t\tthis.b = 1'))
      await app.expect('run', [1, undefined])
    })
  })
})
