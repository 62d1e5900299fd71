import { type InferResult, sql } from 'kysely'
import type { RelationStatus } from '../../../generated/database.ts'
import { anyOf, pairsIn, tuplesIn } from '../../../platform/database/any-of.ts'
import { keysetPage } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'

/** What was asked of the viewer, as the owner that they are. Unanswered ones end after 30 days (SHA-2). */
function received(db: Database, viewerId: UserId) {
  return db
    .selectFrom('relations')
    .where('relations.requestee_id', '=', viewerId)
    .where('relations.deleted_at', 'is', null)
    .where(sql<boolean>`(relations.status <> 'pending' or relations.created_at > now() - interval '30 days')`)
    .select([
      'relations.requestee_id as ownerId',
      sql<'SENT' | 'RECEIVED'>`'RECEIVED'`.as('direction'),
      'relations.relation_id as relationId',
      sql<UserId>`relations.requester_id`.as('requesterId'),
      sql<UserId | null>`relations.requestee_id`.as('requesteeId'),
      sql<string | null>`relations.relation_id`.as('grantedById'),
      sql<string | null>`null::text`.as('sentTo'),
      sql<RelationStatus>`relations.status`.as('status'),
      'relations.created_at as createdAt',
      'relations.responded_at as respondedAt',
    ])
}

/** What the viewer asked: accepted, or pending whatever came of it (SHA-1, SHA-2). */
function sent(db: Database, viewerId: UserId) {
  return db
    .selectFrom('relation_requests')
    .where('relation_requests.user_id', '=', viewerId)
    .where('relation_requests.ended_at', 'is', null)
    .where(
      sql<boolean>`(relation_requests.accepted_at is not null or relation_requests.created_at > now() - interval '30 days')`,
    )
    .select([
      'relation_requests.user_id as ownerId',
      sql<'SENT' | 'RECEIVED'>`'SENT'`.as('direction'),
      'relation_requests.relation_request_id as relationId',
      sql<UserId>`relation_requests.user_id`.as('requesterId'),
      'relation_requests.requestee_id as requesteeId',
      'relation_requests.relation_id as grantedById',
      sql<string | null>`relation_requests.sent_to`.as('sentTo'),
      sql<RelationStatus>`(case when relation_requests.accepted_at is null then 'pending' else 'accepted' end)::relation_status`.as(
        'status',
      ),
      'relation_requests.created_at as createdAt',
      'relation_requests.accepted_at as respondedAt',
    ])
}

/**
 * The live relations of the viewer, as the viewer sees them. `ownerId`, `direction` and `relationId` are its key: the viewer's own side
 * of it. `requesteeId` and `grantedById` name what permissions stand on: the owner's side, null for as long as it was not accepted.
 */
export function visibleRelations(db: Database, viewerId: UserId) {
  return db.selectFrom(received(db, viewerId).unionAll(sent(db, viewerId)).as('relation')).selectAll()
}

export type RelationRow = InferResult<ReturnType<typeof visibleRelations>>[number]
export type RelationPage = Page<RelationRow>

export interface RelationKey {
  ownerId: UserId
  direction: string
  relationId: string
}

/** Relations of the viewer by their own keys; those of others are not found. */
export function relationsByKeys(db: Database, viewerId: UserId, keys: readonly RelationKey[]) {
  return visibleRelations(db, viewerId)
    .where(
      tuplesIn(
        [
          ['relation.ownerId', 'bigint'],
          ['relation.direction', 'text'],
          ['relation.relationId', 'bigint'],
        ],
        keys.map(({ ownerId, direction, relationId }) => [ownerId, direction, relationId]),
      ),
    )
    .execute()
}

/** What permissions stand on: the owner's side of a relation. */
export interface GrantingKey {
  ownerId: UserId
  relationId: string
}

/** The viewer's relations by the owner's side of them. */
export function relationsOfGrants(db: Database, viewerId: UserId, keys: readonly GrantingKey[]) {
  return visibleRelations(db, viewerId)
    .where(
      pairsIn(
        ['relation.requesteeId', 'relation.grantedById'],
        keys.map((key) => [key.ownerId, key.relationId]),
      ),
    )
    .execute()
}

/** All relations between the viewer and these people, the latest first; `otherId` is the other side. */
export function relationsWith(db: Database, viewerId: UserId, userIds: readonly UserId[]) {
  const other = sql<UserId>`case relation.direction when 'SENT' then relation."requesteeId" else relation."requesterId" end`
  return visibleRelations(db, viewerId)
    .where(other, '=', anyOf(userIds))
    .select(other.as('otherId'))
    .orderBy('relation.createdAt', 'desc')
    .orderBy('relation.relationId', 'desc')
    .orderBy('relation.direction')
    .execute()
}

export interface RelationPageOptions {
  direction: 'SENT' | 'RECEIVED' | null
  status: RelationStatus | null
  first: number
  after: string | null
}

/** A page of the viewer's relations, the latest first; direction and status as the viewer sees them. */
export function relationsPage(
  db: Database,
  viewerId: UserId,
  { direction, status, first, after }: RelationPageOptions,
): Promise<RelationPage> {
  let relations = visibleRelations(db, viewerId)
  if (direction) relations = relations.where('relation.direction', '=', direction)
  if (status) relations = relations.where('relation.status', '=', status)
  return keysetPage(db, relations, {
    order: [
      { column: 'relation.createdAt', direction: 'desc' },
      { column: 'relation.relationId', direction: 'desc' },
      { column: 'relation.direction', direction: 'desc' },
    ],
    first,
    after,
    scope: ['relations', viewerId, direction, status],
  })
}
