import { sql } from 'kysely'
import type { GoalKind } from '../../../generated/database.ts'
import { cursorScope, fromCursor, toCursor } from '../../../platform/database/cursors.ts'
import { checkPageSize, malformedAsCursor, mostCounted } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { StoredValues } from '../../audit/queries.ts'
import type { AdminUserRow } from './accounts.ts'

export interface EventFilter {
  readonly userId: UserId | null
  readonly actorId: UserId | null
  readonly action: string | null
  readonly table: string | null
  /** Not before this instant. */
  readonly from: string | null
  /** Before this instant. */
  readonly until: string | null
}

/** An event as administrators see it; values of the account alone. */
export interface AdminEvent {
  readonly ownerId: UserId | null
  readonly actorId: UserId | null
  readonly action: string
  readonly table: string | null
  readonly record: string | null
  readonly goalKind: GoalKind | null
  readonly columns: readonly string[]
  readonly oldColumns: StoredValues | null
  readonly newColumns: StoredValues | null
  readonly ipAddress: string | null
  readonly requestId: string | null
  readonly occurredAt: string
}

/** With the accounts of whom it concerns and who did it, as far as they are there. */
export interface AdminEventOfPeople extends AdminEvent {
  readonly user: AdminUserRow | null
  readonly actor: AdminUserRow | null
}
export type AdminEventPage = Page<AdminEventOfPeople>

/** Where an event stands: its instant, which of the two logs has it, and its number there. */
type Place = readonly [at: string, source: string, id: string]

/**
 * A page of everybody's events, 1..100, the latest first. The function of the database shows them to administrators alone, and
 * lets nothing out that people wrote.
 */
export async function adminEventsPage(
  db: Database,
  { filter, first, after }: { filter: EventFilter; first: number; after: string | null },
): Promise<Page<AdminEvent>> {
  checkPageSize(first, 100)
  const scope = cursorScope(['adminEvents', filter])
  const behind = after === null ? null : (fromCursor(after, scope, 3) as unknown as Place)
  const found = await events(db, filter, behind, first + 1).catch((error: unknown) => {
    throw behind === null ? error : malformedAsCursor(error)
  })
  const shown = found.slice(0, first)
  return {
    rows: shown.map(({ place: _, ...event }) => event),
    cursors: shown.map(({ place }) => toCursor(scope, JSON.stringify(place))),
    hasNextPage: found.length > first,
    hasPreviousPage: after !== null,
    countAll: () => count(db, filter),
  }
}

async function events(db: Database, filter: EventFilter, behind: Place | null, most: number) {
  const { rows } = await sql<AdminEvent & { place: Place }>`
    select user_id as "ownerId", actor_id as "actorId", action_type as action, table_name as "table", record_id as record,
      goal_kind as "goalKind", changed as columns, old_values as "oldColumns", new_values as "newColumns",
      host(ip_address) as "ipAddress", request_id as "requestId", created_at as "occurredAt",
      array[created_at::text, source, event_id::text] as place
    from ${found(filter, behind, most)}
    order by created_at desc, source desc, event_id desc`.execute(db)
  return rows
}

async function count(db: Database, filter: EventFilter): Promise<number | null> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from ${found(filter, null, mostCounted + 1)}`.execute(db)
  const total = Number(rows[0]?.count ?? 0)
  return total > mostCounted ? null : total
}

function found({ userId, actorId, action, table, from, until }: EventFilter, behind: Place | null, most: number) {
  const [at, source, id] = behind ?? [null, null, null]
  return sql`audit_events_for_admins(
    ${userId}, ${actorId}, ${action}, ${table}, ${from}::timestamptz, ${until}::timestamptz,
    ${at}::timestamptz, ${source}::text, ${id}::bigint, ${most}::integer
  )`
}
