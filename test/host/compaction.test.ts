// What a large start leaves in the heap, seen in a child: holes are closed once, and then V8 goes on as it likes.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const library = new URL('../../host/index.js', import.meta.url).href

/** @returns which part of the old generation holds something after the start, and after the program made holes itself */
async function used(modules: number): Promise<{ started: number; holed: number }> {
  const child = `
    import { setTimeout as wait } from 'node:timers/promises'
    import v8 from 'node:v8'
    import { createHost } from ${JSON.stringify(library)}
    const part = async () => {
      for (let turn = 0; turn < 3; turn++, await wait(20)) gc()
      const old = v8.getHeapSpaceStatistics().find(each => each.space_name === 'old_space')
      return old.space_used_size / old.space_size
    }
    const names = Array.from({ length: ${modules} }, (_, index) => 'm' + index)
    const text = name => Array.from({ length: 40 }, (_, line) => \`export const \${name}_\${line} = (a, b) => [a + b, { a }]\`).join('\\n')
    const sources = Object.fromEntries(names.map(name => [name + '.js', text(name)]))
    sources['main.js'] = names.map(name => \`import './\${name}.js'\`).join('\\n')
    const host = createHost({ sources, watch: false })
    await host.run('main.js')
    const started = await part()
    const kept = []
    for (let i = 0; i < 20_000; i++) kept.push(Array.from({ length: 300 }, () => i))
    gc()
    for (let i = 0; i < kept.length; i += 2) kept[i] = undefined
    console.log(JSON.stringify({ started, holed: await part() }))
    await host.close()`
  const args = ['--expose-gc', '--input-type=module', '-e', child]
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout)
}

describe('the heap after a start', function () {
  this.timeout(120_000)

  it('is compact after the next full collection, and the collections after that are as V8 likes them', async () => {
    const { started, holed } = await used(400)
    assert.ok(started > 0.85, `${started} of the old generation is used after the start`)
    assert.ok(holed < 0.8, `${holed} of it is used after the program made holes`)
  })
})
