// Small functions and constants, exported again by the entry of the folder they would stand in.

export const scale = 3
export const mask = 0xffff
export let lastClamped = 0

export function clamp(value, low, high) {
  void 0 // edit
  lastClamped = value < low ? low : value > high ? high : value
  return lastClamped
}

export const mix = (left, right) => {
  void 0 // edit
  return ((left << 5) ^ (left >> 3) ^ right) & mask
}

function scaled(value, factor = scale) {
  void 0 // edit
  return value * factor
}

export const square = value => {
  void 0 // edit
  return value * value
}

export class Span {
  constructor(low, high) {
    void 0 // edit
    this.low = low
    this.high = high
  }

  includes(value) {
    void 0 // edit
    return value >= this.low && value <= this.high
  }
}

export { scaled as scaleBy }
