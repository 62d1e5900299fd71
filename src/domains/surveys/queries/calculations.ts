import { type InferResult, sql } from 'kysely'
import { anyOf, pairsIn } from '../../../platform/database/any-of.ts'
import { keysetPage } from '../../../platform/database/keyset.ts'
import type { Page } from '../../../platform/database/page.ts'
import type { Database, UserId } from '../../../platform/database/types.ts'
import type { CalculationKind, CalculationParameters } from '../rules/calculation-parameters.ts'
import type { CalculationResult } from '../rules/calculation-results.ts'
import { type ProjectKey, visibleProjects } from './projects.ts'
import type { ScanKey } from './scans.ts'

export interface CalculationKey {
  readonly ownerId: UserId
  readonly calculationId: string
}

/** Calculations of the projects that the viewer may see and that are there. */
export function visibleCalculations(db: Database, viewerId: UserId) {
  return db
    .selectFrom('calculations as calculation')
    .innerJoin(visibleProjects(db, viewerId).where('projects.deleted_at', 'is', null).as('project'), (join) =>
      join
        .onRef('project.ownerId', '=', 'calculation.user_id')
        .onRef('project.projectId', '=', 'calculation.project_id'),
    )
    .select([
      'calculation.user_id as ownerId',
      'calculation.calculation_id as calculationId',
      'calculation.project_id as projectId',
      'calculation.kind',
      sql<CalculationParameters>`calculation.parameters`.as('parameters'),
      'calculation.algorithm_version as algorithmVersion',
      'calculation.is_repeated as isRepeated',
      sql<CalculationResult | null>`calculation.result`.as('result'),
      'calculation.status',
      'calculation.progress',
      'calculation.error',
      'calculation.created_at as createdAt',
      'calculation.finished_at as finishedAt',
    ])
}

export type CalculationRow = InferResult<ReturnType<typeof visibleCalculations>>[number]
export type CalculationPage = Page<CalculationRow>

export function calculationsByKeys(
  db: Database,
  viewerId: UserId,
  keys: readonly CalculationKey[],
): Promise<CalculationRow[]> {
  const pairs = keys.map(({ ownerId, calculationId }) => [ownerId, calculationId] as const)
  return visibleCalculations(db, viewerId)
    .where(pairsIn(['calculation.user_id', 'calculation.calculation_id'], pairs))
    .execute()
}

/** A page of a project's calculations, 1..100, the latest first. */
export function calculationsPage(
  db: Database,
  viewerId: UserId,
  { project: { ownerId, projectId }, first, after }: { project: ProjectKey; first: number; after: string | null },
): Promise<CalculationPage> {
  const rows = visibleCalculations(db, viewerId)
    .where('calculation.user_id', '=', ownerId)
    .where('calculation.project_id', '=', projectId)
  return keysetPage(db, rows, {
    order: [
      { column: 'calculation.created_at', direction: 'desc' },
      { column: 'calculation.calculation_id', direction: 'desc' },
    ],
    first,
    after,
    scope: ['calculations', viewerId, ownerId, projectId],
  })
}

export interface ScanOfCalculation extends CalculationKey, ScanKey {}

/** The scans of calculations whose rows the viewer has seen, in their order; deleted scans among them. */
export function scansOfCalculations(db: Database, keys: readonly CalculationKey[]): Promise<ScanOfCalculation[]> {
  const pairs = keys.map(({ ownerId, calculationId }) => [ownerId, calculationId] as const)
  return db
    .selectFrom('calculation_scans')
    .where(pairsIn(['user_id', 'calculation_id'], pairs))
    .select(['user_id as ownerId', 'calculation_id as calculationId', 'scan_id as scanId'])
    .orderBy('position')
    .execute()
}

/** What a calculation can be made of: the facts of one scan that it depends on. */
export interface ScanFacts extends ScanKey {
  readonly tier: 'hot' | 'cold'
  /** Of the file, in hexadecimal; null: it came as a geometry alone. */
  readonly sha256: string | null
  readonly footprintSha256: string | null
  readonly pointCount: number | null
  readonly crs: string | null
  readonly metresPerUnit: number | null
  readonly metresPerHeightUnit: number | null
  /** Least x, y, z, then greatest, in the units of the file. */
  readonly nativeBounds: readonly number[] | null
}

/** Those of a project's scans that are there, in no order. */
export function factsOfScans(
  db: Database,
  { ownerId, projectId }: ProjectKey,
  scanIds: readonly string[],
): Promise<ScanFacts[]> {
  return db
    .selectFrom('lidar_scans')
    .where('user_id', '=', ownerId)
    .where('project_id', '=', projectId)
    .where('scan_id', '=', anyOf(scanIds))
    .where('deleted_at', 'is', null)
    .select([
      'user_id as ownerId',
      'scan_id as scanId',
      'storage_tier as tier',
      'sha256',
      sql<string | null>`encode(sha256(st_asewkb(footprint)), 'hex')`.as('footprintSha256'),
      sql<number | null>`point_count::float8`.as('pointCount'),
      'crs',
      'metres_per_unit as metresPerUnit',
      'metres_per_height_unit as metresPerHeightUnit',
      'native_bounds as nativeBounds',
    ])
    .execute()
}

export interface NewCalculation {
  readonly kind: CalculationKind
  readonly parameters: CalculationParameters
  readonly inputsHash: string
  readonly algorithmVersion: number
  readonly scanIds: readonly string[]
}

/** Notes what was asked for. When an equal one is done, so is this one, by a trigger. Answers its number. */
export async function insertCalculation(
  tx: Database,
  { ownerId, projectId }: ProjectKey,
  viewerId: UserId,
  { kind, parameters, inputsHash, algorithmVersion, scanIds }: NewCalculation,
): Promise<string> {
  const { calculationId } = await tx
    .insertInto('calculations')
    .values({
      user_id: ownerId,
      project_id: projectId,
      asked_by_user_id: viewerId,
      kind,
      parameters: JSON.stringify(parameters),
      inputs_hash: inputsHash,
      algorithm_version: algorithmVersion,
    })
    .returning('calculation_id as calculationId')
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('calculation_scans')
    .values(
      scanIds.map((scanId, at) => ({
        user_id: ownerId,
        calculation_id: calculationId,
        position: at + 1,
        project_id: projectId,
        scan_id: scanId,
      })),
    )
    .execute()
  return calculationId
}
