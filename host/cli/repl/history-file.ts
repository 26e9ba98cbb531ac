// Where the REPL keeps what was typed, between sessions.
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Path of the file, whose directory is there; empty when no history is kept: `REGROW_REPL_HISTORY` is set to nothing. */
export function historyFile(environment: NodeJS.ProcessEnv): string {
  const told = environment.REGROW_REPL_HISTORY
  if (told !== undefined && told.trim() === '') return ''
  const state = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state')
  const path = told ?? join(state, 'regrow', 'repl_history')
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return path
  } catch {
    return ''
  }
}
