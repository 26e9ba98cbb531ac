// The runtime inside a realm: applies transactions, whole or not at all.
import { evaluate, evaluateAsync, type Work } from './evaluate.js'
import { installFunctionText } from './function-text.js'
import type { Hot } from './hot.js'
import { findInstances, type Instances, itemTools, keepOn, migrateInstances } from './item-tools.js'
import { type Given, KernelState } from './kernel-state.js'
import { freeOrphans } from './literals.js'
import type { VersionCounts } from './old-versions.js'
import { mapGet, NativePromise, toArray } from './primordials.js'
import type { DisposalFailure, ExportRequest, KernelHost, TransactionRequest, TransactionResult } from './protocol.js'
import { warmUp } from './scope.js'
import type { ItemTools } from './state.js'
import { complete, giveUp, handOver, prepare, release } from './steps.js'
import { Transaction } from './transaction.js'

export interface Kernel {
  /** Applies a transaction in one turn. No item may await. */
  apply(request: TransactionRequest): TransactionResult
  /** Applies a transaction with items that await. */
  applyAsync(request: TransactionRequest): Promise<TransactionResult>
  /** Settles when a module under way has been evaluated, as that ends; undefined for any other. */
  evaluation(module: string): Promise<void> | undefined
  namespace(module: string): object
  setExports(module: string, exports: readonly ExportRequest[]): void
  /** A package, builtin or granted module, as guests see it. */
  external(key: string): object
  /** The same for what `require` gives of a builtin. */
  facade(key: string, value: object): object
  /** Node's timers as guests see them, as properties. */
  timers(): object
  /** Makes the realm's own timer functions such that items own what they make. */
  installTimers(): void
  /** Disposes of what reloads have made outdated; undefined when there is nothing to wait for. */
  dispose(): Promise<readonly DisposalFailure[]> | undefined
  /**
   * Disposes of everything that items own, what was made last first.
   * @param within waits for a promise, but not for ever; says whether it settled
   */
  disposeAll(within: (wait: Promise<unknown>) => Promise<boolean>): Promise<readonly DisposalFailure[]>
  readonly hot: Hot
  /** The bindings of a module, as properties. */
  scope(module: string): object | undefined
  /** Forgets what typed text gave. */
  forgetGiven(): void
  /** What it gave in the last transaction. */
  given(): Given | undefined
  /** What guests can do while an item runs; undefined outside of items. */
  item(): ItemTools | undefined
  /** What has become of the implementations that reloads have replaced. */
  versions(): VersionCounts
  close(): void
}

export function createKernel(host: KernelHost): Kernel {
  const kernel = new KernelState(host)
  warmUp()
  const restoreText = installFunctionText(kernel)

  function commit(transaction: Transaction, request: TransactionRequest): TransactionResult {
    complete(kernel, transaction, request)
    transaction.undo.commit()
    kernel.oldVersions.add(transaction.undo.replaced)
    keepOn(transaction, request, kernel.modules)
    handOver(kernel, transaction, request)
    release(kernel, request)
    const { evaluated, statics, changed } = transaction
    return {
      isApplied: true,
      evaluated: toArray(evaluated),
      statics,
      changed,
      moved: transaction.movedNames(),
      freed: freeOrphans(kernel),
    }
  }

  function rollback(transaction: Transaction, request: TransactionRequest, error: unknown): TransactionResult {
    const { module, key } = transaction.place
    release(kernel, request)
    transaction.rollback()
    giveUp(kernel, transaction)
    return { isApplied: false, error, module, key, freed: freeOrphans(kernel) }
  }

  return {
    apply(request) {
      const transaction = new Transaction(request)
      try {
        kernel.hot.begin(transaction, request.hotUpdates, request.whole)
        const instances = findInstances(kernel, request)
        evaluate(kernel, transaction, prepare(kernel, transaction, request))
        migrateInstances(kernel, transaction, request, instances)
      } catch (error) {
        return rollback(transaction, request, error)
      }
      return commit(transaction, request)
    },
    applyAsync(request) {
      const transaction = new Transaction(request)
      return new NativePromise(resolve => {
        let works: readonly Work[]
        let instances: Instances
        try {
          kernel.hot.begin(transaction, request.hotUpdates, request.whole)
          instances = findInstances(kernel, request)
          works = prepare(kernel, transaction, request)
        } catch (error) {
          return resolve(rollback(transaction, request, error))
        }
        evaluateAsync(
          kernel,
          transaction,
          works,
          () => {
            try {
              migrateInstances(kernel, transaction, request, instances)
            } catch (error) {
              return resolve(rollback(transaction, request, error))
            }
            resolve(commit(transaction, request))
          },
          error => resolve(rollback(transaction, request, error)),
        )
      })
    },
    evaluation: id => mapGet(kernel.modules, id)?.evaluation,
    namespace: id => kernel.namespace(id),
    setExports(id, exports) {
      kernel.setExports(mapGet(kernel.modules, id)!, kernel.exportTable(exports))
    },
    external: key => kernel.external(key),
    facade: (key, value) => kernel.timers.facade(key, value),
    timers() {
      const names = {}
      kernel.timers.define(names)
      return names
    },
    installTimers: () => kernel.timers.install(),
    dispose: () => kernel.disposal.dispose(),
    disposeAll: within => kernel.disposal.disposeAll(within),
    hot: kernel.hot,
    scope: id => mapGet(kernel.modules, id)?.scope,
    forgetGiven() {
      kernel.given = undefined
    },
    given: () => kernel.given,
    item: () => itemTools(kernel),
    versions: () => kernel.oldVersions.counts(),
    close: restoreText,
  }
}
