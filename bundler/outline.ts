// Records whose items are made again from the text when somebody asks for them: most modules are loaded once and never edited.
import type { Edit, Item, ModuleRecord, Outline } from './record.js'

/** Everything of a record but its text and what points into it. */
export function outlineOf(record: ModuleRecord): Outline {
  const { requests, dynamicRequests, imports, localExports, indirectExports, starExports } = record
  const { bindings, functions, uses, members, hasEval, prefix } = record
  return {
    requests,
    dynamicRequests,
    imports,
    localExports,
    indirectExports,
    starExports,
    bindings,
    functions,
    uses,
    members,
    hasEval,
    prefix,
  }
}

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

class LazyRecord implements ModuleRecord {
  readonly code: string
  readonly #outline: Outline
  readonly #analyse: (code: string) => ModuleRecord
  #whole: ModuleRecord | undefined

  constructor(code: string, outline: Outline, analyse: (code: string) => ModuleRecord, whole?: ModuleRecord) {
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

  release(): void {
    this.#whole = undefined
  }

  #body(): ModuleRecord {
    return (this.#whole ??= this.#analyse(this.code))
  }
}
