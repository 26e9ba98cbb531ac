// What a person who stands in a module can see there without running anything of the program: names, values, definitions. And the way
// back into the file for what was typed.
import { randomUUID } from 'node:crypto'
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { types } from 'node:util'
import { nothingTyped, saved, stillTyped } from '../bundler/compose.js'
import { type Definitions, definitionsOf } from '../bundler/definitions.js'
import { decode } from './decode.js'
import { RegrowError } from './errors.js'
import { moduleToType } from './evaluation.js'
import { openNamespace } from './exports.js'
import type { RunningModule } from './module.js'
import type { Services } from './services.js'
import type { Sources } from './sources.js'
import type { Typed } from './typed.js'

export interface Shown {
  /** The module that defines it. */
  readonly module: string
  readonly text: string
  /** It was typed, and is not in the file. */
  readonly isTyped: boolean
}

export interface Look {
  /** The module's own names and those it imports. */
  names(): string[]
  /** Names that were typed into it. */
  typed(): string[]
  /** Names that follow `a.b.` in what is typed; accessors are not run. */
  members(path: readonly string[]): string[]
  /** Names of the realm's global object. */
  globals(): string[]
  /** The source of what a name is defined by. */
  definition(name: string): Shown | undefined
  /**
   * Writes what was typed into the module's file: in the place of the definition of the same name, or at the end.
   * @returns path of the file
   * @throws RegrowError ERR_REGROW_OPTION when it cannot be written there
   */
  save(name: string): string
}

/** What all of it is seen through. */
export interface LookOptions {
  readonly services: Services
  readonly typed: Typed
  readonly sources: Sources
  /** The modules are files. */
  readonly isOnDisk: boolean
}

const isName = (key: unknown): key is string =>
  typeof key === 'string' && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)

/** Names of the global object that are Node's own: `process`, `crypto`, … are accessors. Whoever asks for descriptors loads undici. */
const nodeGlobals = new Set(Object.getOwnPropertyNames(globalThis))

