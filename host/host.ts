// The embedding side: owns programs.
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { CloseOptions, Host, HostOptions, Program, RunOptions } from './api.js'
import { RegrowError } from './errors.js'
import { checkCall, checkOptions, settle } from './options.js'
import { RunningProgram } from './program.js'
import { createIsolatePool } from './realms/isolate/pool.js'

/**
 * Makes a host. Its options are the defaults of every `run`.
 * @throws RegrowError ERR_REGROW_OPTION
 */
export function createHost(options: HostOptions = {}): Host {
  checkOptions(options, 'host')
  const programs = new Set<Program>()
  const isolates = createIsolatePool()
  let isClosed = false
  return {
    programs,
    async run(entry: string, runOptions: RunOptions = {}): Promise<Program> {
      if (isClosed) throw new RegrowError('ERR_REGROW_CLOSED', 'the host is closed')
      if (typeof entry !== 'string' || entry === '') throw new RegrowError('ERR_REGROW_OPTION', 'entry must be a path')
      checkOptions(runOptions, 'run')
      const settings = settle({ ...options, ...runOptions })
      const program = new RunningProgram(entryId(settings.root, entry), settings, isolates, () =>
        programs.delete(program),
      )
      programs.add(program)
      try {
        await program.start()
      } catch (error) {
        await program.close()
        throw error
      }
      return program
    },
    async close(options: CloseOptions = {}) {
      checkCall.close(options)
      isClosed = true
      await Promise.all([...programs].map(program => program.close(options)))
      await isolates.close()
    },
    [Symbol.asyncDispose]() {
      return this.close()
    },
  }
}

function entryId(root: string, entry: string): string {
  const path = relative(root, resolve(root, entry))
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) {
    throw new RegrowError(
      'ERR_REGROW_DENIED',
      `the entry ${entry} is outside the root ${root}: name a directory above it as root`,
      { file: entry },
    )
  }
  if (path === '') throw new RegrowError('ERR_REGROW_LINK', `the entry is a directory: ${root}`)
  return path.split(sep).join('/')
}
