// Builds texts that are not trusted in processes apart, and ends one with all it started when a text takes too long.
import { type ChildProcess, fork } from 'node:child_process'
import { kill } from 'node:process'
import { clearTimeout, setTimeout } from 'node:timers'
import { type Build, BuildError, type CommonJSBuild } from '../../../bundler/build.js'
import { buildChildPath } from '../../own-files.js'
import { type PackageBundle, PackageError, type PackageFault, type PackageJob } from './package-job.js'
import { couldRun, processorMs, withChildren } from './process-facts.js'

export interface BuildJob {
  readonly kind: 'module' | 'commonJS' | 'text'
  readonly source: string
  readonly id: string
  /** Labels statements that were typed to be run once. */
  readonly once?: string | undefined
  /** It may name `require` and its like beside what it imports. */
  readonly isLoose: boolean
  /** Statements, function literals and class members at most. */
  readonly parts: number
}

type ProgramJob = Omit<BuildJob, 'parts'>

export type Built = Build | CommonJSBuild

/** What one program's texts are built by: one at a time, so that no program takes all processes. */
export interface Builds {
  /** @throws BuildError for what does not build, nests too deeply, or takes too long */
  build(job: ProgramJob): Promise<Built>
  /** Begins before anybody asks for it: the next `build` of the same text takes what this makes. */
  begin(job: ProgramJob): void
  /** @throws BuildError, PackageError */
  bundle(job: PackageJob): Promise<PackageBundle>
}

export interface BuildProcesses {
  /** @param parts of one module, at most */
  forProgram(parts: number): Builds
  close(): Promise<void>
}

/** Milliseconds for one module: what takes longer was made to, if its process had at least half of them on the processor. */
const longest = 4000
/** Milliseconds for a granted package, which has many modules. */
const longestBundle = 15_000
/** Another span of that length is given so often to one that the machine kept waiting. */
const mostSpans = 4
/** Milliseconds for a process to start. */
const longestStart = 20_000
/** Milliseconds to wait for a process that is busy before another is started. */
const patience = 200
const mostProcesses = 8
/** Brackets that may be open at a time, counted without regard to strings and comments. */
const deepest = 1000

type Answer =
  | 'ready'
  | { built: Built | PackageBundle }
  | { failed: { message: string; line: number; column: number; code: PackageFault | undefined } }

