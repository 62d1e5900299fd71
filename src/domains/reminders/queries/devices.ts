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

/** For the worker: an owner's devices. */
export function devicesOf(worker: Database, ownerId: UserId): Promise<Device[]> {
  return worker
    .selectFrom('push_subscriptions')
    .where('user_id', '=', ownerId)
    .select(['endpoint', 'sealed_keys as sealedKeys'])
    .orderBy('push_subscription_id')
    .execute()
}

/** For the worker: removes a device that is gone, unless it has subscribed anew meanwhile. */
export async function forgetDevice(worker: Database, ownerId: UserId, { endpoint, sealedKeys }: Device): Promise<void> {
  await worker
    .deleteFrom('push_subscriptions')
    .where('user_id', '=', ownerId)
    .where('endpoint', '=', endpoint)
    .where('sealed_keys', '=', sealedKeys)
    .execute()
}

const resealedAtOnce = 500

/** For the worker: devices behind `after`, of all owners, in the order of their ids. */
export function someDevices(worker: Database, after: { ownerId: UserId; deviceId: string }) {
  return worker
    .selectFrom('push_subscriptions')
    .where(sql<boolean>`(user_id, push_subscription_id) > (${after.ownerId}::bigint, ${after.deviceId}::bigint)`)
    .select(['user_id as ownerId', 'push_subscription_id as deviceId', 'endpoint', 'sealed_keys as sealedKeys'])
    .orderBy('user_id')
    .orderBy('push_subscription_id')
    .limit(resealedAtOnce)
    .execute()
}

/** For the worker: the same keys, sealed anew, unless they changed meanwhile. */
export async function resealDevice(
  worker: Database,
  { ownerId, deviceId, sealedKeys }: { ownerId: UserId; deviceId: string; sealedKeys: string },
  resealed: string,
): Promise<void> {
  await worker
    .updateTable('push_subscriptions')
    .where('user_id', '=', ownerId)
    .where('push_subscription_id', '=', deviceId)
    .where('sealed_keys', '=', sealedKeys)
    .set({ sealed_keys: resealed })
    .execute()
}
