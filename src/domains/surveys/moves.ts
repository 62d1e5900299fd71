import type { ScanMoveKind } from '../../generated/surveys.ts'
import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { conflict, notFound } from '../../platform/graphql/errors.ts'
import { enqueue } from '../../platform/jobs/enqueue.ts'
import { insertMove, lastMoves, measuredRate, moveNow, type ScanMoveRow } from './queries/moves.ts'
import { storedScan } from './queries/points.ts'
import { holdScan, type ScanKey } from './queries/scans.ts'
import { estimatedSeconds, tierAfter } from './rules/tiers.ts'

/**
 * Asks that a scan's points be moved; asked again, it is the same move. Null: they are there, and were never moved. NOT_FOUND where the
 * viewer may not write; CONFLICT: SCAN_HAS_NO_POINTS, SCAN_IS_MOVING.
 */
export async function requestMove(
  tx: Transaction,
  viewerId: UserId,
  key: ScanKey,
  kind: ScanMoveKind,
): Promise<ScanMoveRow | null> {
  if (!(await holdScan(tx, viewerId, key)))
    throw notFound('There is no such scan that you may change.', { field: 'input.scanId' })
  const stored = await storedScan(tx, key)
  if (stored === null) throw noPoints()
  const [last = null] = await lastMoves(tx, viewerId, [key])
  const isUnderWay = last?.status === 'waiting' || last?.status === 'running'
  if (isUnderWay && last.kind !== kind) throw isMoving(last.kind)
  if (isUnderWay) return enqueued(tx, last)
  if (stored.tier === tierAfter(kind)) return last
  const rate = await measuredRate(tx, kind)
  const { projectId, bytes } = stored
  const move = { ...key, projectId, kind, askedBy: viewerId, bytes, estimatedSeconds: estimatedSeconds(bytes, rate) }
  const scanMoveId = await insertMove(tx, move)
  return enqueued(tx, await moveNow(tx, viewerId, { ownerId: key.ownerId, scanMoveId }))
}

/** Also one that waits for another try: whoever asks again wants it now. */
async function enqueued(tx: Transaction, move: ScanMoveRow): Promise<ScanMoveRow> {
  const { ownerId, scanMoveId } = move
  await enqueue(tx, 'move_scan', { ownerId, scanMoveId }, { key: scanMoveId })
  return move
}

function noPoints() {
  const message = 'This scan came as a geometry alone: it has no points that could be moved.'
  return conflict(message, { reason: 'SCAN_HAS_NO_POINTS', field: 'input.scanId' })
}

function isMoving(kind: ScanMoveKind) {
  const where = kind === 'archive' ? 'into the archive' : 'out of the archive'
  return conflict(`Its points are on their way ${where}: ask again when that is done.`, {
    reason: 'SCAN_IS_MOVING',
    field: 'input.scanId',
  })
}
