// The grant `fetch` as a guest meets it: `fetch`, `Headers` and `Response` over what the host fetches. Bodies are whole, not streams.
import { TextDecoder, TextEncoder } from '@kayahr/text-encoding/no-encodings'

/** @param request the host's function */
export function createFetch(request) {
  async function fetch(input, init = {}) {
    const { method, headers, body, redirect, signal } = init
    const list = new Headers(headers)
    if (typeof body === 'string' && !list.has('content-type')) list.set('content-type', 'text/plain;charset=UTF-8')
    const isForm = typeof body === 'object' && body?.constructor?.name === 'URLSearchParams'
    if (isForm && !list.has('content-type')) list.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8')
    const options = {}
    for (const [key, value] of Object.entries({ method, redirect, body: isForm ? `${body}` : bytesOf(body) }))
      if (value !== undefined && value !== null) options[key] = value
    const answered = request(`${input}`, { ...options, headers: [...list] })
    return new Response(...fromHost(await (signal ? unlessAborted(answered, signal) : answered)))
  }
  return { fetch, Headers, Response }
}

const fromHost = ({ body, ...facts }) => [body, facts]

function unlessAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason ?? new Error('aborted'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject)
  })
}

function bytesOf(body) {
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  return ArrayBuffer.isView(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : body
}

export class Headers {
  #values = new Map()

  constructor(init = []) {
    const pairs = typeof init?.[Symbol.iterator] === 'function' ? init : Object.entries(init ?? {})
    for (const [name, value] of pairs) this.append(name, value)
  }
  append(name, value) {
    const before = this.get(name)
    this.set(name, before === null ? value : `${before}, ${value}`)
  }
  set(name, value) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError(`no name of a header: '${name}'`)
    this.#values.set(`${name}`.toLowerCase(), `${value}`.trim())
  }
  get(name) {
    return this.#values.get(`${name}`.toLowerCase()) ?? null
  }
  has(name) {
    return this.#values.has(`${name}`.toLowerCase())
  }
  delete(name) {
    this.#values.delete(`${name}`.toLowerCase())
  }
  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this)
  }
  keys() {
    return [...this].map(([name]) => name).values()
  }
  values() {
    return [...this].map(([, value]) => value).values()
  }
  entries() {
    return [...this.#values].sort(([left], [right]) => (left < right ? -1 : 1)).values()
  }
  [Symbol.iterator]() {
    return this.entries()
  }
}

export class Response {
  #bytes
  #isUsed = false

  constructor(body, { status = 200, statusText = '', headers = [], url = '', redirected = false } = {}) {
    this.#bytes = typeof body === 'string' ? new TextEncoder().encode(body) : (bytesOf(body) ?? new Uint8Array())
    Object.assign(this, { status, statusText, url, redirected, ok: status >= 200 && status < 300 })
    this.headers = new Headers(headers)
  }
  get bodyUsed() {
    return this.#isUsed
  }
  async bytes() {
    if (this.#isUsed) throw new TypeError('the body was read before')
    this.#isUsed = true
    return this.#bytes
  }
  async arrayBuffer() {
    const bytes = await this.bytes()
    return bytes.slice().buffer
  }
  async text() {
    return new TextDecoder().decode(await this.bytes())
  }
  async json() {
    return JSON.parse(await this.text())
  }
}
