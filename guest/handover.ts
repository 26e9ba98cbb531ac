// A port goes from a server to the one that takes its place. The new one is there before the old one is disposed of (R11), so its first
// `listen` finds the port taken: it is told to listen once more when the old one has left it, in place of an error.
import { apply, call, defineProperty, isObject, push } from './primordials.js'

type Server = Record<string, any>

/** How often a server tries to listen, and how long between, in milliseconds. */
const tries = 25
const pause = 20

/** Calls a function after some milliseconds. */
export type Later = (run: () => void, milliseconds: number) => void

/**
 * @param value a server of Node's, or what has one as `server` or `_server`, as those of the package ws do
 * @param isOver whether it was disposed of meanwhile, because its reload failed or the next one came
 * @param release makes the server that is to go leave a place to another one, as long as the reload is under way, which may await that
 */
export function awaitPort(
  value: Server,
  later: Later,
  isOver: () => boolean,
  release: (place: Place, successor: Server) => void,
): void {
  const servers = serversOf(value)
  for (let index = 0; index < servers.length; index++) patient(servers[index]!, later, isOver, release)
}

/** Where a server listens, as the error that it is taken says. */
export interface Place {
  readonly port?: number
  readonly address?: string
}

/** A server itself, and what it has as `server` or `_server`. */
export function serversOf(value: Server): Server[] {
  const servers: Server[] = []
  const all = [value, read(value, 'server'), read(value, '_server')]
  for (let index = 0; index < all.length; index++) {
    const server = all[index]
    if (!isObject(server) || typeof read(server, 'emit') !== 'function') continue
    if (typeof read(server, 'listen') === 'function' && typeof read(server, 'address') === 'function')
      push(servers, server)
  }
  return servers
}

/** A getter of the guest's may throw. */
function read(value: Server, key: string): unknown {
  try {
    return value[key]
  } catch {
    return undefined
  }
}

/** Lets a server try again to listen where its place is taken. It does not listen now. */
export function patient(
  server: Server,
  later: Later,
  isOver: () => boolean,
  release: (place: Place, successor: Server) => void,
): void {
  const { emit } = server
  if (server.listening) return
  let left = tries
  const again = (error: Place) => {
    if (server.listening || isOver()) return
    release(error, server)
    const place = error.port === undefined ? { path: error.address } : { port: error.port, host: error.address }
    call(server.listen, server, place)
  }
  const patientEmit = function (this: unknown, event: unknown, ...rest: any[]): unknown {
    const error = rest[0]
    const isTaken = event === 'error' && error?.code === 'EADDRINUSE' && error.syscall === 'listen'
    if (isTaken && (isOver() || left > 0)) {
      // The first time the old server was told to close just now.
      if (!isOver()) later(() => again(error), left-- === tries ? 0 : pause)
      return true
    }
    if (event === 'error' || event === 'listening') delete server.emit
    if (event !== 'listening' || !isOver()) return apply(emit, this, [event, ...rest])
    call(server.close, server)
    return true
  }
  defineProperty(server, 'emit', { value: patientEmit, writable: true, configurable: true, enumerable: false })
}
