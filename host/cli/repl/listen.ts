// `regrow run --listen`: lets REPLs in from other terminals, through a Unix socket that only this user can open.
import { lstatSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { PassThrough, Writable } from 'node:stream'
import type { Program } from '../../api.js'
import { RegrowError } from '../../errors.js'
import { offExit, onExit } from '../../exit-listeners.js'
import { startRepl } from './repl.js'
import { createReader, type Terminal } from './wire.js'

export interface Listening {
  close(): void
}

/**
 * @param path of the socket
 * @param root places in files are shown relative to it
 * @throws RegrowError ERR_REGROW_OPTION when something else is there
 */
export async function listenForRepls(program: Program, path: string, root: string): Promise<Listening> {
  await makeRoom(path)
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    welcome(program, socket, root)
  })
  // A socket is made with the rights that are left then and there, so nobody else can open it, not even for a moment.
  const before = process.umask(0o177)
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  process.umask(before)
  try {
    await listening
  } catch (error) {
    throw new RegrowError('ERR_REGROW_OPTION', `cannot listen on ${path}: ${(error as Error).message}`, {
      cause: error,
    })
  }
  // Being there for others is no reason to stay.
  server.unref()
  const remove = () => rmSync(path, { force: true })
  onExit(remove)
  const close = () => {
    offExit(remove)
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  program.once('close', close)
  return { close }
}

/** Takes away a socket that a process left behind, and nothing else. */
async function makeRoom(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (!there) return
  if (!there.isSocket()) throw new RegrowError('ERR_REGROW_OPTION', `cannot listen on ${path}: it is no socket`)
  const found = await new Promise<string | undefined>(resolve => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve('somebody listens there')
    })
    socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') rmSync(path, { force: true })
      resolve(code === 'ECONNREFUSED' || code === 'ENOENT' ? undefined : message)
    })
  })
  if (found !== undefined) throw new RegrowError('ERR_REGROW_OPTION', `cannot listen on ${path}: ${found}`)
}

function welcome(program: Program, socket: Socket, root: string): void {
  const input = Object.assign(new PassThrough(), { isTTY: false, setRawMode: () => input })
  let output: RemoteTerminal | undefined
  const read = createReader(
    message => {
      if (message[0] === 'terminal' && !output) {
        output = new RemoteTerminal(socket, message[1])
        input.isTTY = output.isTTY
        void talk(message[1], output)
      } else if (message[0] === 'size') output?.resize(message[1], message[2])
      else if (message[0] === 'keys') input.write(String(message[1]))
      else if (message[0] === 'end') input.end()
    },
    () => socket.destroy(),
  )
  socket.on('data', read)
  // Whoever goes away has left.
  socket.on('close', () => input.end())

  async function talk({ module, colors }: Terminal, terminal: RemoteTerminal): Promise<void> {
    try {
      const options = { input, output: terminal as unknown as NodeJS.WriteStream, root, colors: colors === true }
      await startRepl(program, typeof module === 'string' ? { ...options, module } : options)
    } catch (error) {
      terminal.write(`${(error as Error).message}\n`)
    }
    socket.end()
  }
}

/** The terminal at the other end. */
class RemoteTerminal extends Writable {
  readonly isTTY: boolean
  columns: number
  rows: number
  readonly #socket: Socket
  readonly #colors: boolean

  constructor(socket: Socket, { isTTY, columns, rows, colors }: Terminal) {
    super({ decodeStrings: false })
    this.#socket = socket
    this.isTTY = isTTY === true
    this.columns = size(columns, 80)
    this.rows = size(rows, 24)
    this.#colors = colors === true
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    if (this.#socket.writable) this.#socket.write(chunk)
    done()
  }

  resize(columns: number, rows: number): void {
    this.columns = size(columns, this.columns)
    this.rows = size(rows, this.rows)
    this.emit('resize')
  }

  getColorDepth(): number {
    return this.#colors ? 8 : 1
  }

  hasColors(): boolean {
    return this.#colors
  }

  getWindowSize(): [number, number] {
    return [this.columns, this.rows]
  }
}

const size = (given: unknown, otherwise: number): number =>
  Number.isInteger(given) && (given as number) > 0 ? (given as number) : otherwise
