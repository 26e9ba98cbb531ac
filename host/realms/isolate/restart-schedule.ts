// When a program is started again whose process has died: soon at first, ever later if it dies again, and not at all when that does not help.
import { clearTimeout, setTimeout } from 'node:timers'
import type { ProgramExit } from '../../api.js'
import { clock } from '../../clock.js'
import type { ExitReason } from './child-process.js'

export interface RestartSchedule {
  /** The process has died. @returns what becomes of the program */
  died(reason: ExitReason): ProgramExit
  /** Settles when a start that is due has been tried; undefined when none is due. */
  readonly pending: Promise<void> | undefined
  /** No start is due any more: it is closed, or being started by somebody else. */
  cancel(): void
}

/** Milliseconds before the first try; doubled with each after. */
const firstDelay = 50
/** Deaths in a row, each within `longEnough` milliseconds of the last, after which nothing is tried any more. */
const mostDeaths = 5
const longEnough = 10_000

/** @param start starts the program from the version that ran last; rejects when that fails */
export function createRestartSchedule(start: () => Promise<void>): RestartSchedule {
  let deaths = 0
  let lastDeath = -Infinity
  let pending: Promise<void> | undefined
  let end = (): void => {}

  function plan(delay: number): void {
    pending = new Promise(resolve => {
      // It may die again while it is started: the start that is due then is another.
      const finish = () => {
        clearTimeout(timer)
        if (end === finish) {
          pending = undefined
          end = () => {}
        }
        resolve()
      }
      const timer = setTimeout(
        () =>
          start()
            .catch(() => {})
            .finally(finish),
        delay,
      )
      end = finish
    })
  }

  return {
    died({ reason, message }) {
      const now = clock.now()
      deaths = now - lastDeath < longEnough ? deaths + 1 : 1
      lastDeath = now
      const restartsIn = deaths > mostDeaths ? undefined : firstDelay * 2 ** (deaths - 1)
      // It may have died while it was being started.
      end()
      if (restartsIn !== undefined) plan(restartsIn)
      return { reason, message, restartsIn }
    },
    get pending() {
      return pending
    },
    cancel: () => end(),
  }
}
