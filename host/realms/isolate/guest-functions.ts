// What stands in the host for functions of a guest's: callable, with copies, and to be released.

import { RegrowError } from '../../errors.js'

/** A function of a guest's that the host holds. It is dropped with the program. */
export interface GuestFunction {
  (...given: unknown[]): Promise<unknown>
  /** Lets the guest collect it; it cannot be called any more. */
  release(): void
  [Symbol.dispose](): void
}

export interface GuestFunctions {
  of(id: number, name: string): GuestFunction
  drop(): void
}

export function createGuestFunctions(
  invoke: (id: number, given: readonly unknown[]) => Promise<unknown>,
  release: (id: number, times: number) => void,
): GuestFunctions {
  /** `times`: how often the guest has handed it out; it may do so while a release is on its way. */
  const held = new Map<number, { stand: WeakRef<GuestFunction>; times: number }>()
  const letGo = (id: number) => {
    const known = held.get(id)
    if (known && held.delete(id)) release(id, known.times)
  }
  // Nobody has to release: what the host forgets, the guest may collect as well.
  const registry = new FinalizationRegistry<number>(id => {
    if (!held.get(id)?.stand.deref()) letGo(id)
  })

  function standIn(id: number, name: string): GuestFunction {
    let isReleased = false
    const end = () => {
      if (isReleased) return
      isReleased = true
      registry.unregister(callee)
      letGo(id)
    }
    const invokeNow = async (given: unknown[]) => {
      if (isReleased) throw new RegrowError('ERR_REGROW_CLOSED', 'the function was released')
      return invoke(id, given)
    }
    const call = (...given: unknown[]) => {
      const answer = invokeNow(given)
      // A guest's `toString` or `toJSON` is called where nobody means to: what it throws must not end the host.
      answer.catch(() => {})
      return answer
    }
    const callee: GuestFunction = Object.assign(call, { release: end, [Symbol.dispose]: end })
    Object.defineProperty(callee, 'name', { value: name, configurable: true })
    registry.register(callee, id, callee)
    return callee
  }

  return {
    of(id, name) {
      const known = held.get(id)
      const alive = known?.stand.deref()
      const stand = alive ?? standIn(id, name)
      held.set(id, { stand: known && alive ? known.stand : new WeakRef(stand), times: (known?.times ?? 0) + 1 })
      return stand
    },
    drop: () => held.clear(),
  }
}
