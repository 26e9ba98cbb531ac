// What guests import as `regrow/guest`. Inert under plain node.
import { type Changes, guestState, type ItemTools } from './state.js'

export type { Changes } from './state.js'

function runningItem(): ItemTools | undefined {
  for (const find of guestState.kernels) {
    const item = find()
    if (item) return item
  }
  return undefined
}

/** Whether a reload is evaluating right now. Always false under plain node, and while a program starts. */
export function reloading(): boolean {
  return runningItem()?.isReload ?? guestState.reloads.size > 0
}

/**
 * Makes a value once and keeps it, also when the text of the initialiser it stands in changes: `const cache = keep(() => new Map())`.
 * It is known by the name of the binding, and its place among the `keep`s of that initialiser. Elsewhere, and under plain node, it
 * is `init()`.
 */
export function keep<T>(init: () => T): T {
  const item = runningItem()
  return item ? item.keep(init) : init()
}

/**
 * Calls a function when the item that runs now is outdated: when it is evaluated anew, runs again or is removed, and when the program is closed.
 * A promise that it returns is awaited, for a while. Does nothing outside of items, and under plain node.
 */
export function onDispose(run: () => unknown): void {
  runningItem()?.onDispose(run)
}

/**
 * Calls a function with each live instance of a class, once after each reload that changed the class. When it throws, the reload is rolled
 * back. Holds until its item is outdated. Does nothing outside of items, and under plain node.
 */
export function migrate<T extends object>(
  changed: abstract new (...args: any[]) => T,
  migration: (instance: T) => void,
): void {
  runningItem()?.migrate(changed, migration)
}

/** What the reload that is evaluating right now changes, module by module; empty at all other times, and under plain node. */
export function changes(): readonly Changes[] {
  return runningItem()?.changes ?? [...guestState.reloads].flat()
}
