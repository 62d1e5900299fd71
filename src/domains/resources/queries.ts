import { sql, type UpdateObject } from 'kysely'
import type { DB, ResourceStatus } from '../../generated/database.ts'
import { pairsIn } from '../../platform/database/any-of.ts'
import { keysetPage, type SortColumn } from '../../platform/database/keyset.ts'
import type { Page } from '../../platform/database/page.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import type { Metadata, ResourceDraft, ResourceRow } from './rules.ts'

export type { ResourceRow } from './rules.ts'
export type ResourcePage = Page<ResourceRow>

export interface ResourceKey {
  readonly ownerId: UserId
  readonly resourceId: string
}

const columns = [
  'resources.user_id as ownerId',
  'resources.resource_id as resourceId',
  'resources.type',
  'resources.name',
  'resources.description',
  sql<Metadata>`resources.metadata`.as('metadata'),
  'resources.status',
  'resources.is_sensitive as isSensitive',
  'resources.ciphertext',
  'resources.key_id as keyId',
  'resources.version',
  'resources.created_at as createdAt',
  'resources.updated_at as updatedAt',
  'resources.deleted_at as deletedAt',
] as const

/** The viewer's own: nobody sees another's. */
function ownResources(db: Database, viewerId: UserId) {
  return db.selectFrom('resources').where('resources.user_id', '=', viewerId).select(columns)
}

/** Those that are there; what was deleted is found in the list alone. */
export function resourcesByKeys(db: Database, viewerId: UserId, keys: readonly ResourceKey[]): Promise<ResourceRow[]> {
  return thereByKeys(db, viewerId, keys).select(columns).execute()
}

/** What tells one state of a resource from another. */
export interface ResourceVersion extends ResourceKey, Pick<ResourceRow, 'version' | 'updatedAt' | 'keyId'> {}

/** Which of them are there, and in which version: what they hold is not read. */
export function resourceVersionsByKeys(
  db: Database,
  viewerId: UserId,
  keys: readonly ResourceKey[],
): Promise<ResourceVersion[]> {
  return thereByKeys(db, viewerId, keys)
    .select([
      'resources.user_id as ownerId',
      'resources.resource_id as resourceId',
      'resources.version',
      'resources.updated_at as updatedAt',
      'resources.key_id as keyId',
    ])
    .execute()
}

function thereByKeys(db: Database, viewerId: UserId, keys: readonly ResourceKey[]) {
  const pairs = keys.map(({ ownerId, resourceId }) => [ownerId, resourceId] as const)
  return db
    .selectFrom('resources')
    .where('resources.user_id', '=', viewerId)
    .where('resources.deleted_at', 'is', null)
    .where(pairsIn(['resources.user_id', 'resources.resource_id'], pairs))
}

/** Which resources; null is no condition. */
export interface ResourceFilter {
  readonly isDeleted: boolean
  readonly types: readonly string[] | null
  readonly statuses: readonly ResourceStatus[] | null
  /** What their metadata hold. */
  readonly metadata: Metadata | null
  readonly createdFrom: string | null
  readonly createdUntil: string | null
  /** A text that was checked. */
  readonly text: string | null
}

export type ResourceOrder = 'CREATED_DESC' | 'CREATED_ASC' | 'UPDATED_DESC' | 'NAME_ASC'

const orders: Readonly<Record<ResourceOrder, SortColumn>> = {
  CREATED_DESC: { column: 'resources.created_at', direction: 'desc' },
  CREATED_ASC: { column: 'resources.created_at', direction: 'asc' },
  UPDATED_DESC: { column: 'resources.updated_at', direction: 'desc' },
  NAME_ASC: { column: 'resources.name', direction: 'asc' },
}

/**
 * A page of the viewer's resources, 1..100. Text and metadata are looked up by functions of the database that use their indexes
 * and answer keys; the rows are read as the viewer.
 */
