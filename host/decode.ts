// Bytes of a source file → its text. What is not UTF-8 text is refused in words, before a parser stumbles over it.
import { RegrowError } from './errors.js'

const lineFeed = 0x0a
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The text of a module, without its byte order mark.
 * @param id names the module in messages
 * @throws RegrowError ERR_REGROW_BUILD for bytes that are not UTF-8 text
 */
export function decode(source: Uint8Array | string, id: string): string {
  if (typeof source === 'string') return source.charCodeAt(0) === 0xfeff ? source.slice(1) : source
  if ((source[0] === 0xff && source[1] === 0xfe) || (source[0] === 0xfe && source[1] === 0xff))
    throw notText(id, 1, `${id} is encoded as UTF-16; save it as UTF-8`)
  const zero = source.indexOf(0)
  if (zero !== -1) {
    const line = lineOf(source, zero)
    throw notText(id, line, `${id} is not a text file: it holds a NUL byte in line ${line}`)
  }
  try {
    return utf8.decode(source)
  } catch {
    const line = firstUndecodableLine(source)
    throw notText(
      id,
      line,
      `${id} is not valid UTF-8: line ${line} holds a byte that no character has; save it as UTF-8`,
    )
  }
}

function notText(id: string, line: number, message: string): RegrowError {
  return new RegrowError('ERR_REGROW_BUILD', message, { place: { file: id, line, column: 1 } })
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1
  for (let at = bytes.indexOf(lineFeed); at !== -1 && at < offset; at = bytes.indexOf(lineFeed, at + 1)) line++
  return line
}

/** Lines can be tried one by one: no multi-byte sequence of UTF-8 contains a line feed. */
function firstUndecodableLine(bytes: Uint8Array): number {
  for (let line = 1, start = 0; ; line++) {
    const feed = bytes.indexOf(lineFeed, start)
    const end = feed === -1 ? bytes.length : feed
    try {
      utf8.decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    if (feed === -1) return line
    start = feed + 1
  }
}
