import { readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { scanImportJobs } from '../../../src/domains/surveys/jobs/scan-imports.ts'
import type { DB } from '../../../src/generated/database.ts'
import type { JobTools } from '../../../src/job-tools.ts'
import { withKysely } from '../../../src/platform/database/migrator.ts'
import { makeLocalObjects } from '../../../src/platform/objects/local-objects.ts'
import type { ObjectStore } from '../../../src/platform/objects/objects.ts'
import type { TestDatabase } from '../../support/database.ts'
import { runJobs, runTask } from '../../support/jobs.ts'
import { lasFile, type WrittenPoint } from '../../support/las-writer.ts'
import { lazFile } from '../../support/laz-writer.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { describeWithPostgis, newPostgisDatabase } from '../../support/postgis.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'
import { square, surveysOf } from './requests.ts'

const importFields =
  'id status progress error isKnown project { id } scan { id name capturedAt data footprint file { sha256 } }'
const fileFields =
  'name format formatVersion bytes sha256 pointCount crs minimum { x y z } maximum { x y z } metresPerUnit metresPerHeightUnit downloadUrl'

/** Points a metre apart on a square of a hundred metres, in UTM zone 36 N near Cairo. */
const [east, north] = [330_000, 3_325_000]
const square100: WrittenPoint[] = Array.from({ length: 101 * 101 }, (_, index) => [
  east + (index % 101),
  north + Math.floor(index / 101),
  20 + (index % 7),
])
const utm36 = { geoKeys: [[3072, 32_636]] } as const
const las = lasFile({ points: square100, ...utm36, created: [2024, 60] })
const xyz = square100.map((point) => point.join(' ')).join('\n')

describeWithPostgis('scans from files', () => {
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

  async function requestUpload(as = leila, fileName = 'plot.las') {
    const { data, errors } = await world.ask(
      as,
      'mutation ($input: RequestScanUploadInput!) { requestScanUpload(input: $input) { uploadId url maxBytes } }',
      { input: { fileName } },
    )
    if (errors) throw new Error(JSON.stringify(errors))
    return data.requestScanUpload as { uploadId: string; url: string; maxBytes: number }
  }

  async function upload(content: Buffer | string, as = leila, fileName?: string): Promise<string> {
    const { uploadId, url } = await requestUpload(as, fileName)
    const sent = await service.app.http.inject({ method: 'POST', url: new URL(url).pathname, payload: content })
    expect(sent.statusCode).toBe(201)
    return uploadId
  }

  const add = (input: object, as = leila) =>
    world.ask(
      as,
      `mutation ($input: AddScanInput!) { addScan(input: $input) { scan { id } import { ${importFields} } } }`,
      { input: { projectId, name: 'Plot', ...input } },
    )

  async function asked(input: object, as = leila): Promise<string> {
    const { data, errors } = await add(input, as)
    expect(errors ?? []).toEqual([])
    expect(data.addScan).toMatchObject({
      scan: null,
      import: { status: 'WAITING', error: null, isKnown: null, scan: null },
    })
    return data.addScan.import.id
  }

  async function importOf(id: string, as = leila) {
    const { data, errors } = await world.ask(
      as,
      `query ($id: ID!) { node(id: $id) { ... on ScanImport { ${importFields} } } }`,
      { id },
    )
    expect(errors ?? []).toEqual([])
    return data.node
  }

  /** Sends a file, has it added, and answers the import. */
  async function imported(content: Buffer | string, input: object = {}, as = leila) {
    const id = await asked({ uploadId: await upload(content, as), ...input }, as)
    expect((await runJobs(service)).failed).toEqual([])
    return importOf(id, as)
  }

  async function fileOf(scanId: string, as = leila) {
    const { data, errors } = await world.ask(
      as,
      `query ($id: ID!) { node(id: $id) { ... on Scan { file { ${fileFields} } } } }`,
      {
        id: scanId,
      },
    )
    return { file: data.node?.file, errors }
  }

  async function objects(kind: string, as = leila): Promise<string[]> {
    const found: string[] = []
    for await (const { key } of makeLocalObjects(`${service.home}/objects`).list(`${kind}/${as.userId}`))
      found.push(key)
    return found
  }

  const scanCount = async () =>
    Number(
      (await database.admin.query('select count(*) from lidar_scans where user_id = $1', [leila.userId])).rows[0].count,
    )

  describe('a file that was sent', () => {
    test('SUR-1 becomes a scan that lies where its points do', async () => {
      const { status, progress, isKnown, scan, project } = await imported(las, { data: { flight: 7 } })
      expect({ status, progress, isKnown, project }).toEqual({
        status: 'SUCCEEDED',
        progress: 1,
        isKnown: false,
        project: { id: projectId },
      })
      expect(scan).toMatchObject({ name: 'Plot', capturedAt: '2024-02-29T00:00:00Z', data: { flight: 7 } })
      const { file } = await fileOf(scan.id)
      expect(file).toMatchObject({
        name: 'plot.las',
        format: 'LAS',
        formatVersion: '1.2',
        bytes: las.length,
        pointCount: square100.length,
        crs: 'EPSG:32636',
        minimum: { x: east, y: north, z: 20 },
        maximum: { x: east + 100, y: north + 100, z: 26 },
        metresPerUnit: 1,
        metresPerHeightUnit: 1,
      })
      const { rows } = await database.admin.query(
        `select st_area(footprint::geography) as area, st_distance(footprint::geography,
           st_transform(st_setsrid(st_point($2, $3), 32636), 4326)::geography) as away, st_npoints(footprint) as corners
         from lidar_scans where user_id = $1`,
        [leila.userId, east + 50, north + 50],
      )
      // On the central strip of a zone a metre of the map is within a thousandth of one on the ground.
      expect(rows[0].area).toBeGreaterThan(9_950)
      expect(rows[0].area).toBeLessThan(10_050)
      expect(rows[0].away).toBe(0)
      expect(rows[0].corners).toBeLessThan(20)
      expect(await objects('uploads')).toEqual([])
      expect(await objects('scans')).toHaveLength(1)
    })

    test('keeps the time that was given, and feet as feet', async () => {
      const inFeet =
        'PROJCS["Oregon",GEOGCS["NAD83",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["standard_parallel_1",43],PARAMETER["standard_parallel_2",45.5],PARAMETER["latitude_of_origin",41.75],PARAMETER["central_meridian",-120.5],PARAMETER["false_easting",1312335.958005249],PARAMETER["false_northing",0],UNIT["foot",0.3048]]'
      const points = [
        [636_001, 848_935, 406],
        [637_179, 848_935, 520],
        [637_179, 849_497, 410],
      ] as const
      const { scan } = await imported(lazFile({ points, wkt: inFeet, created: [2015, 1] }), {
        capturedAt: '2012-07-01T10:00:00Z',
      })
      expect(scan.capturedAt).toBe('2012-07-01T10:00:00Z')
      const [longitude, latitude] = scan.footprint.coordinates[0][0]
      expect([longitude, latitude]).toEqual([expect.closeTo(-123.07, 1), expect.closeTo(44.05, 1)])
      const { file } = await fileOf(scan.id)
      expect(file).toMatchObject({ format: 'LAZ', metresPerUnit: 0.3048, metresPerHeightUnit: 0.3048 })
    })

    test.each([
      ['one point', [[east, north, 1]], 'Point'],
      [
        'a line',
        [
          [east, north, 1],
          [east + 5, north + 5, 1],
          [east + 9, north + 9, 2],
        ],
        'LineString',
      ],
    ] as const)('of %s covers no more than that', async (_, points, type) => {
      const { scan } = await imported(lasFile({ points, ...utm36 }))
      expect(scan.footprint.type).toBe(type)
    })

    test('is known again: in its project it is that scan, in another one a scan of its own, stored once', async () => {
      const first = await imported(las)
      const again = await imported(las, { name: 'Again' })
      expect(again).toMatchObject({ status: 'SUCCEEDED', isKnown: true, scan: { id: first.scan.id, name: 'Plot' } })
      const other = await world.newProject(leila, { name: 'Another' })
      const there = await imported(las, { projectId: other.id })
      expect(there).toMatchObject({ isKnown: false, scan: { footprint: first.scan.footprint } })
      expect(there.scan.id).not.toBe(first.scan.id)
      expect(await objects('scans')).toHaveLength(1)
    })

    test('sent twice at once is one scan', async () => {
      const ids = [await asked({ uploadId: await upload(las) }), await asked({ uploadId: await upload(las) })]
      await runJobs(service)
      const [one, two] = await Promise.all(ids.map((id) => importOf(id)))
      expect([one.isKnown, two.isKnown].toSorted()).toEqual([false, true])
      expect(one.scan.id).toBe(two.scan.id)
      expect(await objects('scans')).toHaveLength(1)
    })
  })

  describe('a file that can’t be added', () => {
    const nothingKept = async () => {
      expect([await scanCount(), await objects('scans')]).toEqual([0, []])
    }

    test('says what is missing, and is added once that is given', async () => {
      const uploadId = await upload(xyz, leila, 'plot.xyz')
      const failed = async (input: object) => {
        const id = await asked({ uploadId, ...input })
        await runJobs(service)
        const { status, error, scan } = await importOf(id)
        expect({ status, scan }).toEqual({ status: 'FAILED', scan: null })
        return error
      }
      expect(await failed({})).toBe(
        'The file does not say in which coordinate system its points are: give it as `crs`, such as EPSG:26910.',
      )
      expect(await failed({ crs: 'UTM 36' })).toContain('`crs` is neither a code such as EPSG:26910 nor')
      expect(await failed({ crs: 'EPSG:999999' })).toContain('PostGIS knows no EPSG:999999')
      expect(await failed({ crs: 'EPSG:4326' })).toContain('In EPSG:4326 the points lie nowhere on Earth')
      expect(await failed({ crs: 'EPSG:4978' })).toContain('is neither projected nor geographic')
      expect(await failed({ format: 'LAZ', crs: 'EPSG:32636' })).toContain('A LAZ file begins with `LASF`')
      await nothingKept()
      const id = await asked({ uploadId, format: 'XYZ', crs: 'EPSG:32636' })
      await runJobs(service)
      const { status, scan } = await importOf(id)
      expect(status).toBe('SUCCEEDED')
      expect((await fileOf(scan.id)).file).toMatchObject({ format: 'XYZ', formatVersion: null, name: 'plot.xyz' })
      expect(await objects('uploads')).toEqual([])
      // Seven threads, one after the other.
    }, 60_000)

    test.each([
      ['cut off', las.subarray(0, 1000), /^At byte 1000: The file ends here/],
      ['empty of points', lasFile({ points: [], ...utm36 }), /^At byte 107: The file has no points/],
      ['text that is no points', 'dear reader\n', /^In line 1: /],
      ['a broken number', `${xyz}\n1 2 three\n`, /^In line 10202: z is `three`/],
    ])('that is %s is told where', async (_, content, error) => {
      expect(await imported(content, { crs: 'EPSG:32636' })).toMatchObject({
        status: 'FAILED',
        error: expect.stringMatching(error),
        isKnown: null,
      })
      await nothingKept()
    })

    test('because the disk is full is tried again, and nothing of it stays meanwhile', async () => {
      const id = await asked({ uploadId: await upload(las) })
      // Where the points would be, nothing can be written.
      const blocked = path.join(service.home, 'objects', 'scans')
      await rm(blocked, { recursive: true, force: true })
      await writeFile(blocked, '')
      expect((await runJobs(service)).failed).toEqual(['import_scan'])
      await rm(blocked)
      expect(await importOf(id)).toMatchObject({ status: 'RUNNING', error: null, scan: null })
      await nothingKept()
      await again(id)
      expect(await importOf(id)).toMatchObject({ status: 'SUCCEEDED', isKnown: false })
    })

    test('whose project was deleted meanwhile, or is no longer shared', async () => {
      const id = await asked({ uploadId: await upload(las) })
      await world.project('deleteProject', { projectId }, leila)
      await runJobs(service)
      await world.project('restoreProject', { projectId }, leila)
      expect(await importOf(id)).toMatchObject({
        status: 'FAILED',
        error: 'The project is gone, or you may no longer write in it: nothing was added.',
      })
      await nothingKept()
    })

    test('whose upload is another’s, for something else, or not there yet', async () => {
      const theirs = await upload(las, await newUser(database, 'Budi'))
      expect(outcome(await add({ uploadId: theirs }))).toBe('NOT_FOUND')
      const { uploadId } = await requestUpload()
      expect(outcome(await add({ uploadId }))).toBe('CONFLICT UPLOAD_NOT_COMPLETE')
      const entries = await world.ask(
        leila,
        'mutation ($input: ImportEntriesInput!) { importEntries(input: $input) { import { id } } }',
        { input: { uploadId: await upload('date,deed,value\n2026-01-01,Fast,1\n'), format: 'CSV' } },
      )
      expect(outcome(entries)).toBe('NOT_FOUND')
    })

    test('beside a geometry, or with words that are of a file alone', async () => {
      const uploadId = crypto.randomUUID()
      for (const input of [{}, { geometry: square(31, 30), uploadId }, { geometry: square(31, 30), crs: 'EPSG:4326' }])
        expect(outcome(await add(input))).toBe('BAD_USER_INPUT CONTRADICTORY')
    })
  })

  /** Has the job of an import done, once more. */
  async function again(id: string, tools?: Partial<JobTools>) {
    const { rows } = await database.admin.query('select scan_import_id from scan_imports where user_id = $1', [
      leila.userId,
    ])
    const payload = { userId: leila.userId, scanImportId: rows.at(-1).scan_import_id as string }
    expect(id).not.toBe('')
    if (!tools) await runTask(service, 'import_scan', { payload })
    else
      await withKysely<void, DB>(database.connections.forRole('kitaab_worker'), (worker) =>
        scanImportJobs.import_scan(payload, { worker, signal: new AbortController().signal, ...tools } as JobTools),
      )
  }

  test('a process that dies when the points are stored leaves what the next one finishes, once', async () => {
    const id = await asked({ uploadId: await upload(las) })
    const real = makeLocalObjects(`${service.home}/objects`)
    const dead = () => Promise.reject(new Error('The process is dead.'))
    const dying: ObjectStore = {
      ...real,
      async put(key, content, options) {
        await real.put(key, content, options)
        return dead()
      },
      delete: dead,
    }
    await expect(again(id, { services: { objects: dying } as unknown as JobTools['services'] })).rejects.toThrow('dead')
    expect([await scanCount(), (await objects('scans')).length]).toEqual([0, 1])
    await again(id)
    expect(await importOf(id)).toMatchObject({ status: 'SUCCEEDED', isKnown: false })
    expect([await scanCount(), (await objects('scans')).length]).toEqual([1, 1])
    // And once it is done, it is done.
    await again(id)
    expect(await scanCount()).toBe(1)
  })

  test('a worker that ends leaves its import to the next one, and no file behind', async () => {
    const id = await asked({ uploadId: await upload(las) })
    const ending = new AbortController()
    ending.abort(new Error('The worker ends.'))
    const objects = makeLocalObjects(`${service.home}/objects`)
    const services = { objects } as unknown as JobTools['services']
    await expect(again(id, { services, signal: ending.signal })).rejects.toThrow()
    expect((await importOf(id)).status).toBe('RUNNING')
    await again(id)
    expect((await importOf(id)).status).toBe('SUCCEEDED')
    expect((await readdir(path.join(service.home, 'objects', '.unfinished'))).length).toBe(0)
  })

  test('a deleted scan is not restored beside another one of the same file', async () => {
    const first = await imported(las)
    await world.scan('deleteScan', { scanId: first.scan.id }, leila)
    const second = await imported(las)
    expect(second).toMatchObject({ isKnown: false, status: 'SUCCEEDED' })
    expect(second.scan.id).not.toBe(first.scan.id)
    expect(outcome(await world.scan('restoreDeletedScan', { scanId: first.scan.id }, leila))).toBe(
      'CONFLICT DUPLICATE_FILE',
    )
  })

  test('there are five addresses at a time, each for 512 MB', async () => {
    for (let count = 0; count < 5; count += 1) expect((await requestUpload()).maxBytes).toBe(512 * 1024 * 1024)
    await expect(requestUpload()).rejects.toThrow('TOO_MANY')
  })

  describe('the link to a file', () => {
    const download = (url: string) => service.app.http.inject({ method: 'GET', url: new URL(url).pathname })

    test('gives the file as it was sent, and notes that it was read', async () => {
      const { scan } = await imported(las)
      const { file } = await fileOf(scan.id)
      const answer = await download(file.downloadUrl)
      expect(answer.statusCode).toBe(200)
      expect(answer.rawPayload.equals(las)).toBe(true)
      expect(answer.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': String(las.length),
        'content-disposition': `attachment; filename="plot.las"; filename*=UTF-8''plot.las`,
        'cache-control': 'private, no-store',
      })
      const { data } = await world.node(leila, scan.id)
      expect(data.node.lastReadAt).not.toBeNull()
    })

    test('is over when it expires, with the session, and with the scan; and no other one is good', async () => {
      const { scan } = await imported(las)
      const { file } = await fileOf(scan.id)
      expect((await download(`${file.downloadUrl}x`)).statusCode).toBe(404)
      await world.scan('deleteScan', { scanId: scan.id }, leila)
      expect((await download(file.downloadUrl)).statusCode).toBe(404)
      await world.scan('restoreDeletedScan', { scanId: scan.id }, leila)
      expect((await download(file.downloadUrl)).statusCode).toBe(200)
      await database.admin.query('update sessions set revoked_at = now() where session_id = $1', [leila.sessionId])
      expect((await download(file.downloadUrl)).statusCode).toBe(401)
    })

    test('is not given while the points are in the archive', async () => {
      const { scan } = await imported(las)
      const { file } = await fileOf(scan.id)
      await database.admin.query("update lidar_scans set storage_tier = 'cold' where user_id = $1", [leila.userId])
      expect((await download(file.downloadUrl)).statusCode).toBe(409)
      const cold = await fileOf(scan.id)
      expect(cold.file.downloadUrl).toBeNull()
      expect(cold.errors?.map(({ extensions }) => extensions.reason)).toEqual(['SCAN_IS_COLD'])
    })
  })
})
