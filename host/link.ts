// The linker: finds what every imported name stands for, through re-exports and cycles, as ECMA-262 ResolveExport does.

import { requiredName } from '../bundler/commonjs-names.js'
import { isOptionalImport, type Target } from '../bundler/links.js'
import type { ImportEntry } from '../bundler/record.js'
import { isTypeScript } from '../bundler/strip.js'
import type { BuiltModule } from './module.js'

/** What the linker sees of the graph. */
export interface LinkView {
  module(id: string): BuiltModule | undefined
  /** Names an external module exports; undefined when any name may be asked of it. */
  externalHas(key: string, name: string): boolean
  externalNames(key: string): readonly string[]
}

export type Export =
  | Exclude<Target, { kind: 'binding' }>
  | { readonly kind: 'binding'; readonly module: string; readonly binding: string }

/** A name that does not link, and where it is asked for. */
export interface LinkFault {
  readonly module: string
  /** Offset in the importer's record. */
  readonly start: number
  readonly message: string
}

const sameExport = (a: Export, b: Export): boolean =>
  a.kind === b.kind &&
  a.module === b.module &&
  (a.kind === 'binding' && b.kind === 'binding'
    ? a.binding === b.binding
    : a.kind !== 'external' || (b.kind === 'external' && a.name === b.name))

/** What `import { name }` of a module gives: `null` when there is none, `'ambiguous'` when stars disagree. */
export function resolveExport(
  view: LinkView,
  id: string,
  name: string,
  before?: Set<string>,
): Export | null | 'ambiguous' {
  const module = view.module(id)
  if (!module) return null
  const { record } = module
  const local = record.localExports.get(name)
  if (local) return { kind: 'binding', module: id, binding: local.binding }
  const seen = before ?? new Set()
  const key = `${id}\n${name}`
  if (seen.has(key)) return null
  seen.add(key)
  const indirect = record.indirectExports.get(name)
  if (indirect) return resolveImport(view, module, indirect, seen)
  if (name === 'default') return null
  let found: Export | null = null
  for (const specifier of record.starExports) {
    const next = resolveImport(view, module, { specifier, name, start: 0 }, seen)
    if (next === 'ambiguous') return next
    if (!next) continue
    if (found && !sameExport(found, next)) return 'ambiguous'
    found = next
  }
  return found
}

function resolveImport(
  view: LinkView,
  module: BuiltModule,
  entry: ImportEntry,
  seen?: Set<string>,
): Export | null | 'ambiguous' {
  const resolved = module.requests.get(entry.specifier)
  // It is optional.
  if (!resolved) return null
  if (entry.name === '*') return { kind: 'namespace', module: resolved.kind === 'guest' ? resolved.id : resolved.key }
  if (resolved.kind === 'guest')
    return entry.name === requiredName
      ? resolveRequired(view, resolved.id, seen)
      : resolveExport(view, resolved.id, entry.name, seen)
  return view.externalHas(resolved.key, entry.name)
    ? { kind: 'external', module: resolved.key, name: entry.name }
    : null
}

/** What `require()` of a module gives: what it says itself, a JSON value, or its namespace. */
function resolveRequired(view: LinkView, id: string, seen?: Set<string>): Export | null | 'ambiguous' {
  const own = resolveExport(view, id, 'module.exports', seen)
  if (own) return own
  return id.endsWith('.json') ? resolveExport(view, id, 'default', seen) : { kind: 'namespace', module: id }
}

/** All names a module exports, stars followed. */
export function exportNames(view: LinkView, id: string, seen = new Set<string>()): Set<string> {
  const names = new Set<string>()
  if (seen.has(id)) return names
  seen.add(id)
  const module = view.module(id)
  if (!module) return names
  for (const name of module.record.localExports.keys()) names.add(name)
  for (const name of module.record.indirectExports.keys()) names.add(name)
  for (const specifier of module.record.starExports) {
    const resolved = module.requests.get(specifier)!
    const below = resolved.kind === 'guest' ? exportNames(view, resolved.id, seen) : view.externalNames(resolved.key)
    for (const name of below) if (name !== 'default') names.add(name)
  }
  return names
}

