// Typed statements that await: they run beside the program and its reloads, and put back what they assigned when they fail.
import type { KernelState, ModuleState } from './kernel-state.js'
import { hasOwn, NativePromise, push, whenSettled } from './primordials.js'

/** @returns an array that holds the value of the last expression; undefined without one */
export function runDetached(
  kernel: KernelState,
  module: ModuleState,
  names: readonly string[],
  run: () => Promise<unknown[] | undefined>,
): Promise<unknown[] | undefined> {
  const { scope } = module
  const before: { name: string; value: unknown }[] = []
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!
    if (hasOwn(scope, name)) push(before, { name, value: scope[name] })
  }
  const { result, end } = kernel.ownership.runAsync(kernel.ownership.running!, run)
  const done = new NativePromise<unknown[] | undefined>((resolve, reject) => {
    whenSettled(
      result,
      value => {
        end()
        resolve(value)
      },
      error => {
        for (let index = 0; index < before.length; index++) {
          const { name, value } = before[index]!
          if (hasOwn(scope, name)) scope[name] = value
        }
        end()
        reject(error)
      },
    )
  })
  // Who evaluates hears of a failure; nobody has to.
  whenSettled(
    done,
    () => {},
    () => {},
  )
  return done
}
