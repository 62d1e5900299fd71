import { type InferResult, sql } from 'kysely'
import type { PermissionType } from '../../../generated/surveys.ts'
import { anyOf, pairsIn } from '../../../platform/database/any-of.ts'
import { keysetPage, type SortColumn } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { Metadata, ProjectDraft } from '../rules.ts'

export interface ProjectKey {
  readonly ownerId: UserId
  readonly projectId: string
}

/** What the viewer is granted in a project of somebody else's: `write` before `read`, null for nothing. Of `projects.user_id, project_id`. */
function grantedTo(viewerId: UserId) {
  return sql<PermissionType | null>`(
    select max(shared.permission_type) from project_permissions as shared
    where shared.user_id = projects.user_id and shared.project_id = projects.project_id and shared.requester_id = ${viewerId}
      and shared.revoked_at is null and (shared.expires_at is null or shared.expires_at > now())
  )`
}

/** Projects that the viewer may see: their own, deleted ones among them, and what others share, which is there. */
export function visibleProjects(db: Database, viewerId: UserId) {
  const granted = grantedTo(viewerId)
  return db
    .selectFrom('projects')
    .where(sql<boolean>`(projects.user_id = ${viewerId} or (projects.deleted_at is null and ${granted} is not null))`)
    .select([
      'projects.user_id as ownerId',
      'projects.project_id as projectId',
      'projects.name',
      'projects.description',
      sql<Metadata>`projects.metadata`.as('metadata'),
      sql<boolean>`projects.user_id = ${viewerId}`.as('isOwn'),
      granted.as('granted'),
      'projects.version',
      'projects.created_at as createdAt',
      'projects.updated_at as updatedAt',
      'projects.deleted_at as deletedAt',
    ])
}

export type ProjectRow = InferResult<ReturnType<typeof visibleProjects>>[number]
export type ProjectPage = Page<ProjectRow>

/** Those that are there; what was deleted is found in the list alone. */
export function projectsByKeys(db: Database, viewerId: UserId, keys: readonly ProjectKey[]): Promise<ProjectRow[]> {
  const pairs = keys.map(({ ownerId, projectId }) => [ownerId, projectId] as const)
  return visibleProjects(db, viewerId)
    .where('projects.deleted_at', 'is', null)
    .where(pairsIn(['projects.user_id', 'projects.project_id'], pairs))
    .execute()
}

/** Which projects; null is no condition. */
export interface ProjectFilter {
  readonly isDeleted: boolean
  /** Whether they are somebody else's. */
  readonly isShared: boolean | null
  /** A text that was checked. */
  readonly text: string | null
}

export type ProjectOrder = 'CREATED_DESC' | 'CREATED_ASC' | 'UPDATED_DESC' | 'NAME_ASC'

const orders: Readonly<Record<ProjectOrder, SortColumn>> = {
  CREATED_DESC: { column: 'projects.created_at', direction: 'desc' },
  CREATED_ASC: { column: 'projects.created_at', direction: 'asc' },
  UPDATED_DESC: { column: 'projects.updated_at', direction: 'desc' },
  NAME_ASC: { column: 'projects.name', direction: 'asc' },
}

/** A page of the projects of the viewer, and of those who share some, 1..100. */
export function projectsPage(
  db: Database,
  viewerId: UserId,
  {
    sharers,
    filter,
    order,
    first,
    after,
  }: { sharers: readonly UserId[]; filter: ProjectFilter; order: ProjectOrder; first: number; after: string | null },
): Promise<ProjectPage> {
  let rows = visibleProjects(db, viewerId)
    .where('projects.user_id', '=', anyOf(ownersOfList(viewerId, sharers, filter)))
    .where('projects.deleted_at', filter.isDeleted ? 'is not' : 'is', null)
  if (filter.text !== null) {
    rows = rows.where(
      sql<boolean>`position(name_key(${filter.text}) in name_key(concat_ws(' ', projects.name, projects.description))) > 0`,
    )
  }
  const place = orders[order]
  const direction = place.direction ?? 'asc'
  return keysetPage(db, rows, {
    order: [place, { column: 'projects.project_id', direction }],
    first,
    after,
    scope: ['projects', viewerId, filter, order],
  })
}

function ownersOfList(viewerId: UserId, sharers: readonly UserId[], { isShared }: ProjectFilter): UserId[] {
  return [...(isShared === true ? [] : [viewerId]), ...(isShared === false ? [] : sharers)]
}

