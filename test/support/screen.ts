// What a person sees on the terminal of a session: everything it writes, as a terminal shows it.
import xterm from '@xterm/headless'
import type { Session, Size } from './terminal.js'

export interface Screen {
  /** The rows of the screen and of what scrolled away, without what is blank at their ends. */
  text(): string
  /** Resolves once the screen matches, and the cursor is in that column; rejects after ten seconds. */
  shows(pattern: RegExp, column?: number): Promise<void>
  /** The row that the cursor is in, and the column, from 0. */
  cursor(): { readonly row: string; readonly column: number }
}

const deadline = 10_000

/** For a session that has a terminal of that size. */
export function watchScreen({ child }: Session, { columns, rows }: Size): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 })
  const listeners = new Set<() => void>()
  child.stdout.on('data', (chunk: string) => {
    terminal.write(chunk, () => {
      for (const listen of [...listeners]) listen()
    })
  })
  const { active } = terminal.buffer
  const row = (index: number): string => active.getLine(index)?.translateToString(true) ?? ''
  const text = (): string =>
    Array.from({ length: active.length }, (_, index) => row(index))
      .join('\n')
      .trimEnd()
  return {
    text,
    shows: (pattern, column) =>
      new Promise((resolve, reject) => {
        const finish = (): void => {
          clearTimeout(timer)
          listeners.delete(look)
        }
        const look = (): void => {
          if (!pattern.test(text()) || (column !== undefined && column !== active.cursorX)) return
          finish()
          resolve()
        }
        const timer = setTimeout(() => {
          finish()
          reject(new Error(`the screen does not show ${pattern}:\n${text()}`))
        }, deadline)
        listeners.add(look)
        look()
      }),
    cursor: () => ({ row: row(active.baseY + active.cursorY), column: active.cursorX }),
  }
}
