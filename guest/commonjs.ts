// CommonJS: runs a module's text with `require`, `module`, `exports` and what stands for `import()`.
import { errorOf } from './dynamic-import.js'
import type { KernelState } from './kernel-state.js'
import type { ModuleState } from './module-state.js'
import { apply, create, define, mapDelete, mapGet, mapSet, NativeMap } from './primordials.js'
import type { ModulePatch } from './protocol.js'
import type { Bag } from './scope.js'

/** What a text requires of the guest's own modules, by specifier; CommonJS and data run when they are required first. */
type Required = Record<string, { readonly id: string; readonly runs: boolean; read(): unknown } | undefined>

type Meta = NonNullable<ModulePatch['meta']>

/** Modules whose text is running, or will in a cycle that has begun: others get the exports they have so far. */
const begun = new NativeMap<string, Bag>()

/** @returns what `module.exports` is in the end */
export function runCommonJS(
  kernel: KernelState,
  module: ModuleState,
  meta: Meta,
  required: Required,
  importModule: (specifier: unknown, options: unknown) => unknown,
): unknown {
  const own = begin(module.id)
  const require = (specifier: string): unknown => {
    const guest = required[specifier]
    if (!guest) return ask(kernel, module.id, specifier)
    const partial = mapGet(begun, guest.id)
    if (partial) {
      // An edit of it concerns this module all the same: what is read while an item runs counts as named by it.
      read(guest)
      return partial.exports
    }
    if (guest.runs) module.transaction?.runAhead(guest.id)
    const failure = mapGet(kernel.modules, guest.id)?.failure
    if (failure) throw failure.error
    return read(guest)
  }
  complete(kernel, module, meta, own, require)
  try {
    const code = kernel.host.commonJS(module.id)
    apply(code as (...args: unknown[]) => unknown, own.exports, [
      own.exports,
      require,
      own,
      meta.filename,
      meta.dirname,
      importModule,
    ])
    setFailure(module, undefined)
  } catch (error) {
    setFailure(module, { error })
    throw error
  } finally {
    mapDelete(begun, module.id)
  }
  own.loaded = true
  return own.exports
}

/** `require`, for packages, builtins and what is loaded already, and `module` of an ECMAScript module. */
export function createCommonJS(
  kernel: KernelState,
  module: ModuleState,
  meta: Meta,
): { require: (specifier: string) => unknown; module: Bag } {
  const own: Bag = { exports: {}, loaded: false }
  const require = (specifier: string): unknown => ask(kernel, module.id, specifier)
  complete(kernel, module, meta, own, require)
  return { require, module: own }
}

/** Gives `module` and `require` what they have. */
function complete(
  kernel: KernelState,
  { id }: ModuleState,
  { isMain, filename, dirname }: Meta,
  own: Bag,
  require: (specifier: string) => unknown,
): void {
  own.id = isMain ? '.' : filename
  own.path = dirname
  own.filename = filename
  own.children = []
  define(require, 'main', isMain ? own : undefined)
  define(require, 'cache', create(null))
  define(require, 'resolve', (specifier: string) => kernel.host.resolveRequired(id, specifier))
  own.require = require
}

function setFailure(module: ModuleState, failure: ModuleState['failure']): void {
  const before = module.failure
  if (before === failure) return
  module.transaction?.undo.record(() => {
    module.failure = before
  })
  module.failure = failure
}

/** In a cycle, a module that comes later has no value yet, and gives the object that will be its exports. */
function read({ id, read }: NonNullable<Required[string]>): unknown {
  try {
    return read()
  } catch {
    return begin(id).exports
  }
}

function begin(id: string): Bag {
  let module = mapGet(begun, id)
  if (!module) mapSet(begun, id, (module = { exports: {}, loaded: false }))
  return module
}

function ask(kernel: KernelState, importer: string, specifier: string): unknown {
  const answer = kernel.host.require(importer, specifier)
  if ('refusal' in answer) throw errorOf(answer.refusal)
  return answer.namespace
}

/** What its named exports are taken from: nothing has none. */
export const namedExports = (exports: unknown): object =>
  exports === null || exports === undefined ? create(null) : exports
