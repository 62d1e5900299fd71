import { type InferResult, sql } from 'kysely'
import { pairsIn } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { visibleProjects } from './projects.ts'
import type { ScanKey } from './scans.ts'

export interface HillshadeKey {
  readonly ownerId: UserId
  readonly hillshadeId: string
}

/** Hillshades of the projects that the viewer may see and that are there. */
export function visibleHillshades(db: Database, viewerId: UserId) {
  return db
    .selectFrom('hillshades as hillshade')
    .innerJoin(visibleProjects(db, viewerId).where('projects.deleted_at', 'is', null).as('project'), (join) =>
      join.onRef('project.ownerId', '=', 'hillshade.user_id').onRef('project.projectId', '=', 'hillshade.project_id'),
    )
    .select([
      'hillshade.user_id as ownerId',
      'hillshade.hillshade_id as hillshadeId',
      'hillshade.scan_id as scanId',
      'hillshade.project_id as projectId',
      'hillshade.bounds as corners',
      'hillshade.cell_size as cellSize',
      'hillshade.status',
      'hillshade.progress',
      'hillshade.error',
      'hillshade.created_at as createdAt',
      'hillshade.finished_at as finishedAt',
    ])
}

export type HillshadeRow = InferResult<ReturnType<typeof visibleHillshades>>[number]

export function hillshadesByKeys(
  db: Database,
  viewerId: UserId,
  keys: readonly HillshadeKey[],
): Promise<HillshadeRow[]> {
  const pairs = keys.map(({ ownerId, hillshadeId }) => [ownerId, hillshadeId] as const)
  return visibleHillshades(db, viewerId)
    .where(pairsIn(['hillshade.user_id', 'hillshade.hillshade_id'], pairs))
    .execute()
}

/** The last one of each scan. */
export function hillshadesOfScans(db: Database, viewerId: UserId, keys: readonly ScanKey[]): Promise<HillshadeRow[]> {
  const pairs = keys.map(({ ownerId, scanId }) => [ownerId, scanId] as const)
  return visibleHillshades(db, viewerId)
    .where(pairsIn(['hillshade.user_id', 'hillshade.scan_id'], pairs))
    .distinctOn(['hillshade.user_id', 'hillshade.scan_id'])
    .orderBy('hillshade.user_id')
    .orderBy('hillshade.scan_id')
    .orderBy('hillshade.hillshade_id', 'desc')
    .execute()
}

// Written out: a generic plan finds no index for a condition with a parameter.
const didNotFail = sql<boolean>`status <> 'failed'`

/** Asks for one; undefined when the scan has one that did not fail, or somebody asks for it at the same time. Answers its number. */
export async function insertHillshade(
  tx: Database,
  viewerId: UserId,
  { ownerId, scanId, projectId }: ScanKey & { readonly projectId: string },
): Promise<string | undefined> {
  const row = await tx
    .insertInto('hillshades')
    .values({ user_id: ownerId, scan_id: scanId, project_id: projectId, asked_by_user_id: viewerId })
    .onConflict((conflict) => conflict.columns(['user_id', 'scan_id']).where(didNotFail).doNothing())
    .returning('hillshade_id as hillshadeId')
    .executeTakeFirst()
  return row?.hillshadeId
}

// ------------------------------------------------------------------------------------------------ the worker

/** Of which scan. As `kitaab_worker`; undefined when it is gone. */
export async function scanOfHillshade(
  worker: Database,
  { ownerId, hillshadeId }: HillshadeKey,
): Promise<ScanKey | undefined> {
  return worker
    .selectFrom('hillshades')
    .where('user_id', '=', ownerId)
    .where('hillshade_id', '=', hillshadeId)
    .select(['user_id as ownerId', 'scan_id as scanId'])
    .executeTakeFirst()
}

/** It is made. `bounds`: west, south, east, north in degrees. */
export async function finishHillshade(
  worker: Database,
  { ownerId, hillshadeId }: HillshadeKey,
  { bounds, cellSize }: { readonly bounds: readonly number[]; readonly cellSize: number },
): Promise<void> {
  await worker
    .updateTable('hillshades')
    .where('user_id', '=', ownerId)
    .where('hillshade_id', '=', hillshadeId)
    .where('status', '=', 'running')
    .set({
      status: 'succeeded',
      progress: '1',
      finished_at: sql<string>`now()`,
      bounds: [...bounds],
      cell_size: cellSize,
    })
    .execute()
}

/** Earlier ones of the scan, which failed: the last one alone is shown. */
export async function removeFailedHillshades(
  worker: Database,
  { ownerId, hillshadeId }: HillshadeKey,
  scanId: string,
): Promise<void> {
  await worker
    .deleteFrom('hillshades')
    .where('user_id', '=', ownerId)
    .where('scan_id', '=', scanId)
    .where('status', '=', 'failed')
    .where('hillshade_id', '<', hillshadeId)
    .execute()
}
