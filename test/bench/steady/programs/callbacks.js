// Top-level functions as values: given to map, filter, reduce, sort and forEach, and to higher-order functions of its own.

const length = 4000
const numbers = Array.from({ length }, (_, index) => (index * 7919) % 10_007)
const words = numbers.map(number => number.toString(36))

let visited = 0

function twice(number) {
  void 0 // edit
  return number * 2
}

function isEven(number) {
  void 0 // edit
  return (number & 1) === 0
}

const add = (sum, number) => {
  void 0 // edit
  return (sum + number) | 0
}

const ascending = (left, right) => {
  void 0 // edit
  return left - right
}

function byLengthThenText(left, right) {
  void 0 // edit
  return left.length - right.length || (left < right ? -1 : 1)
}

function visit(number) {
  void 0 // edit
  visited += number & 3
}

const hash = word => {
  void 0 // edit
  let code = 17
  for (let index = 0; index < word.length; index++) code = (code * 31 + word.charCodeAt(index)) | 0
  return code
}

function mapOwn(list, change) {
  void 0 // edit
  const result = []
  for (let index = 0; index < list.length; index++) result.push(change(list[index]))
  return result
}

function foldOwn(list, combine, start) {
  void 0 // edit
  let result = start
  for (const item of list) result = combine(result, item)
  return result
}

const compose =
  (...functions) =>
  value => {
    void 0 // edit
    let result = value
    for (const apply of functions) result = apply(result)
    return result
  }

const half = number => {
  void 0 // edit
  return number >> 1
}

const chained = compose(twice, half, twice)

function times(count, action) {
  void 0 // edit
  for (let index = 0; index < count; index++) action(index)
}

export function run() {
  visited = 0
  let sum = 0
  for (let count = 0; count < 10; count++) {
    sum = add(sum, numbers.map(twice).filter(isEven).reduce(add, 0))
    numbers.forEach(visit)
    sum = add(sum, foldOwn(mapOwn(numbers, half), add, 0))
    sum = add(sum, foldOwn(mapOwn(words, hash), add, 0))
    sum = add(sum, mapOwn(numbers, chained).findIndex(isEven))
    times(length, visit)
  }
  for (let count = 0; count < 4; count++) {
    sum = add(sum, [...numbers].sort(ascending)[length >> 1])
    sum = add(
      sum,
      hash(
        [...words]
          .slice(0, length >> 2)
          .sort(byLengthThenText)
          .join(''),
      ),
    )
  }
  return `${sum} ${visited}`
}

export const expected = '449992440 120010'
