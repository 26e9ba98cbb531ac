// A module that was loaded once and not edited since: what only an edit or a stack trace needs of it is made when asked for.
import { type Difference, firstPlan } from '../bundler/diff.js'
import { emitPatch, isEmptyPlan, type Run } from '../bundler/emit.js'
import { type Dependency, type Target, targetKey } from '../bundler/links.js'
import { release } from '../bundler/outline.js'
import { type Item, type Literal, literalsIn, type ModuleRecord } from '../bundler/record.js'
import type { CompiledPatch } from './cache.js'
import type { ModuleChange } from './change.js'
import type { BuiltModule, Origin, RunningModule } from './module.js'
import type { Script } from './stack.js'

/** The plan of a first load. It follows from the record alone, so it can be let go and made again. */
class LazyPlan {
  readonly #record: ModuleRecord
  #difference: Difference | undefined
  #nextLiteral = 0

  constructor(record: ModuleRecord) {
    this.#record = record
  }

  get difference(): Difference {
    return (this.#difference ??= firstPlan(this.#record, () => this.#nextLiteral++))
  }

  get nextLiteral(): number {
    void this.difference
    return this.#nextLiteral
  }
}

/** The change of a module that is new to the graph. */
export class FirstChange implements ModuleChange {
  readonly module: BuiltModule
  readonly running = undefined
  readonly targets: ReadonlyMap<string, Target>
  readonly freeLiterals: number[] = []
  readonly #plan: LazyPlan

  constructor(module: BuiltModule, targets: ReadonlyMap<string, Target>) {
    this.module = module
    this.targets = targets
    this.#plan = new LazyPlan(module.record)
  }

  get difference(): Difference {
    return this.#plan.difference
  }

  get runs(): Run[] {
    return this.difference.runs as Run[]
  }

  get nextLiteral(): number {
    return this.#plan.nextLiteral
  }

  /** What runs it; undefined when nothing does. */
  patch(): FirstPatch | undefined {
    const kept = this.module.firstPatch
    const links = kept ? linksOf(this.targets) : ''
    const { found } = kept ?? {}
    if (found?.links === links) return found.code === undefined ? undefined : (found as FirstPatch)
    const patch = this.#write()
    kept?.keep({ links, code: undefined, dependencies: [], isAsync: false, ...patch })
    return patch
  }

  #write(): FirstPatch | undefined {
    const { difference, targets, module } = this
    if (isEmptyPlan(difference)) return undefined
    return emitFirst(module.record, targets, difference)
  }
}

/** What a module's names stand for; its own follow from its text. */
function linksOf(targets: ReadonlyMap<string, Target>): string {
  let text = ''
  for (const [name, target] of targets)
    if (target.kind !== 'binding' || !target.isOwn) text += `${name}=${targetKey(target)}\n`
  return text
}

/** The patch of a first change, as far as running it needs. */
export interface FirstPatch {
  readonly code: string
  readonly dependencies: readonly Dependency[]
  readonly isAsync: boolean
  readonly compiled?: CompiledPatch
}

/** Nothing is evaluated apart before there are versions. */
const emitFirst = (record: ModuleRecord, targets: ReadonlyMap<string, Target>, difference: Difference) =>
  emitPatch(record, targets, difference, difference.literalIds, text => text)

const noLiterals: ReadonlySet<number> = new Set()
const noneFree: readonly number[] = []

/** The running module that a first change has made. */
export class FirstVersion implements RunningModule {
  readonly id: string
  readonly source: string
  readonly record: ModuleRecord
  readonly map: string | undefined
  readonly requests: BuiltModule['requests']
  readonly commonJS?: NonNullable<BuiltModule['commonJS']>
  readonly composition: BuiltModule['composition']
  readonly targets: ReadonlyMap<string, Target>
  readonly version = 1
  readonly called: ReadonlySet<number>
  readonly freeLiterals = noneFree
  readonly #script: Script | undefined
  readonly #plan: LazyPlan
  #origins: RunningModule['origins'] | undefined

  /** @param called literals that were called while their item ran */
  constructor({ module, targets }: FirstChange, script: Script | undefined, called = noLiterals) {
    this.id = module.id
    this.source = module.source
    this.record = module.record
    this.map = module.map
    this.requests = module.requests
    if (module.commonJS) this.commonJS = module.commonJS
    this.composition = module.composition
    this.targets = targets
    this.called = called
    this.#script = script
    release(module.record)
    this.#plan = new LazyPlan(module.record)
  }

  get literalIds(): RunningModule['literalIds'] {
    return this.#plan.difference.literalIds
  }

  get classes(): RunningModule['classes'] {
    return this.#plan.difference.classes
  }

  get owners(): RunningModule['owners'] {
    return this.#plan.difference.owners
  }

  get nextOwner(): number {
    return this.#plan.difference.nextOwner
  }

  get nextLiteral(): number {
    return this.#plan.nextLiteral
  }

  get origins(): RunningModule['origins'] {
    if (this.#origins) return this.#origins
    const origins = new Map<Item | Literal, readonly Origin[]>()
    const script = this.#script
    const add = (definition: Item | Literal) => {
      if (script) origins.set(definition, [{ script, start: definition.start, end: definition.end }])
    }
    for (const item of script ? this.record.items : []) {
      add(item)
      for (const literal of literalsIn(item)) add(literal)
    }
    return (this.#origins = origins)
  }
}

/** The patch of a first change, whose segments can be had again from what it was written from. */
export class FirstScript implements Script {
  readonly name: string
  readonly code: string
  readonly linesBefore: number
  readonly version: Script['version']
  readonly nested = []
  readonly #record: ModuleRecord
  readonly #targets: ReadonlyMap<string, Target>
  #segments: readonly number[] | undefined

  constructor(name: string, code: string, linesBefore: number, { module, targets }: FirstChange) {
    this.name = name
    this.code = code
    this.linesBefore = linesBefore
    this.version = { id: module.id, record: module.record, map: module.map, composition: module.composition }
    this.#record = module.record
    this.#targets = targets
  }

  get segments(): readonly number[] {
    if (this.#segments) return this.#segments
    const { difference } = new LazyPlan(this.#record)
    return (this.#segments = emitFirst(this.#record, this.#targets, difference).segments)
  }
}
