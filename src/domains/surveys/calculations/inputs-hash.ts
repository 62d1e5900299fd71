import { createHash } from 'node:crypto'
import type { CalculationKind, CalculationParameters } from '../rules/calculation-parameters.ts'

/** All of a scan that a result can depend on. */
export interface HashedScan {
  /** SHA-256 of its file and of its footprint, in hexadecimal; null where there is none. */
  readonly sha256: string | null
  readonly footprintSha256: string | null
  readonly crs: string | null
  readonly metresPerUnit: number | null
  readonly metresPerHeightUnit: number | null
}

/**
 * SHA-256, in hexadecimal, of all that a result depends on but the algorithm: equal hashes and algorithm versions, equal
 * results. The footprint counts where its area does; else a new footprint would bring the same result anew.
 */
export function inputsHash(
  kind: CalculationKind,
  parameters: CalculationParameters,
  scans: readonly HashedScan[],
): string {
  const takesFootprint = kind === 'area' || kind === 'density'
  const inputs = [
    kind,
    [parameters.cellSize ?? null, parameters.baseHeight ?? null, parameters.percentiles ?? null],
    scans.map((scan) => [
      ...(kind === 'area' ? [] : [scan.sha256, scan.crs, scan.metresPerUnit, scan.metresPerHeightUnit]),
      ...(takesFootprint ? [scan.footprintSha256] : []),
    ]),
  ]
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex')
}
