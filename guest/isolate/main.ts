// What runs inside an isolate: the kernel, and the other end of what the host asks of it. Everything that comes in and goes out is text.
// Longer than most: each way in and each way out is a few lines over one kernel, one encoder and one decoder.

import './symbols.js'
import { changes, keep, migrate, onDispose, reloading } from '../index.js'
import { createKernel } from '../kernel.js'
import {
  apply,
  define,
  getOwnPropertyDescriptor,
  isObject,
  mapDelete,
  mapGet,
  mapSet,
  NativeError,
  NativeMap,
  NativePromise,
  NativeSyntaxError,
  ownKeys,
  push,
  setPrototypeOf,
  whenSettled,
} from '../primordials.js'
import type { ImportAnswer, KernelHost, ModulePatch, Refusal, TransactionResult } from '../protocol.js'
import { guestState } from '../state.js'
import { createAnswers } from './answers.js'
import { show } from './console.js'
import { createDecoder } from './decode.js'
import { createEncoder } from './encode.js'
import { createFunctions } from './functions.js'
import { installGlobals } from './globals.js'
import { evaluate, isArray, NativeRangeError, parse, sliceString, stringify, toInteger } from './intrinsics.js'
import { lockDown } from './lockdown.js'
import type { Entry, IsolateConfig, ModuleFound, Transacted, TransactOrder } from './messages.js'
import { installStackHook } from './stack-hook.js'
import { answer, packageScheme } from './wire.js'

/** How long `close()` waits for a disposer, in milliseconds. */
const disposerLimit = 1000

/** Asks the process around the isolate, and waits. @returns an answer, or nothing */
export type Ask = (name: string, id: number, text: string) => string | undefined

/** A reference of isolated-vm to a function of the process around the isolate. */
interface Reference {
  applySyncPromise(receiver: undefined, given: readonly unknown[]): string | undefined
}

