import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { openKeyRing } from '../../../../src/domains/identity/services/key-ring.ts'
import { hillshadeObject } from '../../../../src/domains/surveys/hillshades/drawing.ts'
import { type HillshadeLinks, makeHillshadeLinks } from '../../../../src/domains/surveys/hillshades/links.ts'
import { fromGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { runJobs } from '../../../support/jobs.ts'
import { newUser, type TestPerson } from '../../../support/people.ts'
import { describeWithPostgis, newPostgisDatabase } from '../../../support/postgis.ts'
import { startService, type TestService } from '../../../support/service.ts'
import { outcome } from '../../identity/people.ts'
import { surveysOf } from '../requests.ts'
import { cone, flat, type Point, sampled, within } from '../rules/clouds.ts'
import { newScanOf, objectsOf, type ScannedOptions } from '../scanned.ts'

const fields =
  'id status progress error createdAt finishedAt cellSize url bounds { west south east north } scan { id name }'

/** Grey of each pixel of a PNG of ours, line by line from the north; null: clear. */
function pixelsOf(png: Buffer): { width: number; height: number; grey: (x: number, y: number) => number | null } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const lines = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)))
  const stride = 2 * width + 1
  for (let at = stride; at < lines.length; at += 1)
    if (at % stride !== 0) lines[at] = (lines[at] ?? 0) + (lines[at - stride] ?? 0)
  const byte = (x: number, y: number, channel: number) => lines[y * stride + 1 + 2 * x + channel] ?? Number.NaN
  return { width, height, grey: (x, y) => (byte(x, y, 1) === 0 ? null : byte(x, y, 0)) }
}

