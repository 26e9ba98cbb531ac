// The lines of `regrow test` between mocha's: what the save did is told by the printer of reloads, how it stands by these.

import picocolors from 'picocolors'
import { clock } from '../../clock.js'
import { wantsColor } from '../print.js'
import type { RunResult } from './loop.js'
import type { Counts } from './verdicts.js'

export interface Status {
  started(facts: { version: string; specs: number; modules: number; milliseconds: number }): void
  ran(result: RunResult, counts: Counts, state: { drift: boolean; pattern: RegExp | undefined }): void
  unreached(): void
  heldBack(specs: number): void
}

export function createStatus(stream: NodeJS.WriteStream = process.stderr): Status {
  const color = picocolors.createColors(wantsColor(stream))
  const line = (...parts: (string | false | undefined)[]) => stream.write(`${parts.filter(Boolean).join('  ')}\n`)
  const stamp = () => color.dim(new Date(clock.today()).toTimeString().slice(0, 8))
  return {
    started({ version, specs, modules, milliseconds }) {
      line(
        `${color.bold('regrow')} ${version}`,
        count(specs, 'spec'),
        count(modules, 'module'),
        `${milliseconds.toFixed(0)} ms`,
      )
    },
    ran({ specs, sinceSave }, { passed, failed, pending }, { drift, pattern }) {
      line(
        stamp(),
        failed ? color.red(`✗ ${failed} failed`) : color.green('✓'),
        `${passed} passed`,
        pending > 0 && `${pending} pending`,
        color.dim(`${count(specs, 'spec')} ran`),
        sinceSave !== undefined && color.dim(`${sinceSave.toFixed(sinceSave < 10 ? 1 : 0)} ms after the save`),
        pattern && `only ${pattern}`,
        drift && color.yellow('the program differs from its files'),
      )
    },
    heldBack(specs) {
      line(stamp(), color.dim(`· ${count(specs, 'spec')} held back: another one says only`))
    },
    unreached() {
      line(stamp(), color.dim('· no spec uses it'))
    },
  }
}

const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`
