import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { fromGlobalId, toGlobalId } from '../../src/platform/graphql/global-ids.ts'
import { addressOf, kitaab, startKitaab } from '../support/command.ts'
import { connected, newDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/diaries.ts'
import { temporaryHomes } from '../support/homes.ts'
import { lasFile } from '../support/las-writer.ts'
import { lazFile } from '../support/laz-writer.ts'
import { newUser, type TestPerson } from '../support/people.ts'
import { describeWithPostgis, newPostgisDatabase } from '../support/postgis.ts'
import { temporaryFiles } from '../support/temporary-files.ts'

/** A square of ten metres in UTM zone 36 N, near Cairo. */
const points = Array.from(
  { length: 121 },
  (_, index) => [330_000 + (index % 11), 3_325_000 + Math.floor(index / 11), 20] as const,
)
const las = lasFile({ points, geoKeys: [[3072, 32_636]], created: [2024, 60] })
const xyz = points.map((point) => point.join(' ')).join('\n')

const homes = temporaryHomes()
let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  files = await temporaryFiles()
})
afterAll(async () => {
  homes.removeAll()
  await files.removeAll()
})

function settingsFor({ connections }: TestDatabase, home: string) {
  return {
    DATABASE_URL: addressOf(connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(connections, 'kitaab_auth'),
    DATABASE_WORKER_URL: addressOf(connections, 'kitaab_worker'),
    DATABASE_ADMIN_URL: addressOf(connections, 'kitaab_admin'),
    KITAAB_HOME: home,
  }
}

async function addressOfPerson({ admin }: TestDatabase, { userId }: TestPerson): Promise<string> {
  return (await admin.query('select email from users where user_id = $1', [userId])).rows[0].email
}

describeWithPostgis('a file of points that the command line brings', () => {
  let database: TestDatabase
  let home: string
  let leila: TestPerson
  let email: string
  beforeAll(async () => {
    database = await newPostgisDatabase()
  }, 60_000)
  afterAll(() => database.stop())
  beforeEach(async () => {
    home = homes.newHome()
    leila = await newUser(database, 'Leila')
    email = await addressOfPerson(database, leila)
  })

  async function newProject(name: string, owner = leila): Promise<string> {
    const { rows } = await database.superuser.query(
      'insert into projects (user_id, name) values ($1, $2) returning project_id',
      [owner.userId, name],
    )
    return toGlobalId('Project', { ownerId: owner.userId, projectId: rows[0].project_id })
  }
  const argumentsOf = (format: string, project: string, args: readonly string[]) => [
    ...['import', '--format', format, '--user', email, '--project', project],
    ...args,
  ]
  const bring = (format: string, project: string, ...args: string[]) =>
    kitaab(argumentsOf(format, project, args), settingsFor(database, home))
  const scans = async () =>
    (
      await database.superuser.query(
        'select scan_id, name, captured_at, project_id, added_by_user_id from lidar_scans where user_id = $1 order by scan_id',
        [leila.userId],
      )
    ).rows
  /** Of the store, what is not whole among them. */
  async function objects(): Promise<string[]> {
    const found = await readdir(path.join(home, 'objects'), { recursive: true, withFileTypes: true }).catch(() => [])
    return found.filter((entry) => entry.isFile()).map(({ name }) => name)
  }

  test('SUR-1 becomes a scan of the project, whose report is that of the file; it is known again, also by another name', async () => {
    const project = await newProject('Delta')
    const file = await files.write('north bed.las', las)
    expect(await bring('las', 'delta', file, '--dry-run')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(
        /It would become a scan of the project "Delta"\. This was a dry run: nothing was written\.\n$/,
      ),
    })
    expect([await scans(), await objects()]).toEqual([[], []])

    const done = await bring('las', 'delta', file, '--json')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    const report = JSON.parse(done.stdout)
    expect(report).toEqual({
      dryRun: false,
      project: { id: project, name: 'Delta' },
      scan: { id: expect.any(String) },
      isKnown: false,
      file: {
        ...{ fileName: 'north bed.las', format: 'las', formatVersion: '1.2', bytes: las.length, pointCount: 121 },
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        crs: 'EPSG:32636',
        bounds: [330_000, 3_325_000, 20, 330_010, 3_325_010, 20],
      },
    })
    const { scanId } = fromGlobalId('Scan', report.scan.id, 'id')
    expect(await scans()).toEqual([
      expect.objectContaining({ scan_id: scanId, name: 'north bed', added_by_user_id: leila.userId }),
    ])
    expect(await objects()).toHaveLength(1)

    const again = await bring('laz', project, await files.write('copy.las', las))
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        `has this file already: it is the scan ${report.scan.id}, and nothing was added.`,
      ),
    })
    expect([(await scans()).length, (await objects()).length]).toEqual([1, 1])
  })

  test('gets the name, the time and the coordinate system that are given', async () => {
    const project = await newProject('Delta')
    const given = ['--name', 'Wall', '--captured-at', '2026-03-01T09:30:00+02:00', '--crs', 'EPSG:32636']
    expect(await bring('xyz', project, await files.write('wall.xyz', xyz), ...given)).toMatchObject({ code: 0 })
    const [scan] = await scans()
    expect(scan.name).toBe('Wall')
    expect(new Date(scan.captured_at)).toEqual(new Date('2026-03-01T07:30:00Z'))
  })

  test('goes into a project of somebody else’s that is shared to be written in, and into no other', async () => {
    const budi = await newUser(database, 'Budi')
    // As if she had asked, and he had accepted.
    await database.superuser.query('set session_replication_role = replica')
    const { rows } = await database.superuser.query(
      `insert into relations (requester_id, requestee_id, sent_to, status, responded_at) values ($1, $2, 'Budi', 'accepted', now()) returning relation_id`,
      [leila.userId, budi.userId],
    )
    const share = async (project: string, type: string) =>
      database.superuser.query(
        `insert into project_permissions (user_id, project_id, relation_id, requester_id, permission_type)
         values ($1, $2, $3, $4, $5)`,
        [budi.userId, fromGlobalId('Project', project, 'id').projectId, rows[0].relation_id, leila.userId, type],
      )
    await share(await newProject('Open', budi), 'write')
    await share(await newProject('To be seen', budi), 'read')
    await newProject('Closed', budi)
    await database.superuser.query('reset session_replication_role')
    const file = await files.write('plot.las', las)
    const refused = await bring('las', 'To be seen', file)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^There is no project "To be seen" .*:\n {2}\S+ {2}Open \(Budi\)\n$/)
    expect(await bring('las', 'Open', file)).toMatchObject({ code: 0 })
  })

  test('is refused with what to do, and nothing of it stays', async () => {
    const file = await files.write('plot.las', las)
    expect(await bring('las', 'Delta', file)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^This person has no project, .*`createProject` first\.\n$/),
    })
    const ids = [await newProject('Delta'), await newProject('DELTA')]
    const twice = await bring('las', 'Delta', file)
    expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining('Several projects are called "Delta"') })
    for (const id of ids) expect(twice.stderr).toContain(id)
    const project = ids[0] as string
    const broken = await bring('las', project, await files.write('broken.las', las.subarray(0, 1000)), '--json')
    expect(broken).toMatchObject({ code: 1, stderr: '' })
    expect(JSON.parse(broken.stdout)).toEqual({
      dryRun: false,
      error: expect.stringMatching(/^At byte 1000: The file ends here/),
    })
    const text = await files.write('plot.xyz', `${xyz}\n1 2 three\n`)
    expect((await bring('xyz', project, text, '--crs', 'EPSG:32636')).stderr).toMatch(/^In line 122: z is `three`/)
    expect((await bring('laz', project, text)).stderr).toContain('A LAZ file begins with `LASF`')
    expect((await bring('las', project, path.join(files.folder, 'none.las'))).stderr).toMatch(
      /^There is no file .*none\.las/,
    )
    expect([await scans(), await objects()]).toEqual([[], []])
  }, 60_000)

  test('whose project was named is refused with every other format, and no project with this one', async () => {
    const file = await files.write('plot.laz', lazFile({ points, wkt: 'LOCAL_CS["somewhere"]' }))
    expect(await bring('loop', 'Delta', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('las, laz, xyz alone'),
    })
    expect(
      await kitaab(['import', '--format', 'laz', '--user', email, file], settingsFor(database, home)),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--project'),
    })
  })

  test('leaves nothing when Ctrl-C stops it at the last moment', async () => {
    const project = await newProject('Delta')
    const blocker = await connected(database.connections.forRole('kitaab_admin'))
    await blocker.query('begin')
    await blocker.query('select from owner_state where user_id = $1 for update', [leila.userId])
    const file = await files.write('plot.las', las)
    const { child, outcome, stderr } = startKitaab(argumentsOf('las', project, [file]), settingsFor(database, home))
    // The points are stored, and it waits to write the row that names them.
    await until(
      database,
      "exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')",
    )
    expect(await objects()).toHaveLength(1)
    child.kill('SIGINT')
    while (!stderr().includes('Stopping')) await new Promise((resolve) => child.stderr?.once('data', resolve))
    await blocker.end()
    expect(await outcome).toEqual({ code: 130, stdout: '', stderr: 'Stopping ...\nStopped: nothing was added.\n' })
    expect([await scans(), await objects()]).toEqual([[], []])
  })
})

test('without PostGIS the command says what is missing', async () => {
  const database = await newDatabase()
  try {
    const leila = await newUser(database, 'Leila')
    const email = await addressOfPerson(database, leila)
    const file = await files.write('plot.las', las)
    const args = ['import', '--format', 'las', '--user', email, '--project', 'Delta', file]
    expect(await kitaab(args, settingsFor(database, homes.newHome()))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Surveys need PostGIS, which the database does not have. "npm run kitaab -- doctor" says what to do.\n',
    })
  } finally {
    await database.stop()
  }
})
