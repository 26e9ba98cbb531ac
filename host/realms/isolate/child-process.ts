// Starts a child process for isolates with as little as it can do with, watches it from outside, and ends it for good.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { setPriority } from 'node:os'
import { dirname, sep } from 'node:path'
import { clearInterval, setImmediate, setInterval } from 'node:timers'
import { clock } from '../../clock.js'
import { RegrowError, type RegrowErrorCode } from '../../errors.js'
import { isolateChildPath, isolateKernelPath, webPath } from '../../own-files.js'
import { createFrameReader, type Head, writeFrame } from './frames.js'
import { couldRun, processorMs, residentBytes } from './process-facts.js'

/** Why a process that holds isolates is gone. */
export interface ExitReason {
  readonly reason: 'memory' | 'cpu' | 'crash' | 'killed'
  /** The program at fault, if it was one. */
  readonly program?: number
  readonly message: string
}

/** Something that holds isolates, and can be talked to. */
export interface Carrier {
  readonly pid: number | undefined
  readonly isGone: boolean
  /** Milliseconds in which it was seen alive: it got time on the processor, and could have answered. */
  readonly aliveMs: number
  /** Resolves when programs can be started. @throws RegrowError ERR_REGROW_OPTION */
  readonly ready: Promise<void>
  send(head: Head, text?: string): void
  /** Ends it at once; nothing in it is asked. */
  kill(reason: ExitReason): void
  /** Keeps the host's process running, until as many `letGo` as `hold` were called. */
  hold(): void
  letGo(): void
  /** Resolves once nothing of it is left. */
  readonly gone: Promise<ExitReason>
}

export interface ChildOptions {
  /** Path of isolated-vm. */
  readonly isolatedVm: string
  /** Bytes that the process may hold, by what its programs may use; looked at from outside. */
  readonly memoryLimit: () => number
  /** Bytes of a message. */
  readonly longest: number
  readonly onMessage: (head: Head, text: string) => void
}

/** Milliseconds without a sign of life that end it, if it had time on the processor. */
const lateAfter = 5000
const startLimit = 20_000
/** So much of that time it must have had; one that waits for it is given more of the clock's. */
const leastUsed = 0.25
const patience = 6
/** Milliseconds after a sign of life in which it counts as alive: it gives one every 200. */
const signLasts = 400
const lookEvery = 250
/** Guests come after the host, but must not starve: their process has to give signs of life. */
const niceness = 5
/** Bytes of a process that holds no isolate yet, and some. */
const ownBytes = 160 * 2 ** 20

