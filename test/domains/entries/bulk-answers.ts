import type { AnsweredRow } from '../../../src/domains/entries/rules/bulk.ts'
import type { Diarist, DiaryWorld } from './world.ts'

/** What became of each row: the reason of its refusal, else its status. */
export const statuses = (rows: readonly AnsweredRow[]) =>
  rows.map(({ status, error }) => error?.reason ?? error?.code ?? status)

/** The entries of a diary as they are stored, by item and day. */
export const storedOf = (world: DiaryWorld, { id }: Diarist) =>
  world.admin(
    `select deed_item_id as "itemId", entry_date as date, count_value as count, notes, version, origin from entries
     where user_id = $1 and deleted_at is null order by deed_item_id, entry_date`,
    [id],
  )
