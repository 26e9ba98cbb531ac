// The child process that isolates live in. Started by child-process.ts; it knows nobody but the host at the other end of descriptor 3.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { setInterval } from 'node:timers'
import type ivm from 'isolated-vm'
import { createFrameReader, type Head, writeFrame } from './frames.js'
import { createRuntime } from './runtime.js'

const [isolatedVm, kernelPath, webPath, longest] = process.argv.slice(2) as [string, string, string, string]

/** How often the process looks at its memory while an isolate runs, and tells the host that it is there, in milliseconds. */
const lookEvery = 20
const beatEvery = 200
/** Bytes that the process may use beyond the limits of its isolates: V8 passes those before it stops. */
const slack = 48 * 2 ** 20

// Nothing softer is sure to end a process whose threads run guest code.
const die = () => process.kill(process.pid, 'SIGKILL')

const channel = new Socket({ fd: 3, readable: true, writable: true })
channel.on('close', die)
channel.on('end', die)
channel.on('error', die)

let drained: Promise<void> | undefined

function send(head: Head, text?: string): Promise<void> | undefined {
  if (writeFrame(channel, head, text)) return undefined
  drained ??= new Promise(resolve =>
    channel.once('drain', () => {
      drained = undefined
      resolve()
    }),
  )
  return drained
}

const runtime = createRuntime({
  ivm: createRequire(kernelPath)(isolatedVm) as typeof ivm,
  kernelText: readFileSync(kernelPath, 'utf8'),
  readWebText: () => readFileSync(webPath, 'utf8'),
  send,
})
channel.on(
  'data',
  createFrameReader(Number(longest), (head, text) => runtime.receive(head, text)),
)

const rss = () => process.memoryUsage.rss()
let bytesBefore = rss()

/** What comes out of an isolate that ran out of memory may be anything. */
function fail(): void {
  if (rss() - bytesBefore > runtime.memoryLimit / 2) send({ op: 'memory' })
  setInterval(die, 50)
}
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

setInterval(() => {
  if (runtime.busy === 0) {
    bytesBefore = Math.min(bytesBefore, rss())
    return
  }
  if (rss() - bytesBefore <= runtime.memoryLimit * 2 + slack) return
  send({ op: 'memory' })
  setInterval(die, 100)
}, lookEvery)
setInterval(() => send({ op: 'beat' }), beatEvery)
send({ op: 'ready' })
