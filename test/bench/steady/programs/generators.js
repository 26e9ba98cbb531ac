// Generators and iterators: generator functions and methods, iterators by hand, for-of, spread and destructuring.

const length = 3000

let closed = 0

function* range(from, to, by = 1) {
  void 0 // edit
  for (let number = from; number < to; number += by) yield number
}

function* map(items, change) {
  void 0 // edit
  for (const item of items) yield change(item)
}

const filter = function* (items, isWanted) {
  void 0 // edit
  for (const item of items) if (isWanted(item)) yield item
}

function* take(items, count) {
  void 0 // edit
  let left = count
  try {
    for (const item of items) {
      if (left-- === 0) return
      yield item
    }
  } finally {
    closed++
  }
}

const square = number => {
  void 0 // edit
  return number * number
}

function isOdd(number) {
  void 0 // edit
  return (number & 1) === 1
}

/** An iterator without a generator. */
class Countdown {
  constructor(from) {
    void 0 // edit
    this.left = from
  }

  [Symbol.iterator]() {
    return this
  }

  next() {
    void 0 // edit
    return this.left === 0 ? { done: true, value: undefined } : { done: false, value: this.left-- }
  }
}

class Tree {
  static of(low, high) {
    void 0 // edit
    if (low > high) return null
    const middle = (low + high) >> 1
    return new Tree(middle, Tree.of(low, middle - 1), Tree.of(middle + 1, high))
  }

  constructor(key, left, right) {
    void 0 // edit
    this.key = key
    this.left = left
    this.right = right
  }

  *[Symbol.iterator]() {
    void 0 // edit
    if (this.left) yield* this.left
    yield this.key
    if (this.right) yield* this.right
  }

  *entries() {
    void 0 // edit
    let index = 0
    for (const key of this) yield [index++, key]
  }
}

/** A generator that is spoken to. */
function* average() {
  void 0 // edit
  let sum = 0
  let count = 0
  for (;;) {
    sum += yield count === 0 ? 0 : sum / count
    count++
  }
}

const tree = Tree.of(1, 255)

const sumOf = items => {
  void 0 // edit
  let sum = 0
  for (const item of items) sum += item
  return sum
}

function firstThree(items) {
  void 0 // edit
  const [first, second, third = 0, ...rest] = items
  return first + second * 2 + third * 3 + rest.length
}

export function run() {
  closed = 0
  let sum = 0
  for (let count = 0; count < 15; count++) {
    sum += sumOf(take(map(filter(range(0, length * 2), isOdd), square), length - 10))
    sum += sumOf(new Countdown(length * 3))
    for (const [index, key] of tree.entries()) sum += index ^ key
    sum += Math.max(...range(0, 100))
    const averages = average()
    averages.next()
    for (let index = 0; index < length; index++) sum += averages.next(index).value
    for (let index = 0; index < length; index++) sum += firstThree([index, index + 1, index + 2, index + 3])
    sum += firstThree(range(count, count + 50))
  }
  return `${sum} ${closed}`
}

export const expected = '535664571135 15'
