import { type InferResult, sql } from 'kysely'
import type { NotificationChannel, ReminderCondition } from '../../../generated/database.ts'
import { pairsIn } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'

/** Reminders that were not deleted; they are seen by their owner alone. */
export function liveReminders(db: Database) {
  return db
    .selectFrom('notifications')
    .where('notifications.deleted_at', 'is', null)
    .select([
      'notifications.user_id as ownerId',
      'notifications.notification_id as reminderId',
      sql<string>`to_char(notifications.local_time, 'HH24:MI')`.as('localTime'),
      'notifications.weekdays',
      'notifications.condition',
      // The driver does not know arrays of our own enums.
      sql<NotificationChannel[]>`notifications.channels::text[]`.as('channels'),
      'notifications.title',
      'notifications.is_active as isActive',
      'notifications.next_fire_at as nextFireAt',
      'notifications.version',
      'notifications.created_at as createdAt',
      'notifications.updated_at as updatedAt',
    ])
}

export type ReminderRow = InferResult<ReturnType<typeof liveReminders>>[number]

export interface ReminderKey {
  ownerId: UserId
  reminderId: string
}

/** By the time of day; there are 20 at most. */
export function remindersOfOwner(db: Database, ownerId: UserId) {
  return liveReminders(db)
    .where('notifications.user_id', '=', ownerId)
    .orderBy('notifications.local_time')
    .orderBy('notifications.notification_id')
    .execute()
}

export function remindersByKeys(db: Database, keys: readonly ReminderKey[]) {
  const pairs = keys.map(({ ownerId, reminderId }) => [ownerId, reminderId] as const)
  return liveReminders(db)
    .where(pairsIn(['notifications.user_id', 'notifications.notification_id'], pairs))
    .execute()
}

/** What of a reminder changes; what is left out stays, or is as a new one has it. */
export interface ReminderChanges {
  localTime?: string
  weekdays?: readonly number[]
  condition?: ReminderCondition
  channels?: readonly NotificationChannel[]
  title?: string | null
  isActive?: boolean
}

/** Stores a new reminder; answers its id. */
export async function insertReminder(
  tx: Database,
  ownerId: UserId,
  reminder: ReminderChanges & { localTime: string },
): Promise<string> {
  const { reminderId } = await tx
    .insertInto('notifications')
    .values({ user_id: ownerId, local_time: reminder.localTime, ...columnsOf(reminder) })
    .returning('notification_id as reminderId')
    .executeTakeFirstOrThrow()
  return reminderId
}

export async function changeReminder(tx: Database, key: ReminderKey, changes: ReminderChanges): Promise<void> {
  const columns = columnsOf(changes)
  if (Object.keys(columns).length === 0) return
  await ofKey(tx, key).set(columns).execute()
}

/** It is purged later; until then the audit log can name it. */
export async function deleteReminder(tx: Database, key: ReminderKey): Promise<void> {
  await ofKey(tx, key).set({ deleted_at: sql<string>`now()` }).execute()
}

function ofKey(tx: Database, { ownerId, reminderId }: ReminderKey) {
  return tx.updateTable('notifications').where('user_id', '=', ownerId).where('notification_id', '=', reminderId)
}

function columnsOf({ localTime, weekdays, condition, channels, title, isActive }: ReminderChanges) {
  return {
    ...(localTime !== undefined && { local_time: localTime }),
    ...(weekdays !== undefined && { weekdays: sql<number[]>`${weekdays}::smallint[]` }),
    ...(condition !== undefined && { condition }),
    ...(channels !== undefined && { channels: channelArray(channels) }),
    ...(title !== undefined && { title }),
    ...(isActive !== undefined && { is_active: isActive }),
  }
}

function channelArray(channels: readonly NotificationChannel[]) {
  return sql<NotificationChannel[]>`${channels}::text[]::notification_channel[]`
}

/** One's own reminder as it is, until the end of the transaction. */
export function lockReminder(tx: Database, key: ReminderKey) {
  return ofLive(tx, key).select('version').forUpdate().executeTakeFirst()
}

/** The one active reminder for every day of the week (REM-1). */
export function dailyReminder(tx: Database, ownerId: UserId) {
  return tx
    .selectFrom('notifications')
    .where('user_id', '=', ownerId)
    .where('is_active', '=', true)
    .where('deleted_at', 'is', null)
    .where(sql<boolean>`cardinality(weekdays) = 7`)
    .select('notification_id as reminderId')
    .executeTakeFirst()
}

function ofLive(tx: Database, { ownerId, reminderId }: ReminderKey) {
  return tx
    .selectFrom('notifications')
    .where('user_id', '=', ownerId)
    .where('notification_id', '=', reminderId)
    .where('deleted_at', 'is', null)
}

// ------------------------------------------------------------------------------------------------ completed goals

/** By which channels the owner is told of completed goals. */
export async function goalChannels(db: Database, ownerId: UserId): Promise<NotificationChannel[]> {
  const row = await db
    .selectFrom('notification_preferences')
    .where('user_id', '=', ownerId)
    .select(sql<NotificationChannel[]>`goal_channels::text[]`.as('channels'))
    .executeTakeFirst()
  return row?.channels ?? ['email', 'push']
}

export async function setGoalChannels(tx: Database, ownerId: UserId, channels: readonly NotificationChannel[]) {
  await tx
    .insertInto('notification_preferences')
    .values({ user_id: ownerId, goal_channels: channelArray(channels) })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ goal_channels: channelArray(channels) }))
    .execute()
}

/** What the link in a mail asks for; the link itself is checked by whoever calls. As `kitaab_auth`: nobody need be logged in. */
export async function turnNoticesOff(auth: Database, ownerId: UserId, reminderId: string | null): Promise<void> {
  await sql`select turn_notices_off(${ownerId}, ${reminderId})`.execute(auth)
}
