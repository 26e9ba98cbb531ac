// The transform cache: what a second start takes from it, what it must not take, and what harms it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { createContext } from 'node:vm'
import { crc32 } from 'node:zlib'
import { codeData, compileFirst } from '../../host/compile.js'
import { createHost } from '../../host/index.js'
import { hostUrl } from '../../host/own-files.js'
import { realms } from '../support/program.js'

const files = {
  'main.ts': `import { area, Shape } from './shape.ts'
import * as all from './shape.ts'
enum Unit { Metre = 'm' }
let calls: number = 0
export const twice = [1, 2].map(each => each * 2)
export function tell(side: number): string {
  calls++
  return new Shape(side).name() + area(side) + Unit.Metre + calls + Object.keys(all).length
}
export function where(): string {
  return new Error('here').stack!.split('\\n')[1]!.replace(/.*main/, 'main')
}
export const text = () => tell.toString()
`,
  'shape.ts': `import { SCALE } from './scale.js'
export const area = (side: number): number => side * side * SCALE
export class Shape {
  #side: number
  constructor(side: number) { this.#side = side }
  name() { return 'shape ' + this.#side + ': ' }
}
`,
  'scale.js': 'export const SCALE = 10\n',
}

/** A pack whose entries say something else, with checksums that fit. */
function altered(pack: Buffer, from: string, to: string): Buffer {
  const changed = Buffer.from(pack.toString('latin1').replaceAll(from, to), 'latin1')
  for (let at = changed.indexOf('\n') + 1; at < changed.length; ) {
    const lengths = [0, 1, 2, 3, 4, 5, 6].map(index => changed.readUInt32LE(at + index * 4))
    const size = lengths.reduce((sum, each) => (each === 0xffffffff ? sum : sum + each), 0)
    changed.writeUInt32LE(crc32(changed.subarray(at + 32, at + 32 + size)), at + 28)
    at += 32 + size
  }
  return changed
}

