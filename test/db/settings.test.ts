import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newWorld, only, type Person, refusal, type World } from './world.ts'

let world: World
let leila: Person
let budi: Person
let admin: Person
beforeAll(async () => {
  world = await newWorld()
  leila = await world.newPerson('leila')
  budi = await world.newPerson('budi')
  admin = await world.newPerson('admin')
  await world.admin("update users set role = 'admin' where user_id = $1", [admin.id])
})
afterAll(() => world.stop())

const own = (person: Person, key: string, value: string, owner = person) =>
  person.query('insert into user_settings (user_id, key, value) values ($1, $2, $3::jsonb) returning version', [
    owner.id,
    key,
    value,
  ])
const ofService = (person: Person, key: string, value: string, isPublic = true) =>
  person.query('insert into settings (key, value, is_public) values ($1, $2::jsonb, $3) returning version', [
    key,
    value,
    isPublic,
  ])

test('SET-1 the policies alone let administrators write for everybody, and show others what is public', async () => {
  expect(await refusal(ofService(leila, 'mine', '1'))).toBe('42501')
  await ofService(admin, 'open', '1')
  await ofService(admin, 'closed', '1', false)
  expect(await leila.query('select key from settings')).toEqual([{ key: 'open' }])
  expect(await admin.query('select key from settings order by key')).toEqual([{ key: 'closed' }, { key: 'open' }])
  await leila.query("update settings set value = '2'")
  expect(await leila.query('select value from settings')).toEqual([{ value: 1 }])
  expect(await leila.query('select key from setting_history')).toEqual([])
  expect(await refusal(admin.query("update setting_history set value = '2'"))).toBe('42501')
  expect(await refusal(world.admin("update setting_history set value = '2'"))).toMatch(/append_only$/)
})

test('SET-1 the policies alone show one’s own settings to their owner', async () => {
  await own(budi, 'theme', '"dark"')
  expect(await budi.query('select key from user_settings')).toEqual([{ key: 'theme' }])
  expect(await leila.query('select key from user_settings', [], [budi])).toEqual([])
  expect(await admin.query('select key from user_settings', [], [budi])).toEqual([])
  await leila.query("update user_settings set value = '1'")
  expect(await budi.query('select value from user_settings')).toEqual([{ value: 'dark' }])
  expect(await refusal(own(leila, 'forged', '1', budi))).toBe('42501')
  expect(await refusal(budi.query('delete from user_settings'))).toBe('42501')
})

test('a value is of JSON, but null, and no larger than it was when it came', async () => {
  const refused = async (key: string, value: string) => refusal(own(leila, key, value))
  expect(await refused('none', 'null')).toBe('23514 user_settings_value_check')
  expect(await refused('wide', `[${'1e300,'.repeat(1_000)}0]`)).toBe('23514 user_settings_value_check')
  expect(await refused('deep', '{"a": null}')).toBe('accepted')
  for (const key of ['', 'A', '1', 'a.', 'a..b', 'a b', `a${'b'.repeat(100)}`, 'ä'])
    expect([key, await refused(key, '1')]).toEqual([key, '23514 user_settings_key_check'])
  expect(await refused(`a${'b'.repeat(99)}`, '1')).toBe('accepted')
  expect(await refused('a.b-c.D_e.1', '1')).toBe('accepted')
})

test('there are 200 of one’s own, and 1 MB in all of them', async () => {
  const yusuf = await world.newPerson('yusuf')
  const many = (from: number, to: number, value = '1') =>
    yusuf.query(
      `insert into user_settings (user_id, key, value)
       select $1, 'k' || n, $4::jsonb from generate_series($2::int, $3::int) as n`,
      [yusuf.id, from, to, value],
    )
  expect(await refusal(many(1, 201))).toMatch(/too_many_user_settings$/)
  await many(1, 200)
  expect(await refusal(many(201, 201))).toMatch(/too_many_user_settings$/)
  await yusuf.query("update user_settings set deleted_at = now() where key = 'k1'")
  expect(await refusal(many(201, 201))).toBe('accepted')
  expect(await refusal(yusuf.query("update user_settings set deleted_at = null where key = 'k1'"))).toMatch(
    /too_many_user_settings$/,
  )
  const large = JSON.stringify('x'.repeat(120_000))
  const grow = (count: number) =>
    yusuf.query('update user_settings set value = $1::jsonb where key = any ($2)', [
      large,
      Array.from({ length: count }, (_, index) => `k${index + 2}`),
    ])
  await grow(8)
  expect(await refusal(grow(9))).toMatch(/user_settings_too_large$/)
})

test('a change raises the version and the owner’s number, and is audited without the value', async () => {
  const sara = await world.newPerson('sara')
  expect(only(await own(sara, 'zoom', '"a secret"'))).toBe(1)
  const change = (assignment: string) => sara.query(`update user_settings set ${assignment} returning version`)
  expect(only(await change(`value = '"a secret"'`))).toBe(1)
  expect(only(await change(`value = '"another secret"'`))).toBe(2)
  expect(only(await change('deleted_at = now()'))).toBe(3)
  expect(await sara.query("select op from change_log where entity = 'UserSetting' order by seq")).toEqual([
    { op: 'created' },
    { op: 'updated' },
    { op: 'deleted' },
  ])
  const { rows } = await world.database.admin.query(
    `select record_id, old_values ->> 'value' as before, new_values ->> 'value' as after from audit_log
     where table_name = 'user_settings' and user_id = $1 order by audit_log_id`,
    [sara.id],
  )
  expect(rows).toEqual([
    { record_id: 'zoom', before: null, after: 'after' },
    { record_id: 'zoom', before: 'before', after: 'after' },
    { record_id: 'zoom', before: null, after: null },
  ])
})
