// Renders source ranges with their edits applied and their names linked.
import type { Dependency, Target } from './links.js'
import { Output, type Segments } from './output.js'
import { firstFrom } from './places.js'
import { type Edit, endsIn, type FunctionSpec, isAround, type MemberEdit, type ModuleRecord } from './record.js'

/** A range whose text is written by somebody else. */
export interface Override {
  readonly start: number
  readonly end: number
  readonly write: () => void
}

export const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u

/** A text as a string of code. */
export const quote = (text: string): string => JSON.stringify(text)

/** `.name`, or `["name"]` where that is no identifier. */
export const member = (name: string): string => (identifier.test(name) ? `.${name}` : `[${quote(name)}]`)

/** A name as the key of an object literal. */
export const keyText = (name: string) => (name === '__proto__' ? '["__proto__"]' : quote(name))

/** What every patch gets: kernel handle, scope, implementations, apply, call, construct. */
const fixedParameters = ['k', '', 'c', 'a', 'f', 'r']

/** What few patches need, and take from the kernel handle: literals, what patterns initialise, what constants are assigned through. */
const fromHandle: Readonly<Record<string, string>> = { l: 'literals', n: 'initializer', q: 'guard' }

function givenNames(dependencies: number): string[] {
  const names = [...fixedParameters]
  for (let number = 1; number <= dependencies; number++) names.push(String(number))
  return names
}

/** The parameters of a patch's code. @param dependencies how many there are */
export const patchParameters = (prefix: string, dependencies: number): string[] =>
  givenNames(dependencies).map(each => `${prefix}v${each}`)

/** Readies a text that is evaluated apart. @returns it with a name, by which stack traces can tell where it came from */
export type Nest = (code: string, segments: Segments) => string

export class Writer {
  readonly output = new Output()
  readonly record: ModuleRecord
  dependencies: Dependency[] = []
  readonly #targets: ReadonlyMap<string, Target>
  #indexes = new Map<string, number>()
  readonly #used = new Set<string>()
  #readsMembers = false
  #argumentAt: number | undefined
  readonly #nest: Nest

  constructor(record: ModuleRecord, targets: ReadonlyMap<string, Target>, nest: Nest) {
    this.record = record
    this.#nest = nest
    this.#targets = targets
  }

