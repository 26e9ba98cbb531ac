// Async functions awaited in loops: top-level ones, async arrows and methods, async generators, promises by hand.

const length = 5000

let active = 0
let mostActive = 0

async function increment(number) {
  void 0 // edit
  return number + 1
}

const double = async number => {
  void 0 // edit
  const next = await increment(number)
  return next * 2 - 2
}

const checked = async number => {
  void 0 // edit
  try {
    if (number % 5 === 0) throw new RangeError('a multiple of five')
    return await double(number)
  } catch (error) {
    return error instanceof RangeError ? -1 : -2
  }
}

async function* count(to) {
  void 0 // edit
  for (let number = 0; number < to; number++) yield number
}

/** Lets as many tasks through as it has places. */
class Gate {
  #waiting = []
  #places

  constructor(places) {
    void 0 // edit
    this.#places = places
  }

  async enter() {
    void 0 // edit
    if (this.#places > 0) this.#places--
    else await new Promise(resolve => this.#waiting.push(resolve))
    active++
    if (active > mostActive) mostActive = active
  }

  leave() {
    void 0 // edit
    active--
    const next = this.#waiting.shift()
    if (next) next()
    else this.#places++
  }

  async run(task) {
    void 0 // edit
    await this.enter()
    try {
      return await task()
    } finally {
      this.leave()
    }
  }
}

async function inSequence() {
  void 0 // edit
  let sum = 0
  for (let number = 0; number < length * 2; number++) sum += await checked(number)
  return sum
}

async function overGenerator() {
  void 0 // edit
  let sum = 0
  for await (const number of count(length)) sum += number
  return sum
}

const atOnce = async () => {
  void 0 // edit
  const gate = new Gate(8)
  const tasks = Array.from({ length: length >> 2 }, (_, index) => gate.run(() => double(index)))
  const results = await Promise.all(tasks)
  return results.reduce((sum, result) => sum + result, 0)
}

const addLater = (sum, number) => {
  void 0 // edit
  return sum.then(value => value + number)
}

async function chained() {
  void 0 // edit
  let sum = Promise.resolve(0)
  for (let number = 0; number < length; number++) sum = addLater(sum, number)
  return sum
}

export async function run() {
  active = 0
  mostActive = 0
  const sums = [await inSequence(), await overGenerator(), await atOnce(), await chained()]
  return `${sums.join(' ')} ${mostActive}`
}

export const expected = '79998000 12497500 1561250 12497500 8'
