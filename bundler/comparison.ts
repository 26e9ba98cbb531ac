// Two versions of a module side by side: what was found of them so far, and the steps of which all comparing is made.
import type { ClassHistory, PatchedFunction, Run } from './emit.js'
import { type Relink, relinkOfName } from './links.js'
import { matchItems, matchLiterals } from './match.js'
import type { ClassElement, DataItem, Item, Literal, ModuleRecord, StatementItem } from './record.js'

/** What is remembered of a running version besides its record. */
export interface RunningVersion {
  readonly record: ModuleRecord
  readonly literalIds: ReadonlyMap<Literal, number>
  /** Ids of literals that were called while their item ran. */
  readonly called: ReadonlySet<number>
  readonly classes: ReadonlyMap<string, ClassHistory>
  readonly owners: ReadonlyMap<Item, number>
  readonly nextOwner: number
}

/** Tells the line an offset in the code of either version is at. */
export interface Lines {
  readonly before: (offset: number) => number
  readonly after: (offset: number) => number
}

export type WithLiterals = DataItem | StatementItem

const hasLiterals = (item: Item): item is WithLiterals => item.kind === 'data' || item.kind === 'statement'

/** The names that make an item run again when their value changes: its own, and those of literals it called. */
export function usesOf(item: Item, running: Pick<RunningVersion, 'literalIds' | 'called'>): readonly string[] {
  return hasLiterals(item) ? usesWithCalled(item, running) : item.uses
}

/** The same of a static field, or of an item that has literals. */
export function usesWithCalled(
  { uses, literals }: Pick<DataItem, 'uses' | 'literals'>,
  running: Pick<RunningVersion, 'literalIds' | 'called'>,
): readonly string[] {
  const called = literals.filter(each => running.called.has(running.literalIds.get(each)!))
  return called.length ? [...new Set([...uses, ...called.flatMap(each => each.names)])] : uses
}

/** The classes that statements of a module decorate. */
export const decoratedNames = (items: readonly Item[]): Set<string> =>
  new Set(items.flatMap(item => (item.kind === 'statement' ? (item.decorates ?? []) : [])))

export function lineOf(code: string, offset: number): number {
  let line = 1
  for (let at = code.indexOf('\n'); at !== -1 && at < offset; at = code.indexOf('\n', at + 1)) line++
  return line
}

export class Comparison {
  readonly running: RunningVersion
  readonly before: ModuleRecord
  readonly after: ModuleRecord
  readonly relinked: ReadonlyMap<string, Relink>
  readonly lines: Lines
  readonly matches: Map<Item, Item>
  readonly matchedLiterals = new Map<Literal, Literal>()
  readonly literalIds = new Map<Literal, number>()
  readonly classes = new Map<string, ClassHistory>()
  readonly functions: PatchedFunction[] = []
  readonly literals: { literal: Literal; id: number }[] = []
  readonly runs = new Map<Item, Run>()
  readonly added: string[] = []
  readonly patched: string[] = []
  readonly removed: string[] = []
  readonly changedClasses: string[] = []
  readonly disturbed = new Set<string>()
  readonly decoratedBefore: ReadonlySet<string>
  /** The names whose change makes a static field run again. */
  readonly usesOfField = (field: ClassElement): readonly string[] =>
    usesWithCalled(field, { literalIds: this.literalIds, called: this.running.called })
  readonly #takeId: () => number
  readonly #continued = new Set<Literal>()
  #gone: ReadonlyMap<string, StatementItem> | undefined

  constructor(
    running: RunningVersion,
    after: ModuleRecord,
    relinked: ReadonlyMap<string, Relink>,
    takeId: () => number,
    lines: Lines,
  ) {
    this.running = running
    this.before = running.record
    this.after = after
    this.relinked = relinked
    this.lines = lines
    this.matches = matchItems(running.record.items, after.items)
    this.decoratedBefore = decoratedNames(running.record.items)
    this.#takeId = takeId
  }

  /** The statement that assigned the same before, and was written otherwise. */
  replacedBy(item: Item): StatementItem | undefined {
    if (item.kind !== 'statement' || item.assigns.length === 0) return undefined
    this.#gone ??= gone(this.before.items, this.matches)
    return this.#gone.get(item.assigns.join())
  }

  isRelinked(names: readonly string[]): boolean {
    return names.some(name => this.relinked.has(name))
  }

