import type { TestDatabase } from '../../support/database.ts'
import { newUser, type TestPerson } from '../../support/people.ts'

/** A person with a deed on a scale of three values (0, 0.5 and 1) and one that is counted: the ids of their first items. */
export interface Recorder extends TestPerson {
  readonly prayer: string
  readonly gossip: string
  readonly values: readonly string[]
  readonly scaleId: string
}

export async function newRecorder(database: TestDatabase, name: string): Promise<Recorder> {
  const person = await newUser(database, name)
  const { rows } = await database.admin.query(
    `with prayers as (
       insert into deeds (user_id, category_type, name, measure_type) values ($1, 'hasanaat', 'Prayers', 'scale') returning deed_id
     ), talk as (
       insert into deeds (user_id, category_type, name, measure_type, unit) values ($1, 'saiyyiaat', 'Idle talk', 'count', 'times') returning deed_id
     )
     select (select deed_id from prayers) as prayers, (select deed_id from talk) as talk`,
    [person.userId],
  )
  const { prayers, talk } = rows[0]
  const item = async (deedId: string, itemName: string) => {
    const made = await database.admin.query(
      'insert into deed_items (user_id, deed_id, level, name) values ($1, $2, 1, $3) returning deed_item_id',
      [person.userId, deedId, itemName],
    )
    return made.rows[0].deed_item_id
  }
  const scale = await database.admin.query(
    `insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, 1, daterange(null, null)) returning scale_id`,
    [person.userId, prayers],
  )
  const scaleId = scale.rows[0].scale_id
  const values = await database.admin.query(
    `insert into scale_values (user_id, scale_id, deed_id, value_name, value_order, score, normalized_score)
     select $1, $2, $3, 'Value ' || place, place, (place - 1) * 0.5, (place - 1) * 0.5 from generate_series(1, 3) as place
     returning scale_value_id`,
    [person.userId, scaleId, prayers],
  )
  return {
    ...person,
    prayer: await item(prayers, 'Dawn'),
    gossip: await item(talk, 'At work'),
    values: values.rows.map((row) => row.scale_value_id),
    scaleId,
  }
}

/** Records a prayer's value, or what was counted, whatever is there. */
export async function record(
  { admin }: TestDatabase,
  person: Recorder,
  { day, value, count, item }: { day: string; value?: number; count?: number; item?: string },
): Promise<void> {
  const deedItem = item ?? (value === undefined ? person.gossip : person.prayer)
  await admin.query(
    `insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id, count_value, created_by_user_id, updated_by_user_id)
     values ($1, $2, $3, $4, $5, $6, $1, $1)
     on conflict (user_id, deed_item_id, entry_date) do update
     set scale_value_id = excluded.scale_value_id, count_value = excluded.count_value, deleted_at = null`,
    [
      person.userId,
      deedItem,
      day,
      value === undefined ? null : person.scaleId,
      value === undefined ? null : person.values[value],
      count ?? null,
    ],
  )
}
