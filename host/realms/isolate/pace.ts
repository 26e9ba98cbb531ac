// Keeps reloads of a program that is not trusted from taking all of the host's time: beyond a rate they wait.
import { setTimeout } from 'node:timers/promises'
import { clock } from '../../clock.js'

/** @returns what waits until one more may begin. At first, and after a rest, a second's worth may at once. */
export function createPace(perSecond: number): () => Promise<void> {
  const most = Math.max(1, perSecond)
  let left = most
  let filled = clock.now()
  return async () => {
    for (;;) {
      const now = clock.now()
      left = Math.min(most, left + ((now - filled) / 1000) * perSecond)
      filled = now
      if (left >= 1) break
      await setTimeout(Math.ceil(((1 - left) / perSecond) * 1000))
    }
    left--
  }
}
