import { badUserInput, conflict, notFound } from '../../../platform/graphql/errors.ts'

/** How many permissions are granted or revoked at once; a relation has no more than that. */
export const mostGrants = 100

/** How far back a permission lets one record, in days. */
export const mostBackfillDays = 3660

/** The input's own faults: an item named twice, or days out of range. BAD_USER_INPUT. */
export function checkGrants(grants: readonly { itemId: string; backfillDays: number }[]): void {
  const named = new Set<string>()
  for (const [place, { itemId, backfillDays }] of grants.entries()) {
    const field = `input.permissions[${place}]`
    if (named.has(itemId))
      throw badUserInput('This item has a grant before it.', { reason: 'CONTRADICTORY', field: `${field}.itemId` })
    if (backfillDays < 0 || backfillDays > mostBackfillDays) {
      throw badUserInput(`backfillDays is from 0 to ${mostBackfillDays}.`, {
        reason: 'OUT_OF_RANGE',
        field: `${field}.backfillDays`,
      })
    }
    named.add(itemId)
  }
}

/** BAD_USER_INPUT, reason OUT_OF_RANGE, for the grant at this place of the input, whose end has passed; null: there is none. */
export function checkEnds(place: number | null): void {
  if (place === null) return
  throw badUserInput('expiresAt has passed: give a later time, or leave it out for a grant without an end.', {
    reason: 'OUT_OF_RANGE',
    field: `input.permissions[${place}].expiresAt`,
  })
}

/** SHA-4 Each of the items is there, else NOT_FOUND, and not private, else CONFLICT, reason ITEM_IS_PRIVATE. */
export function checkItems(
  grants: readonly { itemId: string }[],
  items: readonly { itemId: string; isPrivate: boolean }[],
): void {
  const privacy = new Map(items.map(({ itemId, isPrivate }) => [itemId, isPrivate]))
  for (const [place, { itemId }] of grants.entries()) {
    const field = `input.permissions[${place}].itemId`
    const isPrivate = privacy.get(itemId)
    if (isPrivate === undefined) throw notFound('There is no such item.', { field })
    if (isPrivate) throw itemIsPrivate(field)
  }
}

/** CONFLICT, reason ITEM_IS_PRIVATE. */
export function itemIsPrivate(field: string) {
  return conflict('A private item cannot be shared: make it visible first with `updateDeedItem`, or share another.', {
    reason: 'ITEM_IS_PRIVATE',
    field,
  })
}