/** @returns what the process calls for everything that the host wants */
export function createIsolate(
  reference: Reference,
  configText: string,
): (name: Entry, id: number, text: string) => string | undefined {
  const config = bare(parse(configText)) as IsolateConfig
  const { applySyncPromise } = reference
  const ask: Ask = (name, id, text) =>
    apply(applySyncPromise as never, reference, [undefined, [name, id, text]]) as string | undefined
  lockDown()

  const functions = createFunctions(ask, config.limits.heldFunctions)
  const encoder = createEncoder(config.limits, functions.hold)
  const decode = createDecoder(functions.ofHost)
  functions.use(encoder, decode)

  /** @throws what the host threw */
  const request = (name: string, ...given: unknown[]): unknown => functions.take(ask(name, 0, encoder.value(given)))

  const externals = new NativeMap<string, object>()
  mapSet(externals, config.guestModule, { __proto__: null, changes, keep, migrate, onDispose, reloading } as object)
  /** Packages, as `require` gives them. */
  const required = new NativeMap<string, () => unknown>()
  /** What modules threw that the host may hand back, by the number of their transaction. */
  const thrown = new NativeMap<number, unknown>()
  const imports = new NativeMap<number, (found: ModuleFound) => void>()
  let lastImport = 0

  const compile = (code: string, parameters: readonly string[], name: string): ((...given: unknown[]) => any) => {
    return evaluate(`(function(${joined(parameters, ',')}){\n${code}\n})\n//# sourceURL=${name}`)
  }

  function evaluatePackage(key: string): object {
    const require = (specifier: unknown): never => {
      throw new NativeError(`cannot require '${specifier}': an isolate has no builtins of Node`)
    }
    const module = { exports: {} as { namespace: object; required: () => unknown } }
    compile(request('package', key) as string, ['exports', 'require', 'module'], key)(module.exports, require, module)
    const { exports } = module
    mapSet(required, key, exports.required)
    return exports.namespace
  }

  const host: KernelHost = {
    importModule: (importer, specifier, attributes) =>
      new NativePromise(resolve => {
        const id = ++lastImport
        mapSet(imports, id, found => {
          mapDelete(imports, id)
          void settleImport(found, resolve)
        })
        if (ask('import', id, encoder.value([importer, specifier, attributes])) === undefined) return
        mapDelete(imports, id)
        resolve({ refusal: { thrown: new NativeRangeError('too many imports are under way') } })
      }),
    resolve: (importer, specifier) => request('resolve', importer, specifier) as string,
    require(importer, specifier) {
      const found = bare(parse(request('require', importer, `${specifier}`) as string)) as ModuleFound
      return 'refusal' in found ? { refusal: refusalOf(found.refusal) } : { namespace: exportsOf(found) }
    },
    resolveRequired: (importer, specifier) => request('resolveRequired', importer, `${specifier}`) as string,
    importedMeanwhile: modules =>
      bare(parse(request('importedMeanwhile', joined(modules, '\0')) as string)) as string[],
    commonJS(module) {
      const { name, code, parameters } = request('commonJS', module) as Record<'name' | 'code', string> & {
        parameters: string[]
      }
      return compile(code, parameters, name)
    },
    external(key) {
      let found = mapGet(externals, key)
      if (!found) {
        found =
          sliceString(key, 0, packageScheme.length) === packageScheme
            ? evaluatePackage(key)
            : (request('external', key) as object)
        setPrototypeOf(found, null)
        mapSet(externals, key, found)
      }
      return found
    },
    disposes: config.disposes,
    moduleId: (importer, specifier) => request('moduleId', importer, specifier) as string | undefined,
    invalidate: (module, first) => void request('invalidate', module, first),
    send: (module, event, data) => void request('send', module, event, data),
    // Nothing follows a promise here: what an item makes after an `await` is its own no more.
    inItem: (_item, run) => run(),
    currentItem: () => undefined,
    itemEnded() {},
    disposeSoon: () => later(() => void kernel.dispose(), 0),
    instancesOf: () => undefined,
    later: (run, milliseconds) => later(run, milliseconds),
    globalValues,
    compileUncached: compileNow => compileNow(),
    textOf: (module, definition) => request('textOf', module, definition) as string | undefined,
  }

  const kernel = createKernel(host)
  installStackHook(frames => request('stack', frames) as string)
  const timers = installGlobals(globalThis as never, config, ask, decode)
  const later = (run: () => void, milliseconds: number) => timers.later(run, milliseconds)
  kernel.installTimers()
  guestState.kernels.add(kernel.item)

  /** Waits for a disposer, but not for ever. */
  const within = (wait: Promise<unknown>): Promise<boolean> =>
    new NativePromise(resolve => {
      const settled = () => resolve(true)
      whenSettled(wait, settled, settled)
      later(() => resolve(false), disposerLimit)
    })

  const steps: Readonly<Record<string, (...given: any[]) => unknown>> = {
    __proto__: null,
    external: (key: string) => namesOf(host.external(key)),
    facts: () => kernel.hot.facts(),
    notify: (event: string, payload: object) => kernel.hot.notify(event, payload),
    leave: (modules: string[]) => kernel.hot.dispose(modules),
    accepted: () => kernel.hot.runAccepted(),
    prune: (modules: string[]) => kernel.hot.prune(modules),
    dispose: () => kernel.dispose(),
    disposeAll: () => kernel.disposeAll(within),
    forgetGiven: () => kernel.forgetGiven(),
    versions: () => kernel.versions(),
    given,
    shown: async () => show(await given()),
  } as never

  /** What typed text gave. */
  function given(): unknown {
    const found = kernel.given()
    if (!found) return undefined
    if ('value' in found) return found.value
    return new NativePromise((resolve, reject) => whenSettled(found.later, held => resolve(held?.[0]), reject))
  }

  function exportsOf(found: Exclude<ModuleFound, { refusal: unknown }>): unknown {
    if ('external' in found) {
      const external = host.external(found.external)
      return found.gives === 'required' ? (mapGet(required, found.external)?.() ?? external) : external
    }
    const namespace = kernel.namespace(found.module) as Record<string, unknown>
    return found.gives === 'default' ? namespace.default : namespace
  }

  async function settleImport(found: ModuleFound, resolve: (answer: ImportAnswer) => void): Promise<void> {
    if ('refusal' in found) return resolve({ refusal: refusalOf(found.refusal) })
    try {
      if ('module' in found && found.isUnderWay) await kernel.evaluation(found.module)
      resolve({ namespace: exportsOf(found) })
    } catch (error) {
      resolve({ refusal: { thrown: error } })
    }
  }

  function refusalOf(refusal: Extract<ModuleFound, { refusal: unknown }>['refusal']): Refusal {
    if (!('transaction' in refusal)) return refusal
    return { thrown: mapGet(thrown, refusal.transaction) }
  }

  /** Values are awaited in the guest: the host never waits for anything of the guest's own. */
  async function settle(id: number, value: unknown): Promise<void> {
    let text: string
    try {
      text = encoder.value(await value)
    } catch (error) {
      text = encoder.thrown(error)
    }
    ask('settled', id, text)
  }

  /** @returns the answer, if there is one at once */
  function run(id: number, callee: Function, given: unknown[]): string | undefined {
    try {
      const value: unknown = apply(callee as never, undefined, given)
      if (!isObject(value) || typeof value.then !== 'function') return encoder.value(value)
      void settle(id, value)
      return undefined
    } catch (error) {
      return encoder.thrown(error)
    }
  }

  const exported = (name: string): unknown => (kernel.namespace(config.entry) as Record<string, unknown>)[name]

  function transact(id: number, text: string): string | undefined {
    const { request, isAsync } = bare(parse(text)) as TransactOrder
    const { isReload, changes: changed } = request
    const patches: ModulePatch[] = []
    for (let index = 0; index < request.patches.length; index++) {
      const { text: code, ...patch } = request.patches[index]!
      setPrototypeOf(patch, null)
      try {
        if (code) {
          const compiled = compile(code.code, code.parameters, code.name)
          define(patch, 'compile', () => compiled)
        }
      } catch (error) {
        const message = error instanceof NativeSyntaxError ? error.message : 'it cannot be compiled'
        return stringify(bare({ syntax: { module: patch.id, message } }))
      }
      push(patches, patch as ModulePatch)
    }
    const order = { ...request, patches }
    setPrototypeOf(order, null)
    if (isReload) guestState.reloads.add(changed)
    const finish = (result: TransactionResult): string => {
      guestState.reloads.delete(changed)
      if (result.isApplied) return stringify(bare(result as unknown as Transacted))
      const { error, ...rest } = result
      mapSet(thrown, id, error)
      mapDelete(thrown, id - config.rememberedErrors)
      return stringify(bare({ ...rest, thrown: sliceString(encoder.thrown(error), 1) } as Transacted))
    }
    if (!isAsync) return finish(kernel.apply(order))
    whenSettled(
      kernel.applyAsync(order),
      result => void ask('settled', id, finish(result)),
      () => {},
    )
    return undefined
  }

  function enter(name: Entry, id: number, text: string): string | undefined {
    switch (name) {
      case 'transact':
        return transact(id, text)
      case 'exports': {
        const { module, table } = bare(parse(text)) as { module: string; table: [] }
        kernel.setExports(module, table)
        return undefined
      }
      case 'call': {
        const given = decode(text) as unknown[]
        const callee = exported(given[0] as string)
        if (typeof callee !== 'function') return answer.missing + typeof callee
        const rest: unknown[] = []
        for (let index = 1; index < given.length; index++) push(rest, given[index])
        return run(id, callee, rest)
      }
      case 'step': {
        const given = decode(text) as unknown[]
        const rest: unknown[] = []
        for (let index = 1; index < given.length; index++) push(rest, given[index])
        return run(id, steps[given[0] as string]!, rest)
      }
      case 'get':
        return run(id, () => exported(text), [])
      case 'invoke': {
        const given = decode(text) as [number, unknown[]]
        const callee = functions.held(given[0])
        return callee ? run(id, callee, given[1]) : answer.missing + typeof callee
      }
      case 'release':
        functions.release(id, toInteger(text, 10))
        return undefined
      case 'settle':
        functions.settle(id, text)
        return undefined
      case 'imported':
        mapGet(imports, id)?.(bare(parse(text)) as ModuleFound)
        return undefined
      case 'timer':
        timers.fire(id)
        return undefined
      default:
        return undefined
    }
  }

  const answers = createAnswers()

  return (name, id, text) => {
    if (name === 'again') return answers.take(id)
    let given: string | undefined
    // What is thrown must not leave as it is: isolated-vm would run the guest's getters while it copies it.
    try {
      given = enter(name, id, text)
    } catch (error) {
      given = encoder.thrown(error)
    }
    if (name !== 'timer') answers.keep(id, given ?? answer.later)
    return given
  }
}

/** Names of what an object has for itself. */
function namesOf(object: object): string[] {
  const names: string[] = []
  const keys = ownKeys(object)
  for (let index = 0; index < keys.length; index++)
    if (typeof keys[index] === 'string') push(names, keys[index] as string)
  return names
}

/** Values of the global object's own properties; accessors are the guest's code, and are not run. */
function globalValues(): unknown[] {
  const values: unknown[] = []
  const keys = ownKeys(globalThis)
  for (let index = 0; index < keys.length; index++) {
    const found = getOwnPropertyDescriptor(globalThis, keys[index]!)
    if (found && 'value' in found) push(values, found.value)
  }
  return values
}

/** Plain data without prototypes: what a guest puts on `Object.prototype` is not seen through it. */
function bare(data: any): any {
  if (!isObject(data)) return data
  if (isArray(data)) for (let index = 0; index < data.length; index++) bare(data[index])
  else {
    setPrototypeOf(data, null)
    for (const key in data as Record<string, unknown>) bare((data as any)[key])
  }
  return data
}

function joined(texts: readonly string[], separator: string): string {
  let all = ''
  for (let index = 0; index < texts.length; index++) all += (index ? separator : '') + texts[index]
  return all
}
