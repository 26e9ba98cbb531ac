// What the code of a module calls the kernel through. bundler/emit.ts writes these calls. All of them are here, however many.
import { type Callable, matchTrampoline, takesKey } from './callable.js'
import { applyClass } from './class.js'
import { touchLate } from './class-late.js'
import type { ClassRecord, ClassVersion } from './class-record.js'
import { createCommonJS, namedExports, runCommonJS } from './commonjs.js'
import { runDetached } from './detached.js'
import { importModule } from './dynamic-import.js'
import type { KernelState } from './kernel-state.js'
import { holdLiteral, literalSelf, setLiteral, witnessLiterals } from './literals.js'
import type { ModuleState } from './module-state.js'
import {
  apply,
  create,
  define,
  defineProperty,
  getPrototypeOf,
  hasOwn,
  isObject,
  iterator,
  mapGet,
  mapSet,
  NativeMap,
  NativeTypeError,
  ownKeys,
  push,
  setPrototypeOf,
  symbolDescription,
} from './primordials.js'
import type { Cell, ModulePatch } from './protocol.js'
import { leavePlace, listenAgain } from './relisten.js'
import { type Bag, createGuard, createInitializer } from './scope.js'
import { succeedClass, succeedFunction } from './succession.js'

export type Handle = Bag

