// The runtime inside a realm: applies transactions, whole or not at all.
import { installFunctionText } from './function-text.js'
import { KernelState } from './kernel-state.js'
import { freeOrphans } from './literals.js'
import { mapGet, NativePromise, whenSettled } from './primordials.js'
import type { ExportRequest, KernelHost, TransactionRequest, TransactionResult } from './protocol.js'
import { steps } from './steps.js'
import { Transaction } from './transaction.js'

export interface Kernel {
  /** Applies a transaction in one turn. No item may await. */
  apply(request: TransactionRequest): TransactionResult
  /** Applies a transaction with items that await. */
  applyAsync(request: TransactionRequest): Promise<TransactionResult>
  namespace(module: string): object
  setExports(module: string, exports: readonly ExportRequest[]): void
  close(): void
}

export function createKernel(host: KernelHost): Kernel {
  const kernel = new KernelState(host)
  const restoreText = installFunctionText(kernel)

  function commit({ evaluated, changed }: Transaction): TransactionResult {
    kernel.enter(undefined)
    return { isApplied: true, evaluated, changed, freed: freeOrphans(kernel) }
  }

  function rollback(transaction: Transaction, error: unknown): TransactionResult {
    const { module, key } = transaction.place
    transaction.rollback()
    kernel.enter(undefined)
    return { isApplied: false, error, module, key, freed: freeOrphans(kernel) }
  }

  return {
    apply(request) {
      const transaction = new Transaction()
      kernel.enter(transaction)
      try {
        if (!steps(kernel, request).next().done) throw new Error('an item awaits in a transaction of one turn')
      } catch (error) {
        return rollback(transaction, error)
      }
      return commit(transaction)
    },
    applyAsync(request) {
      const transaction = new Transaction()
      kernel.enter(transaction)
      const iterator = steps(kernel, request)
      return new NativePromise(resolve => {
        const advance = (take: () => IteratorResult<unknown, void>) => {
          // Another transaction, of an `import()`, may have come in between.
          kernel.enter(transaction)
          try {
            const step = take()
            if (step.done) return resolve(commit(transaction))
            whenSettled(
              step.value as Promise<unknown>,
              value => advance(() => iterator.next(value)),
              error => advance(() => iterator.throw(error)),
            )
          } catch (error) {
            kernel.enter(transaction)
            resolve(rollback(transaction, error))
          }
        }
        advance(() => iterator.next())
      })
    },
    namespace: id => kernel.namespace(id),
    setExports(id, exports) {
      kernel.setExports(mapGet(kernel.modules, id)!, kernel.exportTable(exports))
    },
    close: restoreText,
  }
}