describeWithPostgis('hillshades', () => {
  let database: TestDatabase
  let service: TestService
  let world: ReturnType<typeof surveysOf>
  let leila: TestPerson
  let projectId: string
  let links: HillshadeLinks
  beforeAll(async () => {
    database = await newPostgisDatabase()
    service = await startService({
      database,
      onLog: (l) => {
        if (l.includes('error')) console.log(l)
      },
    })
    world = surveysOf(service)
    links = makeHillshadeLinks(openKeyRing({ pem: null, home: service.home }, { onTrouble: () => {} }))
  }, 60_000)
  afterAll(async () => {
    await service.stop()
    await database.stop()
  })
  beforeEach(async () => {
    leila = await newUser(database, 'Leila')
    projectId = (await world.newProject(leila)).id
  })

  const nearCairo = ([x, y, z]: Point): Point => [x + 330_000, y + 3_320_000, z]
  const scanOf = (points: readonly Point[], options?: ScannedOptions) =>
    newScanOf(service, projectId, points.map(nearCairo), options)
  const request = (scanId: string, as = leila) =>
    world.ask(
      as,
      `mutation ($input: RequestHillshadeInput!) { requestHillshade(input: $input) { hillshade { ${fields} } } }`,
      { input: { scanId } },
    )
  async function requested(scanId: string) {
    const { data, errors } = await request(scanId)
    expect(errors ?? []).toEqual([])
    return data.requestHillshade.hillshade
  }
  const hillshade = async (scanId: string, as = leila) =>
    (
      await world.ask(as, `query ($id: ID!) { node(id: $id) { ... on Scan { hillshade { ${fields} } } } }`, {
        id: scanId,
      })
    ).data.node?.hillshade
  async function made(scanId: string) {
    await requested(scanId)
    await runJobs(service)
    return hillshade(scanId)
  }
  const get = (url: string) => service.app.http.inject({ method: 'GET', url: new URL(url).pathname })

  /** The pixels of a picture that are not clear, and where their middles lie, in metres from `nearCairo`. */
  async function seenIn(png: Buffer, { west, south, east, north }: Record<string, number>) {
    const { width, height, grey } = pixelsOf(png)
    const { rows } = await database.superuser.query<{ x: number; y: number; across: number; down: number }>(
      `with corner as (
         select st_transform(st_point($1, $2, 4326), 3857) as low, st_transform(st_point($3, $4, 4326), 3857) as high
       ), place as (
         select across, down, st_transform(st_setsrid(st_makepoint(
           st_x(low) + (st_x(high) - st_x(low)) * (across + 0.5) / $5, st_y(high) + (st_y(low) - st_y(high)) * (down + 0.5) / $6
         ), 3857), 32636) as point
         from corner, generate_series(0, $5::int - 1) as across, generate_series(0, $6::int - 1) as down
       )
       select across, down, st_x(point) - 330000 as x, st_y(point) - 3320000 as y from place`,
      [west, south, east, north, width, height],
    )
    return rows.flatMap(({ x, y, across, down }) => {
      const value = grey(across, down)
      return value === null ? [] : [{ x, y, grey: value }]
    })
  }

  test('SUR-1 a picture is made once, lies where the scan lies, and is lit from the north-west', async () => {
    // A hill of 40 m that stands aside of the middle, on 400 m x 400 m.
    const hill = (x: number, y: number) => cone(60, 40)(x - 80, y + 110)
    const scan = await scanOf(sampled(hill, 200, 2))
    expect(await hillshade(scan)).toBeNull()
    const asked = await requested(scan)
    expect(asked).toMatchObject({ status: 'WAITING', url: null, bounds: null, cellSize: null, scan: { id: scan } })
    expect(await requested(scan)).toEqual(asked)
    await runJobs(service)
    const shown = await hillshade(scan)
    expect(shown).toMatchObject({ id: asked.id, status: 'SUCCEEDED', progress: 1, error: null, cellSize: 4 })
    expect(await requested(scan)).toEqual(shown)
    expect((await runJobs(service)).done).toEqual([])

    const answer = await get(shown.url)
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': /private, max-age/ as never })
    const { width, height } = pixelsOf(answer.rawPayload)
    // 100 cells and a rim, turned a little against north.
    expect(Math.max(width, height)).toBe(102)
    const level = Math.round(255 * Math.SQRT1_2)
    const seen = await seenIn(answer.rawPayload, shown.bounds)
    // What is not level lies on the hill; half a pixel and the eight neighbours aside.
    const slopes = seen.filter((pixel) => Math.abs(pixel.grey - level) > 3)
    expect(slopes.length).toBeGreaterThan(500)
    for (const { x, y } of slopes) expect(Math.hypot(x - 80, y + 110)).toBeLessThan(60 + 2 * 4)
    const side = (eastward: number, northward: number) =>
      seen
        .filter(({ x, y }) => Math.hypot(x - 80 - 25 * eastward, y + 110 - 25 * northward) < 8)
        .map((pixel) => pixel.grey)
    expect(Math.min(...side(-1, 1))).toBeGreaterThan(level + 40)
    expect(Math.max(...side(1, -1))).toBeLessThan(level - 80)
    // All of the scan is covered, and nothing beside it by more than a cell.
    expect(Math.max(...seen.map(({ x, y }) => Math.max(Math.abs(x), Math.abs(y))))).toBeLessThan(204)
    expect(seen.length).toBeGreaterThan(9000)
  }, 120_000)

  test('where a scan has no points the picture is clear', async () => {
    const { url } = await made(await scanOf(sampled(within(50, flat(3)), 50, 1)))
    const { width, height, grey } = pixelsOf((await get(url)).rawPayload)
    expect([grey(1, 1), grey(width - 2, 1), grey(1, height - 2), grey(width - 2, height - 2)]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(grey(Math.floor(width / 2), Math.floor(height / 2))).toBe(Math.round(255 * Math.SQRT1_2))
  })

  test('a scan in degrees lies right, too', async () => {
    const points = sampled(flat(3), 50, 1).map(([x, y, z]): Point => [-0.1 + x / 69_000, 51.5 + y / 111_000, z])
    const scan = await newScanOf(service, projectId, points, { crs: 'EPSG:4326', metresPerUnit: null })
    const { bounds, status } = await made(scan)
    expect(status).toBe('SUCCEEDED')
    const close = (degrees: number, expected: number, cells: number) =>
      expect(Math.abs(degrees - expected)).toBeLessThan((cells * 2) / 69_000)
    // Fifty metres each way, and a cell of 2 m or two.
    close(bounds.west, -0.1 - 50 / 69_000, 2.1)
    close(bounds.east, -0.1 + 50 / 69_000, 2.1)
    close(bounds.south, 51.5 - 50 / 111_000, 2.1)
    close(bounds.north, 51.5 + 50 / 111_000, 2.1)
  })

  test('a link is a secret that ends, and others have none', async () => {
    const scan = await scanOf(sampled(flat(3), 20, 1))
    const { url, id } = await made(scan)
    const link = new URL(url).pathname.slice('/hillshades/'.length)
    const claim = links.read(link)
    expect(claim).toMatchObject(fromGlobalId('Hillshade', id, 'id'))
    expect((await get(url.replace(/.$/, url.endsWith('A') ? 'B' : 'A'))).statusCode).toBe(404)
    const old = links.sign(fromGlobalId('Hillshade', id, 'id'), new Date(Date.now() - 3 * 3_600_000))
    const expired = await get(`http://x/hillshades/${old}`)
    expect(expired.statusCode).toBe(410)
    expect(expired.json().errors[0].extensions.reason).toBe('LINK_EXPIRED')
    const lost = await made(await scanOf(sampled(flat(4), 20, 1)))
    await objectsOf(service).delete(hillshadeObject(fromGlobalId('Hillshade', lost.id, 'id')))
    expect((await get(lost.url)).statusCode).toBe(410)
    const budi = await newUser(database, 'Budi')
    expect(outcome(await request(scan, budi))).toBe('NOT_FOUND')
    expect((await world.ask(budi, 'query ($id: ID!) { node(id: $id) { id } }', { id })).data.node).toBeNull()
  })

  test('a failure is told, and can be tried again', async () => {
    const scan = await scanOf(sampled(flat(3), 20, 1))
    const { scanId } = fromGlobalId('Scan', scan, 'id')
    await database.superuser.query(
      `update lidar_scans set crs = 'EPSG:4326', metres_per_unit = null where scan_id = $1`,
      [scanId],
    )
    // Hundreds of thousands of degrees north.
    expect(await made(scan)).toMatchObject({ status: 'FAILED', url: null, error: expect.any(String) })
    await database.superuser.query(
      `update lidar_scans set crs = 'EPSG:32636', metres_per_unit = 1 where scan_id = $1`,
      [scanId],
    )
    expect(await made(scan)).toMatchObject({ status: 'SUCCEEDED', error: null })
    const { rows } = await database.superuser.query('select status from hillshades where scan_id = $1', [scanId])
    expect(rows).toEqual([{ status: 'succeeded' }])
  })

  test('what has no points, or has them in the archive, has no picture', async () => {
    const { id } = await world.newScan(leila, projectId)
    expect(outcome(await request(id))).toBe('CONFLICT SCAN_HAS_NO_POINTS')
    const scan = await scanOf(sampled(flat(3), 20, 1))
    const { scanId } = fromGlobalId('Scan', scan, 'id')
    await database.superuser.query(`update lidar_scans set storage_tier = 'cold' where scan_id = $1`, [scanId])
    expect(outcome(await request(scan))).toBe('CONFLICT SCAN_IS_COLD')
  })

  test('within an hour a link is the same, and it lasts for one more', () => {
    const which = { ownerId: '1', hillshadeId: '2' }
    const at = (time: string) => links.sign(which, new Date(`2026-01-01T${time}Z`))
    expect(at('10:00:00')).toBe(at('10:59:59'))
    expect(at('10:59:59')).not.toBe(at('11:00:00'))
    expect(links.read(at('10:30:00'))).toEqual({ ...which, expiresAt: new Date('2026-01-01T12:00:00Z') })
  })
})
