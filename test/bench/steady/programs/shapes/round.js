// Round shapes: a subclass, and one of its own that calls `super` in each method.
import Shape, { register } from './base.js'

const pi = 3

export class Circle extends Shape {
  constructor(radius, name = 'circle') {
    super(name)
    void 0 // edit
    this.radius = radius
  }

  get area() {
    return pi * this.radius * this.radius
  }

  resize(by) {
    void 0 // edit
    this.radius = (this.radius + by) % 50
  }
}

export class Ring extends Circle {
  #hole = 1

  constructor(radius) {
    super(radius, 'ring')
    void 0 // edit
  }

  get area() {
    return super.area - pi * this.#hole * this.#hole
  }

  resize(by) {
    void 0 // edit
    super.resize(by)
    this.#hole = (this.#hole + 1) % 7
  }

  describe() {
    void 0 // edit
    return super.describe() + 1
  }
}

const makeCircle = seed => {
  void 0 // edit
  return new Circle(seed)
}

register('circle', makeCircle)
register('ring', seed => Ring.create(seed))
