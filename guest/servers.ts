// Servers, as Node has them, known by their looks.
import { call, isObject, push } from './primordials.js'

export type Server = Record<string, any>

/** Calls a function after some milliseconds. */
export type Later = (run: () => void, milliseconds: number) => void

/** Where a server listens, as the error that it is taken says. */
export interface Place {
  readonly port?: number
  readonly address?: string
}

/** A server itself, and what it has as `server` or `_server`, as those of the package ws do. */
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

export const isListening = ({ listening, close, address, emit }: Server): boolean =>
  listening === true && typeof close === 'function' && typeof address === 'function' && typeof emit === 'function'

/** Whether a server holds a place that another one found taken. */
export function listensAt(server: Server, { port, address }: Place): boolean {
  if (!isListening(server)) return false
  const at: unknown = call(server.address, server)
  return isObject(at) ? at.port === port : at === address
}
