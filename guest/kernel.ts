// The runtime inside a realm: applies transactions, whole or not at all.
import { evaluate, evaluateAsync, type Work } from './evaluate.js'
import { installFunctionText } from './function-text.js'
import { KernelState } from './kernel-state.js'
import { freeOrphans } from './literals.js'
import { mapGet, NativePromise } from './primordials.js'
import type { ExportRequest, KernelHost, TransactionRequest, TransactionResult } from './protocol.js'
import { warmUp } from './scope.js'
import { complete, prepare, release } from './steps.js'
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
  close(): void
}

export function createKernel(host: KernelHost): Kernel {
  const kernel = new KernelState(host)
  warmUp()
  const restoreText = installFunctionText(kernel)

  function commit(transaction: Transaction, request: TransactionRequest): TransactionResult {
    complete(kernel, transaction, request)
    transaction.commit()
    release(kernel, request)
    const { evaluated, statics, changed } = transaction
    return { isApplied: true, evaluated, statics, changed, freed: freeOrphans(kernel) }
  }

  function rollback(transaction: Transaction, request: TransactionRequest, error: unknown): TransactionResult {
    const { module, key } = transaction.place
    release(kernel, request)
    transaction.rollback()
    return { isApplied: false, error, module, key, freed: freeOrphans(kernel) }
  }

  return {
    apply(request) {
      const transaction = new Transaction()
      try {
        evaluate(kernel, transaction, prepare(kernel, transaction, request))
      } catch (error) {
        return rollback(transaction, request, error)
      }
      return commit(transaction, request)
    },
    applyAsync(request) {
      const transaction = new Transaction()
      return new NativePromise(resolve => {
        let works: readonly Work[]
        try {
          works = prepare(kernel, transaction, request)
        } catch (error) {
          return resolve(rollback(transaction, request, error))
        }
        evaluateAsync(
          kernel,
          transaction,
          works,
          () => resolve(commit(transaction, request)),
          error => resolve(rollback(transaction, request, error)),
        )
      })
    },
    evaluation: id => mapGet(kernel.modules, id)?.evaluation,
    namespace: id => kernel.namespace(id),
    setExports(id, exports) {
      kernel.setExports(mapGet(kernel.modules, id)!, kernel.exportTable(exports))
    },
    close: restoreText,
  }
}
