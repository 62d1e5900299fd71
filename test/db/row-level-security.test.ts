// The lint of policies, over the catalogue: what no single migration shows.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newWorld, type Row, refusal, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())

/** Tables that no viewer has a part in. All others hold somebody's rows. */
const withoutPolicies = ['kysely_migration', 'kysely_migration_lock']

async function rows(text: string): Promise<Row[]> {
  return (await world.database.superuser.query(text)).rows
}
const tables = `select c.oid, relname::text as name, relkind, relispartition, relrowsecurity, relforcerowsecurity from pg_class as c
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
    and not relname = any ('{${withoutPolicies}}')`

test('row-level security is on and forced on every table and on every partition', async () => {
  const all = await rows(tables)
  expect(all.length).toBeGreaterThan(20)
  expect(all.filter((table) => !table.relrowsecurity || !table.relforcerowsecurity)).toEqual([])
})

test('a table has one permissive policy at most for each command and role', async () => {
  const doubled = await rows(`
    select tablename, role, command, count(*)
    from pg_policies
    cross join unnest(roles) as role
    cross join unnest(case cmd when 'ALL' then '{SELECT,INSERT,UPDATE,DELETE}' else array[cmd] end) as command
    where permissive = 'PERMISSIVE'
    group by 1, 2, 3 having count(*) > 1`)
  expect(doubled).toEqual([])
})

test('no policy is for everybody, and none lets the application see all rows', async () => {
  const policies = await rows('select tablename, policyname, roles::text[], cmd, qual, with_check from pg_policies')
  expect(policies.filter((policy) => policy.roles.includes('public'))).toEqual([])
  const ofApp = policies.filter((policy) => policy.roles.includes('kitaab_app'))
  expect(ofApp.filter((policy) => policy.qual === 'true' || policy.with_check === 'true')).toEqual([])
})

test('TREE-5 no policy reads deleted_at', async () => {
  const policies = await rows('select tablename, policyname, qual, with_check from pg_policies')
  expect(policies.filter((policy) => /deleted_at/.test(`${policy.qual} ${policy.with_check}`))).toEqual([])
})

test('a role has a policy for every command that it is granted, and the application deletes nowhere', async () => {
  const granted = await rows(`
    with granted as (
      select distinct t.name, acl.role, privilege
      from (${tables}) as t
      cross join lateral (
        select pg_get_userbyid(grantee)::text as role, privilege_type as privilege from pg_class, aclexplode(relacl) where pg_class.oid = t.oid
        union all
        select pg_get_userbyid(grantee)::text, privilege_type from pg_attribute, aclexplode(attacl) where attrelid = t.oid
      ) as acl
      where privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    )
    select granted.*, exists (
      select from pg_policies where tablename = granted.name and granted.role = any (roles) and cmd in ('ALL', privilege)
    ) as has_policy
    from granted`)
  expect(granted.filter((grant) => !grant.has_policy)).toEqual([])
  expect(granted.filter((grant) => grant.role === 'kitaab_app' && grant.privilege === 'DELETE')).toEqual([])
  expect(new Set(granted.map((grant) => grant.role))).toEqual(
    new Set(['kitaab_admin', 'kitaab_definer', 'kitaab_worker', 'kitaab_auth', 'kitaab_app']),
  )
  const ofAuth = granted
    .filter((grant) => grant.role === 'kitaab_auth' && grant.privilege === 'SELECT')
    .map((grant) => grant.name)
  expect(ofAuth.sort()).toEqual(['login_failures', 'one_time_tokens', 'sessions', 'users'])
})

test('partitions are reached through their table only', async () => {
  const partitions = (await rows(tables)).filter((table) => table.relispartition)
  expect(partitions.length).toBeGreaterThan(15)
  const open = await rows(`
    select t.name, acl.grantee::regrole from (${tables}) as t join pg_class on pg_class.oid = t.oid, aclexplode(relacl) as acl
    where t.relispartition and acl.grantee <> relowner`)
  expect(open).toEqual([])
  const leila = await world.newPerson('leila')
  expect(await refusal(leila.query('select from entries_before_2015'))).toBe('42501')
})

test('no role of ours is a superuser or bypasses row-level security, and only login roles log in', async () => {
  const roles = await rows(
    `select rolname::text as name, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin from pg_roles where rolname like 'kitaab%' order by 1`,
  )
  expect(roles.filter((role) => role.rolsuper || role.rolbypassrls || role.rolcreaterole)).toEqual([])
  expect(roles.filter((role) => !role.rolcanlogin).map((role) => role.name)).toEqual(['kitaab_definer'])
})

test('the application owns nothing, and views show what their reader may see', async () => {
  expect(
    await rows(`select relname from pg_class where relowner in ('kitaab_app'::regrole, 'kitaab_auth'::regrole)`),
  ).toEqual([])
  const views = await rows(
    `select relname::text as name, reloptions from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace`,
  )
  expect(views.length).toBeGreaterThan(0)
  // The one that has a condition on the viewer of its own, and columns that the application may not read in its table.
  const own = views.filter((view) => !view.reloptions.includes('security_invoker=true'))
  expect(own).toEqual([{ name: 'own_account', reloptions: ['security_barrier=true'] }])
})

test('without a viewer the application sees no row of any table', async () => {
  const leila = await world.newPerson('someone')
  await leila.query(
    "insert into deeds (user_id, category_type, name, measure_type) values ($1, 'hasanaat', 'Charity', 'count')",
    [leila.id],
  )
  const names = (await rows(tables)).filter((table) => !table.relispartition).map((table) => table.name)
  for (const name of names) {
    const [answer] = await rows(`select has_any_column_privilege('kitaab_app', 'public.${name}', 'select') as readable`)
    if (answer?.readable !== true) continue
    const seen = await world.database.superuser.query(`begin; set local role kitaab_app; select from ${name}; rollback`)
    expect((seen as unknown as Row[])[2]).toMatchObject({ rowCount: 0 })
  }
})