export function startChild({ isolatedVm, memoryLimit, longest, onMessage }: ChildOptions): Carrier {
  const child = spawn(
    process.execPath,
    [...nodeFlags(isolatedVm), isolateChildPath, isolatedVm, isolateKernelPath, webPath, String(longest)],
    { env: {}, cwd: dirname(isolateChildPath), stdio: ['ignore', 'ignore', 'ignore', 'pipe'], windowsHide: true },
  )
  const channel = child.stdio[3] as Socket
  let reason: ExitReason | undefined
  let isGone = false
  let lastSign = clock.now()
  /** What it had used when it was first seen to be late. */
  let usedBefore: number | undefined
  let aliveBefore = 0
  let isReady = false
  let holds = 0
  let setReady = (): void => {}
  let setFailed = (_error: RegrowError): void => {}
  const ready = new Promise<void>((resolve, reject) => {
    setReady = resolve
    setFailed = reject
  })
  ready.catch(() => {})

  child.unref()
  channel.unref()

  function kill(why: ExitReason): void {
    reason ??= why
    child.ref()
    child.kill('SIGKILL')
  }

  const watch = setInterval(() => {
    const waited = clock.now() - lastSign
    const limit = isReady ? lateAfter : startLimit
    if (waited < lookEvery * 2) usedBefore = undefined
    else usedBefore ??= processorMs(child.pid)
    if (waited > limit && !(isStarved(limit) && waited < limit * patience)) {
      // Perhaps it was this process that was busy: what it sent is read first.
      setImmediate(() => {
        if (clock.now() - lastSign >= waited)
          kill({ reason: 'cpu', message: 'the process of the isolates gave no sign of life' })
      })
    } else if (residentBytes(child.pid) > ownBytes + memoryLimit() * 2.5)
      kill({ reason: 'memory', message: 'the process of the isolates used too much memory' })
  }, lookEvery).unref()

  /** It could run, and the machine gave the time to others. */
  function isStarved(limit: number): boolean {
    const used = processorMs(child.pid)
    return used !== undefined && used - usedBefore! < limit * leastUsed && couldRun(child.pid)
  }

  const alive = () => aliveBefore + Math.min(clock.now() - lastSign, signLasts)

  channel.on('error', () => {})
  channel.on(
    'data',
    guarded(
      createFrameReader(longest, (head, text) => {
        aliveBefore = alive()
        lastSign = clock.now()
        if (reason) return
        if (head.op === 'ready') {
          isReady = true
          lower(child)
          setReady()
        } else if (head.op === 'memory')
          kill({ reason: 'memory', message: 'the process of the isolates used too much memory' })
        else if (head.op !== 'beat') onMessage(head, text)
      }),
      () => kill({ reason: 'crash', message: 'the process of the isolates sent what is no message' }),
    ),
  )

  const gone = new Promise<ExitReason>(resolve => {
    child.on('error', error => {
      setFailed(new RegrowError('ERR_REGROW_OPTION', `cannot start a process for isolates: ${error.message}`))
      end({ reason: 'crash', message: error.message })
    })
    // Not `exit`: what it sent last is read first.
    child.on('close', (code, signal) =>
      end({ reason: 'crash', message: `the process of the isolates ended (${signal ?? `exit code ${code}`})` }),
    )
    function end(why: ExitReason): void {
      if (isGone) return
      isGone = true
      clearInterval(watch)
      channel.destroy()
      setFailed(new RegrowError('ERR_REGROW_OPTION', `cannot start a process for isolates: ${(reason ?? why).message}`))
      resolve(reason ?? why)
    }
  })

  return {
    pid: child.pid,
    get isGone() {
      return isGone || reason !== undefined
    },
    get aliveMs() {
      return alive()
    },
    ready,
    send(head, text) {
      if (!isGone) writeFrame(channel, head, text)
    },
    kill,
    hold() {
      if (holds++ > 0) return
      channel.ref()
      child.ref()
    },
    letGo() {
      if (--holds > 0) return
      channel.unref()
      if (reason === undefined) child.unref()
    },
    gone,
  }
}

function guarded(read: (chunk: Buffer) => void, fail: () => void): (chunk: Buffer) => void {
  return chunk => {
    try {
      read(chunk)
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error
      fail()
    }
  }
}

function lower({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, niceness)
  } catch {
    // Not everybody may.
  }
}

/** What the child's Node is started with: isolated-vm wants no snapshot, and the process nothing but its own files. */
function nodeFlags(isolatedVm: string): string[] {
  const known = process.allowedNodeEnvironmentFlags
  const flags = ['--no-node-snapshot', '--max-old-space-size=256', '--no-warnings']
  const permission = ['--permission', '--experimental-permission'].find(flag => known.has(flag))
  if (permission === undefined || !known.has('--allow-addons')) return flags
  const modules = isolatedVm.slice(0, isolatedVm.lastIndexOf(`${sep}isolated-vm${sep}`) + 1)
  return [
    ...flags,
    permission,
    '--allow-addons',
    `--allow-fs-read=${isolateChildPath}`,
    `--allow-fs-read=${isolateKernelPath}`,
    `--allow-fs-read=${webPath}`,
    `--allow-fs-read=${modules}*`,
    // Looked for by what loads the addon of isolated-vm 6 and later.
    '--allow-fs-read=/etc/alpine-release',
    // Its channel is a socket. Before Node 25 this model knew nothing of networks.
    ...(known.has('--allow-net') ? ['--allow-net'] : []),
  ]
}

export const codeOf = ({ reason }: ExitReason): RegrowErrorCode =>
  reason === 'memory' ? 'ERR_REGROW_MEMORY' : reason === 'cpu' ? 'ERR_REGROW_TIMEOUT' : 'ERR_REGROW_EXIT'
