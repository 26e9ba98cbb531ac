// The lines of a REPL's terminal: what others print goes above the prompt, and what is being typed stays as it is.
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { REPLServer } from 'node:repl'
import { Writable } from 'node:stream'
import { clearTimeout, setTimeout } from 'node:timers'

export interface Screen {
  /** What the REPL itself writes to. */
  readonly output: NodeJS.WriteStream
  /** The REPL, once it is there. */
  attach(repl: REPLServer): void
  /** Something is evaluated: no prompt stands at the end. */
  busy(isBusy: boolean): void
  /** Prints lines above the prompt. */
  above(text: string): void
  close(): void
}

/** How long half a line is waited for to be completed, in milliseconds. */
const patience = 30

type Write = NodeJS.WriteStream['write']

/** @param terminal what the person looks at */
export function createScreen(terminal: NodeJS.WriteStream): Screen {
  const isTerminal = terminal.isTTY === true
  const write = terminal.write.bind(terminal) as (text: string | Uint8Array) => boolean
  let repl: REPLServer | undefined
  let isBusy = false
  let half = ''
  let timer: NodeJS.Timeout | undefined

  const output = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      write(chunk)
      done()
    },
  }) as unknown as NodeJS.WriteStream
  for (const name of ['isTTY', 'columns', 'rows'] as const)
    Object.defineProperty(output, name, { get: () => terminal[name], configurable: true })
  for (const name of ['getColorDepth', 'hasColors', 'getWindowSize'] as const)
    Object.defineProperty(output, name, { value: (...given: []) => terminal[name]?.(...given) })
  const onResize = () => void output.emit('resize')
  terminal.on('resize', onResize)

  function above(text: string): void {
    if (!repl || isBusy || !isTerminal) {
      write(text)
      return
    }
    const { rows } = repl.getCursorPos()
    moveCursor(output, 0, -rows)
    cursorTo(output, 0)
    clearScreenDown(output)
    write(text)
    // The prompt is drawn where the cursor is, not where it was.
    ;(repl as unknown as { prevRows: number }).prevRows = 0
    repl.displayPrompt(true)
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (half === '') return
    const text = half
    half = ''
    above(isBusy ? text : `${text}\n`)
  }

  /** What the program prints: whole lines at once, half a line when nothing follows it. */
  function print(text: string): void {
    half += text
    const end = half.lastIndexOf('\n') + 1
    if (end > 0) {
      const whole = half.slice(0, end)
      half = half.slice(end)
      above(whole)
    }
    if (half !== '') timer ??= setTimeout(flush, patience).unref()
  }

  const intercepted = [process.stdout, process.stderr].filter(each => isTerminal && isSameTerminal(each, terminal))
  const before = intercepted.map(each => each.write)
  for (const stream of intercepted) {
    stream.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown) => {
      print(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
      const callback = typeof encoding === 'function' ? encoding : done
      if (typeof callback === 'function') process.nextTick(callback)
      return true
    }) as Write
  }

  return {
    output,
    attach(started) {
      repl = started
    },
    busy(now) {
      if (now) flush()
      isBusy = now
    },
    above,
    close() {
      flush()
      repl = undefined
      terminal.off('resize', onResize)
      intercepted.forEach((stream, index) => {
        stream.write = before[index]!
      })
    },
  }
}

const isSameTerminal = (stream: NodeJS.WriteStream, terminal: NodeJS.WriteStream): boolean =>
  stream === terminal || (stream.isTTY === true && terminal === process.stdout)
