import type { ArchiveFile, Enum } from './fields.ts'
import * as field from './fields.ts'

const condition: Enum = ['reminder_condition', ['ALWAYS', 'IF_NOTHING_RECORDED']]
const channel: Enum = ['notification_channel', ['EMAIL', 'PUSH']]
const deliveryStatus: Enum = ['delivery_status', ['WAITING', 'SENDING', 'SENT', 'UNKNOWN', 'SKIPPED', 'FAILED']]
const given: field.FieldOptions = { imported: false }
const perhaps: field.FieldOptions = { imported: false, optional: true }

const reminders: ArchiveFile = {
  name: 'reminders',
  table: 'notifications',
  about: 'When you are reminded. An import works out anew when each comes next.',
  isImported: true,
  order: ['notification_id'],
  fields: [
    field.number('notification_id'),
    field.time('localTime', 'The time on the clocks of your zone, HH:MM:SS.'),
    field.weekdays('weekdays', 'The days of the week, 1 is Monday.'),
    field.label('condition', condition, 'Always, or when nothing was recorded that day.'),
    field.labels('channels', channel, 'By which ways.'),
    field.text('title', 200, 'What it says.', { optional: true }),
    field.flag('isActive', 'Whether it is switched on.'),
    field.instant('nextFireAt', 'When it comes next.', perhaps),
    field.day('nextFireOn', 'For which day that is.', perhaps),
    field.day('lastFiredOn', 'The day for which it came last.', { optional: true }),
    field.instant('deletedAt', 'When it was deleted; null: it is there.', { optional: true }),
    ...field.edited,
  ],
}

const notificationPreferences: ArchiveFile = {
  name: 'notification_preferences',
  table: 'notification_preferences',
  about: 'What you are told besides reminders, in one row; no row: all of it.',
  isImported: true,
  order: ['user_id'],
  fields: [
    field.labels('goalChannels', channel, 'The ways by which you are told of a goal that is completed.'),
    ...field.edited,
  ],
}

const deliveries: ArchiveFile = {
  name: 'deliveries',
  table: 'notification_deliveries',
  about: 'The messages of reminders and goals, and what became of each.',
  isImported: false,
  order: ['delivery_id'],
  fields: [
    field.reference('reminder', 'notifications', 'The reminder, when it was one.', {
      ...perhaps,
      column: 'notification_id',
    }),
    field.reference('goal', 'goals', 'The goal that was completed, when it was one.', {
      ...perhaps,
      column: 'goal_id',
    }),
    field.label('channel', channel, 'By which way.', given),
    field.day('localDate', 'For which day.', given),
    field.instant('dueAt', 'When it was due.', given),
    field.label('status', deliveryStatus, 'What became of it.', given),
    field.integer('attempts', [0, 32_767], 'How often it was tried.', given),
    field.instant('nextAttemptAt', 'When it is tried next.', perhaps),
    field.instant('sendingAt', 'When it was tried last.', perhaps),
    field.instant('sentAt', 'When it was sent.', perhaps),
    field.text('error', 200, 'Why not.', perhaps),
    field.instant('createdAt', 'When it was put down to be sent.', given),
  ],
  leftOut: { delivery_id: 'a number of this database: rows stand in their order' },
}

const devices: ArchiveFile = {
  name: 'devices',
  table: 'push_subscriptions',
  about: 'The devices that take push messages.',
  isImported: false,
  order: ['push_subscription_id'],
  fields: [
    field.text('endpoint', 1_000, "The address that the device's browser gave.", given),
    field.instant('createdAt', 'When it was added.', given),
    field.instant('updatedAt', 'When it was added again last.', given),
  ],
  leftOut: {
    push_subscription_id: 'a number of this database',
    sealed_keys: 'secrets of the device, kept encrypted',
  },
}

export const reminderFiles: readonly ArchiveFile[] = [reminders, notificationPreferences, deliveries, devices]
