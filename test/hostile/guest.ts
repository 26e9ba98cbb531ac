// One hostile program, and what must come of it.
import type { IsolateLimits, Program } from '../../host/api.js'

/** What a call or a reload came to: a value, an error of the guest's own, or one of regrow's by its code. */
export type End =
  | 'value'
  | 'thrown'
  | 'ERR_REGROW_TIMEOUT'
  | 'ERR_REGROW_MEMORY'
  | 'ERR_REGROW_DENIED'
  | 'ERR_REGROW_LINK'
  | 'ERR_REGROW_BUILD'
  | 'ERR_REGROW_EVALUATE'
  | 'ERR_REGROW_EXIT'

export interface Guest {
  readonly title: string
  /** Text of `main.js`, or all files. It exports `attack`, unless `act` says otherwise. */
  readonly source: string | Readonly<Record<string, string>>
  /** How it may end. */
  readonly ends: readonly End[]
  readonly limits?: Partial<IsolateLimits>
  /** What the host does; calls `attack` unless told. */
  readonly act?: (program: Program) => Promise<unknown>
  /** The value it must give. */
  readonly gives?: unknown
}

/** A body of `attack` for each title. */
export function attacks(
  ends: readonly End[],
  bodies: Readonly<Record<string, string>>,
  more: Partial<Guest> = {},
): Guest[] {
  return Object.entries(bodies).map(([title, body]) => ({
    title,
    ends,
    source: `export ${/\bawait\b/.test(body) ? 'async ' : ''}function attack() { ${body} }`,
    ...more,
  }))
}
