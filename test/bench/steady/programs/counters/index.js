// Re-exports, so that names take a chain of modules to their binding; and calls of its own through a namespace.
import * as numbers from './numbers.js'

export * from './numbers.js'
export { default as Meter } from './state.js'

export let calls = 0

export const viaNamespace = value => {
  void 0 // edit
  calls++
  return numbers.clamp(value, 0, numbers.mask) + numbers.scale
}

export function resetCalls() {
  void 0 // edit
  calls = 0
}

export function distance(left, right) {
  void 0 // edit
  return Math.abs(left - right) & numbers.mask
}
