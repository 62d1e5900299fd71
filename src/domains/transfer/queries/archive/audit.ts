import { sql } from 'kysely'
import { rowsInBatches } from '../../../../platform/database/rows-in-batches.ts'
import type { Database, UserId } from '../../../../platform/database/types.ts'
import { type AuditEventRow, eventsOfAccount } from '../../../audit/queries.ts'
import { actorOf } from './select.ts'

/** An event of the account, and who did it: OWNER, their name, or SOMEBODY. */
export type NamedEvent = AuditEventRow & { readonly actor: string | null }

/** What the audit log says of the owner, the oldest first. The history of entries is told by itself. */
export function auditEvents(db: Database, ownerId: UserId): AsyncGenerator<NamedEvent[], void> {
  const events = eventsOfAccount(db, ownerId)
    .where('audit_trail.source', '=', 'log')
    .select(sql<string | null>`${sql.raw(actorOf('audit_trail.actor_id', ownerId))}`.as('actor'))
    .orderBy('audit_trail.created_at')
    .orderBy('audit_trail.event_id')
  return rowsInBatches(db, sql<NamedEvent>`${events}`)
}
