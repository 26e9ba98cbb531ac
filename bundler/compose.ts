// A module's file and what was typed into it, as one text: a typed definition stands in the place of the file's of the same name, or at
// the end. Says where each piece came from.
// Longer than most: how a definition takes another's place is told once, for what runs and for what is saved.
import { BuildError } from './build.js'
import type { Definition, Definitions, Statement } from './definitions.js'
import { loaderOf } from './strip.js'

/** A text that was typed, by number. */
export interface Evaluation {
  readonly number: number
  readonly text: string
}

/** One definition that was typed. */
export interface TypedDefinition extends Omit<Definition, 'start' | 'end'> {
  /** Without `export`; a declarator without `let`. */
  readonly text: string
  readonly evaluation: Evaluation
  /** Where its text begins there. */
  readonly start: number
  /** The file's text that it stands in place of; undefined when the file has none. */
  readonly over: string | undefined
}

/** What was typed into one module. */
export interface TypedState {
  readonly definitions: readonly TypedDefinition[]
  /** Imported names to keep although nothing may use them: TypeScript would leave them out, and their modules with them. */
  readonly uses: readonly string[]
  /** The file's text that it was typed into. */
  readonly base: string
}

export const nothingTyped: TypedState = { definitions: [], uses: [], base: '' }

/** A place in the file (`evaluation` undefined) or in what was typed. `line` and `column` count from 1. */
export interface Origin {
  readonly evaluation: Evaluation | undefined
  readonly line: number
  readonly column: number
}

export interface Composition {
  readonly text: string
  /** The file's text. */
  readonly base: string
  /** Labels statements that are run once and are no part of the module; with `_` after it, what is not run at all. */
  readonly once: string
  readonly evaluations: readonly Evaluation[]
  originOf(line: number, column: number): Origin
}

interface Piece {
  readonly text: string
  readonly evaluation: Evaluation | undefined
  readonly from: number
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly pieces: readonly Piece[]
}

const simplified = (text: string) => text.replace(/\s+/g, ' ').trim()

/** Values and types have names of their own; one that is both counts as a value. */
function definitionsByName(file: Definitions): Map<string, { definition: Definition; statement: Statement }[]> {
  const byName = new Map<string, { definition: Definition; statement: Statement }[]>()
  for (const statement of file.statements) {
    for (const definition of statement.definitions)
      for (const name of definition.names) byName.set(name, [...(byName.get(name) ?? []), { definition, statement }])
  }
  return byName
}

/** The file's text of what a definition stands in place of. */
function overOf(file: Definitions, byName: ReturnType<typeof definitionsByName>, names: readonly string[]) {
  const found = new Set(names.flatMap(name => (byName.get(name) ?? []).map(each => each.definition)))
  if (found.size === 0) return undefined
  return simplified([...found].map(each => `${each.keyword} ${file.text.slice(each.start, each.end)}`).join('\n'))
}

/**
 * Adds what was typed to what was typed before.
 * @param linked names that the module imports as it runs
 * @throws BuildError for half of a destructuring
 */
