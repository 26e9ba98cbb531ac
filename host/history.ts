// Modules as they were before each applied change, for undo, and as they were before each undo, for redo. Bounded.
import type { ModuleState } from './typed.js'

export interface StepState extends ModuleState {
  /** Puts back what lay over the store's text before the step that this one leads back from. */
  readonly uncover?: () => void
}

export type Step = ReadonlyMap<string, StepState>
export type Direction = 'undo' | 'redo'

/** Whether a file that a step brought in would be found in place of one that it took away: `a.ts` for `a.js`, `a/index.js` for both. */
export function competes(id: string, step: Step): boolean {
  for (const [other, { text }] of step) if (text !== null && stemOf(other) === stemOf(id)) return true
  return false
}

const stemOf = (id: string): string => id.replace(/(?:\/index)?\.[^./]+$/, '')

/** How many changes can be undone. */
const depth = 100

export class History {
  readonly #steps: Readonly<Record<Direction, Step[]>> = { undo: [], redo: [] }

  /** A change was applied: what was undone before can no longer be done again. */
  push(before: Step): void {
    if (before.size === 0) return
    this.#add('undo', before)
    this.#steps.redo.length = 0
  }

  /** What the next step in a direction leads to. */
  peek(direction: Direction): Step | undefined {
    return this.#steps[direction].at(-1)
  }

  /** It was taken. @param inverse leads back */
  move(direction: Direction, inverse: Step): void {
    this.#steps[direction].pop()
    this.#add(direction === 'undo' ? 'redo' : 'undo', inverse)
  }

  #add(direction: Direction, step: Step): void {
    const steps = this.#steps[direction]
    steps.push(step)
    if (steps.length > depth) steps.shift()
  }
}
