import type { PointCloudFormat, ScanMoveKind, StorageTier } from '../../../generated/surveys.ts'
import { conflict } from '../../../platform/graphql/errors.ts'

/** Days after which points that nobody has read go into the archive. */
export const unreadDays = 90

/** CONFLICT, SCAN_IS_COLD, for whoever needs the points of a scan that is in the archive. `field` is the input that named it. */
export function requireAtHand({ tier }: { readonly tier: StorageTier }, field?: string): void {
  if (tier === 'hot') return
  throw conflict(
    'The points of this scan are in the archive: bring them back with `restoreScan`, and when its job is done, ask again.',
    { reason: 'SCAN_IS_COLD', ...(field !== undefined && { field }) },
  )
}

/** Where a move leads. */
export function tierAfter(kind: ScanMoveKind): StorageTier {
  return kind === 'archive' ? 'cold' : 'hot'
}

/** Whether points are compressed in a tier: in the archive, unless their format is compressed by itself. */
export function isPackedIn(tier: StorageTier, format: PointCloudFormat): boolean {
  return tier === 'cold' && format !== 'laz'
}

/** Bytes a second, before anything was measured: a disk that is busy, each byte read twice and written once. */
const presumedRate = 20e6

/** Seconds that a move will take once it is begun, at least 1. `rate` in bytes a second, null when nothing was measured yet. */
export function estimatedSeconds(bytes: number, rate: number | null): number {
  return Math.max(1, Math.ceil(bytes / (rate ?? presumedRate)))
}
