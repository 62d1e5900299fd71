import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

/** What came of claiming a key: it is new to us, it has an answer, or its twin is at work at this moment. */
export type Claim =
  | { readonly kind: 'new' }
  | { readonly kind: 'answered'; readonly requestHash: string; readonly response: unknown }
  | { readonly kind: 'busy' }

export interface KeyOfRequest {
  readonly key: string
  readonly operation: string
  /** SHA-256 of the request, in hexadecimal. */
  readonly requestHash: string
}

/**
 * ENT-4 Claims a key for this transaction. A twin that is at work holds the advisory lock until it commits, so nobody waits; when we
 * hold it, what the twin committed is there to be seen. A key that has expired is as good as new.
 */
export async function claimKey(db: Database, viewerId: UserId, request: KeyOfRequest): Promise<Claim> {
  const { key, operation, requestHash } = request
  const lock = sql`pg_try_advisory_xact_lock(hashtextextended('idempotency:' || ${key}, ${viewerId}::bigint))`
  const { rows } = await sql<{ isHeld: boolean; isNew: boolean }>`
    with held as materialized (select ${lock} as "isHeld"),
    claimed as (
      insert into idempotency_keys (user_id, key, operation, request_hash)
      select ${viewerId}::bigint, ${key}, ${operation}, decode(${requestHash}, 'hex') from held where "isHeld"
      on conflict (user_id, key) do update set
        operation = excluded.operation, request_hash = excluded.request_hash, response = null,
        created_at = excluded.created_at, expires_at = excluded.expires_at
      where idempotency_keys.expires_at <= now()
      returning key
    )
    select "isHeld", exists (select from claimed) as "isNew" from held`.execute(db)
  const [claim] = rows
  if (!claim?.isHeld) return { kind: 'busy' }
  return claim.isNew ? { kind: 'new' } : answered(db, viewerId, key)
}

async function answered(db: Database, viewerId: UserId, key: string): Promise<Claim> {
  const row = await db
    .selectFrom('idempotency_keys')
    .where('user_id', '=', viewerId)
    .where('key', '=', key)
    .select([sql<string>`encode(request_hash, 'hex')`.as('requestHash'), 'response'])
    .executeTakeFirstOrThrow()
  return { kind: 'answered', ...row }
}

/** Keeps the answer beside the key that this transaction claimed. */
export async function keepAnswer(db: Database, viewerId: UserId, key: string, response: object): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ response: JSON.stringify(response) })
    .where('user_id', '=', viewerId)
    .where('key', '=', key)
    .execute()
}
