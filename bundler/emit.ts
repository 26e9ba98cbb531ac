// Writes the code of a patch: what the kernel compiles to change one module, from nothing at first load.
import { emitClass } from './emit-class.js'
import type { Dependency, Target } from './links.js'
import { filledObjects } from './namespaces.js'
import type { MappedCode } from './output.js'
import {
  type ClassItem,
  type FunctionItem,
  type Item,
  type Literal,
  literalsIn,
  type ModuleRecord,
  type StatementItem,
} from './record.js'
import { handingOn, trampoline } from './trampoline.js'
import { type Nest, type Override, quote, Writer } from './writer.js'

/** A private name that is declared, in a layer or in the stable class. */
export interface DeclaredPrivate {
  /** Field, method or accessors, static or not: another shape needs another layer. */
  readonly shape: string
  readonly isInStable: boolean
  /** Where the function stands that a field starts as the result of. */
  readonly slot: string
  /** How many names were declared before. */
  readonly place: number
}

/** What the emitter must know of a class's past. */
export interface ClassHistory {
  /** Slots that have a trampoline already: `m`, `get x`, `static m`, … */
  readonly slots: ReadonlySet<string>
  /** Private names as the innermost layers declare them. */
  readonly privates: ReadonlyMap<string, DeclaredPrivate>
  /** The instance fields that the stable class defines, if it makes the instances: `#x` or `x`. */
  readonly fields: readonly string[] | undefined
  /** Instance fields that versions after the first added, `#x` or `x`. */
  readonly lateFields: ReadonlySet<string>
  /** The signature of the expression that makes the superclass. */
  readonly heritage: string | undefined
}

/** What becomes of a static field or block: the names are those whose change makes it run again (R4). */
export type StaticMode = 'run' | 'keep' | readonly string[]

export interface Run {
  readonly item: Item
  /** Only if a value it names changed (R4). */
  readonly isConditional: boolean
  /** The names whose change counts: the item's own and those of its called literals. */
  readonly uses: readonly string[]
  /** Names of objects with which it registers: it runs for another one, too. */
  readonly registersWith?: readonly string[]
  /** A function or class whose trampoline does not exist yet. */
  readonly isNew: boolean
  /** An enum is built from nothing. */
  readonly isReset: boolean
  readonly classHistory?: ClassHistory
  /** The text of a class is the same, but for the layout: the binding keeps what the program has assigned. */
  readonly isSame?: boolean
  readonly statics?: readonly StaticMode[]
  readonly removedStatics?: readonly string[]
  /** Members that did not change: what the program put in their place stays. With it computed keys and superclasses that did not change stay, too. */
  readonly keptSlots?: readonly string[]
}

/** Whether a run calls nothing of the program's, so that it can neither fail nor assign anything else. */
export function isInertRun({ item, statics }: Pick<Run, 'item' | 'statics'>): boolean {
  if (item.kind === 'function') return true
  if (item.kind === 'data') return item.isInert
  if (item.kind === 'statement' || item.spec.heritage) return false
  let index = 0
  return item.spec.elements.every(each => {
    if (each.isComputed) return false
    if (!each.isStatic || (each.kind !== 'field' && each.kind !== 'block')) return true
    return statics?.[index++] === 'keep' || (each.kind === 'field' && each.isConstant)
  })
}

export interface PatchedFunction {
  readonly item: FunctionItem
  /** It gets a trampoline of its own. */
  readonly isNew: boolean
  /** It is used as a class, and was one. */
  readonly succeedsClass?: boolean
  /** Its text is the same, but for the layout: the binding keeps what the program has assigned. */
  readonly isSame?: boolean
}

export interface PatchPlan {
  /** Numbers that last as long as an item is the same one, by which the kernel knows who owns what (R11). */
  readonly owners: ReadonlyMap<Item, number>
  /** Functions replaced, or hoisted declarations that are new. */
  readonly functions: readonly PatchedFunction[]
  readonly literals: readonly { literal: Literal; id: number }[]
  readonly runs: readonly Run[]
  /** `var` names that start as undefined. */
  readonly variables: readonly string[]
}

/** Whether a plan changes nothing that code would be needed for. */
export const isEmptyPlan = ({ functions, literals, runs, variables }: PatchPlan): boolean =>
  !functions.length && !literals.length && !runs.length && !variables.length

export interface EmittedPatch extends MappedCode {
  readonly parameters: readonly string[]
  readonly dependencies: readonly Dependency[]
  readonly isAsync: boolean
}

