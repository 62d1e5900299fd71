import type { Transaction } from '../../../platform/database/listeners.ts'
import type { UserId } from '../../../platform/database/types.ts'
import { badUserInput, conflict, notFound } from '../../../platform/graphql/errors.ts'
import { found } from '../../../platform/graphql/found.ts'
import { enqueue } from '../../../platform/jobs/enqueue.ts'
import {
  type CalculationRow,
  calculationsByKeys,
  factsOfScans,
  insertCalculation,
  type ScanFacts,
} from '../queries/calculations.ts'
import { type ProjectKey, projectsByKeys } from '../queries/projects.ts'
import {
  algorithmVersions,
  type CalculationKind,
  type CalculationParameters,
  scansTaken,
  takesPoints,
} from '../rules/calculation-parameters.ts'
import { latticeOver } from '../rules/lattice.ts'
import { type Box, boxInMetres, scaleOf, type Units } from '../rules/points.ts'
import { requireAtHand } from '../rules/tiers.ts'
import { inputsHash } from './inputs-hash.ts'

export interface CalculationRequest {
  readonly kind: CalculationKind
  readonly parameters: CalculationParameters
  /** Of the project, in the order in which they are taken. */
  readonly scanIds: readonly string[]
}

/**
 * SUR-1 Asks for a calculation in a project that the viewer may see. One that equals an earlier one is done at once. NOT_FOUND;
 * BAD_USER_INPUT; CONFLICT, SCAN_IS_COLD, SCAN_HAS_NO_POINTS, SCAN_WITHOUT_CRS, and TOO_MANY beyond 20 under way.
 */
export async function requestCalculation(
  tx: Transaction,
  viewerId: UserId,
  project: ProjectKey,
  { kind, parameters, scanIds }: CalculationRequest,
): Promise<CalculationRow> {
  const [visible] = await projectsByKeys(tx, viewerId, [project])
  if (!visible) throw notFound('There is no such project that you may see.', { field: 'input.projectId' })
  checkNumber(kind, scanIds)
  const scans = await scansOf(tx, project, scanIds)
  if (takesPoints(kind)) checkPoints(scans, parameters)
  const calculationId = await insertCalculation(tx, project, viewerId, {
    kind,
    parameters,
    scanIds,
    inputsHash: inputsHash(kind, parameters, scans),
    algorithmVersion: algorithmVersions[kind],
  })
  const key = { ownerId: project.ownerId, calculationId }
  const [row] = await calculationsByKeys(tx, viewerId, [key])
  if (row?.status === 'waiting') await enqueue(tx, 'run_calculation', key, { key: calculationId })
  return found(row)
}

function checkNumber(kind: CalculationKind, scanIds: readonly string[]): void {
  const taken = scansTaken(kind)
  if (scanIds.length === taken) return
  const scans = taken === 1 ? 'one scan' : 'two scans, the earlier one first'
  throw badUserInput(`${kind.toUpperCase()} takes ${scans}.`, { reason: 'OUT_OF_RANGE', field: 'input.scanIds' })
}

async function scansOf(tx: Transaction, project: ProjectKey, scanIds: readonly string[]): Promise<ScanFacts[]> {
  const facts = new Map((await factsOfScans(tx, project, scanIds)).map((scan) => [scan.scanId, scan]))
  return scanIds.map((scanId, at) => {
    const scan = facts.get(scanId)
    if (!scan) throw notFound('There is no such scan in this project.', { field: `input.scanIds[${at}]` })
    return scan
  })
}

/** Whether something can be worked out of the points: they are there, at hand, in metres, and in no more cells than are made. */
function checkPoints(scans: readonly ScanFacts[], { cellSize }: CalculationParameters): void {
  const known = scans.map((scan, at) => requireReadable(scan, `input.scanIds[${at}]`))
  if (new Set(scans.map(({ crs }) => crs)).size > 1)
    throw badUserInput('The scans lie in two coordinate systems: only scans of one system are compared.', {
      reason: 'CONTRADICTORY',
      field: 'input.scanIds',
    })
  if (cellSize === undefined) return
  const boxes = known.map(({ box }) => box)
  for (const { units, box } of known) latticeOver(boxInMetres(box, scaleOf(units, boxes)), cellSize)
}

/** What is known of a scan's points. CONFLICT: SCAN_HAS_NO_POINTS, SCAN_IS_COLD, SCAN_WITHOUT_CRS. */
export function requireReadable(scan: ScanFacts, field: string): { units: Units; box: Box } {
  const { pointCount, nativeBounds, crs, metresPerUnit, metresPerHeightUnit } = scan
  if (!pointCount || nativeBounds === null)
    throw conflict(
      'The scan has no points: it came as a geometry, or its file is empty. Its AREA alone can be known.',
      {
        reason: 'SCAN_HAS_NO_POINTS',
        field,
      },
    )
  requireAtHand(scan, field)
  if (crs === null || metresPerHeightUnit === null)
    throw conflict('Nobody knows what the numbers of the scan’s points mean: add its file again, with its `crs`.', {
      reason: 'SCAN_WITHOUT_CRS',
      field,
    })
  const [west = 0, south = 0, low = 0, east = 0, north = 0, high = 0] = nativeBounds
  return { units: { metresPerUnit, metresPerHeightUnit }, box: { west, south, low, east, north, high } }
}
