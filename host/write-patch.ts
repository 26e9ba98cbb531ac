// The text of a patch, and of what it evaluates apart, each under a name of its own.
import { pathToFileURL } from 'node:url'
import { emitPatch, isEmptyPlan } from '../bundler/emit.js'
import type { Dependency } from '../bundler/links.js'
import type { Nest } from '../bundler/writer.js'
import type { CompiledPatch } from './cache.js'
import type { ModuleChange } from './change.js'
import { FirstChange, FirstScript } from './first-version.js'
import type { BuiltModule } from './module.js'
import type { Services } from './services.js'
import { isInspected, sourceMapComment } from './source-map.js'
import type { CompiledText, Script, ScriptName } from './stack.js'

export interface WrittenPatch {
  readonly script: Script
  readonly dependencies: readonly Dependency[]
  readonly isAsync: boolean
  readonly compiled?: CompiledPatch
}

type Naming = (path: string) => ScriptName

/** @returns undefined when there is nothing to run */
export function writePatch(services: Services, change: ModuleChange, nameOf: Naming): WrittenPatch | undefined {
  if (change instanceof FirstChange && !change.module.commonJS) return writeFirst(services, change, nameOf)
  const { module, targets, difference, runs } = change
  const plan = { ...difference, runs }
  if (isEmptyPlan(plan)) return undefined
  const { id, record, map, commonJS, composition } = module
  const { name, given, linesBefore } = naming(services, id, nameOf)
  const nested: CompiledText[] = []
  const nest: Nest = (code, segments) => {
    const text = { name: `${given.url}.${nested.length + 1}`, code, segments }
    nested.push(text)
    return `${withMap(services, module, text)}\n//# sourceURL=${text.name}`
  }
  const { code, segments, dependencies, isAsync } = emitPatch(record, targets, plan, difference.literalIds, nest)
  if (commonJS) {
    const whole = { id, record: commonJS, map }
    const text = { name: `${name}.0`, code: commonJS.code, segments: [0, 0], whole, linesBefore }
    nested.push(text)
    services.commonJS.set(id, {
      name: text.name,
      code: withMap(services, module, text),
      parameters: commonJS.parameters,
    })
  }
  const version = { id, record, map, composition }
  return { script: { name, code, segments, nested, linesBefore, version }, dependencies, isAsync }
}

function writeFirst(services: Services, change: FirstChange, nameOf: Naming): WrittenPatch | undefined {
  const patch = change.patch()
  if (!patch) return undefined
  const { name, linesBefore } = naming(services, change.module.id, nameOf)
  return { script: new FirstScript(name, patch.code, linesBefore, change), ...patch }
}

interface Named {
  readonly name: string
  readonly given: ScriptName
  readonly linesBefore: number
}

function naming({ realm, path }: Services, id: string, nameOf: Naming): Named {
  const isIsolate = realm.kind === 'isolate'
  const given = nameOf(path(id))
  // There the name is told by a comment, where no white space may stand.
  return { name: isIsolate ? given.url : given.name, given, linesBefore: isIsolate ? 1 : 0 }
}

/** A text as it is compiled: with its source map, if a debugger may ask. */
export function withMap({ path }: Services, module: BuiltModule, text: CompiledText): string {
  if (!isInspected()) return text.code
  const url = pathToFileURL(path(module.id)).href
  return text.code + sourceMapComment(text.whole ?? module, url, module.source, text)
}
