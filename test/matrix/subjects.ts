// What mutations are tried on besides what can be looked at: passwords that are known, an upload, a deleted resource, a block.
import { hash } from '@node-rs/argon2'
import { password } from '../domains/identity/people.ts'
import type { TestService } from '../support/service.ts'
import { surveysAreTried } from '../support/whole-service.ts'
import { type Matrix, type Role, roles, type Send, sender } from './world.ts'

/** The address of each role, and what `attempts` names of Leila's, by type. */
export async function newSubjects(service: TestService, { viewers, instances }: Matrix) {
  const { owner } = viewers
  if (!owner) throw new Error('there is no Leila')
  const emails = {} as Record<Role, string>
  for (const role of roles) emails[role] = `${viewers[role] ? role : 'owner'}@kitaab.example`
  // Not as a new password, which ends all sessions.
  await service.database.superuser.query(`
    begin;
    set local session_replication_role = replica;
    update users set password_hash = '${await hash(password)}';
    commit`)
  for (const role of roles.filter((role) => viewers[role] !== null)) {
    await service.database.admin.query('update users set email = $2 where user_id = $1', [
      viewers[role]?.userId,
      emails[role],
    ])
  }
  const send = sender(service, owner)
  const book = { type: 'book', name: 'Gone' }
  const { resource } = await send('createResource', 'CreateResourceInput', book, 'resource { id }')
  await send('deleteResource', 'DeleteResourceInput', { resourceId: resource.id }, 'resource { id }')
  const surveys = surveysAreTried ? await deletedSurveys(send, instances.Project?.[0]) : {}
  const { uploadId, url } = await send('requestUpload', 'RequestUploadInput', {}, 'uploadId url')
  await service.app.http.inject({ method: 'PUT', url: new URL(url).pathname, payload: 'date,deed,value\n' })
  const values = [{ name: 'later', continues: instances.ScaleValue?.[0] }]
  const later = await send(
    'publishScale',
    'PublishScaleInput',
    { deedId: instances.Deed?.[1], values },
    'scale { values { id } }',
  )
  const blocked = '{ me { relations(status: BLOCKED) { nodes { id } } } }'
  const { data } = await service.execute(blocked, {}, { as: owner })
  const at = (type: string, place: number) => instances[type]?.slice(place, place + 1) ?? []
  return {
    emails,
    theirs: {
      ...instances,
      ...surveys,
      DeletedResource: [resource.id],
      Upload: [uploadId],
      BlockedRelation: [data.me.relations.nodes[0].id],
      LaterValue: [later.scale.values[0].id],
      ScaledDeed: at('Deed', 1),
      LowerItem: at('DeedItem', 1),
      RequestOfReader: at('Relation', 1),
    } as Readonly<Record<string, readonly string[]>>,
  }
}

async function deletedSurveys(send: Send, projectId: string | undefined) {
  const { project } = await send('createProject', 'CreateProjectInput', { name: 'Gone' }, 'project { id }')
  await send('deleteProject', 'DeleteProjectInput', { projectId: project.id }, 'project { id }')
  const place = { projectId, name: 'Gone', geometry: { type: 'Point', coordinates: [31, 30] } }
  const { scan } = await send('addScan', 'AddScanInput', place, 'scan { id }')
  await send('deleteScan', 'DeleteScanInput', { scanId: scan.id }, 'scan { id }')
  return { DeletedProject: [project.id], DeletedScan: [scan.id] }
}
