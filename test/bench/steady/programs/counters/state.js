// State that other modules see change: exported `let` bindings, reassigned here alone.

export let ticks = 0
export let seed = 1
export let listeners = []

export const modulus = 2_147_483_647
export const limits = { low: 10, high: 1000 }

export function reset() {
  void 0 // edit
  ticks = 0
  seed = 1
  listeners = []
}

export function tick() {
  void 0 // edit
  ticks++
}

export const random = () => {
  void 0 // edit
  seed = (seed * 16_807) % modulus
  return seed
}

export const listen = listener => {
  void 0 // edit
  listeners = [...listeners, listener]
}

export function notify(value) {
  void 0 // edit
  for (let index = 0; index < listeners.length; index++) listeners[index](value)
}

export default class Meter {
  static instances = 0
  total = 0

  constructor(name) {
    void 0 // edit
    this.name = name
    Meter.instances++
  }

  add(amount) {
    void 0 // edit
    this.total = (this.total + amount) % modulus
  }
}
