// How a command ends: by a signal, or when it is done with its program.
import type { Host } from '../api.js'
import { closeAtEnd } from '../exit-listeners.js'

const signalExitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** The first signal closes the program, the second ends the process at once. */
export function handleSignals(host: Host): { readonly received: boolean } {
  const state = { received: false }
  for (const [signal, code] of Object.entries(signalExitCodes)) {
    process.on(signal, () => {
      if (state.received) process.exit(code)
      state.received = true
      // A program that handles the signal itself ends in its own time and with its own code.
      if (process.listenerCount(signal) > 1) void host.close({ dispose: false })
      else void stop(host, code)
    })
  }
  return state
}

/** Closes the program and ends: its servers and timers are its own and would keep the process. */
export async function stop(host: Host, code?: number): Promise<void> {
  try {
    await closeAtEnd(() => host.close())
  } finally {
    process.exit(code)
  }
}
