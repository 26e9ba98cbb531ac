// Rule R2 for the classes of before there was `class`: functions, and the object that a statement gives them as their prototype. One file a rule, however many its awkward cases.
import assert from 'node:assert/strict'
import { inEveryRealm, moduleReport } from '../support/program.js'

describe('R2 assigned prototypes', () => {
  inEveryRealm(start => {
    /** What an instance of before an edit and one of after it can do, and what they are. */
    const asked = `
      const tried = (object, name) => { try { return object[name]() } catch (error) { return error.name } }
      export const run = (...names) => [held, new Shape(5)].map(each => [each instanceof Shape, ...names.map(name => tried(each, name))])`
    const source = (members: string, rest = '') => `
      function Shape(n) { this.n = n }
      Shape.prototype = {
        constructor: Shape,
        area() { return this.n },
        ${members}
      }
      ${rest}
      const held = new Shape(3)
      ${asked}`

    it('members come, change and go in instances that exist', async () => {
      const app = await start(source(''))
      await app.expect(
        'run',
        [
          [true, 3, 'TypeError'],
          [true, 5, 'TypeError'],
        ],
        'area',
        'twice',
      )
      const report = moduleReport(await app.edit(source('twice() { return this.n * 2 },')))
      assert.deepEqual([report.evaluated, report.stale], [['statement at line 3'], []])
      await app.expect(
        'run',
        [
          [true, 3, 6],
          [true, 5, 10],
        ],
        'area',
        'twice',
      )
      await app.edit(source('twice() { return [this.n, this.n] }, get half() { return () => this.n / 2 },'))
      await app.expect(
        'run',
        [
          [true, [3, 3], 1.5],
          [true, [5, 5], 2.5],
        ],
        'twice',
        'half',
      )
      await app.edit(source(''))
      await app.expect(
        'run',
        [
          [true, 3, 'TypeError', 'TypeError'],
          [true, 5, 'TypeError', 'TypeError'],
        ],
        'area',
        'twice',
        'half',
      )
    })

    it('the object and the functions that did not go are the ones of before', async () => {
      const text = (members: string) =>
        source(
          members,
          `
        const before = [Shape.prototype, Shape.prototype.area, Object.getPrototypeOf(new Shape(1))]
        export const same = () => [Shape.prototype, Shape.prototype.area, Object.getPrototypeOf(new Shape(1))].map((each, index) => each === before[index])`,
        )
      const app = await start(text(''))
      await app.edit(text('more() {},'))
      await app.expect('same', [true, true, true])
      await app.edit(text('').replace('return this.n }', 'return -this.n }'))
      await app.expect('same', [true, true, true])
      await app.expect(
        'run',
        [
          [true, -3],
          [true, -5],
        ],
        'area',
      )
    })

    it('what other statements put there stays', async () => {
      const rest = `
        const add = (to, name) => { to[name] ??= () => name }
        add(Shape.prototype, 'added')
        Shape.prototype.later = function () { return 'later ' + this.n }
        const fn = Shape.prototype.kept = () => 'kept'
        Object.setPrototypeOf(Shape.prototype, { above: () => 'above' })`
      const names = ['added', 'later', 'kept', 'above', 'more']
      const app = await start(source('', rest))
      await app.expect(
        'run',
        [
          [true, 'added', 'later 3', 'kept', 'above', 'TypeError'],
          [true, 'added', 'later 5', 'kept', 'above', 'TypeError'],
        ],
        ...names,
      )
      await app.edit(source(`more: () => 'more',`, rest))
      await app.expect(
        'run',
        [
          [true, 'added', 'later 3', 'kept', 'above', 'more'],
          [true, 'added', 'later 5', 'kept', 'above', 'more'],
        ],
        ...names,
      )
    })

    it('a rejected reload leaves it as it was', async () => {
      const app = await start(source(`one: () => 1, two: () => 2, __proto__: { three: () => 3 },`))
      const names = ['one', 'two', 'three', 'four']
      const before = [
        [true, 1, 2, 3, 'TypeError'],
        [true, 1, 2, 3, 'TypeError'],
      ]
      await app.expect('run', before, ...names)
      await app.edit(
        source(`two: () => 'two', four: () => 4, __proto__: { three: () => 'three' },`, 'missing()'),
        'rejected',
      )
      await app.expect('run', before, ...names)
      await app.edit(source(`two: () => 'two', four: () => 4, __proto__: { three: () => 'three' },`))
      const after = [true, 'TypeError', 'two', 'three', 4]
      await app.expect('run', [after, after], ...names)
      await app.program.undo()
      await app.expect('run', before, ...names)
    })

    it('one object may be the prototype of several functions, and have other names', async () => {
      const text = (members: string) => `
        import { area, size } from './members.js'
        export function Shape(n) { this.n = n }
        const shape = n => new Shape(n)
        const make = function (n) { return shape(n) }
        make.fn = make.prototype = Shape.prototype = { constructor: Shape, area, size, *[Symbol.iterator]() { yield this.n }, ${members} }
        const held = make(3)
        export const all = () => [held instanceof make, held instanceof Shape, make.fn === Shape.prototype, make.prototype === make.fn, [...held]]
        ${asked}`
      const members = (by: number) =>
        `export const area = function () { return this.n * ${by} }\nexport function size() { return 'size' }`
      const app = await start({ 'main.js': text(''), 'members.js': members(1) })
      await app.edit({ 'main.js': text('more() { return this.area() },'), 'members.js': members(10) })
      await app.expect('all', [true, true, true, true, [3]])
      await app.expect(
        'run',
        [
          [true, 30, 'size', 30],
          [true, 50, 'size', 50],
        ],
        'area',
        'size',
        'more',
      )
    })

    it('another object above it, by Object.create, is above instances that exist', async () => {
      const text = (base: string) => `
        function One() {}
        One.prototype = { tell() { return 'one' } }
        function Two() {}
        Two.prototype = { tell() { return 'two' } }
        function Shape() {}
        Shape.prototype = Object.create(${base}.prototype, { constructor: { value: Shape, writable: true, configurable: true } })
        Shape.prototype.own = () => 'own'
        const held = new Shape()
        export const kinds = () => [held instanceof One, held instanceof Two, held.constructor === Shape]
        ${asked}`
      const app = await start(text('One'))
      await app.expect('kinds', [true, false, true])
      await app.edit(text('Two'))
      await app.expect('kinds', [false, true, true])
      await app.expect(
        'run',
        [
          [true, 'two', 'own'],
          [true, 'two', 'own'],
        ],
        'tell',
        'own',
      )
    })

    it('an object that cannot change is another one in the next version', async () => {
      const frozen = `Object.freeze(Shape.prototype)`
      const app = await start(source('', frozen))
      await app.edit(source('more: () => 1,', frozen))
      await app.expect(
        'run',
        [
          [false, 3, 'TypeError'],
          [true, 5, 1],
        ],
        'area',
        'more',
      )
    })

    it('is no value that its statement disposes of', async () => {
      const members = (more: string) => `[Symbol.dispose]() { throw new Error('a prototype was disposed of') }, ${more}`
      const app = await start(source(members('')))
      const report = await app.edit(source(members('more: () => 1')))
      assert.equal(report.failures, undefined)
      await app.expect(
        'run',
        [
          [true, 1],
          [true, 1],
        ],
        'more',
      )
    })

    /** Two classes, as functions and with `class`, and what was made of them at the start. */
    const [asFunctions, asClasses] = [
      `
      function Shape(n) { this.n = n }
      Shape.prototype.tell = function () { return 'function ' + this.n }
      Shape.of = n => new Shape(n)
      function Square(n) { Shape.call(this, n) }
      Square.prototype = Object.create(Shape.prototype)
      Square.prototype.constructor = Square`,
      `
      class Shape {
        constructor(n) { this.n = n }
        tell() { return 'class ' + this.n }
        area() { return this.n * 2 }
        static of(n) { return new Shape(n) }
      }
      class Square extends Shape {}`,
    ]
    const taken = (classes: string, end = '') => `
      ${classes}
      const taken = { Shape, Square, shape: new Shape(1), square: new Square(2) }
      const ask = each => [each instanceof Shape, each.tell(), each.area?.()]
      export const run = () =>
        [taken.shape, taken.square, new taken.Shape(3), new taken.Square(4), taken.Shape.of(5), new Square(6)].map(ask)
      export const kinds = () => [taken.square instanceof Square, taken.shape.constructor === Shape]
      ${end}`
    const told = (kind: string, area: (n: number) => number | undefined) =>
      [1, 2, 3, 4, 5, 6].map(n => [true, `${kind} ${n}`, area(n)])

    it('a function that becomes a class takes its instances along, and back', async () => {
      const app = await start(taken(asFunctions))
      await app.expect(
        'run',
        told('function', () => undefined),
      )
      await app.edit(taken(asClasses, `throw new Error('no')`), 'rejected')
      await app.expect(
        'run',
        told('function', () => undefined),
      )
      await app.edit(taken(asClasses))
      await app.expect(
        'run',
        told('class', n => n * 2),
      )
      await app.expect('kinds', [true, true])
      await app.edit(taken(asClasses.replace(`'class '`, `'newer '`)))
      await app.expect(
        'run',
        told('newer', n => n * 2),
      )
      await app.edit(taken(asFunctions, `throw new Error('no')`), 'rejected')
      await app.expect(
        'run',
        told('newer', n => n * 2),
      )
      await app.edit(taken(asFunctions))
      await app.expect(
        'run',
        told('function', () => undefined),
      )
      await app.expect('kinds', [true, true])
    })

    it('a function that had the prototype of another leaves it alone when it becomes a class', async () => {
      const source = (kind: string, tell: string) => `
        function Shape() {}
        Shape.prototype.tell = () => ${tell}
        ${kind}
        const held = new Shape()
        export const run = () => [held.tell(), new Shape().tell(), held instanceof Box]`
      const app = await start(source('function Box() {}\nBox.prototype = Shape.prototype', `'shape'`))
      await app.edit(source(`class Box { tell() { return 'box' } }`, `'shape'`))
      await app.expect('run', ['shape', 'shape', false])
      await app.edit(source(`class Box { tell() { return 'box' } }`, `'newer'`))
      await app.expect('run', ['newer', 'newer', false])
    })

    it('an object of the program that a function had as its prototype is left alone when it becomes a class', async () => {
      const source = (kind: string) => `
        const shared = { hi() { return 'shared' } }
        const made = Object.create(shared)
        ${kind}
        export const run = () => [Object.keys(shared), made.hi(), shared.hi()]`
      const app = await start(source('function Shape() {}\nShape.prototype = shared'))
      await app.edit(source(`class Shape { hi() { return 'class' } }`))
      await app.expect('run', [['hi'], 'shared', 'shared'])
    })

    it('a generator that becomes a class leaves iterators alone', async () => {
      const source = (kind: string) => `${kind}
        const begin = () => Items()
        const items = begin()
        export const run = () => items.next?.().value`
      const app = await start(source('function* Items() { yield 1; yield 2; yield 3 }'))
      await app.expect('run', 1)
      await app.edit(source('class Items { size = 1 }'))
      await app.expect('run', 2)
    })
  })
})
