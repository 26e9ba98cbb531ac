// What plugins are granted. Each function checks what it is given: the guest chose it.

const longest = { key: 100, value: 1000, keys: 100 }

/** A store of a plugin's own. */
export function createKeyValues() {
  const values = new Map()
  return {
    get(key) {
      return values.get(String(key)) ?? null
    },
    set(key, value) {
      if (typeof key !== 'string' || key.length > longest.key) throw new TypeError('a key is a short text')
      if (!['string', 'number', 'boolean'].includes(typeof value))
        throw new TypeError('a value is a text, a number or a truth')
      if (String(value).length > longest.value) throw new RangeError('the value is too long')
      if (!values.has(key) && values.size >= longest.keys) throw new RangeError('there are too many keys')
      values.set(key, value)
    },
  }
}

/** `fetch` for some hosts, over https, without redirects to others. */
export function createWeb(hosts) {
  return {
    async fetch(address) {
      const url = new URL(String(address))
      if (url.protocol !== 'https:' || !hosts.includes(url.host)) throw new Error(`${url.host} is not granted`)
      const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(1500) })
      const text = await response.text()
      return { status: response.status, text: text.slice(0, 10_000) }
    },
  }
}
