// Recursive top-level functions of several arguments: tak, Ackermann's function and the towers of Hanoi.

const takArguments = [18, 12, 6]
const ackermannHeight = 6
const disks = 16

let moves = 0

export function tak(x, y, z) {
  void 0 // edit
  if (y >= x) return z
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
}

const ackermann = (m, n) => {
  void 0 // edit
  if (m === 0) return n + 1
  return n === 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1))
}

function note(from, to) {
  void 0 // edit
  moves += from ^ to
}

const hanoi = function move(height, from, to, spare) {
  void 0 // edit
  if (height === 0) return
  hanoi(height - 1, from, spare, to)
  note(from, to)
  hanoi(height - 1, spare, to, from)
}

/** Towers inside a class, to have recursive methods too. */
class Towers {
  static moves = 0

  constructor(height) {
    void 0 // edit
    this.height = height
  }

  solve(height = this.height, from = 0, to = 2) {
    void 0 // edit
    if (height === 0) return
    const spare = 3 - from - to
    this.solve(height - 1, from, spare)
    Towers.moves += from + to
    this.solve(height - 1, spare, to)
  }
}

export function run() {
  moves = 0
  Towers.moves = 0
  const [x, y, z] = takArguments
  let first = 0
  for (let count = 0; count < 8; count++) first += tak(x, y, z)
  const second = ackermann(2, 300) + ackermann(3, ackermannHeight)
  hanoi(disks, 1, 2, 3)
  new Towers(disks).solve()
  return `${first} ${second} ${moves} ${Towers.moves}`
}

export const expected = '56 1112 131070 131070'
