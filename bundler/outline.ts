// Records whose items are made again when somebody asks for them: most modules are loaded once and never edited.
import { pack, unpack } from './packed.js'
import { bindingOf, type Edit, type ImportEntry, type Item, type ModuleRecord, type Outline } from './record.js'

/** Everything of a record but its text and what points into it. */
export function outlineOf(record: ModuleRecord): Outline {
  const { requests, dynamicRequests, imports, localExports, indirectExports, starExports } = record
  const { bindings, functions, uses, members, hasEval, prefix } = record
  return {
    requests: orNone(requests),
    dynamicRequests: orNone(dynamicRequests),
    imports: orEmpty(imports),
    localExports: orEmpty(localExports),
    indirectExports: orEmpty(indirectExports),
    starExports: orNone(starExports),
    bindings: orEmpty(bindings),
    functions: orEmpty(functions),
    uses: uses.size ? uses : emptySet,
    members: orNone(members),
    hasEval,
    prefix,
  }
}

/** An outline as JSON can hold it, in few values: a start from the cache reads one of each module. Maps are flat lists. */
export type OutlineData = ReturnType<typeof outlineData>

export function outlineData(outline: Outline) {
  const { requests, dynamicRequests, starExports, members, hasEval, prefix } = outline
  return {
    requests,
    dynamicRequests,
    imports: flat(outline.imports, ({ specifier, name, start }) => [specifier, name, start]),
    localExports: flat(outline.localExports, ({ binding, start }) => [binding, start]),
    indirectExports: flat(outline.indirectExports, ({ specifier, name, start }) => [specifier, name, start]),
    starExports,
    bindings: flat(outline.bindings, ({ kind, isAssigned }) => [kind, isAssigned]),
    functions: flat(outline.functions, usesThis => [usesThis]),
    uses: [...outline.uses],
    members,
    hasEval,
    prefix,
  }
}

export function outlineFrom(data: OutlineData): Outline {
  const { requests, dynamicRequests, starExports, members, hasEval, prefix } = data
  return {
    requests: orNone(requests),
    dynamicRequests: orNone(dynamicRequests),
    imports: unflat(data.imports, 3, importAt),
    localExports: unflat(data.localExports, 2, (list, at) => ({ binding: list[at], start: list[at + 1] })),
    indirectExports: unflat(data.indirectExports, 3, importAt),
    starExports: orNone(starExports),
    bindings: unflat(data.bindings, 2, (list, at) => bindingOf(list[at], list[at + 1])),
    functions: unflat(data.functions, 1, (list, at) => list[at]),
    uses: data.uses.length ? new Set(data.uses) : emptySet,
    members: orNone(members),
    hasEval,
    prefix,
  }
}

const importAt = (list: readonly any[], at: number): ImportEntry => ({
  specifier: list[at],
  name: list[at + 1],
  start: list[at + 2],
})

function flat<T>(map: ReadonlyMap<string, T>, parts: (value: T) => unknown[]): unknown[] {
  const list: unknown[] = []
  for (const [key, value] of map) list.push(key, ...parts(value))
  return list
}

/** @param size how many parts a value has @param valueAt makes one of those from an index on */
function unflat<T>(
  list: readonly any[],
  size: number,
  valueAt: (list: readonly any[], at: number) => T,
): ReadonlyMap<string, T> {
  if (list.length === 0) return emptyMap
  const map = new Map<string, T>()
  for (let at = 0; at < list.length; at += size + 1) map.set(list[at], valueAt(list, at + 1))
  return map
}

// There are as many of them as modules, and many of their parts are empty.
const emptyMap: ReadonlyMap<string, any> = new Map()
const emptySet: ReadonlySet<string> = new Set()
const none: readonly never[] = []
const orEmpty = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> => (map.size ? map : emptyMap)
const orNone = <T>(list: readonly T[]): readonly T[] => (list.length ? list : none)

/** A record without items, until they are asked for. @param analyse gives the whole record of the same text */
export function lazyRecord(code: string, outline: Outline, analyse: (code: string) => ModuleRecord): ModuleRecord {
  return new LazyRecord(code, outline, analyse)
}

/** The same of a record whose items are there already. */
export function releasable(record: ModuleRecord, analyse: (code: string) => ModuleRecord): ModuleRecord {
  return new LazyRecord(record.code, outlineOf(record), analyse, record)
}

/** Lets the items of a record go that can be made again. Whoever holds some must not ask for others: they would be strangers. */
export function release(record: ModuleRecord): void {
  if (record instanceof LazyRecord) record.release()
}

/** What points into the text. */
type Body = Pick<ModuleRecord, 'items' | 'edits' | 'statements' | 'memberPlaces'>

class LazyRecord implements ModuleRecord {
  readonly code: string
  readonly #outline: Outline
  readonly #analyse: (code: string) => ModuleRecord
  #whole: Body | undefined
  /** The same, once it was let go. */
  #packed: string | undefined

  constructor(code: string, outline: Outline, analyse: (code: string) => ModuleRecord, whole?: Body) {
    this.code = code
    this.#outline = outline
    this.#analyse = analyse
    this.#whole = whole
  }

  get requests() {
    return this.#outline.requests
  }

  get dynamicRequests() {
    return this.#outline.dynamicRequests
  }

  get imports() {
    return this.#outline.imports
  }

  get localExports() {
    return this.#outline.localExports
  }

  get indirectExports() {
    return this.#outline.indirectExports
  }

  get starExports() {
    return this.#outline.starExports
  }

  get bindings() {
    return this.#outline.bindings
  }

  get functions() {
    return this.#outline.functions
  }

  get uses() {
    return this.#outline.uses
  }

  get members() {
    return this.#outline.members
  }

  get hasEval() {
    return this.#outline.hasEval
  }

  get prefix() {
    return this.#outline.prefix
  }

  get items(): readonly Item[] {
    return this.#body().items
  }

  get edits(): readonly Edit[] {
    return this.#body().edits
  }

  get statements(): readonly number[] {
    return this.#body().statements
  }

  get memberPlaces(): ModuleRecord['memberPlaces'] {
    return this.#body().memberPlaces
  }

  release(): void {
    if (!this.#whole) return
    const { items, edits, statements, memberPlaces } = this.#whole
    this.#packed ??= pack({ items, edits, statements, memberPlaces })
    this.#whole = undefined
  }

  #body(): Body {
    return (this.#whole ??= this.#packed === undefined ? this.#analyse(this.code) : (unpack(this.#packed) as Body))
  }
}
