// A timer that was started once and calls a function by name: it ticks on through every edit.
import { reportEverySeconds } from './config.ts'
import type { Counter } from './counter.ts'

const startedAt = Date.now()

export function greetingsPerMinute(counter: Counter): number {
  return counter.total / ((Date.now() - startedAt) / 60_000)
}

function tick(rate: () => number): void {
  console.log(`${rate().toFixed(1)} greetings a minute`)
}

export function startClock(rate: () => number): void {
  setInterval(() => tick(rate), reportEverySeconds * 1000)
}
