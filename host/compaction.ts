// Has V8 close the holes that a large start leaves in the heap: texts, syntax trees and plans die between what stays, and V8 by itself
// moves only what lies on nearly empty pages. Half of the heap may be such holes, for as long as the process lives.
import { constants, PerformanceObserver } from 'node:perf_hooks'
import v8 from 'node:v8'

/** Characters of source; with fewer there is little to gain. */
const leastSource = 200_000
/** Bytes of heap that a start accounts for. Where there is more, moving it could hold the program up, for holes that are not ours. */
const baseBytes = 32 * 2 ** 20
const bytesPerCharacter = 200
/** The first may have begun before it was asked to compact. */
const mostCollections = 2

let isUnderWay = false

/** Has the next full collection, whenever it comes, compact the heap. @param modules what was started */
export function compactAtNextCollection(modules: Iterable<{ readonly source: string }>): void {
  let characters = 0
  for (const { source } of modules) characters += source.length
  if (isUnderWay || characters < leastSource) return
  if (v8.getHeapStatistics().used_heap_size > baseBytes + characters * bytesPerCharacter) return
  isUnderWay = true
  v8.setFlagsFromString('--compact-on-every-full-gc')
  let collections = 0
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (isFull(entry)) collections++
    if (collections === 0 || (collections < mostCollections && !isCompact())) return
    observer.disconnect()
    v8.setFlagsFromString('--no-compact-on-every-full-gc')
    isUnderWay = false
  })
  observer.observe({ entryTypes: ['gc'] })
}

/** @param entry of type `gc`, whose detail Node's types leave open */
const isFull = (entry: object) =>
  (entry as { detail: { kind: number } }).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR

function isCompact(): boolean {
  const old = v8.getHeapSpaceStatistics().find(each => each.space_name === 'old_space')
  return old === undefined || old.space_used_size > old.space_size * 0.85
}
