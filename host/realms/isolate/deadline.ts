// Deadlines that a busy machine does not pass: what counts is time in which the other side could have answered.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { clock } from '../../clock.js'

/** A late answer is waited for until so many times the limit have passed by the clock, if its process gets no time. */
const patience = 4

export interface Deadline {
  cancel(): void
}

/**
 * @param aliveMs milliseconds in which the other side was seen alive, counted from anywhere
 * @param onLate it had `milliseconds` and gave no answer
 */
export function startDeadline(milliseconds: number, aliveMs: () => number, onLate: () => void): Deadline {
  const began = clock.now()
  const aliveBefore = aliveMs()
  let timer = setTimeout(look, milliseconds)
  let isOver = false

  function look(): void {
    // Perhaps it was this process that was busy: what was sent meanwhile is read first.
    setImmediate(() => {
      if (isOver) return
      const missing = milliseconds - (aliveMs() - aliveBefore)
      if (missing > 0 && clock.now() - began < milliseconds * patience) timer = setTimeout(look, Math.max(missing, 20))
      else onLate()
    })
  }

  return {
    cancel() {
      isOver = true
      clearTimeout(timer)
    },
  }
}
