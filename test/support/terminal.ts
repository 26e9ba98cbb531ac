// Runs the built command line as a person would: in a folder of files, with or without a terminal, waiting for what it says.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const commandLine = fileURLToPath(new URL('../../bundle/host/cli/main.js', import.meta.url))
const deadline = 10_000

/** A temporary folder with files. */
export interface Folder {
  readonly path: string
  write(files: Record<string, string>): void
  remove(): void
}

export function createFolder(files: Record<string, string>): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'regrow-cli-')))
  const folder: Folder = {
    path,
    write(changed) {
      for (const [name, text] of Object.entries(changed)) {
        mkdirSync(dirname(join(path, name)), { recursive: true })
        writeFileSync(join(path, name), text)
      }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
  folder.write(files)
  return folder
}

/** A running command. */
export interface Session {
  readonly child: ChildProcessWithoutNullStreams
  readonly stdout: string
  readonly stderr: string
  /** Resolves once the text, after what earlier waits on that stream matched, matches; rejects after ten seconds or at the end. */
  waitFor(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>
  type(keys: string): void
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Ends it if it still runs. */
  close(): Promise<void>
}

/** Of a terminal, in characters. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface SessionOptions {
  readonly folder: Folder
  readonly env?: Record<string, string>
  /** Gives it a pseudo terminal, of a size perhaps: everything it writes is then on stdout. */
  readonly terminal?: boolean | Size
}

/** Starts `regrow` with these arguments in a folder. */
export function startRegrow(args: readonly string[], { folder, env = {}, terminal = false }: SessionOptions): Session {
  // An environment of its own: what the tests run under (CI, NO_COLOR, TMUX, …) must not colour what they look at.
  const { PATH = '', HOME = '' } = process.env
  const command = [process.execPath, commandLine, ...args]
  const [file, ...rest] = terminal ? inTerminal(command, terminal) : command
  const child = spawn(file!, rest, { cwd: folder.path, env: { PATH, HOME, TERM: 'xterm-256color', ...env } })
  const text = { stdout: '', stderr: '' }
  const seen = { stdout: 0, stderr: 0 }
  const listeners = new Set<() => void>()
  let isEnded = false

  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk
      for (const listen of [...listeners]) listen()
    })
  }
  // It may end before it has read what was typed.
  child.stdin.on('error', () => {})
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      isEnded = true
      for (const listen of [...listeners]) listen()
      resolve(code ?? signal!)
    })
  })

  return {
    child,
    get stdout() {
      return text.stdout
    },
    get stderr() {
      return text.stderr
    },
    waitFor(stream, pattern) {
      return new Promise((resolve, reject) => {
        const finish = (): void => {
          clearTimeout(timer)
          listeners.delete(look)
        }
        const fail = (why: string): void => {
          finish()
          reject(
            new Error(`${why} before ${pattern} on ${stream}\n--- stdout\n${text.stdout}\n--- stderr\n${text.stderr}`),
          )
        }
        const look = (): void => {
          const match = pattern.exec(text[stream].slice(seen[stream]))
          if (match) {
            seen[stream] += match.index + match[0].length
            finish()
            resolve(match)
          } else if (isEnded) fail('it ended')
        }
        const timer = setTimeout(() => fail('ten seconds went by'), deadline)
        listeners.add(look)
        look()
      })
    },
    type: keys => void child.stdin.write(keys),
    ended,
    async close() {
      if (!isEnded) child.kill('SIGKILL')
      await ended
    },
  }
}

const pythonTerminal = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'

/** Whether a pseudo terminal can be had here: from util-linux's `script`, or from Python. */
export function findTerminal(): 'script' | 'python3' | undefined {
  const answers = (file: string, args: string[], expected: RegExp): boolean => {
    try {
      return expected.test(execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    } catch {
      return false
    }
  }
  // The BSDs' script takes other arguments.
  if (answers('script', ['--version'], /util-linux/)) return 'script'
  if (answers('python3', ['-c', 'import pty, os; print(hasattr(os, "waitstatus_to_exitcode"))'], /True/))
    return 'python3'
  return undefined
}

function inTerminal(command: readonly string[], size: true | Size): string[] {
  const quoted = command.map(part => `'${part.replaceAll("'", "'\\''")}'`).join(' ')
  const sized = size === true ? '' : `stty cols ${size.columns} rows ${size.rows}; `
  if (findTerminal() === 'script')
    return ['script', '--quiet', '--flush', '--return', '--command', `${sized}exec ${quoted}`, '/dev/null']
  return ['python3', '-c', pythonTerminal, 'sh', '-c', `${sized}exec ${quoted}`]
}
