// The ways in which editors and tools save a file.
import { appendFileSync, closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export type Save = (file: string, text: string) => Promise<void>

const chunks = 3
/** Milliseconds between chunks. */
const gap = 8

export const saves: Readonly<Record<string, Save>> = {
  /** Node, VS Code: cut to nothing and written. */
  async 'in place'(file, text) {
    writeFileSync(file, text)
  },
  /** Written over without being cut first; the texts differ in length at most a little. */
  async overwrite(file, text) {
    const handle = openSync(file, 'r+')
    writeSync(handle, text)
    closeSync(handle)
  },
  /** A slow writer, or one over a network. */
  async 'in chunks'(file, text) {
    const size = Math.ceil(text.length / chunks)
    writeFileSync(file, text.slice(0, size))
    for (let at = size; at < text.length; at += size) {
      await delay(gap)
      appendFileSync(file, text.slice(at, at + size))
    }
  },
  /** JetBrains' safe write, and most formatters. */
  async 'atomic rename'(file, text) {
    writeFileSync(`${file}.tmp`, text)
    renameSync(`${file}.tmp`, file)
  },
  /** vim with `backupcopy=no`. */
  async 'backup and rename'(file, text) {
    renameSync(file, `${file}~`)
    writeFileSync(file, text)
    rmSync(`${file}~`)
  },
}
