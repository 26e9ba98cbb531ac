// Makes `toString()` of a trampoline give the text of its newest implementation, as it stands in the source.
import type { Callable } from './callable.js'
import type { KernelState } from './kernel-state.js'
import { apply, defineProperty, FunctionPrototype, weakGet } from './primordials.js'

/** @returns what puts the realm's own `toString` back */
export function installFunctionText({ definitions, host }: KernelState): () => void {
  const before = FunctionPrototype.toString
  const textOfFunction = {
    toString(this: Callable): string {
      if (this === textOfFunction) return apply(before, before, [])
      const known = typeof this === 'function' ? weakGet(definitions, this) : undefined
      return (known && host.textOf(known.module, known.definition)) ?? apply(before, this, [])
    },
  }.toString
  const put = (value: Function) =>
    defineProperty(FunctionPrototype, 'toString', { value, writable: true, enumerable: false, configurable: true })
  put(textOfFunction)
  return () => {
    if (FunctionPrototype.toString === textOfFunction) put(before)
  }
}
