// The lines of a reload, from reports, without a program.
import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { ModuleReport, ReloadReport } from '../../host/api.js'
import { createPrinter, type Printer } from '../../host/cli/print.js'
import { clock } from '../../host/clock.js'

const report = (
  outcome: ReloadReport['outcome'],
  modules: (Partial<ModuleReport> & { id: string })[],
): ReloadReport => ({
  outcome,
  modules: modules.map(each => ({
    version: 2,
    added: [],
    patched: [],
    evaluated: [],
    removed: [],
    stale: [],
    kept: 1,
    ...each,
  })),
  timing: { detect: 1, build: 1, link: 1, apply: 1, total: 4.25 },
})

/** A printer into a stream that only collects. */
function collect(isTTY = false): { printer: Printer; written: string[]; lines(): string[] } {
  const written: string[] = []
  const stream = { isTTY, hasColors: () => false, on() {}, write: (text: string) => written.push(text) }
  const printer = createPrinter({ json: false, root: '/', stream: stream as unknown as NodeJS.WriteStream })
  const lines = () => written.map(text => text.replace(/^\d\d:\d\d:\d\d {2}/, '').replace(/\n$/, ''))
  return { printer, written, lines }
}

describe('the line of a reload', () => {
  it('names everything that was done to a module', () => {
    const { printer, lines } = collect()
    const done = {
      patched: ['f', 'C.m'],
      evaluated: ['x'],
      added: ['y'],
      removed: ['z'],
      stale: ['statement at line 3'],
      kept: 7,
    }
    printer.reloaded(report('applied', [{ id: 'a.ts', ...done }]), false)
    assert.deepEqual(lines(), [
      '✓ a.ts patched f C.m, evaluated x, added y, removed z, stale statement at line 3  7 kept  4.3 ms',
    ])
  })

  it('is one line for several modules, and leaves out those nothing happened to', () => {
    const { printer, lines } = collect()
    printer.reloaded(
      report('applied', [{ id: 'a.ts', patched: ['f'] }, { id: 'b.ts' }, { id: 'c.ts', evaluated: ['x'] }]),
      false,
    )
    assert.deepEqual(lines(), ['✓ 2 modules: a.ts patched f; c.ts evaluated x  3 kept  4.3 ms'])
  })

  it('counts what does not fit', () => {
    const { printer, lines } = collect()
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    printer.reloaded(
      report(
        'applied',
        many.map(id => ({ id, patched: many })),
      ),
      false,
    )
    const [line] = lines()
    assert.match(line!, /^✓ 7 modules: a patched a b c d e and 2 more; b .*; 3 more {2}7 kept/)
  })

  it('shows first what somebody may have to look at', () => {
    const { printer, lines } = collect()
    const patched = ['a', 'b', 'c', 'd'].map(id => ({ id, patched: ['f'] }))
    const modules = [...patched, { id: 'e', evaluated: ['x'] }, { id: 'f', stale: ['statement at line 7'] }]
    printer.reloaded(report('applied', modules), false)
    assert.match(
      lines()[0]!,
      /^✓ 6 modules: f stale statement at line 7; e evaluated x; a patched f; b patched f; 2 more /,
    )
  })

  it('says that the sources run again at the end of a drift, and only then', () => {
    const { printer, lines } = collect()
    const rejected = report('rejected', [])
    printer.reloaded(rejected, true)
    printer.reloaded(report('unchanged', []), false)
    printer.reloaded(report('unchanged', []), false)
    assert.deepEqual(lines().slice(-2), ['· unchanged  4.3 ms  runs its sources again', '· unchanged  4.3 ms'])
  })
})

describe('progress of a build', () => {
  let now = 0
  beforeEach(() => {
    now = 1000
    mock.method(clock, 'now', () => now)
  })
  afterEach(() => mock.restoreAll())

  it('shows after 300 ms on a terminal, in one line that is cleared', () => {
    const { printer, written } = collect(true)
    printer.progress(1, 5)
    now += 299
    printer.progress(2, 9)
    assert.deepEqual(written, [])
    now += 1
    printer.progress(3, 9)
    assert.deepEqual(written, ['\r\x1b[2Kbuilding 3 of 9 modules'])
    printer.progress(9, 9)
    assert.equal(written.at(-1), '\r\x1b[2K')
    // The next build takes its own time.
    const length = written.length
    now += 1000
    printer.progress(1, 2)
    now += 10
    printer.progress(2, 2)
    assert.equal(written.length, length)
  })

  it('stays away from pipes', () => {
    const { printer, written } = collect(false)
    printer.progress(1, 5)
    now += 1000
    printer.progress(2, 5)
    assert.deepEqual(written, [])
  })
})
