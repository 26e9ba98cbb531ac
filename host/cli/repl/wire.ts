// What `regrow repl --attach` and `regrow run --listen` say to each other. To the program: one JSON array a line. From it: what the
// terminal shows, as it is.
import { StringDecoder } from 'node:string_decoder'

/** The first message is the terminal's; `keys` are what is typed, `end` that nothing more is. */
export type Message =
  | readonly ['terminal', Terminal]
  | readonly ['size', columns: number, rows: number]
  | readonly ['keys', string]
  | readonly ['end']

export interface Terminal {
  readonly isTTY: boolean
  readonly columns: number
  readonly rows: number
  readonly colors: boolean
  /** Module to stand in; the entry unless told. */
  readonly module?: string
}

/** Characters of one message. */
const longest = 10_000_000

export const write = (message: Message): string => `${JSON.stringify(message)}\n`

/** @returns takes chunks. @param broken called for what is no message of ours */
export function createReader(take: (message: Message) => void, broken: () => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let text = ''
  return chunk => {
    text += decoder.write(chunk)
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      const line = text.slice(0, end)
      text = text.slice(end + 1)
      try {
        const message = JSON.parse(line) as Message
        if (!Array.isArray(message)) return broken()
        take(message)
      } catch {
        return broken()
      }
    }
    if (text.length > longest) broken()
  }
}
