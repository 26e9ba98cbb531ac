// What the code of a module calls the kernel through. bundler/emit.ts writes these calls.
import { type Callable, matchTrampoline, takesKey } from './callable.js'
import { applyClass } from './class.js'
import { touchLate } from './class-late.js'
import type { ClassVersion } from './class-record.js'
import { namedExports, runCommonJS } from './commonjs.js'
import { runDetached } from './detached.js'
import { importModule } from './dynamic-import.js'
import type { KernelState, ModuleState } from './kernel-state.js'
import { holdLiteral, literalSelf, setLiteral } from './literals.js'
import {
  apply,
  create,
  define,
  defineProperty,
  getPrototypeOf,
  hasOwn,
  isObject,
  mapGet,
  NativeTypeError,
  ownKeys,
  push,
  symbolDescription,
} from './primordials.js'
import type { ModulePatch } from './protocol.js'
import type { Bag } from './scope.js'

export function createHandle(kernel: KernelState, module: ModuleState, meta: NonNullable<ModulePatch['meta']>): Bag {
  /** Keys that the computed static fields of the class under evaluation got. */
  let keys: PropertyKey[] = []
  let named: PropertyKey = ''
  let layer: Bag | undefined
  /** The module's `import.meta.hot`, once it was asked for. */
  let hot: object | undefined
  const handle = create(null) as Bag

  /** A function's newest implementation; with a trampoline where it has none yet. */
  handle.fn = (name: string, takes: number | undefined, implementation: Callable, trampoline?: Callable) => {
    const transaction = module.transaction!
    const stable = trampoline ?? mapGet(module.trampolines, name)!
    const before = hasOwn(module.calls, name) ? (module.calls[name] as Callable) : undefined
    // A new function stays callable on failure too: somebody may hold it.
    if (trampoline && !before) define(module.calls, name, implementation)
    else kernel.put(module, module.calls, name, implementation)
    kernel.put(module, module.calls, takesKey(name), takes)
    if (trampoline) {
      transaction.forget(module.classes, name)
      transaction.set(module.trampolines, name, trampoline)
      kernel.registerText(trampoline, module, name)
    } else if (before) transaction.record(() => matchTrampoline(stable, before))
    matchTrampoline(stable, implementation)
    kernel.defineStable(module, name, stable)
  }

  /** The value of an expression that was typed. */
  handle.give = (value: unknown) => {
    kernel.given = { value }
    return value
  }

  /**
   * Runs typed statements that await, beside the transaction. What they assigned by name is put back when they fail.
   * @param run gives an array that holds the value, if there is one
   */
  handle.later = (names: string[], run: () => Promise<unknown[] | undefined>) => {
    kernel.given = { later: runDetached(kernel, module, names, run) }
  }

  /** `var` names, which start as undefined. */
  handle.variables = (names: string[]) => {
    for (let index = 0; index < names.length; index++) {
      if (!hasOwn(module.scope, names[index]!)) kernel.put(module, module.scope, names[index]!, undefined)
    }
  }

  handle.literal = (id: number, takes: number | undefined, implementation: Callable) =>
    setLiteral(kernel, module, id, takes, implementation)
  handle.hold = (id: number, trampoline: Callable, name?: string) => holdLiteral(kernel, module, id, trampoline, name)
  /** The key of a property whose function takes its name from it. */
  handle.nameKey = (value: unknown) => (named = toPropertyKey(value))
  handle.keyName = () => functionName(named)
  handle.self = (id: number) => literalSelf(module, id)

  handle.above = getPrototypeOf
  /** A stable class that declares private names lets the kernel reach them. */
  handle.layer = (of: Bag) => {
    layer = of
  }

  handle.class = (name: string, version: ClassVersion) => {
    const transaction = module.transaction!
    const known = version.isNew ? undefined : mapGet(module.classes, name)
    const record = applyClass(transaction, known, version, {
      compileUncached: compile => kernel.host.compileUncached(compile),
      takeKeys(evaluate) {
        const outer = keys
        const own: PropertyKey[] = []
        keys = own
        try {
          return { result: evaluate(), keys: own }
        } finally {
          keys = outer
        }
      },
      takeLayer() {
        const taken = layer!
        layer = undefined
        return taken
      },
      register: (trampoline, slot) => kernel.registerText(trampoline, module, `${name} ${slot}`),
      publish: stable => kernel.put(module, module.calls, name, stable),
      staticChanged(key) {
        push(transaction.statics, { module: module.id, name: `${name}.${key}` })
        kernel.ownership.endPart(key)
      },
    })
    const gone = version.removedStatics ?? []
    for (let index = 0; index < gone.length; index++) kernel.ownership.removePart(gone[index]!)
    if (!known) {
      transaction.forget(module.trampolines, name)
      transaction.set(module.classes, name, record)
      kernel.registerText(record.stable, module, name)
    }
    kernel.defineStable(module, name, record.stable)
  }

  /** What a constructor returned, if that takes the place of the instance. */
  handle.result = (value: unknown) => (isObject(value) ? value : undefined)

  /** The key of a computed static field, evaluated at its place in the class. */
  handle.key = (index: number, value: PropertyKey) => {
    keys[index] = toPropertyKey(value)
    return `~regrow:${index}`
  }
  handle.propertyKey = toPropertyKey

  /** The object of `o.#x`, where `#x` came with a later version. */
  handle.late = (name: string, field: string, object: unknown) => {
    const record = mapGet(module.classes, name)
    return record ? touchLate(record, field, object) : object
  }

  handle.commonJS = (_signature: string, required: Bag) => runCommonJS(kernel, module, meta, required)
  handle.named = namedExports

  /** What a call of the item's own code is made on. */
  handle.from = (value: unknown) => {
    kernel.ownership.receive(value)
    return value
  }
  /** The method by which an item's own code registers a listener, which its owner then takes back. */
  handle.listen = (target: any, name: string, shown?: string, isOptional?: true) => {
    if (isOptional && (target === undefined || target === null)) return undefined
    const method = target[name]
    const owner = kernel.ownership.current()
    if (typeof method !== 'function') {
      if (shown === undefined && (method === undefined || method === null)) return undefined
      throw new NativeTypeError(`${shown ?? name} is not a function`)
    }
    if (!isObject(target)) return (...args: unknown[]) => apply(method, target, args)
    return (...args: unknown[]) => {
      const result = apply(method, target, args)
      // `import.meta.hot` sees to its own.
      if (owner && target !== hot) kernel.ownership.ownListener(owner, target, name, args)
      return result
    }
  }
  kernel.timers.define(handle)

  handle.import = (specifier: unknown, options: unknown) => importModule(kernel, module, specifier, options)

  const own = create(null) as Bag
  own.dirname = meta.dirname
  own.filename = meta.filename
  own.main = meta.isMain
  own.resolve = (specifier: unknown) => kernel.host.resolve(module.id, `${specifier}`)
  own.url = meta.url
  const getHot = () => (hot ??= kernel.hot.context(module))
  defineProperty(own, 'hot', { get: getHot, enumerable: true, configurable: true })
  handle.meta = own
  return handle
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
