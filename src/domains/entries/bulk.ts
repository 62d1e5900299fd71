import { GraphQLError } from 'graphql'
import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import type { RunTransaction } from '../../platform/database/viewer-database.ts'
import { once } from './idempotency.ts'
import { situationsOf } from './queries/situations.ts'
import { recordRows, withoutNotes } from './recording.ts'
import { errorOf } from './refusals.ts'
import { type AnsweredRow, allRefused, type RecordedRows, type RowRefusal, refusedRow } from './rules/bulk.ts'
import { noSuchItem, type RecordRequest, type Refusal } from './rules.ts'

/** A row as it was read from the input: a request, or why it is none. */
export type ReadRow = { readonly request: RecordRequest } | { readonly error: GraphQLError }

export interface BulkRequest {
  readonly rows: readonly ReadRow[]
  /** All rows or none. */
  readonly atomic: boolean
  readonly key: string | null
  /** What was sent, as JSON: the same again is the same request (ENT-4). */
  readonly sent: unknown
}

/**
 * ENT-5 Records several rows in one transaction, as the mutation does. Rows that are refused answer why and the others are
 * recorded; if `atomic`, nothing is, and no key is kept. What changes under a row between its decision and its writing
 * (a right, a scale, a measure) breaks off the transaction: then all rows are decided once more.
 */
export async function recordInBulk(
  transaction: RunTransaction,
  viewerId: UserId,
  request: BulkRequest,
): Promise<RecordedRows> {
  const owners = [...new Set(request.rows.flatMap((row) => ('request' in row ? [row.request.ownerId] : [])))]
  const attempt = () => transaction((tx) => recordOnce(tx, viewerId, request), { owners, origin: 'bulk' })
  try {
    return await attempt().catch((error) => (isOvertaken(error) ? attempt() : Promise.reject(error)))
  } catch (error) {
    if (error instanceof TakeBack) return { rows: allRefused(error.rows) }
    throw error
  }
}

/** Thrown so that nothing of an atomic request stays. */
class TakeBack extends Error {
  readonly rows: readonly AnsweredRow[]
  constructor(rows: readonly AnsweredRow[]) {
    super('Some rows were refused.')
    this.rows = rows
  }
}

/** Whether the database refused what the rules had let through: rows that the rules refuse are answered, never thrown. */
function isOvertaken(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return false
  const { code, reason } = error.extensions
  return code === 'NOT_FOUND' || reason === 'WRONG_MEASURE' || reason === 'SCALE_VERSION_MISMATCH'
}

function recordOnce(tx: Transaction, viewerId: UserId, { rows, atomic, key, sent }: BulkRequest) {
  return once<RecordedRows>(tx, viewerId, {
    key,
    operation: 'recordEntries',
    request: sent,
    work: async () => {
      const answered = await recordRead(tx, viewerId, rows)
      if (atomic && answered.some(({ error }) => error)) throw new TakeBack(answered)
      return { rows: answered }
    },
    replay: async (answer) => ({ rows: await visibleNow(tx, viewerId, answer.rows) }),
  })
}

async function recordRead(tx: Transaction, viewerId: UserId, rows: readonly ReadRow[]): Promise<AnsweredRow[]> {
  const requests = rows.flatMap((row) => ('request' in row ? [row.request] : []))
  const outcomes = (await recordRows(tx, viewerId, requests)).values()
  return rows.map((row, index): AnsweredRow => {
    if ('error' in row) return refusedRow(rowError(row.error))
    const outcome = outcomes.next().value
    if (outcome && 'payload' in outcome) return { ...outcome.payload, error: null }
    return refusedRow(rowError(errorOfRow(outcome?.refusal ?? noSuchItem, row.request.ownerId, index)))
  })
}

function errorOfRow(refusal: Refusal, ownerId: string, index: number): GraphQLError {
  const told = refusal.code === 'NOT_FOUND' ? { field: 'itemId', ...refusal } : refusal
  return errorOf(told, ownerId, (field) => `input.rows[${index}].${field}`)
}

/** The same codes and reasons as what would be thrown, by being it. */
function rowError({ message, extensions }: GraphQLError): RowRefusal {
  return { ...extensions, message, code: String(extensions.code) }
}

/** SHA-9 What may be seen of an answer of earlier is what may be seen now. */
async function visibleNow(tx: Transaction, viewerId: UserId, rows: readonly AnsweredRow[]): Promise<AnsweredRow[]> {
  const places = rows.flatMap((row) => (row.error ? [] : [row]))
  const situations = (await situationsOf(tx, viewerId, places)).values()
  return rows.map((row, index): AnsweredRow => {
    if (row.error) return row
    const situation = situations.next().value
    if (!situation) return refusedRow(rowError(errorOfRow(noSuchItem, row.ownerId, index)))
    if (situation.sharesNotes) return row
    return { ...row, entry: { ...row.entry, notes: null }, previous: withoutNotes(row.previous) }
  })
}
