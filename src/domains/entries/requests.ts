import { GraphQLError } from 'graphql'
import type {
  ClearEntryInput,
  EntryFilter,
  RecordEntriesInput,
  RecordEntryInput,
  RecordEntryRow,
  RevertEntryInput,
} from '../../generated/graphql.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { fromGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import type { BulkRequest, ReadRow } from './bulk.ts'
import type { EntryConditions } from './queries.ts'
import type { RevertRequest } from './reverting.ts'
import { checkedRange } from './rules/ranges.ts'
import type { ClearRequest, RecordRequest } from './rules.ts'

const longestKey = 100
const longestNotes = 4000
/** Of one `recordEntries`. */
const mostRows = 500
/** Nobody's: ids begin with 1. What belongs to somebody else is not there (SHA-8). */
const noId = '0'

/** The input of `recordEntry` with its ids taken apart and its texts as they are stored. */
export function recordRequestOf({ idempotencyKey, ...row }: RecordEntryInput): RecordRequest {
  if (row.incrementBy != null && idempotencyKey == null) throw keyIsRequired()
  return rowOf(row, 'input')
}

/**
 * The input of `recordEntries`. A row that can't be read keeps why, to answer beside the others. Throws for what concerns all rows:
 * TOO_MANY, INVALID_TEXT (the key), IDEMPOTENCY_KEY_REQUIRED.
 */
export function bulkRequestOf({ rows, atomic, idempotencyKey }: RecordEntriesInput): BulkRequest {
  const field = 'input.rows'
  if (rows.length === 0) throw badUserInput('There is nothing to record.', { reason: 'EMPTY_LIST', field })
  atMost(rows, mostRows, field)
  const key = keyOf(idempotencyKey)
  if (key === null && rows.some(({ incrementBy }) => incrementBy != null)) throw keyIsRequired()
  return {
    rows: rows.map((row, index) => readRow(row, `${field}[${index}]`)),
    atomic: atomic ?? false,
    key,
    sent: [rows, atomic ?? false],
  }
}

function readRow(row: RecordEntryRow, path: string): ReadRow {
  try {
    return { request: rowOf(row, path) }
  } catch (error) {
    if (error instanceof GraphQLError) return { error }
    throw error
  }
}

function rowOf(row: RecordEntryRow, path: string): RecordRequest {
  const { date, count, incrementBy, notes, expectedVersion } = row
  const item = fromGlobalId('DeedItem', row.itemId, `${path}.itemId`)
  const valueId = row.scaleValueId
  return {
    ...item,
    date,
    count,
    incrementBy,
    scaleValueId: valueId == null ? null : scaleValueOf(item.ownerId, valueId, `${path}.scaleValueId`),
    notes: notes == null ? notes : requireText(notes, { field: `${path}.notes`, max: longestNotes }),
    expectedVersion,
  }
}

function keyIsRequired() {
  return badUserInput('incrementBy needs an idempotencyKey, so that sending it again cannot count twice.', {
    reason: 'IDEMPOTENCY_KEY_REQUIRED',
    field: 'input.idempotencyKey',
  })
}

/** The input of `revertEntry`. */
export function revertRequestOf({ entryId, changeId, expectedVersion }: RevertEntryInput): RevertRequest {
  return {
    ...fromGlobalId('Entry', entryId, 'input.entryId'),
    change: fromGlobalId('EntryChange', changeId, 'input.changeId'),
    expectedVersion,
  }
}

/** The input of `clearEntry`. */
export function clearRequestOf({ entryId, expectedVersion }: ClearEntryInput): ClearRequest {
  return { ...fromGlobalId('Entry', entryId, 'input.entryId'), expectedVersion }
}

/** ENT-4 A client's key, 1..100 characters. */
export function keyOf(idempotencyKey: string | null | undefined): string | null {
  if (idempotencyKey == null) return null
  return requireText(idempotencyKey, { field: 'input.idempotencyKey', max: longestKey })
}

/** The conditions of a filter on the entries of one owner; ids of anybody else find nothing. */
export function conditionsOf(filter: EntryFilter | null | undefined, ownerId: string): EntryConditions {
  const { range, deedIds, itemIds, scaleValueIds, ...others } = filter ?? {}
  return {
    ...others,
    range: range && checkedRange(range, 'filter.range'),
    deedIds:
      deedIds &&
      atMost(deedIds, 100, 'filter.deedIds').map((id, index) => {
        const deed = fromGlobalId('Deed', id, `filter.deedIds[${index}]`)
        return deed.ownerId === ownerId ? deed.deedId : noId
      }),
    itemIds:
      itemIds &&
      atMost(itemIds, 100, 'filter.itemIds').map((id, index) => {
        const item = fromGlobalId('DeedItem', id, `filter.itemIds[${index}]`)
        return item.ownerId === ownerId ? item.itemId : noId
      }),
    scaleValueIds:
      scaleValueIds &&
      atMost(scaleValueIds, 50, 'filter.scaleValueIds').map((id, index) =>
        scaleValueOf(ownerId, id, `filter.scaleValueIds[${index}]`),
      ),
  }
}

function scaleValueOf(ownerId: string, id: string, field: string): string {
  const value = fromGlobalId('ScaleValue', id, field)
  return value.ownerId === ownerId ? value.scaleValueId : noId
}

function atMost<Value>(values: readonly Value[], most: number, field: string): readonly Value[] {
  if (values.length <= most) return values
  throw badUserInput(`At most ${most} at once; these are ${values.length}.`, { reason: 'TOO_MANY', field })
}
