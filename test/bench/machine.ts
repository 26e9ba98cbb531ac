// What a benchmark says of the machine it ran on.
import { cpus, loadavg } from 'node:os'

export const processor = cpus()[0]?.model.trim() ?? 'unknown processor'
export const cores = cpus().length

/** The load average of the last minute. */
export const load = (): string => loadavg()[0]!.toFixed(1)
