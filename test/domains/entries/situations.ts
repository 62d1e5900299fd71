import {
  decideClear,
  decideRecord,
  type RecordRequest,
  type Situation,
  type StoredEntry,
} from '../../../src/domains/entries/rules.ts'

/** Whose item the situations are about. */
export const place = { ownerId: '1', itemId: '10' }

/** What the owner wrote, of each measure. */
export const ownersCount: StoredEntry = {
  version: 3,
  isWrittenByOwner: true,
  count: '5.000',
  scaleId: null,
  scaleValueId: null,
  notes: 'after dawn',
}
export const ownersScale: StoredEntry = { ...ownersCount, count: null, scaleId: '20', scaleValueId: '201' }

/** The owner at a counted deed, on a day with nothing recorded. */
export function counted(changes: Partial<Situation> = {}): Situation {
  return {
    ...place,
    deedId: '5',
    date: '2026-11-20',
    measure: 'count',
    isOwner: true,
    mayWrite: true,
    sharesNotes: true,
    earliestDate: '1900-01-01',
    latestDate: '2026-11-21',
    effectiveScaleId: null,
    requestedScaleId: null,
    requestedIsRetired: false,
    sameLineageValueId: null,
    entry: null,
    ...changes,
  }
}

/** The owner at a deed on a scale. */
export const scaled = (changes: Partial<Situation> = {}) =>
  counted({ measure: 'scale', effectiveScaleId: '20', requestedScaleId: '20', ...changes })

/** Somebody else, who may record. */
export const asDelegate = (changes: Partial<Situation> = {}) =>
  counted({ isOwner: false, earliestDate: '2026-11-13', ...changes })

/** What recording comes to: the status and the value, or the refusal without its wording. */
export function record(request: Partial<RecordRequest>, situation: Situation) {
  const decision = decideRecord({ ...place, ...request }, situation)
  if (decision.kind === 'refused') {
    const { message: _, ...refusal } = decision.refusal
    return refusal
  }
  return { status: decision.status, ...decision.value }
}

/** What clearing comes to: the status, or the reason of the refusal. */
export function clear(expectedVersion: number | undefined, situation: Situation) {
  const decision = decideClear({ ...place, date: '2026-11-20', expectedVersion }, situation)
  return decision.kind === 'refused' ? decision.refusal.reason : decision.status
}
