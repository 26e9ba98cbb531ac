// A typed text as an edit of a module: its definitions take their places in the module's text, its statements are run once.
import { inspect } from 'node:util'
import { BuildError } from '../bundler/build.js'
import { addTyped, type Composition, compose, type Evaluation, type TypedState } from '../bundler/compose.js'
import { type Definitions, definitionsOf, definitionsTyped, IncompleteError } from '../bundler/definitions.js'
import type { Item } from '../bundler/record.js'
import { isTypeScript, StripError, strip } from '../bundler/strip.js'
import { frameAt, RegrowError } from './errors.js'
import { thrownError } from './failure.js'
import type { Graph } from './graph.js'
import { amended, baseOf, type RunningModule } from './module.js'
import type { IsolateRealm } from './realms/isolate/isolate.js'
import type { Services } from './services.js'

/** A value of an isolate's that cannot cross, as the isolate shows it. */
export class InspectedValue {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
  [inspect.custom](): string {
    return this.text
  }
}

/** What evaluating gave: a value, or what it promises, since statements that await run beside the program. */
export type Evaluated = { readonly value: unknown } | { readonly later: Promise<unknown> }

export interface EvaluationPlan {
  /** What is run. */
  readonly composition: Composition
  /** What is typed in afterwards. */
  readonly state: TypedState
  /** The module's text afterwards. */
  readonly source: string
  readonly hasDefinitions: boolean
}

/** @throws RegrowError ERR_REGROW_LINK, ERR_REGROW_OPTION: nothing can be typed into it */
export function moduleToType(graph: Graph, id: string): RunningModule {
  const module = graph.modules.get(id)
  if (!module) throw new RegrowError('ERR_REGROW_LINK', `the program has no module ${id}`, { file: id })
  if (module.commonJS || !/\.[cm]?[jt]sx?$/.test(id)) {
    const what = module.commonJS ? 'a CommonJS module: its names are inside of a function' : 'no module of code'
    throw new RegrowError('ERR_REGROW_OPTION', `nothing can be typed into ${id}: it is ${what}`, { file: id })
  }
  return module
}

/** Whether more text may make it complete. */
export function isIncomplete(text: string, id: string): boolean {
  try {
    read(text, id)
    return false
  } catch (error) {
    return error instanceof IncompleteError
  }
}

/** By its ending a text is TypeScript. */
const typedId = (id: string): string => (id.endsWith('x') ? 'typed.tsx' : 'typed.ts')

/** Types may be typed into JavaScript too: they are left out. */
function read(text: string, id: string): { definitions: Definitions; hasTypes: boolean } {
  try {
    return { definitions: definitionsTyped(text, id), hasTypes: false }
  } catch (error) {
    if (isTypeScript(id)) throw error
    try {
      return { definitions: definitionsTyped(text, typedId(id)), hasTypes: true }
    } catch (other) {
      throw other instanceof IncompleteError ? other : error
    }
  }
}

/**
 * @returns undefined when nothing was typed
 * @throws RegrowError ERR_REGROW_BUILD
 */
export async function planEvaluation(
  module: RunningModule,
  before: TypedState,
  given: Evaluation,
): Promise<EvaluationPlan | undefined> {
  const { id } = module
  try {
    let evaluation = given
    let typed = read(given.text, id)
    if (typed.hasTypes) {
      const { code } = await strip(given.text, typedId(id), { compilerOptions: { verbatimModuleSyntax: true } })
      evaluation = { ...given, text: code }
      typed = read(code, id)
    }
    if (typed.definitions.statements.length === 0) return undefined
    const base = definitionsOf(baseOf(module), id)
    const state = addTyped(base, before, typed.definitions, evaluation, id, module.record.imports.keys())
    const composition = compose(base, state, { ...typed.definitions, evaluation })
    const isEmpty = state.definitions.length === 0 && state.uses.length === 0
    const source = isEmpty ? base.text : compose(base, state).text
    const hasDefinitions = typed.definitions.statements.some(each => each.definitions.length || each.from !== undefined)
    return { composition, state, source, hasDefinitions: hasDefinitions || typed.definitions.variables.length > 0 }
  } catch (error) {
    if (!(error instanceof BuildError || error instanceof StripError)) throw error
    const place = { file: `${id}?typed=${given.number}`, line: error.line, column: error.column }
    const frame = frameAt(given.text, place)
    const options = frame === undefined ? { place } : { place, frame }
    throw new RegrowError('ERR_REGROW_BUILD', error.message, options)
  }
}

/** Takes what was only run out of the module again. */
export function forgetStatements({ graph }: Services, id: string, source: string): void {
  const running = graph.modules.get(id)!
  const isOnce = (each: Item) => each.kind === 'statement' && each.once !== undefined
  const { record } = running
  const isTouched = record.items.some(isOnce)
  const left = isTouched ? { ...record, items: record.items.filter(each => !isOnce(each)) } : record
  graph.set(amended(running, { source, record: left }))
}

export async function forgetGiven({ realm }: Services): Promise<void> {
  if (realm.kind === 'isolate') await realm.step('forgetGiven', [])
  else realm.kernel.forgetGiven()
}

/** What the text gave that has just been evaluated. */
export function takeGiven(services: Services): Evaluated {
  const { realm } = services
  if (realm.kind === 'isolate') return { later: copyOf(services, realm) }
  const given = realm.kernel.given()
  realm.kernel.forgetGiven()
  if (!given) return { value: undefined }
  if ('value' in given) return given
  return {
    later: given.later.then(
      held => held?.[0],
      error => {
        throw thrownError(services, error)
      },
    ),
  }
}

/** A structured copy where that is possible, else what the isolate shows. */
async function copyOf(services: Services, realm: IsolateRealm): Promise<unknown> {
  try {
    return await realm.step('given', [])
  } catch (error) {
    if (RegrowError.is(error) && error.code !== 'ERR_REGROW_MEMORY') throw error
    const shown = await realm.step('shown', []).catch(() => undefined)
    if (typeof shown !== 'string') throw thrownError(services, error)
    return new InspectedValue(shown)
  }
}
