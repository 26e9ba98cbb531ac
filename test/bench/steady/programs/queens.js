// Queens on a board by arrays and closures, permutations by a callback that a closure passes on, and a knight's walk.

const size = 8
const moves = [
  [1, 2],
  [2, 1],
  [2, -1],
  [1, -2],
  [-1, -2],
  [-2, -1],
  [-2, 1],
  [-1, 2],
]

let placements = 0

function makeBoard(width) {
  void 0 // edit
  const rows = new Array(width).fill(true)
  const rising = new Array(width * 2).fill(true)
  const falling = new Array(width * 2).fill(true)
  return {
    isFree: (row, column) => rows[row] && rising[row + column] && falling[column - row + width],
    mark(row, column, value) {
      rows[row] = value
      rising[row + column] = value
      falling[column - row + width] = value
    },
  }
}

function place(board, column, onSolution) {
  void 0 // edit
  if (column === size) return onSolution()
  for (let row = 0; row < size; row++) {
    if (!board.isFree(row, column)) continue
    placements++
    board.mark(row, column, false)
    place(board, column + 1, onSolution)
    board.mark(row, column, true)
  }
}

const countSolutions = () => {
  void 0 // edit
  let solutions = 0
  place(makeBoard(size), 0, () => {
    solutions++
  })
  return solutions
}

function permute(items, visit, from = 0) {
  void 0 // edit
  if (from === items.length) return visit(items)
  for (let index = from; index < items.length; index++) {
    swap(items, from, index)
    permute(items, visit, from + 1)
    swap(items, from, index)
  }
}

const swap = (items, left, right) => {
  void 0 // edit
  const item = items[left]
  items[left] = items[right]
  items[right] = item
}

const countDerangements = length => {
  void 0 // edit
  let count = 0
  permute(
    Array.from({ length }, (_, index) => index),
    items => {
      if (items.every((item, index) => item !== index)) count++
    },
  )
  return count
}

class Walk {
  constructor(width) {
    void 0 // edit
    this.width = width
    this.visited = new Uint8Array(width * width)
  }

  canVisit(x, y) {
    void 0 // edit
    return x >= 0 && y >= 0 && x < this.width && y < this.width && this.visited[y * this.width + x] === 0
  }

  degree(x, y) {
    void 0 // edit
    let count = 0
    for (const [right, down] of moves) if (this.canVisit(x + right, y + down)) count++
    return count
  }

  /** Warnsdorff's rule: on to the field with the fewest ways out. */
  walk(x, y) {
    void 0 // edit
    let length = 0
    for (let at = { x, y }; at !== null; length++) {
      this.visited[at.y * this.width + at.x] = 1
      at = this.best(at)
    }
    return length
  }

  best({ x, y }) {
    void 0 // edit
    let best = null
    let least = 9
    for (const [right, down] of moves) {
      if (!this.canVisit(x + right, y + down)) continue
      const degree = this.degree(x + right, y + down)
      if (degree >= least) continue
      least = degree
      best = { x: x + right, y: y + down }
    }
    return best
  }
}

export function run() {
  placements = 0
  let solutions = 0
  for (let count = 0; count < 24; count++) solutions += countSolutions()
  let length = 0
  for (let start = 0; start < 20; start++) length += new Walk(20).walk(start, start)
  return `${solutions} ${placements} ${countDerangements(8)} ${length}`
}

export const expected = '2208 49344 14833 8000'
