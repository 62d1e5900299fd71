import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import { checkVersion } from '../resources/rules.ts'
import { holdProject, type ProjectKey } from './queries/projects.ts'
import {
  type GeoJson,
  holdScan,
  insertScan,
  markScanDeleted,
  type ScanKey,
  type ScanRow,
  scanNow,
  updateScanRow,
} from './queries/scans.ts'
import type { ScanDraft } from './rules.ts'

/** SUR-1 Adds a scan that is a geometry, in a project in which the viewer may write. NOT_FOUND; CONFLICT, TOO_MANY. */
export async function addScan(
  tx: Transaction,
  viewerId: UserId,
  key: ProjectKey,
  { draft, geometry }: { draft: ScanDraft; geometry: GeoJson },
): Promise<ScanRow> {
  const project = await holdProject(tx, viewerId, key)
  if (!project) throw notFound('There is no such project in which you may write.', { field: 'input.projectId' })
  const scanId = await insertScan(tx, key, { addedById: viewerId, draft, geometry })
  return scanNow(tx, viewerId, { ownerId: key.ownerId, scanId })
}

/** Changes what is given; a null geometry stays as it is. NOT_FOUND; CONFLICT, STALE_VERSION. */
export async function updateScan(
  tx: Transaction,
  viewerId: UserId,
  key: ScanKey,
  request: { changes: Partial<ScanDraft>; geometry: GeoJson | null; expectedVersion: number | null },
): Promise<ScanRow> {
  const { name, capturedAt, data, version } = await heldScan(tx, viewerId, key)
  checkVersion(request.expectedVersion, version)
  await updateScanRow(tx, key, { draft: { name, capturedAt, data, ...request.changes }, geometry: request.geometry })
  return scanNow(tx, viewerId, key)
}

/** Of the viewer's own project. */
export async function deleteScan(tx: Transaction, key: ScanKey, expectedVersion: number | null): Promise<ScanRow> {
  const { version } = await heldScan(tx, key.ownerId, key)
  checkVersion(expectedVersion, version)
  await markScanDeleted(tx, key, true)
  return scanNow(tx, key.ownerId, key)
}

export async function restoreScan(tx: Transaction, key: ScanKey): Promise<ScanRow> {
  await heldScan(tx, key.ownerId, key, { isDeleted: true })
  await markScanDeleted(tx, key, false)
  return scanNow(tx, key.ownerId, key)
}

async function heldScan(tx: Transaction, viewerId: UserId, key: ScanKey, options = {}): Promise<ScanRow> {
  const row = await holdScan(tx, viewerId, key, options)
  if (!row) throw notFound('There is no such scan that you may change.', { field: 'input.scanId' })
  return row
}
