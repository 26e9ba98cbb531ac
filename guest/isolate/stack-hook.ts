// Stack traces as the guest reads them name its files and lines. Only the host knows how patches and sources fit together.
import { apply, defineProperty } from '../primordials.js'
import { includes } from './intrinsics.js'

/**
 * V8 calls it whenever a stack is read, also for errors that the kernel makes: no guest may put another in its place, or get hold of
 * what V8 gives it.
 * @param map maps the frames of a stack
 */
export function installStackHook(map: (frames: string) => string): void {
  const describe = Error.prototype.toString
  const format = (error: unknown, sites: readonly unknown[]): string => {
    let frames = ''
    for (let index = 0; index < sites.length; index++) frames += `${index ? '\n' : ''}    at ${sites[index]}`
    let head: string
    try {
      head = apply(describe, error, [])
    } catch {
      head = 'Error'
    }
    if (includes(frames, '?regrow=') || includes(frames, 'regrow:kernel')) {
      try {
        frames = map(frames)
      } catch {
        // The host is gone, and soon this as well.
      }
    }
    return frames === '' ? head : `${head}\n${frames}`
  }
  defineProperty(Error, 'prepareStackTrace', { get: () => format, set() {}, enumerable: false, configurable: false })
}
