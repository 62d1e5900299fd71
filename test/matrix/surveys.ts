// Leila's surveys, where there is PostGIS, and whom she shares them with.
import { parseGlobalId, toGlobalId } from '../../src/platform/graphql/global-ids.ts'
import { giveAFile } from '../support/points.ts'
import { surveysAreTried } from '../support/whole-service.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
type Send = (mutation: string, type: string, input: object, fields: string) => Promise<any>
type Sql = (text: string, values?: unknown[]) => Promise<Record<string, string>[]>

/** A project with a scan whose points were to be moved: ids by type. */
export async function newSurveys(send: Send, sql: Sql, mark: string) {
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
  return { Project: [project.id as string], Scan: [scanId], ScanMove: [move.id as string] }
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
