// Where the isolates of a host's programs live: each in a process of its own, several in one, or in the host's process.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { IsolateLimits, IsolateProcess } from '../../api.js'
import { RegrowError } from '../../errors.js'
import { type BuildProcesses, createBuildProcesses } from './build-process.js'
import { type Carrier, type ExitReason, startChild } from './child-process.js'
import type { Head } from './frames.js'
import { createLocalCarrier } from './local.js'

/** A place in a process. */
export interface Seat {
  readonly program: number
  readonly carrier: Carrier
  /** Gives the place up; a process without programs ends. */
  leave(): Promise<void>
}

export interface Resident {
  readonly process: IsolateProcess
  readonly limits: IsolateLimits
  onMessage(head: Head, text: string): void
}

export interface IsolatePool {
  /** Builds what its programs are made of. */
  readonly builds: BuildProcesses
  /** @throws RegrowError ERR_REGROW_OPTION */
  take(resident: Resident): Seat
  close(): Promise<void>
}

/** How many programs share a process: fewer cost memory, more have longer to wait until all are started again. */
const sharedBy = 32

interface Group {
  readonly carrier: Carrier
  readonly kind: IsolateProcess
  readonly residents: Map<number, Resident>
}

export function createIsolatePool(): IsolatePool {
  const groups = new Set<Group>()
  let lastProgram = 0
  const builds = createBuildProcesses()

  function start(kind: IsolateProcess): Group {
    const isolatedVm = findIsolatedVm()
    const residents = new Map<number, Resident>()
    const onMessage = (head: Head, text: string) => residents.get(head.program!)?.onMessage(head, text)
    const memoryLimit = () => [...residents.values()].reduce((sum, each) => sum + each.limits.memoryMb * 2 ** 20, 0)
    const options = { isolatedVm, memoryLimit, longest: longestMessage, onMessage }
    const group: Group = {
      carrier: kind === 'none' ? createLocalCarrier(options) : startChild(options),
      kind,
      residents,
    }
    groups.add(group)
    void group.carrier.gone.then(() => groups.delete(group))
    return group
  }

  return {
    builds,
    take(resident) {
      const kind = resident.process
      const open = [...groups].find(
        each => kind === 'shared' && each.kind === kind && each.residents.size < sharedBy && !each.carrier.isGone,
      )
      const { carrier, residents } = open ?? start(kind)
      const program = ++lastProgram
      residents.set(program, resident)
      return {
        program,
        carrier,
        async leave() {
          residents.delete(program)
          if (carrier.isGone) return void (await carrier.gone)
          if (residents.size > 0) return carrier.send({ op: 'stop', program })
          carrier.kill({ reason: 'killed', message: 'it was closed' })
          await carrier.gone
        },
      }
    },
    async close() {
      const closing = [...groups].map(({ carrier }) => {
        carrier.kill({ reason: 'killed', message: 'the host was closed' })
        return carrier.gone
      })
      await builds.close()
      await Promise.all<ExitReason>(closing)
    },
  }
}

/** Bytes of a message, whatever the limits on values are. */
const longestMessage = 256 * 2 ** 20

/** It is an optional peer: found beside this package, or from where the host was started. */
function findIsolatedVm(): string {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve('isolated-vm')
    } catch {
      // Perhaps the other way.
    }
  }
  const version = Number(process.versions.node.split('.')[0]) < 22 ? '5' : '6'
  throw new RegrowError(
    'ERR_REGROW_OPTION',
    `realm 'isolate' needs the package isolated-vm, which is not installed: npm install isolated-vm@${version}`,
  )
}
