// `server.listen(…)` as a statement of its own that runs again: a server listens at one place, so it leaves that of before first. Its
// connections in use stay.
import type { Later, Place } from './handover.js'
import { apply, call, defineProperty, getOwnPropertyDescriptor, isObject } from './primordials.js'
import type { UndoLog } from './undo-log.js'

type Server = Record<string, any>

/**
 * Makes a server leave its place, unless the reload is rejected.
 * @param args what it is told to listen with next
 */
export function leavePlace(undo: UndoLog, server: Server, args: readonly unknown[], later: Later): void {
  if (!isListening(server)) return
  const place: unknown = call(server.address, server)
  close(server, later)
  undo.record(() => {
    if (server.listening) close(server, later)
    const told = args[args.length - 1]
    if (typeof told === 'function') call(server.removeListener, server, 'listening', told)
    call(server.listen, server, isObject(place) ? { port: place.port, host: place.address } : { path: place })
  })
}

/** Without the event that says so: it listens again in the same turn. */
function close(server: Server, later: Later): void {
  const { emit } = server
  const own = getOwnPropertyDescriptor(server, 'emit')
  const quiet = function (this: unknown, event: unknown, ...rest: unknown[]): unknown {
    return event === 'close' ? true : apply(emit, this, [event, ...rest])
  }
  defineProperty(server, 'emit', { value: quiet, writable: true, configurable: true, enumerable: false })
  call(server.close, server)
  later(() => {
    if (server.emit !== quiet) return
    if (own) defineProperty(server, 'emit', own)
    else delete server.emit
  }, 0)
}

/** One of Node's, by its looks. */
const isListening = ({ listening, close, address, emit }: Server): boolean =>
  listening === true && typeof close === 'function' && typeof address === 'function' && typeof emit === 'function'

/** Whether a server holds a place that another one found taken. */
export function listensAt(server: Server, { port, address }: Place): boolean {
  if (!isListening(server)) return false
  const at: unknown = call(server.address, server)
  return isObject(at) ? at.port === port : at === address
}