/** A project in which somebody may write, with whose it is. */
export interface WritableProject extends ProjectKey {
  readonly name: string
  readonly ownerName: string
}

/** The projects in which the viewer may write, their own first, the latest before others. As `kitaab_worker`. */
export function writableProjects(worker: Database, viewerId: UserId): Promise<WritableProject[]> {
  const sharers = sql`select user_id from project_permissions where requester_id = ${viewerId} and revoked_at is null`
  return worker
    .selectFrom(visibleProjects(worker, viewerId).where('projects.deleted_at', 'is', null).as('project'))
    .innerJoin('users as owner', 'owner.user_id', 'project.ownerId')
    .where(sql<boolean>`project."ownerId" in (select ${viewerId}::bigint union all ${sharers})`)
    .where(sql<boolean>`(project."isOwn" or project.granted = 'write')`)
    .select([
      'project.ownerId',
      'project.projectId',
      'project.name',
      sql<string>`coalesce(owner.full_name, '')`.as('ownerName'),
    ])
    .orderBy('project.isOwn', 'desc')
    .orderBy('project.createdAt', 'desc')
    .orderBy('project.projectId', 'desc')
    .execute()
}

/** A project in which the viewer may write, under its owner's lock until the transaction ends; undefined where there is none such. */
export async function holdProject(
  tx: Database,
  viewerId: UserId,
  { ownerId, projectId }: ProjectKey,
  { isDeleted = false } = {},
): Promise<ProjectRow | undefined> {
  await sql`select lock_project(${ownerId}, ${projectId})`.execute(tx)
  return visibleProjects(tx, viewerId)
    .where('projects.user_id', '=', ownerId)
    .where('projects.project_id', '=', projectId)
    .where('projects.deleted_at', isDeleted ? 'is not' : 'is', null)
    .where(sql<boolean>`(projects.user_id = ${viewerId} or ${grantedTo(viewerId)} = 'write')`)
    .executeTakeFirst()
}

function valuesOf({ name, description, metadata }: ProjectDraft) {
  return { name, description, metadata: JSON.stringify(metadata) }
}

/** Answers its number. */
export async function insertProject(tx: Database, ownerId: UserId, draft: ProjectDraft): Promise<string> {
  const { projectId } = await tx
    .insertInto('projects')
    .values({ user_id: ownerId, ...valuesOf(draft) })
    .returning('project_id as projectId')
    .executeTakeFirstOrThrow()
  return projectId
}

export async function updateProjectRow(tx: Database, key: ProjectKey, draft: ProjectDraft): Promise<void> {
  await ofProject(tx, key).set(valuesOf(draft)).execute()
}

export async function markProjectDeleted(tx: Database, key: ProjectKey, isDeleted: boolean): Promise<void> {
  await ofProject(tx, key)
    .set({ deleted_at: isDeleted ? sql<string>`now()` : null })
    .execute()
}

function ofProject(tx: Database, { ownerId, projectId }: ProjectKey) {
  return tx.updateTable('projects').where('user_id', '=', ownerId).where('project_id', '=', projectId)
}

/** One of one's own projects as it is now, deleted or not. */
export function ownProject(tx: Database, { ownerId, projectId }: ProjectKey): Promise<ProjectRow> {
  return visibleProjects(tx, ownerId)
    .where('projects.user_id', '=', ownerId)
    .where('projects.project_id', '=', projectId)
    .executeTakeFirstOrThrow()
}

/** What the live scans of a project lie in, in degrees of WGS 84. */
export interface BoundsRow extends ProjectKey {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** No row for a project without a footprint. */
export async function boundsOfProjects(db: Database, keys: readonly ProjectKey[]): Promise<BoundsRow[]> {
  const pairs = keys.map(({ ownerId, projectId }) => [ownerId, projectId] as const)
  const { rows } = await sql<BoundsRow>`
    select user_id as "ownerId", project_id as "projectId", st_xmin(box) as west, st_ymin(box) as south, st_xmax(box) as east,
      st_ymax(box) as north
    from (
      select user_id, project_id, st_extent(footprint) as box from lidar_scans
      where ${pairsIn(['user_id', 'project_id'], pairs)} and deleted_at is null
      group by user_id, project_id
    ) as covered
    where box is not null`.execute(db)
  return rows
}
