// The child of the debugger test, run with `--inspect=0`: a worker debugs the main thread, in which a program runs and is edited.
// Prints what the debugger saw as a line of JSON.
import { once } from 'node:events'
import inspector from 'node:inspector'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { allGeneratedPositionsFor, originalPositionFor, sourceContentFor, TraceMap } from '@jridgewell/trace-mapping'
import { createHost } from '../../host/index.js'

/** A pause at a breakpoint, in terms of the source. */
export interface Pause {
  readonly source: string | null
  readonly line: number | null
  readonly name: string
  /** The source's text of that line, as the map has it. */
  readonly text: string | undefined
  /** The value of the local `by`. */
  readonly by: unknown
}

const source = (above: string, factor: number) => `${above}
enum Kind { Small = 1, Large = 2 }
export function scale(by: number): number {
  const kind: Kind = Kind.Large
  return by * kind * ${factor} // stop here
}`

/** Lines of `stop here`, counted from 1. */
const stopLine = (text: string) => text.split('\n').findIndex(line => line.includes('// stop here')) + 1

if (isMainThread) await run()
else debug()

async function run(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url))
  const ask = async (question: object): Promise<any> => {
    worker.postMessage(question)
    return (await once(worker, 'message'))[0]
  }
  await ask({ enable: true })
  const first = source('', 10)
  const second = source('// one\n// two\nexport const added = 1', 100)
  const host = createHost({ sources: { 'main.ts': first }, watch: false, realm: process.argv[2] as 'main' | 'context' })
  const program = await host.run('./main.ts')
  const answers: unknown[] = []
  const pauses: Pause[] = []
  const stopAt = async (text: string, by: number) => {
    await ask({ breakAt: stopLine(text) })
    answers.push(await program.call('scale', by))
    pauses.push(...(await ask({ pauses: true })))
  }
  await stopAt(first, 3)
  await program.update({ 'main.ts': second })
  await stopAt(second, 4)
  console.log(JSON.stringify({ answers, pauses }))
  await host.close()
  await worker.terminate()
}

function debug(): void {
  const session = new inspector.Session()
  session.connectToMainThread()
  const post = (method: string, parameters?: object): Promise<any> =>
    new Promise((resolve, reject) =>
      session.post(method, parameters, (error, result) => (error ? reject(error) : resolve(result))),
    )
  /** Maps by script id, newest last. */
  const maps = new Map<string, TraceMap>()
  const breakpoints: string[] = []
  let pauses: Pause[] = []

  session.on('Debugger.scriptParsed', ({ params: { scriptId, sourceMapURL } }) => {
    const data = /^data:application\/json[^,]*;base64,(.*)$/.exec(sourceMapURL ?? '')
    if (data) maps.set(scriptId, new TraceMap(Buffer.from(data[1]!, 'base64').toString()))
  })
  session.on('Debugger.paused', async ({ params: { callFrames } }) => {
    const { functionName, location, callFrameId } = callFrames[0]!
    const map = maps.get(location.scriptId)!
    const original = originalPositionFor(map, { line: location.lineNumber + 1, column: location.columnNumber ?? 0 })
    const text = original.source ? sourceContentFor(map, original.source)?.split('\n')[original.line! - 1] : undefined
    const { result } = await post('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'by' })
    pauses.push({ source: original.source, line: original.line, name: functionName, text, by: result.value })
    await post('Debugger.resume')
  })

  /** As a debugger does: in every script that has code of the line. */
  const breakAt = async (line: number) => {
    for (const breakpointId of breakpoints.splice(0)) await post('Debugger.removeBreakpoint', { breakpointId })
    const found = () => [...maps].filter(([, each]) => each.sources[0]?.endsWith('main.ts')).at(-1)
    // What the main thread has compiled is told of by another way than its question.
    while (!found()) await new Promise(done => setTimeout(done, 5))
    const [scriptId, map] = found()!
    const [place] = allGeneratedPositionsFor(map, { source: map.sources[0]!, line, column: 2 })
    const location = { scriptId, lineNumber: place!.line! - 1, columnNumber: place!.column! }
    breakpoints.push((await post('Debugger.setBreakpoint', { location })).breakpointId)
  }

  parentPort!.on('message', async question => {
    if ('enable' in question) await post('Debugger.enable')
    if ('breakAt' in question) await breakAt(question.breakAt)
    parentPort!.postMessage(pauses)
    if ('pauses' in question) pauses = []
  })
}
