// Messages over a byte stream: a length, the length of the head, the head as JSON, and a text.
import type { Duplex } from 'node:stream'

/** What a message is about. The text goes beside it, unread by whoever only passes it on. */
export interface Head {
  readonly op: string
  readonly program?: number
  readonly name?: string
  readonly id?: number
  readonly [more: string]: unknown
}

export function writeFrame(stream: Duplex, head: Head, text = ''): boolean {
  const headBytes = Buffer.from(JSON.stringify(head))
  const size = Buffer.byteLength(text)
  const frame = Buffer.allocUnsafe(8 + headBytes.length + size)
  frame.writeUInt32LE(headBytes.length + size, 0)
  frame.writeUInt32LE(headBytes.length, 4)
  headBytes.copy(frame, 8)
  frame.write(text, 8 + headBytes.length)
  return stream.write(frame)
}

/**
 * @param longest bytes of a message; a longer one is refused before it is kept
 * @returns what takes the bytes as they come; it throws a RangeError for what is no message
 */
export function createFrameReader(
  longest: number,
  onFrame: (head: Head, text: string) => void,
): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = 8

  const join = (): Buffer => {
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, held)
    chunks = [all]
    return all
  }
  return chunk => {
    chunks.push(chunk)
    held += chunk.length
    while (held >= wanted) {
      const all = join()
      const length = all.readUInt32LE(0)
      const headLength = all.readUInt32LE(4)
      if (length > longest || headLength > length) throw new RangeError('no message')
      wanted = 8 + length
      if (held < wanted) return
      const head = JSON.parse(all.toString('utf8', 8, 8 + headLength)) as Head
      const text = all.toString('utf8', 8 + headLength, wanted)
      const rest = all.subarray(wanted)
      chunks = rest.length ? [rest] : []
      held = rest.length
      wanted = 8
      onFrame(head, text)
    }
  }
}
