// What listens to the end of this process: a program's own listeners are taken back when it is closed (R11), but not where that is the end.

/** regrow's own. */
const own = new WeakSet<object>()

export function onExit(listener: () => void): void {
  own.add(listener)
  process.once('exit', listener)
}

export const offExit = (listener: () => void): void => void process.off('exit', listener)

/** Closes what is about to end with the process: the program's listeners hear of that yet. */
export async function closeAtEnd(close: () => Promise<void>): Promise<void> {
  const before = process.rawListeners('exit') as (NodeJS.ExitListener & { readonly listener?: object })[]
  try {
    await close()
  } finally {
    const left = new Set(process.rawListeners('exit'))
    for (const each of before) if (!left.has(each) && !own.has(each.listener ?? each)) process.on('exit', each)
  }
}
