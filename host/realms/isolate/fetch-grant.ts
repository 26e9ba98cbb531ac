// The grant `fetch`: a request of a guest's, made by the host if it goes to an origin that was granted, and so does every redirect.
import { RegrowError } from '../../errors.js'

export interface FetchSettings {
  /** As `URL.origin` writes them. */
  readonly origins: readonly string[]
  /** Milliseconds for a request with its redirects and its body. */
  readonly timeoutMs: number
  /** Bytes of a body, each way. */
  readonly maxBytes: number
}

/** What the guest makes a `Response` of. */
export interface Fetched {
  readonly url: string
  readonly status: number
  readonly statusText: string
  readonly redirected: boolean
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Uint8Array
}

interface Request {
  readonly method: string
  readonly headers: Headers
  readonly body: string | Uint8Array | undefined
  readonly redirect: 'follow' | 'error' | 'manual'
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** What says where a request goes, how it is carried, or that it is somebody else's; it is not the guest's to say. */
const ownHeaders =
  /^(?:host|connection|content-length|transfer-encoding|keep-alive|upgrade|expect|te|trailer|origin|via|(?:proxy|sec)-.*)$/i
const mostHeaders = 100
const longestUrl = 8192
const mostRedirects = 5
/** Requests of a program under way at a time; the others wait. */
const mostAtOnce = 16

/** @param ended aborts what is under way @returns a function to grant: it takes a URL and what `fetch` takes as its second argument */
export function createFetch(
  { origins, timeoutMs, maxBytes }: FetchSettings,
  ended: AbortSignal,
): (url: unknown, init: unknown) => Promise<Fetched> {
  const waiting: (() => void)[] = []
  let underWay = 0

  async function request(url: unknown, init: unknown): Promise<Fetched> {
    const wanted = readRequest(init)
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ended])
    let target = granted(url)
    let { method, body } = wanted
    for (let redirects = 0; ; redirects++) {
      const options = {
        method,
        headers: wanted.headers,
        redirect: 'manual' as const,
        signal,
        ...(body !== undefined && { body: body as never }),
      }
      const response = await fetch(target, options)
      const location = response.headers.get('location')
      if (wanted.redirect === 'manual' || location === null || ![301, 302, 303, 307, 308].includes(response.status))
        return {
          url: target.href,
          status: response.status,
          statusText: response.statusText,
          redirected: redirects > 0,
          headers: [...response.headers],
          body: await bodyOf(response),
        }
      await response.body?.cancel()
      if (wanted.redirect === 'error') throw new TypeError('the answer is a redirect')
      if (redirects === mostRedirects) throw new TypeError(`more than ${mostRedirects} redirects`)
      const next = granted(new URL(location, target).href)
      if (next.origin !== target.origin) for (const name of ['authorization', 'cookie']) wanted.headers.delete(name)
      if (response.status === 303 ? method !== 'HEAD' : response.status < 303 && method === 'POST') {
        method = 'GET'
        body = undefined
        wanted.headers.delete('content-type')
      }
      target = next
    }
  }

  function granted(url: unknown): URL {
    if (typeof url !== 'string' || url.length > longestUrl || !URL.canParse(url)) throw new TypeError('no valid URL')
    const parsed = new URL(url)
    if (parsed.username || parsed.password) throw new TypeError('a URL must not hold a password')
    if (origins.includes(parsed.origin)) return parsed
    throw new RegrowError('ERR_REGROW_DENIED', `this program may not fetch from ${parsed.origin}`)
  }

  function readRequest(init: unknown): Request {
    const { method = 'GET', headers = [], body, redirect = 'follow' } = (init ?? {}) as Record<string, unknown>
    const name = String(method).toUpperCase()
    if (!methods.includes(name)) throw new TypeError('no such method')
    if (!Array.isArray(headers) || headers.length > mostHeaders) throw new TypeError('too many headers')
    const list = new Headers()
    for (const [key, value] of headers) if (!ownHeaders.test(String(key))) list.append(String(key), String(value))
    if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array))
      throw new TypeError('a body is text or bytes')
    if (body !== undefined && Buffer.byteLength(body) > maxBytes)
      throw new RangeError(`a body has ${maxBytes} bytes at most`)
    if (redirect !== 'follow' && redirect !== 'error' && redirect !== 'manual')
      throw new TypeError('no such redirect mode')
    return { method: name, headers: list, body, redirect }
  }

  async function bodyOf({ body }: Response): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > maxBytes) throw new RangeError(`the answer has more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    return new Uint8Array(Buffer.concat(chunks))
  }

  return async (url, init) => {
    if (underWay >= mostAtOnce) await new Promise<void>(resolve => waiting.push(resolve))
    underWay++
    try {
      return await request(url, init)
    } catch (error) {
      throw shown(error as Error, timeoutMs)
    } finally {
      underWay--
      waiting.shift()?.()
    }
  }
}

/** What a guest may know: not which address a name has, or what else Node says of the network. */
function shown(error: Error, timeoutMs: number): Error {
  if (RegrowError.is(error) || error instanceof RangeError) return error
  if (error.name === 'TimeoutError') return new RangeError(`no answer within ${timeoutMs} ms`)
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException
  if (error.message === 'fetch failed' || code !== undefined)
    return new TypeError(`fetch failed${typeof code === 'string' ? ` (${code})` : ''}`)
  return error instanceof TypeError ? new TypeError(error.message.slice(0, 200)) : new TypeError('fetch failed')
}