  /** A writer of text that is evaluated later with the same parameters. */
  nested(): Writer {
    const inner = new Writer(this.record, this.#targets, this.#nest)
    inner.dependencies = this.dependencies
    inner.#indexes = this.#indexes
    inner.#readsMembers = this.#readsMembers
    return inner
  }

  /** Writes what another writer has written as a string, to be evaluated apart. */
  text({ output }: Writer): this {
    return this.raw(JSON.stringify(this.#nest(output.toString(), output.segments)))
  }

  /** The names the code so far is given things by. */
  names(): string[] {
    return this.#givenNames().map(each => this.name(each))
  }

  /**
   * Begins the code of a function whose parameters are those of `names()`, which it holds as constants: a direct `eval`, as layers of classes
   * have it, could assign anything else, and V8 would inline nothing that is reached through it.
   * @returns the parameters
   */
  begin(): string[] {
    const { parameters, constants } = this.#constants()
    this.output.prepend(`'use strict';${constants}`)
    return parameters
  }

  /** The same for the code of a patch, in which a direct `eval` finds the module's names: it looks for variables, and they are properties. */
  beginPatch(): string[] {
    if (!this.record.hasEval) return this.begin()
    const names = this.#evalScope()
    const { parameters, constants } = this.#constants()
    this.output.prepend(`${constants}with(${names})return(()=>{'use strict';`)
    this.output.raw('})()')
    return parameters
  }

  #constants(): { parameters: string[]; constants: string } {
    const given = this.#givenNames()
    const parameters = patchParameters(this.record.prefix, this.dependencies.length)
    const constants = given.map((each, index) => `${this.name(each)}=${parameters[index]}`)
    for (const [letter, name] of Object.entries(fromHandle))
      if (this.#used.has(letter)) constants.push(`${this.name(letter)}=${this.name('k')}.${name}`)
    return { parameters, constants: `const ${constants};` }
  }

  /** An object whose accessors read and assign the module's names. */
  #evalScope(): string {
    const names = [...this.record.bindings.keys(), ...this.record.imports.keys()].filter(each => each !== 'default')
    const value = this.name('x')
    const accessors = names.map(name => {
      const [read, write] = [this.reference(name, 'read'), this.reference(name, 'write')]
      return `get ${name}(){return ${read}},set ${name}(${value}){${write}=${value}},`
    })
    return `{__proto__:null,${accessors.join('')}}`
  }

  #givenNames(): string[] {
    return givenNames(this.dependencies.length)
  }

  /** The generated name for something that the code is given. */
  name(letter: string): string {
    if (letter in fromHandle) this.#used.add(letter)
    return this.record.prefix + letter
  }

  raw(text: string): this {
    this.output.raw(text)
    return this
  }

  /** Writes text that stands for the token at `start` of the source. */
  token(text: string, start: number): this {
    this.output.token(text, start)
    return this
  }

  /** The parameter that holds a dependency. */
  dependency(dependency: Dependency): string {
    const key = `${dependency.kind} ${dependency.module}`
    let index = this.#indexes.get(key)
    if (index === undefined) {
      index = this.dependencies.push(dependency)
      this.#indexes.set(key, index)
    }
    return this.name(String(index))
  }

  target(name: string): Target | undefined {
    return this.#targets.get(name)
  }

  /** The scope and property a data binding is read from, when a change of it can be seen (R4). */
  cell(name: string): { scope: string; binding: string } | undefined {
    const target = this.#targets.get(name)
    if (target?.kind !== 'binding') return undefined
    const scope = target.isOwn ? this.name('') : this.dependency({ kind: 'scope', module: target.module })
    return { scope, binding: target.binding }
  }

  /** What stands for a name. */
  reference(name: string, form: 'read' | 'call' | 'write' | 'initialize' | 'self'): string {
    const target = this.#targets.get(name)
    if (!target) return name
    if (form === 'self') {
      const binding = this.record.bindings.get(name)
      if (binding?.kind === 'class' || this.#isClassItem(name)) return `${this.name('c')}${member(name)}`
      // What was assigned to the name is not what the function means by its own.
      if (binding?.isAssigned) return `(0,${this.name('k')}.own(${quote(name)}))`
      return `(0,${this.name('')}${member(name)})`
    }
    if (form === 'initialize') return `${this.name('n')}${member(name)}`
    if (form === 'write') {
      const isOwn = target.kind === 'binding' && target.isOwn
      // `v++` and `v ??= 1` read an import before they throw.
      if (!isOwn) return `${this.name('k')}.constant(()=>${this.#read(target, 'read')}).value`
      const isVariable = target.form !== 'constant'
      return `${this.name(isVariable ? '' : 'q')}${member(name)}`
    }
    const text = this.#read(target, form)
    return form === 'call' ? `(0,${text})` : text
  }

  #isClassItem(name: string): boolean {
    return this.record.items.some(item => item.kind === 'class' && item.names[0] === name)
  }

  #read(target: Target, form: 'read' | 'call'): string {
    if (target.kind === 'namespace') return this.dependency(target)
    if (target.kind === 'external')
      return this.dependency({ kind: 'external', module: target.module }) + member(target.name)
    if (!target.isOwn) return this.dependency({ kind: 'scope', module: target.module }) + member(target.binding)
    const isDirectCall = form === 'call' && target.form === 'function'
    return this.name(isDirectCall ? 'c' : '') + member(target.binding)
  }

