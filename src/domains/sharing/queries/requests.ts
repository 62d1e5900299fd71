import { sql } from 'kysely'
import type { RelationStatus } from '../../../generated/database.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'

/** What came of asking, as `request_relation` answers it. */
export interface AskedRelation {
  /** The requester's own side of it; null when they asked too often. */
  requestId: string | null
  /** In how many seconds they may ask again. */
  retryAfter: number | null
  /** Who has a new request to answer. Nobody but them may learn that there is such a person. */
  reachedId: UserId | null
}

/** SHA-1, SHA-2 Asks whoever has this username or address, in the viewer's name. */
export async function askForRelation(tx: Database, sentTo: string): Promise<AskedRelation> {
  const { rows } = await sql<AskedRelation>`
    select request_id as "requestId", retry_after as "retryAfter", reached as "reachedId" from request_relation(${sentTo})
  `.execute(tx)
  const [asked] = rows
  if (!asked) throw new Error('A function with output arguments answers one row.')
  return asked
}

/** Takes the viewer's own request back, or leaves what was accepted; false when there is none such. */
export async function withdrawRequest(tx: Database, requestId: string): Promise<boolean> {
  const { rows } = await sql<{ isWithdrawn: boolean }>`
    select withdraw_request(${requestId}) as "isWithdrawn"
  `.execute(tx)
  return rows[0]?.isWithdrawn === true
}

/** The requesters of these relations of an owner. Takes the locks of all of them first: later changes wait. */
export async function lockRelations(tx: Database, ownerId: UserId, relationIds: readonly string[]): Promise<UserId[]> {
  const { rows } = await sql<{ requesterIds: UserId[] | null }>`
    select lock_relations(${ownerId}, ${relationIds}::bigint[]) as "requesterIds"
  `.execute(tx)
  return rows[0]?.requesterIds ?? []
}

export interface HeldRelation {
  requesterId: UserId
  status: RelationStatus
}

/** A live relation that was asked of this owner, under the locks of both; null when there is none such. */
export async function holdReceived(tx: Database, ownerId: UserId, relationId: string): Promise<HeldRelation | null> {
  await lockRelations(tx, ownerId, [relationId])
  const row = await tx
    .selectFrom('relations')
    .where('requestee_id', '=', ownerId)
    .where('relation_id', '=', relationId)
    .where('deleted_at', 'is', null)
    .where(sql<boolean>`(status <> 'pending' or created_at > now() - interval '30 days')`)
    .select(['requester_id as requesterId', 'status'])
    .executeTakeFirst()
  return row ?? null
}

/** SHA-1 Gives a relation another status, as its requestee. */
export async function setStatus(tx: Database, ownerId: UserId, relationId: string, status: RelationStatus) {
  await tx
    .updateTable('relations')
    .where('requestee_id', '=', ownerId)
    .where('relation_id', '=', relationId)
    .set({ status })
    .execute()
}

/** SHA-1 Ends a relation as its requestee; of a blocked one, lifts the block. */
export async function removeReceived(tx: Database, ownerId: UserId, relationId: string) {
  await tx
    .updateTable('relations')
    .where('requestee_id', '=', ownerId)
    .where('relation_id', '=', relationId)
    .set({ deleted_at: sql<string>`now()`, deleted_by: ownerId })
    .execute()
}

/** SHA-2 Ends requests that nobody answered in 30 days, at most so many on each side; answers how many. For the worker's role. */
export async function endUnansweredRequests(db: Database, most = 500): Promise<number> {
  const { rows } = await sql<{ ended: number }>`select end_unanswered_requests(${most}) as ended`.execute(db)
  return rows[0]?.ended ?? 0
}
