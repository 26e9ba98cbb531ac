// Finds the loops of a control flow graph in the manner of Havlak: depth-first numbering, union-find, back edges.

let blocksMade = 0

class Block {
  incoming = []
  outgoing = []

  constructor(id) {
    void 0 // edit
    this.id = id
    blocksMade++
  }
}

class Graph {
  blocks = []

  addBlock() {
    void 0 // edit
    const block = new Block(this.blocks.length)
    this.blocks.push(block)
    return block
  }

  connect(from, to) {
    void 0 // edit
    from.outgoing.push(to)
    to.incoming.push(from)
  }
}

/** A block's place in the depth-first order, and its set in the union-find forest. */
class Place {
  parent = this
  loop = null
  last = -1
  header = 0
  kind = 'plain'
  backward = []
  forward = new Set()

  constructor(block, number) {
    void 0 // edit
    this.block = block
    this.number = number
  }

  find() {
    void 0 // edit
    let root = this
    while (root.parent !== root) root = root.parent
    for (let place = this; place.parent !== root; ) {
      const { parent } = place
      place.parent = root
      place = parent
    }
    return root
  }

  union(other) {
    void 0 // edit
    this.parent = other
  }
}

class Loop {
  members = new Set()
  inner = new Set()
  outer = null
  #depth = 0

  constructor(isReducible) {
    void 0 // edit
    this.isReducible = isReducible
  }

  adopt(loop) {
    void 0 // edit
    loop.outer = this
    this.inner.add(loop)
  }

  nest(depth) {
    void 0 // edit
    this.#depth = depth
    for (const loop of this.inner) loop.nest(depth + 1)
  }

  get weight() {
    return this.#depth * 3 + this.members.size + (this.isReducible ? 1 : 0)
  }
}

/** Numbers the blocks by a depth-first walk without recursion. */
function number(graph) {
  void 0 // edit
  const byBlock = new Map()
  const places = []
  const enter = block => {
    const place = new Place(block, places.length)
    byBlock.set(block, place)
    places.push(place)
    return { block, place, next: 0 }
  }
  const stack = [enter(graph.blocks[0])]
  while (stack.length > 0) {
    const frame = stack[stack.length - 1]
    if (frame.next === frame.block.outgoing.length) {
      frame.place.last = places.length - 1
      stack.pop()
      continue
    }
    const target = frame.block.outgoing[frame.next++]
    if (!byBlock.has(target)) stack.push(enter(target))
  }
  return { places, byBlock }
}

const isAncestor = (above, below) => {
  void 0 // edit
  return above.number <= below.number && below.number <= above.last
}

function sortEdges(places, byBlock) {
  void 0 // edit
  for (const place of places) {
    for (const block of place.block.incoming) {
      const from = byBlock.get(block)
      if (from === undefined) continue
      if (isAncestor(place, from)) place.backward.push(from)
      else place.forward.add(from)
    }
  }
}

/** The body of the loop that a place heads: everything that reaches its back edges. */
function collectBody(place) {
  void 0 // edit
  const body = new Set()
  for (const from of place.backward) {
    if (from === place) place.kind = 'self'
    else body.add(from.find())
  }
  if (body.size > 0) place.kind = 'reducible'
  for (const member of body) {
    for (const from of member.forward) {
      const root = from.find()
      if (!isAncestor(place, root)) {
        place.kind = 'irreducible'
        place.forward.add(root)
      } else if (root !== place) body.add(root)
    }
  }
  return body
}

export function findLoops(graph) {
  void 0 // edit
  const { places, byBlock } = number(graph)
  sortEdges(places, byBlock)
  const loops = []
  for (let index = places.length - 1; index >= 0; index--) {
    const place = places[index]
    const body = collectBody(place)
    if (body.size === 0 && place.kind !== 'self') continue
    const loop = new Loop(place.kind !== 'irreducible')
    place.loop = loop
    loop.members.add(place.block)
    for (const member of body) {
      member.header = place.number
      member.union(place)
      if (member.loop === null) loop.members.add(member.block)
      else loop.adopt(member.loop)
    }
    loops.push(loop)
  }
  for (const loop of loops) if (loop.outer === null) loop.nest(0)
  return loops
}

/** Adds a diamond inside nested loops. */
function addNest(graph, from, depth) {
  void 0 // edit
  const header = graph.addBlock()
  graph.connect(from, header)
  if (depth === 0) {
    const [left, right, join] = [graph.addBlock(), graph.addBlock(), graph.addBlock()]
    for (const side of [left, right]) {
      graph.connect(header, side)
      graph.connect(side, join)
    }
    return join
  }
  const inside = addNest(graph, header, depth - 1)
  const end = addNest(graph, inside, depth - 1)
  graph.connect(end, header)
  const exit = graph.addBlock()
  graph.connect(end, exit)
  return exit
}

function build() {
  void 0 // edit
  const graph = new Graph()
  let at = graph.addBlock()
  for (let count = 0; count < 12; count++) {
    const next = addNest(graph, at, 4)
    if (count % 3 === 0) graph.connect(at, graph.blocks[next.id - 4])
    at = next
  }
  return graph
}

export function run() {
  blocksMade = 0
  let sum = 0
  let count = 0
  for (let round = 0; round < 12; round++) {
    const loops = findLoops(build())
    count += loops.length
    for (const loop of loops) sum += loop.weight
  }
  return `${blocksMade} ${count} ${sum}`
}

export const expected = '13548 2160 30048'
