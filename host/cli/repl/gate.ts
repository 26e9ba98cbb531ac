// What a person types, line by line: a line waits until what the line before began has ended. Ctrl-C does not wait.
import { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

export interface Gate {
  /** What the REPL reads. */
  readonly input: NodeJS.ReadStream
  /** Holds lines back, or lets them pass. */
  hold(isHeld: boolean): void
  close(): void
}

/** @param interrupted called for Ctrl-C while lines are held back */
export function createGate(source: NodeJS.ReadableStream, interrupted: () => void): Gate {
  const terminal = source as NodeJS.ReadStream
  const decoder = new StringDecoder('utf8')
  let waiting = ''
  let isHeld = false
  let isEnded = false
  let isPassing = false

  const input = new Readable({ read() {} }) as unknown as NodeJS.ReadStream
  Object.defineProperty(input, 'isTTY', { value: terminal.isTTY === true })
  input.setRawMode = mode => {
    terminal.setRawMode?.(mode)
    return input
  }

  /**
   * A piece of a line, or its end. Not both at once: in the middle of a line, Node's readline takes text that an end follows in the same
   * chunk to the end of the line.
   */
  function pass(): void {
    if (isPassing) return
    isPassing = true
    while (waiting !== '' && !isHeld) {
      const [piece] = /^(?:\r\n|[\r\n]|[^\r\n]+)/.exec(waiting)!
      waiting = waiting.slice(piece.length)
      input.push(piece)
    }
    isPassing = false
    if (waiting === '' && isEnded && !isHeld) input.push(null)
  }

  const onData = (chunk: Buffer | string): void => {
    waiting += typeof chunk === 'string' ? chunk : decoder.write(chunk)
    if (isHeld && terminal.isTTY && waiting.includes('\x03')) {
      waiting = waiting.slice(waiting.lastIndexOf('\x03') + 1)
      interrupted()
    }
    pass()
  }
  const onEnd = (): void => {
    isEnded = true
    pass()
  }
  source.on('data', onData)
  source.on('end', onEnd)
  source.resume()

  return {
    input,
    hold(held) {
      isHeld = held
      pass()
    },
    close() {
      source.off('data', onData)
      source.off('end', onEnd)
      source.pause()
    },
  }
}
