import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { fromGlobalId } from '../../../../src/platform/graphql/global-ids.ts'
import { runJobs, runTask } from '../../../support/jobs.ts'
import { lasFile } from '../../../support/las-writer.ts'
import { newUser } from '../../../support/people.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { outcome } from '../../identity/people.ts'
import { square } from '../requests.ts'
import { las, utm36, withScanFiles, xyz } from './scan-files-world.ts'

describeWithPostgis('a file of points that can’t be added', () => {
  const { files, requestUpload, upload, add, asked, importOf, imported, fileOf, objects, scanCount, again } =
    withScanFiles()

  const nothingKept = async () => {
    expect([await scanCount(), await objects('scans')]).toEqual([0, []])
  }

  test('says what is missing, and is added once that is given', async () => {
    const uploadId = await upload(xyz, files.leila, 'plot.xyz')
    const failed = async (input: object) => {
      const id = await asked({ uploadId, ...input })
      await runJobs(files.service)
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
    await runJobs(files.service)
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

  test('because the project is full is told at once, not tried again', async () => {
    const { projectId } = fromGlobalId('Project', files.projectId, 'id')
    const { superuser } = files.database
    await superuser.query('set session_replication_role = replica')
    await superuser.query(
      `insert into lidar_scans (user_id, project_id, added_by_user_id, name, lidar_geom, footprint)
       select $1, $2, $1, 'Filling', place, st_force2d(place)
       from generate_series(1, 10000), st_setsrid(st_makepoint(31, 30, 5), 4326) as place`,
      [files.leila.userId, projectId],
    )
    await superuser.query('reset session_replication_role')
    expect(await imported(las)).toMatchObject({
      status: 'FAILED',
      error: 'A project has 10,000 scans at most: delete some.',
      scan: null,
    })
    expect(await objects('scans')).toEqual([])
  })

  test('because nobody could add it within a day is given up', async () => {
    const id = await asked({ uploadId: await upload(las) })
    await files.database.admin.query('delete from graphile_worker._private_jobs')
    const inHours = (count: number) => ({ now: new Date(Date.now() + count * 3_600_000) })
    await runTask(files.service, 'end_lost_survey_work', inHours(23))
    expect((await importOf(id)).status).toBe('WAITING')
    await runTask(files.service, 'end_lost_survey_work', inHours(25))
    expect(await importOf(id)).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/Send the file again/) })
  })

  test('because the disk is full is tried again, and nothing of it stays meanwhile', async () => {
    const id = await asked({ uploadId: await upload(las) })
    // Where the points would be, nothing can be written.
    const blocked = path.join(files.service.home, 'objects', 'scans')
    await rm(blocked, { recursive: true, force: true })
    await writeFile(blocked, '')
    expect((await runJobs(files.service)).failed).toEqual(['import_scan'])
    await rm(blocked)
    expect(await importOf(id)).toMatchObject({ status: 'RUNNING', error: null, scan: null })
    await nothingKept()
    await again(id)
    expect(await importOf(id)).toMatchObject({ status: 'SUCCEEDED', isKnown: false })
  })

  test('whose project was deleted meanwhile, or is no longer shared', async () => {
    const id = await asked({ uploadId: await upload(las) })
    await files.surveys.project('deleteProject', { projectId: files.projectId }, files.leila)
    await runJobs(files.service)
    await files.surveys.project('restoreProject', { projectId: files.projectId }, files.leila)
    expect(await importOf(id)).toMatchObject({
      status: 'FAILED',
      error: 'The project is gone, or you may no longer write in it: nothing was added.',
    })
    await nothingKept()
  })

  test('whose upload is another’s, for something else, or not there yet', async () => {
    const theirs = await upload(las, await newUser(files.database, 'Budi'))
    expect(outcome(await add({ uploadId: theirs }))).toBe('NOT_FOUND')
    const { uploadId } = await requestUpload()
    expect(outcome(await add({ uploadId }))).toBe('CONFLICT UPLOAD_NOT_COMPLETE')
    const entries = await files.surveys.ask(
      files.leila,
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
