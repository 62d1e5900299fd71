import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { TestDatabase } from '../../support/database.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { describeWithPostgis, newPostgisDatabase } from '../../support/postgis.ts'
import { startService, type TestService, testToken } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'
import { square, surveysOf } from './requests.ts'

describeWithPostgis('search of scans', () => {
  let database: TestDatabase
  let service: TestService
  let world: ReturnType<typeof surveysOf>
  let leila: TestPerson
  let projectId: string
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
    projectId = (await world.newProject(leila)).id
  })

  const add = (name: string, input: object) => world.newScan(leila, projectId, { name, ...input })
  const search = (filter: object, variables: object = {}) =>
    world.ask(
      leila,
      `query ($filter: ScanFilter!, $orderBy: ScanOrder, $first: Int, $after: String) {
        searchScans(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
          nodes { name } pageInfo { hasNextPage endCursor } totalCount
        }
      }`,
      { filter, orderBy: 'NAME_ASC', ...variables },
    )
  async function names(filter: object): Promise<string> {
    const { data, errors } = await search(filter)
    expect(errors ?? []).toEqual([])
    return data.searchScans.nodes.map(({ name }: { name: string }) => name).join(' ')
  }
  const point = (longitude: number, latitude: number) => ({
    geometry: { type: 'Point', coordinates: [longitude, latitude] },
  })

  test('SUR-1 a box finds what touches it, also across the 180th meridian', async () => {
    await add('cairo', { geometry: square(31.2, 30) })
    await add('fiji', point(179.5, -17))
    await add('samoa', point(-172, -13.5))
    expect(await names({ bbox: { west: 31.205, south: 29, east: 32, north: 31 } })).toBe('cairo')
    expect(await names({ bbox: { west: 31.21, south: 30.01, east: 32, north: 31 } })).toBe('cairo')
    expect(await names({ bbox: { west: 31.211, south: 30, east: 32, north: 31 } })).toBe('')
    expect(await names({ bbox: { west: 170, south: -20, east: -170, north: -10 } })).toBe('fiji samoa')
    expect(await names({ bbox: { west: -180, south: -90, east: 180, north: 90 } })).toBe('cairo fiji samoa')
  })

  test('SUR-1 a shape finds what it touches, and not what only its box touches', async () => {
    await add('inside', point(0.2, 0.2))
    await add('corner', point(0.9, 0.9))
    const coordinates = [
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [0, 0],
      ],
    ]
    expect(await names({ intersects: { type: 'Polygon', coordinates } })).toBe('inside')
    const crossed = {
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
    }
    expect(outcome(await search({ intersects: crossed }))).toBe('BAD_USER_INPUT INVALID_GEOMETRY')
  })

  test('SUR-1 metres are metres on the ground: a degree of longitude is half as long at 60 degrees north', async () => {
    await add('equator', point(1, 0))
    await add('helsinki', point(1, 60))
    // One degree along the equator: 111,319.49 m; along 60 degrees north of WGS 84 55,800 m by the parallel, a little less by the geodesic.
    const within = (latitude: number, metres: number) => names({ within: { longitude: 0, latitude, metres } })
    expect([await within(0, 111_319), await within(0, 111_320)]).toEqual(['', 'equator'])
    expect([await within(60, 55_700), await within(60, 55_801)]).toEqual(['', 'helsinki'])
  })

  test('SUR-1 times, data, projects and tiers are conditions, and all hold together', async () => {
    const other = await world.newProject(leila, { name: 'Other' })
    const data = { sensor: { maker: 'Riegl' }, tags: ['wet', 'spring'] }
    await add('early', { ...point(1, 1), capturedAt: '2026-01-01T00:00:00Z', data })
    await add('late', { ...point(1, 1), capturedAt: '2026-02-01T00:00:00Z', data: { sensor: { maker: 'Velodyne' } } })
    await add('untimed', point(1, 1))
    await world.newScan(leila, other.id, { name: 'other', ...point(1, 1), data })
    expect(await names({})).toBe('early late other untimed')
    expect(await names({ capturedFrom: '2026-01-01T00:00:00Z', capturedTo: '2026-02-01T00:00:00Z' })).toBe('early')
    expect(await names({ capturedFrom: '2026-01-15T00:00:00Z' })).toBe('late')
    expect(await names({ data: { path: ['sensor', 'maker'], value: 'Riegl' } })).toBe('early other')
    expect(await names({ data: { path: ['tags'], value: ['spring'] } })).toBe('early other')
    expect(await names({ projectIds: [projectId] })).toBe('early late untimed')
    expect(await names({ tier: 'COLD' })).toBe('')
    const all = { bbox: { west: 0, south: 0, east: 2, north: 2 }, data: { path: ['sensor', 'maker'], value: 'Riegl' } }
    expect(await names({ ...all, projectIds: [projectId], capturedTo: '2026-01-02T00:00:00Z', tier: 'HOT' })).toBe(
      'early',
    )
    const { data: inProject } = await world.ask(
      leila,
      'query ($id: ID!, $filter: ScanFilter) { project(id: $id) { scans(filter: $filter) { nodes { name } totalCount } } }',
      { id: projectId, filter: { data: { path: ['sensor', 'maker'], value: 'Riegl' } } },
    )
    expect(inProject.project.scans).toEqual({ nodes: [{ name: 'early' }], totalCount: 1 })
  })

  test('what is found comes in pages; a cursor is of its filter', async () => {
    for (const name of ['a', 'b', 'c']) await add(name, point(5, 5))
    const filter = { bbox: { west: 4, south: 4, east: 6, north: 6 } }
    const first = (await search(filter, { first: 2 })).data.searchScans
    expect(first).toMatchObject({
      nodes: [{ name: 'a' }, { name: 'b' }],
      pageInfo: { hasNextPage: true },
      totalCount: 3,
    })
    const after = first.pageInfo.endCursor
    expect((await search(filter, { first: 2, after })).data.searchScans.nodes).toEqual([{ name: 'c' }])
    expect(outcome(await search({}, { first: 2, after }))).toBe('BAD_USER_INPUT INVALID_CURSOR')
  })

  test('SHA-8 nobody finds what is another’s, whatever is asked', async () => {
    const scan = await add('hers', { ...point(7, 7), data: { a: 1 }, capturedAt: '2026-01-01T00:00:00Z' })
    expect(scan.name).toBe('hers')
    const budi = await newUser(database, 'Budi')
    for (const filter of [
      {},
      { bbox: { west: 6, south: 6, east: 8, north: 8 } },
      { within: { longitude: 7, latitude: 7, metres: 10 } },
      { data: { path: ['a'], value: 1 } },
      { projectIds: [projectId] },
      { capturedFrom: '2025-01-01T00:00:00Z' },
    ]) {
      const { data } = await world.ask(
        budi,
        'query ($filter: ScanFilter!) { searchScans(filter: $filter) { nodes { id } totalCount } }',
        { filter },
      )
      expect(data.searchScans).toEqual({ nodes: [], totalCount: 0 })
    }
  })

  test.each([
    [{ bbox: { west: 0, south: 5, east: 1, north: 4 } }, 'OUT_OF_RANGE'],
    [{ bbox: { west: 0, south: 5, east: 181, north: 6 } }, 'OUT_OF_RANGE'],
    [{ within: { longitude: 0, latitude: 91, metres: 5 } }, 'OUT_OF_RANGE'],
    [{ within: { longitude: 0, latitude: 0, metres: 0 } }, 'OUT_OF_RANGE'],
    [{ within: { longitude: 0, latitude: 0, metres: 1_000_001 } }, 'OUT_OF_RANGE'],
    [{ projectIds: [] }, 'EMPTY_LIST'],
    [{ data: { path: [], value: 1 } }, 'OUT_OF_RANGE'],
  ])('%j is refused: %s', async (filter, reason) => {
    expect(outcome(await search(filter))).toBe(`BAD_USER_INPUT ${reason}`)
  })

  async function exported(selection: string, variables: object = {}) {
    const { body, statusCode, headers } = await service.app.http.inject({
      method: 'POST',
      url: '/export',
      headers: { authorization: `Bearer ${testToken(leila)}` },
      payload: {
        document: `query Found($filter: ScanFilter!) { searchScans(filter: $filter, orderBy: NAME_ASC) { nodes { ${selection} } } }`,
        variables: { filter: {}, ...variables },
        format: 'geojson',
      },
    })
    return { statusCode, type: headers['content-type'], body }
  }

  test('SUR-1 what is found is exported as a FeatureCollection, over several pages', async () => {
    for (let index = 100; index < 230; index += 1) await add(`${index}`, point(index / 10, 1))
    const { statusCode, type, body } = await exported('id name data geometry footprint')
    expect({ statusCode, type }).toEqual({ statusCode: 200, type: 'application/geo+json; charset=utf-8' })
    const collection = JSON.parse(body)
    expect(collection.type).toBe('FeatureCollection')
    expect(collection.features).toHaveLength(130)
    expect(collection.features[1]).toEqual({
      type: 'Feature',
      id: expect.any(String),
      geometry: { type: 'Point', coordinates: [10.1, 1, 0] },
      properties: { name: '101', data: {} },
    })
    expect(JSON.parse((await exported('footprint', { filter: { tier: 'COLD' } })).body)).toEqual({
      type: 'FeatureCollection',
      features: [],
    })
    const flat = await exported('name')
    expect(flat.statusCode).toBe(400)
    expect(JSON.parse(flat.body).errors[0].extensions.reason).toBe('INVALID_DOCUMENT')
  })
})
