// Measures one session: how a tool starts a project, and how saves come to life in it.
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Edit, Project } from './project.js'
import { createRandom, saveRandomly } from './saves.js'
import { Session } from './session.js'
import type { Command, Tool } from './tools.js'

/** What a session gave. Times are milliseconds. */
export interface Measured {
  startMs?: number
  /** A start with the cache that the start before has left. */
  warmMs?: number
  /** Bytes: of the program's own heap, and of all processes of the tool. */
  heap?: number | undefined
  memory?: number | undefined
  /** Percent of a core. */
  idle?: number | undefined
  leaf?: number[]
  hub?: number[]
  batch?: number[]
  behaviour?: Behaviour
  /** What could not be measured, and why. */
  readonly failures: Partial<Record<Kind, string>>
}

export type Kind = 'start' | 'leaf' | 'hub' | 'batch'

export interface Behaviour {
  /** Whether a variable of the saved module kept its value. */
  readonly keepsState: boolean
  /** Whether a function that was captured before runs the new code. */
  readonly renewsCallbacks: boolean
  /** Pairs of saves that went live, of how many. */
  readonly live: number
  readonly pairs: number
}

export interface Wanted {
  readonly leaf: number
  readonly hub: number
  readonly batch: number
  /** Milliseconds for the saves of a kind; then it is enough, if there were three. */
  readonly enough: number
  readonly idle: boolean
  readonly behaviour: boolean
  /** Milliseconds for the start, and for a save to be live: after that it never will be. */
  readonly startDeadline: number
  readonly liveDeadline: number
}

/** More saves of a kind that are lost are not waited for. */
const mostLost = 2
/** Whatever looks at files again, or at nothing for a while, is done then. */
const pause = 120
export const batchSize = 50
const idleMs = 3000
const pairs = 12
const pairDeadline = 4000

export async function measure(project: Project, tool: Tool, wanted: Wanted): Promise<Measured> {
  const command = tool.command(project.kind.language)
  if (typeof command === 'string') return { failures: { start: command } }
  const measured: Measured = { failures: {} }
  if (tool.cached) measured.warmMs = await measureWarm(project, tool.cached, wanted)
  let session: Session
  try {
    session = await Session.start(project, command, wanted.startDeadline)
  } catch (error) {
    measured.failures.start = (error as Error).message
    return measured
  }
  try {
    measured.startMs = session.startMs
    await delay(pause * 2)
    if (wanted.idle) {
      await delay(1000)
      measured.idle = await session.processorLoad(idleMs)
    }
    if (tool.reloads !== 'none') await measureSaves(session, project, tool, wanted, measured)
  } catch (error) {
    measured.failures.leaf ??= (error as Error).message
  } finally {
    await session[Symbol.asyncDispose]()
  }
  await measureMemory(project, command, wanted, measured)
  return measured
}

/** In a session of its own: the collections drop compiled code, and saves leave things behind. */
async function measureMemory(project: Project, command: Command, { startDeadline }: Wanted, measured: Measured) {
  try {
    await using session = await Session.start(project, command, startDeadline)
    await delay(pause * 2)
    measured.heap = await session.heap()
    measured.memory = session.memory()
  } catch {
    // The session before tells whether it starts.
  }
}

async function measureWarm(project: Project, command: Command, { startDeadline }: Wanted): Promise<number> {
  let startMs = 0
  for (let count = 0; count < 2; count++) {
    await using session = await Session.start(project, command, startDeadline)
    startMs = session.startMs
    // The cache is written after the start, and again once patches have been compiled for it.
    await delay(2000 + project.kind.size)
  }
  return startMs
}

async function measureSaves(session: Session, project: Project, tool: Tool, wanted: Wanted, measured: Measured) {
  const series = {
    leaf: (index: number) => [project.editLeaf(index)],
    hub: () => [project.editHub()],
    batch: () => project.editMany(batchSize),
  }
  for (const [kind, edit] of Object.entries(series) as [keyof typeof series, (index: number) => Edit[]][]) {
    const times: number[] = []
    let lost = 0
    const end = performance.now() + wanted.enough
    for (let index = 0; index < wanted[kind] && lost < mostLost; index++) {
      if (index >= 3 && performance.now() > end) break
      const time = await save(session, edit(index), wanted.liveDeadline)
      if (time === undefined) lost++
      else times.push(time)
      await delay(pause)
    }
    if (times.length > 0) measured[kind] = times
    if (lost > 0) {
      const seconds = wanted.liveDeadline / 1000
      measured.failures[kind] = `${lost} of ${lost + times.length} saves were not live after ${seconds} s`
    }
  }
  if (wanted.behaviour && tool.reloads !== 'floor') measured.behaviour = await observe(session, project, wanted)
}

async function save(session: Session, edits: readonly Edit[], deadline: number): Promise<number | undefined> {
  const since = performance.now()
  for (const edit of edits) writeFileSync(edit.file, edit.text)
  return session.live(edits, since, deadline)
}

async function observe(session: Session, project: Project, { liveDeadline }: Wanted): Promise<Behaviour> {
  const edit = project.editLeaf(0)
  await session.hold(edit)
  const calls = (await session.call(edit))?.[1] ?? Infinity
  await save(session, [edit], liveDeadline)
  const after = (await session.call(edit))?.[1] ?? 0
  const held = (await session.held())?.[0]
  await delay(pause)
  const options = { count: pairs * 2, random: createRandom(1), deadline: pairDeadline }
  const { lost } = await saveRandomly(session, project, options)
  return {
    keepsState: after > calls,
    renewsCallbacks: held === edit.version,
    live: pairs - lost.length,
    pairs,
  }
}
