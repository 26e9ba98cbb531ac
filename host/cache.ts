// What the last run made of each module's text, in one file per entry, so that the next run needs not parse it: the outline of its record, the
// code of TypeScript and the patch of its first load. A module counts as cached while its text and options are the same. The file is
// replaced whole, by renaming; what is damaged in it is dropped.
import { hash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { crc32 } from 'node:zlib'
import type { Dependency } from '../bundler/links.js'
import { type OutlineData, outlineData, outlineFrom } from '../bundler/outline.js'
import type { Outline } from '../bundler/record.js'
import { fingerprint } from './fingerprint.js'

/** What is kept of one text. */
export interface CacheEntry {
  readonly outline: Outline
  /** The code of the record; undefined where it is the source. */
  readonly code: string | undefined
  readonly map: string | undefined
  patch?: CachedPatch
}

/** The patch of a first load. It fits while the module's names stand for the same things. */
export interface CachedPatch {
  /** What they stand for, as a hash. */
  readonly links: string
  /** Undefined when there is nothing to run. */
  readonly code: string | undefined
  readonly dependencies: readonly Dependency[]
  readonly isAsync: boolean
}

export interface Cache {
  /** @param options whatever else the result depends on */
  find(id: string, source: string, options: string): CacheEntry | undefined
  /** Keeps an entry for the next run. */
  keep(id: string, source: string, options: string, entry: CacheEntry): void
  /** Writes what is to be kept, and lets go of what was read. */
  close(): Promise<void>
}

/** Milliseconds after the last module that was new, when the file is written. */
const restMs = 500
/** The folder holds no more than this many bytes: files that were not used for the longest time go first. */
const mostBytes = 512 * 2 ** 20

const keyOf = (source: string, options: string): string => hash('sha1', `${options}\0${source}`, 'base64url')

/**
 * @param folder is made when there is something to write
 * @param name tells programs apart
 */
export function createCache(folder: string, name: string): Cache {
  const file = join(folder, `${hash('sha1', name, 'hex').slice(0, 16)}.pack`)
  /** What the file holds; undefined until it is asked for, and again when nobody asked for a while. */
  let pack: Pack | undefined
  const fresh = new Map<string, Buffer>()
  const used = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  const open = (): Pack => (pack ??= readPack(file))

  /** Called for every module of a start, so the timer is one that is put off. */
  function rest(): void {
    timer ??= setTimeout(() => {
      writing = write()
    }, restMs).unref()
    timer.refresh()
  }

  /** The new content; what was not used this time stays as long as it is not the larger part. */
  function contents(): Buffer {
    const all = open()
    const others = [...all.ids()].filter(id => !used.has(id) && !fresh.has(id))
    const stay = others.length <= used.size + fresh.size ? others : []
    const entries = [...used, ...stay].flatMap(id => (fresh.has(id) ? [] : (all.raw(id) ?? [])))
    return Buffer.concat([header(), ...entries, ...fresh.values()])
  }

  const temporary = () => `${file}.${process.pid}-${Date.now().toString(36)}`

  async function write(): Promise<void> {
    process.off('exit', writeAtExit)
    const content = fresh.size ? contents() : undefined
    fresh.clear()
    pack = undefined
    if (!content) return
    const path = temporary()
    // A cache that cannot be written is none: the program runs as well.
    try {
      mkdirSync(folder, { recursive: true })
      await writeFile(path, content)
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
      writeFileSync(path, contents())
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
      if (fresh.size === 0) process.once('exit', writeAtExit)
      fresh.set(id, encode(id, keyOf(source, options), entry))
      rest()
    },
    async close() {
      clearTimeout(timer)
      await writing
      await write()
    },
  }
}

interface Pack {
  find(id: string, key: string): CacheEntry | undefined
  raw(id: string): Buffer | undefined
  ids(): Iterable<string>
}

const header = (): Buffer => Buffer.from(`regrow cache ${fingerprint()}\n`)

// An entry: its parts' lengths (id with key, outline, code, map, patch, patch code) and a checksum as 32-bit numbers, then the parts.
const partCount = 6
const headBytes = (partCount + 1) * 4
const absent = 0xffffffff

interface Meta {
  readonly links: string
  readonly dependencies: readonly Dependency[]
  readonly isAsync: boolean
}

function encode(id: string, key: string, { outline, code, map, patch }: CacheEntry): Buffer {
  const meta: Meta | undefined = patch && {
    links: patch.links,
    dependencies: patch.dependencies,
    isAsync: patch.isAsync,
  }
  const parts = [
    `${key} ${id}`,
    JSON.stringify(outlineData(outline)),
    code,
    map,
    meta && JSON.stringify(meta),
    patch?.code,
  ]
  const bodies = parts.map(each => (each === undefined ? undefined : Buffer.from(each)))
  const body = Buffer.concat(bodies.filter(each => each !== undefined))
  const head = Buffer.alloc(headBytes)
  bodies.forEach((each, index) => {
    head.writeUInt32LE(each ? each.length : absent, index * 4)
  })
  head.writeUInt32LE(crc32(body), partCount * 4)
  return Buffer.concat([head, body])
}

function readPack(file: string): Pack {
  const bytes = readOr(file)
  /** By id: where the entry begins, and its key. */
  const places = new Map<string, { at: number; end: number; key: string }>()
  const start = header()
  let at = bytes.subarray(0, start.length).equals(start) ? start.length : bytes.length
  while (at + headBytes <= bytes.length) {
    const end = endOf(bytes, at)
    if (end === undefined) break
    const name = part(bytes, at, 0)!
    const space = name.indexOf(' ')
    places.set(name.slice(space + 1), { at, end, key: name.slice(0, space) })
    at = end
  }
  return {
    find(id, key) {
      const place = places.get(id)
      if (place?.key !== key) return undefined
      const body = bytes.subarray(place.at + headBytes, place.end)
      if (crc32(body) !== bytes.readUInt32LE(place.at + partCount * 4)) return undefined
      return decode(bytes, place.at)
    },
    raw(id) {
      const place = places.get(id)
      return place && bytes.subarray(place.at, place.end)
    },
    ids: () => places.keys(),
  }
}

function readOr(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}

/** Undefined where the lengths cannot be true. */
function endOf(bytes: Buffer, at: number): number | undefined {
  let end = at + headBytes
  for (let index = 0; index < partCount; index++) {
    const length = bytes.readUInt32LE(at + index * 4)
    if (length !== absent) end += length
  }
  return end <= bytes.length ? end : undefined
}

/** One part of an entry; undefined when it has none. */
function part(bytes: Buffer, at: number, index: number): string | undefined {
  let from = at + headBytes
  for (let before = 0; before < index; before++) {
    const length = bytes.readUInt32LE(at + before * 4)
    if (length !== absent) from += length
  }
  const length = bytes.readUInt32LE(at + index * 4)
  return length === absent ? undefined : bytes.toString('utf8', from, from + length)
}

function decode(bytes: Buffer, at: number): CacheEntry | undefined {
  try {
    const [outline, code, map, meta, patchCode] = [1, 2, 3, 4, 5].map(index => part(bytes, at, index))
    const entry: CacheEntry = { outline: outlineFrom(JSON.parse(outline!) as OutlineData), code, map }
    if (meta !== undefined) entry.patch = { ...(JSON.parse(meta) as Meta), code: patchCode }
    return entry
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
    const isLeftOver = !path.endsWith('.pack') && Date.now() - (stat?.mtimeMs ?? 0) > 60_000
    if (bytes > mostBytes || isLeftOver) drop(path)
  }
}
