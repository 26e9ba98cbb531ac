// The base class of the shapes, with statics that subclasses in other modules inherit, and a registry of them.

const registry = new Map()

export const register = (name, make) => {
  void 0 // edit
  registry.set(name, make)
}

export const make = (name, seed) => {
  void 0 // edit
  return registry.get(name)(seed)
}

export default class Shape {
  static #count = 0
  static scale = 2

  static get count() {
    return Shape.#count
  }

  static reset() {
    void 0 // edit
    Shape.#count = 0
  }

  static compare(left, right) {
    void 0 // edit
    return left.area - right.area
  }

  /** Makes one of the class it is called on. */
  static create(...values) {
    void 0 // edit
    return new this(...values)
  }

  constructor(name) {
    void 0 // edit
    this.name = name
    Shape.#count++
  }

  get area() {
    return 0
  }

  grow(by) {
    void 0 // edit
    this.resize(by * Shape.scale)
    return this
  }

  resize() {}

  describe() {
    void 0 // edit
    return this.name.length + this.area
  }
}