/** Links a module: what each of its names stands for, and what does not link. */
export function link(view: LinkView, module: BuiltModule): { targets: Map<string, Target>; faults: LinkFault[] } {
  const targets = new Map<string, Target>()
  const faults: LinkFault[] = []
  const { record, id } = module
  const fault = (entry: ImportEntry, found: null | 'ambiguous') => {
    const why = found ? 'is exported there by more than one `export *`' : 'is not exported there'
    faults.push({
      module: id,
      start: entry.start,
      message: `${id} imports '${entry.name}' from '${entry.specifier}', but it ${why}`,
    })
  }
  for (const [name, binding] of record.bindings) {
    const isFunction = binding.kind === 'function' || record.functions.has(name)
    const form = binding.kind === 'const' || binding.kind === 'default' ? 'constant' : 'variable'
    targets.set(name, {
      kind: 'binding',
      module: id,
      binding: name,
      isOwn: true,
      form: isFunction && !binding.isAssigned ? 'function' : form,
    })
  }
  const isType = (entry: ImportEntry) => mayBeType(view, module, entry)
  /** What is imported to be exported alone. */
  const isPassedOn = ({ specifier, name }: ImportEntry) =>
    [...record.indirectExports.values()].some(each => each.specifier === specifier && each.name === name)
  for (const [name, entry] of record.imports) {
    const found = resolveImport(view, module, entry)
    if (found === null && isPassedOn(entry) && isType(entry)) continue
    if (found === null && isOptionalImport(name)) continue
    if (!found || found === 'ambiguous') fault(entry, found)
    else targets.set(name, found.kind === 'binding' ? { ...found, isOwn: false, form: 'constant' } : found)
  }
  for (const entry of record.indirectExports.values()) {
    const found = resolveImport(view, module, entry)
    if (found === null && isType(entry)) continue
    if (!found || found === 'ambiguous') fault(entry, found)
  }
  linkMembers(view, module, targets)
  return { targets, faults }
}

/**
 * Whether a name that a TypeScript module passes on may be a type there: then nothing is exported, as esbuild does where it bundles. The
 * texts tell, for types are gone from the code; packages tell nothing.
 */
function mayBeType(view: LinkView, module: BuiltModule, entry: ImportEntry, seen = new Set<string>()): boolean {
  if (!isTypeScript(module.id)) return false
  const resolved = module.requests.get(entry.specifier)!
  if (resolved.kind !== 'guest') return true
  const key = `${resolved.id}\n${entry.name}`
  const target = view.module(resolved.id)
  if (!target || seen.has(key)) return false
  seen.add(key)
  if (isTypeScript(target.id) && declaresType(target.source, entry.name)) return true
  const { indirectExports, starExports } = target.record
  const next = indirectExports.get(entry.name)
  if (next) return mayBeType(view, target, next, seen)
  return starExports.some(
    specifier =>
      target.requests.get(specifier)?.kind === 'guest' && mayBeType(view, target, { ...entry, specifier }, seen),
  )
}

function declaresType(source: string, name: string): boolean {
  if (name === 'default') return /\bexport\s+default\s+(?:interface|abstract|declare)\b/.test(source)
  const word = `${name.replaceAll('$', '\\$')}(?![\\p{ID_Continue}$])`
  const declared = `(?:interface|type|declare\\s+(?:abstract\\s+|const\\s+)?\\w+)\\s+${word}`
  const listed = `export\\s+type\\s*\\{[^}]*(?<![\\p{ID_Continue}$])${word}`
  return new RegExp(`\\b(?:${declared}|${listed})`, 'u').test(source)
}

/** `ns.member`, as far as it is known now, and what lies deeper where that is a namespace itself. */
function linkMembers(view: LinkView, { record }: BuiltModule, targets: Map<string, Target>): void {
  for (const path of record.members) {
    const [name, ...keys] = path.split('.')
    const last = keys.pop()!
    let at: Export | Target | undefined = targets.get(name!)
    for (const key of keys) at = memberOf(view, at, key)
    const found = memberOf(view, at, last)
    if (found?.kind === 'namespace') targets.set(path, found)
    if (found?.kind !== 'binding') continue
    // A call through a namespace passes it as `this`.
    const form = ignoresThis(view.module(found.module), found.binding) ? 'function' : 'constant'
    targets.set(path, { ...found, isOwn: false, form })
  }
}

function memberOf(view: LinkView, target: Export | Target | undefined, name: string): Export | undefined {
  const found = target?.kind === 'namespace' ? resolveExport(view, target.module, name) : null
  return found === null || found === 'ambiguous' ? undefined : found
}

function ignoresThis(module: BuiltModule | undefined, name: string): boolean {
  return module?.record.functions.get(name) === false && !module.record.bindings.get(name)!.isAssigned
}
