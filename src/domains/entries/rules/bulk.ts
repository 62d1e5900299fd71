import type { Recorded, RecordStatus } from '../rules.ts'

/** What a row that was taken came to: SUPERSEDED by a later one for the same day of the same item, or the day's status. */
export type RecordedRow = Omit<Recorded, 'status'> & { readonly status: RecordStatus | 'SUPERSEDED' }

/** Why a row was not taken: what would have been thrown had it been sent by itself. */
export interface RowRefusal {
  readonly code: string
  readonly message: string
  readonly reason?: string
  /** A path in the input, such as `input.rows[3].count`. */
  readonly field?: string
  readonly currentVersion?: number
  /** A global id. */
  readonly suggestedScaleValueId?: string
}

/** One row of the answer to several. Either `error` is there, or all that is known of the day. */
export type AnsweredRow =
  | (RecordedRow & { readonly error: null })
  | { readonly status: 'ERROR'; readonly entry: null; readonly previous: null; readonly error: RowRefusal }

/** The payload of `recordEntries`: rows in the order of the input. */
export interface RecordedRows {
  readonly rows: readonly AnsweredRow[]
}

export function refusedRow(error: RowRefusal): AnsweredRow {
  return { status: 'ERROR', entry: null, previous: null, error }
}

/** ENT-5 The rows of an atomic request of which some were refused: nothing was written, so nothing is told of the others but that. */
export function allRefused(rows: readonly AnsweredRow[]): AnsweredRow[] {
  return rows.map((row) => (row.error ? row : refusedRow(otherRowsRefused)))
}

const otherRowsRefused: RowRefusal = {
  code: 'CONFLICT',
  reason: 'OTHER_ROWS_REFUSED',
  message: 'Nothing was recorded, because other rows were refused and `atomic` was asked for.',
}
