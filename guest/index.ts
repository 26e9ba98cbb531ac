// What guests import as `regrow/guest`. Inert under plain node.
import { guestState } from './state.js'

/** Whether a reload is evaluating right now. Always false under plain node, and while a program starts. */
export function reloading(): boolean {
  return guestState.reloads > 0
}
