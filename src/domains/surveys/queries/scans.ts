import { type InferResult, type RawBuilder, sql } from 'kysely'
import { pairsIn } from '../../../platform/database/any-of.ts'
import { keysetPage, type SortColumn } from '../../../platform/database/keyset.ts'
import { keysetFirstPages } from '../../../platform/database/keyset-first-pages.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { isEmpty, noFilter, type ScanFilter } from '../rules/scan-filter.ts'
import type { Metadata, ScanDraft } from '../rules.ts'
import { type ProjectKey, visibleProjects } from './projects.ts'
import { isFound } from './scan-search.ts'

export interface ScanKey {
  readonly ownerId: UserId
  readonly scanId: string
}

/** A geometry of GeoJSON in WGS 84. */
export type GeoJson = Readonly<Record<string, unknown>>

/** Scans of the projects that the viewer may see and that are there; deleted scans among them. */
export function visibleScans(db: Database, viewerId: UserId) {
  return db
    .selectFrom('lidar_scans as scan')
    .innerJoin(visibleProjects(db, viewerId).where('projects.deleted_at', 'is', null).as('project'), (join) =>
      join.onRef('project.ownerId', '=', 'scan.user_id').onRef('project.projectId', '=', 'scan.project_id'),
    )
    .select([
      'scan.user_id as ownerId',
      'scan.scan_id as scanId',
      'scan.project_id as projectId',
      'scan.name',
      'scan.captured_at as capturedAt',
      sql<Metadata>`scan.scan_data`.as('data'),
      'scan.storage_tier as storageTier',
      'scan.version',
      'scan.created_at as createdAt',
      'scan.updated_at as updatedAt',
      'scan.deleted_at as deletedAt',
      'scan.last_read_at as lastReadAt',
    ])
}

export type ScanRow = InferResult<ReturnType<typeof visibleScans>>[number]
export type ScanPage = Page<ScanRow>

/** Those that are there. */
export function scansByKeys(db: Database, viewerId: UserId, keys: readonly ScanKey[]): Promise<ScanRow[]> {
  return visibleScans(db, viewerId).where('scan.deleted_at', 'is', null).where(isOneOf(keys)).execute()
}

function isOneOf(keys: readonly ScanKey[], [owner, id]: readonly [string, string] = ['scan.user_id', 'scan.scan_id']) {
  return pairsIn(
    [owner, id],
    keys.map(({ ownerId, scanId }) => [ownerId, scanId]),
  )
}

export interface ShapeRow extends ScanKey {
  readonly shape: GeoJson | null
}

/** The geometries, or the footprints, of scans whose rows the viewer has seen. */
export function shapesOfScans(
  db: Database,
  keys: readonly ScanKey[],
  column: 'lidar_geom' | 'footprint',
): Promise<ShapeRow[]> {
  return db
    .selectFrom('lidar_scans')
    .where(isOneOf(keys, ['user_id', 'scan_id']))
    .select([
      'user_id as ownerId',
      'scan_id as scanId',
      sql<GeoJson | null>`st_asgeojson(${sql.ref(column)}, 9, 0)::json`.as('shape'),
    ])
    .execute()
}

export type ScanOrder = 'CAPTURED_DESC' | 'CAPTURED_ASC' | 'CREATED_DESC' | 'NAME_ASC'

const capturedAt = sql`coalesce(scan.captured_at, '-infinity'::timestamptz)`
const orders: Readonly<Record<ScanOrder, SortColumn>> = {
  CAPTURED_DESC: { column: capturedAt, direction: 'desc' },
  CAPTURED_ASC: { column: capturedAt, direction: 'asc' },
  CREATED_DESC: { column: 'scan.created_at', direction: 'desc' },
  NAME_ASC: { column: 'scan.name', direction: 'asc' },
}

/** Which list of scans: those of a project, or of all that the viewer may see, where `project` is null. */
export interface ScanList {
  readonly project: ProjectKey | null
  readonly filter: ScanFilter
  readonly order: ScanOrder
}

/** A page of scans that meet the filter, 1..100. */
export function scansPage(
  db: Database,
  viewerId: UserId,
  list: ScanList,
  { first, after }: { first: number; after: string | null },
): Promise<ScanPage> {
  const { project, filter, order } = list
  let rows = visibleScans(db, viewerId).where('scan.deleted_at', 'is', null)
  if (project) {
    rows = rows.where('scan.user_id', '=', project.ownerId).where('scan.project_id', '=', project.projectId)
  }
  // Without a project the function says which rows there are to be read.
  if (!project || !isEmpty(filter)) {
    const { projectIds } = filter
    const within = project && !projectIds ? { ...filter, projectIds: [project.projectId] } : filter
    rows = rows.where(isFound(within))
  }
  return keysetPage(db, rows, { order: placesOf(order), first, after, scope: scopeOf(viewerId, list) })
}

