// `regrow repl --attach`: this terminal for a REPL in a program that runs elsewhere.
import { connect } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import { wantsColor } from '../print.js'
import { write } from './wire.js'

/** Sets the exit code: 1 when nobody listens there. */
export function attach(path: string, module?: string): Promise<void> {
  const { stdin, stdout } = process
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true
  const socket = connect(path)
  const decoder = new StringDecoder('utf8')
  const onData = (chunk: Buffer): void => void socket.write(write(['keys', decoder.write(chunk)]))
  const onEnd = (): void => void socket.write(write(['end']))
  const onResize = (): void => void socket.write(write(['size', stdout.columns, stdout.rows]))

  return new Promise(resolve => {
    socket.on('connect', () => {
      const size = { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }
      const terminal = { isTTY: isTerminal, ...size, colors: wantsColor(stdout) }
      socket.write(write(['terminal', module === undefined ? terminal : { ...terminal, module }]))
      if (isTerminal) stdin.setRawMode(true)
      stdin.on('data', onData)
      stdin.on('end', onEnd)
      stdout.on('resize', onResize)
    })
    socket.on('data', chunk => stdout.write(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const nobody = error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
      console.error(`regrow: ${nobody ? `no program listens on ${path}` : error.message}`)
      process.exitCode = 1
    })
    socket.on('close', () => {
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdout.off('resize', onResize)
      if (isTerminal) stdin.setRawMode(false)
      stdin.pause()
      resolve()
    })
  })
}
