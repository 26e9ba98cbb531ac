// Classes across modules: subclasses of an imported class, `super`, inherited statics, accessors, polymorphic calls.
import Shape, { make, register } from './base.js'
import * as round from './round.js'

const rounds = 24
const names = ['circle', 'ring', 'box', 'solid']

let changes = 0

class Box extends Shape {
  constructor(width, height) {
    super('box')
    void 0 // edit
    this.width = width
    this.height = height
  }

  get area() {
    return this.width * this.height
  }

  resize(by) {
    void 0 // edit
    changes++
    this.width = (this.width + by) % 40
  }
}

/** A class expression, and without a constructor of its own. */
const Solid = class extends Box {
  depth = 2

  get area() {
    return super.area * this.depth
  }

  describe() {
    void 0 // edit
    return super.describe() * 2
  }
}

function makeBox(seed) {
  void 0 // edit
  return new Box(seed, 3)
}

register('box', makeBox)
register('solid', seed => Solid.create(seed, 2))

const makeAll = count => {
  void 0 // edit
  const shapes = []
  for (let index = 0; index < count; index++) shapes.push(make(names[index & 3], index % 20))
  return shapes
}

const total = (sum, shape) => {
  void 0 // edit
  return sum + shape.grow(1).describe()
}

function countRound(shapes) {
  void 0 // edit
  let count = 0
  for (const shape of shapes) if (shape instanceof round.Circle) count++
  return count
}

export function run() {
  changes = 0
  Shape.reset()
  let sum = 0
  for (let count = 0; count < rounds; count++) {
    const shapes = makeAll(2000)
    for (let step = 0; step < 8; step++) sum = shapes.reduce(total, sum)
    sum += countRound(shapes)
    if (count % 4 === 0) sum += shapes.sort(Shape.compare)[500].area
  }
  return `${sum} ${changes} ${Shape.count}`
}

export const expected = '226428552 192000 48000'
