import { deedLoaders } from '../../src/domains/deeds/loaders.ts'
import { sharingLoaders } from '../../src/domains/sharing/loaders.ts'
import { type Databases, makeViewerDatabases } from '../../src/platform/database/databases.ts'
import type { FlightInfo } from '../../src/platform/database/types.ts'
import { fromGlobalId } from '../../src/platform/graphql/global-ids.ts'
import type { Viewer } from '../../src/platform/viewer.ts'
import { quietLog } from './diaries.ts'
import { type Executed, startService, type TestService } from './service.ts'

/** The service, people, and what they share with each other. */
export interface DeedsWorld {
  readonly service: TestService
  newPerson(name: string): Promise<Viewer>
  /** Sends a document as somebody. */
  ask(as: Viewer, query: string, variables?: Record<string, unknown>): Promise<Executed>
  /** All loaders of one request of this viewer, and the groups of statements that they sent. */
  loadersOf(viewer: Viewer): Loaders
  /** An accepted relation: `requester` may be granted items of `owner`. Answers its id. */
  befriend(owner: Viewer, requester: Viewer): Promise<string>
  grant(owner: Viewer, requester: Viewer, itemId: string, options?: Grant): Promise<string>
  /** One statement as the owner of the schema. */
  sql(text: string, values?: unknown[]): Promise<Record<string, string>[]>
  stop(): Promise<void>
}

export interface Grant {
  write?: boolean
  withoutSubtree?: boolean
  notes?: boolean
  backfillDays?: number
  expiresAt?: string
}

export type Loaders = ReturnType<typeof deedLoaders> & ReturnType<typeof sharingLoaders> & { flights: FlightInfo[] }

export async function deedsWorld(): Promise<DeedsWorld> {
  const service = await startService()
  const { database } = service
  const databases = makeViewerDatabases({ connections: database.connections, log: quietLog() })
  const sql = async (text: string, values: unknown[] = []) => (await database.admin.query(text, values)).rows
  return {
    service,
    newPerson: (name) => newPerson(sql, name),
    ask: (as, query, variables = {}) => service.execute(query, variables, { as }),
    loadersOf: (viewer) => loadersOf(databases, viewer),
    befriend: (owner, requester) => befriend(sql, owner, requester),
    grant: (owner, requester, itemId, options) => grant(sql, owner, requester, itemId, options),
    sql,
    async stop() {
      await databases.stop()
      await service.stop()
    },
  }
}

type Sql = DeedsWorld['sql']

const scopes = ['DEEDS_READ', 'DEEDS_WRITE', 'ACCOUNT_READ', 'SHARING_READ']

async function newPerson(sql: Sql, name: string): Promise<Viewer> {
  const [row] = await sql(
    `with person as (
       insert into users (email, full_name, password_hash, email_verified) values ($1 || '@kitaab.example', $1, '-', true)
       returning user_id
     )
     insert into sessions (user_id, expires_at) select user_id, now() + interval '1 day' from person
     returning user_id, session_id`,
    [name],
  )
  return { userId: row?.user_id ?? '', sessionId: row?.session_id ?? '', role: 'member', scopes }
}

async function befriend(sql: Sql, owner: Viewer, requester: Viewer): Promise<string> {
  const [row] = await sql(
    'insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, $3) returning relation_id',
    [owner.userId, requester.userId, 'somebody@kitaab.example'],
  )
  await sql("update relations set status = 'accepted' where relation_id = $1", [row?.relation_id])
  return row?.relation_id ?? ''
}

async function grant(sql: Sql, owner: Viewer, requester: Viewer, itemId: string, options: Grant = {}): Promise<string> {
  const { write = false, withoutSubtree = false, notes = false, backfillDays = 7, expiresAt = null } = options
  const [row] = await sql(
    `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type, includes_descendants,
       shares_notes, backfill_days, expires_at)
     select requestee_id, relation_id, requester_id, $3, $4, $5, $6, $7, $8 from relations
     where requestee_id = $1 and requester_id = $2 and deleted_at is null
     returning permission_id`,
    [owner.userId, requester.userId, itemId, write ? 'write' : 'read', !withoutSubtree, notes, backfillDays, expiresAt],
  )
  return row?.permission_id ?? ''
}

function loadersOf(databases: Databases, viewer: Viewer): Loaders {
  const flights: FlightInfo[] = []
  const { db } = databases.forViewer(viewer, { onFlight: (flight) => flights.push(flight) })
  return { ...sharingLoaders(db, viewer), ...deedLoaders(db, viewer), flights }
}

/** The id in the database behind an item's global id. */
export const itemIdOf = (id: string) => fromGlobalId('DeedItem', id).itemId

/** The id in the database behind a deed's global id. */
export const deedIdOf = (id: string) => fromGlobalId('Deed', id).deedId

/** What somebody was told: code, reason and field of the only error. */
export function refusalOf({ errors = [] }: Executed): unknown {
  const [error, ...more] = errors
  if (!error || more.length > 0) return errors
  const { code, reason, field } = error.extensions
  return { code, ...(reason !== undefined && { reason }), ...(field !== undefined && { field }) }
}
