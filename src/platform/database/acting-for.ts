import { sql } from 'kysely'
import type { Transaction } from './listeners.ts'
import type { UserId } from './types.ts'

/**
 * Does some work of a transaction as another person: what follows from a delegate's entry in the owner's goals, which the
 * delegate may not see. Only for work whose outcome the caller never shows. The owner's audit log does not tell from where
 * the delegate wrote. A failure dooms the transaction, so nothing needs to be put back then.
 */
export async function actingFor<R>(tx: Transaction, ownerId: UserId, work: () => Promise<R>): Promise<R> {
  // Nobody has to act for themselves.
  if (tx.viewerId === ownerId) return work()
  const { rows } = await sql<{ viewer: string | null; ip: string | null }>`
    select current_setting('app.user_id', true) as viewer, current_setting('app.ip', true) as ip,
      set_config(
        'app.ip',
        case when current_setting('app.user_id', true) = ${ownerId} then current_setting('app.ip', true) else '' end,
        true
      ),
      set_config('app.user_id', ${ownerId}, true)
  `.execute(tx)
  const outcome = await work()
  const { viewer, ip } = rows[0] ?? {}
  await sql`select set_config('app.user_id', ${viewer ?? ''}, true), set_config('app.ip', ${ip ?? ''}, true)`.execute(
    tx,
  )
  return outcome
}
