// Waits for what reloads and `close()` dispose of (R11), but not for ever, and puts failures into words.
import { clearTimeout, setTimeout } from 'node:timers'
import type { DisposalFailure } from '../guest/protocol.js'
import { clock } from './clock.js'
import { RegrowError } from './errors.js'
import { describe } from './failure.js'
import type { Services } from './services.js'
import { stepsOf } from './steps.js'

/** How long a reload waits for disposers, and how long `close()` waits for one, in milliseconds. */
const limit = 1000
/** How long `close()` waits for all of them, in milliseconds. */
const totalLimit = 3000

/**
 * Begins to dispose of what a reload has made outdated, in this turn.
 * @returns the failures, once all has ended or the time is over; what fails later goes to `services.onLateError`
 */
export async function disposeOutdated(services: Services): Promise<RegrowError[]> {
  const wait = stepsOf(services.realm).dispose()
  if (!wait) return []
  const told = Promise.resolve(wait).then(failures => errorsOf(services, failures))
  const late = Symbol()
  const first = await within(told, limit, late)
  if (first !== late) return first
  void told.then(errors => errors.forEach(services.onLateError))
  return []
}

/** Disposes of everything, what was made last first. */
export async function disposeAll(services: Services): Promise<RegrowError[]> {
  const end = clock.today() + totalLimit
  const late = Symbol()
  const failures = await stepsOf(services.realm).disposeAll(async wait => {
    const left = Math.min(limit, end - clock.today())
    return (await within(Promise.resolve(wait), Math.max(left, 0), late)) !== late
  })
  return errorsOf(services, failures)
}

/** Waits for a promise, but not longer than some milliseconds: then it comes to `late`. */
export async function within<T, Late>(promise: Promise<T>, milliseconds: number, late: Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<Late>(resolve => {
    timer = setTimeout(resolve, milliseconds, late)
  })
  try {
    return await Promise.race([promise, over])
  } finally {
    clearTimeout(timer)
  }
}

function errorsOf({ stack }: Services, failures: readonly DisposalFailure[]): RegrowError[] {
  const errors: RegrowError[] = []
  for (let index = 0; index < failures.length; index++) {
    const { module, key, error } = failures[index]!
    const place = stack.firstPlace(error)
    const what = key.startsWith('statement') ? 'what a statement made' : `what '${key}' made`
    errors.push(
      new RegrowError('ERR_REGROW_DISPOSE', `${module}: disposing of ${what} failed: ${describe(error)}`, {
        cause: error,
        ...(place ? { place } : { file: module }),
      }),
    )
  }
  return errors
}
