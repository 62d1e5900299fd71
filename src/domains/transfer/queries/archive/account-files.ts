import type { ArchiveFile, Enum } from './fields.ts'
import * as field from './fields.ts'

const role: Enum = ['user_role', ['MEMBER', 'ANALYST', 'SUPPORT', 'ADMIN']]
const status: Enum = ['user_status', ['ACTIVE', 'SUSPENDED', 'ERASED']]
const relationStatus: Enum = ['relation_status', ['PENDING', 'ACCEPTED', 'DECLINED', 'BLOCKED']]
const permissionType: Enum = ['permission_type', ['READ', 'WRITE']]
const jobStatus: Enum = ['job_status', ['WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED']]
const given: field.FieldOptions = { imported: false }
const perhaps: field.FieldOptions = { imported: false, optional: true }

const account: ArchiveFile = {
  name: 'account',
  table: 'users',
  about:
    'Who you are, and your preferences, in one row. An import takes timeZone, dayStartMinutes, weekStart and locale, and leaves the rest of the account as it is.',
  isImported: true,
  order: ['user_id'],
  rows: 'own_account',
  fields: [
    field.text('email', 254, 'Your address.', given),
    field.text('username', 32, 'Your name for others to find you by.', perhaps),
    field.text('fullName', 200, 'Your name.', perhaps),
    field.flag('emailVerified', 'Whether the address was confirmed.', given),
    field.label('role', role, 'What the account may do.', given),
    field.label('status', status, 'Whether it is in use.', given),
    field.text('timeZone', 100, 'By whose clocks your days begin.'),
    field.integer('dayStartMinutes', [-720, 720], 'When a day begins, in minutes after midnight.'),
    field.integer('weekStart', [1, 7], 'The first day of the week: 1 is Monday.'),
    field.text('locale', 35, 'Your language.'),
    field.json('metadata', 'What apps keep with the account.', given),
    field.instant('lastLoginAt', 'When you logged in last.', perhaps),
    field.instant('closesAt', 'When the account is to be erased, if it is being closed.', perhaps),
    field.integer('version', [1, 2_000_000_000], 'Raised by each change.', given),
    field.instant('createdAt', 'When the account was made.', given),
    field.instant('updatedAt', 'When it was changed last.', given),
  ],
  leftOut: {
    password_hash: 'a secret, of which only a hash is kept',
    erased_at: 'nobody exports an erased account',
  },
}

const relations: ArchiveFile = {
  name: 'relations',
  table: 'relations',
  about: 'Who asked to see what is yours, and what you answered.',
  isImported: false,
  order: ['created_at', 'relation_id'],
  rows: '(select *, requestee_id as user_id from relations where requestee_id = $owner)',
  fields: [
    field.actor('requester', 'Who asked.', { ...given, column: 'requester_id' }),
    field.label('status', relationStatus, 'What you answered.', given),
    field.integer('version', [1, 2_000_000_000], 'Raised by each change.', given),
    field.instant('createdAt', 'When they asked.', given),
    field.instant('updatedAt', 'When it was changed last.', given),
    field.instant('respondedAt', 'When you answered.', perhaps),
    field.instant('removedAt', 'When it was removed.', { ...perhaps, column: 'deleted_at' }),
    field.actor('removedBy', 'Who removed it.', { ...perhaps, column: 'deleted_by' }),
  ],
  leftOut: {
    relation_id: 'a number of this database',
    requestee_id: 'it is you',
    sent_to: 'by which name or address they asked: theirs to know',
  },
}

