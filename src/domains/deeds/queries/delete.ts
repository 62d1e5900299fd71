import { sql } from 'kysely'
import type { DeletionKind } from '../../../generated/database.ts'
import type { Database } from '../../../platform/database/types.ts'
import { conflict, notFound } from '../../../platform/graphql/errors.ts'
import { type DeedKey, deedsByKeys, type ItemKey } from '../queries.ts'
import { subtreeOf } from '../rules.ts'
import { namingDeletion } from './constraint-errors.ts'
import { type DeletionKey, type DeletionRow, deletionsByKeys } from './deletions.ts'
import { checkVersion, lockOwner } from './locks.ts'
import { treeAround } from './trees.ts'

/** TREE-4 Deletes one's own deed with its live items, versions of the scale and merits. NOT_FOUND or CONFLICT, STALE_VERSION. */
export async function deleteDeed(tx: Database, key: DeedKey, expectedVersion?: number | null): Promise<DeletionKey> {
  await lockOwner(tx, key.ownerId)
  const [deed] = await deedsByKeys(tx, key.ownerId, [key])
  if (!deed) throw notFound()
  checkVersion(deed.version, expectedVersion)
  const deletion = await insertDeletion(tx, key.ownerId, { kind: 'deed', rootId: key.deedId, label: deed.name })
  // The deed first: a version of a scale with entries goes only with its deed.
  return stamp(tx, deletion, ['deeds', 'deed_items', 'scales', 'goals'], { column: 'deed_id', ids: [key.deedId] })
}

/** TREE-4 Deletes one's own item with all that is live below it. NOT_FOUND or CONFLICT, STALE_VERSION. */
export async function deleteItem(tx: Database, key: ItemKey, expectedVersion?: number | null): Promise<DeletionKey> {
  await lockOwner(tx, key.ownerId)
  const { tree, item } = await treeAround(tx, key)
  checkVersion(item.version, expectedVersion)
  const deletion = await insertDeletion(tx, key.ownerId, { kind: 'deed_item', rootId: key.itemId, label: item.name })
  return stamp(tx, deletion, ['deed_items'], { column: 'deed_item_id', ids: subtreeOf(tree, key.itemId) })
}

async function insertDeletion(
  tx: Database,
  ownerId: string,
  { kind, rootId, label }: { kind: DeletionKind; rootId: string; label: string },
): Promise<DeletionKey> {
  const { deletionId } = await tx
    .insertInto('deletions')
    .values({ user_id: ownerId, kind, root_id: rootId, label, deleted_by: ownerId })
    .returning('deletion_id as deletionId')
    .executeTakeFirstOrThrow()
  return { ownerId, deletionId }
}

/** What a deletion stamps, in the order in which it is stamped and restored: each after what it belongs to. */
const stamped = ['deeds', 'deed_items', 'scales', 'goals'] as const

interface Taken {
  column: 'deed_id' | 'deed_item_id'
  ids: readonly string[]
}

/** Puts the deletion's stamp on the live rows that it takes, and their number on the deletion. */
async function stamp(
  tx: Database,
  deletion: DeletionKey,
  tables: readonly (typeof stamped)[number][],
  { column, ids }: Taken,
): Promise<DeletionKey> {
  let count = 0n
  for (const table of tables) {
    const { numAffectedRows } = await sql`
      update ${sql.table(table)}
      set deleted_at = now(), deleted_by = ${deletion.ownerId}, deletion_id = ${deletion.deletionId}
      where user_id = ${deletion.ownerId} and ${sql.ref(column)} = any (${ids}::bigint[]) and deleted_at is null
    `.execute(tx)
    count += numAffectedRows ?? 0n
  }
  await updateDeletion(tx, deletion, { row_count: Number(count) })
  return deletion
}

/**
 * TREE-4 Takes the stamp of a deletion off, and answers what it was. NOT_FOUND when there is none to take back; CONFLICT
 * when what it belongs to is deleted (PARENT_DELETED), a name is taken (DUPLICATE_NAME), an import made it anew
 * (IMPORTED_AGAIN), there would be too many (TOO_MANY), or a goal's deed is measured in another way (WRONG_MEASURE).
 */
export async function restore(tx: Database, key: DeletionKey): Promise<DeletionRow> {
  await lockOwner(tx, key.ownerId)
  const [deletion] = await deletionsByKeys(tx, [key])
  if (!deletion) throw notFound()
  for (const table of stamped) {
    const update = sql`
      update ${sql.table(table)} set deleted_at = null, deleted_by = null, deletion_id = null
      where user_id = ${key.ownerId} and deletion_id = ${key.deletionId}
    `.execute(tx)
    await namingDeletion(deletion.label, update)
  }
  await checkMeasures(tx, deletion)
  await updateDeletion(tx, key, { restored_at: sql<string>`now()` })
  return deletion
}

/** GOAL-1 While a goal was deleted nothing kept the measure of what it asks for. */
async function checkMeasures(tx: Database, { ownerId, kind, rootId, label }: DeletionRow): Promise<void> {
  if (kind !== 'goal') return
  const { rows } = await sql`
    select from goal_items as asked
    join deed_items as item on item.user_id = asked.user_id and item.deed_item_id = asked.deed_item_id
    join deeds on deeds.user_id = item.user_id and deeds.deed_id = item.deed_id
    where asked.user_id = ${ownerId} and asked.goal_id = ${rootId} and asked.deleted_at is null
      and ((asked.metric = 'count_sum' and deeds.measure_type <> 'count')
        or (asked.metric = 'scale_match' and deeds.measure_type <> 'scale'))
    limit 1
  `.execute(tx)
  if (rows.length === 0) return
  throw conflict(`What "${label}" asks for is measured in another way by now.`, {
    reason: 'WRONG_MEASURE',
    field: 'input.deletionId',
  })
}

async function updateDeletion(
  tx: Database,
  { ownerId, deletionId }: DeletionKey,
  changes: { row_count: number } | { restored_at: ReturnType<typeof sql<string>> },
): Promise<void> {
  await tx
    .updateTable('deletions')
    .set(changes)
    .where('user_id', '=', ownerId)
    .where('deletion_id', '=', deletionId)
    .execute()
}

/**
 * An item of each tree that a deletion takes from, and those that the goals among what it takes ask for: by these the goals
 * are found that have to be judged anew. To be asked while the stamps are on.
 */
export async function itemsTouchedBy(tx: Database, { ownerId, deletionId }: DeletionKey): Promise<ItemKey[]> {
  const { rows } = await sql<ItemKey>`
    select user_id as "ownerId", min(deed_item_id) as "itemId"
    from deed_items where user_id = ${ownerId} and deletion_id = ${deletionId}
    group by user_id, deed_id
    union
    select goal_items.user_id, goal_items.deed_item_id
    from goals join goal_items on goal_items.user_id = goals.user_id and goal_items.goal_id = goals.goal_id
    where goals.user_id = ${ownerId} and goals.deletion_id = ${deletionId} and goal_items.deleted_at is null
  `.execute(tx)
  return rows
}
