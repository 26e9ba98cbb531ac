// Follows the sources of a program: watches the files of its graph, whichever those are, and gathers what was saved for the next reload.
import { clearTimeout, setTimeout } from 'node:timers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Graph } from './graph.js'
import type { Parts } from './parts.js'
import { createWatcher, type Watcher } from './watch.js'

export interface FollowerOptions {
  readonly root: string
  readonly parts: Parts
  /** Ids besides the graph's that are of interest: what a rejected reload wanted. */
  readonly pending: ReadonlySet<string>
  /**
   * Saves came. Those that come while a reload is under way make the next one together (R14).
   * @param take gives their ids, when their turn has come
   * @param firstSeen `clock.now()` of the first sign
   */
  readonly onSaved: (take: () => string[], firstSeen: number | undefined) => void
  readonly onError: (error: Error) => void
}

/** Milliseconds after the start when a rehearsal begins, how many modules are built in it, and the milliseconds between them. */
const restMs = 300
const rehearsed = 24
const pauseMs = 5
/** Once a process: what is loaded and compiled is everyone's. */
let hasRehearsed = false

export class Follower {
  readonly #options: FollowerOptions
  /** Ids that were saved and not yet taken. */
  readonly #arrived = new Set<string>()
  #watcher: Watcher | undefined
  #stopStore: (() => void) | undefined
  /** The graph that is watched, and ids besides its modules. */
  #followed: { readonly graph: Graph | undefined; readonly others: ReadonlySet<string> } = {
    graph: undefined,
    others: new Set(),
  }
  #resting: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  /** @param readAt on clock.today()'s clock: what was saved since then is reported */
  start(readAt: number): void {
    const { root, parts, onError } = this.#options
    const { sources } = parts
    if (!sources.watchable || this.#stopStore) return
    if (this.#watcher) {
      this.followGraph(readAt)
      return
    }
    if (sources.watch) {
      this.#stopStore = sources.watch(ids => this.#saved(ids))
      return
    }
    this.#watcher = createWatcher({
      root,
      onBatch: (paths, firstSeen) =>
        this.#saved(
          [...paths].map(path => sources.id(path)),
          firstSeen,
        ),
      onTouch: path => this.#buildAhead(path),
      onError,
    })
    this.followGraph(readAt)
    this.#resting = setTimeout(() => void this.#rehearse(), restMs).unref()
  }

  /** The first save finds everything in place. */
  async #rehearse(): Promise<void> {
    const { graph, builder, realm } = this.#options.parts
    if (hasRehearsed || realm.kind === 'isolate') return
    hasRehearsed = true
    for (const module of [...graph.modules.values()].slice(0, rehearsed)) {
      if (this.#isClosed) return
      // It was built before; if it cannot be now, the reload says why.
      await builder.rehearse(module).catch(() => {})
      await delay(pauseMs, undefined, { ref: false })
    }
  }

  /** Watches the files of the graph as it is now, and those a failed reload wanted. Looks at nothing that is as it was. */
  followGraph(readAt: number): void {
    const { parts, pending } = this.#options
    const { graph, sources, tsconfig } = parts
    const moved = graph.takeMoved()
    if (!this.#watcher) return
    const before = this.#followed
    const others = new Set([...pending, ...tsconfig.files()])
    const ids = new Set([...moved, ...before.others, ...others])
    if (graph !== before.graph)
      for (const each of [before.graph, graph]) for (const id of each?.modules.keys() ?? []) ids.add(id)
    const isOfInterest = (id: string) => graph.modules.has(id) || others.has(id)
    const paths = (of: readonly string[]) => of.map(id => sources.path(id))
    this.#watcher.remove(paths([...ids].filter(id => !isOfInterest(id))))
    this.#watcher.add(paths([...ids].filter(isOfInterest)), readAt)
    this.#followed = { graph, others }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#resting)
    this.#stopStore?.()
    await this.#watcher?.close()
  }

  /** Builds while the watcher waits for the end of a batch. */
  #buildAhead(path: string): void {
    const { graph, sources, builder } = this.#options.parts
    try {
      const id = sources.id(path)
      const running = graph.modules.get(id)
      if (!running) return
      builder.buildAhead(id)
      // Made now if it is not there: the diff will ask for it.
      void running.literalIds
    } catch {
      // The reload says what is wrong.
    }
  }

  #saved(ids: readonly string[], firstSeen?: number): void {
    if (this.#isClosed) return
    const { parts, onSaved } = this.#options
    // A file that is saved is itself again, whatever was pushed over it.
    for (const id of ids) parts.sources.forget(id)
    const isWaiting = this.#arrived.size > 0
    for (const id of ids) this.#arrived.add(id)
    if (isWaiting) return
    const take = () => {
      const arrived = [...this.#arrived]
      this.#arrived.clear()
      return arrived
    }
    onSaved(take, firstSeen)
  }
}
