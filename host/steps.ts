// What the host asks of a kernel around transactions: to end what is outdated (R11), and the steps of `import.meta.hot` (R12). A kernel in this
// process is asked directly and begins in this turn; that of an isolate by messages, and what it answers is believed only as far as it fits.
import type { VersionCounts } from '../guest/old-versions.js'
import type { DisposalFailure, HotFacts, HotFailure, HotStep } from '../guest/protocol.js'
import { harmless } from './realms/isolate/harmless.js'
import type { IsolateRealm } from './realms/isolate/isolate.js'
import type { Realm } from './realms/realm.js'

type Awaitable<T> = T | Promise<T>

export interface Steps {
  facts(): Awaitable<readonly HotFacts[]>
  /** What has become of the implementations that reloads have replaced. */
  versions(): Awaitable<VersionCounts>
  notify(event: string, payload: object): Promise<unknown>
  /** Calls the `dispose` callbacks of modules. */
  leave(modules: readonly string[]): Promise<readonly HotFailure[]>
  /** Calls back who accepted the update. */
  accepted(): Awaitable<readonly HotFailure[]>
  prune(modules: readonly string[]): Promise<readonly HotFailure[]>
  /** Ends what is outdated; undefined when there is nothing to wait for. */
  dispose(): Promise<readonly DisposalFailure[]> | undefined
  /** Ends everything, what was made last first. @param within waits for a promise, but not for ever; says whether it settled */
  disposeAll(within: (wait: Promise<unknown>) => Promise<boolean>): Promise<readonly DisposalFailure[]>
}

export function stepsOf(realm: Realm): Steps {
  if (realm.kind === 'isolate') return isolateSteps(realm)
  const { kernel } = realm
  return {
    facts: () => copy(kernel.hot.facts()).map(copyFacts),
    versions: () => kernel.versions(),
    notify: (event, payload) => kernel.hot.notify(event, payload),
    leave: modules => kernel.hot.dispose(modules),
    accepted: () => kernel.hot.runAccepted(),
    prune: modules => kernel.hot.prune(modules),
    dispose: () => kernel.dispose(),
    disposeAll: within => kernel.disposeAll(within),
  }
}

/** Arrays of a kernel are the guest's: their iterators may be anything. */
export function copy<T>(list: readonly T[]): T[] {
  const own: T[] = []
  for (let index = 0; index < list.length; index++) own.push(list[index]!)
  return own
}

const copyFacts = (each: HotFacts): HotFacts => ({
  ...each,
  accepts: copy(each.accepts),
  exports: each.exports && copy(each.exports),
})

/** An isolate that dies meanwhile, or is too slow, answers nothing: its program tells of that by itself. */
function isolateSteps(realm: IsolateRealm): Steps {
  const ask = async (name: string, ...given: unknown[]): Promise<Loose[]> => {
    const answer = await realm.step(name, given).catch(() => undefined)
    return Array.isArray(answer) ? answer.filter(each => typeof each === 'object' && each !== null) : []
  }
  const failures = async (name: string, ...given: unknown[]): Promise<HotFailure[]> =>
    (await ask(name, ...given)).map(({ module, step, error }) => ({
      module: text(module),
      step: text(step) as HotStep,
      error,
    }))
  const disposed = async (name: string): Promise<DisposalFailure[]> =>
    (await ask(name)).map(({ module, key, error }) => ({ module: text(module), key: text(key), error }))
  return {
    facts: async () =>
      (await ask('facts')).map(({ id, isSelfAccepting, accepts, exports, isDeclined }) => ({
        id: text(id),
        isSelfAccepting: isSelfAccepting === true,
        accepts: texts(accepts),
        exports: exports === undefined ? undefined : texts(exports),
        isDeclined: isDeclined === true,
      })),
    versions: async () => {
      const { live, collected } = ((await realm.step('versions', [])) ?? {}) as Loose
      return { live: number(live), collected: number(collected) }
    },
    notify: (event, payload) => ask('notify', event, payload),
    leave: modules => failures('leave', modules),
    accepted: () => failures('accepted'),
    prune: modules => failures('prune', modules),
    dispose: () => disposed('dispose'),
    disposeAll: () => disposed('disposeAll'),
  }
}

type Loose = Readonly<Record<string, unknown>>

const text = (value: unknown): string => (typeof value === 'string' ? harmless(value.slice(0, 1000)) : '')
const number = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0)
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : [])
