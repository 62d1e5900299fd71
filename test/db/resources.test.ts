import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newWorld, only, type Person, refusal, type World } from './world.ts'

let world: World
let leila: Person
let budi: Person
beforeAll(async () => {
  world = await newWorld()
  leila = await world.newPerson('leila')
  budi = await world.newPerson('budi')
})
afterAll(() => world.stop())

const make = (person: Person, columns: Record<string, unknown>, owner = person) => {
  const row: Record<string, unknown> = { user_id: owner.id, type: 'book', name: 'A name', ...columns }
  const names = Object.keys(row)
  return person.query(
    `insert into resources (${names}) values (${names.map((_, index) => `$${index + 1}`)}) returning resource_id`,
    Object.values(row),
  )
}

test('RES-1 the policies alone show a resource to its owner, and let nobody else write or change one', async () => {
  const id = only(await make(budi, { name: 'Nobody’s business', metadata: '{"a": {"b": 1}}' }))
  await world.admin("update users set role = 'admin' where user_id = $1", [leila.id])
  expect(await leila.query('select from resources', [], [budi])).toEqual([])
  expect(await leila.query(`select find_resources('{"a": {"b": 1}}') as id`, [], [budi])).toEqual([])
  expect(await budi.query(`select find_resources('{"a": {"b": 1}}') as id`)).toEqual([{ id }])
  await leila.query("update resources set name = 'Mine'")
  expect(await budi.query('select name from resources')).toEqual([{ name: 'Nobody’s business' }])
  expect(await refusal(make(leila, {}, budi))).toBe('42501')
  expect(await refusal(budi.query('delete from resources'))).toBe('42501')
})

test('a sensitive one has its content in the cipher text alone, and no other has a cipher text', async () => {
  const sealed = { is_sensitive: true, ciphertext: '1.key.c2VhbGVk', key_id: 'key' }
  const refused = (columns: Record<string, unknown>) => refusal(make(leila, columns))
  expect(await refused(sealed)).toBe('accepted')
  expect(await refused({ ...sealed, description: 'open' })).toBe('23514 resources_sensitive_check')
  expect(await refused({ ...sealed, metadata: '{"open": 1}' })).toBe('23514 resources_sensitive_check')
  expect(await refused({ is_sensitive: true })).toBe('23514 resources_sensitive_check')
  expect(await refused({ ...sealed, is_sensitive: false })).toBe('23514 resources_sensitive_check')
  expect(await refused({ ...sealed, key_id: 'other' })).toBe('23514 resources_key_id_check')
  expect(await refused({ ...sealed, ciphertext: 'open', key_id: '' })).toBe('23514 resources_ciphertext_check')
  expect(await refused({ metadata: '[]' })).toBe('23514 resources_metadata_check')
  expect(await refused({ metadata: `{"a": [${'1e300,'.repeat(1_000)}0]}` })).toBe('23514 resources_metadata_check')
  expect(await refused({ name: ' ' })).toBe('23514 resources_name_check')
})

test('RES-1 what can be found is what is there and not sensitive, as the view of sources has it', async () => {
  const sara = await world.newPerson('sara')
  const found = async (text: string) =>
    (await sara.query(`select object_id from find_documents($1, '{resource}')`, [text])).length
  // The seed's expression, name || ' ' || description, is null where one of them is.
  const id = only(await make(sara, { name: 'رياض الصالحين', description: null }))
  expect(await found('رِيَاضُ')).toBe(1)
  await sara.query("update resources set description = 'A collection of hadith'")
  expect(await found('collections')).toBe(1)
  const seal = "description = null, is_sensitive = true, ciphertext = '1.key.c2VhbGVk', key_id = 'key'"
  await sara.query(`update resources set ${seal}`)
  expect([await found('رياض'), await found('collection'), await found('-nothing')]).toEqual([0, 0, 0])
  await sara.query('update resources set is_sensitive = false, ciphertext = null, key_id = null')
  expect(await found('رياض')).toBe(1)
  await sara.query('update resources set deleted_at = now() where resource_id = $1', [id])
  expect(await found('رياض')).toBe(0)
  const { rows } = await world.database.superuser.query(
    `select count(*) from (
       (select user_id, kind, object_id, on_date from search_sources except select user_id, kind, object_id, on_date from search_documents)
       union all
       (select user_id, kind, object_id, on_date from search_documents except select user_id, kind, object_id, on_date from search_sources)
     ) as different`,
  )
  expect(rows).toEqual([{ count: '0' }])
})

test('a change raises the version and the owner’s number, and is audited without the content; sealing anew is none', async () => {
  const yusuf = await world.newPerson('yusuf')
  await make(yusuf, { name: 'A book', description: 'the first secret', metadata: '{"secret": 1}' })
  const change = (assignment: string) => yusuf.query(`update resources set ${assignment} returning version`)
  expect(only(await change("name = 'A book'"))).toBe(1)
  expect(only(await change("description = 'another secret'"))).toBe(2)
  const seal = "description = null, metadata = '{}', is_sensitive = true, ciphertext = '1.key.secret', key_id = 'key'"
  expect(only(await change(seal))).toBe(3)
  const { rows: anew } = await world.database.admin.query(
    "update resources set ciphertext = '1.next.secret', key_id = 'next' where user_id = $1 returning version",
    [yusuf.id],
  )
  expect(anew).toEqual([{ version: 3 }])
  const { rows } = await world.database.admin.query(
    "select coalesce(old_values::text, '') || new_values::text as text from audit_log where table_name = 'resources' and user_id = $1",
    [yusuf.id],
  )
  expect(rows).toHaveLength(3)
  expect(rows.filter(({ text }) => text.includes('secret'))).toEqual([])
})

test('metadata are found by their index, and a type’s page by its own, whatever others keep', async () => {
  const { superuser } = world.database
  await superuser.query("set session_replication_role = 'replica'")
  await superuser.query(
    `insert into resources (user_id, type, name, metadata)
     select owner, 'type ' || n % 5, 'n', jsonb_build_object('place', jsonb_build_object('shelf', n % 500))
     from unnest(array[$1, 9000001, 9000002]::bigint[]) as owner, generate_series(1, 5000) as n`,
    [leila.id],
  )
  await superuser.query("set session_replication_role = 'origin'")
  await superuser.query('analyze resources')
  const plan = async (text: string) =>
    (await superuser.query(`explain ${text}`)).rows.map((row) => row['QUERY PLAN']).join('\n')
  const wanted = `owned_metadata(user_id, metadata) @> owned_metadata(${leila.id}, '{"place": {"shelf": 7}}')`
  const byMetadata = await plan(`select resource_id from resources where ${wanted} and user_id = ${leila.id}`)
  expect(byMetadata).toContain('resources_metadata_idx')
  expect(await leila.query(`select count(*) from find_resources('{"place": {"shelf": 7}}')`)).toEqual([{ count: '10' }])
  const page = (condition: string) =>
    plan(
      `select * from resources where user_id = ${leila.id} ${condition} order by created_at desc, resource_id desc limit 21`,
    )
  expect(await page("and type = 'type 1'")).toMatch(/resources_(type|created)_idx/)
  expect(await page('')).toContain('resources_created_idx')
})
