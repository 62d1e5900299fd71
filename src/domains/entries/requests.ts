import type { ClearEntryInput, EntryFilter, RecordEntryInput } from '../../generated/graphql.ts'
import { badUserInput } from '../../platform/graphql/errors.ts'
import { fromGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import type { EntryConditions } from './queries.ts'
import { checkedRange } from './rules/ranges.ts'
import type { ClearRequest, RecordRequest } from './rules.ts'

const longestKey = 100
const longestNotes = 4000
/** Nobody's: ids begin with 1. What belongs to somebody else is not there (SHA-8). */
const noId = '0'

/** The input of `recordEntry` with its ids taken apart and its texts as they are stored. */
export function recordRequestOf(input: RecordEntryInput): RecordRequest {
  const { date, count, incrementBy, notes, expectedVersion, idempotencyKey } = input
  const item = fromGlobalId('DeedItem', input.itemId, 'input.itemId')
  if (incrementBy != null && idempotencyKey == null) {
    throw badUserInput('incrementBy needs an idempotencyKey, so that sending it again cannot count twice.', {
      reason: 'IDEMPOTENCY_KEY_REQUIRED',
      field: 'input.idempotencyKey',
    })
  }
  return {
    ...item,
    date,
    count,
    incrementBy,
    scaleValueId:
      input.scaleValueId == null ? null : scaleValueOf(item.ownerId, input.scaleValueId, 'input.scaleValueId'),
    notes: notes == null ? notes : requireText(notes, { field: 'input.notes', max: longestNotes }),
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
