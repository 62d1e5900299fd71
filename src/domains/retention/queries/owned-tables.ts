import type { Keyed } from './batches.ts'

/** A table whose rows are somebody's, and the column that says whose. */
export interface OwnedTable extends Keyed {
  readonly owner: string
}

/** One whose key begins with its owner. */
export function owned(table: string, ...rest: string[]): OwnedTable {
  return { table, owner: 'user_id', key: ['user_id', ...rest] }
}

/** What goes at once, so that nobody meets a person without a name. */
export const sharedTables: readonly OwnedTable[] = [
  owned('permissions', 'permission_id'),
  { table: 'permissions', owner: 'requester_id', key: ['user_id', 'permission_id'] },
  owned('item_access', 'viewer_id', 'deed_item_id'),
  { table: 'item_access', owner: 'viewer_id', key: ['user_id', 'viewer_id', 'deed_item_id'] },
  { table: 'relations', owner: 'requestee_id', key: ['requestee_id', 'relation_id'] },
  { table: 'relations', owner: 'requester_id', key: ['requestee_id', 'relation_id'] },
  owned('relation_request_targets', 'relation_request_id'),
  { table: 'relation_request_targets', owner: 'requestee_id', key: ['user_id', 'relation_request_id'] },
  owned('relation_requests', 'relation_request_id'),
  { table: 'relation_requests', owner: 'requestee_id', key: ['user_id', 'relation_request_id'] },
]

/**
 * What belongs to a person and goes with the account, in the order in which it can go: a row before those that it hangs from.
 * A table that is added later is put here, or its column into `namedOnly`: a test asks for it.
 */
export const ownedTables: readonly OwnedTable[] = [
  ...sharedTables,
  owned('sessions', 'session_id'),
  owned('one_time_tokens', 'one_time_token_id'),
  owned('push_subscriptions', 'push_subscription_id'),
  owned('notification_deliveries', 'delivery_id'),
  owned('notifications', 'notification_id'),
  { table: 'notification_preferences', owner: 'user_id', key: ['user_id'] },
  owned('reflection_messages', 'reflection_message_id'),
  owned('user_settings', 'key'),
  owned('resources', 'resource_id'),
  owned('messages', 'message_id'),
  { table: 'message_threads', owner: 'user_id', key: ['user_id'] },
  owned('idempotency_keys', 'key'),
  owned('goal_items', 'goal_item_id'),
  owned('goals', 'goal_id'),
  owned('entries', 'deed_item_id', 'entry_date'),
  owned('entry_history', 'entry_history_id', 'changed_at'),
  owned('scale_values', 'scale_value_id'),
  owned('scales', 'scale_id'),
  owned('deed_items', 'deed_item_id'),
  owned('deeds', 'deed_id'),
  owned('deletions', 'deletion_id'),
  owned('search_documents', 'kind', 'object_id', 'on_date'),
  owned('uploads', 'upload_id'),
  owned('jobs', 'job_id'),
  owned('change_log', 'seq', 'changed_at'),
  owned('reporting.daily_stats', 'category', 'day'),
  { table: 'reporting.kept_owners', owner: 'user_id', key: ['user_id'] },
  { table: 'owner_state', owner: 'user_id', key: ['user_id'] },
]

/** Columns that name a person in another's row, which stays: by then they name nobody. */
export const namedOnly: readonly string[] = [
  // The person's own row, which stays blank; and the log, which is blanked.
  'users.user_id',
  'audit_log.user_id',
  'audit_log.actor_id',
  'change_log.actor_id',
  'entries.created_by_user_id',
  'entries.updated_by_user_id',
  'entries.value_updated_by_user_id',
  'entry_history.changed_by_user_id',
  'messages.author_id',
  'setting_history.changed_by_user_id',
  'deeds.deleted_by',
  'deed_items.deleted_by',
  'deletions.deleted_by',
  'goals.deleted_by',
  'goal_items.deleted_by',
  'relations.deleted_by',
  'scales.deleted_by',
  'scale_values.deleted_by',
]

export const auditLog: Keyed = { table: 'audit_log', key: ['audit_log_id', 'created_at'] }
export const entryHistory: Keyed = { table: 'entry_history', key: ['user_id', 'entry_history_id', 'changed_at'] }

/** The table of that name that is a person's own. */
export function ownedTable(name: string): OwnedTable {
  const found = ownedTables.find(({ table, owner }) => table === name && (owner === 'user_id' || name === 'relations'))
  if (!found) throw new Error(`${name} is no table of a person's own`)
  return found
}