const relationRequests: ArchiveFile = {
  name: 'relation_requests',
  table: 'relation_requests',
  about: 'Whom you asked to see. A request looks pending until it is accepted, whatever became of it.',
  isImported: false,
  order: ['created_at', 'relation_request_id'],
  fields: [
    field.text('sentTo', 254, 'The name or address that you asked by.', given),
    field.actor('requestee', 'Who it is; null until they accept.', { ...perhaps, column: 'requestee_id' }),
    field.instant('createdAt', 'When you asked.', given),
    field.instant('acceptedAt', 'When they accepted.', perhaps),
    field.instant('endedAt', 'When it ended.', perhaps),
    field.integer('version', [1, 2_000_000_000], 'Raised by each change.', given),
    field.instant('updatedAt', 'When it was changed last.', given),
  ],
  leftOut: { relation_request_id: 'a number of this database', relation_id: 'the same' },
}

const permissions: ArchiveFile = {
  name: 'permissions',
  table: 'permissions',
  about: 'What you let others see and do, in all versions; and what others let you now.',
  isImported: false,
  order: ['granted_at', 'user_id', 'permission_id'],
  rows: `(select * from permissions where user_id = $owner or (
    requester_id = $owner and is_active and (expires_at is null or expires_at > now())
  ))`,
  fields: [
    field.actor('owner', 'Whose item it is.', { ...given, column: 'user_id' }),
    field.actor('grantedTo', 'Who may see it.', { ...given, column: 'requester_id' }),
    field.reference('item', 'deed_items', 'Your item; null for one of somebody else.', {
      ...perhaps,
      column: 'deed_item_id',
      value: 'case when t.user_id = $owner then t.deed_item_id end',
    }),
    field.label('type', permissionType, 'See, or also record.', { ...given, column: 'permission_type' }),
    field.flag('includesDescendants', 'Whether it holds for what is below, too.', given),
    field.flag('sharesNotes', 'Whether notes show.', given),
    field.integer('backfillDays', [0, 3_660], 'How many days back may be recorded.', given),
    field.instant('expiresAt', 'When it ends by itself.', perhaps),
    field.integer('versionNumber', [1, 2_000_000_000], 'A change makes the next version.', given),
    field.flag('isActive', 'False: changed or taken back since.', given),
    field.instant('grantedAt', 'When it was granted.', given),
    field.instant('revokedAt', 'When it was changed or taken back.', perhaps),
  ],
  leftOut: { permission_id: 'a number of this database', relation_id: 'the relation of these two' },
}

const sessions: ArchiveFile = {
  name: 'sessions',
  table: 'sessions',
  about: 'Where you logged in.',
  isImported: false,
  order: ['created_at', 'session_id'],
  fields: [
    field.instant('createdAt', 'When you logged in.', given),
    field.instant('lastUsedAt', 'When it was used last.', given),
    field.instant('expiresAt', 'When it ends by itself.', given),
    field.instant('revokedAt', 'When it was ended.', perhaps),
    field.text('ipAddress', 50, 'From where.', { ...perhaps, column: 'ip', value: 'host(t.ip)' }),
    field.text('userAgent', 512, 'By which program.', perhaps),
  ],
  leftOut: {
    session_id: 'part of what a session is proved by',
    generation: 'the same',
    rotated_at: 'the same',
  },
}

const jobs: ArchiveFile = {
  name: 'jobs',
  table: 'jobs',
  about: 'Long work that you asked for, this export too.',
  isImported: false,
  order: ['created_at', 'job_id'],
  fields: [
    field.text('kind', 60, 'What was asked for.', given),
    field.label('status', jobStatus, 'What came of it.', given),
    field.decimal('progress', 3, 'The share that is done.', perhaps),
    field.json('input', 'What it was to work on.', perhaps),
    field.json('result', 'What it answered.', perhaps),
    field.text('error', 2_000, 'Why it failed.', perhaps),
    field.instant('createdAt', 'When it was asked for.', given),
    field.instant('startedAt', 'When it began.', perhaps),
    field.instant('finishedAt', 'When it ended.', perhaps),
    field.instant('expiresAt', 'When what it made is removed.', perhaps),
  ],
  leftOut: { job_id: 'part of the link by which this file was downloaded' },
}

export const accountFiles: readonly ArchiveFile[] = [account, relations, relationRequests, permissions, sessions, jobs]
