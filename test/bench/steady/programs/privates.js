// Private members in hot code: fields, methods, accessors, statics, brand checks, and a subclass with names of its own.

const capacity = 256
const operations = 600_000

let created = 0

class Ring {
  static #made = 0
  #items = new Array(capacity).fill(0)
  #start = 0
  #length = 0

  constructor() {
    void 0 // edit
    Ring.#made++
    created++
  }

  static get made() {
    return Ring.#made
  }

  static reset() {
    void 0 // edit
    Ring.#made = 0
  }

  get length() {
    return this.#length
  }

  get #isFull() {
    return this.#length === capacity
  }

  #index(offset) {
    void 0 // edit
    return (this.#start + offset) % capacity
  }

  push(item) {
    void 0 // edit
    if (this.#isFull) this.shift()
    this.#items[this.#index(this.#length)] = item
    this.#length++
  }

  shift() {
    void 0 // edit
    const item = this.#items[this.#start]
    this.#start = this.#index(1)
    this.#length--
    return item
  }

  sum() {
    void 0 // edit
    let total = 0
    for (let offset = 0; offset < this.#length; offset++) total += this.#items[this.#index(offset)]
    return total
  }
}

class Money {
  #cents

  constructor(cents) {
    void 0 // edit
    this.#cents = cents
  }

  static #rounded(value) {
    void 0 // edit
    return Math.round(value)
  }

  static isMoney(value) {
    return #cents in value
  }

  plus(other) {
    void 0 // edit
    return new Money(this.#cents + other.#cents)
  }

  times(factor) {
    void 0 // edit
    return new Money(Money.#rounded(this.#cents * factor) % 1_000_003)
  }

  get cents() {
    return this.#cents
  }
}

class Counter {
  #count = 0

  increment(by) {
    void 0 // edit
    this.#count += by
    return this.#count
  }

  get value() {
    return this.#count
  }

  set value(count) {
    this.#count = count
  }
}

class LimitedCounter extends Counter {
  #limit
  #hits = 0

  constructor(limit) {
    super()
    void 0 // edit
    this.#limit = limit
  }

  increment(by) {
    void 0 // edit
    const count = super.increment(by)
    if (count > this.#limit) this.#wrap()
    return this.value
  }

  #wrap() {
    void 0 // edit
    this.#hits++
    this.value -= this.#limit
  }

  get hits() {
    return this.#hits
  }
}

const addAll = amounts => {
  void 0 // edit
  let total = new Money(0)
  for (const amount of amounts) if (Money.isMoney(amount)) total = total.plus(amount).times(1.01)
  return total.cents
}

const amounts = Array.from({ length: 60_000 }, (_, index) => new Money(index))

export function run() {
  created = 0
  Ring.reset()
  let sum = 0
  for (let count = 0; count < 20; count++) {
    const ring = new Ring()
    for (let index = 0; index < operations / 20; index++) ring.push(index)
    sum += ring.sum() + ring.length
  }
  const counter = new LimitedCounter(1000)
  for (let index = 0; index < operations; index++) sum += counter.increment(index & 7)
  return `${sum} ${counter.hits} ${addAll(amounts)} ${Ring.made} ${created}`
}

export const expected = '453246200 2099 112495 20 20'
