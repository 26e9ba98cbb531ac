// What a large start leaves in the heap, in a child of its own: holes are closed where that is cheap beside the start, and nothing else changes.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const module = new URL('../../host/compaction.js', import.meta.url).href

const child = `
  import { setTimeout as wait } from 'node:timers/promises'
  import v8 from 'node:v8'
  import vm from 'node:vm'
  import { compactAfterStart } from ${JSON.stringify(module)}
  const collect = (v8.setFlagsFromString('--expose-gc'), vm.runInNewContext('gc'))
  v8.setFlagsFromString('--no-expose-gc')
  const kept = []
  const makeHoles = () => {
    kept.length = 0
    for (let i = 0; i < 40_000; i++) kept.push(Array.from({ length: 300 }, () => i))
    for (let turn = 0; turn < 2; turn++) collect()
    for (let i = 0; i < kept.length; i += 2) kept[i] = undefined
  }
  const used = async (collects = true) => {
    for (let turn = 0; turn < 3 && collects; turn++, await wait(20)) collect()
    const old = v8.getHeapSpaceStatistics().find(each => each.space_name === 'old_space')
    return old.space_used_size / old.space_size
  }
  const body = 'return ' + '1 + '.repeat(100) + '1'
  const data = vm.compileFunction(body, [], { produceCachedData: true }).cachedData
  makeHoles()
  const holed = await used()
  compactAfterStart(10)
  const afterShort = await used()
  compactAfterStart(1e6)
  const afterLong = await used(false)
  makeHoles()
  const holedAgain = await used()
  const isRejected = vm.compileFunction(body, [], { cachedData: data }).cachedDataRejected
  console.log(JSON.stringify({ holed, afterShort, afterLong, holedAgain, isRejected, gc: typeof vm.runInNewContext('this.gc') }))`

describe('the heap after a start', function () {
  this.timeout(60_000)

  it('is compact if the start took long, and V8 has the flags that it had', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', child])
    const { holed, afterShort, afterLong, holedAgain, isRejected, gc } = JSON.parse(stdout)
    assert.ok(
      holed < 0.7 && afterShort < 0.7,
      `${holed}, then ${afterShort} of the old generation is used where it has holes`,
    )
    assert.ok(afterLong > 0.9, `${afterLong} of it is used when it is compact`)
    assert.ok(holedAgain < 0.7, `${holedAgain} of it is used where it has holes again`)
    assert.equal(isRejected, false)
    assert.equal(gc, 'undefined')
  })
})
