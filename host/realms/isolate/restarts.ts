// Brings the program of an isolate back whose process has died: when that is due, or when a reload comes that may mend it.
import type { ProgramExit } from '../../api.js'
import type { Parts } from '../../parts.js'
import type { Turns } from '../../turns.js'
import type { ExitReason } from './child-process.js'
import type { IsolateRealm } from './isolate.js'
import { createRestartSchedule, type RestartSchedule } from './restart-schedule.js'

export interface RestartOptions {
  readonly parts: Parts
  readonly turns: Turns
  /** Loads the entry into an isolate that is new. @throws RegrowError */
  readonly load: () => Promise<void>
  readonly onRestart: () => void
}

export class Restarts {
  readonly #options: RestartOptions
  readonly #schedule: RestartSchedule
  /** Settles when a start that is under way has been tried. */
  #underWay: Promise<void> | undefined
  /** The version that ran last. */
  #lastTexts: ReadonlyMap<string, string> = new Map()

  constructor(options: RestartOptions) {
    this.#options = options
    this.#schedule = createRestartSchedule(() => options.turns.enter(() => this.#restart()))
  }

  /** The process has died. @returns what becomes of the program */
  died(reason: ExitReason): ProgramExit {
    return this.#schedule.died(reason)
  }

  /** The isolate, once it runs again if it is about to. @throws RegrowError ERR_REGROW_CLOSED */
  async isolate(): Promise<IsolateRealm> {
    const { parts, turns } = this.#options
    for (let wait = this.#pending; wait; wait = this.#pending) await wait
    turns.refuseWhenClosed()
    return parts.realm as IsolateRealm
  }

  /** A reload does not wait until a dead program is due: it is what may mend it. */
  async beforeReload(): Promise<void> {
    if (!this.#isDead) return
    this.#schedule.cancel()
    // When the version of before cannot run, the reload starts from the sources as they are now.
    await this.#restart().catch(() => this.#renew())
  }

  /** No start is due any more. */
  cancel(): void {
    this.#schedule.cancel()
  }

  get #pending(): Promise<void> | undefined {
    return this.#schedule.pending ?? this.#underWay
  }

  get #isDead(): boolean {
    return (this.#options.parts.realm as IsolateRealm).isOver
  }

  async #restart(): Promise<void> {
    if (!this.#isDead) return
    const restarted = this.#startAgain()
    const tried = restarted.catch(() => {})
    this.#underWay = tried
    try {
      await restarted
    } finally {
      if (this.#underWay === tried) this.#underWay = undefined
    }
    this.#options.onRestart()
  }

  /** From the texts that ran last: an edit that killed the program is no part of it. */
  async #startAgain(): Promise<void> {
    const { parts, load } = this.#options
    const texts = new Map([...parts.graph.modules].map(([id, { source }]) => [id, source]))
    if (texts.size > 0) this.#lastTexts = texts
    await this.#renew()
    parts.pin!(this.#lastTexts)
    try {
      await load()
    } finally {
      parts.pin!()
    }
  }

  async #renew(): Promise<void> {
    const { parts, turns } = this.#options
    const realm = await parts.renew()
    await turns.unlessClosed(realm.start())
  }
}
