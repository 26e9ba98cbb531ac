// Isolates in the host's own process (`process: 'none'`): nothing can end a builtin that cannot be interrupted, and a crash is the host's.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type ivm from 'isolated-vm'
import { clock } from '../../clock.js'
import { RegrowError } from '../../errors.js'
import { isolateKernelPath, webPath } from '../../own-files.js'
import type { Carrier, ChildOptions, ExitReason } from './child-process.js'
import { createRuntime, type Runtime } from './runtime.js'

/** @throws RegrowError ERR_REGROW_OPTION when Node was not started as isolated-vm wants it */
export function createLocalCarrier({ isolatedVm, onMessage }: ChildOptions): Carrier {
  if (!hasFlag())
    throw new RegrowError(
      'ERR_REGROW_OPTION',
      "process: 'none' needs node to be started as isolated-vm wants it: node --no-node-snapshot main.js, or NODE_OPTIONS=--no-node-snapshot",
    )
  let isGone = false
  let setGone = (_reason: ExitReason): void => {}
  const runtime: Runtime = createRuntime({
    ivm: createRequire(isolateKernelPath)(isolatedVm) as typeof ivm,
    kernelText: readFileSync(isolateKernelPath, 'utf8'),
    readWebText: () => readFileSync(webPath, 'utf8'),
    send(head, text = '') {
      if (!isGone) onMessage(head, text)
      return undefined
    },
  })
  return {
    pid: undefined,
    get isGone() {
      return isGone
    },
    get aliveMs() {
      return clock.now()
    },
    ready: Promise.resolve(),
    send: (head, text = '') => runtime.receive(head, text),
    kill(reason) {
      if (isGone) return
      isGone = true
      runtime.close()
      setGone(reason)
    },
    hold() {},
    letGo() {},
    gone: new Promise<ExitReason>(resolve => {
      setGone = resolve
    }),
  }
}

/** Isolates made beside Node's own snapshot may crash the process. */
const hasFlag = (): boolean =>
  [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)].includes('--no-node-snapshot')
