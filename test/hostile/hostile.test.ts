// Guests that mean harm, each in a program of its own: none gets out, each ends as it must, and nobody else notices.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Host, Program } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import type { Guest } from './guest.js'
import { boundary } from './guests/boundary.js'
import { builds } from './guests/builds.js'
import { errors } from './guests/errors.js'
import { escapes } from './guests/escapes.js'
import { memory } from './guests/memory.js'
import { modules } from './guests/modules.js'
import { reloads } from './guests/reloads.js'
import { time } from './guests/time.js'
import { type Outcome, run } from './run.js'

const classes: Readonly<Record<string, readonly Guest[]>> = {
  'ways out': escapes,
  'values that cross': boundary,
  'errors and promises': errors,
  imports: modules,
  builds,
  time,
  memory,
  reloads,
}

/** How many guests run at a time. */
const lanes = 3
/** Milliseconds that a host may be held up, and that another program may take. */
const mostLag = 100
const mostWait = 1000

describe('hostile guests', function () {
  this.timeout(600_000)
  let host: Host
  let other: Program
  const outcomes = new Map<Guest, Promise<Outcome>>()

  before(async () => {
    host = createHost({ realm: 'isolate', watch: false })
    other = await host.run('./main.js', { sources: { 'main.js': 'export const ping = () => 1' } })
    const waiting = Object.values(classes).flat()
    const take = (): Promise<void> | undefined => {
      const guest = waiting.shift()
      if (!guest) return undefined
      const outcome = run(guest, host, other)
      starts.get(guest)!(outcome)
      return outcome.then(take, take)
    }
    const starts = new Map<Guest, (outcome: Promise<Outcome>) => void>()
    for (const guest of waiting) outcomes.set(guest, new Promise(resolve => starts.set(guest, resolve)))
    for (let lane = 0; lane < lanes; lane++) void take()
  })
  after(() => host.close())

  for (const [name, guests] of Object.entries(classes)) {
    describe(name, () => {
      for (const guest of guests) {
        it(`${guest.title}: ${guest.ends.join(' or ')}`, async () => {
          let outcome = await outcomes.get(guest)!
          // The machine may have been busy: alone it must hold.
          if (outcome.lag >= mostLag || outcome.otherTook >= mostWait) {
            await Promise.all(outcomes.values())
            outcome = await run(guest, host, other)
          }
          const { end, value, error, lag, otherTook } = outcome
          if (!guest.ends.includes(end)) assert.fail(`it ended with ${end}: ${describeEnd(error ?? value)}`)
          if (end === 'value' && 'gives' in guest) assert.deepEqual(value, guest.gives)
          assert.deepEqual(outcome.escapes, [])
          assert.ok(lag < mostLag, `the host was held up for ${lag.toFixed()} ms`)
          assert.ok(otherTook < mostWait, `another program took ${otherTook.toFixed()} ms for an answer`)
        })
      }
    })
  }
})

function describeEnd(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message.slice(0, 300)}` : inspect(value).slice(0, 300)
}
