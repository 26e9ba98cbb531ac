// A project that runs under a tool: started, asked, and ended. The program connects to the harness, also when it was started anew.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { memoryOf, processorTimeOf } from './process-tree.js'
import type { Edit, Project, Target } from './project.js'
import type { Command } from './tools.js'

/** What a module tells: its version, its calls, the hub's version. */
export type Answer = readonly number[]

type Kind = 'call' | 'hold' | 'held' | 'heap'

/** They must not outlive the harness. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) kill(child)
})

export class Session implements AsyncDisposable {
  /** Milliseconds from the start of the process to the first answer. */
  startMs = 0
  readonly #child: ChildProcess
  readonly #server: Server
  readonly #directory: string
  #socket: Socket | undefined
  #output = ''
  #questions = 0
  readonly #started: number

  /** @param deadline milliseconds until the first answer @throws Error with the tool's output when there is none */
  static async start(project: Project, command: Command, deadline: number): Promise<Session> {
    const directory = mkdtempSync(join(tmpdir(), 'regrow-bench-link-'))
    const server = createServer()
    server.listen(join(directory, 'socket'))
    await once(server, 'listening')
    const session = new Session(project, command, server, directory)
    try {
      await session.#first(deadline)
    } catch (error) {
      await session[Symbol.asyncDispose]()
      throw error
    }
    return session
  }

  private constructor(project: Project, command: Command, server: Server, directory: string) {
    this.#server = server
    this.#directory = directory
    server.on('connection', socket => {
      this.#socket = socket
      socket.setEncoding('utf8')
      socket.on('error', () => {})
      socket.on('close', () => {
        if (this.#socket === socket) this.#socket = undefined
      })
    })
    this.#started = performance.now()
    const entry = `${command.entry}.${project.kind.language}`
    const args = command.args.map(each => each.replace('%', entry))
    this.#child = spawn(process.execPath, args, {
      cwd: project.directory,
      // What a tool keeps from run to run it keeps there: every start is a cold one.
      env: { ...process.env, BENCH_SOCKET: join(directory, 'socket'), TMPDIR: directory, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    running.add(this.#child)
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', text => {
        this.#output = (this.#output + text).slice(-2000)
      })
  }

  async #first(deadline: number): Promise<void> {
    const answers = await this.#ask('call', [{ path: [], file: '' }], this.#started + deadline)
    if (!answers) {
      const printed = this.#output.replaceAll(/^\((node:|Use `node).*$/gm, '').trim()
      throw new Error(`no answer within ${deadline} ms${printed && `: ${printed}`}`)
    }
    this.startMs = performance.now() - this.#started
  }

  /**
   * Asks until all edits are live.
   * @param since `performance.now()` before they were saved
   * @returns milliseconds since then, or undefined when they were not within the deadline
   */
  async live(edits: readonly Edit[], since: number, deadline: number): Promise<number | undefined> {
    const targets = edits.map(({ path, file }) => ({ path, file }))
    while (performance.now() < since + deadline) {
      const answers = await this.#ask('call', targets, since + deadline)
      if (answers && edits.every((edit, index) => answers[index]?.[edit.place] === edit.version))
        return performance.now() - since
    }
    return undefined
  }

  /** Keeps the function of a module, as a callback that somebody captured. */
  async hold(target: Target): Promise<void> {
    await this.#ask('hold', [target], performance.now() + 5000)
  }

  async held(): Promise<Answer | undefined> {
    return (await this.#ask('held', [], performance.now() + 5000))?.[0]
  }

  async call(target: Target): Promise<Answer | undefined> {
    return (await this.#ask('call', [{ path: target.path, file: target.file }], performance.now() + 5000))?.[0]
  }

  /** @returns bytes of the program's own heap after a collection */
  async heap(): Promise<number | undefined> {
    return (await this.#ask('heap', [], performance.now() + 20_000))?.[0] as unknown as number
  }

  /** @returns bytes of all processes of the tool */
  memory(): number | undefined {
    return memoryOf(this.#child.pid!)
  }

  /** @returns percent of one core, measured over some milliseconds */
  async processorLoad(milliseconds: number): Promise<number | undefined> {
    const before = processorTimeOf(this.#child.pid!)
    await delay(milliseconds)
    const after = processorTimeOf(this.#child.pid!)
    return before === undefined || after === undefined ? undefined : ((after - before) / milliseconds) * 100
  }

  async [Symbol.asyncDispose](): Promise<void> {
    kill(this.#child)
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
    running.delete(this.#child)
    this.#socket?.destroy()
    this.#server.close()
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 3 })
  }

  /** @returns undefined when the program went away, failed or took too long */
  async #ask(kind: Kind, targets: readonly Target[], end: number): Promise<Answer[] | undefined> {
    const socket = await this.#connected(end)
    if (!socket) return undefined
    const id = ++this.#questions
    socket.write(`${JSON.stringify({ id, kind, targets })}\n`)
    return readAnswer(socket, id, end - performance.now())
  }

  async #connected(end: number): Promise<Socket | undefined> {
    while (!this.#socket && performance.now() < end) {
      if (this.#child.exitCode !== null) throw new Error(`the tool ended: ${this.#output.trim()}`)
      const signal = AbortSignal.timeout(50)
      await once(this.#server, 'connection', { signal }).catch(() => {})
    }
    return this.#socket
  }
}

/** @returns the answer to a question; undefined when the connection was closed before, or none came in time */
function readAnswer(socket: Socket, id: number, milliseconds: number): Promise<Answer[] | undefined> {
  return new Promise(resolve => {
    let text = ''
    const onData = (data: string) => {
      text += data
      if (!text.endsWith('\n')) return
      // Late answers to earlier questions come first.
      const answers = text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      text = ''
      const answer = answers.find(each => each.id === id)
      if (answer) finish(answer.values)
    }
    const finish = (result?: Answer[]) => {
      clearTimeout(timer)
      socket.off('data', onData)
      socket.off('close', onClose)
      resolve(result)
    }
    const onClose = () => finish()
    const timer = setTimeout(onClose, Math.max(0, milliseconds))
    socket.on('data', onData)
    socket.on('close', onClose)
  })
}

/** With all it started: it leads a process group. */
function kill(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
