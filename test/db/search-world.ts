// What the tests of the search have in common.
import { befriend, only, type Person, type World } from './world.ts'

export const kinds = '{deed,deed_item,note,reflection,message}'

/** What a person finds, the best first: `kind object date`. */
export async function find(person: Person, text: string, among = kinds): Promise<string[]> {
  const rows = await person.query(
    `select kind || ' ' || object_id || case when kind = 'note' then ' ' || on_date else '' end as place
     from find_documents($1, $2) order by rank desc, on_date desc, kind desc, owner_id desc, object_id desc`,
    [text, among],
  )
  return rows.map((row) => row.place)
}

export async function remove(
  owner: Person,
  table: 'deeds' | 'deed_items',
  key: string,
  where: string,
  values: unknown[],
) {
  return owner.transaction(async (query) => {
    const deletion = only(
      await query(
        "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, $2, $3, 'it', $1) returning deletion_id",
        [owner.id, table === 'deeds' ? 'deed' : 'deed_item', key],
      ),
    )
    await query(
      `update ${table} set deleted_at = now(), deleted_by = user_id, deletion_id = '${deletion}' where ${where}`,
      values,
    )
    return deletion
  })
}

export const restore = (owner: Person, table: string, deletion: string) =>
  owner.query(`update ${table} set deleted_at = null, deleted_by = null, deletion_id = null where deletion_id = $1`, [
    deletion,
  ])

let pairs = 0

/** Somebody who writes, and somebody whom they accepted. */
export async function newPair(world: World) {
  pairs += 1
  const owner = await world.newPerson(`owner_${pairs}`)
  const viewer = await world.newPerson(`viewer_${pairs}`)
  return { owner, viewer, relation: await befriend(viewer, owner) }
}
