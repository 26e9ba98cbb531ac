// The host's functions that a guest was granted: it calls them by number, with copies.
import { answer } from '../../../guest/isolate/wire.js'
import type { IsolateLimits } from '../../api.js'
import { RegrowError } from '../../errors.js'
import { crossing } from './crossing.js'
import { encode, type Grant, writeError } from './encode.js'

export interface HostFunctions {
  readonly grant: Grant
  /** @returns an answer: the value's copy, a promise's number, or what was thrown */
  call(id: number, given: readonly unknown[]): string
  value(value: unknown): string
  /** A text of the host's own, however long. */
  text(text: string): string
  /** The same, with functions granted. */
  granted(value: object): string
  thrown(error: unknown): string
}

/** @param settle tells the guest what became of a promise */
export function createHostFunctions(
  limits: IsolateLimits,
  settle: (promise: number, text: string) => void,
): HostFunctions {
  const granted: { readonly callee: (...given: any[]) => unknown; readonly owner: object | undefined }[] = []
  let lastPromise = 0
  let underWay = 0

  const grant: Grant = (callee, owner) => granted.push({ callee, owner }) - 1
  const value = (of: unknown): string => answer.value + encode(of, crossing(limits))

  function attempt(make: () => string): string {
    try {
      return make()
    } catch (error) {
      return thrown(error)
    }
  }

  function thrown(error: unknown): string {
    if (RegrowError.is(error)) return answer.thrown + writeError(plain(error))
    if (error instanceof Error) return answer.thrown + writeError(error)
    try {
      return answer.thrown + value(error).slice(1)
    } catch {
      return answer.thrown + JSON.stringify('a value that cannot be copied')
    }
  }

  return {
    value,
    text: of => answer.value + JSON.stringify(of),
    thrown,
    grant,
    granted: of => answer.value + encode(of, crossing(limits), grant),
    call(id, given) {
      const found = granted[id]
      if (!found || !Array.isArray(given)) return thrown(new TypeError('no such function'))
      let result: unknown
      try {
        result = Reflect.apply(found.callee, found.owner, given)
      } catch (error) {
        return thrown(error)
      }
      if (!(result instanceof Promise)) return attempt(() => value(result))
      if (underWay >= limits.calls) {
        result.catch(() => {})
        return thrown(new RangeError(`there are ${limits.calls} calls of the host under way`))
      }
      underWay++
      const promise = ++lastPromise
      const end = (text: string) => {
        underWay--
        settle(promise, text)
      }
      result.then(
        given => end(attempt(() => value(given))),
        error => end(thrown(error)),
      )
      return answer.promise + promise
    },
  }
}

/** Codes of regrow's cross; what it knows of files does not. */
const plain = ({ message, code }: RegrowError) => Object.assign(new Error(message), { code })
