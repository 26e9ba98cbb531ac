// `server.listen(…)` as a statement of its own that runs again: a server listens at one place, so it leaves that of before first. Its
// connections in use stay.
import { patient } from './handover.js'
import {
  apply,
  call,
  defineProperty,
  getOwnPropertyDescriptor,
  isObject,
  NativeWeakMap,
  weakGet,
  weakSet,
} from './primordials.js'
import { isListening, type Later, type Server } from './servers.js'
import type { UndoLog } from './undo-log.js'

/**
 * Makes a server leave its place, unless the reload is rejected.
 * @param args what it is told to listen with next
 * @param successor a server that takes the place
 */
export function leavePlace(
  undo: UndoLog,
  server: Server,
  args: readonly unknown[],
  later: Later,
  successor?: Server,
): void {
  if (!isListening(server)) return
  const place: unknown = call(server.address, server)
  close(server, later)
  undo.record(() => {
    if (successor?.listening) close(successor, later)
    if (server.listening) close(server, later)
    const told = args[args.length - 1]
    if (typeof told === 'function') call(server.removeListener, server, 'listening', told)
    patient(server, { later })
    call(server.listen, server, optionsOf(place))
  })
}

/** Makes a server listen that left its place: another one may be about to leave the next. */
export function listenAgain(server: Server, args: unknown[], later: Later): unknown {
  if (!server.listening) patient(server, { later })
  return apply(server.listen, server, args)
}

/** Without an address that stands for all, which would be looked up first. */
function optionsOf(place: unknown): object {
  if (!isObject(place)) return { path: place }
  return place.address === '::' ? { port: place.port } : { port: place.port, host: place.address }
}

/** A server whose event that it has closed is held back. */
interface Quiet {
  /** How often it was closed in this turn. */
  times: number
  end(): void
}

const quiet = new NativeWeakMap<object, Quiet | undefined>()

/** Without the event that says so: it listens again in the same turn. */
function close(server: Server, later: Later): void {
  const held = weakGet(quiet, server) ?? keepQuiet(server)
  held.times++
  call(server.close, server)
  later(() => {
    if (--held.times === 0) held.end()
  }, 0)
}

function keepQuiet(server: Server): Quiet {
  const { emit } = server
  const own = getOwnPropertyDescriptor(server, 'emit')
  const value = function (this: unknown, event: unknown, ...rest: unknown[]): unknown {
    return event === 'close' ? true : apply(emit, this, [event, ...rest])
  }
  defineProperty(server, 'emit', { value, writable: true, configurable: true, enumerable: false })
  const held = {
    times: 0,
    end() {
      weakSet(quiet, server, undefined)
      if (server.emit !== value) return
      if (own) defineProperty(server, 'emit', own)
      else delete server.emit
    },
  }
  weakSet(quiet, server, held)
  return held
}
