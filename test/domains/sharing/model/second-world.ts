// SHA-8 literally: a second database in which what is not shared with a viewer never was, with the same ids.
import { newDatabase, type TestDatabase } from '../../../support/database.ts'
import { changesSeen, lastChangeSeen, mayReadNotes } from './entry-answers.ts'
import type { Rows } from './rows.ts'
import type { Seen } from './seen.ts'

type Row = Record<string, unknown>
type Read = (table: string, condition: string) => Promise<Row[]>

/** A world with what is the viewer's own, and of others what the viewer is shown of each. Whoever asks for it stops it. */
export async function newWorldOf(first: TestDatabase, rows: Rows, shown: readonly Seen[]): Promise<TestDatabase> {
  const viewer = shown[0]?.viewer ?? ''
  const people = [viewer, ...shown.filter(({ isConnected }) => isConnected).map(({ owner }) => owner)]
  const read: Read = async (table, condition) => {
    const { rows } = await first.superuser.query<{ row: Row }>(
      `select to_jsonb(t) as row from ${table} as t where ${condition}`,
    )
    return rows.map(({ row }) => row)
  }
  const second = await newDatabase()
  await second.superuser.query('set session_replication_role = replica')
  const write = (table: string, some: readonly Row[]) =>
    second.superuser.query(
      `insert into ${table} overriding system value select * from jsonb_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(some)],
    )
  for (const [table, condition] of Object.entries(ownOrShared(viewer, `(${people})`)))
    await write(table, await read(table, condition))
  for (const seen of shown)
    for (const [table, some] of Object.entries(await diaryOf(read, rows, seen))) await write(table, some)
  // Triggers keep what can be found.
  await second.superuser.query(`
    insert into search_documents (user_id, kind, object_id, on_date, vector)
    select user_id, kind, object_id, on_date, search_vector(user_id, name, description, body) from search_sources`)
  return second
}

/** What of each table is the viewer's, or between the viewer and these people. */
function ownOrShared(viewer: string, people: string): Record<string, string> {
  const own = `user_id = ${viewer}`
  return {
    users: `user_id in ${people}`,
    sessions: own,
    owner_state: `user_id in ${people}`,
    relations: `${viewer} in (requestee_id, requester_id) and requestee_id in ${people} and requester_id in ${people}`,
    relation_requests: own,
    permissions: `${own} or requester_id = ${viewer} and is_active`,
    item_access: `${own} or viewer_id = ${viewer}`,
    deeds: own,
    deed_items: own,
    scales: own,
    scale_values: own,
    entries: own,
    entry_history: own,
    deletions: own,
  }
}

/** The owner's diary as if it held what is seen and nothing else. */
async function diaryOf(read: Read, rows: Rows, seen: Seen): Promise<Record<string, Row[]>> {
  const own = `user_id = ${seen.owner}`
  const idOf = (row: Row, column: string) => String(row[column])
  const deeds = (await read('deeds', own)).flatMap((row) => {
    const deed = seen.deeds.find(({ id }) => id === idOf(row, 'deed_id'))
    return deed ? [{ ...row, description: null, display_order: deed.place, is_active: true, version: 1 }] : []
  })
  const items = (await read('deed_items', own)).flatMap((row) => {
    const item = seen.items.find(({ id }) => id === idOf(row, 'deed_item_id'))
    const place = item && { parent_deed_item_id: item.parent?.id ?? null, level: item.depth, display_order: item.place }
    return place ? [{ ...row, ...place, version: 1, updated_at: row.created_at }] : []
  })
  const isOfDeed = (row: Row) => seen.deeds.some(({ id }) => id === idOf(row, 'deed_id'))
  const entries = (await read('entries', own)).flatMap((row) => {
    const entry = rows.entries.find(
      ({ owner, item, date }) => owner === seen.owner && item === idOf(row, 'deed_item_id') && date === row.entry_date,
    )
    if (!entry || !seen.items.some(({ id }) => id === entry.item)) return []
    const { version, writer, origin, updatedAt } = lastChangeSeen(rows, seen, entry)
    const changed = { version, updated_by_user_id: writer, origin, updated_at: updatedAt }
    const unnoted = { value_version: null, value_updated_at: null, value_updated_by_user_id: null, value_origin: null }
    return [{ ...row, ...changed, ...unnoted, notes: mayReadNotes(seen, entry) ? entry.notes : null }]
  })
  const history = (await read('entry_history', own)).flatMap((row) => {
    const key = { item: idOf(row, 'deed_item_id'), date: String(row.entry_date) }
    const change = changesSeen(rows, seen, key).find(({ id }) => id === idOf(row, 'entry_history_id'))
    if (!change || !seen.items.some(({ id }) => id === change.item)) return []
    const told = (values: unknown) =>
      values && { ...(values as Row), ...(!mayReadNotes(seen, change) && { notes: null }) }
    return [{ ...row, old_values: told(row.old_values), new_values: told(row.new_values) }]
  })
  const scales = (await read('scales', own)).filter(isOfDeed)
  const values = (await read('scale_values', own)).filter(isOfDeed)
  return { deeds, deed_items: items, scales, scale_values: values, entries, entry_history: history }
}
