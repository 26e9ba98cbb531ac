// A port goes from a server to the one that takes its place. The new one is there before the old one is disposed of (R11), so its first
// `listen` finds the port taken: it is told to listen once more when the old one has left it, in place of an error.
import { apply, call, defineProperty } from './primordials.js'
import { type Later, type Place, type Server, serversOf } from './servers.js'

/** How often a server tries to listen, and how long between, in milliseconds. */
const tries = 25
const pause = 20

const never = () => false

/** How a server waits for its place. */
interface Patience {
  readonly later: Later
  /** Whether it was disposed of meanwhile, because its reload failed or the next one came. */
  isOver?(): boolean
  /** Makes the server that is to go leave a place to another one, as long as the reload is under way, which may await that. */
  release?(place: Place, successor: Server): void
}

/** @param value a server, or what has one */
export function awaitPort(value: Server, patience: Patience): void {
  const servers = serversOf(value)
  for (let index = 0; index < servers.length; index++) patient(servers[index]!, patience)
}

/** Lets a server try again to listen where its place is taken. It does not listen now. */
export function patient(server: Server, { later, isOver = never, release }: Patience): void {
  const { emit } = server
  if (server.listening) return
  let left = tries
  const again = (error: Place) => {
    if (server.listening || isOver()) return
    release?.(error, server)
    const place =
      error.port === undefined || error.port < 0 ? { path: error.address } : { port: error.port, host: error.address }
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
