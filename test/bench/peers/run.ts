// Runs the plan: for each project the tools by turns, round after round; then what reloads leave in the heap.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Measured, measure } from './measure.js'
import type { Case, Plan } from './plan.js'
import { Project } from './project.js'
import { type CaseResult, describeKind, joinRounds } from './results.js'
import { type Retained, retainedByPeer, retainedByRegrow } from './retained.js'
import type { Tool } from './tools.js'

export interface Control {
  readonly progress: (now: string) => void
  /** Whether somebody asked to end soon: what is measured so far counts. */
  readonly stopped: () => boolean
}

/** Reloads of peers are measured in a project of this size. */
const smallSize = 10

export async function runCase(
  each: Case,
  tools: readonly Tool[],
  { progress, stopped }: Control,
): Promise<CaseResult[]> {
  return inProject(each, async project => {
    const rounds = new Map<Tool, Measured[]>(tools.map(tool => [tool, []]))
    for (let round = 0; round < each.rounds; round++) {
      // Whoever comes first in a round comes last in the next.
      for (const tool of round % 2 === 0 ? tools : [...tools].reverse()) {
        const before = rounds.get(tool)!
        if (stopped() || before[0]?.failures.start !== undefined) continue
        progress(`${describeKind(each.kind)}  round ${round + 1} of ${each.rounds}  ${tool.name}`)
        const first = round === 0
        const { idle, behaviour } = each.wanted
        before.push(
          await measure(project, tool, { ...each.wanted, idle: idle && first, behaviour: behaviour && first }),
        )
      }
    }
    return tools.map(tool => joinRounds(tool.name, each.kind, rounds.get(tool)!))
  })
}

export async function runRetained(
  { reloads, reloadsMs }: Plan,
  tools: readonly Tool[],
  { progress, stopped }: Control,
): Promise<{ retained: Record<string, Retained | string>; rejected: Record<string, Retained | string> }> {
  const retained: Record<string, Retained | string> = {}
  const rejected: Record<string, Retained | string> = {}
  for (const tool of tools) {
    if (stopped() || reloads === 0) break
    const realm = /^regrow (main|context)$/.exec(tool.name)?.[1] as 'main' | 'context' | undefined
    if (realm) {
      progress(`heap of ${tool.name}: ${reloads} reloads, and as many rejected ones`)
      // Time is not measured here, so they may share the processor.
      const both = [retainedByRegrow(realm, 'applied', reloads), retainedByRegrow(realm, 'rejected', reloads)]
      ;[retained[tool.name], rejected[tool.name]] = (await Promise.all(both.map(orReason))) as [Retained, Retained]
    } else if (tool.reloads === 'none' || tool.reloads === 'restart') {
      const why = tool.reloads === 'none' ? 'it does not reload' : 'it starts a new process'
      retained[tool.name] = rejected[tool.name] = why
    } else {
      progress(`heap of ${tool.name}: saves for ${reloadsMs / 1000} s`)
      const kind = { shape: 'tree', language: 'js', size: smallSize } as const
      retained[tool.name] = await inProject({ kind }, project =>
        orReason(retainedByPeer(project, tool, reloads, reloadsMs)),
      )
      rejected[tool.name] = 'nothing tells from outside when it has given up on a broken file'
    }
  }
  return { retained, rejected }
}

function orReason(result: Promise<Retained>): Promise<Retained | string> {
  return result.catch(error => (error as Error).message.trim().split('\n')[0]!)
}

async function inProject<T>({ kind }: Pick<Case, 'kind'>, task: (project: Project) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'regrow-bench-'))
  try {
    return await task(new Project(join(directory, 'project'), kind))
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}
