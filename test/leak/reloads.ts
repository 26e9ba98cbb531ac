// The child of the leak test: reloads one module some thousand times, and prints what was retained as a line of JSON.
import assert from 'node:assert/strict'
import type { RealmKind } from '../../host/api.js'
import { createHost } from '../../host/index.js'
import { growth } from './slope.js'
import { type Story, stories } from './stories.js'

/** What the child tells of a story. */
export interface Retained {
  readonly story: string
  readonly reloads: number
  /** Bytes of the collected heap, over the samples after the warm-up. */
  readonly bytesPerReload: number
  /** Versions whose code or values were seen to be made, and those of them that are still there: the newest. */
  readonly seen: number
  readonly alive: readonly number[]
  /** How many the finalization registry told of. */
  readonly finalized: number
}

/** Before this, caches fill, and the history of undo. */
const warmUp = 1500
const samples = 40

/** Milliseconds to wait for finalizers. */
const deadline = 5000

declare const gc: (() => void) | undefined

/** Notes every version that tells of itself, without holding it, and forgets what was finalized: it must not grow itself. */
class Versions {
  readonly #references = new Map<number, WeakRef<object>>()
  readonly #registry = new FinalizationRegistry<number>(version => this.#references.delete(version) && this.finalized++)
  finalized = 0
  /** Versions are told of in order. */
  #newest = -1
  seen = 0

  readonly track = (mark: object, version: number) => {
    if (version <= this.#newest) return
    this.#newest = version
    this.seen++
    this.#references.set(version, new WeakRef(mark))
    this.#registry.register(mark, version)
  }

  alive(): number[] {
    return [...this.#references].filter(([, reference]) => reference.deref() !== undefined).map(([version]) => version)
  }
}

async function run(realm: RealmKind, name: string, story: Story, reloads: number): Promise<Retained> {
  assert.ok(gc, 'needs --expose-gc')
  const versions = new Versions()
  const file = story.file ?? 'main.js'
  const host = createHost({
    sources: { [file]: story.source(pad(0)) },
    realm,
    watch: false,
    globals: { track: versions.track },
  })
  const program = await host.run(`./${file}`)
  const points: [number, number][] = []
  for (let version = 1; version <= reloads; version++) {
    if (version === warmUp) await settled(gc)
    const { outcome, error } = await program.update({ [file]: story.source(pad(version)) })
    if (outcome !== (story.outcome ?? 'applied')) throw error ?? new Error(`reload ${version} was ${outcome}`)
    if (story.probe) await program.call('probe')
    if (version > warmUp && (version - warmUp) % Math.floor((reloads - warmUp) / samples) === 0) {
      await settled(gc)
      points.push([version, process.memoryUsage().heapUsed])
    }
  }
  const isDue = () => versions.finalized < versions.seen - 1
  for (const end = Date.now() + deadline; isDue() && Date.now() < end; ) await settled(gc)
  const retained: Retained = {
    story: `${realm} ${name}`,
    reloads,
    // The first collections free what the start left, too.
    bytesPerReload: Math.round(growth(points.slice(2)) * 10) / 10,
    seen: versions.seen,
    alive: versions.alive(),
    finalized: versions.finalized,
  }
  await host.close()
  return retained
}

/** Every version's text has the same length, so that the heap has no reason to grow. */
const pad = (version: number) => String(100_000 + version)

/** Weak references hold until the turn ends, and finalizers run in a turn of their own. */
async function settled(collect: () => void): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(done => setImmediate(done))
    collect()
  }
}

const [realm, name, reloads] = process.argv.slice(2) as [RealmKind, string, string]
console.log(JSON.stringify(await run(realm, name, stories[name]!, Number(reloads))))
