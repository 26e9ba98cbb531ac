// Reads a file of somebody who is not trusted: a regular one, that nothing can be put in the place of meanwhile, and not too large.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** Thrown for a file that has more bytes than asked for. */
export class TooLarge extends Error {}

/**
 * @param path without links
 * @returns undefined when nothing regular is there
 * @throws TooLarge, or what the system says of one that cannot be read
 */
export function readRegularFile(path: string, mostBytes: number): Buffer | undefined {
  let file: number | undefined
  try {
    // Opened without following or waiting.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    const stat = fstatSync(file)
    if (!stat.isFile()) return undefined
    if (stat.size > mostBytes) throw new TooLarge()
    return readFileSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw error
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
