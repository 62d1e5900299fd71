import type { RecordRequest, RecordStatus, Refusal, Situation, StoredEntry, StoredValue } from '../rules.ts'
import { decideRecord, isSameValue } from '../rules.ts'

/** One row of several, and what the database says about it. */
export interface SituatedRow {
  readonly request: RecordRequest
  readonly situation: Situation
}

/** What the rows of one day of an item come to together. */
export interface DayDecision<Row> {
  readonly refusals: ReadonlyMap<Row, Refusal>
  /** The last row that is taken, and what the day is to hold; null when every row is refused. */
  readonly taken: { readonly by: Row; readonly status: RecordStatus; readonly value: StoredValue } | null
}

/**
 * ENT-5 Decides the rows for one day of an item in the order given, each as if those before it had been recorded by themselves: so
 * increments add up, notes left out are kept, and a refused row leaves no trace. `expectedVersion` is compared with what
 * is stored, as all rows are written at once. The status is that of the day, against what is stored.
 */
export function decideDay<Row extends SituatedRow>(rows: readonly Row[]): DayDecision<Row> {
  const refusals = new Map<Row, Refusal>()
  const stored = rows[0]?.situation.entry ?? null
  let entry = stored
  let by: Row | undefined
  for (const row of rows) {
    const decision = decideRecord(row.request, { ...row.situation, entry })
    if (decision.kind === 'refused') {
      refusals.set(row, decision.refusal)
      continue
    }
    by = row
    if (decision.status !== 'UNCHANGED') entry = entryAfter(row.situation, stored, decision.value)
  }
  return { refusals, taken: by && entry ? { by, status: statusOf(stored, entry), value: entry } : null }
}

function entryAfter({ isOwner }: Situation, stored: StoredEntry | null, value: StoredValue): StoredEntry {
  return { ...value, version: stored?.version ?? 0, isWrittenByOwner: isOwner }
}

function statusOf(stored: StoredEntry | null, value: StoredValue): RecordStatus {
  if (!stored) return 'CREATED'
  return isSameValue(stored, value) ? 'UNCHANGED' : 'UPDATED'
}