export function addTyped(
  base: Definitions,
  before: TypedState,
  typed: Definitions,
  evaluation: Evaluation,
  id: string,
  linked: Iterable<string>,
): TypedState {
  const byName = definitionsByName(base)
  const fresh: TypedDefinition[] = []
  const add = (definition: Omit<TypedDefinition, 'evaluation' | 'over'>) => {
    const last = fresh.at(-1)
    // Overloads, and what TypeScript merges, are one.
    if (last?.kind === 'declaration' && definition.kind === 'declaration' && last.names[0] === definition.names[0]) {
      const word = definition.exported === 'named' ? 'export ' : ''
      fresh[fresh.length - 1] = { ...last, text: `${last.text}\n${word}${definition.text}` }
    } else fresh.push({ ...definition, evaluation, over: overOf(base, byName, definition.names) })
  }
  for (const statement of typed.statements) {
    const { from, importWord } = statement
    if (from !== undefined && statement.definitions.length === 0) {
      const names = [`import ${from}`]
      const text = `import ${from}`
      add({ kind: 'import', names, keyword: '', exported: 'no', canBeDefault: false, text, start: statement.start })
    }
    for (const { start, end, clause, ...definition } of statement.definitions) {
      const own = typed.text.slice(start, end)
      add({ ...definition, text: clause === undefined ? own : `${importWord} ${clause} from ${from}`, start })
    }
  }
  for (const name of new Set(typed.variables)) {
    if (byName.has(name) || [...before.definitions, ...fresh].some(each => each.names.includes(name))) continue
    const variable = { kind: 'variable', names: [name], keyword: 'var', exported: 'no', canBeDefault: false } as const
    fresh.push({ ...variable, text: name, start: 0, evaluation, over: undefined })
  }
  const names = new Set(fresh.flatMap(each => each.names))
  refuseHalves(base, before, names)
  const kept = before.definitions.filter(each => !each.names.some(name => names.has(name)))
  const uses = new Set(before.uses)
  if (loaderOf(id) !== undefined) {
    // What is typed in place of the file's takes no module out of the program.
    const isReplacing = fresh.some(each => each.over !== undefined)
    for (const name of isReplacing ? linked : []) if (!names.has(name)) uses.add(name)
    for (const each of fresh)
      if (each.kind === 'import') for (const name of each.names) if (/^[\p{ID_Start}$_]\S*$/u.test(name)) uses.add(name)
    for (const name of typed.mentioned)
      if (byName.get(name)?.some(each => each.definition.kind === 'import')) uses.add(name)
  }
  return { definitions: [...kept, ...fresh], uses: [...uses], base: base.text }
}

function refuseHalves(base: Definitions, before: TypedState, names: ReadonlySet<string>): void {
  const together = [...base.statements.flatMap(each => each.definitions), ...before.definitions]
  for (const definition of together) {
    if (definition.kind !== 'variable' || !definition.names.some(name => names.has(name))) continue
    const missing = definition.names.filter(name => !names.has(name))
    if (missing.length === 0) continue
    const named = definition.names.find(name => names.has(name))
    throw new BuildError(`'${named}' is declared together with '${missing.join("', '")}': declare all of them`, 1, 1)
  }
}

/** What of it still holds for another text of the file: where the file changed, the file wins. */
export function stillTyped(base: Definitions, state: TypedState): TypedState {
  const { definitions, uses } = state
  const byName = definitionsByName(base)
  const kept = definitions.filter(each => overOf(base, byName, each.names) === each.over)
  const isImported = (name: string) =>
    byName.get(name)?.some(each => each.definition.kind === 'import') ||
    kept.some(each => each.kind === 'import' && each.names.includes(name))
  // Statements that have run need nothing of another text.
  const areNeeded = kept.length > 0 || base.text === state.base
  return { definitions: kept, uses: areNeeded ? uses.filter(isImported) : [], base: state.base }
}

/** Whether two states are the same. */
export const isSameState = (a: TypedState, b: TypedState): boolean =>
  a.definitions.length === b.definitions.length &&
  a.uses.length === b.uses.length &&
  a.definitions.every((each, index) => each === b.definitions[index])

/**
 * @param typed what was typed last, when its statements are to be run
 */
export function compose(
  base: Definitions,
  state: TypedState,
  typed?: Definitions & { readonly evaluation: Evaluation },
): Composition {
  const { edits, appended } = place(base, state.definitions)
  const all = [base.text, ...state.definitions.map(each => each.text), typed?.text ?? ''].join('\n')
  let once = 'once'
  while (all.includes(once)) once += '_1'
  const pieces = [...applied(base.text, edits)]
  const isFresh = (each: TypedDefinition) => typed !== undefined && each.evaluation === typed.evaluation
  const tail: { start: number; pieces: readonly Piece[] }[] = []
  for (const each of appended) {
    const written = [glue('\n', each), ...statementFor(base, each, undefined), glue(';', each)]
    if (isFresh(each)) tail.push({ start: each.start, pieces: written })
    else pieces.push(...written)
  }
  for (const { start, end, definitions, from, isExpression } of typed?.statements ?? []) {
    if (definitions.length || from !== undefined) continue
    const evaluation = typed!.evaluation
    const at = { evaluation, start }
    const own = typed!.text.slice(start, end)
    const text = isExpression ? own.replace(/;$/, '') : own
    const run = [glue(`\n${once}: ${isExpression ? '(' : ''}`, at), { text, evaluation, from: start }]
    tail.push({ start, pieces: [...run, glue(isExpression ? '\n);' : '\n', at)] })
  }
  for (const each of tail.sort((a, b) => a.start - b.start)) pieces.push(...each.pieces)
  if (state.uses.length) pieces.push({ text: `\n${once}_: [${state.uses.join()}];`, evaluation: undefined, from: 0 })
  return fromPieces(base.text, once, pieces)
}

