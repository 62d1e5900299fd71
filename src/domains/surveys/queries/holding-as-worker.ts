import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { type ProjectKey, visibleProjects } from './projects.ts'

/**
 * Takes the lock of a project's owner until the transaction ends, for what a worker writes there for somebody, whom the audit log then
 * names. False: the project is gone, or they may not write in it any more. As `kitaab_worker`.
 */
export async function holdForWriter(
  tx: Database,
  { ownerId, projectId }: ProjectKey,
  writerId: UserId,
): Promise<boolean> {
  await sql`select set_config('app.user_id', ${writerId}, true)`.execute(tx)
  await holdOwner(tx, ownerId)
  const project = await visibleProjects(tx, writerId)
    .where('projects.user_id', '=', ownerId)
    .where('projects.project_id', '=', projectId)
    .where('projects.deleted_at', 'is', null)
    .executeTakeFirst()
  if (project === undefined || !(project.isOwn || project.granted === 'write')) return false
  const account = await tx.selectFrom('users').where('user_id', '=', writerId).select('status').executeTakeFirst()
  return account?.status === 'active'
}

/** Waits for whoever else changes something of an owner's, and makes others wait until the transaction ends. As `kitaab_worker`. */
export async function holdOwner(tx: Database, ownerId: UserId): Promise<void> {
  await sql`select from owner_state where user_id = ${ownerId} for no key update`.execute(tx)
}
