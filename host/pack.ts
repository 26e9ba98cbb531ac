// The file of a cache: a line that says what made it, then entries. What is damaged in it is dropped.
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { type OutlineData, outlineData, outlineFrom } from '../bundler/outline.js'
import type { CachedPatch, CacheEntry, CompiledPatch } from './cache.js'
import { fingerprint } from './fingerprint.js'

/** The parts of an entry: key with id, what is no text of its own as JSON, code, map, patch, V8's name for it and what V8 made of it. */
export type Parts = readonly (Buffer | undefined)[]

const partCount = 7
const textParts = 5
// Before the parts stand their lengths and a checksum, as 32-bit numbers.
const headBytes = (partCount + 1) * 4
const absent = 0xffffffff
/** What is written at a time. */
const chunkBytes = 2 ** 20

const header = (): Buffer => Buffer.from(`regrow cache ${fingerprint()}\n`)

interface Facts {
  readonly outline: OutlineData
  readonly patch: Omit<CachedPatch, 'code' | 'compiled'>
}

/** @param key of the text */
export function encode(id: string, key: string, { outline, code, map, patch }: CacheEntry): Parts {
  const { links, dependencies, isAsync } = patch
  const facts: Facts = { outline: outlineData(outline), patch: { links, dependencies, isAsync } }
  const texts = [`${key} ${id}`, JSON.stringify(facts), code, map, patch.code]
  return texts.map(each => (each === undefined ? undefined : Buffer.from(each)))
}

export const withCompiled = (parts: Parts, { name, data }: CompiledPatch): Parts => [
  ...parts.slice(0, textParts),
  Buffer.from(name),
  data,
]

/** The content of a file, in pieces. */
export function* contentOf(entries: Iterable<Parts>): Generator<Buffer> {
  let waiting: Buffer[] = [header()]
  let bytes = 0
  for (const parts of entries) {
    const present = parts.filter(each => each !== undefined)
    const head = Buffer.alloc(headBytes)
    for (let index = 0; index < partCount; index++) head.writeUInt32LE(parts[index]?.length ?? absent, index * 4)
    head.writeUInt32LE(checksum(present), partCount * 4)
    waiting.push(head, ...present)
    for (const each of present) bytes += each.length
    if (bytes < chunkBytes) continue
    yield Buffer.concat(waiting)
    waiting = []
    bytes = 0
  }
  yield Buffer.concat(waiting)
}

const checksum = (parts: readonly Buffer[]): number => parts.reduce((sum, each) => crc32(each, sum), 0)

export interface Pack {
  /** Undefined where the text was another, and where the entry is damaged. */
  find(id: string, key: string): CacheEntry | undefined
  parts(id: string): Parts | undefined
  ids(): Iterable<string>
}

export function readPack(file: string): Pack {
  const bytes = readOr(file)
  /** By id: where the entry begins, and its key. */
  const places = new Map<string, { at: number; end: number; key: string }>()
  const start = header()
  let at = bytes.subarray(0, start.length).equals(start) ? start.length : bytes.length
  while (at + headBytes <= bytes.length) {
    const end = endOf(bytes, at)
    if (end === undefined) break
    const nameAt = at + headBytes
    const name = bytes.toString('utf8', nameAt, nameAt + bytes.readUInt32LE(at))
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
      return decode(partsAt(bytes, place.at))
    },
    parts(id) {
      const place = places.get(id)
      return place && partsAt(bytes, place.at)
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
    else if (index === 0) return undefined
  }
  return end <= bytes.length ? end : undefined
}

function partsAt(bytes: Buffer, at: number): Parts {
  const parts: (Buffer | undefined)[] = []
  let from = at + headBytes
  for (let index = 0; index < partCount; index++) {
    const length = bytes.readUInt32LE(at + index * 4)
    if (length === absent) parts.push(undefined)
    else parts.push(bytes.subarray(from, (from += length)))
  }
  return parts
}

function decode(parts: Parts): CacheEntry | undefined {
  const [, facts, code, map, patchCode, name, data] = parts
  try {
    const { outline, patch } = JSON.parse(facts!.toString()) as Facts
    return {
      outline: outlineFrom(outline),
      code: code?.toString(),
      map: map?.toString(),
      patch: {
        ...patch,
        code: patchCode?.toString(),
        ...(name && data && { compiled: { name: name.toString(), data } }),
      },
    }
  } catch {
    return undefined
  }
}
