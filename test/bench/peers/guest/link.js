// In every generated project: connects the program to the harness, and calls into it for each request.
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** @param root gives, or resolves to, the function that finds the `tell` of a module by its path */
export function answer(root) {
  let held
  const answers = {
    async call(targets) {
      const at = await root()
      return targets.map(({ path, file }) => at(path, 0, file)())
    },
    async hold([{ path, file }]) {
      held = (await root())(path, 0, file)
      return []
    },
    held: async () => [held()],
    heap: async () => [await collectedHeap()],
  }
  const socket = connect(process.env.BENCH_SOCKET)
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', async data => {
    text += data
    if (!text.endsWith('\n')) return
    const questions = text.trim().split('\n')
    text = ''
    for (const { id, kind, targets } of questions.map(line => JSON.parse(line))) {
      try {
        socket.write(`${JSON.stringify({ id, values: await answers[kind](targets) })}\n`)
      } catch (error) {
        socket.write(`${JSON.stringify({ id, failure: String(error) })}\n`)
      }
    }
  })
  socket.on('error', () => {})
  // Without the harness there is nothing to do.
  socket.on('close', () => process.exit())
}

/** Weak references hold until the turn ends. */
async function collectedHeap() {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(done => setImmediate(done))
    collect()
  }
  return process.memoryUsage().heapUsed
}
