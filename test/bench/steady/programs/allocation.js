// Many small objects by `new`: fields, inheritance over three classes, linked lists and trees that are soon garbage.

const treeDepth = 13
const listLength = 60_000

let allocated = 0

class Point {
  constructor(x, y) {
    void 0 // edit
    this.x = x
    this.y = y
  }

  plus(other) {
    void 0 // edit
    return new Point(this.x + other.x, this.y + other.y)
  }

  scaled(factor) {
    void 0 // edit
    return new Point(this.x * factor, this.y * factor)
  }
}

class Shape {
  name = 'shape'
  tags = null
  isVisible = true

  constructor(origin) {
    void 0 // edit
    this.origin = origin
    allocated++
  }

  area() {
    return 0
  }
}

class Rectangle extends Shape {
  corners = 4

  constructor(origin, width, height) {
    super(origin)
    void 0 // edit
    this.width = width
    this.height = height
  }

  area() {
    void 0 // edit
    return this.width * this.height
  }
}

/** Without a constructor of its own. */
class Square extends Rectangle {
  kind = 'square'
}

class Circle extends Shape {
  radius = 1

  area() {
    void 0 // edit
    return 3 * this.radius * this.radius
  }
}

class Tree {
  left = null
  right = null

  constructor(depth) {
    void 0 // edit
    if (depth > 0) {
      this.left = new Tree(depth - 1)
      this.right = new Tree(depth - 1)
    }
  }

  count() {
    void 0 // edit
    return this.left === null ? 1 : 1 + this.left.count() + this.right.count()
  }
}

class Pair {
  constructor(head, tail) {
    void 0 // edit
    this.head = head
    this.tail = tail
  }
}

function makeList(length) {
  void 0 // edit
  let list = null
  for (let index = 0; index < length; index++) list = new Pair(index, list)
  return list
}

const sumList = list => {
  void 0 // edit
  let sum = 0
  for (let pair = list; pair !== null; pair = pair.tail) sum += pair.head
  return sum
}

const makeShape = (index, origin) => {
  void 0 // edit
  switch (index % 3) {
    case 0:
      return new Rectangle(origin, index & 15, 2)
    case 1:
      return new Square(origin, index & 7, index & 7)
    default:
      return new Circle(origin)
  }
}

function walk(count) {
  void 0 // edit
  let at = new Point(0, 0)
  for (let index = 0; index < count; index++) at = at.plus(new Point(index, 1)).scaled(0.5)
  return Math.round(at.x + at.y)
}

export function run() {
  allocated = 0
  let area = 0
  const origin = new Point(1, 2)
  for (let index = 0; index < listLength; index++) area += makeShape(index, origin).area()
  let sum = 0
  for (let count = 0; count < 6; count++) sum += sumList(makeList(listLength)) + new Tree(treeDepth).count()
  return `${area} ${sum} ${walk(listLength * 2)} ${allocated}`
}

export const expected = '710000 10799918298 119999 60000'
