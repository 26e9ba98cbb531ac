// What a process and all it started take, from /proc: there is nothing like it outside Linux.
import { readdirSync, readFileSync } from 'node:fs'

/** @returns bytes, shared pages counted in part; undefined where it cannot be known */
export function memoryOf(pid: number): number | undefined {
  return sum(pid, each => {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, 'utf8'))?.[1]
    return Number(kilobytes) * 1024
  })
}

/** @returns milliseconds of processor time so far; undefined where it cannot be known */
export function processorTimeOf(pid: number): number | undefined {
  // Clock ticks are 10 ms on all Linux there is.
  return sum(pid, each => (Number(fields(each)[11]) + Number(fields(each)[12])) * 10)
}

function sum(pid: number, measure: (pid: number) => number): number | undefined {
  try {
    return [...family(pid)].reduce((total, each) => total + measure(each), 0)
  } catch {
    return undefined
  }
}

/** The process, its children and theirs. */
function family(pid: number): Set<number> {
  const found = new Set([pid])
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const parents = new Map<number, number>()
  for (const each of all) {
    try {
      parents.set(each, Number(fields(each)[1]))
    } catch {
      // It ended meanwhile.
    }
  }
  for (let before = 0; before !== found.size; ) {
    before = found.size
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child)
  }
  return found
}

/** Those of /proc/pid/stat after the name, which may hold anything: the first is the state. */
function fields(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
