// Closes the holes that a large start leaves in the heap: texts, syntax trees and plans die between what stays, and V8 by itself moves only
// what lies on nearly empty pages. Half of the heap may be such holes, for as long as the process lives.
import v8 from 'node:v8'
import vm from 'node:vm'

/** Bytes of heap; with less there is little to gain. */
const leastHeap = 40 * 2 ** 20
/** What it may take of the time that the start took. */
const mostShare = 0.1
/** Milliseconds that it takes, at most, for a million bytes of what is there, garbage included. */
const msPerMillion = 2.5

/** Collects all garbage and compacts the heap, if that takes little time beside the start. @param took milliseconds of the start */
export function compactAfterStart(took: number): void {
  const { used_heap_size: heap } = v8.getHeapStatistics()
  if (heap < leastHeap || (heap / 1e6) * msPerMillion > took * mostShare) return
  const collect = collector()
  if (typeof collect !== 'function') return
  // At once: V8 takes no code from a cache that was written while other flags were set.
  v8.setFlagsFromString('--compact-on-every-full-gc')
  try {
    collect()
  } finally {
    v8.setFlagsFromString('--no-compact-on-every-full-gc')
  }
}

/** V8 gives the function under `--expose-gc` alone, to contexts that are made then. The host's own global may hold anything. */
function collector(): unknown {
  const given: unknown = vm.runInNewContext('globalThis.gc')
  if (given !== undefined) return given
  v8.setFlagsFromString('--expose-gc')
  try {
    return vm.runInNewContext('globalThis.gc')
  } finally {
    v8.setFlagsFromString('--no-expose-gc')
  }
}
