import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { migrateUp } from '../../../src/platform/database/migrator.ts'
import type { TestDatabase } from '../../support/database.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { describeWithPostgis, newPostgisDatabase } from '../../support/postgis.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'
import { projectFields, scanFields, square, surveysOf } from './requests.ts'

describeWithPostgis('surveys', () => {
  let database: TestDatabase
  let service: TestService
  let world: ReturnType<typeof surveysOf>
  let leila: TestPerson
  let budi: TestPerson
  beforeAll(async () => {
    database = await newPostgisDatabase()
    service = await startService({ database })
    world = surveysOf(service)
  }, 60_000)
  afterAll(async () => {
    await service.stop()
    await database.stop()
  })
  beforeEach(async () => {
    leila = await newUser(database, 'Leila')
    budi = await newUser(database, 'Budi')
  })

  async function list(variables: object = {}, as = leila) {
    const { data, errors } = await world.ask(
      as,
      `query ($filter: ProjectFilter, $orderBy: ProjectOrder, $first: Int, $after: String) {
        me { projects(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
          nodes { ${projectFields} } pageInfo { hasNextPage endCursor } totalCount
        } }
      }`,
      variables,
    )
    expect(errors ?? []).toEqual([])
    return data.me.projects
  }
  const names = async (variables: object = {}) =>
    (await list(variables)).nodes.map(({ name }: { name: string }) => name)

  async function scans(id: string, variables: object = {}, as = leila) {
    const { data, errors } = await world.ask(
      as,
      `query ($id: ID!, $orderBy: ScanOrder, $first: Int, $after: String) { project(id: $id) {
        scans(orderBy: $orderBy, first: $first, after: $after) {
          nodes { ${scanFields} } pageInfo { hasNextPage endCursor } totalCount
        }
      } }`,
      { id, ...variables },
    )
    expect(errors ?? []).toEqual([])
    return data.project.scans
  }

  test('once PostGIS came and the migrations ran, a running server notices', async () => {
    const late = await newPostgisDatabase({ template: 'template0' })
    await late.superuser.query('create extension citext; create extension btree_gist')
    await late.superuser.query('alter schema public owner to kitaab_admin')
    await late.superuser.query('grant usage on schema public to kitaab_definer, kitaab_auth, kitaab_app, kitaab_worker')
    const { connections } = late
    const modest = { connections: { ...connections, forAdministrator: () => connections.forRole('kitaab_admin') } }
    await migrateUp(modest)
    const running = await startService({ database: late })
    const there = surveysOf(running)
    const maryam = await newUser(late, 'Maryam')
    expect(outcome(await there.project('createProject', { name: 'x' }, maryam))).toBe('UNAVAILABLE POSTGIS_REQUIRED')
    await late.superuser.query('create extension postgis')
    expect(outcome(await there.project('createProject', { name: 'x' }, maryam))).toBe('UNAVAILABLE POSTGIS_REQUIRED')
    await migrateUp(modest)
    expect((await there.newProject(maryam, { name: 'At last' })).name).toBe('At last')
    expect((await running.execute('{ serverInfo { features } }')).data.serverInfo.features).toEqual(['POSTGIS'])
    await running.stop()
    await late.stop()
  }, 60_000)

  test('the lists of many projects take as many statements as that of one', async () => {
    const statements = async () => {
      const { flights, data } = await world.ask(
        leila,
        '{ me { projects { nodes { name scans(first: 1) { nodes { name } totalCount pageInfo { endCursor } } } } } }',
      )
      return { count: flights.reduce((sum, flight) => sum + flight.statements, 0), nodes: data.me.projects.nodes }
    }
    const first = await world.newProject(leila, { name: 'First' })
    await world.newScan(leila, first.id, { name: 'a' })
    await world.newScan(leila, first.id, { name: 'b' })
    const one = await statements()
    expect(one.nodes[0].scans).toMatchObject({ nodes: [{ name: 'b' }], totalCount: 2 })
    for (const name of ['Second', 'Third']) await world.newProject(leila, { name })
    expect((await statements()).count).toBe(one.count)
    const after = one.nodes[0].scans.pageInfo.endCursor
    expect((await scans(first.id, { first: 1, after })).nodes).toMatchObject([{ name: 'a' }])
  })

  test('the audit log names projects and scans by their ids, and what changed of them', async () => {
    const { id } = await world.newProject(leila, { description: 'nobody’s business' })
    const scan = await world.newScan(leila, id, { capturedAt: '2026-03-01T10:00:00Z' })
    await world.scan('updateScan', { scanId: scan.id, geometry: square(1, 1), capturedAt: null }, leila)
    const { data } = await world.ask(
      leila,
      '{ me { auditLog(first: 3) { nodes { action objectId oldValues newValues } } } }',
    )
    expect(data.me.auditLog.nodes).toMatchObject([
      {
        action: 'lidar_scans.updated',
        objectId: scan.id,
        oldValues: { geometry: 'before', capturedAt: '2026-03-01T10:00:00Z' },
        newValues: { geometry: 'after', footprint: 'after' },
      },
      { action: 'lidar_scans.created', objectId: scan.id, newValues: { name: 'A scan', projectId: id, data: 'after' } },
      { action: 'projects.created', objectId: id, newValues: { name: 'Delta', description: 'after' } },
    ])
  })

  test('the server says that surveys work', async () => {
    const { data } = await service.execute('{ serverInfo { features } }')
    expect(data.serverInfo.features).toEqual(['POSTGIS'])
  })

  test('SUR-1 a project is made, read, changed, deleted, and restored under its id', async () => {
    const metadata = { client: { name: 'Nile' }, flights: [1, 2.5, null] }
    const project = await world.newProject(leila, { name: ' Delta ', description: 'Fields', metadata })
    expect(project).toMatchObject({
      name: 'Delta',
      description: 'Fields',
      metadata,
      version: 1,
      deletedAt: null,
      owner: { id: leila.globalId },
      viewerMay: ['READ', 'WRITE', 'SHARE'],
      bounds: null,
    })
    expect((await world.node(leila, project.id)).data.node).toEqual(project)
    const { data } = await world.project(
      'updateProject',
      { projectId: project.id, description: null, expectedVersion: 1 },
      leila,
    )
    expect(data.answer.project).toMatchObject({ name: 'Delta', description: null, metadata, version: 2 })
    const stale = await world.project('deleteProject', { projectId: project.id, expectedVersion: 1 }, leila)
    expect(outcome(stale)).toBe('CONFLICT STALE_VERSION')
    const deleted = await world.project('deleteProject', { projectId: project.id }, leila)
    expect(deleted.data.answer.project.deletedAt).toMatch(/^\d{4}-/)
    expect((await world.node(leila, project.id)).data.node).toBeNull()
    expect(await names()).toEqual([])
    expect(await names({ filter: { isDeleted: true } })).toEqual(['Delta'])
    expect(outcome(await world.project('updateProject', { projectId: project.id, name: 'x' }, leila))).toBe('NOT_FOUND')
    await world.project('restoreProject', { projectId: project.id }, leila)
    expect(await names()).toEqual(['Delta'])
    expect(outcome(await world.project('restoreProject', { projectId: project.id }, leila))).toBe('NOT_FOUND')
  })

  test('SUR-1 a scan keeps its geometry with heights, and its footprint is what it covers', async () => {
    const { id } = await world.newProject(leila)
    const geometry = square(31.2, 30.05)
    const scan = await world.newScan(leila, id, {
      capturedAt: '2026-03-01T10:00:00Z',
      data: { sensor: 'VLP-16' },
      geometry,
    })
    expect(scan).toMatchObject({
      name: 'A scan',
      capturedAt: '2026-03-01T10:00:00Z',
      data: { sensor: 'VLP-16' },
      geometry,
      storageTier: 'HOT',
      version: 1,
      lastReadAt: null,
      project: { id },
    })
    expect(scan.footprint.coordinates[0][0]).toEqual([31.2, 30.05])
    const flat = await world.newScan(leila, id, { geometry: { type: 'Point', coordinates: [-122.5, 37.25] } })
    expect(flat.geometry).toEqual({ type: 'Point', coordinates: [-122.5, 37.25, 0] })
    const { data } = await world.node(leila, id)
    expect(data.node.bounds).toEqual({ west: -122.5, south: 30.05, east: 31.21, north: 37.25 })
  })

  test('a scan is changed, deleted and restored; one of a deleted project is not there', async () => {
    const { id } = await world.newProject(leila)
    const scan = await world.newScan(leila, id, { capturedAt: '2026-03-01T10:00:00Z', data: { a: 1 } })
    const change = (input: object) => world.scan('updateScan', { scanId: scan.id, ...input }, leila)
    const point = { type: 'Point', coordinates: [10, 20, 30] }
    const moved = (await change({ geometry: point, capturedAt: null, expectedVersion: 1 })).data.answer.scan
    expect(moved).toMatchObject({ geometry: point, capturedAt: null, data: { a: 1 }, version: 2 })
    expect(moved.footprint).toEqual({ type: 'Point', coordinates: [10, 20] })
    expect((await change({ name: 'A scan' })).data.answer.scan.version).toBe(2)
    expect(outcome(await change({ name: null }))).toBe('BAD_USER_INPUT CANNOT_BE_NULL')
    expect(outcome(await change({ name: 'x', expectedVersion: 1 }))).toBe('CONFLICT STALE_VERSION')
    await world.scan('deleteScan', { scanId: scan.id }, leila)
    expect((await world.node(leila, scan.id)).data.node).toBeNull()
    expect((await scans(id)).totalCount).toBe(0)
    const restored = await world.scan('restoreDeletedScan', { scanId: scan.id }, leila)
    expect(restored.data.answer.scan.deletedAt).toBeNull()
    await world.project('deleteProject', { projectId: id }, leila)
    expect((await world.node(leila, scan.id)).data.node).toBeNull()
    expect(outcome(await change({ name: 'x' }))).toBe('NOT_FOUND')
    await world.project('restoreProject', { projectId: id }, leila)
    expect((await scans(id)).totalCount).toBe(1)
  })

  test('projects and scans come in pages, in every order', async () => {
    const made = []
    for (const name of ['B', 'C', 'A'])
      made.push(await world.newProject(leila, { name, description: `${name} of the Nile` }))
    expect(await names({ orderBy: 'NAME_ASC' })).toEqual(['A', 'B', 'C'])
    expect(await names()).toEqual(['A', 'C', 'B'])
    expect(await names({ filter: { text: 'b OF the n' } })).toEqual(['B'])
    const first = await list({ first: 2, orderBy: 'NAME_ASC' })
    expect(first).toMatchObject({ pageInfo: { hasNextPage: true }, totalCount: 3 })
    expect(await names({ first: 2, orderBy: 'NAME_ASC', after: first.pageInfo.endCursor })).toEqual(['C'])
    const { id } = made[0]
    const times = ['2026-02-01T00:00:00Z', null, '2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z']
    for (const [index, capturedAt] of times.entries()) await world.newScan(leila, id, { name: `${index}`, capturedAt })
    const order = async (variables: object) =>
      (await scans(id, variables)).nodes.map(({ name }: { name: string }) => name).join('')
    expect(await order({})).toBe('3021')
    expect(await order({ orderBy: 'CAPTURED_ASC' })).toBe('1203')
    expect(await order({ orderBy: 'CREATED_DESC' })).toBe('3210')
    const page = await scans(id, { first: 2 })
    expect(await order({ first: 2, after: page.pageInfo.endCursor })).toBe('21')
  })

  test.each([
    ['a feature', { type: 'Feature', geometry: square(1, 1) }],
    ['latitude first', { type: 'Point', coordinates: [30, 131] }],
    ['one number', { type: 'Point', coordinates: [30] }],
    ['a line of one position', { type: 'LineString', coordinates: [[30, 31]] }],
    [
      'an open ring',
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ],
        ],
      },
    ],
    [
      'a ring that crosses itself',
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 1],
            [1, 0],
            [0, 1],
            [0, 0],
          ],
        ],
      },
    ],
    ['no positions', { type: 'MultiPolygon', coordinates: [] }],
    ['a collection of nothing', { type: 'GeometryCollection', geometries: [] }],
    ['too many positions', { type: 'MultiPoint', coordinates: Array.from({ length: 10_001 }, () => [1, 2]) }],
  ])('%s is refused as a geometry', async (_, geometry) => {
    const { id } = await world.newProject(leila)
    const refused = await world.scan('addScan', { projectId: id, name: 'x', geometry }, leila)
    expect(outcome(refused)).toBe('BAD_USER_INPUT INVALID_GEOMETRY')
  })

  test('SHA-8 what is not shared does not exist for anybody else', async () => {
    const { id } = await world.newProject(leila)
    const scan = await world.newScan(leila, id)
    for (const other of [id, scan.id]) expect((await world.node(budi, other)).data.node).toBeNull()
    const outcomes = [
      await world.project('updateProject', { projectId: id, name: 'Mine' }, budi),
      await world.project('deleteProject', { projectId: id }, budi),
      await world.scan('addScan', { projectId: id, name: 'Mine', geometry: square(1, 1) }, budi),
      await world.scan('updateScan', { scanId: scan.id, name: 'Mine' }, budi),
      await world.scan('deleteScan', { scanId: scan.id }, budi),
    ]
    expect(outcomes.map(outcome)).toEqual(outcomes.map(() => 'NOT_FOUND'))
    expect((await list({}, budi)).totalCount).toBe(0)
    expect((await scans(id)).nodes).toEqual([scan])
  })
})

test('without PostGIS whatever asks for surveys is told so, and all else works', async () => {
  const service = await startService()
  const world = surveysOf(service)
  const leila = await newUser(service.database, 'Leila')
  const { data } = await world.ask(leila, '{ serverInfo { features } me { email } }')
  expect(data).toMatchObject({ serverInfo: { features: [] }, me: { email: expect.any(String) } })
  const asked = await world.ask(leila, '{ me { email projects { totalCount } } }')
  expect(asked.errors?.map(({ extensions }) => extensions.reason)).toEqual(['POSTGIS_REQUIRED'])
  expect(asked.errors?.[0]?.message).toMatch(/PostGIS.*doctor/)
  expect(outcome(await world.project('createProject', { name: 'x' }, leila))).toBe('UNAVAILABLE POSTGIS_REQUIRED')
  await service.stop()
})
