import { expect, test } from '@jest/globals'
import { runJobs } from '../../../support/jobs.ts'
import { lasFile } from '../../../support/las-writer.ts'
import { lazFile } from '../../../support/laz-writer.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { outcome } from '../../identity/people.ts'
import { east, las, north, square100, utm36, withScanFiles } from './scan-files-world.ts'

describeWithPostgis('a file of points that was sent', () => {
  const { files, requestUpload, upload, asked, importOf, imported, fileOf, objects } = withScanFiles()

  test('SUR-1 becomes a scan that lies where its points do', async () => {
    const { status, progress, isKnown, scan, project } = await imported(las, { data: { flight: 7 } })
    expect({ status, progress, isKnown, project }).toEqual({
      status: 'SUCCEEDED',
      progress: 1,
      isKnown: false,
      project: { id: files.projectId },
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
    const { rows } = await files.database.admin.query(
      `select st_area(footprint::geography) as area, st_distance(footprint::geography,
         st_transform(st_setsrid(st_point($2, $3), 32636), 4326)::geography) as away, st_npoints(footprint) as corners
       from lidar_scans where user_id = $1`,
      [files.leila.userId, east + 50, north + 50],
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
    const other = await files.surveys.newProject(files.leila, { name: 'Another' })
    const there = await imported(las, { projectId: other.id })
    expect(there).toMatchObject({ isKnown: false, scan: { footprint: first.scan.footprint } })
    expect(there.scan.id).not.toBe(first.scan.id)
    expect(await objects('scans')).toHaveLength(1)
  })

  test('sent twice at once is one scan', async () => {
    const ids = [await asked({ uploadId: await upload(las) }), await asked({ uploadId: await upload(las) })]
    await runJobs(files.service)
    const [one, two] = await Promise.all(ids.map((id) => importOf(id)))
    expect([one.isKnown, two.isKnown].toSorted()).toEqual([false, true])
    expect(one.scan.id).toBe(two.scan.id)
    expect(await objects('scans')).toHaveLength(1)
  })

  test('a deleted scan is not restored beside another one of the same file', async () => {
    const first = await imported(las)
    await files.surveys.scan('deleteScan', { scanId: first.scan.id }, files.leila)
    const second = await imported(las)
    expect(second).toMatchObject({ isKnown: false, status: 'SUCCEEDED' })
    expect(second.scan.id).not.toBe(first.scan.id)
    expect(outcome(await files.surveys.scan('restoreDeletedScan', { scanId: first.scan.id }, files.leila))).toBe(
      'CONFLICT DUPLICATE_FILE',
    )
  })

  test('there are five addresses at a time, each for 512 MB', async () => {
    for (let count = 0; count < 5; count += 1) expect((await requestUpload()).maxBytes).toBe(512 * 1024 * 1024)
    await expect(requestUpload()).rejects.toThrow('TOO_MANY')
  })
})