/** @throws RegrowError ERR_REGROW_LINK, ERR_REGROW_OPTION for a module that nothing can be typed into */
export function lookInto({ services, typed, sources, isOnDisk }: LookOptions, id: string): Look {
  moduleToType(services.graph, id)
  const { graph, realm } = services
  const running = () => graph.modules.get(id)!

  /** A value that a name stands for, if it can be had without running code. */
  function standsFor(name: string): { value: unknown } | undefined {
    if (realm.kind === 'isolate') return undefined
    const { kernel, global } = realm
    const target = running().targets.get(name)
    const isOwn = running().record.bindings.has(name)
    if (isOwn || target?.kind === 'binding') {
      const [module, binding] = target?.kind === 'binding' ? [target.module, target.binding] : [id, name]
      return ownValue(kernel.scope(module), binding)
    }
    const imported = running().record.imports.get(name)
    if (imported?.name === '*') {
      const request = running().requests.get(imported.specifier)
      if (request?.kind === 'external') return { value: kernel.external(request.key) }
      if (request) openNamespace(services, request.id)
      return request && { value: kernel.namespace(request.id) }
    }
    if (target?.kind === 'external') return ownValue(kernel.external(target.module), target.name)
    return nodeGlobals.has(name) ? { value: (global as Record<string, unknown>)[name] } : valueIn(global, name)
  }

  function members(path: readonly string[]): string[] {
    let found = standsFor(path[0]!)
    for (const key of path.slice(1)) found = found && valueIn(found.value, key)
    if (!found || found.value === null || found.value === undefined) return []
    const names = new Set<string>()
    for (let at: object | null = Object(found.value); at; at = prototypeOf(at)) {
      if (isOpaque(at)) break
      for (const key of Reflect.ownKeys(at)) if (isName(key) && !/^__.*__$/.test(key)) names.add(key)
    }
    return [...names].sort()
  }

  /** Namespace objects of guests are proxies of ours, and tell their keys without running anything. */
  const isOpaque = (value: object): boolean => types.isProxy(value) && !isNamespace(value)
  const isNamespace = (value: object): boolean =>
    realm.kind !== 'isolate' && [...services.namespaces].some(each => realm.kernel.namespace(each) === value)
  const prototypeOf = (value: object): object | null => (isOpaque(value) ? null : Object.getPrototypeOf(value))

  function ownValue(holder: object | undefined, key: string): { value: unknown } | undefined {
    const found = holder && Object.getOwnPropertyDescriptor(holder, key)
    return found && 'value' in found ? { value: found.value } : undefined
  }

  function valueIn(holder: unknown, key: string): { value: unknown } | undefined {
    if (holder === null || holder === undefined) return undefined
    for (let at: object | null = Object(holder); at; at = prototypeOf(at)) {
      if (isOpaque(at)) return undefined
      const found = Object.getOwnPropertyDescriptor(at, key)
      if (found) return 'value' in found ? { value: found.value } : undefined
    }
    return undefined
  }

  function definition(name: string, module: RunningModule = running()): Shown | undefined {
    const file = definitionsOf(module.source, module.id)
    const isIt = (each: { readonly names: readonly string[] }) =>
      each.names.includes(name) || each.names.includes(`type ${name}`)
    const statements = file.statements.filter(each => each.from === undefined && each.definitions.some(isIt))
    if (statements.length) {
      const isTyped = typed.stateOf(module.id).definitions.some(isIt)
      const text = statements.map(({ start, end }) => module.source.slice(start, end)).join('\n')
      return { module: module.id, text, isTyped }
    }
    const target = module.targets.get(name)
    if (target?.kind !== 'binding' || target.isOwn) return undefined
    return definition(target.binding, graph.modules.get(target.module)!)
  }

  function refuse(why: string): never {
    throw new RegrowError('ERR_REGROW_OPTION', why, { file: id })
  }

  function save(name: string): string {
    const { definitions } = typed.stateOf(id)
    const found = definitions.find(each => each.names.includes(name) || each.names.includes(`type ${name}`))
    if (!found)
      refuse(definition(name) ? `${name} was not typed: ${id} has it as it runs` : `there is no ${name} in ${id}`)
    if (!isOnDisk) refuse(`${id} is no file`)
    if (sources.isHidden(id)) refuse(`${id} runs an older text than its file since an undo`)
    const path = pathOf(sources.path(id))
    const given = path.exists ? readFileSync(path.name) : Buffer.from('')
    const mark = given.subarray(0, 3).equals(Buffer.from('\ufeff')) ? '\ufeff' : ''
    const base: Definitions = definitionsOf(decode(given, id), id)
    if (stillTyped(base, { ...nothingTyped, definitions: [found] }).definitions.length === 0)
      refuse(`the file's own ${name} has changed since ${name} was typed`)
    replaceFile(path.name, mark + saved(base, found), path.exists ? statSync(path.name).mode : undefined)
    return path.name
  }

  return {
    names: () => [...running().record.bindings.keys(), ...running().record.imports.keys()].filter(isName).sort(),
    typed: () => typed.stateOf(id).definitions.flatMap(each => each.names.map(name => name.replace(/^type /, ''))),
    members: path => {
      try {
        return members(path)
      } catch {
        // An import whose module has not been evaluated.
        return []
      }
    },
    globals: () => (realm.kind === 'isolate' ? [] : Object.getOwnPropertyNames(realm.global).filter(isName)),
    definition,
    save,
  }
}

/** Through links, so that what they lead to is replaced, and not they. */
function pathOf(path: string): { name: string; exists: boolean } {
  try {
    return { name: realpathSync(path), exists: true }
  } catch {
    return { name: path, exists: false }
  }
}

/** Nobody ever sees half a file. */
function replaceFile(path: string, text: string, mode: number | undefined): void {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    writeFileSync(temporary, text, { flag: 'wx', ...(mode === undefined ? {} : { mode: mode & 0o7777 }) })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
