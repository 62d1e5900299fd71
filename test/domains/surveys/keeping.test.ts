// What becomes of surveys that were deleted, and of those of people who leave; and what an archive tells of them.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { makeDomainDatabases } from '../../../src/databases.ts'
import { namedOnlyInSurveys, ownedSurveyTables } from '../../../src/domains/retention/queries/owned-survey-tables.ts'
import { namedOnly, ownedTables } from '../../../src/domains/retention/queries/owned-tables.ts'
import { surveyFiles } from '../../../src/domains/transfer/queries/archive/files.ts'
import { parseGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { makeLog } from '../../../src/platform/log.ts'
import type { TestDatabase } from '../../support/database.ts'
import { runTask } from '../../support/jobs.ts'
import { describeWithPostgis, newPostgisDatabase } from '../../support/postgis.ts'
import { type Sharer, type SharingWorld, sharingWorld } from '../../support/sharing.ts'
import { archiveOf, rowsIn, unpack } from '../transfer/archive/archives.ts'
import { square, surveysOf } from './requests.ts'

const inDays = (count: number) => new Date(Date.now() + count * 24 * 60 * 60 * 1000)

describeWithPostgis('keeping of surveys', () => {
  let database: TestDatabase
  let people: SharingWorld
  let world: ReturnType<typeof surveysOf>
  let leila: Sharer
  let budi: Sharer
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
  })

  const numberOf = (id: string, part: string) => parseGlobalId(id)?.parts[part] ?? ''

  /** A project of this owner's with two scans, shared with the other to write in, and something in every other table. */
  async function newSurvey(owner: Sharer, friend: Sharer, word: string) {
    const relationId = await people.befriend(friend, owner)
    const project = await world.newProject(owner, { name: word, metadata: { word } })
    await people.send(owner, 'shareProject', 'permission { id }', { projectId: project.id, relationId, type: 'WRITE' })
    const own = await world.newScan(owner, project.id, { name: `own ${word}`, data: { word } })
    const guest = await world.newScan(friend, project.id, { name: `guest ${word}`, geometry: square(32, 30) })
    const [projectId, scanId] = [numberOf(project.id, 'projectId'), numberOf(own.id, 'scanId')]
    await people.sql(
      `with upload as (insert into uploads (user_id, file_name) values ($1, 'a.laz') returning upload_id),
         imported as (
           insert into scan_imports (user_id, project_id, asked_by_user_id, upload_id, name, scan_id, is_known, status, finished_at)
           select $1, $2, $1, upload_id, $4, $3, true, 'succeeded', now() from upload
         ), moved as (
           insert into scan_moves (user_id, project_id, scan_id, kind, bytes) values ($1, $2, $3, 'archive', 5)
         ), shaded as (
           insert into hillshades (user_id, project_id, scan_id, asked_by_user_id, status, bounds, cell_size, finished_at)
           values ($1, $2, $3, $1, 'succeeded', '{31,30,32,31}', 0.5, now())
         ), calculated as (
           insert into calculations (user_id, project_id, kind, asked_by_user_id, parameters, inputs_hash, algorithm_version, result, status, finished_at)
           values ($1, $2, 'area', $1, '{"cellSize": "0.5"}', repeat('0', 64), 1, '{"squareMetres": "12.5"}', 'succeeded', now()) returning calculation_id
         )
       insert into calculation_scans (user_id, calculation_id, position, project_id, scan_id) select $1, calculation_id, 1, $2, $3 from calculated`,
      [owner.userId, projectId, scanId, word],
    )
    return { project, own, guest }
  }

  const countsOf = async ({ userId }: Sharer) => {
    const counts: Record<string, number> = {}
    for (const { table, owner } of ownedSurveyTables) {
      const [row] = await people.sql(`select count(*)::int as count from ${table} where ${owner} = $1`, [userId])
      counts[`${table}.${owner}`] = row?.count
    }
    return counts
  }

  test('whatever names a person is known to what erases accounts, in an order in which it can go', async () => {
    // When this fails: put the new table into `ownedSurveyTables`, before what its rows hang from, or its column into `namedOnlyInSurveys`.
    const { rows } = await database.superuser.query(`
      select pg_class.oid::regclass || '.' || attname as name
      from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
      where relnamespace in ('public'::regnamespace, 'reporting'::regnamespace) and relkind in ('r', 'p') and not relispartition and (
        attname ~ '(user_id|viewer_id|actor_id|author_id|requester_id|requestee_id|_by)$'
        or exists (select from pg_constraint
          where contype = 'f' and conrelid = pg_class.oid and confrelid = 'users'::regclass and conkey = array[attnum])
      )`)
    const all = [...ownedSurveyTables, ...ownedTables]
    const known = [...all.map(({ table, owner }) => `${table}.${owner}`), ...namedOnlyInSurveys, ...namedOnly]
    expect(rows.map(({ name }) => name).toSorted()).toEqual(known.toSorted())
    const { rows: hanging } = await database.superuser.query(`
      select child.relname as child, parent.relname as parent from pg_constraint
      join pg_class as child on child.oid = conrelid join pg_class as parent on parent.oid = confrelid
      where contype = 'f' and not child.relispartition and conrelid <> confrelid and parent.relname <> 'users'`)
    const place = (name: string) => all.findLastIndex(({ table }) => table === name)
    expect(hanging.filter(({ child, parent }) => place(child) === -1 || place(child) >= place(parent))).toEqual([])
  })

  test('an account that is erased takes its surveys along; what it added to others’ stays theirs', async () => {
    await newSurvey(leila, budi, 'leaverword')
    const { guest, project } = await newSurvey(budi, leila, 'budi')
    expect(Object.values(await countsOf(leila))).not.toContain(0)
    await people.sql("update users set closes_at = now() + interval '30 days' where user_id = $1", [leila.userId])
    await runTask(people.service, 'erase_accounts', { now: inDays(31) })
    expect(new Set(Object.values(await countsOf(leila)))).toEqual(new Set([0]))
    const [erased] = await people.sql('select status, closes_at from users where user_id = $1', [leila.userId])
    expect(erased).toEqual({ status: 'erased', closes_at: null })
    const told = await people.sql(
      `select from audit_log where user_id = $1 and (coalesce(old_values::text, '') || coalesce(new_values::text, '')) like '%leaverword%'`,
      [leila.userId],
    )
    expect(told).toEqual([])
    expect((await world.node(budi, guest.id)).data.node).toMatchObject({
      name: 'guest budi',
      project: { id: project.id },
    })
  })

  test('what was deleted is purged after 90 days, with what was made of it, and nothing else', async () => {
    const kept = await newSurvey(leila, budi, 'kept')
    const gone = await newSurvey(leila, await people.newPerson('Sara'), 'gone')
    await world.scan('deleteScan', { scanId: kept.own.id }, leila)
    await world.project('deleteProject', { projectId: gone.project.id }, leila)
    const before = await countsOf(leila)
    await runTask(people.service, 'forget_expired', { now: inDays(89) })
    expect(await countsOf(leila)).toEqual(before)
    await runTask(people.service, 'forget_expired', { now: inDays(91) })
    expect(await countsOf(leila)).toEqual({
      'project_permissions.user_id': 1,
      'project_permissions.requester_id': 0,
      'calculation_scans.user_id': 0,
      'calculations.user_id': 0,
      'hillshades.user_id': 0,
      'scan_moves.user_id': 0,
      'scan_imports.user_id': 0,
      'lidar_scans.user_id': 1,
      'projects.user_id': 1,
    })
    expect((await world.node(leila, kept.guest.id)).data.node).not.toBeNull()
  })

  test('an archive has projects, scans with their geometry, and calculations, which name each other by its numbers', async () => {
    const { project } = await newSurvey(leila, budi, 'archived')
    await newSurvey(budi, leila, 'another’s')
    const databases = makeDomainDatabases({ connections: database.connections, log: makeLog({ level: 'silent' }) })
    const files = await archiveOf(databases, leila.userId).then(unpack)
    await databases.stop()
    expect(rowsIn(files, 'projects')).toMatchObject([{ number: 1, name: 'archived', metadata: { word: 'archived' } }])
    expect(project.name).toBe('archived')
    expect(rowsIn(files, 'scans')).toMatchObject([
      {
        number: 1,
        project: 1,
        name: 'own archived',
        geometry: square(31, 30),
        addedBy: 'OWNER',
        storageTier: 'HOT',
        sha256: null,
      },
      { number: 2, project: 1, name: 'guest archived', addedBy: `@${budi.username}` },
    ])
    expect(rowsIn(files, 'calculations')).toMatchObject([
      { number: 1, project: 1, kind: 'AREA', result: { squareMetres: '12.5' }, status: 'SUCCEEDED' },
    ])
    expect(rowsIn(files, 'calculation_scans')).toEqual([{ calculation: 1, position: 1, scan: 1 }])
    expect(rowsIn(files, 'project_permissions')).toMatchObject([
      { project: 1, with: `@${budi.username}`, type: 'WRITE' },
    ])
    expect(rowsIn(files, 'scan_imports')).toMatchObject([{ project: 1, scan: 1, isKnown: true }])
    expect(rowsIn(files, 'hillshades')).toMatchObject([{ scan: 1, cellSize: '0.5', status: 'SUCCEEDED' }])
    expect(rowsIn(files, 'scan_moves')).toMatchObject([{ scan: 1, kind: 'ARCHIVE', askedBy: null }])
  })

  test('every table of surveys is exported, and each of its columns told, or left out with the reason', async () => {
    const tables = new Set(ownedSurveyTables.map(({ table }) => table))
    expect(new Set(surveyFiles.map(({ table }) => table))).toEqual(tables)
    const columns = await people.sql(`
      select table_name, array_agg(column_name::text) as names from information_schema.columns where table_schema = 'public' group by 1`)
    for (const { table, fields, leftOut = {} } of surveyFiles) {
      const there: string[] = columns.find((row) => row.table_name === table)?.names
      const told = [...fields.flatMap((field) => field.columns), ...Object.keys(leftOut)]
      expect([table, there.filter((name) => name !== 'user_id' && !told.includes(name))]).toEqual([table, []])
      expect([table, told.filter((name) => !there.includes(name))]).toEqual([table, []])
    }
    const enums = await people.sql(`
      select typname as name, array_agg(upper(enumlabel) order by enumsortorder) as labels
      from pg_enum join pg_type on pg_type.oid = enumtypid group by 1`)
    for (const { name, fields } of surveyFiles) {
      for (const { kind } of fields) {
        if (kind.is !== 'label') continue
        expect([name, kind.labels]).toEqual([name, enums.find((row) => row.name === kind.enum)?.labels])
      }
    }
  })
})
