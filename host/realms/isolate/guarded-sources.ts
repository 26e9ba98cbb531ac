// The sources of a guest that is not trusted: regular files inside the root by their real path when they are read, and not too large.
import { realpathSync } from 'node:fs'
import { sep } from 'node:path'
import { RegrowError } from '../../errors.js'
import type { Sources } from '../../sources.js'
import { readRegularFile, TooLarge } from './regular-file.js'

export interface GuardedSources extends Sources {
  /** Gives these texts whatever the store has, until it is called without. */
  pin(texts?: ReadonlyMap<string, string>): void
}

/** @param longest characters of a text */
export function guardSources(sources: Sources, longest: number): GuardedSources {
  let pinned: ReadonlyMap<string, string> = new Map()
  return {
    ...sources,
    pin(texts = new Map()) {
      pinned = texts
    },
    has: id => pinned.has(id) || sources.has(id),
    onDisk: id => !pinned.has(id) && sources.onDisk(id),
    get watchable() {
      return sources.watchable
    },
    read(id) {
      if (pinned.has(id)) return pinned.get(id)
      const text = sources.onDisk(id) ? readInside(sources, id) : sources.read(id)
      if (text !== undefined && text.length > longest)
        throw new RegrowError('ERR_REGROW_BUILD', `${id} is too large: ${longest} characters at most`, { file: id })
      return text
    },
  }

  function readInside(sources: Sources, id: string): Uint8Array | undefined {
    try {
      const path = realpathSync.native(sources.path(id))
      const root = realpathSync.native(sources.path(''))
      if (!path.startsWith(root.endsWith(sep) ? root : root + sep))
        throw new RegrowError('ERR_REGROW_DENIED', `${id} is outside the root`, { file: id })
      return readRegularFile(path, longest * 4)
    } catch (error) {
      if (error instanceof TooLarge)
        throw new RegrowError('ERR_REGROW_BUILD', `${id} is too large: ${longest} characters at most`, { file: id })
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw error
    }
  }
}
