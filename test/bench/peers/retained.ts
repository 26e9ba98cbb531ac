// What reloads leave in the heap: of regrow in a child by `program.update()`, of its peers by saves, as many as they manage in a while.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { RealmKind } from '../../../host/api.js'
import { slope } from '../../leak/slope.js'
import type { Project } from './project.js'
import { Session } from './session.js'
import type { Tool } from './tools.js'

/** Reloads so far, and the bytes of the collected heap. */
export type HeapPoint = readonly [reloads: number, bytes: number]

export interface Retained {
  readonly points: readonly HeapPoint[]
  readonly reloads: number
  readonly bytesPerReload: number
}

const child = fileURLToPath(new URL('./retained-child.js', import.meta.url))

/** As in the leak test: optimised code and its feedback come and go, and would hide a few bytes a reload. */
const flags = ['--expose-gc', '--max-old-space-size=64', '--no-opt', '--no-flush-bytecode']
const childDeadline = 300_000

/** Until then caches fill, and the history of undo. */
const warmUp = 0.15

const saveDeadline = 3000
const attempts = 4
/** chokidar's throttle loses what comes sooner after the save before. */
const pause = 55
const samples = 25

/** @param node the binary that runs it @throws Error with what the child printed */
export async function retainedByRegrow(
  realm: RealmKind,
  outcome: 'applied' | 'rejected',
  reloads: number,
  node = process.execPath,
): Promise<Retained> {
  const args = [...flags, child, realm, outcome, String(reloads)]
  const { stdout } = await promisify(execFile)(node, args, { timeout: childDeadline })
  return summarize(JSON.parse(stdout))
}

/** @param milliseconds how long it saves at most @throws Error when the tool does not start, or a save is never live */
export async function retainedByPeer(
  project: Project,
  tool: Tool,
  reloads: number,
  milliseconds: number,
): Promise<Retained> {
  const command = tool.command(project.kind.language)
  if (typeof command === 'string') throw new Error(command)
  await using session = await Session.start(project, command, 30_000)
  const points: HeapPoint[] = []
  const started = performance.now()
  const spent = () => performance.now() - started
  for (let count = 0, nextAt = 0; count <= reloads && spent() < milliseconds; count++) {
    if (spent() >= nextAt) {
      nextAt += milliseconds / samples
      const bytes = await session.heap()
      if (bytes !== undefined) points.push([count, bytes])
    }
    await saveUntilLive(session, project)
    await delay(pause)
  }
  return summarize(points)
}

/** A tool may lose a save; what it keeps is another question. */
async function saveUntilLive(session: Session, project: Project): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const edit = project.editLeaf(0)
    writeFileSync(edit.file, edit.text)
    if ((await session.live([edit], performance.now(), saveDeadline)) !== undefined) return
    await delay(pause)
  }
  throw new Error(`${attempts} saves in a row were not live after ${saveDeadline / 1000} s each`)
}

function summarize(points: readonly HeapPoint[]): Retained {
  const reloads = points.at(-1)![0]
  const warm = points.filter(([at]) => at >= reloads * warmUp)
  return { points, reloads, bytesPerReload: slope(warm) }
}
