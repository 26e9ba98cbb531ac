// `import()`: the checks of the language, and failures as errors of the guest's own realm.
import type { KernelState } from './kernel-state.js'
import type { ModuleState } from './module-state.js'
import {
  create,
  define,
  getOwnPropertyDescriptor,
  isObject,
  NativeError,
  NativePromise,
  NativeSyntaxError,
  NativeTypeError,
  ownKeys,
  whenSettled,
} from './primordials.js'
import type { ImportAttributes, Refusal } from './protocol.js'

export function importModule(
  kernel: KernelState,
  module: ModuleState,
  specifier: unknown,
  options: unknown,
): Promise<unknown> {
  return new NativePromise((resolve, reject) => {
    const name = `${specifier}`
    const attributes = attributesOf(options)
    whenSettled(
      kernel.host.importModule(module.id, name, attributes),
      answer => ('refusal' in answer ? reject(errorOf(answer.refusal)) : resolve(answer.namespace)),
      reject,
    )
  })
}

/** @throws TypeError where the language says so */
function attributesOf(options: unknown): ImportAttributes {
  const attributes = create(null) as Record<string, string>
  if (options === undefined) return attributes
  if (!isObject(options)) throw new NativeTypeError('The second argument of import() must be an object')
  const given = options.with
  if (given === undefined) return attributes
  if (!isObject(given)) throw new NativeTypeError(`The 'with' option of import() must be an object`)
  const keys = ownKeys(given)
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!
    if (typeof key !== 'string' || !getOwnPropertyDescriptor(given, key)?.enumerable) continue
    const value = given[key]
    if (typeof value !== 'string') throw new NativeTypeError('Import attribute values must be strings')
    attributes[key] = value
  }
  return attributes
}

export function errorOf(refusal: Refusal): unknown {
  if ('thrown' in refusal) return refusal.thrown
  const { name, message, code } = refusal
  const error = new (name === 'SyntaxError' ? NativeSyntaxError : NativeError)(message)
  if (code !== undefined) define(error, 'code', code)
  return error
}