/** The first pages of projects' scans, all in one order and without a filter, in one statement. */
export function firstScansOfProjects(
  db: Database,
  viewerId: UserId,
  { projects, order }: { projects: readonly ProjectKey[]; order: ScanOrder },
  first: number,
): Promise<ScanPage[]> {
  const rows = visibleScans(db, viewerId)
    .where('scan.deleted_at', 'is', null)
    .where(sql<boolean>`(scan.user_id, scan.project_id) = (wanted.owner_id, wanted.project_id)`)
  return keysetFirstPages(db, rows, {
    columns: { owner_id: 'bigint', project_id: 'bigint' },
    lists: projects.map((project) => ({
      values: { owner_id: project.ownerId, project_id: project.projectId },
      scope: scopeOf(viewerId, { project, filter: noFilter, order }),
    })),
    order: placesOf(order),
    first,
  })
}

function placesOf(order: ScanOrder): SortColumn[] {
  const place = orders[order]
  return [place, { column: 'scan.scan_id', direction: place.direction ?? 'asc' }]
}

function scopeOf(viewerId: UserId, { project, filter, order }: ScanList) {
  const key = project && { ownerId: project.ownerId, projectId: project.projectId }
  return ['scans', viewerId, key, filter, order]
}

/** A scan of a project in which the viewer may write, under its owner's lock until the transaction ends; undefined where there is none such. */
export async function holdScan(
  tx: Database,
  viewerId: UserId,
  { ownerId, scanId }: ScanKey,
  { isDeleted = false } = {},
): Promise<ScanRow | undefined> {
  await sql`
    select lock_project(user_id, project_id) from lidar_scans where user_id = ${ownerId} and scan_id = ${scanId}`.execute(
    tx,
  )
  return visibleScans(tx, viewerId)
    .where('scan.user_id', '=', ownerId)
    .where('scan.scan_id', '=', scanId)
    .where('scan.deleted_at', isDeleted ? 'is not' : 'is', null)
    .where(sql<boolean>`(project."isOwn" or project.granted = 'write')`)
    .executeTakeFirst()
}

/** Answers its number. `geometry` gets a height of 0 where a position has none; what it covers is the footprint. */
export async function insertScan(
  tx: Database,
  { ownerId, projectId }: ProjectKey,
  { addedById, draft, geometry }: { addedById: UserId; draft: ScanDraft; geometry: GeoJson },
): Promise<string> {
  const { scanId } = await tx
    .insertInto('lidar_scans')
    .values({
      user_id: ownerId,
      project_id: projectId,
      added_by_user_id: addedById,
      ...valuesOf(draft),
      ...shapesOf(geometry),
    })
    .returning('scan_id as scanId')
    .executeTakeFirstOrThrow()
  return scanId
}

/** The geometry stays where `geometry` is null. */
export async function updateScanRow(
  tx: Database,
  key: ScanKey,
  { draft, geometry }: { draft: ScanDraft; geometry: GeoJson | null },
): Promise<void> {
  await ofScan(tx, key)
    .set({ ...valuesOf(draft), ...(geometry && shapesOf(geometry)) })
    .execute()
}

export async function markScanDeleted(tx: Database, key: ScanKey, isDeleted: boolean): Promise<void> {
  await ofScan(tx, key)
    .set({ deleted_at: isDeleted ? sql<string>`now()` : null })
    .execute()
}

/** A scan as it is now, deleted or not, which the viewer may see. */
export function scanNow(tx: Database, viewerId: UserId, { ownerId, scanId }: ScanKey): Promise<ScanRow> {
  return visibleScans(tx, viewerId)
    .where('scan.user_id', '=', ownerId)
    .where('scan.scan_id', '=', scanId)
    .executeTakeFirstOrThrow()
}

function ofScan(tx: Database, { ownerId, scanId }: ScanKey) {
  return tx.updateTable('lidar_scans').where('user_id', '=', ownerId).where('scan_id', '=', scanId)
}

function valuesOf({ name, capturedAt, data }: ScanDraft) {
  return { name, captured_at: capturedAt, scan_data: JSON.stringify(data) }
}

function shapesOf(geometry: GeoJson) {
  const shape: RawBuilder<string> = sql`st_setsrid(st_geomfromgeojson(${JSON.stringify(geometry)}::text), 4326)`
  return { lidar_geom: sql<string>`st_force3dz(${shape})`, footprint: sql<string>`st_force2d(${shape})` }
}
