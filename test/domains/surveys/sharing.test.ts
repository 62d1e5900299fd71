import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { TestDatabase } from '../../support/database.ts'
import { describeWithPostgis, newPostgisDatabase } from '../../support/postgis.ts'
import { type Sharer, type SharingWorld, sharingWorld } from '../../support/sharing.ts'
import { outcome } from '../identity/people.ts'
import { permissionFields, square, surveysOf } from './requests.ts'

describeWithPostgis('sharing of projects', () => {
  let database: TestDatabase
  let people: SharingWorld
  let world: ReturnType<typeof surveysOf>
  let leila: Sharer
  let budi: Sharer
  let relationId: string
  let projectId: string
  let scanId: string
  beforeAll(async () => {
    database = await newPostgisDatabase()
    people = await sharingWorld({ database })
    world = surveysOf(people.service)
  }, 60_000)
  afterAll(async () => {
    await people.stop()
    await database.stop()
  })
  beforeEach(async () => {
    leila = await people.newPerson('Leila')
    budi = await people.newPerson('Budi')
    relationId = await people.befriend(budi, leila)
    projectId = (await world.newProject(leila, { description: 'hers' })).id
    scanId = (await world.newScan(leila, projectId)).id
  })

  const share = (input: object = {}, as: Sharer = leila) =>
    people.send(as, 'shareProject', `permission { ${permissionFields} }`, {
      projectId,
      relationId,
      type: 'READ',
      ...input,
    })
  const unshare = (permissionId: string, as: Sharer = leila) =>
    people.send(as, 'unshareProject', `permission { ${permissionFields} }`, { permissionId })
  async function shared(input: object = {}) {
    const { data, errors } = await share(input)
    expect(errors ?? []).toEqual([])
    return data.answer.permission
  }
  const list = async (as: Sharer, filter: object = {}) => {
    const { data } = await world.ask(
      as,
      'query ($filter: ProjectFilter) { me { projects(filter: $filter) { nodes { id viewerMay } totalCount } } }',
      { filter },
    )
    return data.me.projects.nodes
  }
  const found = async (as: Sharer) => {
    const { data } = await world.ask(as, '{ searchScans(filter: {}) { nodes { id } totalCount } }')
    return data.searchScans.nodes.map(({ id }: { id: string }) => id)
  }
  const isThere = async (id: string, as: Sharer = budi) => (await world.node(as, id)).data.node !== null
  const sees = async () => [await isThere(projectId), await isThere(scanId), (await found(budi)).length === 1]

  test('SHA-3 a project that is shared shows with its scans, and with nothing else', async () => {
    const other = await world.newProject(leila)
    await world.newScan(leila, other.id)
    expect(await sees()).toEqual([false, false, false])
    const permission = await shared()
    expect(permission).toMatchObject({
      type: 'READ',
      expiresAt: null,
      revokedAt: null,
      isEffective: true,
      viewer: { id: budi.globalId },
      relation: { id: relationId },
      project: { id: projectId },
    })
    expect(await list(budi)).toEqual([{ id: projectId, viewerMay: ['READ'] }])
    expect(await list(budi, { isShared: false })).toEqual([])
    expect(await list(leila, { isShared: true })).toEqual([])
    expect(await found(budi)).toEqual([scanId])
    expect((await world.node(budi, projectId)).data.node).toMatchObject({
      owner: { id: leila.globalId },
      description: 'hers',
      bounds: { west: 31, south: 30 },
    })
    expect((await world.node(budi, scanId)).data.node.geometry).toEqual(square(31, 30))
    const access = async (as: Sharer) => {
      const { data } = await world.ask(as, 'query ($id: ID!) { project(id: $id) { access { id } } }', { id: projectId })
      return data.project.access
    }
    expect(await access(leila)).toEqual([{ id: permission.id }])
    expect(await access(budi)).toEqual([])
  })

  test('SHA-7 READ changes nothing; WRITE adds and changes scans, and neither deletes nor shares', async () => {
    const attempts = async () => [
      outcome(await world.scan('addScan', { projectId, name: 'His', geometry: square(1, 1) }, budi)),
      outcome(await world.scan('updateScan', { scanId, name: 'His too' }, budi)),
      outcome(await world.project('updateProject', { projectId, name: 'His' }, budi)),
      outcome(await world.project('deleteProject', { projectId }, budi)),
      outcome(await world.scan('deleteScan', { scanId }, budi)),
      outcome(await share({}, budi)),
    ]
    const refused = 'NOT_FOUND'
    await shared()
    expect(await attempts()).toEqual([refused, refused, refused, refused, refused, refused])
    await shared({ type: 'WRITE' })
    expect(await attempts()).toEqual(['ok', 'ok', refused, refused, refused, refused])
    const { data } = await world.ask(
      leila,
      'query ($id: ID!) { project(id: $id) { scans(orderBy: NAME_ASC) { nodes { name } } } }',
      { id: projectId },
    )
    expect(data.project.scans.nodes).toEqual([{ name: 'His' }, { name: 'His too' }])
    expect((await list(budi))[0].viewerMay).toEqual(['READ', 'WRITE'])
  })

  test('SHA-9 revoking, a block and a removal end it on the next request; the clock does, too', async () => {
    const permission = await shared()
    expect(await sees()).toEqual([true, true, true])
    const revoked = await unshare(permission.id)
    expect(revoked.data.answer.permission).toMatchObject({ revokedAt: expect.any(String), isEffective: false })
    expect(await sees()).toEqual([false, false, false])
    expect((await unshare(permission.id)).data.answer.permission.revokedAt).toBe(
      revoked.data.answer.permission.revokedAt,
    )
    await shared({ expiresAt: '2999-01-01T00:00:00Z' })
    expect(await sees()).toEqual([true, true, true])
    await people.sql('alter table project_permissions disable trigger user')
    await people.sql(
      `update project_permissions set granted_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' where revoked_at is null`,
    )
    await people.sql('alter table project_permissions enable trigger user')
    expect(await sees()).toEqual([false, false, false])
    await shared({ type: 'WRITE' })
    await people.respond(leila, relationId, 'BLOCK')
    expect(await sees()).toEqual([false, false, false])
    expect(outcome(await share())).toBe('CONFLICT RELATION_NOT_ACCEPTED')
    const { data } = await world.ask(leila, 'query ($id: ID!) { project(id: $id) { access { id } } }', {
      id: projectId,
    })
    expect(data.project.access).toEqual([])
  })

  test('what is shared again with other terms replaces what was, and the same stays', async () => {
    const first = await shared()
    expect((await shared()).id).toBe(first.id)
    const second = await shared({ type: 'WRITE' })
    expect(second.id).not.toBe(first.id)
    const { data } = await world.ask(
      leila,
      `query ($id: ID!) { node(id: $id) { ... on ProjectPermission { ${permissionFields} } } }`,
      {
        id: first.id,
      },
    )
    expect(data.node).toMatchObject({ revokedAt: expect.any(String), isEffective: false })
    // What is over is nothing to whom it was granted.
    const asRequester = async (id: string) =>
      (await world.ask(budi, 'query ($id: ID!) { node(id: $id) { id } }', { id })).data.node
    expect(await asRequester(first.id)).toBeNull()
    expect(await asRequester(second.id)).toEqual({ id: second.id })
  })

  test('a project is shared in an accepted relation of one’s own, until a time to come, by who is confirmed', async () => {
    expect(outcome(await share({ expiresAt: '2020-01-01T00:00:00Z' }))).toBe('BAD_USER_INPUT OUT_OF_RANGE')
    const [his] = await people.listed(budi, 'SENT')
    expect(outcome(await share({ relationId: his.id }))).toBe('NOT_FOUND')
    const maryam = await people.newPerson('Maryam')
    await people.request(maryam, leila.username)
    const [pending] = await people.listed(leila, 'RECEIVED', 'PENDING')
    expect(outcome(await share({ relationId: pending.id }))).toBe('CONFLICT RELATION_NOT_ACCEPTED')
    await people.sql('update users set email_verified = false where user_id = $1', [leila.userId])
    expect(outcome(await share())).toBe('FORBIDDEN EMAIL_NOT_VERIFIED')
  })

  test('SHA-8 a deleted project is not there for those it was shared with, until it is restored', async () => {
    await shared()
    await world.project('deleteProject', { projectId }, leila)
    expect(await sees()).toEqual([false, false, false])
    expect(await list(budi)).toEqual([])
    expect(await list(budi, { isDeleted: true })).toEqual([])
    await world.project('restoreProject', { projectId }, leila)
    expect(await sees()).toEqual([true, true, true])
  })

  test('the policies alone let a friend see what is shared, where its owner is declared, and change nothing without WRITE', async () => {
    await shared()
    const ask = async (text: string, owners: string) => {
      const answers = await database.superuser.query(`
        begin; set local role kitaab_app; set local app.user_id = '${budi.userId}'; set local app.owners = '${owners}'; ${text}; rollback`)
      return (answers as unknown as { rowCount: number }[])[4]?.rowCount
    }
    for (const table of ['projects', 'lidar_scans']) {
      expect(await ask(`select from ${table}`, '{}')).toBe(0)
      expect(await ask(`select from ${table}`, `{${leila.userId}}`)).toBe(1)
      expect(await ask(`update ${table} set name = 'His'`, `{${leila.userId}}`)).toBe(0)
    }
    await shared({ type: 'WRITE' })
    expect(await ask("update lidar_scans set name = 'His'", `{${leila.userId}}`)).toBe(1)
    expect(await ask("update projects set name = 'His'", `{${leila.userId}}`)).toBe(0)
    await expect(ask('update lidar_scans set deleted_at = now()', `{${leila.userId}}`)).rejects.toThrow('no such scan')
  })
})