/**
 * The file's text with a typed definition in it; the rest stays byte for byte.
 */
export function saved(base: Definitions, definition: TypedDefinition): string {
  const end = /\r\n/.test(base.text) ? '\r\n' : '\n'
  const native = (text: string) => text.replace(/\r?\n/g, end)
  const { edits, appended } = place(base, [definition])
  let text = ''
  for (const each of applied(base.text, edits)) text += each.evaluation ? native(each.text) : each.text
  if (appended.length === 0) return text
  const written = native(
    statementFor(base, definition, undefined)
      .map(each => each.text)
      .join(''),
  )
  const lastImport = base.statements.findLast(each => each.from !== undefined)
  if (definition.kind === 'import') {
    if (!lastImport) return `${written}${end}${text}`
    const at = lastImport.end
    return `${text.slice(0, at)}${end}${written}${text.slice(at)}`
  }
  const isEnded = text === '' || /\n$/.test(text)
  return `${text}${isEnded ? '' : end}${written}${isEnded ? end : ''}`
}

const glue = (text: string, { evaluation, start }: { evaluation: Evaluation; start: number }): Piece => ({
  text,
  evaluation,
  from: start,
})

/** A typed definition as a statement. @param inPlaceOf the file's definition */
function statementFor(base: Definitions, typed: TypedDefinition, inPlaceOf: Definition | undefined): Piece[] {
  const own = { text: typed.text, evaluation: typed.evaluation, from: typed.start }
  const keyword = typed.keyword === '' ? '' : `${typed.keyword} `
  const isListed = typed.names.some(name => base.listed.has(name))
  const isDefault = typed.exported === 'default' || (inPlaceOf?.exported === 'default' && typed.canBeDefault)
  const isNamed = inPlaceOf?.exported === 'named' || (typed.exported === 'named' && !isListed && !inPlaceOf)
  const isNewlyNamed = typed.exported === 'named' && !isListed && inPlaceOf?.exported === 'no'
  if (isDefault) return [glue('export default ', typed), own]
  if (inPlaceOf?.exported === 'default' && !typed.names.includes('default'))
    return [glue(keyword, typed), own, glue(`;\nexport { ${typed.names[0]} as default }`, typed)]
  return [glue(`${isNamed || isNewlyNamed ? 'export ' : ''}${keyword}`, typed), own]
}

/** Where typed definitions go: in place of the file's, or after everything. */
function place(
  base: Definitions,
  definitions: readonly TypedDefinition[],
): { edits: Edit[]; appended: readonly TypedDefinition[] } {
  const byName = new Map<string, TypedDefinition>()
  for (const each of definitions) for (const name of each.names) byName.set(name, each)
  const covering = (definition: Definition) => [...new Set(definition.names.flatMap(name => byName.get(name) ?? []))]
  const placed = new Set<TypedDefinition>()
  const edits: Edit[] = []
  for (const statement of base.statements) {
    if (!statement.definitions.some(each => covering(each).length)) continue
    if (statement.from !== undefined) {
      edits.push(withoutImports(statement, each => covering(each).length === 0))
      continue
    }
    const replaced = new Map<Definition, TypedDefinition[]>()
    for (const each of statement.definitions) {
      const typed = covering(each)
      if (typed.length)
        replaced.set(
          each,
          typed.filter(one => !placed.has(one)),
        )
      for (const one of typed) placed.add(one)
    }
    edits.push(...replace(base, statement, replaced))
  }
  return { edits, appended: definitions.filter(each => !placed.has(each)) }
}

