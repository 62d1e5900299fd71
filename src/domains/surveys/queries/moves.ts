import { type InferResult, sql } from 'kysely'
import type { ScanMoveKind, StorageTier } from '../../../generated/surveys.ts'
import { pairsIn } from '../../../platform/database/any-of.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { type ScanKey, visibleScans } from './scans.ts'

export interface ScanMoveKey {
  readonly ownerId: UserId
  readonly scanMoveId: string
}

/** Moves of scans that the viewer may see and that are there. */
function visibleMoves(db: Database, viewerId: UserId) {
  return db
    .selectFrom('scan_moves as move')
    .innerJoin(visibleScans(db, viewerId).where('scan.deleted_at', 'is', null).as('seen'), (join) =>
      join.onRef('seen.ownerId', '=', 'move.user_id').onRef('seen.scanId', '=', 'move.scan_id'),
    )
    .select([
      'move.user_id as ownerId',
      'move.scan_move_id as scanMoveId',
      'move.scan_id as scanId',
      'move.kind',
      sql<number>`move.bytes::float8`.as('bytes'),
      'move.estimated_seconds as estimatedSeconds',
      'move.status',
      'move.progress',
      'move.error',
      'move.created_at as createdAt',
      'move.finished_at as finishedAt',
    ])
}

export type ScanMoveRow = InferResult<ReturnType<typeof visibleMoves>>[number]

export function movesByKeys(db: Database, viewerId: UserId, keys: readonly ScanMoveKey[]): Promise<ScanMoveRow[]> {
  const pairs = keys.map(({ ownerId, scanMoveId }) => [ownerId, scanMoveId] as const)
  return visibleMoves(db, viewerId)
    .where(pairsIn(['move.user_id', 'move.scan_move_id'], pairs))
    .execute()
}

/** The last move of each scan that was ever moved. */
export function lastMoves(db: Database, viewerId: UserId, keys: readonly ScanKey[]): Promise<ScanMoveRow[]> {
  const pairs = keys.map(({ ownerId, scanId }) => [ownerId, scanId] as const)
  return visibleMoves(db, viewerId)
    .where(pairsIn(['move.user_id', 'move.scan_id'], pairs))
    .distinctOn(['move.user_id', 'move.scan_id'])
    .orderBy('move.user_id')
    .orderBy('move.scan_id')
    .orderBy('move.created_at', 'desc')
    .orderBy('move.scan_move_id', 'desc')
    .execute()
}

export async function moveNow(tx: Database, viewerId: UserId, key: ScanMoveKey): Promise<ScanMoveRow> {
  const [row] = await movesByKeys(tx, viewerId, [key])
  if (!row) throw new Error('A move that was just noted is not there.')
  return row
}

export interface NewMove extends ScanKey {
  readonly projectId: string
  readonly kind: ScanMoveKind
  /** Null: nobody, it was not read for long. */
  readonly askedBy: UserId | null
  readonly bytes: number
  readonly estimatedSeconds: number
}

/** Answers its number. */
export async function insertMove(tx: Database, move: NewMove): Promise<string> {
  const { scanMoveId } = await tx
    .insertInto('scan_moves')
    .values({
      user_id: move.ownerId,
      project_id: move.projectId,
      scan_id: move.scanId,
      kind: move.kind,
      asked_by_user_id: move.askedBy,
      bytes: String(move.bytes),
      estimated_seconds: move.estimatedSeconds,
    })
    .returning('scan_move_id as scanMoveId')
    .executeTakeFirstOrThrow()
  return scanMoveId
}

/** Bytes a second of the last moves; null when there were none. */
export async function measuredRate(db: Database, kind: ScanMoveKind): Promise<number | null> {
  const { rows } = await sql<{ rate: number | null }>`select scan_move_rate(${kind}) as rate`.execute(db)
  return rows[0]?.rate ?? null
}

// ------------------------------------------------------------------------------------------------ as kitaab_worker