for (const realm of realms) {
  describe(`the transform cache, realm ${realm}`, () => {
    let folder: string

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'regrow-cache-'))
    })
    afterEach(() => rmSync(folder, { recursive: true, force: true }))

    const start = async (sources: Record<string, string>) => {
      const host = createHost({ realm, watch: false, sources, cache: folder })
      const program = await host.run('./main.ts')
      return { program, host }
    }
    const run = async (sources: Record<string, string>): Promise<unknown> => {
      const { program, host } = await start(sources)
      const told = await program.call('tell', 3)
      await host.close()
      return told
    }
    /** In a process of its own, where it is the first program: starts it, and lets it be for a while. */
    const runAtLeisure = async (): Promise<unknown> => {
      const script = `import { createHost } from ${JSON.stringify(hostUrl)}
        import { setTimeout as delay } from 'node:timers/promises'
        const host = createHost(${JSON.stringify({ realm, watch: false, sources: files, cache: folder })})
        const program = await host.run('./main.ts')
        console.log(JSON.stringify([await program.call('tell', 3), await program.call('where')]))
        await delay(1200)
        await host.close()`
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
      return JSON.parse(stdout)
    }
    const packs = () => readdirSync(folder).filter(name => name.endsWith('.pack'))
    const pack = () => join(folder, packs()[0]!)

    it('lets a second start do the same as the first, and writes nothing anew', async () => {
      assert.equal(await run(files), 'shape 3: 90m12')
      assert.equal(packs().length, 1)
      const before = statSync(pack()).mtimeMs
      const content = readFileSync(pack())
      assert.equal(await run(files), 'shape 3: 90m12')
      assert.equal(statSync(pack()).mtimeMs, before)
      assert.deepEqual(readFileSync(pack()), content)
    })

    it('is what the second start runs', async () => {
      await run(files)
      writeFileSync(pack(), altered(readFileSync(pack()), 'shape ', 'SHAPE '))
      assert.equal(await run(files), 'SHAPE 3: 90m12')
    })

    it('does not outlive a text, nor what its names stand for', async () => {
      await run(files)
      assert.equal(await run({ ...files, 'scale.js': 'export const SCALE = 100\n' }), 'shape 3: 900m12')
      const moved = {
        ...files,
        'scale.js': `export { SCALE } from './real.js'\n`,
        'real.js': 'export let SCALE = 2\nexport const set = by => { SCALE = by }\n',
      }
      assert.equal(await run(moved), 'shape 3: 18m12')
      assert.equal(await run(files), 'shape 3: 90m12')
    })

    it('leaves edits, stack traces and texts as they are', async () => {
      const cold = await start(files)
      const text = await cold.program.call('text')
      await cold.host.close()
      const { program, host } = await start(files)
      assert.match(String(await program.call('where')), /^main\.ts:11:10\)?$/)
      assert.match(String(text), /^function tell\(side\) \{/)
      assert.equal(await program.call('text'), text)
      await program.call('tell', 1)
      const report = await program.update({ 'shape.ts': files['shape.ts'].replace("'shape '", "'form '") })
      assert.deepEqual(
        report.modules.map(({ id, patched, evaluated }) => ({ id, patched, evaluated })),
        [{ id: 'shape.ts', patched: ['Shape.name'], evaluated: [] }],
      )
      assert.equal(await program.call('tell', 3), 'form 3: 90m22')
      await program.update({ 'scale.js': 'export const SCALE = 1\n' })
      assert.equal(await program.call('tell', 3), 'form 3: 9m32')
      await host.close()
    })

    it('drops what is damaged', async () => {
      await run(files)
      const whole = readFileSync(pack())
      for (let at = 0; at < whole.length; at += 97) {
        const damaged = Buffer.from(whole)
        damaged[at]! ^= 0x55
        writeFileSync(pack(), damaged)
        assert.equal(await run(files), 'shape 3: 90m12', `byte ${at}`)
      }
      for (const length of [0, 1, 20, whole.length >> 1, whole.length - 1]) {
        writeFileSync(pack(), whole.subarray(0, length))
        assert.equal(await run(files), 'shape 3: 90m12', `${length} bytes`)
      }
      // Lengths that say that there is nothing.
      const empty = Buffer.from(whole)
      const first = whole.indexOf('\n') + 1
      empty.fill(0xff, first, first + 28)
      writeFileSync(pack(), empty)
      assert.equal(await run(files), 'shape 3: 90m12')
      assert.equal(statSync(pack()).size, whole.length)
    })

    it('keeps what V8 makes of the patches, once there is time for it', async () => {
      const told = ['shape 3: 90m12', 'main.ts:11:10)']
      assert.deepEqual(await runAtLeisure(), told)
      const kept = readFileSync(pack())
      for (const id of Object.keys(files)) assert.ok(kept.includes(`${id}?regrow=1`), id)
      const before = statSync(pack()).mtimeMs
      // Had V8 not taken it, it would be made anew.
      assert.deepEqual(await runAtLeisure(), told)
      assert.equal(statSync(pack()).mtimeMs, before)
      // Other programs of a process have other names, by which V8 on Node 20 would not call it.
      await run(files)
      const { program, host } = await start(files)
      assert.match(String(await program.call('where')), /^main\.ts:11:10\)?$/)
      await host.close()
    })

    it('does without what another V8 made', async () => {
      const told = await runAtLeisure()
      const kept = readFileSync(pack())
      // Its mark and version, which begin all that V8 keeps.
      const mark = codeData('', [], 'a.js').toString('latin1', 0, 8)
      const damaged = altered(kept, mark, 'no V8 is')
      assert.notDeepEqual(damaged, kept)
      writeFileSync(pack(), damaged)
      assert.deepEqual(await runAtLeisure(), told)
      assert.ok(readFileSync(pack()).includes(mark, 0, 'latin1'))
    })

    it('is shared by programs that start and end together', async () => {
      const results = await Promise.all(Array.from({ length: 8 }, () => run(files)))
      assert.deepEqual(new Set(results), new Set(['shape 3: 90m12']))
      assert.deepEqual(readdirSync(folder), packs())
      assert.equal(await run(files), 'shape 3: 90m12')
    })

    it('is done without where it cannot be written', async () => {
      rmSync(folder, { recursive: true })
      writeFileSync(folder, 'a file')
      assert.equal(await run(files), 'shape 3: 90m12')
    })
  })
}

describe('what V8 made of a text', () => {
  it('is taken for the same text, in any context, and for no other V8', () => {
    const data = codeData('return a + 1', ['a'], 'a.js')
    const damaged = Buffer.from(data).fill(0, 0, 8)
    // V8 of Node 22 and later knows a text that it has compiled before; of another one it compares the length alone.
    for (const [more, context] of [undefined, createContext({})].entries()) {
      const { run, isFromData } = compileFirst('return a + 1', ['a'], 'a.js', context, data)
      assert.deepEqual([run(1), isFromData], [2, true])
      const without = compileFirst(`return a + ${2 + more}`, ['a'], 'a.js', context)
      assert.deepEqual([without.run(1), without.isFromData], [3 + more, false])
      const rejected = compileFirst(`return a + ${4 + more}`, ['a'], 'a.js', context, damaged)
      assert.deepEqual([rejected.run(1), rejected.isFromData], [5 + more, false])
    }
  })
})
