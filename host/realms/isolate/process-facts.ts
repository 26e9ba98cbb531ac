// What Linux tells of another process: its memory, its time on the processor, and whether it waits for more of it.
import { readdirSync, readFileSync } from 'node:fs'

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

/** Of a `stat`, what follows the name, which is in brackets and may hold spaces. */
const fields = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ')

/** Milliseconds on the processor that a process has used; undefined where the system does not tell. */
export function processorMs(pid: number | undefined): number | undefined {
  const stat = read(pid, 'stat')
  if (stat === undefined) return undefined
  const [user, system] = fields(stat).slice(11, 13)
  return (Number(user) + Number(system)) * millisecondsPerTick
}

/** One of its threads could run, or waits for the disk: it is not idle, stopped or gone. */
export function couldRun(pid: number | undefined): boolean {
  return threads(pid).some(thread => 'RD'.includes(fields(read(pid, `task/${thread}/stat`) ?? ') S')[0]!))
}

function threads(pid: number | undefined): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** A process and the ones it has started. */
export function withChildren(pid: number): number[] {
  return [pid, ...(read(pid, `task/${pid}/children`)?.split(' ').filter(Boolean).map(Number) ?? [])]
}
