import { get, set } from 'app:kv'

let ticks: number = 0

export function tick(): string {
  set('ticks', ++ticks)
  return `tick ${ticks}, stored ${get('ticks')}`
}
