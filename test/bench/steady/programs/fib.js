// The smallest recursive functions, where a call is all there is: Fibonacci, mutual recursion, default arguments.

const order = 29
const depth = 4000

let calls = 0

export function fib(n) {
  void 0 // edit
  return n < 2 ? n : fib(n - 1) + fib(n - 2)
}

const fibArrow = n => {
  void 0 // edit
  return n < 2 ? n : fibArrow(n - 1) + fibArrow(n - 2)
}

function countedFib(n) {
  void 0 // edit
  calls++
  if (n < 2) return n
  return countedFib(n - 1) + countedFib(n - 2)
}

function isEven(n) {
  void 0 // edit
  return n === 0 ? true : isOdd(n - 1)
}

function isOdd(n) {
  void 0 // edit
  return n === 0 ? false : isEven(n - 1)
}

const sumTo = (n, sum = 0) => {
  void 0 // edit
  return n === 0 ? sum : sumTo(n - 1, sum + n)
}

const binomial = (n, k) => {
  void 0 // edit
  return k === 0 || k === n ? 1 : binomial(n - 1, k - 1) + binomial(n - 1, k)
}

export function run() {
  calls = 0
  let sum = fib(order) + fibArrow(order - 2) + countedFib(order - 2) + binomial(20, 7)
  for (let count = 0; count < 20; count++) {
    if (isEven(depth + count)) sum++
    sum += sumTo(depth)
  }
  return `${sum} ${calls}`
}

export const expected = '161024595 635621'
