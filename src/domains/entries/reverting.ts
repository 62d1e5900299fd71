import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import { once } from './idempotency.ts'
import { changesByKeys } from './queries/changes.ts'
import { clearDays, payloadOf, recordEntries, visibleSituation, withoutNotes } from './recording.ts'
import type { EntryPlace, Reverted } from './rules.ts'

/** Which change of an entry is to be brought back. */
export interface RevertRequest extends EntryPlace {
  readonly change: { readonly ownerId: string; readonly changeId: string }
  readonly expectedVersion?: number | null | undefined
}

/** Gives a day the value that an earlier change gave it, as a new change under all rules; the transaction's origin is `revert`. */
export function revertEntry(
  tx: Transaction,
  viewerId: UserId,
  request: RevertRequest,
  key: string | null,
): Promise<Reverted> {
  return once<Reverted>(tx, viewerId, {
    key,
    operation: 'revertEntry',
    request,
    work: () => revert(tx, viewerId, request),
    replay: async (answer) => {
      const { sharesNotes } = await visibleSituation(tx, viewerId, answer)
      if (sharesNotes) return answer
      const { entry, previous } = answer
      return { ...answer, entry: entry && { ...entry, notes: null }, previous: withoutNotes(previous) }
    },
  })
}

async function revert(tx: Transaction, viewerId: UserId, request: RevertRequest): Promise<Reverted> {
  const { ownerId, itemId, date, change, expectedVersion } = request
  const { sharesNotes } = await visibleSituation(tx, viewerId, request)
  const [found] = await changesByKeys(tx, viewerId, [change])
  if (!found || found.ownerId !== ownerId || found.itemId !== itemId || found.date !== date) {
    throw notFound('This entry has no such change.', { field: 'input.changeId' })
  }
  const day = { ownerId, itemId, date, expectedVersion }
  if (!found.newValue) {
    return { ...payloadOf(await clearDays(tx, viewerId, [day]), request, pathOf), entry: null }
  }
  const { count, scaleValueId, notes } = found.newValue
  // SHA-6 Whoever may not read notes leaves them as they are.
  const value = { ...day, count, scaleValueId, notes: sharesNotes ? notes : undefined }
  return payloadOf(await recordEntries(tx, viewerId, [value]), request, pathOf)
}

/** Which field of this input brought what is refused. */
function pathOf(field: string): string {
  const fields: Record<string, string> = { date: 'entryId', entryId: 'entryId', expectedVersion: 'expectedVersion' }
  return `input.${fields[field] ?? 'changeId'}`
}