export function createBuildProcesses(): BuildProcesses {
  const all = new Set<ChildProcess>()
  const idle: ChildProcess[] = []
  const waiting: ((process: ChildProcess) => void)[] = []
  let isClosed = false

  async function acquire(): Promise<ChildProcess> {
    const free = idle.pop()
    if (free) return free
    if (all.size === 0) return start()
    return new Promise((resolve, reject) => {
      const take = (process: ChildProcess) => {
        clearTimeout(timer)
        resolve(process)
      }
      const timer = setTimeout(() => {
        if (all.size >= mostProcesses) return
        waiting.splice(waiting.indexOf(take), 1)
        start().then(resolve, reject)
      }, patience)
      waiting.push(take)
    })
  }

  function release(process: ChildProcess): void {
    const next = waiting.shift()
    if (next) next(process)
    else if (idle.length === 0) idle.push(process)
    else void end(process)
  }

  async function start(): Promise<ChildProcess> {
    if (isClosed) throw new BuildError('the host is closed', 1, 1)
    const started = fork(buildChildPath, {
      execArgv: [],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      // A group of its own: esbuild is a process too, and ends with it.
      detached: true,
    })
    all.add(started)
    started.on('error', () => {})
    started.once('exit', () => forget(started))
    started.unref()
    started.channel?.ref()
    await answerOf(started, longestStart, 1)
    started.channel?.unref()
    return started
  }

  function forget(process: ChildProcess): void {
    all.delete(process)
    if (idle.includes(process)) idle.splice(idle.indexOf(process), 1)
  }

  function end(process: ChildProcess): Promise<unknown> {
    forget(process)
    if (process.pid === undefined || process.exitCode !== null || process.signalCode !== null) return Promise.resolve()
    const gone = new Promise(resolve => process.once('exit', resolve))
    process.ref()
    try {
      kill(-process.pid, 'SIGKILL')
    } catch {
      process.kill('SIGKILL')
    }
    return gone
  }

  async function run(job: BuildJob | PackageJob): Promise<Built | PackageBundle> {
    const process = await acquire()
    process.channel?.ref()
    const answered = answerOf(process, job.kind === 'package' ? longestBundle : longest, mostSpans)
    process.send(job, () => {})
    const answer = await answered
    process.channel?.unref()
    if (answer === undefined || answer === 'ready') {
      void end(process)
      // Who waited for it has to have another.
      if (waiting.length > 0 && !isClosed) start().then(release, () => {})
      throw new BuildError(
        `the source takes more than ${job.kind === 'package' ? longestBundle : longest} ms to build, or more than there is`,
        1,
        1,
      )
    }
    release(process)
    if ('built' in answer) return answer.built
    const { message, line, column, code } = answer.failed
    if (code) throw new PackageError(code, message)
    throw new BuildError(message, line, column)
  }

  return {
    forProgram(parts) {
      let queue: Promise<unknown> = Promise.resolve()
      const inTurn = (job: BuildJob | PackageJob) => {
        const built = queue.then(() => run(job))
        queue = built.catch(() => {})
        return built
      }
      const build = (job: ProgramJob): Promise<Built> => {
        if (job.kind !== 'text' && depthOf(job.source) > deepest)
          return Promise.reject(new BuildError(`the source nests too deeply: more than ${deepest} levels`, 1, 1))
        return inTurn({ ...job, parts }) as Promise<Built>
      }
      /** By module, until somebody asks for it. */
      const begun = new Map<string, { readonly job: ProgramJob; readonly built: Promise<Built>; isOver: boolean }>()
      return {
        bundle: job => inTurn(job) as Promise<PackageBundle>,
        begin(job) {
          const before = begun.get(job.id)
          // One at a time: the texts of half a file would only hold up that of the whole one.
          if (before && (!before.isOver || isSameJob(before.job, job))) return
          const next = { job, built: build(job), isOver: false }
          begun.set(job.id, next)
          const end = () => {
            next.isOver = true
          }
          next.built.then(end, end)
        },
        build(job) {
          const before = begun.get(job.id)
          begun.delete(job.id)
          return before && isSameJob(before.job, job) ? before.built : build(job)
        },
      }
    },
    async close() {
      isClosed = true
      await Promise.all([...all].map(end))
    },
  }
}

/** @returns undefined when the process ends, or takes longer than `milliseconds`, which a busy machine stretches to `spans` times that */
function answerOf(process: ChildProcess, milliseconds: number, spans: number): Promise<Answer | undefined> {
  return new Promise(resolve => {
    const family = () => (process.pid === undefined ? [] : withChildren(process.pid))
    const used = () => family().reduce((sum, each) => sum + (processorMs(each) ?? 0), 0)
    /** Most answer so soon that nobody has to look. */
    const unseen = milliseconds / 4
    let usedBefore = 0
    const end = (answer: Answer | undefined) => {
      clearTimeout(timer)
      process.off('message', end as never)
      process.off('exit', gone)
      resolve(answer)
    }
    const gone = () => end(undefined)
    const look = () => {
      usedBefore = used()
      timer = setTimeout(late, milliseconds - unseen)
    }
    const late = () => {
      const isStarved = family().some(couldRun) && used() - usedBefore < (milliseconds - unseen) / 2
      if (--spans > 0 && isStarved) look()
      else gone()
    }
    let timer = setTimeout(look, unseen)
    process.on('message', end as never)
    process.once('exit', gone)
  })
}

function depthOf(source: string): number {
  let depth = 0
  let most = 0
  for (let index = 0; index < source.length; index++) {
    const code = source.charCodeAt(index)
    if (code === 40 || code === 91 || code === 123) most = Math.max(most, ++depth)
    else if ((code === 41 || code === 93 || code === 125) && depth > 0) depth--
  }
  return most
}

const isSameJob = (a: ProgramJob, b: ProgramJob): boolean =>
  a.kind === b.kind && a.source === b.source && a.once === b.once
