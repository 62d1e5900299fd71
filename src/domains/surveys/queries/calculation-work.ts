import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'
import type { CalculationKind, CalculationParameters } from '../rules/calculation-parameters.ts'
import type { AreaModel, CalculationResult } from '../rules/calculation-results.ts'
import type { CalculationKey } from './calculations.ts'
import { continued } from './coordinate-systems.ts'
import type { ScanKey } from './scans.ts'

// All of this as `kitaab_worker`.

/** What a worker has to do. */
export interface CalculationWork {
  readonly kind: CalculationKind
  readonly parameters: CalculationParameters
  /** In the order in which the calculation takes them. */
  readonly scans: readonly ScanToRead[]
}

export interface ScanToRead extends ScanKey {
  /** Neither it nor its project was deleted. */
  readonly isThere: boolean
  readonly crs: string | null
  readonly metresPerUnit: number | null
  readonly metresPerHeightUnit: number | null
}

const scanColumns = sql`
  scan.user_id as "ownerId", scan.scan_id as "scanId", scan.deleted_at is null and project.deleted_at is null as "isThere", scan.crs,
  scan.metres_per_unit as "metresPerUnit", scan.metres_per_height_unit as "metresPerHeightUnit"`

export async function calculationWork(worker: Database, key: CalculationKey): Promise<CalculationWork> {
  const { kind, parameters } = await ofCalculation(worker, key)
    .select(['kind', sql<CalculationParameters>`parameters`.as('parameters')])
    .executeTakeFirstOrThrow()
  const { rows: scans } = await sql<ScanToRead>`
    select ${scanColumns}
    from calculation_scans as taken
    join lidar_scans as scan on scan.user_id = taken.user_id and scan.scan_id = taken.scan_id
    join projects as project on project.user_id = scan.user_id and project.project_id = scan.project_id
    where taken.user_id = ${key.ownerId} and taken.calculation_id = ${key.calculationId}
    order by taken.position`.execute(worker)
  return { kind, parameters, scans }
}

/** One scan for a hillshade; undefined when it is gone. */
export async function scanToRead(worker: Database, { ownerId, scanId }: ScanKey): Promise<ScanToRead | undefined> {
  const { rows } = await sql<ScanToRead>`
    select ${scanColumns}
    from lidar_scans as scan
    join projects as project on project.user_id = scan.user_id and project.project_id = scan.project_id
    where scan.user_id = ${ownerId} and scan.scan_id = ${scanId}`.execute(worker)
  return rows[0]
}

/** What an equal calculation came to since this one was asked for; null: there is none. */
export async function equalResult(worker: Database, key: CalculationKey): Promise<CalculationResult | null> {
  const { rows } = await sql<{ result: CalculationResult }>`
    select equal.result from calculations as calculation
    join calculations as equal on equal.user_id = calculation.user_id and equal.inputs_hash = calculation.inputs_hash
      and equal.algorithm_version = calculation.algorithm_version and equal.status = 'succeeded'
    where calculation.user_id = ${key.ownerId} and calculation.calculation_id = ${key.calculationId}
    order by equal.calculation_id limit 1`.execute(worker)
  return rows[0]?.result ?? null
}

/** See `AreaModel`; where the 180th meridian cuts a footprint is no rim of it. Null: the scan has no footprint. */
export async function footprintArea(worker: Database, { ownerId, scanId }: ScanKey): Promise<AreaModel | null> {
  const { rows } = await sql<AreaModel>`
    select st_area(footprint::geography) as area, st_perimeter(st_unaryunion(${continued(sql`footprint`)})::geography) as perimeter
    from lidar_scans where user_id = ${ownerId} and scan_id = ${scanId} and footprint is not null`.execute(worker)
  return rows[0] ?? null
}

export async function finishCalculation(
  worker: Database,
  key: CalculationKey,
  { result, isRepeated }: { result: CalculationResult; isRepeated: boolean },
): Promise<void> {
  await worker
    .updateTable('calculations')
    .where('user_id', '=', key.ownerId)
    .where('calculation_id', '=', key.calculationId)
    .where('status', '=', 'running')
    .set({
      status: 'succeeded',
      progress: '1',
      finished_at: sql<string>`now()`,
      result: JSON.stringify(result),
      is_repeated: isRepeated,
    })
    .execute()
}

/** Finished calculations that a project keeps; older ones go. */
export const mostKept = 1000

/** Removes what a calculation's project has beyond `mostKept` of them, the oldest first. */
export async function removeOldCalculations(worker: Database, key: CalculationKey, most = mostKept): Promise<void> {
  await sql`
    with old as (
      select user_id, calculation_id from calculations
      where user_id = ${key.ownerId} and status in ('succeeded', 'failed') and project_id = (
        select project_id from calculations where user_id = ${key.ownerId} and calculation_id = ${key.calculationId}
      )
      order by created_at desc, calculation_id desc offset ${most}
    ), taken as (
      delete from calculation_scans where (user_id, calculation_id) in (select user_id, calculation_id from old)
    )
    delete from calculations where (user_id, calculation_id) in (select user_id, calculation_id from old)`.execute(
    worker,
  )
}

function ofCalculation(worker: Database, { ownerId, calculationId }: CalculationKey) {
  return worker.selectFrom('calculations').where('user_id', '=', ownerId).where('calculation_id', '=', calculationId)
}
