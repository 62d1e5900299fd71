import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'

/** A browser that takes push messages: its address, and what messages to it are encrypted by, sealed. */
export interface Device {
  readonly endpoint: string
  readonly sealedKeys: string
}

export async function deviceCount(db: Database, ownerId: UserId): Promise<number> {
  const { count } = await db
    .selectFrom('push_subscriptions')
    .where('user_id', '=', ownerId)
    .select(sql<number>`count(*)::integer`.as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Stores a device, or its new keys. */
export async function upsertDevice(tx: Database, ownerId: UserId, { endpoint, sealedKeys }: Device): Promise<void> {
  await tx
    .insertInto('push_subscriptions')
    .values({ user_id: ownerId, endpoint, sealed_keys: sealedKeys })
    .onConflict((conflict) =>
      conflict
        .constraint('push_subscriptions_endpoint_key')
        .doUpdateSet({ sealed_keys: sealedKeys, updated_at: sql<string>`now()` }),
    )
    .execute()
}

/** Null: all of the viewer's devices. */
export async function removeDevices(tx: Database, endpoint: string | null): Promise<void> {
  await sql`select remove_push_subscriptions(${endpoint})`.execute(tx)
}