  /** Writes a range of the source, edited; where an override begins, it writes instead. */
  range(start: number, end: number, overrides: readonly Override[] = []): this {
    const { code, edits } = this.record
    let at = start
    let edit = firstFrom(edits, start)
    let override = 0
    const copyTo = (to: number) => {
      if (to > at) this.output.source(code.slice(at, to), at)
      at = Math.max(at, to)
    }
    for (;;) {
      while (edit < edits.length && (edits[edit]!.start < at || isAround(edits[edit]!, start))) edit++
      while (override < overrides.length && overrides[override]!.start < at) override++
      const nextEdit = edit < edits.length && endsIn(edits[edit]!, end) ? edits[edit] : undefined
      const nextOverride = overrides[override]
      if (
        nextOverride &&
        !(
          nextEdit &&
          (nextEdit.start < nextOverride.start ||
            (nextEdit.start === nextOverride.start && nextEdit.end === nextEdit.start))
        )
      ) {
        copyTo(nextOverride.start)
        nextOverride.write()
        at = nextOverride.end
        override++
      } else if (nextEdit) {
        copyTo(nextEdit.start)
        this.#edit(nextEdit)
        at = nextEdit.end
        edit++
      } else break
    }
    copyTo(end)
    return this
  }

  /** Writes a range as an argument: what begins a statement in the source begins none there. */
  argument(start: number, end: number, overrides: readonly Override[]): this {
    const outer = this.#argumentAt
    this.#argumentAt = start
    this.range(start, end, overrides)
    this.#argumentAt = outer
    return this
  }

  #edit(edit: Edit): void {
    if ('text' in edit) {
      if (edit.token === undefined) this.output.raw(edit.text)
      else this.output.token(edit.text, edit.token)
      return
    }
    if (edit.before && !(edit.before === ';' && edit.start === this.#argumentAt)) this.output.raw(edit.before)
    if ('member' in edit) this.#member(edit)
    else if ('timer' in edit) this.output.token(`${this.name('k')}.${edit.timer}`, edit.start)
    else
      this.output.token(this.reference(edit.name, edit.form), ('token' in edit ? edit.token : undefined) ?? edit.start)
  }

  #member({ start, end, name, nameEnd, propertyStart, member, form }: MemberEdit): void {
    const target = this.#targets.get(member)
    const isDirect = this.#readsMembers && target?.kind === 'binding' && (form === 'read' || target.form === 'function')
    if (isDirect) this.output.token(this.reference(member, form), propertyStart)
    else this.output.token(this.reference(name, 'read'), start).source(this.record.code.slice(nameEnd, end), nameEnd)
  }

  /**
   * Reads members of namespaces off the bindings they stand for, in what `write` writes. It must be written anew when they stand for
   * others, so it must be no code that runs once and leaves closures behind.
   */
  readMembers(write: () => void): this {
    const outer = this.#readsMembers
    this.#readsMembers = true
    write()
    this.#readsMembers = outer
    return this
  }

  /** A function's newest implementation, named as the program expects. */
  implementation(spec: FunctionSpec, overrides: readonly Override[] = []): this {
    return this.readMembers(() => void this.#implementation(spec, overrides))
  }

  #implementation(spec: FunctionSpec, overrides: readonly Override[]): this {
    const { start, end, givenName, shape, methodPrefix } = spec
    if (methodPrefix !== undefined || shape === 'accessor') {
      const name = givenName || 'anonymous'
      return this.raw(`({${methodPrefix ?? ''}${keyText(name)}`)
        .range(start, end, overrides)
        .raw(`})[${JSON.stringify(name)}]`)
    }
    if (givenName)
      return this.raw(`({${keyText(givenName)}:`)
        .range(start, end, overrides)
        .raw(`})[${JSON.stringify(givenName)}]`)
    // No parentheses: V8 takes them for a hint that the function is called at once, and compiles it with all that is around it.
    return this.range(start, end, overrides)
  }
}
