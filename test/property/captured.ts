// References taken from a program before an edit: functions, classes, objects and instances must follow it (R1, R2, R3).
import assert from 'node:assert/strict'
import type { Program } from '../../host/api.js'
import { type Definition, find, isNameless, type Model } from './model.js'
import { type Facts, observeInstance, tell } from './observe.js'

const tag = Symbol('put on by the test')

interface Captured {
  /** As long as it is the same, the identity must be. */
  readonly sameness: string
  /** Whether its newest version can be called with `new`: what was an arrow is another object once it can (docs/limits.md). */
  isConstructible: boolean
  readonly reference: any
  readonly bound: ((argument: number) => unknown) | undefined
}

interface CapturedInstance {
  readonly lineage: string
  readonly instance: any
  /** What its fields held when they were first seen. */
  readonly values: Map<string, unknown>
}

/** What a test holds on to from step to step. */
export class CapturedReferences {
  readonly #references = new Map<number, Captured>()
  readonly #instances = new Map<number, CapturedInstance>()

  /** Takes what is not taken yet. */
  capture(program: Program, model: Model): void {
    for (const definition of model.modules.flatMap(module => module.definitions)) {
      const { id } = definition
      if (!this.#references.has(id)) this.#take(program, model, definition)
      if (definition.kind === 'class' && !this.#instances.has(id)) this.#create(program, model, definition)
    }
  }

  #take(program: Program, model: Model, definition: Definition): void {
    const sameness = samenessOf(model, definition)
    if (sameness === undefined) return
    const reference = exported(program, model, definition)
    reference[tag] = definition.id
    const isCalled = definition.kind === 'function'
    this.#references.set(definition.id, {
      sameness,
      isConstructible: isConstructible(definition),
      reference,
      bound: isCalled ? reference.bind(undefined) : undefined,
    })
  }

  #create(program: Program, model: Model, definition: Definition): void {
    if (definition.visibility === 'hidden') return
    const instance = new (exported(program, model, definition))(2)
    const values = new Map<string, unknown>()
    for (const field of fieldsOf(model, definition.id)) values.set(field.name, readField(instance, field))
    this.#instances.set(definition.id, { lineage: lineageOf(model, definition.id), instance, values })
  }

  /** Compares with a fresh program of the same sources and state, and lets go of what rightly ended. */
  async compare(program: Program, fresh: Program, model: Model): Promise<void> {
    for (const [id, captured] of this.#references) {
      const definition = find(model, id)?.definition
      if (!definition || samenessOf(model, definition) !== captured.sameness) {
        this.#references.delete(id)
        continue
      }
      const what = `${definition.name} (${definition.kind})`
      if (isConstructible(definition) && !captured.isConstructible) this.#references.delete(id)
      else assert.ok(exported(program, model, definition) === captured.reference, `${what} kept its identity`)
      captured.isConstructible = isConstructible(definition)
      assert.equal(captured.reference[tag], id, `${what} kept the property that was put on it`)
      if (!captured.bound) continue
      const answer = await tell(() => exported(fresh, model, definition)(2))
      assert.equal(await tell(() => captured.reference(2)), answer, `${what} answers through a captured reference`)
      assert.equal(await tell(() => captured.bound!(2)), answer, `${what} answers through a bound function`)
    }
    for (const [id, captured] of this.#instances) {
      const definition = find(model, id)?.definition
      if (!definition || definition.visibility === 'hidden' || lineageOf(model, id) !== captured.lineage) {
        this.#instances.delete(id)
        continue
      }
      await compareInstance(captured, program, fresh, model, definition)
    }
  }

  /** What captured instances and references answer, to see that a rejected edit changed nothing. */
  async observe(): Promise<Facts> {
    const facts: Facts = new Map()
    for (const [id, { reference, bound }] of this.#references)
      if (bound) facts.set(`captured ${id}`, `${await tell(() => reference(2))} ${await tell(() => bound(2))}`)
    for (const [id, { instance }] of this.#instances)
      for (const [name, answer] of await observeInstance(instance)) facts.set(`instance ${id} ${name}`, answer)
    return facts
  }
}

async function compareInstance(
  { instance, values }: CapturedInstance,
  program: Program,
  fresh: Program,
  model: Model,
  definition: Definition,
): Promise<void> {
  const what = `an older instance of ${definition.name}`
  assert.ok(instance instanceof exported(program, model, definition), `${what} is an instance still`)
  const other = new (exported(fresh, model, definition))(2)
  for (const field of fieldsOf(model, definition.id)) {
    const value = readField(instance, field)
    if (!values.has(field.name)) values.set(field.name, readField(other, field))
    assert.equal(value, values.get(field.name), `${what} has its own ${field.name}`)
    if (field.isPrivate) other[`write_${field.name}`](value)
    else other[field.name] = value
  }
  assert.deepEqual(
    await observeInstance(instance),
    await observeInstance(other),
    `${what} has the members of its class`,
  )
}

function isConstructible(definition: Definition): boolean {
  if (definition.kind !== 'function') return true
  return definition.form === 'declaration' || definition.form === 'expression'
}

/** Undefined where no rule promises an identity, or nobody outside can see it. */
function samenessOf(model: Model, definition: Definition): string | undefined {
  if (definition.visibility === 'hidden' || definition.kind === 'state' || definition.kind === 'statement')
    return undefined
  const binding = `${find(model, definition.id)!.module.id} ${isNameless(definition) ? 'default' : definition.name}`
  if (definition.kind === 'function') return `${binding} ${definition.form === 'wrapped' ? 'wrapped' : 'function'}`
  if (definition.kind === 'class') return `${binding} class`
  const isDerived = definition.value.some(each => each.kind === 'use')
  if (definition.form === 'plain' || isDerived) return undefined
  return `${binding} ${definition.form} ${JSON.stringify(definition.value)}`
}

function exported(program: Program, model: Model, definition: Definition): any {
  const { module } = find(model, definition.id)!
  return program.exports[`m${module.id}`][definition.visibility === 'default' ? 'default' : definition.name]
}

/** The class and what it extends, by id and name. */
function lineageOf(model: Model, id: number): string {
  const found = find(model, id)
  if (found?.definition.kind !== 'class') return 'none'
  const { name, base, visibility } = found.definition
  const binding = `${found.module.id} ${name} ${visibility === 'default'}`
  return base === undefined ? binding : `${binding} < ${lineageOf(model, base)}`
}

interface FieldName {
  readonly name: string
  readonly isPrivate: boolean
}

function fieldsOf(model: Model, id: number): FieldName[] {
  const definition = find(model, id)?.definition
  if (definition?.kind !== 'class') return []
  return [...definition.fields, ...(definition.base === undefined ? [] : fieldsOf(model, definition.base))]
}

function readField(instance: any, { name, isPrivate }: FieldName): unknown {
  return isPrivate ? instance[`read_${name}`]() : instance[name]
}
