import { toGlobalId } from '../../platform/graphql/global-ids.ts'
import type { AuditEventRow, StoredValues } from './queries.ts'

/** Makes what the API calls a value of an owner's column. */
type Shown = (value: string, ownerId: string) => unknown

const asIs: Shown = (value) => value
const label: Shown = (value) => value.toUpperCase()
const labels: Shown = (values) => [...(values as unknown as readonly string[])].map((value) => value.toUpperCase())
const instant: Shown = (value) => value.replace(/\+00:00$/, 'Z')
const opposite: Shown = (value) => !value
const itemId: Shown = (id, ownerId) => toGlobalId('DeedItem', { ownerId, itemId: id })
const deedId: Shown = (id, ownerId) => toGlobalId('Deed', { ownerId, deedId: id })

/**
 * The columns that are told, by the API's names: nothing else leaves, so a secret that is added to a table stays there. Left out
 * are keys of other people, and what follows from the rest.
 */
const columns: Readonly<Record<string, readonly [name: string, shown: Shown]>> = {
  // The trigger put `before` and `after` in place of these two.
  password_hash: ['password', asIs],
  metadata: ['metadata', asIs],
  email: ['email', asIs],
  username: ['username', asIs],
  full_name: ['fullName', asIs],
  email_verified: ['emailVerified', asIs],
  role: ['role', label],
  status: ['status', label],
  time_zone: ['timeZone', asIs],
  day_start_minutes: ['dayStartMinutes', Number],
  week_start: ['weekStart', Number],
  locale: ['locale', asIs],
  user_agent: ['userAgent', asIs],
  purpose: ['purpose', label],
  expires_at: ['expiresAt', instant],
  revoked_at: ['revokedAt', instant],
  closes_at: ['closesAt', instant],
  category_type: ['category', label],
  name: ['name', asIs],
  description: ['description', asIs],
  measure_type: ['measure', label],
  unit: ['unit', asIs],
  display_order: ['displayOrder', Number],
  is_private: ['isPrivate', asIs],
  deed_id: ['deedId', deedId],
  parent_deed_item_id: ['parentId', itemId],
  deed_item_id: ['itemId', itemId],
  version_number: ['versionNumber', Number],
  effective: ['effective', asIs],
  value_name: ['name', asIs],
  value_order: ['order', Number],
  score: ['score', asIs],
  color: ['color', asIs],
  lineage_key: ['lineageKey', asIs],
  scale_id: ['scaleId', (id, ownerId) => toGlobalId('Scale', { ownerId, scaleId: id })],
  scale_value_id: ['scaleValueId', (id, ownerId) => toGlobalId('ScaleValue', { ownerId, scaleValueId: id })],
  count_value: ['count', asIs],
  notes: ['notes', asIs],
  kind: ['kind', label],
  title: ['title', asIs],
  match_type: ['match', label],
  start_date: ['startDate', asIs],
  end_date: ['endDate', asIs],
  completed_at: ['completedAt', instant],
  completed_on: ['completedOn', asIs],
  sealed_at: ['sealedAt', instant],
  includes_descendants: ['includesDescendants', asIs],
  metric: ['metric', label],
  comparator: ['comparator', label],
  scale_match: ['scaleMatch', label],
  target_value: ['target', asIs],
  label: ['label', asIs],
  row_count: ['rowCount', Number],
  deleted_at: ['deletedAt', instant],
  restored_at: ['restoredAt', instant],
  local_time: ['localTime', (value) => value.slice(0, 5)],
  weekdays: ['weekdays', asIs],
  condition: ['condition', label],
  channels: ['channels', labels],
  goal_channels: ['goalNotices', labels],
  channel: ['channel', label],
  local_date: ['date', asIs],
  permission_type: ['type', label],
  shares_notes: ['sharesNotes', asIs],
  backfill_days: ['backfillDays', Number],
  granted_at: ['grantedAt', instant],
  responded_at: ['respondedAt', instant],
  reflection_date: ['date', asIs],
  type: ['type', label],
  author: ['author', label],
  // The trigger put `before` and `after` in place of these two.
  message: ['message', asIs],
  content: ['content', asIs],
  sent_to: ['sentTo', asIs],
  key: ['key', asIs],
  // As above.
  value: ['value', asIs],
  json_schema: ['jsonSchema', asIs],
  is_public: ['isPublic', asIs],
  is_sensitive: ['isSensitive', asIs],
  // That what is sealed was changed.
  ciphertext: ['content', asIs],
  project_id: ['projectId', (id, ownerId) => toGlobalId('Project', { ownerId, projectId: id })],
  captured_at: ['capturedAt', instant],
  // The trigger put `before` and `after` in place of these three.
  scan_data: ['data', asIs],
  lidar_geom: ['geometry', asIs],
  footprint: ['footprint', asIs],
  storage_tier: ['storageTier', label],
  file_name: ['fileName', asIs],
  file_format: ['format', label],
  bytes: ['bytes', Number],
  point_count: ['pointCount', Number],
  sha256: ['sha256', asIs],
  accepted_at: ['respondedAt', instant],
  ended_at: ['deletedAt', instant],
}

