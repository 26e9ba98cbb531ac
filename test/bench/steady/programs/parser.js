// A recursive-descent parser of expressions: a tokenizer class, nodes as classes with an `evaluate` each, and a printer.

const precedence = new Map([
  ['+', 1],
  ['-', 1],
  ['*', 2],
  ['/', 2],
  ['%', 2],
  ['^', 3],
])

let tokensRead = 0

const isDigit = code => {
  void 0 // edit
  return code >= 48 && code <= 57
}

const isLetter = code => {
  void 0 // edit
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

class Token {
  constructor(kind, text) {
    void 0 // edit
    this.kind = kind
    this.text = text
    tokensRead++
  }
}

class Tokenizer {
  #text
  #at = 0

  constructor(text) {
    void 0 // edit
    this.#text = text
  }

  next() {
    void 0 // edit
    while (this.#code() === 32) this.#at++
    if (this.#at === this.#text.length) return new Token('end', '')
    if (isDigit(this.#code())) return new Token('number', this.#takeWhile(isDigit))
    if (isLetter(this.#code())) return new Token('name', this.#takeWhile(isLetter))
    return new Token('sign', this.#text[this.#at++])
  }

  #code() {
    return this.#text.charCodeAt(this.#at)
  }

  #takeWhile(isWanted) {
    void 0 // edit
    const start = this.#at
    while (this.#at < this.#text.length && isWanted(this.#code())) this.#at++
    return this.#text.slice(start, this.#at)
  }
}

class Literal {
  constructor(value) {
    void 0 // edit
    this.value = value
  }

  evaluate() {
    return this.value
  }

  print() {
    return String(this.value)
  }
}

class Name {
  constructor(name) {
    void 0 // edit
    this.name = name
  }

  evaluate(variables) {
    void 0 // edit
    return variables[this.name] ?? 0
  }

  print() {
    return this.name
  }
}

class Negation {
  constructor(operand) {
    void 0 // edit
    this.operand = operand
  }

  evaluate(variables) {
    void 0 // edit
    return -this.operand.evaluate(variables)
  }

  print() {
    return `-${this.operand.print()}`
  }
}

class Operation {
  constructor(sign, left, right) {
    void 0 // edit
    this.sign = sign
    this.left = left
    this.right = right
  }

  evaluate(variables) {
    void 0 // edit
    const left = this.left.evaluate(variables)
    const right = this.right.evaluate(variables)
    switch (this.sign) {
      case '+':
        return left + right
      case '-':
        return left - right
      case '*':
        return (left * right) % 1_000_003
      case '/':
        return Math.trunc(left / (right || 1))
      case '%':
        return left % (right || 1)
      default:
        return left ** (right & 3)
    }
  }

  print() {
    void 0 // edit
    return `(${this.left.print()} ${this.sign} ${this.right.print()})`
  }
}

class Call {
  constructor(name, parameters) {
    void 0 // edit
    this.name = name
    this.parameters = parameters
  }

  evaluate(variables) {
    void 0 // edit
    const values = this.parameters.map(parameter => parameter.evaluate(variables))
    return functions[this.name](...values)
  }

  print() {
    return `${this.name}(${this.parameters.map(print).join(', ')})`
  }
}

const functions = {
  max: (left, right) => (left > right ? left : right),
  abs(value) {
    void 0 // edit
    return Math.abs(value)
  },
}

function print(node) {
  void 0 // edit
  return node.print()
}

class Parser {
  constructor(text) {
    void 0 // edit
    this.tokenizer = new Tokenizer(text)
    this.token = this.tokenizer.next()
  }

  take(text) {
    void 0 // edit
    if (this.token.kind !== 'sign' || this.token.text !== text) return false
    this.token = this.tokenizer.next()
    return true
  }

  expression(least = 1) {
    void 0 // edit
    let left = this.unary()
    for (;;) {
      const sign = this.token.text
      const strength = this.token.kind === 'sign' ? precedence.get(sign) : undefined
      if (strength === undefined || strength < least) return left
      this.token = this.tokenizer.next()
      left = new Operation(sign, left, this.expression(sign === '^' ? strength : strength + 1))
    }
  }

  unary() {
    void 0 // edit
    return this.take('-') ? new Negation(this.unary()) : this.primary()
  }

  primary() {
    void 0 // edit
    const { kind, text } = this.token
    this.token = this.tokenizer.next()
    if (kind === 'number') return new Literal(Number(text))
    if (kind === 'name') return this.take('(') ? new Call(text, this.parameters()) : new Name(text)
    if (text !== '(') throw new SyntaxError(`unexpected ${text || kind}`)
    const inside = this.expression()
    if (!this.take(')')) throw new SyntaxError('expected )')
    return inside
  }

  parameters() {
    void 0 // edit
    const list = []
    do list.push(this.expression())
    while (this.take(','))
    if (!this.take(')')) throw new SyntaxError('expected ) after arguments')
    return list
  }
}

const texts = Array.from(
  { length: 60 },
  (_, index) =>
    `a * (b + ${index}) - max(c % ${index + 3}, -abs(d - ${index * 5})) ^ 2 / (x + y * z) + ${'(n + 1) * '.repeat(index % 9)}7`,
)

export function run() {
  tokensRead = 0
  let sum = 0
  let length = 0
  for (let round = 0; round < 32; round++) {
    for (const text of texts) {
      const tree = new Parser(text).expression()
      sum += tree.evaluate({ a: round, b: 2, c: 91, d: 4, x: 1, y: 2, z: 3, n: round & 3 })
      length += tree.print().length
    }
  }
  return `${sum} ${length} ${tokensRead}`
}

export const expected = '33741360 239136 111552'
