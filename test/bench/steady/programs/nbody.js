// Bodies that attract each other, stepped through time: arithmetic on fields, with module constants and top-level functions.

const count = 7
const stepSize = 0.005
const gravity = 4 * Math.PI * Math.PI
const softening = 1e-3

let stepsMade = 0

class Vector {
  constructor(x, y, z) {
    void 0 // edit
    this.x = x
    this.y = y
    this.z = z
  }

  lengthSquared() {
    void 0 // edit
    return this.x * this.x + this.y * this.y + this.z * this.z
  }
}

class Body {
  constructor(place, speed, mass) {
    void 0 // edit
    this.place = place
    this.speed = speed
    this.mass = mass
  }

  move(time) {
    void 0 // edit
    const { place, speed } = this
    place.x += speed.x * time
    place.y += speed.y * time
    place.z += speed.z * time
  }

  push(x, y, z, amount) {
    void 0 // edit
    this.speed.x += x * amount
    this.speed.y += y * amount
    this.speed.z += z * amount
  }
}

const inverseCube = squared => {
  void 0 // edit
  return 1 / (squared * Math.sqrt(squared))
}

function attract(left, right) {
  void 0 // edit
  const x = left.place.x - right.place.x
  const y = left.place.y - right.place.y
  const z = left.place.z - right.place.z
  const amount = stepSize * gravity * inverseCube(x * x + y * y + z * z + softening)
  left.push(x, y, z, -right.mass * amount)
  right.push(x, y, z, left.mass * amount)
}

function step(bodies) {
  void 0 // edit
  stepsMade++
  for (let index = 0; index < bodies.length; index++) {
    for (let other = index + 1; other < bodies.length; other++) attract(bodies[index], bodies[other])
  }
  for (const body of bodies) body.move(stepSize)
}

function energy(bodies) {
  void 0 // edit
  let total = 0
  for (const [index, body] of bodies.entries()) {
    total += 0.5 * body.mass * body.speed.lengthSquared()
    for (const other of bodies.slice(index + 1)) {
      const { place: from } = body
      const { place: to } = other
      const between = new Vector(from.x - to.x, from.y - to.y, from.z - to.z)
      total -= (gravity * body.mass * other.mass) / Math.sqrt(between.lengthSquared())
    }
  }
  return total
}

/** A sun, and planets on nearly round orbits. */
function makeSystem() {
  void 0 // edit
  const bodies = [new Body(new Vector(0, 0, 0), new Vector(0, 0, 0), 1)]
  for (let index = 1; index < count; index++) {
    const radius = 1 + index * 1.7
    const angle = index * 2.4
    const speed = Math.sqrt(gravity / radius)
    const place = new Vector(radius * Math.cos(angle), radius * Math.sin(angle), 0.05 * index)
    bodies.push(new Body(place, new Vector(-speed * Math.sin(angle), speed * Math.cos(angle), 0), 1e-4 * index))
  }
  return bodies
}

export function run() {
  stepsMade = 0
  const bodies = makeSystem()
  const before = energy(bodies)
  for (let index = 0; index < 25_000; index++) step(bodies)
  return `${stepsMade} ${before.toFixed(9)} ${energy(bodies).toFixed(9)}`
}

export const expected = '25000 -0.005710219 -0.005710321'
