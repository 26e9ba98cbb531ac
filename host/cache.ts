// What the last run made of each module's text, in one file per entry, so that the next run needs not parse it: the outline of its record, the
// code of TypeScript, the patch of its first load, and what V8 made of that. A module counts as cached while its text and options are the
// same. The file (host/pack.ts) is replaced whole, by renaming.
import { hash } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import type { Dependency } from '../bundler/links.js'
import type { Outline } from '../bundler/record.js'
import { clock } from './clock.js'
import { offExit, onExit } from './exit-listeners.js'
import { contentOf, encode, type Pack, type Parts, readPack, withCompiled } from './pack.js'

/** What is kept of one text. */
export interface CacheEntry {
  readonly outline: Outline
  /** The code of the record; undefined where it is the source. */
  readonly code: string | undefined
  readonly map: string | undefined
  readonly patch: CachedPatch
}

/** The patch of a first load. It fits while the module's names stand for the same things. */
export interface CachedPatch {
  /** What they stand for. */
  readonly links: string
  /** Undefined when there is nothing to run. */
  readonly code: string | undefined
  readonly dependencies: readonly Dependency[]
  readonly isAsync: boolean
  readonly compiled?: CompiledPatch
}

/** What V8 made of a patch's code. It fits while V8 is the same, and its flags; V8 tells. */
export interface CompiledPatch {
  /** V8 goes on calling the code by it (Node 20). */
  readonly name: string
  readonly data: Buffer
}

export interface Cache {
  /** @param options whatever else the result depends on */
  find(id: string, source: string, options: string): CacheEntry | undefined
  /** Keeps an entry for the next run. */
  keep(id: string, source: string, options: string, entry: CacheEntry): void
  /** Has the patch that is kept for a module, or was found, compiled when there is time. @param compile gives what V8 makes of it */
  compileLater(id: string, compile: () => CompiledPatch): void
  /** Writes what is to be kept, and lets go of what was read. */
  close(): Promise<void>
}

/** Milliseconds after the last module that was new, when the file is written. */
const restMs = 500
/** Nobody is to notice that patches are compiled: for so long at a time, in milliseconds, and a pause as long. */
const sliceMs = 4
/** The folder holds no more than this many bytes: files that were not used for the longest time go first. */
const mostBytes = 512 * 2 ** 20

const keyOf = (source: string, options: string): string => hash('sha1', `${options}\0${source}`, 'base64url')

/**
 * @param folder is made when there is something to write
 * @param name tells programs apart
 */
export function createCache(folder: string, name: string): Cache {
  const file = join(folder, `${hash('sha1', `${process.versions.v8} ${name}`, 'hex').slice(0, 16)}.pack`)
  /** What the file holds; undefined until it is asked for, and again when nobody asked for a while. */
  let pack: Pack | undefined
  const used = new Set<string>()
  /** By id, what is to be written. */
  let fresh = new Map<string, Parts>()
  let compiled = new Map<string, CompiledPatch>()
  const uncompiled = new Map<string, () => CompiledPatch>()
  let timer: NodeJS.Timeout | undefined
  let writing = Promise.resolve()
  let isClosed = false
  let endPause: (() => void) | undefined

  const open = (): Pack => (pack ??= readPack(file))
  const hasNews = () => fresh.size + compiled.size > 0

  /** Called for every module of a start, so the timer is one that is put off. */
  function rest(): void {
    timer ??= setTimeout(() => {
      // What was made of texts first: compiling takes its time.
      writing = writing.then(write).then(compileWaiting).then(write)
    }, restMs).unref()
    timer.refresh()
  }

  async function compileWaiting(): Promise<void> {
    while (uncompiled.size && !isClosed) {
      const end = clock.now() + sliceMs
      for (const [id, compile] of uncompiled) {
        uncompiled.delete(id)
        const made = tryTo(compile)
        if (made && !hasNews()) onExit(writeAtExit)
        if (made) compiled.set(id, made)
        if (clock.now() > end) break
      }
      await pause()
    }
  }

  const pause = (): Promise<void> =>
    new Promise(done => {
      endPause = done
      setTimeout(done, sliceMs).unref()
    })

  /** Lets go of everything, and gives the new content; what was not used this time stays as long as it is not the larger part. */
  function take(): Generator<Buffer> {
    const all = open()
    const [texts, codes] = [fresh, compiled]
    fresh = new Map()
    compiled = new Map()
    pack = undefined
    const others = [...all.ids()].filter(id => !used.has(id) && !texts.has(id))
    const stay = others.length <= used.size + texts.size ? others : []
    for (const id of texts.keys()) used.add(id)
    const ids = new Set([...used, ...stay])
    return contentOf(entries())

    function* entries(): Generator<Parts> {
      for (const id of ids) {
        const parts = texts.get(id) ?? all.parts(id)
        const code = codes.get(id)
        if (parts) yield code ? withCompiled(parts, code) : parts
      }
    }
  }

  const temporary = () => `${file}.${process.pid}-${clock.today().toString(36)}`

  async function write(): Promise<void> {
    offExit(writeAtExit)
    if (!hasNews()) {
      pack = undefined
      return
    }
    const path = temporary()
    // A cache that cannot be written is none: the program runs as well.
    try {
      mkdirSync(folder, { recursive: true })
      await writeFile(path, take())
      await rename(path, file)
      tidy(folder)
    } catch {
      drop(path)
    }
  }

  /** A program that ends at once is cached too. */
  function writeAtExit(): void {
    const path = temporary()
    try {
      mkdirSync(folder, { recursive: true })
      writeFileSync(path, Buffer.concat([...take()]))
      renameSync(path, file)
    } catch {
      drop(path)
    }
  }

  return {
    find(id, source, options) {
      rest()
      const entry = open().find(id, keyOf(source, options))
      if (entry) used.add(id)
      return entry
    },
    keep(id, source, options, entry) {
      if (!hasNews()) onExit(writeAtExit)
      fresh.set(id, encode(id, keyOf(source, options), entry))
      compiled.delete(id)
      uncompiled.delete(id)
      rest()
    },
    compileLater(id, compile) {
      uncompiled.set(id, compile)
      rest()
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      endPause?.()
      await writing
      await write()
    },
  }
}

/** Nobody waits for it: V8 may want memory or stack that is not there. */
function tryTo<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}

function drop(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It was not written at all.
  }
}

function tidy(folder: string): void {
  const files = readdirSync(folder)
    .filter(name => name.includes('.pack'))
    .map(name => ({ path: join(folder, name), stat: statSync(join(folder, name), { throwIfNoEntry: false }) }))
    .sort((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0))
  let bytes = 0
  for (const { path, stat } of files) {
    bytes += stat?.size ?? 0
    const isLeftOver = !path.endsWith('.pack') && clock.today() - (stat?.mtimeMs ?? 0) > 60_000
    if (bytes > mostBytes || isLeftOver) drop(path)
  }
}
