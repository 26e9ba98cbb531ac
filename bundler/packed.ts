// Plain data in a fraction of the space: the parts of a record have few shapes, each of which is kept once, so that little but places and names
// is left to write down.

/** Keys in order, and what is known of their values. There are as many of them as there are ways to be such data: some hundreds at most. */
interface Shape {
  readonly id: number
  readonly fields: readonly Field[]
  /** By the next key, then by what is known of its value. */
  readonly next: Map<string, Map<unknown, Shape>>
}

interface Field {
  readonly key: string
  /** A mark, or else the value itself. */
  readonly known: unknown
}

const scalar = Symbol('a number or a string')
const object = Symbol('an object')
const scalars = Symbol('numbers or strings')
const objects = Symbol('objects')
const none = Symbol('an empty list')

const root: Shape = { id: 0, fields: [], next: new Map() }
const shapes: Shape[] = [root]

/** Keys whose values are few words. */
const ofFewWords = new Set(['kind', 'form', 'shape'])

type Data = { readonly [key: string]: unknown }

/**
 * Packs an object of objects, lists of one kind, strings, numbers, and whatever is neither of these nor a function.
 * @returns text that `unpack` understands in this process
 */
export function pack(data: object): string {
  const out: unknown[] = []
  write(data as Data, out)
  return JSON.stringify(out)
}

function write(data: Data, out: unknown[]): void {
  const at = out.push(0) - 1
  let shape = root
  for (const key of Object.keys(data)) {
    const value = data[key]
    const known = knownOf(key, value)
    shape = follow(shape, key, known)
    if (known === scalar) out.push(value)
    else if (known === object) write(value as Data, out)
    else if (known === scalars || known === objects) {
      const list = value as unknown[]
      out.push(list.length)
      for (const each of list)
        if (known === scalars) out.push(each)
        else write(each as Data, out)
    }
  }
  out[at] = shape.id
}

function knownOf(key: string, value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return scalar
    case 'string':
      return value === '' || ofFewWords.has(key) ? value : scalar
    case 'object':
      if (value === null) return null
      if (!Array.isArray(value)) return object
      if (value.length === 0) return none
      return typeof value[0] === 'object' ? objects : scalars
    default:
      return value
  }
}

function follow({ fields, next }: Shape, key: string, known: unknown): Shape {
  let byValue = next.get(key)
  if (!byValue) next.set(key, (byValue = new Map()))
  let shape = byValue.get(known)
  if (!shape) {
    shape = { id: shapes.length, fields: [...fields, { key, known }], next: new Map() }
    shapes.push(shape)
    byValue.set(known, shape)
  }
  return shape
}

/** @param text of `pack` */
export function unpack(text: string): unknown {
  const list: any[] = JSON.parse(text)
  let at = 0
  const read = (): Data => {
    const data: { [key: string]: unknown } = {}
    for (const { key, known } of shapes[list[at++]]!.fields) {
      if (known === scalar) data[key] = list[at++]
      else if (known === object) data[key] = read()
      else if (known === none) data[key] = []
      else if (known === scalars) {
        const end = at + 1 + list[at]
        data[key] = list.slice(at + 1, end)
        at = end
      } else if (known === objects) {
        const many: Data[] = []
        for (let left = list[at++]; left > 0; left--) many.push(read())
        data[key] = many
      } else data[key] = known
    }
    return data
  }
  return read()
}
