// What becomes of an exception of the program's that nobody catches.
import type { Printer } from './print.js'

/** Live coding goes on after a mistake; without watching, a mistake ends the process as it does under node. */
export function handleUncaught(printer: Printer, goesOn: boolean): void {
  // Node raises unhandled rejections here too, unless the program handles them.
  process.on('uncaughtException', error => {
    if (process.listenerCount('uncaughtException') > 1) return
    printer.uncaught(error, goesOn)
    if (!goesOn) process.exit(1)
  })
}