/** @param nest readies texts that are evaluated apart */
export function emitPatch(
  record: ModuleRecord,
  targets: ReadonlyMap<string, Target>,
  plan: PatchPlan,
  literalIds: ReadonlyMap<Literal, number>,
  nest: Nest,
): EmittedPatch {
  const writer = new Writer(record, targets, nest)
  const kernel = writer.name('k')
  const emitFunction = ({ item, isNew, succeedsClass, isSame }: PatchedFunction) => {
    const name = item.names[0]!
    writer.raw(`${kernel}.${isSame ? 'same' : 'fn'}(${quote(name)},${item.spec.takes},`).implementation(item.spec)
    if (isNew)
      writer.raw(`,${trampoline(writer, item.spec, { of: writer.name('c'), key: name }, item.spec.givenName ?? name)}`)
    writer.raw(succeedsClass ? ',true)' : ')')
  }
  if (plan.variables.length) writer.raw(`${kernel}.variables(${JSON.stringify(plan.variables)});`)
  for (const each of plan.functions) {
    emitFunction(each)
    writer.raw(';')
  }
  for (const { literal, id } of plan.literals) {
    writer
      .raw(`${kernel}.literal(${id},${literal.spec.takes},`)
      .implementation(literal.spec, selfOverrides(writer, literal, id))
      .raw(');')
  }
  const idsOf = (list: readonly Literal[]) => list.map(each => literalIds.get(each)!)
  writer.raw('return [')
  const detached = detachedItems(plan)
  if (detached.length) emitDetached(writer, plan, detached)
  for (const run of detached.length ? [] : plan.runs) {
    const { item } = run
    const literals = literalsIn(item)
    const ids = idsOf(literals)
    const kind = item.kind === 'data' && item.form === 'pattern' ? 'pattern' : item.kind
    writer.raw(`{__proto__:null,key:${quote(item.key)},kind:${quote(kind)},names:${JSON.stringify(item.names)},`)
    if (ids.length) writer.raw(`literals:${JSON.stringify(ids)},`)
    if (item.kind !== 'function') writer.raw(`owner:${plan.owners.get(item)!},`)
    if (item.kind === 'data' ? item.makesValue : 'product' in item) writer.raw('makesValue:true,')
    if (run.isConditional) writer.raw(`when:${cells(writer, run.uses)},`)
    if (run.isConditional && run.registersWith?.length) writer.raw(`registersWith:${cells(writer, run.registersWith)},`)
    if (item.kind === 'statement' && item.listens) writer.raw('listens:true,')
    if (run.isReset) writer.raw('isReset:true,')
    if (item.kind === 'statement' && item.extendsName) writer.raw(`fills:${JSON.stringify(filledObjects(item))},`)
    if (item.kind === 'statement' && item.decorates) writer.raw(`decorates:${quote(item.decorates)},`)
    if (item.isAsync) writer.raw('isAsync:true,')
    // Parentheses tell V8 to compile it at once, not when it is called, after having read it over; they do not for arrows.
    writer.raw(`run:(${item.isAsync ? 'async ' : ''}function(){`)
    // In an array, so that awaiting the item does not await its value.
    const isInArray = item.isAsync && !(item.kind === 'data' && item.form === 'pattern')
    const alive = item.kind === 'class' ? undefined : witness(writer, literals, ids)
    if (alive) writer.raw(`const ${writer.name('w')}=${alive};`)
    switch (item.kind) {
      case 'function':
        emitFunction({ item, isNew: run.isNew })
        break
      case 'class':
        writer.readMembers(() =>
          emitClass(writer, item as ClassItem, run, cells, {
            holes: (to, { literals }) => holes(to, literals, idsOf(literals)),
            witness: (to, { literals }) => witness(to, literals, idsOf(literals)),
          }),
        )
        break
      case 'data':
        if (item.form === 'empty') break
        if (item.form === 'simple') writer.raw('return ')
        writer
          .raw(isInArray ? '[(' : '(')
          .range(item.initStart, item.initEnd, holes(writer, literals, ids))
          .raw(isInArray ? ')]' : ')')
        break
      case 'statement':
        if (item.once) emitOnce(writer, item)
        else if (item.product) {
          const { start, end } = item.product
          writer
            .raw(isInArray ? 'return [(' : 'return (')
            .range(start, end, holes(writer, literals, ids))
            .raw(isInArray ? '\n)]' : '\n)')
        } else writer.range(item.start, item.end, holes(writer, literals, ids)).raw('\n')
    }
    writer.raw('})},')
  }
  writer.raw(']')
  const parameters = writer.beginPatch()
  return {
    code: writer.output.toString(),
    parameters,
    dependencies: writer.dependencies,
    segments: writer.output.segments,
    isAsync: detached.length === 0 && plan.runs.some(run => run.item.isAsync),
  }
}