/** @returns what makes the handle of a module. Its calls are on a prototype: there are as many handles as modules. */
export function createHandles(
  kernel: KernelState,
): (module: ModuleState, meta: NonNullable<ModulePatch['meta']>) => Handle {
  class ModuleHandle {
    readonly #module: ModuleState
    readonly #given: NonNullable<ModulePatch['meta']>
    /** Computed keys of the class under evaluation. */
    #keys: Map<string, PropertyKey> | undefined
    #named: PropertyKey = ''
    #layer: Bag | undefined
    /** The module's `import.meta`, and its `hot`, once they were asked for. */
    #meta: Bag | undefined
    #hot: object | undefined

    constructor(module: ModuleState, given: NonNullable<ModulePatch['meta']>) {
      this.#module = module
      this.#given = given
    }

    /** The value of an expression that was typed. */
    give(value: unknown) {
      kernel.given = { value }
      return value
    }

    /**
     * Runs typed statements that await, beside the transaction. What they assigned by name is put back when they fail.
     * @param run gives an array that holds the value, if there is one
     */
    later(names: string[], run: () => Promise<unknown[] | undefined>) {
      kernel.given = { later: runDetached(kernel, this.#module, names, run) }
    }

    /** A function's newest implementation; with a trampoline where it has none yet. @param isClass it is used as one */
    fn(name: string, takes: number | undefined, implementation: Callable, trampoline?: Callable, isClass?: true) {
      const module = this.#module
      const undo = module.undo!
      const stable = trampoline ?? mapGet(module.trampolines, name)!
      if (trampoline) {
        const record = isClass === true ? mapGet(module.classes, name) : undefined
        if (record && succeedClass(undo, record, trampoline)) kernel.prototypes.keep(trampoline)
        undo.forget(module.classes, name)
        undo.set(module.trampolines, name, trampoline)
        kernel.registerText(trampoline, module, name)
      }
      this.#implement(name, takes, implementation, stable, trampoline !== undefined)
      kernel.defineStable(module, name, stable)
    }

    /** The implementation of a function whose text is the same: what its binding holds stays. */
    same(name: string, takes: number | undefined, implementation: Callable) {
      this.#implement(name, takes, implementation, mapGet(this.#module.trampolines, name)!, false)
    }

    #implement(name: string, takes: number | undefined, implementation: Callable, stable: Callable, isNew: boolean) {
      const module = this.#module
      const undo = module.undo!
      const before = hasOwn(module.calls, name) ? (module.calls[name] as Callable) : undefined
      // A new function stays callable on failure too: somebody may hold it.
      if (isNew && !before) define(module.calls, name, implementation)
      else kernel.put(module, module.calls, name, implementation)
      kernel.put(module, module.calls, takesKey(name), takes)
      if (before) undo.replace(before)
      matchTrampoline(undo, stable, implementation, isNew ? undefined : before)
    }

    /** What a named function expression means by its own name, where another value may stand under the name of its binding. */
    own(name: string) {
      return mapGet(this.#module.trampolines, name) ?? this.#module.scope[name]
    }

    /** `var` names, which start as undefined. */
    variables(names: string[]) {
      const module = this.#module
      for (let index = 0; index < names.length; index++) {
        if (!hasOwn(module.scope, names[index]!)) kernel.put(module, module.scope, names[index]!, undefined)
      }
    }

    get literals() {
      return this.#module.literalSlots
    }

    /** What assigns the names of a pattern. */
    get initializer() {
      return createInitializer((name, value) => kernel.defineData(this.#module, name, value))
    }

    /** What constants are assigned through, which throws. */
    get guard() {
      return createGuard(this.#module.scope)
    }

    literal(id: number, takes: number | undefined, implementation: Callable) {
      setLiteral(kernel, this.#module, id, takes, implementation)
    }

    hold(id: number, trampoline: Callable, name?: string) {
      return holdLiteral(kernel, this.#module, id, trampoline, name)
    }

    witness(ids: readonly number[]) {
      return witnessLiterals(this.#module, ids)
    }

    /** The key of a property whose function takes its name from it. */
    nameKey(value: unknown) {
      return (this.#named = toPropertyKey(value))
    }

    keyName() {
      return functionName(this.#named)
    }

    /** What a statement gives to a function as its prototype. */
    prototype(owner: unknown, fresh: object) {
      return kernel.prototypes.assign(this.#module.undo!, owner, fresh)
    }

    self(id: number) {
      return literalSelf(this.#module, id)
    }

    above(object: object) {
      return getPrototypeOf(object)
    }

    /** A stable class that declares private names lets the kernel reach them. */
    layer(of: Bag) {
      this.#layer = of
    }

    class(name: string, version: ClassVersion) {
      const module = this.#module
      const transaction = module.transaction!
      const known = version.isNew ? undefined : mapGet(module.classes, name)
      const record = applyClass(transaction, known, version, {
        compileUncached: compile => kernel.host.compileUncached(compile),
        takeKeys: evaluate => {
          const outer = this.#keys
          this.#keys = undefined
          try {
            const result = evaluate()
            return { result, keys: this.#keys }
          } finally {
            this.#keys = outer
          }
        },
        takeLayer: () => {
          const taken = this.#layer!
          this.#layer = undefined
          return taken
        },
        register: (trampoline, slot) => kernel.registerText(trampoline, module, `${name} ${slot}`),
        publish: stable => kernel.put(module, module.calls, name, stable),
        staticChanged(key, told) {
          push(transaction.statics, { module: module.id, name: `${name}.${told}` })
          kernel.ownership.endPart(key)
        },
      })
      const gone = version.removedStatics ?? []
      for (let index = 0; index < gone.length; index++) kernel.ownership.removePart(gone[index]!)
      if (!known) {
        const before = mapGet(module.trampolines, name)
        if (before) succeedFunction(module.undo!, before, record)
        module.undo!.forget(module.trampolines, name)
        module.undo!.set(module.classes, name, record)
        kernel.registerText(record.stable, module, name)
      }
      if (!version.isSame) kernel.defineStable(module, name, record.stable)
    }

    /** What a constructor returned, if that takes the place of the instance. */
    result(value: unknown) {
      return isObject(value) ? value : undefined
    }

    /** The computed key of a member, evaluated at its place in the class. @param shown what stands there for it */
    keep(slot: string, value: unknown, shown?: string) {
      const key = toPropertyKey(value)
      mapSet((this.#keys ??= new NativeMap()), slot, key)
      return shown ?? key
    }

    /** The computed key that a member had in the version before, unless one of these bindings changed. */
    kept(name: string, slot: string, cells?: readonly Cell[]) {
      const keys = this.#before(name, cells)?.keys
      return keys && mapGet(keys, slot)
    }

    /** The superclass that the version before had, unless one of these bindings changed. */
    keptHeritage(name: string, cells?: readonly Cell[]) {
      return this.#before(name, cells)?.heritage
    }

    #before(name: string, cells: readonly Cell[] = []): ClassRecord | undefined {
      const module = this.#module
      return module.transaction!.haveChanged(module.id, cells) ? undefined : mapGet(module.classes, name)
    }

    propertyKey(value: unknown) {
      return toPropertyKey(value)
    }

    /** The object of `o.#x`, where `#x` came with a later version. */
    late(name: string, field: string, object: unknown) {
      const record = mapGet(this.#module.classes, name)
      return record ? touchLate(record, field, object) : object
    }

    /** An import that code assigns to: that throws, when it comes to it. */
    constant(read: () => unknown) {
      return {
        get value() {
          return read()
        },
        set value(_: unknown) {
          throw new NativeTypeError('Assignment to constant variable.')
        },
      }
    }

    commonJS(_signature: string, required: Bag) {
      return runCommonJS(kernel, this.#module, this.#given, required, (specifier, options) =>
        this.import(specifier, options),
      )
    }

    named(...args: Parameters<typeof namedExports>) {
      return namedExports(...args)
    }

    /** What a call of the item's own code is made on. */
    from(value: unknown) {
      kernel.ownership.receive(value)
      return value
    }

    /** The same, among no arguments. */
    none(value: unknown) {
      kernel.ownership.receive(value)
      return noArguments
    }

    /** The method by which an item's own code registers a listener, which its owner then takes back, or makes a server listen. */
    listen(target: any, name: string, shown?: string, isOptional?: true) {
      if (isOptional && (target === undefined || target === null)) return undefined
      const method = target[name]
      const owner = kernel.ownership.current()
      if (typeof method !== 'function') {
        if (shown === undefined && (method === undefined || method === null)) return undefined
        throw new NativeTypeError(`${shown ?? name} is not a function`)
      }
      if (!isObject(target)) return (...args: unknown[]) => apply(method, target, args)
      return (...args: unknown[]) => {
        // `import.meta.hot` sees to its own.
        if (!owner || target === this.#hot) return apply(method, target, args)
        const { transaction } = this.#module
        if (name === 'listen') {
          const isLeaving = transaction && kernel.ownership.places.isLeft(target, owner, transaction.leaving)
          if (isLeaving) leavePlace(transaction.undo, target, args, kernel.host.later)
          const result = isLeaving ? listenAgain(target, args, kernel.host.later) : apply(method, target, args)
          kernel.ownership.ownPlace(owner, target)
          return result
        }
        const before = kernel.ownership.takeBackFor(owner, transaction?.leaving ?? [], target, args[1])
        const result = apply(method, target, args)
        kernel.ownership.ownListener(owner, target, name, args, before)
        return result
      }
    }

    import(specifier: unknown, options: unknown) {
      return importModule(kernel, this.#module, specifier, options)
    }

    get meta(): Bag {
      return (this.#meta ??= this.#createMeta())
    }

    #createMeta(): Bag {
      const module = this.#module
      const { dirname, filename, isMain, url } = this.#given
      const own = create(null) as Bag
      own.dirname = dirname
      own.filename = filename
      own.main = isMain
      own.resolve = (specifier: unknown) => kernel.host.resolve(module.id, `${specifier}`)
      own.url = url
      // Of TypeScript that is meant to become CommonJS; what it requires of the program's modules it imports.
      let commonJS: ReturnType<typeof createCommonJS> | undefined
      const getCommonJS = () => (commonJS ??= createCommonJS(kernel, module, this.#given))
      defineProperty(own, '$require', { get: () => getCommonJS().require, configurable: true })
      defineProperty(own, '$module', { get: () => getCommonJS().module, configurable: true })
      const getHot = () => (this.#hot ??= kernel.hot.context(module))
      defineProperty(own, 'hot', { get: getHot, enumerable: true, configurable: true })
      return own
    }
  }
  const { prototype } = ModuleHandle
  setPrototypeOf(prototype, null)
  kernel.timers.define(prototype)
  return (module, meta) => new ModuleHandle(module, meta) as unknown as Handle
}

/** The name a function gets from a property key. */
function functionName(key: PropertyKey): string {
  if (typeof key !== 'symbol') return key as string
  const description = symbolDescription(key)
  return description === undefined ? '' : `[${description}]`
}

function toPropertyKey(value: unknown): PropertyKey {
  const holder = create(null) as Bag
  define(holder, value as PropertyKey, 0)
  return ownKeys(holder)[0]!
}

/** Nothing to iterate over. */
const noArguments = {
  __proto__: null,
  [iterator]: () => ({ __proto__: null, next: () => ({ __proto__: null, done: true }) }),
}
