// Rule R10: what already exists, or is in flight, finishes on the code it began with. (That the rest is collected: the leak test.)
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import v8 from 'node:v8'
import vm from 'node:vm'
import { inEveryRealm } from '../support/program.js'

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc') as () => void

describe('R10 old versions', () => {
  inEveryRealm((start, realm) => {
    it('a closure that is already created keeps its body, a new one has the new body', async () => {
      const source = (text: string) => `
        const made = []
        function make(n) { return () => '${text} ' + n }
        export function create() { made.push(make(made.length)) }
        export function run() { return made.map(each => each()) }`
      const app = await start(source('one'))
      await app.call('create')
      await app.edit(source('two'))
      await app.call('create')
      await app.expect('run', ['one 0', 'two 1'])
    })

    it('a closure from an old body calls the new helper and reads live state', async () => {
      const source = (n: number) => `
        let count = 0
        const made = []
        function helper() { return 'helper${n}' }
        function make() { return () => ['body${n}', helper(), ++count] }
        export function create() { made.push(make()) }
        export function run() { return made.map(each => each()) }`
      const app = await start(source(1))
      await app.call('create')
      await app.expect('run', [['body1', 'helper1', 1]])
      await app.edit(source(2))
      await app.expect('run', [['body1', 'helper2', 2]])
    })

    it('a generator in flight goes on with its old body, the next one begins with the new', async () => {
      const source = (text: string) => `
        function* steps() { yield '${text} first'; yield '${text} second' }
        class Source { *steps() { yield '${text} first'; yield '${text} second' } }
        let flying
        export function begin() { flying = [steps(), new Source().steps()]; return flying.map(each => each.next().value) }
        export function run() { return flying.map(each => each.next().value) }`
      const app = await start(source('one'))
      await app.expect('begin', ['one first', 'one first'])
      await app.edit(source('two'))
      await app.expect('run', ['one second', 'one second'])
      await app.expect('begin', ['two first', 'two first'])
      await app.expect('run', ['two second', 'two second'])
    })

    it('a generator that has not taken its first step is in flight too', async () => {
      const source = (n: number) => `
        function* steps(start = ${n}) { yield start; yield ${n} }
        let flying
        export function begin() { flying = steps() }
        export function run() { return [...flying] }`
      const app = await start(source(1))
      await app.call('begin')
      await app.edit(source(2))
      await app.expect('run', [1, 1])
      await app.call('begin')
      await app.expect('run', [2, 2])
    })

    it('stats tell how many replaced implementations are held, and how many were collected', async () => {
      const source = (n: number) => `
        function* steps() { yield ${n} }
        class Thing { go() { return ${n} } }
        const list = []
        list.push(() => ${n})
        let flying
        export function begin() { flying = steps() }
        export function run() { return [new Thing().go(), list[0](), flying.next().value] }`
      const app = await start(source(0))
      const versions = async () => (await app.program.stats()).versions
      assert.deepEqual(await versions(), { live: 0, collected: 0 })
      await app.call('begin')
      for (let n = 1; n <= 5; n++) await app.edit(source(n))
      const { live, collected } = await versions()
      assert.equal(live + collected, 15)
      // Nothing here makes an isolate collect.
      if (realm === 'isolate') return
      await turn()
      collect()
      assert.deepEqual(await versions(), { live: 1, collected: 14 })
      await app.expect('run', [5, 5, 0])
    })

    it('an async function in flight finishes on its old body', async () => {
      const source = (text: string) => `
        let release, flying
        function helper() { return 'helper ${text}' }
        async function work() { await new Promise(done => { release = done }); return ['${text}', helper()] }
        export function begin() { flying = work() }
        export function finish() { release(); return flying }`
      const app = await start(source('one'))
      await app.call('begin')
      await app.edit(source('two'))
      await app.expect('finish', ['one', 'helper two'])
      await app.call('begin')
      await app.expect('finish', ['two', 'helper two'])
    })

    it('an async method in flight finishes on its old body with its own this', async () => {
      const source = (text: string) => `
        let release, flying
        class Job { #name = 'job'; async work() { await new Promise(done => { release = done }); return this.#name + ' ${text} ' + this.tail() } tail() { return '${text}' } }
        const job = new Job()
        export function begin() { flying = job.work() }
        export function finish() { release(); return flying }`
      const app = await start(source('one'))
      await app.call('begin')
      await app.edit(source('two'))
      await app.expect('finish', 'job one two')
    })

    it('an async generator in flight, read by for await, finishes on its old body', async () => {
      const source = (text: string) => `
        let release, flying
        async function* feed() { yield '${text} 1'; await new Promise(done => { release = done }); yield '${text} 2' }
        async function drain() { const got = []; for await (const item of feed()) { got.push(item); heard?.() } return got }
        let heard
        export function begin() { return new Promise(first => { heard = first; flying = drain() }) }
        export function finish() { heard = undefined; release(); return flying }`
      const app = await start(source('one'))
      await app.call('begin')
      await app.edit(source('two'))
      await app.expect('finish', ['one 1', 'one 2'])
    })

    it('a rejected edit leaves calls in flight and old closures alone', async () => {
      const source = (text: string, end: string) => `
        let release, flying
        const kept = []
        async function work() { await new Promise(done => { release = done }); return '${text}' }
        export function begin() { flying = work(); kept.push(() => '${text}') }
        export function finish() { release(); return flying }
        export function run() { return kept.map(each => each()) }
        ${end}`
      const app = await start(source('one', ''))
      await app.call('begin')
      await app.edit(source('two', `throw new Error('no')`), 'rejected')
      await app.expect('finish', 'one')
      await app.call('begin')
      await app.expect('finish', 'one')
      await app.expect('run', ['one', 'one'])
    })

    it('many versions may be alive at once, each closure with the body of its day', async () => {
      const source = (n: number) => `
        const made = []
        export function create() { made.push(() => ${n}) }
        export function run() { return made.map(each => each()) }`
      const app = await start(source(0))
      for (let version = 1; version <= 5; version++) {
        await app.call('create')
        await app.edit(source(version))
      }
      await app.expect('run', [0, 1, 2, 3, 4])
      assert.equal(app.program.modules()[0]?.version, 6)
    })
  })
})
