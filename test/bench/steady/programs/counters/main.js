// Live bindings of other modules in hot loops: counters that they reassign, functions, constants, namespaces, re-exports.
import { calls, clamp, distance, lastClamped, Meter, mix, resetCalls, Span, scaleBy, viaNamespace } from './index.js'
import * as state from './state.js'
import { limits, listen, modulus, notify, random, reset, seed, tick, ticks } from './state.js'

const length = 60_000
const span = new Span(limits.low, limits.high)

let heard = 0

function countTicks() {
  void 0 // edit
  let sum = 0
  for (let index = 0; index < length * 4; index++) {
    tick()
    sum = (sum + ticks) % modulus
  }
  return sum
}

const mixRandom = () => {
  void 0 // edit
  let code = 0
  for (let index = 0; index < length; index++) code = mix(code, random() + seed)
  return code
}

const throughNamespace = () => {
  void 0 // edit
  let sum = 0
  for (let index = 0; index < length; index++) {
    state.tick()
    sum = (sum + state.ticks + state.limits.high + (state.random() & 15)) % state.modulus
  }
  return sum
}

function throughReexports() {
  void 0 // edit
  let sum = 0
  for (let index = 0; index < length; index++) {
    sum += clamp(scaleBy(index), limits.low, limits.high)
    if (span.includes(lastClamped)) sum = distance(sum, viaNamespace(index) + calls)
  }
  return sum
}

const hear = value => {
  void 0 // edit
  heard = (heard + value) % modulus
}

/** Hands the functions of another module on as values. */
function listenAndNotify() {
  void 0 // edit
  const meter = new Meter('all')
  listen(hear)
  listen(value => meter.add(value))
  listen(tick)
  for (let index = 0; index < length; index++) notify(index)
  return meter.total
}

export function run() {
  reset()
  resetCalls()
  heard = 0
  const sums = [countTicks(), mixRandom(), throughNamespace(), throughReexports(), listenAndNotify()]
  return `${sums.join(' ')} ${heard} ${ticks}`
}

export const expected = '882832589 45028 1228094414 59447 1799970000 1799970000 360000'