function withoutImports({ start, end, ...statement }: Statement, isKept: (each: Definition) => boolean) {
  const kept = statement.definitions.filter(isKept)
  const imports = kept.map(each => `${statement.importWord} ${each.clause} from ${statement.from}`)
  const text = `${(imports.length ? imports : [`import ${statement.from}`]).join('; ')};`
  const isType = statement.importWord === 'import type' && kept.length === 0
  return { start, end, pieces: [{ text: isType ? '' : text, evaluation: undefined, from: start }] }
}

function replace(
  base: Definitions,
  statement: Statement,
  replaced: ReadonlyMap<Definition, readonly TypedDefinition[]>,
): Edit[] {
  const { start, end, definitions } = statement
  const isLike = (old: Definition, [typed, ...more]: readonly TypedDefinition[]) =>
    typed !== undefined &&
    more.length === 0 &&
    typed.keyword === old.keyword &&
    old.keyword !== '' &&
    (typed.exported === 'no' || typed.exported === old.exported)
  if ([...replaced].every(([old, typed]) => isLike(old, typed))) {
    return [...replaced].map(([old, [typed]]) => ({
      start: old.start,
      end: old.end,
      pieces: [{ text: typed!.text, evaluation: typed!.evaluation, from: typed!.start }],
    }))
  }
  const pieces: Piece[] = []
  const write = (...more: Piece[]) => {
    if (pieces.length) pieces.push({ ...more[0]!, text: '; ' })
    pieces.push(...more)
  }
  const writeOld = (old: Definition) => {
    const word = `${old.exported === 'named' ? 'export ' : ''}${old.keyword}${old.keyword ? ' ' : ''}`
    write(
      { text: word, evaluation: undefined, from: old.start },
      { text: base.text.slice(old.start, old.end), evaluation: undefined, from: old.start },
    )
  }
  for (const old of definitions) {
    const typed = replaced.get(old)
    if (!typed) {
      writeOld(old)
      continue
    }
    const isOtherDefault = old.exported === 'default' && typed.some(each => each.names[0] === 'default')
    const ownName = old.names.find(name => name !== 'default')
    if (isOtherDefault && ownName !== undefined && !typed.some(each => each.names.includes(ownName))) writeOld(old)
    for (const each of typed) write(...statementFor(base, each, old))
  }
  const rest = base.text.slice(end)
  const last = replaced.get(definitions.at(-1)!)?.at(-1)
  const isBlock = last?.kind === 'declaration' && last.exported !== 'default' && last.text.endsWith('}')
  // What follows must not go on with what was typed.
  const needsEnd = !isBlock && (base.text[end - 1] === ';' || /^[ \t]*[^\s/]|^\s*[([`+\-/*]/.test(rest))
  if (pieces.length && needsEnd) pieces.push({ ...pieces.at(-1)!, text: ';' })
  return [{ start, end, pieces }]
}

function* applied(text: string, edits: readonly Edit[]): Generator<Piece> {
  let at = 0
  for (const { start, end, pieces } of [...edits].sort((a, b) => a.start - b.start)) {
    yield { text: text.slice(at, start), evaluation: undefined, from: at }
    yield* pieces
    at = end
  }
  yield { text: text.slice(at), evaluation: undefined, from: at }
}

function fromPieces(base: string, once: string, pieces: readonly Piece[]): Composition {
  const text = pieces.map(each => each.text).join('')
  return {
    text,
    base,
    once,
    evaluations: [...new Set(pieces.flatMap(each => each.evaluation ?? []))],
    originOf(line, column) {
      let offset = offsetOf(text, line) + column - 1
      for (const piece of pieces) {
        if (offset < piece.text.length || piece === pieces.at(-1)) {
          const { evaluation, from } = piece
          const isGlue = evaluation !== undefined && !evaluation.text.startsWith(piece.text, from)
          return { evaluation, ...positionOf(evaluation?.text ?? base, from + (isGlue ? 0 : Math.max(0, offset))) }
        }
        offset -= piece.text.length
      }
      return { evaluation: undefined, line, column }
    },
  }
}

function offsetOf(text: string, line: number): number {
  let at = 0
  for (let count = 1; count < line; count++) at = text.indexOf('\n', at) + 1
  return at
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
