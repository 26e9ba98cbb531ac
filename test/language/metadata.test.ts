// `emitDecoratorMetadata`: the types of what is decorated, as TypeScript tells them.
import assert from 'node:assert/strict'
import { inLocalRealms } from '../support/program.js'

describe('metadata of decorators', () => {
  inLocalRealms(start => {
    const config = (strict: boolean) =>
      JSON.stringify({ compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true, strict } })
    const files = {
      'tsconfig.json': config(true),
      'record.ts': `export const told: Record<string, string> = {}
        const name = (value: any): string => Array.isArray(value) ? '[' + value.map(name).join() + ']' : value?.name ?? String(value)
        ;(Reflect as any).metadata = (key: string, value: any) => (target: any, member = '') => {
          told[(target.name ?? target.constructor.name) + '.' + member + key.replace('design', '')] = name(value)
        }
        export const Dec = (): any => () => {}`,
      'store.ts': `export class Store { tell() { return 'store' } }\nexport interface Shape { x: number }`,
    }
    const head = `import './record'\nimport { Dec, told } from './record'\n`
    const end = `\nexport const run = () => told`

    const types: Record<string, string> = {
      string: 'String',
      'number[]': 'Array',
      'readonly [string]': 'Array',
      boolean: 'Boolean',
      bigint: 'BigInt',
      symbol: 'Symbol',
      'void | never': 'undefined',
      '() => void': 'Function',
      'new () => Date': 'Function',
      'typeof Dec': 'Object',
      'keyof Date': 'Object',
      'string | null': 'Object',
      "'a' | 'b'": 'String',
      '1 | -2': 'Number',
      'Date | undefined': 'Object',
      unknown: 'Object',
      '{ a: 1 }': 'Object',
      Date: 'Date',
      'Map<string, number>': 'Map',
      'Promise<void>': 'Promise',
      'Record<string, number>': 'Object',
      'Partial<Store>': 'Object',
      Store: 'Store',
      'store.Store': 'Store',
      Shape: 'Object',
      TypeOnly: 'Object',
      None: 'Object',
      Local: 'Object',
      Alias: 'String',
      Level: 'Number',
      Word: 'String',
      Mixed: 'Object',
      T: 'Object',
      'Outer<T>': 'Outer',
      '(Later)': 'Later',
      'T extends string ? number : number': 'Number',
      'string & { brand: 1 }': 'Object',
    }

    it('tells of each type what it is at run time', async () => {
      const source = `${head}
        import { Store, Shape } from './store'
        import * as store from './store'
        import type { Store as TypeOnly } from './store'
        import { None } from 'regrow-no-such-package'
        interface Local {}
        type Alias = 'a' | string
        enum Level { Low }
        const enum Word { A = 'a' }
        enum Mixed { A = 'a', B = 1 }
        class Later {}
        export class Outer<T> { ${Object.keys(types)
          .map((type, index) => `@Dec() m${index}!: ${type}`)
          .join('\n')} }${end}`
      const app = await start({ ...files, 'main.ts': source })
      const expected = Object.fromEntries(Object.values(types).map((type, index) => [`Outer.m${index}:type`, type]))
      assert.deepEqual(await app.call('run'), expected)
      await app.edit({ 'tsconfig.json': config(false), 'main.ts': `${source}\nexport const more = 1` })
      const loose = { ...expected, [`Outer.m${Object.keys(types).indexOf('string | null')}:type`]: 'String' }
      loose[`Outer.m${Object.keys(types).indexOf('Date | undefined')}:type`] = 'Date'
      assert.deepEqual(await app.call('run'), loose)
    })

    it('tells of parameters, methods and accessors, and follows edits', async () => {
      const source = (type: string) => `${head}
        import { Store } from './store'
        @Dec()
        export class All {
          constructor(private store: ${type}, @Dec() readonly id = 1, ...rest: Date[]) {}
          @Dec() async find(this: All, a: string, b?: ${type}): Promise<Store> { return this.store as any }
          @Dec() plain() {}
          @Dec() async later() {}
          given(@Dec() n: number): void {}
          @Dec() get size(): number { return 1 }
          @Dec() set other(value: string) {}
          @Dec() static made = true
          bare(n: number) {}
        }
        export class Given { constructor(@Dec() store: Store) {} }
        export abstract class Base { constructor() {} }
        @Dec() export class Empty { constructor() {} }
        @Dec() class None extends Empty {}
        ${end}`
      const expected = (type: string) => ({
        'All.:paramtypes': `[${type},Object,Date]`,
        'All.find:type': 'Function',
        'All.find:paramtypes': `[String,${type}]`,
        'All.find:returntype': 'Promise',
        'All.plain:type': 'Function',
        'All.plain:paramtypes': '[]',
        'All.plain:returntype': 'undefined',
        'All.later:type': 'Function',
        'All.later:paramtypes': '[]',
        'All.later:returntype': 'Promise',
        'All.given:type': 'Function',
        'All.given:paramtypes': '[Number]',
        'All.given:returntype': 'undefined',
        'All.size:type': 'Number',
        'All.size:paramtypes': '[]',
        'All.other:type': 'String',
        'All.other:paramtypes': '[String]',
        'All.made:type': 'Object',
        'Given.:paramtypes': '[Store]',
        'Empty.:paramtypes': '[]',
      })
      const app = await start({ ...files, 'main.ts': source('Store') })
      assert.deepEqual(await app.call('run'), expected('Store'))
      await app.edit({ 'main.ts': source('Date') })
      assert.deepEqual(await app.call('run'), expected('Date'))
    })

    it('says where the source is wrong', async () => {
      await assert.rejects(start({ ...files, 'main.ts': `${head}class K {\n  @Dec() name: string =\n}` }), {
        code: 'ERR_REGROW_BUILD',
        line: 5,
      })
      const app = await start({
        ...files,
        'main.ts': `${head}class K {\n  @Dec() name: string = ''\n  @Dec() fail(a: string) { return new Error(a).stack! }\n}\nexport const run = () => new K().fail('x')`,
      })
      assert.match((await app.call('run')) as string, /main\.ts:5:35/)
    })
  })
})
