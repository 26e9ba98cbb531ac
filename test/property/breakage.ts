// Edits that a reload must reject: a text that is broken in one of the ways an editor saves.
import type { RegrowErrorCode } from '../../host/errors.js'

interface Breakage {
  readonly lines: readonly string[]
  /** At the top of the text, where imports stand; else at its end, after everything has run. */
  readonly isFirst: boolean
  readonly code: RegrowErrorCode
}

const breakages = {
  syntax: { lines: ['const = 3'], isFirst: true, code: 'ERR_REGROW_BUILD' },
  half: { lines: ['export function half(a) {', '  return a +'], isFirst: false, code: 'ERR_REGROW_BUILD' },
  missingExport: {
    lines: [`import { absent } from './base.js'`, 'export const user = () => absent'],
    isFirst: true,
    code: 'ERR_REGROW_LINK',
  },
  missingModule: { lines: [`import './absent.js'`], isFirst: true, code: 'ERR_REGROW_LINK' },
  throwAtEnd: { lines: [`throw new Error('thrown on purpose')`], isFirst: false, code: 'ERR_REGROW_EVALUATE' },
  throwAtStart: { lines: [`throw new Error('thrown on purpose')`], isFirst: true, code: 'ERR_REGROW_EVALUATE' },
  throwInData: { lines: ['export const spoilt = undefined.member'], isFirst: false, code: 'ERR_REGROW_EVALUATE' },
  throwInClass: {
    lines: ['class Spoilt { static member = nowhere.member }'],
    isFirst: false,
    code: 'ERR_REGROW_EVALUATE',
  },
} satisfies Record<string, Breakage>

export type BreakageKind = keyof typeof breakages
export const breakageKinds = Object.keys(breakages) as BreakageKind[]

/** The text, broken, and the code that its rejection must carry. */
export function breakText(text: string, kind: BreakageKind): { text: string; code: RegrowErrorCode } {
  const { lines, isFirst, code } = breakages[kind]
  return { text: isFirst ? `${lines.join('\n')}\n${text}` : `${text}${lines.join('\n')}\n`, code }
}