/** Live deeds and items that are not shown, goals and permissions that are over: one column, two meanings. */
const hideable = new Set(['deeds', 'deed_items'])
const activity = (table: string | null): readonly [string, Shown] =>
  hideable.has(table ?? '') ? ['isHidden', opposite] : ['isActive', asIs]

/** How a column of a table is told; nothing where it is not, as a table's own key, which is the object's id. */
function toldColumn(column: string, table: string | null): readonly [] | readonly [name: string, shown: Shown] {
  if (column === `${table?.slice(0, -1)}_id`) return []
  // By which name somebody was found is known to who used it.
  if (column === 'sent_to' && table !== 'relation_requests') return []
  return column === 'is_active' ? activity(table) : (columns[column] ?? [])
}

type TableOfEvent = Pick<AuditEventRow, 'table'>

/** What an event tells of a row, by the API's names, ids opaque; null where there was, or is, nothing. */
export function shownValues(values: StoredValues | null, { table, ownerId }: TableOfEvent & { ownerId: string }) {
  if (values === null) return null
  const told = Object.entries(values).flatMap(([column, value]) => {
    const [name, shown] = toldColumn(column, table)
    return name === undefined || shown === undefined ? [] : [[name, shown(value as string, ownerId)] as const]
  })
  return Object.fromEntries(told)
}

/** Names of columns as the API calls them, each once, without those that are not told. */
export function shownNames(columnNames: readonly string[], { table }: TableOfEvent): string[] {
  return [...new Set(columnNames.flatMap((column) => toldColumn(column, table).slice(0, 1) as string[]))]
}

type Id = (ownerId: string, record: string) => string

const ids: Readonly<Record<string, Id>> = {
  users: (userId) => toGlobalId('Account', { userId }),
  sessions: (userId, sessionId) => toGlobalId('Session', { userId, sessionId }),
  deeds: (ownerId, id) => deedId(id, ownerId) as string,
  deed_items: (ownerId, id) => itemId(id, ownerId) as string,
  scales: (ownerId, scaleId) => toGlobalId('Scale', { ownerId, scaleId }),
  scale_values: (ownerId, scaleValueId) => toGlobalId('ScaleValue', { ownerId, scaleValueId }),
  deletions: (ownerId, deletionId) => toGlobalId('Deletion', { ownerId, deletionId }),
  goal_items: (ownerId, goalItemId) => toGlobalId('GoalItem', { ownerId, goalItemId }),
  notifications: (ownerId, reminderId) => toGlobalId('Reminder', { ownerId, reminderId }),
  notification_preferences: (userId) => toGlobalId('Account', { userId }),
  relations: (ownerId, relationId) => toGlobalId('Relation', { ownerId, direction: 'received', relationId }),
  relation_requests: (ownerId, relationId) => toGlobalId('Relation', { ownerId, direction: 'sent', relationId }),
  permissions: (ownerId, permissionId) => toGlobalId('Permission', { ownerId, permissionId }),
  reflection_messages: (ownerId, reflectionId) => toGlobalId('Reflection', { ownerId, reflectionId }),
  resources: (ownerId, resourceId) => toGlobalId('Resource', { ownerId, resourceId }),
  projects: (ownerId, projectId) => toGlobalId('Project', { ownerId, projectId }),
  lidar_scans: (ownerId, scanId) => toGlobalId('Scan', { ownerId, scanId }),
  project_permissions: (ownerId, projectPermissionId) =>
    toGlobalId('ProjectPermission', { ownerId, projectPermissionId }),
  messages: (ownerId, messageId) => toGlobalId('Message', { ownerId, messageId }),
  entries: (ownerId, record) => {
    const [itemId = '', date = ''] = record.split(':')
    return toGlobalId('Entry', { ownerId, itemId, date })
  },
}

type ObjectOfEvent = Pick<AuditEventRow, 'table' | 'record' | 'ownerId' | 'goalKind'>

/** The id by which `node` finds what an event is about, as long as it is there; null when it is nothing that has one. */
export function objectId({ table, record, ownerId, goalKind }: ObjectOfEvent): string | null {
  if (record !== null && goalKind !== null) {
    return toGlobalId(goalKind === 'merit' ? 'Merit' : 'Target', { ownerId, goalId: record })
  }
  if (table === null || record === null || !Object.hasOwn(ids, table)) return null
  return ids[table]?.(ownerId, record) ?? null
}
