// The values of bindings from before a transaction, for those that code may assign while it evaluates. There may be very many.
import { append, createList, hasOwn, is, mapForEach, mapGet, mapSet, NativeMap } from './primordials.js'
import type { Bag } from './scope.js'

/** Bindings: the scope and the name of each. Those of one scope stand together. */
export interface BindingList {
  readonly scopes: readonly Bag[]
  readonly names: readonly string[]
}

/** What is known of a module. */
interface Assigned {
  readonly scope: Bag
  readonly assignable: readonly string[]
}

/** Stands for the value of a binding that has none. */
const unbound = {}

export function bindingsOf(modules: Map<string, Assigned>): BindingList {
  const scopes = createList<Bag>()
  const names = createList<string>()
  mapForEach(modules, ({ scope, assignable }) => {
    for (let index = 0; index < assignable.length; index++) {
      append(scopes, scope)
      append(names, assignable[index]!)
    }
  })
  return { scopes, names }
}

export class SavedBindings {
  readonly #list: BindingList
  readonly #values = createList<unknown>()
  /** Where those of a scope begin, made when it is asked for. */
  #places: Map<object, number> | undefined

  constructor(list: BindingList) {
    this.#list = list
    const { scopes, names } = list
    for (let index = 0; index < scopes.length; index++) {
      const scope = scopes[index]!
      const name = names[index]!
      append(this.#values, hasOwn(scope, name) ? scope[name] : unbound)
    }
  }

  /** Whether a binding is one of them, and has another value now. */
  hasChanged(scope: Bag, name: string): boolean {
    const { scopes, names } = this.#list
    let index = mapGet(this.#lookUp(), scope) ?? scopes.length
    while (index < scopes.length && scopes[index] === scope && names[index] !== name) index++
    if (scopes[index] !== scope || this.#values[index] === unbound) return false
    return hasOwn(scope, name) && !is(scope[name], this.#values[index])
  }

  /** Gives them their values back, but for those that are gone. */
  putBack(): void {
    const { scopes, names } = this.#list
    for (let index = 0; index < scopes.length; index++) {
      const scope = scopes[index]!
      const name = names[index]!
      const value = this.#values[index]
      if (value !== unbound && hasOwn(scope, name)) scope[name] = value
    }
  }

  #lookUp(): Map<object, number> {
    if (this.#places !== undefined) return this.#places
    const places = new NativeMap<object, number>()
    const { scopes } = this.#list
    for (let index = 0; index < scopes.length; index++)
      if (index === 0 || scopes[index] !== scopes[index - 1]) mapSet(places, scopes[index]!, index)
    return (this.#places = places)
  }
}
