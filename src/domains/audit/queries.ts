import { type InferResult, sql } from 'kysely'
import type { GoalKind } from '../../generated/database.ts'
import { keysetPage } from '../../platform/database/keyset.ts'
import type { Page } from '../../platform/database/page.ts'
import type { Database, UserId } from '../../platform/database/types.ts'

/**
 * What happened to the viewer's account and in their diary: the log, and the history of entries. Of nobody else's, whoever
 * acted. Values are as the columns have them; `ipAddress` shows for what the viewer did, or nobody who was logged in.
 */
export function eventsOfAccount(db: Database, viewerId: UserId) {
  return db
    .selectFrom('audit_trail')
    .where('audit_trail.user_id', '=', viewerId)
    .select([
      sql<UserId>`audit_trail.user_id`.as('ownerId'),
      'audit_trail.actor_id as actorId',
      sql<string>`audit_trail.action_type`.as('action'),
      'audit_trail.table_name as table',
      'audit_trail.record_id as record',
      sql<GoalKind | null>`case when audit_trail.table_name = 'goals' then (
        select kind from goals where goals.user_id = audit_trail.user_id and goals.goal_id = audit_trail.record_id::bigint
      ) end`.as('goalKind'),
      sql<StoredValues | null>`${asText('old_values')}`.as('oldColumns'),
      sql<StoredValues | null>`${asText('new_values')}`.as('newColumns'),
      sql<string | null>`host(audit_trail.ip_address)`.as('ipAddress'),
      'audit_trail.request_id as requestId',
      sql<string>`audit_trail.created_at`.as('occurredAt'),
    ])
}

/** By column. Numbers are text: JSON's own would lose digits on their way. */
export type StoredValues = Readonly<Record<string, unknown>>

export type AuditEventRow = InferResult<ReturnType<typeof eventsOfAccount>>[number]
export type AuditPage = Page<AuditEventRow>

/** A page of the viewer's events, 1..100, the latest first. */
export function eventsPage(
  db: Database,
  viewerId: UserId,
  { first, after }: { first: number; after: string | null },
): Promise<AuditPage> {
  return keysetPage(db, eventsOfAccount(db, viewerId), {
    order: [
      { column: 'audit_trail.created_at', direction: 'desc' },
      { column: 'audit_trail.source', direction: 'desc' },
      { column: 'audit_trail.event_id', direction: 'desc' },
    ],
    first,
    after,
    scope: ['eventsOfAccount', viewerId],
  })
}

function asText(column: 'old_values' | 'new_values') {
  const values = sql.ref(`audit_trail.${column}`)
  return sql`(select jsonb_object_agg(key, case jsonb_typeof(value) when 'number' then to_jsonb(value #>> '{}') else value end)
    from jsonb_each(${values}))`
}
