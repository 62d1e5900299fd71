import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { befriend, grant, newDeed, newItem, newWorld, only, type Person, record, refusal, type World } from './world.ts'

let world: World
let leila: Person
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila_${count}`)
})

/** The changes of a person's answers since a number, oldest first. */
async function changesOf(person: Person, since = 0) {
  const rows = await person.query(
    'select entity, key, op, version, actor_id from change_log where user_id = $1 and seq > $2 order by seq',
    [person.id, since],
  )
  return rows.map((row) => `${row.entity} ${row.op}`)
}
const number = async (person: Person) =>
  Number(only(await person.query('select change_seq from owner_state where user_id = $1', [person.id])))

test('DASH-2 every change to what an owner’s answers show raises their number, an update that changes nothing does not', async () => {
  const start = await number(leila)
  const deedId = await newDeed(leila, 'Reading')
  const itemId = await newItem(leila, deedId, 'Pages')
  await record(leila, leila, itemId, '2026-03-01', 1)
  await leila.query("update deeds set name = 'Reading' where deed_id = $1", [deedId])
  await leila.query("update deeds set name = 'Books' where deed_id = $1", [deedId])
  await leila.query("update users set full_name = 'L' where user_id = $1", [leila.id])
  await leila.query('update entries set deleted_at = now() where deed_item_id = $1', [itemId])
  expect(await changesOf(leila, start)).toEqual([
    'Deed created',
    'DeedItem created',
    'Entry created',
    'Deed updated',
    'User updated',
    'Entry deleted',
  ])
  expect(await number(leila)).toBe(start + 6)
})

test('DASH-2 relations and permissions raise the numbers of both sides, an entry its owner’s alone', async () => {
  const budi = await world.newPerson(`budi_${count}`)
  const itemId = await newItem(leila, await newDeed(leila, 'Reading'), 'Pages')
  const [hers, his] = [await number(leila), await number(budi)]
  const relationId = await befriend(budi, leila)
  await grant(leila, budi, relationId, itemId, { type: 'write' })
  await record(budi, leila, itemId, '2026-03-01', 1)
  expect(await changesOf(leila, hers)).toEqual([
    'Relation created',
    'Relation updated',
    'Permission created',
    'Entry created',
  ])
  expect(await changesOf(budi, his)).toEqual(['Relation created', 'Relation updated', 'Permission created'])
  expect(await leila.query("select actor_id from change_log where entity = 'Entry'")).toEqual([{ actor_id: budi.id }])
})

test('a change that is rolled back leaves no number', async () => {
  const start = await number(leila)
  const broken = leila.transaction(async (query) => {
    await query(
      "insert into deeds (user_id, category_type, name, measure_type) values ($1, 'hasanaat', 'x', 'count')",
      [leila.id],
    )
    await query('select 1 / 0')
  })
  expect(await refusal(broken)).toBe('22012')
  expect(await number(leila)).toBe(start)
})

test('the audit log says who did what from where, without secrets', async () => {
  await world.admin(`set app.user_id = '${leila.id}'`)
  await world.admin("set app.ip = '192.0.2.7'")
  await world.admin("set app.request_id = 'request-1'")
  await world.admin("update users set password_hash = 'secret-hash', role = 'support' where user_id = $1", [leila.id])
  await world.admin('reset all')
  const [row] = await leila.query(
    "select actor_id, action_type, record_id, old_values, new_values, ip_address, request_id from audit_log where action_type = 'users.updated'",
  )
  expect(row).toEqual({
    actor_id: leila.id,
    action_type: 'users.updated',
    record_id: leila.id,
    old_values: { role: 'member', password_hash: 'before' },
    new_values: { role: 'support', password_hash: 'after' },
    ip_address: '192.0.2.7',
    request_id: 'request-1',
  })
  const all = await world.admin('select old_values::text || new_values::text as text from audit_log')
  expect(all.filter((change) => /hash":\s*"(?!before|after)/.test(change.text))).toEqual([])
})

test('the logs are append-only, for every role', async () => {
  const itemId = await newItem(leila, await newDeed(leila, 'Reading'), 'Pages')
  await record(leila, leila, itemId, '2026-03-01', 1)
  for (const [table, assignment] of [
    ['audit_log', "action_type = 'test.other'"],
    ['audit_log', "new_values = '{}'"],
    ['audit_log', "ip_address = '192.0.2.99'"],
    ['change_log', 'user_id = user_id'],
    ['entry_history', 'version = version + 1'],
    ['entry_history', "old_values = '{}'"],
  ] as const) {
    expect(await refusal(leila.query(`update ${table} set ${assignment}`))).toBe('42501')
    expect(await refusal(leila.query(`delete from ${table}`))).toBe('42501')
    expect(await refusal(world.admin(`update ${table} set ${assignment}`))).toBe('KT409 append_only')
  }
  // What they tell can be taken out of them, by the worker: what was done stays.
  const blank = 'old_values = null, new_values = null, ip_address = null'
  for (const table of ['audit_log', 'entry_history']) {
    expect(await refusal(leila.query(`update ${table} set ${blank}`))).toBe('42501')
    expect(await refusal(world.admin(`update ${table} set ${blank} where user_id = ${leila.id}`))).toBe('accepted')
  }
  const forged = leila.query("insert into audit_log (user_id, actor_id, action_type) values ($1, $2, 'test.done')", [
    leila.id,
    (await world.newPerson(`other_${count}`)).id,
  ])
  expect(await refusal(forged)).toBe('42501')
  expect(
    await refusal(
      leila.query("insert into audit_log (user_id, actor_id, action_type) values ($1, $1, 'test.done')", [leila.id]),
    ),
  ).toBe('accepted')
  expect(
    await refusal(
      leila.query("insert into change_log (user_id, seq, entity, key, op) values ($1, 999, 'Deed', '1', 'created')", [
        leila.id,
      ]),
    ),
  ).toBe('42501')
})

test('ENT-6 one view has what was audited and the history of entries', async () => {
  const deedId = await newDeed(leila, 'Reading')
  const itemId = await newItem(leila, deedId, 'Pages')
  await record(leila, leila, itemId, '2026-03-01', 1)
  const actions = await leila.query(
    'select action_type, record_id from audit_trail where user_id = $1 order by action_type',
    [leila.id],
  )
  expect(actions).toEqual([
    { action_type: 'deed_items.created', record_id: itemId },
    { action_type: 'deeds.created', record_id: deedId },
    { action_type: 'entries.created', record_id: `${itemId}:2026-03-01` },
    { action_type: 'users.created', record_id: leila.id },
  ])
})

test('partitions reach three years ahead, a month at a time for a year in the change log, without a default one', async () => {
  const spans = await world.admin(
    `select inhparent::regclass::text as parent, pg_get_expr(relpartbound, oid) as bound from pg_inherits join pg_class on oid = inhrelid where relkind = 'r'`,
  )
  expect(spans.filter((span) => span.bound === 'DEFAULT')).toEqual([])
  const until = (parent: string) =>
    spans
      .filter((span) => span.parent === parent)
      .map((span) => /TO \('(\S+)/.exec(span.bound)?.[1] ?? '')
      .sort()
      .at(-1)
  const year = new Date().getUTCFullYear()
  for (const parent of ['entries', 'entry_history', 'audit_log']) expect(until(parent)).toContain(`${year + 4}-01-01`)
  const month = new Date()
  month.setUTCMonth(month.getUTCMonth() + 13, 1)
  expect(until('change_log')).toContain(month.toISOString().slice(0, 7))
  expect(spans.filter((span) => span.parent === 'entries').map((span) => span.bound)).toContain(
    "FOR VALUES FROM (MINVALUE) TO ('2015-01-01')",
  )
})

test('ensure_partitions makes what is missing, and leaves alone what was archived', async () => {
  await world.database.superuser.query('create schema archive authorization kitaab_admin')
  await world.admin('alter table entries_2015 set schema archive')
  const last = `entries_${new Date().getUTCFullYear() + 3}`
  await world.admin(`drop table ${last}`)
  await leila.query('select ensure_partitions()')
  expect(
    await world.admin("select to_regclass('public.entries_2015') as copy, to_regclass($1) is not null as made", [last]),
  ).toEqual([{ copy: null, made: true }])
  expect(
    await world.admin('select relrowsecurity, relforcerowsecurity from pg_class where relname = $1', [last]),
  ).toEqual([{ relrowsecurity: true, relforcerowsecurity: true }])
  const itemId = await newItem(leila, await newDeed(leila, 'Reading'), 'Pages')
  expect(await refusal(record(leila, leila, itemId, '2015-06-01', 1))).toBe('accepted')
  expect(await leila.query('select entry_date from entries')).toEqual([{ entry_date: '2015-06-01' }])
})
