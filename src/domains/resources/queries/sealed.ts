import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

const atOnce = 500

/** For the worker: sensitive resources behind `after`, of all owners, in the order of their ids. */
export function sealedResources(worker: Database, after: { ownerId: UserId; resourceId: string }) {
  return worker
    .selectFrom('resources')
    .where('ciphertext', 'is not', null)
    .where(sql<boolean>`(user_id, resource_id) > (${after.ownerId}::bigint, ${after.resourceId}::bigint)`)
    .select(['user_id as ownerId', 'resource_id as resourceId', sql<string>`ciphertext`.as('ciphertext')])
    .orderBy('user_id')
    .orderBy('resource_id')
    .limit(atOnce)
    .execute()
}

/** For the worker: the same content, sealed anew, unless it changed meanwhile. */
export async function resealResource(
  worker: Database,
  { ownerId, resourceId, ciphertext }: { ownerId: UserId; resourceId: string; ciphertext: string },
  resealed: string,
): Promise<void> {
  await worker
    .updateTable('resources')
    .where('user_id', '=', ownerId)
    .where('resource_id', '=', resourceId)
    .where('ciphertext', '=', ciphertext)
    .set({ ciphertext: resealed, key_id: sql<string>`split_part(${resealed}, '.', 2)` })
    .execute()
}