/** What a move is about. */
export interface MoveToDo extends ScanKey {
  readonly kind: ScanMoveKind
  /** Noted when it was first begun. */
  readonly sourceKey: string | null
}

export async function moveToDo(worker: Database, { ownerId, scanMoveId }: ScanMoveKey): Promise<MoveToDo> {
  return ofMove(worker, { ownerId, scanMoveId })
    .select(['user_id as ownerId', 'scan_id as scanId', 'kind', 'source_key as sourceKey'])
    .executeTakeFirstOrThrow()
}

/** Once: what is noted stays. */
export async function noteSource(worker: Database, key: ScanMoveKey, sourceKey: string): Promise<void> {
  await worker
    .updateTable('scan_moves')
    .where('user_id', '=', key.ownerId)
    .where('scan_move_id', '=', key.scanMoveId)
    .where('source_key', 'is', null)
    .set({ source_key: sourceKey })
    .execute()
}

/**
 * Has all scans of an owner that name one object name another one, in another tier, if the move is still under way. Under the owner's lock,
 * so that nobody takes up the old name meanwhile.
 */
export function renameObject(
  worker: Database,
  key: ScanMoveKey,
  { from, to, tier }: { from: string; to: string; tier: StorageTier },
): Promise<void> {
  return worker.transaction().execute(async (tx) => {
    await tx
      .selectFrom('owner_state')
      .where('user_id', '=', key.ownerId)
      .select('user_id')
      .forNoKeyUpdate()
      .executeTakeFirst()
    // Locked, so that it does not fail meanwhile.
    const running = await ofMove(tx, key)
      .where('status', '=', 'running')
      .select('user_id')
      .forUpdate()
      .executeTakeFirst()
    if (!running) return
    await tx
      .updateTable('lidar_scans')
      .where('user_id', '=', key.ownerId)
      .where('object_key', '=', from)
      .set({ object_key: to, storage_tier: tier })
      .execute()
  })
}

export async function finishMove(worker: Database, { ownerId, scanMoveId }: ScanMoveKey): Promise<void> {
  await worker
    .updateTable('scan_moves')
    .where('user_id', '=', ownerId)
    .where('scan_move_id', '=', scanMoveId)
    .where('status', '=', 'running')
    .set({ status: 'succeeded', progress: '1', finished_at: sql<string>`now()` })
    .execute()
}

export interface UnreadScan extends ScanKey {
  readonly projectId: string
  readonly bytes: number
}

/**
 * Scans at hand whose points nobody has read or brought back since then: one for each object, and only where that is true of all scans that
 * are there and name it, and none of them is being moved.
 */
export async function unreadScans(worker: Database, before: Date, limit: number): Promise<UnreadScan[]> {
  const instant = sql`${before.toISOString()}::timestamptz`
  const { rows } = await sql<UnreadScan>`
    select distinct on (scan.user_id, scan.object_key)
      scan.user_id as "ownerId", scan.project_id as "projectId", scan.scan_id as "scanId", scan.bytes::float8 as bytes
    from lidar_scans as scan
    where scan.object_key is not null and scan.storage_tier = 'hot' and scan.deleted_at is null
      and coalesce(scan.last_read_at, scan.created_at) < ${instant}
      and not exists (
        select from lidar_scans as other
        where other.user_id = scan.user_id and other.object_key = scan.object_key and other.deleted_at is null and (
          coalesce(other.last_read_at, other.created_at) >= ${instant}
          or exists (
            select from scan_moves as move
            where move.user_id = other.user_id and move.scan_id = other.scan_id
              and (move.status in ('waiting', 'running') or (move.kind = 'restore' and move.finished_at >= ${instant}))
          )
        )
      )
    order by scan.user_id, scan.object_key, scan.scan_id
    limit ${limit}`.execute(worker)
  return rows
}

function ofMove(worker: Database, { ownerId, scanMoveId }: ScanMoveKey) {
  return worker.selectFrom('scan_moves').where('user_id', '=', ownerId).where('scan_move_id', '=', scanMoveId)
}
