// Rule R4: an unchanged initialiser that names changed data is evaluated anew. One file a rule, however many its awkward cases.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

describe('R4 derived data', () => {
  inEveryRealm(start => {
    it('a change travels through a chain of constants in one module, in order', async () => {
      const source = (side: number) => `
        const SIDE = ${side}
        const area = SIDE * SIDE
        const label = 'area ' + area
        const untouched = { n: 0 }
        export function run() { return [area, label, ++untouched.n] }`
      const app = await start(source(2))
      await app.expect('run', [4, 'area 4', 1])
      const report = moduleReport(await app.edit(source(3)))
      await app.expect('run', [9, 'area 9', 2])
      assert.deepEqual(report.evaluated, ['SIDE', 'area', 'label'])
    })

    it('a change travels across three modules', async () => {
      const app = await start({
        'main.js': `import { area } from './area.js'\nconst label = 'area ' + area\nexport function run() { return label }`,
        'area.js': `import { SIDE } from './side.js'\nexport const area = SIDE * SIDE`,
        'side.js': 'export const SIDE = 2',
      })
      await app.expect('run', 'area 4')
      const report = await app.edit({ 'side.js': 'export const SIDE = 5' })
      await app.expect('run', 'area 25')
      assert.deepEqual(moduleReport(report, 'area.js').evaluated, ['area'])
      assert.deepEqual(moduleReport(report, 'main.js').evaluated, ['label'])
    })

    it('the same primitive again stops the change', async () => {
      const source = (n: number) => `
        const n = ${n}
        const isLarge = n > 1
        const state = { isLarge, hits: 0 }
        export function run() { return [n, state.isLarge, ++state.hits] }`
      const app = await start(source(5))
      await app.expect('run', [5, true, 1])
      const report = await app.edit(source(6))
      await app.expect('run', [6, true, 2])
      assert.deepEqual(moduleReport(report).evaluated, ['n', 'isLarge'])
      await app.edit(source(0))
      await app.expect('run', [0, false, 1])
    })

    it('changed means by Object.is: NaN stays NaN, zero and minus zero differ', async () => {
      const source = (init: string) => `
        const n = ${init}
        const state = { n, hits: 0 }
        export function run() { return [state.n, ++state.hits] }`
      const app = await start(source('NaN'))
      await app.expect('run', [NaN, 1])
      await app.edit(source('0 / 0'))
      await app.expect('run', [NaN, 2])
      await app.edit(source('0'))
      await app.expect('run', [0, 1])
      await app.edit(source('-0'))
      await app.expect('run', [-0, 1])
    })

    it('an equal but new object is a change', async () => {
      const source = (init: string) => `
        const options = ${init}
        const state = { options, hits: 0 }
        export function run() { return [state.options === options, ++state.hits] }`
      const app = await start(source('{ a: 1 }'))
      await app.expect('run', [true, 1])
      await app.edit(source('Object({ a: 1 })'))
      await app.expect('run', [true, 1])
    })

    it('a member of a namespace counts, its other members do not', async () => {
      const app = await start({
        'main.js': `
          import * as sizes from './sizes.js'
          const wide = { width: sizes.WIDTH * 2, hits: 0 }, tall = { height: sizes.HEIGHT * 2, hits: 0 }
          export function run() { return [wide.width, ++wide.hits, tall.height, ++tall.hits] }`,
        'sizes.js': 'export const WIDTH = 1\nexport const HEIGHT = 1',
      })
      await app.expect('run', [2, 1, 2, 1])
      const report = await app.edit({ 'sizes.js': 'export const WIDTH = 5\nexport const HEIGHT = 1' })
      await app.expect('run', [10, 1, 2, 2])
      assert.deepEqual(moduleReport(report).evaluated, ['wide'])
    })

    it('renamed, default and re-exported names carry the change', async () => {
      const app = await start({
        'main.js': `
          import { WIDTH as w, HEIGHT } from './face.js'
          import depth from './depth.js'
          const volume = w * HEIGHT * depth
          export function run() { return volume }`,
        'face.js': `export { SIDE as WIDTH } from './side.js'\nexport * from './height.js'`,
        'side.js': 'export const SIDE = 1',
        'height.js': 'export const HEIGHT = 1',
        'depth.js': 'export default 1',
      })
      await app.expect('run', 1)
      await app.edit({ 'side.js': 'export const SIDE = 2' })
      await app.expect('run', 2)
      await app.edit({ 'height.js': 'export const HEIGHT = 3' })
      await app.expect('run', 6)
      await app.edit({ 'depth.js': 'export default 5' })
      await app.expect('run', 30)
    })

    it('changed functions and classes do not count', async () => {
      const source = (n: number) => `
        export function make() { return ${n} }
        export class Item { n = ${n} }`
      const app = await start({
        'main.js': `
          import { make, Item } from './parts.js'
          const made = make(), item = new Item(), table = { make, Item, hits: 0 }
          export function run() { return [made, item.n, ++table.hits, table.make(), new table.Item().n] }`,
        'parts.js': source(1),
      })
      await app.expect('run', [1, 1, 1, 1, 1])
      const report = await app.edit({ 'parts.js': source(2) })
      await app.expect('run', [1, 1, 2, 2, 2])
      assert.deepEqual(
        report.modules.flatMap(module => module.evaluated),
        [],
      )
    })

    it('names inside a function body do not count, yet the body reads the new value', async () => {
      const source = (side: number) => `
        const SIDE = ${side}
        const shape = { hits: 0, area: () => SIDE * SIDE, get side() { return SIDE }, twice(n = SIDE) { return n * 2 } }
        const other = [function () { return SIDE }]
        other.push('kept')
        export function run() { return [++shape.hits, shape.area(), shape.side, shape.twice(), other[0](), other[1]] }`
      const app = await start(source(2))
      await app.expect('run', [1, 4, 2, 4, 2, 'kept'])
      const report = await app.edit(source(3))
      await app.expect('run', [2, 9, 3, 6, 3, 'kept'])
      assert.deepEqual(moduleReport(report).evaluated, ['SIDE'])
    })

    it('a shadowing name inside the initialiser is not the binding', async () => {
      const source = (side: number) => `
        const SIDE = ${side}
        const kept = { list: [1, 2].map(SIDE => SIDE * 2), key: { SIDE: 1 }.SIDE, hits: 0 }
        export function run() { return [SIDE, kept.list, ++kept.hits] }`
      const app = await start(source(1))
      await app.expect('run', [1, [2, 4], 1])
      const report = await app.edit(source(2))
      await app.expect('run', [2, [2, 4], 2])
      assert.deepEqual(moduleReport(report).evaluated, ['SIDE'])
    })

    it('shorthand, computed keys, templates, spreads and typeof name a binding directly', async () => {
      const source = (name: string) => `
        const name = ${name}
        const shorthand = { name }, computed = { [name]: 1 }, template = \`<\${name}>\`, spread = [...name], kind = typeof name
        export function run() { return [shorthand, computed, template, spread, kind] }`
      const app = await start(source(`'ab'`))
      await app.expect('run', [{ name: 'ab' }, { ab: 1 }, '<ab>', ['a', 'b'], 'string'])
      await app.edit(source(`['c']`))
      await app.expect('run', [{ name: ['c'] }, { c: 1 }, '<c>', ['c'], 'object'])
    })

    it('what is destructured from a namespace names the members', async () => {
      const app = await start({
        'main.js': `
          import * as config from './config.js'
          const { width, 'tall size': tall = 1 } = config
          let depth
          ;({ depth } = config)
          const area = width * tall, { other } = config, kept = [other]
          export function run() { return [area, depth, kept] }
          export function mark() { kept.push(1) }`,
        'config.js': 'export const width = 2, depth = 3, other = 4',
      })
      await app.call('mark')
      await app.expect('run', [2, 3, [4, 1]])
      const report = await app.edit({ 'config.js': 'export const width = 5, depth = 6, other = 4' })
      await app.expect('run', [5, 3, [4, 1]])
      assert.deepEqual(moduleReport(report).stale, ['statement at line 5'])
      await app.edit({
        'config.js': `export const width = 5, depth = 6, other = 4\nconst tall = 2\nexport { tall as 'tall size' }`,
      })
      await app.expect('run', [10, 3, [4, 1]])
    })

    it('a namespace that another module exports counts by its members, however deep', async () => {
      const main = `
        import { shapes, again } from './index.js'
        import * as all from './index.js'
        const runs = []
        const area = shapes.side * 2
        const deep = all.shapes.side * 2
        const quoted = shapes['side'] * 2
        const { side } = shapes
        const { side: sameSide } = all.again
        class Box { static side = again.side; static fixed = runs.push('box') }
        const other = (runs.push('other'), shapes.name)
        export const run = () => [area, deep, quoted, side, sameSide, Box.side, other, runs]`
      const app = await start({
        'main.js': main,
        'index.js': `export * as shapes from './shapes.js'\nimport * as again from './shapes.js'\nexport { again }`,
        'shapes.js': `export const side = 1\nexport const name = 'square'`,
        'circles.js': `export const side = 7\nexport const name = 'circle'`,
      })
      await app.expect('run', [2, 2, 2, 1, 1, 1, 'square', ['box', 'other']])
      const report = await app.edit({ 'shapes.js': `export const side = 4\nexport const name = 'square'` })
      await app.expect('run', [8, 8, 8, 4, 4, 4, 'square', ['box', 'other']])
      assert.deepEqual(moduleReport(report).evaluated, ['area', 'deep', 'quoted', 'side', 'sameSide', 'Box.side'])
      await app.edit({
        'index.js': `export * as shapes from './circles.js'\nimport * as again from './shapes.js'\nexport { again }`,
      })
      await app.expect('run', [14, 14, 14, 7, 4, 4, 'circle', ['box', 'other', 'other']])
    })

    it('a member of a namespace that comes or goes counts, in static fields too', async () => {
      const app = await start({
        'main.js': `
          import * as n from './n.js'
          const c = n.f ?? 'none', q = n['f'] ?? 'none'
          class K { static s = n.f ?? 'none'; static other = { n: 0 } }
          export const run = () => [c, q, K.s, ++K.other.n]`,
        'n.js': 'export const f = 3',
      })
      await app.expect('run', [3, 3, 3, 1])
      await app.edit({ 'n.js': 'export const g = 3' })
      await app.expect('run', ['none', 'none', 'none', 2])
      await app.edit({ 'n.js': 'export const f = 4' })
      await app.expect('run', [4, 4, 4, 3])
    })

    it('a destructured name carries the change, and a destructuring follows its source', async () => {
      const source = (width: number) => `
        const size = { width: ${width}, height: 1 }
        const { width, height } = size
        const area = width * height, kept = { height, hits: 0 }
        export function run() { return [area, ++kept.hits] }`
      const app = await start(source(2))
      await app.expect('run', [2, 1])
      const report = await app.edit(source(3))
      await app.expect('run', [3, 2])
      assert.ok(!moduleReport(report).evaluated.includes('kept'), 'height is the same primitive: kept is not evaluated')
    })

    it('a value that the program assigned at run time is no change of a reload', async () => {
      const source = (text: string) => `
        let level = 1
        const state = { level, hits: 0 }
        export function raise() { level++ }
        export function run() { return ['${text}', state.level, ++state.hits] }`
      const app = await start(source('one'))
      await app.call('raise')
      await app.expect('run', ['one', 1, 1])
      await app.edit(source('two'))
      await app.expect('run', ['two', 1, 2])
    })

    it('a statement that assigns a binding during the reload changes it for those after it', async () => {
      const source = (mode: string) => `
        let mode = 'none'
        mode = '${mode}'
        const label = 'mode ' + mode
        export function run() { return [mode, label] }`
      const app = await start(source('a'))
      await app.expect('run', ['a', 'mode a'])
      await app.edit(source('b'))
      await app.expect('run', ['b', 'mode b'])
    })

    it('a change travels through a cycle of modules and ends', async () => {
      const app = await start({
        'main.js': `
          import { doubled, quad } from './other.js'
          export const BASE = 1
          export function run() { return [BASE, doubled(), quad] }`,
        'other.js': `
          import { run } from './main.js'
          import { UNIT } from './unit.js'
          export const quad = UNIT * 4
          export function doubled() { return [typeof run, UNIT * 2] }`,
        'unit.js': 'export const UNIT = 1',
      })
      await app.expect('run', [1, ['function', 2], 4])
      await app.edit({ 'unit.js': 'export const UNIT = 10' })
      await app.expect('run', [1, ['function', 20], 40])
    })

    it('a module that leaves the graph is not evaluated for a value that changes in the same reload', async () => {
      const main = (unit: string) => `import { UNIT } from './unit.js'\n${unit}\nexport function run() { return UNIT }`
      const app = await start({
        'main.js': main(`import './user.js'`),
        'user.js': `import { UNIT } from './unit.js'\nexport const double = UNIT * 2`,
        'unit.js': 'export const UNIT = 1',
      })
      await app.edit({ 'main.js': main(''), 'user.js': null, 'unit.js': 'export const UNIT = 2' })
      assert.deepEqual(
        app.program.modules().map(module => module.id),
        ['main.js', 'unit.js'],
      )
      await app.expect('run', 2)
      await app.edit({ 'unit.js': 'export const UNIT = 3' })
      await app.expect('run', 3)
    })

    it('a name that moved to another module counts when it gives another value there', async () => {
      const files = (from: string, shared: string) => ({
        'main.js': `
          import { PORT, make } from './${from}.js'
          const store = { port: PORT, hits: 0 }
          const made = make()
          const table = (() => ({ make: () => make() }))()
          export function run() { return [store.port, ++store.hits, made, table.make()] }`,
        'a.js': 'export const other = 1',
        'b.js': 'export const other = 2',
        [`${from}.js`]: shared,
      })
      const shared = (port: number) =>
        `export const PORT = ${port}\nexport function make() { return import.meta.url.at(-4) }`
      const app = await start(files('a', shared(80)))
      await app.expect('run', [80, 1, 'a', 'a'])
      const report = moduleReport(await app.edit(files('b', shared(80))))
      await app.expect('run', [80, 2, 'b', 'b'])
      assert.deepEqual(report.evaluated, ['made', 'table'])
      await app.edit(files('a', shared(90)))
      await app.expect('run', [90, 1, 'a', 'a'])
    })

    it('a constant that moves between its module and another, or becomes a variable, is no change', async () => {
      const main = (first: string) =>
        `${first}\nconst store = { port: PORT, hits: 0 }\nexport const run = () => [store.port, ++store.hits]`
      const imported = `import { PORT } from './config.js'`
      const app = await start({ 'main.js': main('const PORT = 80') })
      await app.edit({ 'main.js': main(imported), 'config.js': 'export const PORT = 80' })
      await app.expect('run', [80, 1])
      await app.edit({ 'main.js': main('let PORT = 80') })
      await app.edit({ 'main.js': main('const PORT = 80') }, 'unchanged')
      await app.expect('run', [80, 2])
      await app.edit({ 'main.js': main(imported), 'config.js': 'export const PORT = 81' })
      await app.expect('run', [81, 1])
    })
  })
})
