// A port goes from a server to the one that takes its place. The new one is there before the old one is disposed of (R11), so its first
// `listen` finds the port taken: it is told to listen once more when the old one is gone, in place of an error.
import { apply, call, defineProperty, isObject } from './primordials.js'

type Server = Record<string, any>

/** How often a server tries to listen, and how long between, in milliseconds. */
const tries = 25
const pause = 20

/** @param value a server of Node's, or what has one as `server` or `_server`, as those of the package ws do */
export function awaitPort(value: Server, later: (run: () => void, milliseconds: number) => void): void {
  patient(value, later)
  patient(read(value, 'server'), later)
  patient(read(value, '_server'), later)
}

/** A getter of the guest's may throw. */
function read(value: Server, key: string): unknown {
  try {
    return value[key]
  } catch {
    return undefined
  }
}

function patient(server: unknown, later: (run: () => void, milliseconds: number) => void): void {
  if (!isObject(server)) return
  const isServer = typeof read(server, 'listen') === 'function' && typeof read(server, 'address') === 'function'
  const { emit } = server
  if (!isServer || typeof emit !== 'function' || server.listening) return
  let left = tries
  const patientEmit = function (this: unknown, event: unknown, ...rest: any[]): unknown {
    const error = rest[0]
    const isTaken = event === 'error' && error?.code === 'EADDRINUSE' && error.syscall === 'listen'
    if (isTaken && left-- > 0) {
      const place = error.port === undefined ? { path: error.address } : { port: error.port, host: error.address }
      // The first time the old server was told to close just now.
      later(
        () => {
          if (!server.listening) call(server.listen, server, place)
        },
        left === tries - 1 ? 0 : pause,
      )
      return true
    }
    if (event === 'error' || event === 'listening' || event === 'close') delete server.emit
    return apply(emit, this, [event, ...rest])
  }
  defineProperty(server, 'emit', { value: patientEmit, writable: true, configurable: true, enumerable: false })
}
