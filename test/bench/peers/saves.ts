// Whether saves go live with their last content: random ways to save, in pairs that follow each other closely.
import { setTimeout as delay } from 'node:timers/promises'
import type { Edit, Project } from './project.js'
import { type Save, saves } from './save.js'
import type { Session } from './session.js'

export interface SavesResult {
  readonly saves: number
  /** Pairs that were not live in the end, in words. */
  readonly lost: readonly string[]
}

/** Milliseconds between the saves of a pair. */
const shortest = 5
const longest = 200

/**
 * @param count saves; two make a pair: of one file, or of two
 * @param random a number from 0 to 1
 * @param deadline milliseconds until the content of both must be live
 */
export async function saveRandomly(
  session: Session,
  project: Project,
  { count, random, deadline, onPair }: SavesOptions,
): Promise<SavesResult> {
  const lost: string[] = []
  const ways = Object.entries(saves)
  const pick = (): [string, Save] => ways[Math.floor(random() * ways.length)]!
  for (let pair = 0; pair < count / 2; pair++) {
    onPair?.(pair)
    const leaf = Math.floor(random() * project.leafCount)
    const first = project.editLeaf(leaf)
    const second = random() < 0.7 ? project.editLeaf(leaf) : project.editLeaf(leaf + 1)
    const gap = shortest + random() * (longest - shortest)
    const names: string[] = []
    for (const [index, edit] of [first, second].entries()) {
      const [name, save] = pick()
      names.push(name)
      if (index > 0) await delay(gap)
      await save(edit.file, edit.text)
    }
    const last: Edit[] = first.file === second.file ? [second] : [first, second]
    if ((await session.live(last, performance.now(), deadline)) === undefined)
      lost.push(`${names.join(', ')}, ${gap.toFixed(0)} ms apart, ${last.length === 1 ? 'one file' : 'two files'}`)
  }
  return { saves: count, lost }
}

export interface SavesOptions {
  readonly count: number
  readonly random: () => number
  readonly deadline: number
  readonly onPair?: (pair: number) => void
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