/** Statements alone, some of which await: nothing of the module waits for them, and the program and its reloads go on meanwhile. */
function detachedItems({ functions, literals, variables, runs }: PatchPlan): StatementItem[] {
  if (functions.length || literals.length || variables.length || !runs.some(run => run.item.isAsync)) return []
  const items = runs.flatMap(({ item }) => (item.kind === 'statement' && item.once ? item : []))
  return items.length === runs.length ? items : []
}

function emitDetached(writer: Writer, plan: PatchPlan, items: readonly StatementItem[]): void {
  const { edits, bindings } = writer.record
  const assigned = edits.flatMap(edit =>
    'form' in edit &&
    edit.form === 'write' &&
    bindings.has(edit.name) &&
    items.some(item => item.start <= edit.start && edit.end <= item.end)
      ? edit.name
      : [],
  )
  const value = writer.name('once')
  const first = items[0]!
  writer.raw(`{__proto__:null,key:${quote(first.key)},kind:"statement",names:[],`)
  writer.raw(
    `owner:${plan.owners.get(first)!},run:()=>{${writer.name('k')}.later(${JSON.stringify([...new Set(assigned)])},`,
  )
  writer.raw(`async()=>{let ${value};`)
  for (const { once, start, end } of items) {
    if (typeof once === 'object') writer.raw(`${value}=[(`).range(once.start, once.end, []).raw('\n)];')
    else writer.raw('{').range(start, end, []).raw('\n}')
  }
  writer.raw(`return ${value}})}},`)
}

function emitOnce(writer: Writer, { once, start, end, isAsync }: StatementItem): void {
  if (typeof once !== 'object') {
    writer.range(start, end, []).raw('\n')
    return
  }
  const [open, close] = isAsync ? ['[', ']'] : ['', '']
  writer
    .raw(`return ${open}${writer.name('k')}.give((`)
    .range(once.start, once.end, [])
    .raw(`\n))${close}`)
}

function cells(writer: Writer, names: readonly string[]): string {
  const found = names.flatMap(name => {
    const cell = writer.cell(name)
    return cell ? [`{__proto__:null,scope:${cell.scope},name:${quote(cell.binding)}}`] : []
  })
  return `[${found.join()}]`
}

/** In an item's own text a trampoline stands for each literal. */
function holes(writer: Writer, literals: readonly Literal[], ids: readonly number[]): Override[] {
  return literals.map((literal, index) => ({
    start: literal.start,
    end: literal.end,
    write: () => {
      const slot = { of: writer.name('l'), key: `l${ids[index]}` }
      const { spec } = literal
      if (spec.shape === 'accessor') {
        writer.raw(handingOn(writer, slot, spec, `${writer.name('w')};`))
        return
      }
      const name = spec.givenName ?? literal.selfName
      const kernel = writer.name('k')
      const { computedKey } = literal
      // Parentheses: it may be a sequence.
      if (computedKey) writer.raw(`[${kernel}.nameKey((`).range(computedKey.start, computedKey.end).raw('))]: ')
      const named = computedKey ? `,${kernel}.keyName()` : ''
      writer.raw(`${literal.before}${kernel}.hold(${ids[index]},${trampoline(writer, spec, slot, name)}${named})`)
    },
  }))
}

/**
 * What lives as long as the accessors that an evaluation makes of literals, for they hold it: as parts of an object literal they cannot be
 * given to the kernel themselves.
 */
function witness(writer: Writer, literals: readonly Literal[], ids: readonly number[]): string | undefined {
  const found = ids.filter((_id, index) => literals[index]!.spec.shape === 'accessor')
  return found.length ? `${writer.name('k')}.witness(${JSON.stringify(found)})` : undefined
}

function selfOverrides(writer: Writer, literal: Literal, id: number): Override[] {
  return literal.selfPlaces.map(({ start, end, before }) => ({
    start,
    end,
    write: () => void writer.raw(before).token(`(0,${writer.name('k')}.self(${id}))`, start),
  }))
}
