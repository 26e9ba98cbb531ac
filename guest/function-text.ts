// Makes `toString()` of a trampoline give the text of its newest implementation, as it stands in the source.
import type { Callable } from './callable.js'
import type { KernelState } from './kernel-state.js'
import type { ModuleState } from './module-state.js'
import { apply, defineProperty, deref, FunctionPrototype, mapForEach, weakGet } from './primordials.js'

/** @returns what puts the realm's own `toString` back */
export function installFunctionText({ trampolines, host }: KernelState): () => void {
  const before = FunctionPrototype.toString
  const textOfFunction = {
    toString(this: Callable): string {
      if (this === textOfFunction) return apply(before, before, [])
      const module = typeof this === 'function' ? weakGet(trampolines, this) : undefined
      const definition = module && definitionOf(module, this)
      return (definition && host.textOf(module.id, definition)) ?? apply(before, this, [])
    },
  }.toString
  const put = (value: Function) =>
    defineProperty(FunctionPrototype, 'toString', { value, writable: true, enumerable: false, configurable: true })
  put(textOfFunction)
  return () => {
    if (FunctionPrototype.toString === textOfFunction) put(before)
  }
}

/** What a trampoline stands for, as the host names it; undefined when it stands for nothing any more. */
function definitionOf({ trampolines, classes, literals }: ModuleState, trampoline: object): string | undefined {
  let found: string | undefined
  mapForEach(trampolines, (each, name) => {
    if (each === trampoline) found = name
  })
  mapForEach(classes, ({ stable, members }, name) => {
    if (stable === trampoline) found = name
    mapForEach(members, (member, slot) => {
      if (member.trampoline === trampoline) found = `${name} ${slot}`
    })
  })
  mapForEach(literals, (literal, id) => {
    for (let index = 0; index < literal.trampolines.length; index++)
      if (deref(literal.trampolines[index]!) === trampoline) found = `literal ${id}`
  })
  return found
}