  isSameCode(old: { start: number; end: number }, now: { start: number; end: number }): boolean {
    return this.before.code.slice(old.start, old.end) === this.after.code.slice(now.start, now.end)
  }

  run(item: Item, options: Partial<Run> = {}): void {
    this.runs.set(item, { item, isConditional: false, isNew: true, isReset: false, uses: [], ...options })
    if (item.kind === 'data') for (const name of item.names) this.disturbed.add(name)
  }

  /**
   * Runs an item whose text is the same, where names in it stand for something else now: their value decides (R4).
   * @param registersWith names that count where they give another object to register with
   */
  runRelinked(item: Item, uses: readonly string[], registersWith: readonly string[] = []): void {
    const relinks = [...uses, ...registersWith].map(name => relinkOfName(this.relinked, name))
    const isReplaced = relinks.includes('replaced')
    if (isReplaced || relinks.includes('moved')) this.run(item, { isConditional: !isReplaced, uses, registersWith })
  }

  /** Runs an item that did not change, for another one's sake. */
  rerun(item: Item): void {
    const old = this.matches.get(item)
    if (old && hasLiterals(item)) {
      item.literals.forEach((literal, index) => {
        this.literalIds.set(literal, this.running.literalIds.get((old as WithLiterals).literals[index]!)!)
      })
    }
    this.run(item)
  }

  /** Gives new literals their ids. */
  identify(found: readonly Literal[]): void {
    for (const literal of found) {
      const id = this.#takeId()
      this.literalIds.set(literal, id)
      this.literals.push({ literal, id })
    }
  }

  /** Gives the literals of an item that is evaluated anew the ids of those in its place before: whoever holds one of these calls the newest. */
  continueLiterals(now: readonly Literal[], old: readonly Literal[]): void {
    if (old.length === 0) {
      this.identify(now)
      return
    }
    const matches = matchLiterals(
      old.filter(each => !this.#isCalled(each) && !this.#continued.has(each) && isNameless(each)),
      now.filter(isNameless),
    )
    for (const literal of now) {
      const oldLiteral = matches.get(literal)
      if (oldLiteral) this.#patchLiteral(literal, oldLiteral)
      else this.identify([literal])
    }
  }

  haveCalledChanged(now: readonly Literal[], old: readonly Literal[]): boolean {
    return now.some((each, index) => this.#isCalled(old[index]!) && each.signature !== old[index]!.signature)
  }

  /** @param label what they stand in, as reports show it */
  patchLiterals(now: readonly Literal[], old: readonly Literal[], label: () => string): void {
    now.forEach((literal, index) => {
      const oldLiteral = old[index]!
      const { isOtherText, isChanged } = this.#patchLiteral(literal, oldLiteral)
      // What was called links as its item does.
      if (isOtherText || (isChanged && !this.#isCalled(oldLiteral))) this.patched.push(label())
    })
  }

  #patchLiteral(literal: Literal, oldLiteral: Literal): { isOtherText: boolean; isChanged: boolean } {
    const id = this.running.literalIds.get(oldLiteral)!
    this.literalIds.set(literal, id)
    this.#continued.add(oldLiteral)
    const isOtherText = literal.signature !== oldLiteral.signature
    const isChanged = isOtherText || this.isRelinked(literal.names)
    const isOtherName = literal.spec.givenName !== oldLiteral.spec.givenName
    if (isChanged || isOtherName || !this.isSameCode(oldLiteral.spec, literal.spec)) this.literals.push({ literal, id })
    else this.matchedLiterals.set(literal, oldLiteral)
    return { isOtherText, isChanged }
  }

  #isCalled(literal: Literal): boolean {
    return this.running.called.has(this.running.literalIds.get(literal)!)
  }
}

/** It does not name itself: a function that does means the newest one of its literal. */
const isNameless = ({ selfPlaces }: Literal): boolean => selfPlaces.length === 0

/** Statements that have no match, by what they assign. */
function gone(before: readonly Item[], matches: ReadonlyMap<Item, Item>): Map<string, StatementItem> {
  const continued = new Set(matches.values())
  return new Map(
    before.flatMap(each =>
      each.kind === 'statement' && each.assigns.length > 0 && !continued.has(each) ? [[each.assigns.join(), each]] : [],
    ),
  )
}
