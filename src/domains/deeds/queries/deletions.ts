import { type InferResult, sql } from 'kysely'
import { tuplesIn } from '../../../platform/database/any-of.ts'
import { keysetPage } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'

export interface DeletionKey {
  ownerId: UserId
  deletionId: string
}

/** TREE-4 The deletions that can be taken back: they are seen by whose diary it is alone. */
function openDeletions(db: Database) {
  return db
    .selectFrom('deletions')
    .where('deletions.restored_at', 'is', null)
    .where(sql<boolean>`deletions.purge_after > now()`)
    .select([
      'deletions.user_id as ownerId',
      'deletions.deletion_id as deletionId',
      'deletions.kind',
      'deletions.root_id as rootId',
      'deletions.label',
      'deletions.row_count as rowCount',
      'deletions.deleted_at as deletedAt',
      'deletions.purge_after as purgeAfter',
    ])
}

export type DeletionRow = InferResult<ReturnType<typeof openDeletions>>[number]
export type DeletionPage = Page<DeletionRow>

export function deletionsByKeys(db: Database, keys: readonly DeletionKey[]) {
  const columns = [['deletions.user_id', 'bigint'] as const, ['deletions.deletion_id', 'uuid'] as const]
  const tuples = keys.map(({ ownerId, deletionId }) => [ownerId, deletionId])
  return openDeletions(db).where(tuplesIn(columns, tuples)).execute()
}

/** A page of an owner's deletions that can be taken back, the latest first. */
export function deletionsOfOwner(
  db: Database,
  ownerId: UserId,
  page: { first: number; after?: string | null | undefined },
): Promise<DeletionPage> {
  const order = [
    { column: 'deletions.deleted_at', direction: 'desc' as const },
    { column: 'deletions.deletion_id', direction: 'desc' as const },
  ]
  const deletions = openDeletions(db).where('deletions.user_id', '=', ownerId)
  return keysetPage(db, deletions, { ...page, order, scope: ['deletions', ownerId] })
}
