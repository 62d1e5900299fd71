import type { Transaction } from '../../../platform/database/listeners.ts'
import type { UserId } from '../../../platform/database/types.ts'
import { notFound } from '../../../platform/graphql/errors.ts'
import { found } from '../../../platform/graphql/found.ts'
import { enqueue } from '../../../platform/jobs/enqueue.ts'
import { requireReadable } from '../calculations/requesting.ts'
import { factsOfScans } from '../queries/calculations.ts'
import { type HillshadeRow, hillshadesOfScans, insertHillshade } from '../queries/hillshades.ts'
import { type ScanKey, scansByKeys } from '../queries/scans.ts'

const field = 'input.scanId'

/**
 * Asks for the hillshade of a scan that the viewer may see. One that is there, or under way, is answered. NOT_FOUND; CONFLICT:
 * SCAN_HAS_NO_POINTS, SCAN_IS_COLD, SCAN_WITHOUT_CRS, and TOO_MANY beyond 20 under way.
 */
export async function requestHillshade(tx: Transaction, viewerId: UserId, key: ScanKey): Promise<HillshadeRow> {
  const [scan] = await scansByKeys(tx, viewerId, [key])
  if (!scan) throw notFound('There is no such scan that you may see.', { field })
  const [last] = await hillshadesOfScans(tx, viewerId, [key])
  if (last && last.status !== 'failed') return last
  const [facts] = await factsOfScans(tx, scan, [key.scanId])
  requireReadable(found(facts, field), field)
  const hillshadeId = await insertHillshade(tx, viewerId, scan)
  if (hillshadeId !== undefined)
    await enqueue(tx, 'make_hillshade', { ownerId: key.ownerId, hillshadeId }, { key: hillshadeId })
  const [row] = await hillshadesOfScans(tx, viewerId, [key])
  return found(row, field)
}
