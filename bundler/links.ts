// How names link, as the emitter needs it: the host's linker decides, the bundler only writes it down.

/** What a module-level name stands for in one version of a module. */
export type Target =
  /** a binding of a guest module's scope; `isDirect`: own function that calls may reach without its trampoline */
  | {
      readonly kind: 'binding'
      readonly module: string
      readonly binding: string
      readonly isOwn: boolean
      readonly form: OwnForm
    }
  /** a namespace object, of a guest module or an external */
  | { readonly kind: 'namespace'; readonly module: string }
  /** an export of a module that is not patched: a package, a builtin, a granted module */
  | { readonly kind: 'external'; readonly module: string; readonly name: string }

/** How a binding may be used: imports are 'constant', and 'function' for a member of a namespace whose calls need no `this`. */
export type OwnForm = 'function' | 'variable' | 'constant'

/** Imports that we write of what may not be there have such names: of types, and of what may never be required. Without it they are nothing. */
export const optionalPrefix = '__optional_'

export const isOptionalImport = (name: string): boolean => name.startsWith(optionalPrefix)

/** Equal when code compiled against one target also fits the other. */
export function targetKey(target: Target | undefined): string {
  if (!target) return ''
  if (target.kind === 'binding') return `${target.form}:${target.isOwn ? '' : target.module}:${target.binding}`
  if (target.kind === 'namespace') return `*${target.module}`
  return `${target.module}!${target.name}`
}

/**
 * How a name links otherwise than in the running version: to the same binding, which code reads in another way; to another binding,
 * whose value decides whether anything changed; or from or to what has no value to compare.
 */
export type Relink = 'form' | 'moved' | 'replaced'

export function relinkOf(before: Target | undefined, after: Target | undefined): Relink | undefined {
  if (targetKey(before) === targetKey(after)) return undefined
  if (before?.kind !== 'binding' || after?.kind !== 'binding') return 'replaced'
  return before.module === after.module && before.binding === after.binding ? 'form' : 'moved'
}

/** How a name links otherwise, by itself or, for `ns.member`, as its namespace does. */
export const relinkOfName = (relinked: ReadonlyMap<string, Relink>, name: string): Relink | undefined =>
  relinked.get(name) ?? relinked.get(name.split('.')[0]!)

/** What code gets as parameters besides the fixed ones. */
export type Dependency =
  | { readonly kind: 'scope'; readonly module: string }
  | { readonly kind: 'namespace'; readonly module: string }
  | { readonly kind: 'external'; readonly module: string }
