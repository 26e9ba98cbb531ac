// Hands a prepared change to the kernel, in the realm.
import type { TransactionResult } from '../guest/protocol.js'
import { guestState } from '../guest/state.js'
import type { Change } from './change.js'
import type { Prepared } from './prepare.js'
import { localRealm } from './realms/realm.js'
import { takeOver } from './realms/result.js'
import type { Services } from './services.js'

/** Notes what is under way. */
export function enter({ underWay }: Services, { changes }: Change): void {
  for (const [id, change] of changes) underWay.set(id, change)
}

export function leave({ underWay, commonJS }: Services, { changes }: Change): void {
  for (const id of changes.keys()) {
    underWay.delete(id)
    commonJS.delete(id)
  }
}

/** Whether applying it takes more than a turn of the event loop. In an isolate everything does. */
export const isAsync = ({ realm }: Services, prepared: Prepared): boolean =>
  prepared.isAsync || realm.kind === 'isolate'

export function apply(services: Services, { request }: Prepared, isFirstLoad: boolean): TransactionResult {
  const end = begin(services, request, isFirstLoad)
  try {
    return takeOver(localRealm(services.realm).kernel.apply(request))
  } finally {
    end()
  }
}

export async function applyAsync(
  services: Services,
  { request, isAsync }: Prepared,
  isFirstLoad: boolean,
): Promise<TransactionResult> {
  const { realm } = services
  if (realm.kind === 'isolate') return realm.transact(request, isAsync)
  const end = begin(services, request, isFirstLoad)
  try {
    return takeOver(await realm.kernel.applyAsync(request))
  } finally {
    end()
  }
}

/** Lets guests know that a reload evaluates. @returns what ends it; so does closing the program */
function begin({ evaluating }: Services, { changes }: Prepared['request'], isFirstLoad: boolean): () => void {
  if (isFirstLoad) return () => {}
  const end = () => {
    guestState.reloads.delete(changes)
    evaluating.delete(end)
  }
  guestState.reloads.add(changes)
  evaluating.add(end)
  return end
}