export function resourcesPage(
  db: Database,
  viewerId: UserId,
  {
    filter,
    order,
    first,
    after,
  }: { filter: ResourceFilter; order: ResourceOrder; first: number; after: string | null },
): Promise<ResourcePage> {
  const { types, statuses, metadata, createdFrom, createdUntil, text } = filter
  let rows = ownResources(db, viewerId).where('resources.deleted_at', filter.isDeleted ? 'is not' : 'is', null)
  if (types) rows = rows.where(sql<boolean>`resources.type = any (${types}::text[])`)
  if (statuses) rows = rows.where(sql<boolean>`resources.status = any (${statuses}::resource_status[])`)
  if (createdFrom) rows = rows.where('resources.created_at', '>=', createdFrom)
  if (createdUntil) rows = rows.where('resources.created_at', '<', createdUntil)
  if (metadata) {
    rows = rows.where(
      sql<boolean>`resources.resource_id in (select find_resources(${JSON.stringify(metadata)}::jsonb))`,
    )
  }
  if (text) {
    rows = rows.where(
      sql<boolean>`resources.resource_id in (select object_id from find_documents(${text}, '{resource}') where owner_id = ${viewerId})`,
    )
  }
  const place = orders[order]
  const direction = place.direction ?? 'asc'
  return keysetPage(db, rows, {
    order: [place, { column: 'resources.resource_id', direction }],
    first,
    after,
    scope: ['resources', viewerId, filter, order],
  })
}

/** An id that no other resource gets: what is sealed is bound to it. */
export async function takeResourceId(db: Database): Promise<string> {
  const { rows } = await sql<{ id: string }>`select nextval('resources_resource_id_seq') as id`.execute(db)
  return rows[0]?.id ?? ''
}

/** A resource of the viewer's, held until the transaction ends: the owner's lock is taken first. */
export async function holdResource(
  db: Database,
  { ownerId, resourceId }: ResourceKey,
  { isDeleted = false } = {},
): Promise<ResourceRow | undefined> {
  await sql`select lock_owner(${ownerId})`.execute(db)
  return ownResources(db, ownerId)
    .where('resources.resource_id', '=', resourceId)
    .where('resources.deleted_at', isDeleted ? 'is not' : 'is', null)
    .executeTakeFirst()
}

/** What is stored of a draft; its content, or that sealed. */
export interface StoredDraft extends ResourceDraft {
  readonly ciphertext: string | null
}

/** The name of the key that sealed it. */
function keyIn(ciphertext: string) {
  return ciphertext.split('.')[1] ?? null
}

function valuesOf({ type, name, status, isSensitive, description, metadata, ciphertext }: StoredDraft) {
  return {
    type,
    name,
    status,
    is_sensitive: isSensitive,
    ciphertext,
    key_id: ciphertext && keyIn(ciphertext),
    description: isSensitive ? null : description,
    metadata: sql<string>`${isSensitive ? '{}' : JSON.stringify(metadata)}::jsonb`,
  }
}

export async function insertResource(
  db: Database,
  { ownerId, resourceId }: ResourceKey,
  draft: StoredDraft,
): Promise<ResourceRow> {
  return db
    .insertInto('resources')
    .values({ user_id: ownerId, resource_id: resourceId, ...valuesOf(draft) })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

export function updateResourceRow(db: Database, key: ResourceKey, draft: StoredDraft): Promise<ResourceRow> {
  return changed(db, key, valuesOf(draft))
}

export function markDeleted(db: Database, key: ResourceKey, isDeleted: boolean): Promise<ResourceRow> {
  return changed(db, key, { deleted_at: isDeleted ? sql<string>`now()` : null })
}

function changed(
  db: Database,
  { ownerId, resourceId }: ResourceKey,
  changes: UpdateObject<DB, 'resources'>,
): Promise<ResourceRow> {
  return db
    .updateTable('resources')
    .where('user_id', '=', ownerId)
    .where('resource_id', '=', resourceId)
    .set(changes)
    .returning(columns)
    .executeTakeFirstOrThrow()
}
