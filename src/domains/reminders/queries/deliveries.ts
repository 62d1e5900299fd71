import { type InferResult, sql } from 'kysely'
import type { NotificationChannel } from '../../../generated/database.ts'
import { retrying } from '../../../platform/database/retrying.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { latestMinutes, sendingMinutes } from '../rules.ts'

const firedAtOnce = 200

/**
 * REM-1, REM-2 Turns reminders that are due into messages that wait, and moves them on; answers how many. Those that somebody else
 * takes at this moment are passed by. A reminder whose worker was away is due once more for its latest time, as far as that
 * is not too late; times between are nobody's.
 */
export async function fireDue(db: Database, now: Date): Promise<number> {
  const fire = sql`
    with due as (
      select user_id, notification_id, next_fire_at, next_fire_on, channels, local_time, weekdays
      from notifications
      where next_fire_at <= ${now}::timestamptz
      order by next_fire_at
      limit ${sql.lit(firedAtOnce)}
      for no key update skip locked
    ), made as (
      insert into notification_deliveries (user_id, notification_id, channel, local_date, due_at, next_attempt_at)
      select user_id, notification_id, channel, next_fire_on, next_fire_at, next_fire_at
      from due cross join unnest(channels) as channel
      on conflict on constraint notification_deliveries_reminder_key do nothing
    )
    update notifications
    set last_fired_on = due.next_fire_on, next_fire_at = firing.fires_at, next_fire_on = firing.fires_on
    from due
    join users using (user_id)
    cross join next_firing(
      due.local_time, due.weekdays, users.time_zone,
      greatest(due.next_fire_at, ${now}::timestamptz - make_interval(mins => ${sql.lit(latestMinutes)}) - interval '1 microsecond'),
      due.next_fire_on + 1
    ) as firing
    where notifications.user_id = due.user_id and notifications.notification_id = due.notification_id
    returning notifications.notification_id
  `
  return (await retrying(() => fire.execute(db))).rows.length
}

/** REM-2 What somebody began to send and never finished: nobody knows whether it left, so nobody sends it again. */
export async function giveUp(db: Database, now: Date): Promise<void> {
  await db
    .updateTable('notification_deliveries')
    .where('status', '=', 'sending')
    .where('sending_at', '<', sql<string>`${now}::timestamptz - make_interval(mins => ${sql.lit(sendingMinutes)})`)
    .set({ status: 'unknown', error: 'unfinished' })
    .execute()
}

export interface ClaimedDelivery {
  readonly ownerId: UserId
  readonly deliveryId: string
  /** How often it was begun, this time included. */
  readonly attempts: number
}

/** REM-2 Takes a message that waits and commits it as `sending`; null when none is due. Two workers never get the same. */
export async function claimDelivery(db: Database, now: Date): Promise<ClaimedDelivery | null> {
  const { rows } = await sql<ClaimedDelivery>`
    with next as materialized (
      select user_id, delivery_id from notification_deliveries
      where status = 'waiting' and next_attempt_at <= ${now}::timestamptz
      order by next_attempt_at
      limit 1
      for no key update skip locked
    )
    update notification_deliveries as delivery
    set status = 'sending', sending_at = ${now}::timestamptz, attempts = attempts + 1, next_attempt_at = null, error = null
    from next
    where delivery.user_id = next.user_id and delivery.delivery_id = next.delivery_id
    returning delivery.user_id as "ownerId", delivery.delivery_id as "deliveryId", attempts
  `.execute(db)
  return rows[0] ?? null
}

/** What a message is about, and whether it is still to be sent; `lateMinutes` since it was due. */
function factsOf(db: Database, { ownerId, deliveryId }: ClaimedDelivery, now: Date) {
  return db
    .selectFrom('notification_deliveries as delivery')
    .innerJoin('users', 'users.user_id', 'delivery.user_id')
    .leftJoin('notifications as reminder', (join) =>
      join
        .onRef('reminder.user_id', '=', 'delivery.user_id')
        .onRef('reminder.notification_id', '=', 'delivery.notification_id'),
    )
    .leftJoin('goals as goal', (join) =>
      join.onRef('goal.user_id', '=', 'delivery.user_id').onRef('goal.goal_id', '=', 'delivery.goal_id'),
    )
    .where('delivery.user_id', '=', ownerId)
    .where('delivery.delivery_id', '=', deliveryId)
    .select([
      'delivery.user_id as ownerId',
      'delivery.notification_id as reminderId',
      'delivery.goal_id as goalId',
      'delivery.channel',
      'delivery.local_date as localDate',
      sql<number>`(extract(epoch from ${now}::timestamptz - delivery.due_at) / 60)::float8`.as('lateMinutes'),
      'users.email',
      'users.email_verified as emailVerified',
      'users.locale',
      sql<boolean>`users.status = 'active'`.as('accountIsActive'),
      sql<string | null>`coalesce(reminder.title, goal.title)`.as('title'),
      sql<boolean>`coalesce(reminder.is_active and reminder.deleted_at is null, goal.is_active and goal.deleted_at is null)`.as(
        'isOn',
      ),
      sql<boolean>`coalesce(goal.completed_at is null and goal.goal_id is not null, false)`.as('isTakenBack'),
      sql<boolean>`reminder.condition is not distinct from 'if_nothing_recorded' and exists (
        select from entries join deed_items using (user_id, deed_item_id)
        where entries.user_id = delivery.user_id and entries.deleted_at is null and deed_items.deleted_at is null
          and entries.entry_date = civil_date(delivery.due_at, users.time_zone, users.day_start_minutes)
      )`.as('isRecorded'),
    ])
}

export type DeliveryFacts = InferResult<ReturnType<typeof factsOf>>[number] & { channel: NotificationChannel }

export function deliveryFacts(db: Database, delivery: ClaimedDelivery, now: Date): Promise<DeliveryFacts> {
  return factsOf(db, delivery, now).executeTakeFirstOrThrow()
}

/** What became of a message that was begun; `error` is a code. */
export type Outcome =
  | { readonly status: 'sent' }
  | { readonly status: 'skipped' | 'failed' | 'unknown'; readonly error: string }
  | { readonly status: 'waiting'; readonly error: string; readonly again: Date }

/** Stores it, unless the delivery was given up as unfinished meanwhile and this is no news of its arrival. */
export async function finishDelivery(
  db: Database,
  { ownerId, deliveryId, attempts }: ClaimedDelivery,
  outcome: Outcome,
  now: Date,
): Promise<void> {
  await db
    .updateTable('notification_deliveries')
    .where('user_id', '=', ownerId)
    .where('delivery_id', '=', deliveryId)
    .where('attempts', '=', attempts)
    .where('status', 'in', outcome.status === 'sent' ? ['sending', 'unknown'] : ['sending'])
    .set({
      status: outcome.status,
      error: outcome.status === 'sent' ? null : outcome.error.slice(0, 200),
      sent_at: outcome.status === 'sent' ? now.toISOString() : null,
      next_attempt_at: outcome.status === 'waiting' ? outcome.again.toISOString() : null,
    })
    .execute()
}
