// Delays and ticks of `node:timers/promises` that end when their owner goes: quietly, for nobody asked for an AbortError.
import {
  apply,
  asyncIterator,
  isObject,
  mapDelete,
  mapForEach,
  mapSet,
  NativeMap,
  NativePromise,
  whenSettled,
} from './primordials.js'

interface Tools {
  readonly AbortController: new () => AbortController
  readonly AbortSignal: { any(signals: AbortSignal[]): AbortSignal }
}

type Timer = (...args: unknown[]) => unknown

/** Hands the call a signal of ours, beside the guest's. */
function withSignal(
  args: readonly unknown[],
  at: number,
  controller: AbortController,
  { AbortSignal }: Tools,
): unknown[] {
  const given = args[at]
  const options: Record<string, unknown> = isObject(given) ? { ...given } : {}
  const theirs = options.signal as AbortSignal | undefined
  options.signal = theirs ? AbortSignal.any([theirs, controller.signal]) : controller.signal
  const own: unknown[] = []
  for (let index = 0; index < at; index++) own[index] = args[index]
  own[at] = options
  return own
}

/** A delay; one that was stopped never settles, as a timer that was cleared never calls. */
export function ownDelay(
  real: Timer,
  args: readonly unknown[],
  at: number,
  tools: Tools,
): { result: Promise<unknown>; stop: () => void } {
  const controller = new tools.AbortController()
  let isStopped = false
  const inner = apply(real, undefined, withSignal(args, at, controller, tools)) as Promise<unknown>
  const result = new NativePromise<unknown>((resolve, reject) => {
    whenSettled(inner, resolve, error => {
      if (!isStopped) reject(error)
    })
  })
  const stop = () => {
    isStopped = true
    controller.abort()
  }
  return { result, stop }
}

/** Ticks; when they are stopped, the loop over them ends. */
export function ownTicks(
  real: Timer,
  args: readonly unknown[],
  at: number,
  tools: Tools,
): { result: object; stop: () => void } {
  const controller = new tools.AbortController()
  const inner = apply(real, undefined, withSignal(args, at, controller, tools)) as AsyncGenerator
  let isStopped = false
  const waiting = new NativeMap<() => void, true>()
  const guard = (step: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> =>
    new NativePromise((resolve, reject) => {
      const over = () => resolve({ done: true, value: undefined })
      if (isStopped) return over()
      mapSet(waiting, over, true)
      whenSettled(
        step(),
        value => {
          mapDelete(waiting, over)
          resolve(value)
        },
        error => {
          mapDelete(waiting, over)
          if (!isStopped) reject(error)
        },
      )
    })
  const result = {
    next: () => guard(() => inner.next()),
    return: (value: unknown) => guard(() => inner.return(value)),
    throw: (error: unknown) => guard(() => inner.throw(error)),
    [asyncIterator]: () => result,
  }
  const stop = () => {
    isStopped = true
    mapForEach(waiting, (_true, over) => over())
    controller.abort()
  }
  return { result, stop }
}
