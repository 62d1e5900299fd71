// What no single migration of surveys shows: the lint of policies and functions, and the plans of the search.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type pg from 'pg'
import { connected, type TestDatabase } from '../support/database.ts'
import { newUser, type TestPerson } from '../support/people.ts'
import { describeWithPostgis, newPostgisDatabase } from '../support/postgis.ts'

describeWithPostgis('the tables of surveys', () => {
  let database: TestDatabase
  let superuser: pg.Client
  let leila: TestPerson
  const rows = async (text: string, values: unknown[] = []) => (await superuser.query(text, values)).rows
  beforeAll(async () => {
    database = await newPostgisDatabase()
    superuser = database.superuser
    leila = await newUser(database, 'Leila')
  }, 60_000)
  afterAll(() => database.stop())

  const tables = `select c.oid, relname::text as name from pg_class as c
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and relname not like 'kysely%'
      and not exists (select from pg_depend where objid = c.oid and deptype = 'e')`

  test('row-level security is on and forced, and no policy is doubled, for everybody, or reads deleted_at', async () => {
    expect((await rows(tables)).length).toBeGreaterThan(40)
    expect(await rows(`${tables} and not (relrowsecurity and relforcerowsecurity)`)).toEqual([])
    const doubled = await rows(`
      select tablename, role, command from pg_policies
      cross join unnest(roles) as role
      cross join unnest(case cmd when 'ALL' then '{SELECT,INSERT,UPDATE,DELETE}' else array[cmd] end) as command
      group by 1, 2, 3 having count(*) > 1`)
    expect(doubled).toEqual([])
    const policies = await rows('select tablename, roles::text[], qual, with_check from pg_policies')
    expect(
      policies.filter(
        ({ roles, qual, with_check }) => roles.includes('public') || /deleted_at/.test(`${qual}${with_check}`),
      ),
    ).toEqual([])
    const ofApp = policies.filter(({ roles }) => roles.includes('kitaab_app'))
    expect(ofApp.filter(({ qual, with_check }) => qual === 'true' || with_check === 'true')).toEqual([])
  })

  test('the application deletes nowhere, and sees nothing without a viewer', async () => {
    const granted = await rows(`
      select name from (${tables}) as t where has_table_privilege('kitaab_app', t.oid, 'delete, truncate')`)
    expect(granted).toEqual([])
    await superuser.query('insert into projects (user_id, name) values ($1, $2)', [leila.userId, 'Delta'])
    for (const { name } of await rows(tables)) {
      const [{ readable }] = await rows(
        `select has_any_column_privilege('kitaab_app', 'public.${name}', 'select') as readable`,
      )
      if (!readable) continue
      const seen = await superuser.query(`begin; set local role kitaab_app; select from ${name}; rollback`)
      expect((seen as unknown as { rowCount: number }[])[2]?.rowCount).toBe(0)
    }
  })

  test('keys begin with the owner, and what hangs from a row of an owner is the same owner’s', async () => {
    const wrong = await rows(`
      select conrelid::regclass::text as table, conname from pg_constraint
      join pg_class as child on child.oid = conrelid
      where contype in ('p', 'f') and relname in ('projects', 'project_permissions', 'lidar_scans', 'scan_imports', 'scan_moves', 'calculations',
          'calculation_scans', 'hillshades') and confrelid <> 'users'::regclass
        and conkey[1] <> (select attnum from pg_attribute where attrelid = conrelid and attname = 'user_id')
        and conname <> 'scan_imports_upload_fkey'`)
    expect(wrong).toEqual([])
  })

  /** The plan of a search, as the function carries it out; of a statement of the application's role. */
  async function planOf(conditions: Record<string, string>): Promise<string> {
    const names = ['projects', 'box', 'beyond', 'shape', 'place', 'metres', 'from', 'to', 'data', 'tier']
    const types = [
      'bigint[]',
      'geometry',
      'geometry',
      'geometry',
      'geography',
      'float8',
      'timestamptz',
      'timestamptz',
      'jsonb',
      'storage_tier',
    ]
    const given = names.map((name, at) => conditions[name] ?? `null::${types[at]}`)
    const client = await connected(database.connections.forAdministrator())
    const told: string[] = []
    client.on('notice', ({ message }) => told.push(message ?? ''))
    try {
      await client.query("load 'auto_explain'")
      await client.query(
        "set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_level = 'notice'",
      )
      await client.query(`begin; set local role kitaab_app; set local app.user_id = '${leila.userId}'`)
      await client.query(`select count(*) from find_scans(${given.join(', ')})`)
      await client.query('rollback')
    } finally {
      await client.end()
    }
    return told.find((message) => /return query|scan\.user_id/.test(message)) ?? told.join('\n')
  }

  test('SUR-1 a search by place goes by GiST, by data by GIN, and a span of time over all by BRIN', async () => {
    const { rows: made } = await superuser.query(
      'insert into projects (user_id, name) values ($1, $2) returning project_id',
      [leila.userId, 'World'],
    )
    await superuser.query("set session_replication_role = 'replica'")
    await superuser.query(
      `insert into lidar_scans (user_id, project_id, name, captured_at, scan_data, lidar_geom, footprint, added_by_user_id)
       select $1, $2, 'n', timestamptz '2020-01-01' + n * interval '1 hour', jsonb_build_object('flight', n % 2000),
         st_force3dz(place), place, $1
       from generate_series(1, 20000) as n
       cross join lateral (select st_setsrid(st_makepoint((n * 7) % 360 - 180, (n * 11) % 160 - 80), 4326) as place) as placed`,
      [leila.userId, made[0].project_id],
    )
    await superuser.query("set session_replication_role = 'origin'")
    await superuser.query('analyze lidar_scans')
    const box = 'st_makeenvelope(10, 10, 11, 11, 4326)'
    expect(await planOf({ box })).toMatch(/lidar_scans_footprint_idx/)
    expect(await planOf({ shape: box })).toMatch(/lidar_scans_footprint_idx/)
    const place = 'st_setsrid(st_makepoint(10, 10), 4326)::geography'
    expect(await planOf({ place, metres: '1000' })).toMatch(/lidar_scans_geography_idx/)
    expect(await planOf({ data: `'{"flight": 7}'` })).toMatch(/lidar_scans_data_idx/)
    const all = (
      await rows(`explain select from lidar_scans where captured_at >= '2020-03-01' and captured_at < '2020-03-02'`)
    )
      .map((row) => row['QUERY PLAN'])
      .join('\n')
    expect(all).toContain('lidar_scans_captured_brin')
  })
})
