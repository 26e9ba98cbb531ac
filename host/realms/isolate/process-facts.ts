// What Linux tells of another process: its memory, its time on the processor, and whether it waits for more of it.
import { readFileSync } from 'node:fs'

/** Of `/proc/<pid>/stat`: utime and stime are in hundredths of a second wherever Linux runs. */
const millisecondsPerTick = 10

function read(pid: number | undefined, file: string): string | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return undefined
  }
}

/** Resident bytes of a process; 0 where the system does not tell. */
export const residentBytes = (pid: number | undefined): number => Number(read(pid, 'statm')?.split(' ')[1] ?? 0) * 4096

export interface ProcessorUse {
  /** Its main thread could run, or waits for the disk: it is not idle, stopped or gone. */
  readonly isWaiting: boolean
  /** Milliseconds on the processor that it has used. */
  readonly ms: number
}

/** Undefined where the system does not tell. */
export function processorUse(pid: number | undefined): ProcessorUse | undefined {
  const text = read(pid, 'stat')
  if (text === undefined) return undefined
  // The name of the program, in brackets, may hold spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    isWaiting: fields[0] === 'R' || fields[0] === 'D',
    ms: (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick,
  }
}

/** The same for a process with the ones it has started, taken together. */
export function processorMsWithChildren(pid: number | undefined): number | undefined {
  const own = processorUse(pid)
  if (!own) return undefined
  const children = read(pid, `task/${pid}/children`)?.split(' ').filter(Boolean) ?? []
  return children.reduce((sum, child) => sum + (processorUse(Number(child))?.ms ?? 0), own.ms)
}
