// Which variables esbuild has given a number, and what they are called in the source. All get their names back at once; where two would then be
// taken for one another, as the parameter of a namespace and a parameter inside it, one keeps a number, which follows from the code around it alone.
import type { Node } from './parse.js'
import type { Reference, Scope, Scopes, Variable } from './scopes.js'

export interface NamesAsWritten {
  /** Identifiers, with their names. */
  readonly renamed: ReadonlyMap<Node, string>
  /** Whether a name means something else at a place than at the top of the module. */
  isLocalAt(name: string, place: number): boolean
}

/** @param nameAt what the source has at an offset, where the source map tells of another name */
export function namesAsWritten(scopes: Scopes, nameAt: (offset: number) => string | undefined): NamesAsWritten {
  const all = [...allScopes(scopes.global)]
  const written = new Map<Variable, string>()
  for (const { variables } of all)
    for (const variable of variables) {
      const name = sourceName(variable, nameAt)
      if (name !== undefined) written.set(variable, name)
    }
  const table = new NameTable(all, written)
  if (written.size > 0) table.settle()
  const renamed = new Map<Node, string>()
  for (const [variable] of written) {
    const name = table.nameOf(variable)
    if (name !== variable.name) for (const node of identifiersOf(variable)) renamed.set(node, name)
  }
  return {
    renamed,
    isLocalAt(name, place) {
      for (let scope = scopes.module; ; ) {
        const inner = scope.childScopes.find(({ block }) => block.start <= place && place < block.end)
        if (!inner) return false
        if (table.declares(inner, name)) return true
        scope = inner
      }
    },
  }
}

function* allScopes(scope: Scope): Generator<Scope> {
  yield scope
  for (const each of scope.childScopes) yield* allScopes(each)
}

function* identifiersOf({ defs, references }: Variable): Generator<Node> {
  for (const { name } of defs) yield name
  for (const { identifier } of references) yield identifier
}

/** Undefined for what is called as in the source. */
function sourceName(variable: Variable, nameAt: (offset: number) => string | undefined): string | undefined {
  for (const { start } of identifiersOf(variable)) {
    const name = nameAt(start)
    if (name !== undefined && variable.name.startsWith(name) && /^\d+$/.test(variable.name.slice(name.length)))
      return name
  }
  return undefined
}

class NameTable {
  readonly #scopes: readonly Scope[]
  /** Of variables that have another name in the source. */
  readonly #written: ReadonlyMap<Variable, string>
  readonly #names = new Map<Variable, string>()
  /** How many names a variable was given. */
  readonly #tries = new Map<Variable, number>()
  readonly #variables = new Map<Scope, Map<string, Variable[]>>()
  /** By the identifier that declares them: a class's name is a variable inside it, too. */
  readonly #declaredAt = new Map<Node | undefined, Variable[]>()

  constructor(scopes: readonly Scope[], written: ReadonlyMap<Variable, string>) {
    this.#scopes = scopes
    this.#written = written
    for (const [variable, name] of written) {
      this.#names.set(variable, name)
      const place = variable.defs[0]?.name
      this.#declaredAt.set(place, [...(this.#declaredAt.get(place) ?? []), variable])
    }
    for (const scope of scopes) this.#fill(scope)
  }

  nameOf(variable: Variable): string {
    return this.#names.get(variable) ?? variable.name
  }

  declares(scope: Scope, name: string): boolean {
    return this.#variables.get(scope)!.has(name)
  }

  /** Gives numbers until every name means what it did. */
  settle(): void {
    for (let isSettled = false; !isSettled; ) {
      isSettled = true
      for (const scope of this.#scopes)
        for (const each of [...this.#rivals(scope), ...this.#captors(scope)]) {
          this.#rename(each)
          isSettled = false
        }
    }
  }

  /** Of variables of one scope and one name all that can give way but the first. */
  *#rivals(scope: Scope): Generator<Variable> {
    for (const list of [...this.#variables.get(scope)!.values()]) {
      const giving = list.filter(each => this.#written.has(each))
      yield* giving.length === list.length ? giving.slice(1) : giving
    }
  }

  /** Variables that a name in a scope would be taken for, which means another one; or that one, where those have the source's own names. */
  *#captors(scope: Scope): Generator<Variable> {
    for (const reference of scope.references) {
      const captor = this.#captorOf(reference)
      const { resolved } = reference
      if (captor && this.#written.has(captor)) yield captor
      else if (captor && resolved && this.#written.has(resolved)) yield resolved
    }
  }

  #captorOf({ resolved, identifier, from }: Reference): Variable | undefined {
    const name = resolved ? this.nameOf(resolved) : identifier.name
    for (let scope: Scope | null = from; scope && scope !== resolved?.scope; scope = scope.upper) {
      const captor = this.#variables.get(scope)!.get(name)?.[0]
      if (captor && captor !== resolved) return captor
    }
    return undefined
  }

  #rename(variable: Variable): void {
    const tries = (this.#tries.get(variable) ?? 1) + 1
    this.#tries.set(variable, tries)
    for (const each of this.#declaredAt.get(variable.defs[0]?.name)!) {
      this.#names.set(each, `${this.#written.get(variable)}${tries}`)
      this.#fill(each.scope)
    }
  }

  #fill(scope: Scope): void {
    const byName = new Map<string, Variable[]>()
    for (const each of scope.variables) {
      const name = this.nameOf(each)
      if (!byName.has(name)) byName.set(name, [])
      byName.get(name)!.push(each)
    }
    this.#variables.set(scope, byName)
  }
}
