// Any sequence of edits leaves the program where a fresh start from the same sources would be, state apart.
import fc from 'fast-check'
import { realms } from '../support/program.js'
import { breakageKinds } from './breakage.js'
import { type Edit, type EditKind, editKinds } from './edit.js'
import { play, type Sequence } from './sequence.js'

const seed = Number(process.env.REGROW_SEED ?? Date.now() % 2 ** 31)
/** Over both realms. */
const runs = Number(process.env.REGROW_RUNS ?? 1000)

/** Milliseconds for the runs of one realm, on a slow machine: a run takes some 15, and to shrink what fails takes a minute. */
const timeFor = (runs: number) => 60_000 + runs * 60

const edit = (kinds: readonly EditKind[]): fc.Arbitrary<Edit> =>
  fc.noBias(fc.record({ kind: fc.constantFrom(...kinds), at: fc.nat(29), pick: fc.nat(59), value: fc.nat(9999) }))

const growing: readonly EditKind[] = [
  ...['add', 'add', 'add', 'add', 'add', 'add', 'add', 'member', 'member', 'base', 'base'],
  ...['style', 'style', 'star', 'reexport', 'addModule', 'addModule', 'visibility'],
] as EditKind[]

const sequences: fc.Arbitrary<Sequence> = fc.record({
  growth: fc.array(edit(growing), { minLength: 8, maxLength: 30, size: 'max' }),
  steps: fc.array(
    fc.record({
      edits: fc.array(edit(editKinds), { minLength: 1, maxLength: 3, size: 'max' }),
      broken: fc.option(fc.record({ kind: fc.constantFrom(...breakageKinds), at: fc.nat(5) }), {
        nil: undefined,
        freq: 4,
      }),
      assigned: fc.nat(99),
    }),
    { minLength: 1, maxLength: 4, size: 'max' },
  ),
})

describe('any sequence of edits', () => {
  const share: Record<(typeof realms)[number], number> = { main: Math.floor(runs / 2), context: Math.ceil(runs / 2) }

  before(() => console.log(`    REGROW_SEED=${seed} REGROW_RUNS=${runs}`))

  for (const realm of realms) {
    it(`leaves a program in realm ${realm} as a fresh start would be (REGROW_SEED=${seed})`, async function () {
      const time = timeFor(share[realm])
      this.timeout(time + 10_000)
      await fc.assert(
        fc.asyncProperty(sequences, sequence => play(sequence, realm)),
        {
          seed,
          numRuns: share[realm],
          includeErrorInReport: true,
          interruptAfterTimeLimit: time,
          markInterruptAsFailure: true,
        },
      )
    })
  }
})
