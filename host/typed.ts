// What was typed into the modules of a program: definitions that stand over those of their files until those change, or they are saved.
import {
  type Composition,
  compose,
  isSameState,
  nothingTyped,
  stillTyped,
  type TypedState,
} from '../bundler/compose.js'
import { type Definitions, definitionsOf } from '../bundler/definitions.js'

/** A module as it was at some time: its file's text (null where there was none), and what was typed into it. */
export interface ModuleState {
  readonly text: string | null
  readonly typed: TypedState
}

export interface Typed {
  /** The text that a module has with what was typed into it. @param text its file's */
  over(id: string, text: string): string
  /** How that text was put together. */
  compositionOf(id: string, source: string): Composition | undefined
  stateOf(id: string): TypedState
  set(id: string, state: TypedState): void
  /** Until `unstage`, the module reads as this. */
  stage(id: string, composition: Composition): void
  unstage(id: string): void
  /** What runs was applied: forgets what a changed file has taken the place of. @param base the file's text that runs */
  settle(id: string, base: string): void
  forget(id: string): void
}

export function createTyped(): Typed {
  const states = new Map<string, TypedState>()
  const staged = new Map<string, Composition>()
  /** The last text of each module that has something typed, however it came about. */
  const composed = new Map<string, { base: string; state: TypedState; composition: Composition }>()

  function definitionsIn(id: string, text: string): Definitions | undefined {
    try {
      return definitionsOf(text, id)
    } catch {
      // The file does not parse: building it says why.
      return undefined
    }
  }

  return {
    over(id, text) {
      const stagedNow = staged.get(id)
      if (stagedNow) return stagedNow.text
      const state = states.get(id)
      if (!state) return text
      const before = composed.get(id)
      if (before && before.base === text && before.state === state) return before.composition.text
      const file = definitionsIn(id, text)
      if (!file) return text
      const composition = compose(file, stillTyped(file, state))
      composed.set(id, { base: text, state, composition })
      return composition.text
    },
    compositionOf(id, source) {
      for (const composition of [staged.get(id), composed.get(id)?.composition])
        if (composition?.text === source) return composition
      return undefined
    },
    stateOf: id => states.get(id) ?? nothingTyped,
    set(id, state) {
      if (state.definitions.length || state.uses.length) states.set(id, state)
      else {
        states.delete(id)
        composed.delete(id)
      }
    },
    stage: (id, composition) => void staged.set(id, composition),
    unstage: id => void staged.delete(id),
    settle(id, base) {
      const state = states.get(id)
      if (!state) return
      const file = definitionsIn(id, base)
      const kept = file ? stillTyped(file, state) : nothingTyped
      if (!isSameState(kept, state)) this.set(id, kept)
    },
    forget(id) {
      states.delete(id)
      composed.delete(id)
    },
  }
}
