// Leila's surveys, where there is PostGIS, and whom she shares them with.
import { parseGlobalId, toGlobalId } from '../../src/platform/graphql/global-ids.ts'
import { giveAFile } from '../support/points.ts'
import { surveysAreTried } from '../support/whole-service.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
type Send = (mutation: string, type: string, input: object, fields: string) => Promise<any>
type Sql = (text: string, values?: unknown[]) => Promise<Record<string, string>[]>

/** A project with a scan whose points were to be moved, and all that can be worked out of it: ids by type. */
export async function newSurveys(
  send: Send,
  sql: Sql,
  mark: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  if (!surveysAreTried) return {}
  const described = { name: mark, description: mark, metadata: { mark } }
  const { project } = await send('createProject', 'CreateProjectInput', described, 'project { id }')
  const scan = {
    projectId: project.id,
    name: mark,
    capturedAt: '2026-01-01T00:00:00Z',
    data: { mark },
    geometry: { type: 'Point', coordinates: [31, 30] },
  }
  const added = await send('addScan', 'AddScanInput', scan, 'scan { id }')
  const scanId = added.scan.id as string
  await giveAFile(sql, scanId)
  const { move } = await send('archiveScan', 'ArchiveScanInput', { scanId }, 'move { id }')
  await sql("update scan_moves set status = 'failed', finished_at = now(), progress = 0.5, error = $1", [mark])
  const ids = { Project: [project.id as string], Scan: [scanId], ScanMove: [move.id as string] }
  return { ...ids, ...(await workedOut(sql, scanId, mark)) }
}

/** What a calculation of each kind came to. */
const results = {
  area: { area: 5, perimeter: 9 },
  density: {
    ...{ pointCount: 9, footprintArea: 9, perSquareMetre: 1, nominalSpacing: 1, occupiedCells: 9, occupiedArea: 9 },
    ...{ perOccupiedSquareMetre: 1, fewestPerCell: 1, medianPerCell: 1, mostPerCell: 1 },
  },
  heights: {
    pointCount: 9,
    minimum: 1,
    maximum: 3,
    mean: 2,
    percentiles: [{ percent: 50, height: 2, errorBound: 0.1 }],
  },
  volume: { cut: 3, fill: 1, net: 2, occupiedCells: 9, occupiedArea: 9, emptyArea: 2, enclosedEmptyArea: 1 },
  difference: {
    ...{ gain: 3, loss: 1, net: 2, comparedArea: 9, onlyEarlierArea: 1, onlyLaterArea: 1 },
    ...{ meanDifference: 1, rootMeanSquareDifference: 2, leastDifference: -1, greatestDifference: 3 },
  },
}

/** As if a worker had done it, and failed once each. */
async function workedOut(sql: Sql, scan: string, mark: string) {
  const { ownerId = '', scanId } = parseGlobalId(scan)?.parts ?? {}
  const parameters = JSON.stringify({ cellSize: 1, baseHeight: 2, percentiles: [50] })
  const failed = [null, `It failed: ${mark}`]
  const done = Object.entries(results).map(([kind, result]) => [kind, JSON.stringify(result), null])
  const calculations: string[] = []
  for (const [kind, result, error] of [...done, ['area', ...failed]]) {
    const [row] = await sql(
      `with calculation as (
         insert into calculations (user_id, project_id, asked_by_user_id, kind, parameters, inputs_hash, algorithm_version, status, progress, result, error, finished_at)
         select user_id, project_id, user_id, $3::calculation_kind, $4, repeat('a', 64), 1,
           case when $6::text is null then 'succeeded' else 'failed' end::job_status, 1, $5, $6, now()
         from lidar_scans where user_id = $1 and scan_id = $2 returning user_id, calculation_id, project_id
       )
       insert into calculation_scans (user_id, calculation_id, position, project_id, scan_id)
       select user_id, calculation_id, 1, project_id, $2 from calculation returning calculation_id as id`,
      [ownerId, scanId, kind, parameters, result, error],
    )
    calculations.push(toGlobalId('Calculation', { ownerId, calculationId: row?.id ?? '' }))
  }
  const shades = await sql(
    `insert into hillshades (user_id, project_id, scan_id, asked_by_user_id, status, progress, error, bounds, cell_size, finished_at)
     select user_id, project_id, scan_id, user_id, shade.status::job_status, 1, shade.error, shade.bounds, shade.cell_size, now()
     from lidar_scans, (values ('failed', $3, null, null), ('succeeded', null, array[31, 30, 31.1, 30.1], 2)) as shade (status, error, bounds, cell_size)
     where user_id = $1 and scan_id = $2 returning hillshade_id as id`,
    [ownerId, scanId, `It failed: ${mark}`],
  )
  const Hillshade = shades.map(({ id = '' }) => toGlobalId('Hillshade', { ownerId, hillshadeId: id }))
  return { Calculation: calculations, Hillshade }
}

/** Leila's scan becomes one that came as a file; with its import, and one that failed. */
export async function asOfFile(sql: Sql, userId: string, mark: string) {
  if (!surveysAreTried) return {}
  await sql(
    `update lidar_scans set object_key = 'scans/1/a', file_name = $2, file_format = 'las', format_version = '1.4', bytes = 1, point_count = 1,
       sha256 = repeat('a', 64), crs = $2, native_bounds = '{1,2,3,4,5,6}', metres_per_unit = 1, metres_per_height_unit = 1
     where user_id = $1`,
    [userId, mark],
  )
  const imports = await sql(
    `insert into scan_imports (user_id, project_id, asked_by_user_id, name, status, progress, finished_at, scan_id, is_known, error)
     select $1, project_id, $1, $2, status::job_status, 1, now(), case when status = 'succeeded' then scan_id end,
       case when status = 'succeeded' then false end, case when status = 'failed' then $2 end
     from lidar_scans cross join (values ('succeeded'), ('failed')) as job (status) where user_id = $1
     returning scan_import_id as id`,
    [userId, mark],
  )
  return { ScanImport: imports.map(({ id = '' }) => toGlobalId('ScanImport', { ownerId: userId, scanImportId: id })) }
}

/** Lets these people, each the requester of an accepted relation, see the project, the writer write; answers the reader's permissions. */
export async function shareSurveys(sql: Sql, userId: (role: string) => string, [id]: readonly string[] = []) {
  const project = id === undefined ? null : parseGlobalId(id)
  if (!project) return {}
  const { ownerId = '', projectId } = project.parts
  const grant = async (role: string) => {
    const [row] = await sql(
      `insert into project_permissions (user_id, relation_id, requester_id, project_id, permission_type, expires_at)
       select requestee_id, relation_id, requester_id, $2, $3, '2999-01-01' from relations where requester_id = $1 returning project_permission_id as id`,
      [userId(role), projectId, role === 'writer' ? 'write' : 'read'],
    )
    return toGlobalId('ProjectPermission', { ownerId, projectPermissionId: row?.id ?? '' })
  }
  const end = (role: string) =>
    sql('update project_permissions set revoked_at = now() where requester_id = $1 and revoked_at is null', [
      userId(role),
    ])
  const past = await grant('reader')
  await end('reader')
  const now = await grant('reader')
  for (const role of ['writer', 'expired', 'revoked', 'blocked']) await grant(role)
  await end('revoked')
  await sql('alter table project_permissions disable trigger user')
  await sql(
    `update project_permissions set granted_at = now() - interval '1 hour', expires_at = now() - interval '1 minute' where requester_id = $1`,
    [userId('expired')],
  )
  await sql('alter table project_permissions enable trigger user')
  return { ProjectPermission: [now, past] }
}
