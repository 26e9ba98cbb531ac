// One sequence of edits, applied to a live program and checked after each step against a program started from the same sources.
import assert from 'node:assert/strict'
import type { Program, RealmKind, ReloadReport } from '../../host/api.js'
import type { RegrowErrorCode } from '../../host/errors.js'
import { createHost } from '../../host/index.js'
import { type BreakageKind, breakText } from './breakage.js'
import { CapturedReferences } from './captured.js'
import { applyEdit, type Edit, emptyModel } from './edit.js'
import { clone, find, type Model, type StateDefinition } from './model.js'
import { type Facts, observe, observeRegistry } from './observe.js'
import { fileOf, render } from './render.js'

export interface Step {
  /** Saved together (R14). */
  readonly edits: readonly Edit[]
  /** Breaks one of the modules, so that the whole batch is held back. */
  readonly broken?: { readonly kind: BreakageKind; readonly at: number } | undefined
  /** What the program assigns to its state before the edit. */
  readonly assigned: number
}

export interface Sequence {
  /** Edits that make the graph that the program starts with. */
  readonly growth: readonly Edit[]
  readonly steps: readonly Step[]
}

type Texts = Readonly<Record<string, string>>

/** @throws AssertionError with the texts before and after the edit that went wrong */
export async function play({ growth, steps }: Sequence, realm: RealmKind): Promise<void> {
  const model = emptyModel()
  for (const edit of growth) applyEdit(model, edit)
  const texts = render(model)
  const host = createHost({ watch: false })
  try {
    const program = await host.run('./main.js', { sources: texts, realm })
    const live = new LiveProgram(program, model, texts)
    await live.compareWithFresh()
    for (const step of steps) await live.take(step)
  } finally {
    await host.close()
  }
}

class LiveProgram {
  readonly #program: Program
  readonly #captured = new CapturedReferences()
  /** Values of `let` state by id. */
  readonly #state = new Map<number, number>()
  /** The model that runs. */
  #running: Model
  /** The model of the sources: ahead of the running one while an edit is held back. */
  #edited: Model
  #runningTexts: Texts
  #pushed: Texts

  constructor(program: Program, model: Model, texts: Texts) {
    this.#program = program
    this.#running = model
    this.#edited = clone(model)
    this.#runningTexts = texts
    this.#pushed = texts
    for (const each of statesOf(model)) this.#state.set(each.id, each.initial)
  }

  async take(step: Step): Promise<void> {
    this.#captured.capture(this.#program, this.#running)
    this.#assign(step.assigned)
    for (const edit of step.edits) applyEdit(this.#edited, edit)
    const texts: Record<string, string> = render(this.#edited)
    const good = { ...texts }
    const { broken } = step
    let code: RegrowErrorCode | undefined
    if (broken) {
      const file = fileOf(this.#edited.modules[broken.at % this.#edited.modules.length]!)
      const { text, code: expected } = breakText(texts[file]!, broken.kind)
      texts[file] = text
      code = expected
    }
    const before = code && (await this.#everything())
    const wasHeldBack = this.#program.drift !== undefined
    const files = changedFiles(this.#pushed, texts)
    const report = await this.#program.update(files)
    this.#pushed = texts
    try {
      if (code) await this.#expectRejected(report, code, before!)
      else await this.#expectApplied(report, good)
      const isOnlyLayout = step.edits.every(each => each.kind === 'layout') && !wasHeldBack
      if (!code && isOnlyLayout) assert.equal(report.outcome, 'unchanged', 'layout means nothing')
    } catch (error) {
      throw new Error(`${(error as Error).message}\n\n${tellEdit(this.#runningTexts, texts)}`, { cause: error })
    }
    if (!code) this.#runningTexts = good
  }

  async #expectApplied(report: ReloadReport, texts: Texts): Promise<void> {
    if (report.error) throw new Error(`rejected: ${report.error.message}`, { cause: report.error })
    assert.equal(this.#program.drift, undefined)
    const before = this.#running
    this.#running = clone(this.#edited)
    const kept = new Map<number, number>()
    for (const each of statesOf(this.#running)) kept.set(each.id, this.#stateAfter(before, each))
    this.#state.clear()
    for (const [id, value] of kept) this.#state.set(id, value)
    await this.compareWithFresh(texts)
  }

  async #expectRejected(report: ReloadReport, code: RegrowErrorCode, before: Facts): Promise<void> {
    assert.equal(report.outcome, 'rejected')
    assert.equal(report.error?.code, code, report.error?.message)
    assert.equal(this.#program.drift, report)
    const after = await this.#everything()
    assert.deepEqual(after, before, 'a rejected edit changed something')
  }

  /** A state keeps its value as long as its initialiser's text is the same (R3). */
  #stateAfter(before: Model, definition: StateDefinition): number {
    const found = find(before, definition.id)
    const old = found?.definition
    const isSameBinding =
      old?.name === definition.name && found?.module.id === find(this.#running, definition.id)?.module.id
    const isSame = isSameBinding && old?.kind === 'state' && old.initial === definition.initial
    return isSame ? this.#state.get(definition.id)! : definition.initial
  }

  #assign(assigned: number): void {
    for (const module of this.#running.modules) {
      for (const each of module.definitions) {
        if (each.kind !== 'state' || (assigned + each.id) % 2) continue
        const value = (assigned * 31 + each.id) % 500
        this.#program.exports[`m${module.id}`][`set_${each.name}`](value)
        this.#state.set(each.id, value)
      }
    }
  }

  async compareWithFresh(texts: Texts = this.#runningTexts): Promise<void> {
    const host = createHost({ sources: texts, realm: 'main', watch: false })
    try {
      const fresh = await host.run('./main.js')
      for (const module of this.#running.modules)
        for (const each of module.definitions)
          if (each.kind === 'state') fresh.exports[`m${module.id}`][`set_${each.name}`](this.#state.get(each.id))
      assert.deepEqual(await observe(this.#program), await observe(fresh))
      const heard = await observeRegistry(this.#program)
      for (const [key, answer] of await observeRegistry(fresh)) assert.equal(heard.get(key), answer, `heard ${key}`)
      await this.#captured.compare(this.#program, fresh, this.#running)
    } finally {
      await host.close()
    }
  }

  async #everything(): Promise<Facts> {
    const facts = new Map([...(await observe(this.#program)), ...(await this.#captured.observe())])
    // What a rejected edit registered before it failed stays there, but nothing is promised of it.
    const heard = await observeRegistry(this.#program)
    for (const { name } of this.#running.modules.flatMap(module => module.definitions))
      if (heard.has(name)) facts.set(`heard ${name}`, heard.get(name)!)
    return facts
  }
}

function statesOf(model: Model): StateDefinition[] {
  return model.modules.flatMap(module => module.definitions).filter(each => each.kind === 'state')
}

function changedFiles(before: Texts, after: Texts): Record<string, string | null> {
  const files: Record<string, string | null> = {}
  for (const [file, text] of Object.entries(after)) if (before[file] !== text) files[file] = text
  for (const file of Object.keys(before)) if (!(file in after)) files[file] = null
  return files
}

function tellEdit(before: Texts, after: Texts): string {
  const changed = changedFiles(before, after)
  const show = (title: string, texts: Texts) =>
    Object.entries(texts)
      .filter(([file]) => file !== 'base.js')
      .map(([file, text]) => `--- ${file} ${title}\n${text}`)
      .join('\n')
  const after_ = Object.fromEntries(Object.entries(after).filter(([file]) => file in changed))
  return `${show('before', before)}\n${show('after', after_)}`
}
