import { sql } from 'kysely'
import type { Database, UserId } from './types.ts'

/**
 * Does some work of a transaction as another person: what follows from a delegate's entry in the owner's goals, which the
 * delegate may not see. Only for work whose outcome the caller never shows. A failure dooms the transaction, so nothing
 * needs to be put back then.
 */
export async function actingFor<R>(tx: Database, ownerId: UserId, work: () => Promise<R>): Promise<R> {
  const { rows } = await sql<{ viewer: string | null }>`
    select current_setting('app.user_id', true) as viewer, set_config('app.user_id', ${ownerId}, true)
  `.execute(tx)
  const outcome = await work()
  await sql`select set_config('app.user_id', ${rows[0]?.viewer ?? ''}, true)`.execute(tx)
  return outcome
}
