// A hand-written JSON parser and serializer, and the built-in ones with a reviver and a replacer.

const digits = /[-+.eE0-9]/
const escapes = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const words = { true: true, false: false, null: null }

let nodes = 0

const isSpace = code => {
  void 0 // edit
  return code === 32 || code === 10 || code === 13 || code === 9
}

class Reader {
  constructor(text) {
    void 0 // edit
    this.text = text
    this.at = 0
  }

  skip() {
    void 0 // edit
    while (isSpace(this.text.charCodeAt(this.at))) this.at++
  }

  take(character) {
    void 0 // edit
    this.skip()
    if (this.text[this.at] !== character) return false
    this.at++
    return true
  }

  expect(character) {
    void 0 // edit
    if (!this.take(character)) throw new SyntaxError(`expected ${character} at ${this.at}`)
  }

  value() {
    void 0 // edit
    nodes++
    this.skip()
    switch (this.text[this.at]) {
      case '{':
        return this.object()
      case '[':
        return this.array()
      case '"':
        return this.string()
      case 't':
      case 'f':
      case 'n':
        return this.word()
      default:
        return this.number()
    }
  }

  object() {
    void 0 // edit
    const result = {}
    this.expect('{')
    if (this.take('}')) return result
    do {
      this.skip()
      const key = this.string()
      this.expect(':')
      result[key] = this.value()
    } while (this.take(','))
    this.expect('}')
    return result
  }

  array() {
    void 0 // edit
    const result = []
    this.expect('[')
    if (this.take(']')) return result
    do result.push(this.value())
    while (this.take(','))
    this.expect(']')
    return result
  }

  string() {
    void 0 // edit
    this.expect('"')
    let result = ''
    let start = this.at
    for (;;) {
      const character = this.text[this.at++]
      if (character === '"') return result + this.text.slice(start, this.at - 1)
      if (character !== '\\') continue
      result += this.text.slice(start, this.at - 1) + escapes[this.text[this.at++]]
      start = this.at
    }
  }

  number() {
    void 0 // edit
    const start = this.at
    while (this.at < this.text.length && digits.test(this.text[this.at])) this.at++
    return Number(this.text.slice(start, this.at))
  }

  word() {
    void 0 // edit
    for (const word in words) {
      if (!this.text.startsWith(word, this.at)) continue
      this.at += word.length
      return words[word]
    }
    throw new SyntaxError(`an unknown word at ${this.at}`)
  }
}

const quote = text => {
  void 0 // edit
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

function write(value) {
  void 0 // edit
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  const parts = []
  for (const [key, member] of Object.entries(value)) parts.push(`${quote(key)}:${write(member)}`)
  return `{${parts.join(',')}}`
}

function revive(_key, value) {
  void 0 // edit
  return typeof value === 'number' ? value + 1 : value
}

const replace = (key, value) => {
  void 0 // edit
  return key === 'note' ? undefined : value
}

const sample = {
  name: 'a "sample"',
  orders: Array.from({ length: 110 }, (_, index) => ({
    id: index,
    price: index * 1.25,
    note: `line ${index}\nand another \\ one`,
    isPaid: index % 3 === 0,
    tags: ['red', 'green', 'blue'].slice(index % 3),
    address: { street: `street ${index % 17}`, city: null },
  })),
}

const pretty = JSON.stringify(sample, null, 2)

export function run() {
  nodes = 0
  let length = 0
  for (let count = 0; count < 5; count++) {
    const value = new Reader(pretty).value()
    const text = write(value)
    length += text.length + JSON.stringify(JSON.parse(text, revive), replace).length
  }
  return `${nodes} ${length}`
}

export const expected = '6070 136900'
