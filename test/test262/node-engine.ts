// Runs a test as plain node does: native modules in a context of their own. Needs --experimental-vm-modules.
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { type Ending, type Engine, thrown } from './engine.js'
import { harnessHost } from './harness.js'

/** A failure before the program runs. */
class LoadFailure extends Error {
  readonly phase: 'parse' | 'resolution'
  constructor(phase: 'parse' | 'resolution', cause: unknown) {
    super(phase, { cause })
    this.phase = phase
  }
}

export const runInNode: Engine = async (checkout, harness, output): Promise<Ending> => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY as never)
  const global = vm.runInContext('globalThis', context)
  global.harnessHost = harnessHost(output)
  const modules = new Map<string, vm.Module>()

  const load = (id: string, attributes: Record<string, unknown> = {}): vm.Module => {
    const key = `${id} ${attributes.type ?? ''}`
    let module = modules.get(key)
    if (!module) {
      module = make(id, attributes)
      modules.set(key, module)
    }
    return module
  }
  const make = (id: string, attributes: Record<string, unknown>): vm.Module => {
    let source: string
    try {
      source = harness.modules.get(id) ?? readFileSync(join(checkout, id), 'utf8')
    } catch (error) {
      throw new LoadFailure('resolution', error)
    }
    try {
      if (attributes.type === 'json') return jsonModule(source)
      return new vm.SourceTextModule(source, {
        identifier: id,
        context,
        initializeImportMeta(meta) {
          Object.setPrototypeOf(meta, null)
          meta.url = pathToFileURL(join(checkout, id)).href
        },
        importModuleDynamically: async (specifier, _module, attributes) => {
          const module = load(resolved(specifier, id), attributes as Record<string, unknown>)
          await start(module)
          return module
        },
      })
    } catch (error) {
      throw new LoadFailure('parse', error)
    }
  }
  const jsonModule = (source: string): vm.Module => {
    const value = global.JSON.parse(source)
    const module: vm.SyntheticModule = new vm.SyntheticModule(['default'], () => module.setExport('default', value), {
      context,
    })
    return module
  }
  const resolved = (specifier: string, from: string): string =>
    relative(checkout, resolve(checkout, dirname(from), specifier))
  /** Loads what a module asks for; `vm` links one module at a time. */
  const start = async (module: vm.Module): Promise<void> => {
    if (module.status === 'unlinked') {
      await module.link((specifier, referrer, { attributes }) =>
        load(resolved(specifier, referrer.identifier), attributes as Record<string, unknown>),
      )
    }
    await module.evaluate()
  }

  let entry: vm.Module
  try {
    entry = load(harness.entry)
    await entry.link((specifier, referrer, { attributes }) =>
      load(resolved(specifier, referrer.identifier), attributes as Record<string, unknown>),
    )
  } catch (error) {
    if (error instanceof LoadFailure) return { phase: error.phase, ...thrown(error.cause) }
    return { phase: 'resolution', ...thrown(error) }
  }
  try {
    await entry.evaluate()
    await output.settled
    return { phase: 'done' }
  } catch (error) {
    if (error instanceof LoadFailure) return { phase: 'runtime', ...thrown(error.cause) }
    return { phase: 'runtime', ...thrown(error) }
  }
}
