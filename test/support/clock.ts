import type { TestDatabase } from './database.ts'

/**
 * The clock passes `until`, at which permissions of this owner end: what was later than now is earlier, and nothing else runs, no
 * trigger either.
 */
export async function passedTo({ superuser }: TestDatabase, until: string, owner: { userId: string }): Promise<void> {
  const ended = "now() - interval '1 minute'"
  const columns = ['expires_at', 'write_expires_at', 'notes_expires_at']
  const changes = columns.map(
    (column) => `${column} = case when ${column} between now() and '${until}' then ${ended} else ${column} end`,
  )
  await superuser.query(`
    begin;
    set local session_replication_role = replica;
    update permissions set granted_at = now() - interval '1 hour', expires_at = ${ended}
      where user_id = ${owner.userId} and expires_at between now() and '${until}';
    update item_access set ${changes.join(', ')} where user_id = ${owner.userId};
    commit`)
}
