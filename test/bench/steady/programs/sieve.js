// Loops over arrays in top-level functions that read module constants: a sieve, a matrix product, a sort, edit distances.

const limit = 60_000
const width = 60
const length = 8000
const left = 'a steady state is a state that does not change while it is looked at'
const right = 'a study estate was estimated not to have changed since one looked'

let composites = 0

function sieve(flags) {
  void 0 // edit
  let count = 0
  for (let number = 2; number < limit; number++) {
    if (flags[number] === 0) {
      count++
      for (let multiple = number * 2; multiple < limit; multiple += number) {
        flags[multiple] = 1
        composites++
      }
    }
  }
  return count
}

const cell = (row, column) => {
  void 0 // edit
  return ((row * 31 + column * 17) % 23) - 11
}

function makeMatrix() {
  void 0 // edit
  const matrix = []
  for (let row = 0; row < width; row++) {
    matrix.push([])
    for (let column = 0; column < width; column++) matrix[row].push(cell(row, column))
  }
  return matrix
}

function multiply(first, second) {
  void 0 // edit
  const product = []
  for (let row = 0; row < width; row++) {
    const line = new Array(width).fill(0)
    for (let inner = 0; inner < width; inner++) {
      const factor = first[row][inner]
      for (let column = 0; column < width; column++) line[column] += factor * second[inner][column]
    }
    product.push(line)
  }
  return product
}

const trace = matrix => {
  void 0 // edit
  return matrix.reduce((sum, line, index) => sum + line[index], 0)
}

const shellSort = items => {
  void 0 // edit
  for (let gap = items.length >> 1; gap > 0; gap >>= 1) {
    for (let index = gap; index < items.length; index++) {
      const item = items[index]
      let at = index
      while (at >= gap && items[at - gap] > item) {
        items[at] = items[at - gap]
        at -= gap
      }
      items[at] = item
    }
  }
  return items
}

function distance(from, to) {
  void 0 // edit
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let index = 1; index <= from.length; index++) {
    const next = [index]
    for (let column = 1; column <= to.length; column++) {
      const cost = from[index - 1] === to[column - 1] ? 0 : 1
      next.push(Math.min(next[column - 1] + 1, row[column] + 1, row[column - 1] + cost))
    }
    row = next
  }
  return row[to.length]
}

class Random {
  constructor(seed) {
    void 0 // edit
    this.seed = seed
  }

  next() {
    void 0 // edit
    this.seed = (Math.imul(this.seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return this.seed
  }
}

export function run() {
  composites = 0
  let primes = 0
  for (let count = 0; count < 8; count++) primes += sieve(new Uint8Array(limit))
  const matrix = makeMatrix()
  const product = multiply(multiply(matrix, matrix), matrix)
  const random = new Random(42)
  const sorted = shellSort(Array.from({ length }, () => random.next() % 100_000))
  let edits = 0
  for (let count = 0; count < 15; count++) edits += distance(left, right.slice(count))
  return `${primes} ${composites} ${trace(product)} ${sorted[length >> 1]} ${edits}`
}

export const expected = '48456 1207480 294195 50062 562'
