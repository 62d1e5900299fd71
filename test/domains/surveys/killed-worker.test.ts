// A worker in a process of its own, killed in the middle of long work: the next one does it again.
import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { addressOf, startKitaab } from '../../support/command.ts'
import { connected } from '../../support/database.ts'
import { until } from '../../support/diaries.ts'
import { runJobs } from '../../support/jobs.ts'
import { newUser } from '../../support/people.ts'
import { describeWithPostgis } from '../../support/postgis.ts'
import { temporaryFiles } from '../../support/temporary-files.ts'
import { cone, sampled } from './rules/clouds.ts'
import { las, withScanFiles } from './scan-files/scan-files-world.ts'
import { newScanOf } from './scanned.ts'

describeWithPostgis('a worker of surveys that is killed', () => {
  const { files, upload, asked, importOf, objects, scanCount } = withScanFiles()
  let temporary: Awaited<ReturnType<typeof temporaryFiles>>
  beforeEach(async () => {
    temporary = await temporaryFiles()
  })
  afterEach(() => temporary.removeAll())

  /** Has a worker do what waits, and kills it once it is about to write so. `when`: of a trigger. */
  async function workUntilKilled(table: string, event: string, when: string): Promise<void> {
    const { superuser, connections } = files.database
    await superuser.query(`
      create function wait_for_the_test() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(1, 2);
        return new;
      end $$;
      grant execute on function wait_for_the_test() to public;
      create trigger wait_for_the_test before ${event} on ${table} for each row when (${when}) execute function wait_for_the_test()`)
    const blocker = await connected(connections.forRole('kitaab_admin'))
    await blocker.query('select pg_advisory_lock(1, 2)')
    const { child, outcome } = startKitaab(['worker'], {
      DATABASE_URL: addressOf(connections, 'kitaab_app'),
      DATABASE_AUTH_URL: addressOf(connections, 'kitaab_auth'),
      DATABASE_WORKER_URL: addressOf(connections, 'kitaab_worker'),
      DATABASE_DIRECT_URL: addressOf(connections, 'kitaab_worker'),
      KITAAB_HOME: files.service.home,
      TMPDIR: temporary.folder,
    })
    try {
      await until(
        files.database,
        `exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory')`,
      )
    } finally {
      child.kill('SIGKILL')
      await outcome
      await blocker.end()
    }
    // It waits until the killed one's session is over, too.
    await superuser.query(`drop trigger wait_for_the_test on ${table}; drop function wait_for_the_test()`)
  }

  /** As another worker does by itself within half a minute: see the tests of the command. */
  async function freeJobsOfTheDead(): Promise<void> {
    const { rows } = await files.database.admin.query(
      `select graphile_worker.force_unlock_workers(array_agg(locked_by)) from (
         select locked_by from graphile_worker._private_jobs union select locked_by from graphile_worker._private_job_queues
       ) as held where locked_by is not null having count(*) > 0`,
    )
    expect(rows).toHaveLength(1)
  }

  test('SUR-1 while it adds a file has that done by the next one, once, and leaves no points that no scan names', async () => {
    const id = await asked({ uploadId: await upload(las) })
    await workUntilKilled('lidar_scans', 'insert', 'true')
    // The points were stored, and nobody names them.
    expect([await scanCount(), (await objects('scans')).length]).toEqual([0, 1])
    expect(await importOf(id)).toMatchObject({ status: 'RUNNING', scan: null })
    expect(await readdir(temporary.folder)).toEqual([expect.stringMatching(/^kitaab-scratch-/)])
    await freeJobsOfTheDead()
    expect((await runJobs(files.service)).failed).toEqual([])
    expect(await importOf(id)).toMatchObject({
      status: 'SUCCEEDED',
      progress: 1,
      isKnown: false,
      scan: { name: 'Plot' },
    })
    expect([await scanCount(), (await objects('scans')).length, await objects('uploads')]).toEqual([1, 1, []])
  }, 60_000)

  test.each([
    ['before it reads the points', 'lidar_scans', 'new.last_read_at is not null', 'RUNNING'],
    ['when it tells how far it is', 'calculations', 'new.progress > 0', 'RUNNING'],
    // What the database was told it still does: then the next worker finds the result.
    ['as it writes the result', 'calculations', 'new.result is not null', 'SUCCEEDED'],
  ])(
    'SUR-1 while it works something out, %s, has that done by the next one, which comes to the same',
    async (_, table, when, status) => {
      const points = sampled(cone(5, 3), 6, 0.25).map(([x, y, z]) => [x + 330_000, y + 3_320_000, z] as const)
      async function requestVolume(as: typeof files.leila, projectId: string): Promise<string> {
        const scan = await newScanOf(files.service, projectId, points)
        const { data, errors } = await files.surveys.ask(
          as,
          'mutation ($input: RequestCalculationInput!) { requestCalculation(input: $input) { calculation { id } } }',
          { input: { projectId, kind: 'VOLUME', scanIds: [scan], cellSize: 0.5, baseHeight: 1 } },
        )
        expect(errors ?? []).toEqual([])
        return data.requestCalculation.calculation.id
      }
      const seen = async (as: typeof files.leila, id: string) =>
        (
          await files.surveys.ask(
            as,
            `query ($id: ID!) { node(id: $id) { ... on Calculation {
            status progress error isRepeated result { ... on VolumeResult { cut fill net occupiedCells } } } } }`,
            { id },
          )
        ).data.node
      const id = await requestVolume(files.leila, files.projectId)
      await workUntilKilled(table, 'update', when)
      expect(await seen(files.leila, id)).toMatchObject({ status })
      await freeJobsOfTheDead()
      expect((await runJobs(files.service)).failed).toEqual([])
      // Somebody else's, which nobody disturbed.
      const budi = await newUser(files.database, 'Budi')
      const undisturbed = await requestVolume(budi, (await files.surveys.newProject(budi)).id)
      await runJobs(files.service)
      const expected = await seen(budi, undisturbed)
      expect(expected).toMatchObject({ status: 'SUCCEEDED', isRepeated: false, result: { cut: expect.any(Number) } })
      expect(await seen(files.leila, id)).toEqual(expected)
    },
    60_000,
  )
})
