import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newDeed, newItem, newWorld, type Person, type Row, record, type World } from './world.ts'

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
  const itemId = await newItem(leila, await newDeed(leila, 'A private deed'), 'A private item')
  await record(leila, leila, itemId, '2026-03-01', 7)
  await leila.query(
    "insert into reflection_messages (user_id, reflection_date, type, message) values ($1, '2026-03-01', 'general', 'A private page')",
    [leila.id],
  )
})
afterAll(() => world.stop())

interface Search {
  readonly concerned?: string
  readonly acting?: string
  readonly action?: string
  readonly table?: string
  readonly since?: string
  readonly until?: string
  readonly behind?: readonly [at: string, source: string, id: string]
  readonly most?: number
}

function search(reader: Person, { behind = ['', '', ''], ...asked }: Search): Promise<Row[]> {
  const conditions = [asked.concerned, asked.acting, asked.action, asked.table, asked.since, asked.until, ...behind]
  return reader.query(
    `select *, created_at::text as at from audit_events_for_admins($1, $2, $3, $4, $5, $6, nullif($7, '')::timestamptz, nullif($8, ''),
      nullif($9, '')::bigint, $10)`,
    [...conditions.map((condition) => condition ?? null), asked.most ?? 100],
  )
}

test('administrators search the log, and nobody else does', async () => {
  expect((await search(admin, {})).length).toBeGreaterThan(5)
  expect(await search(leila, { concerned: leila.id })).toEqual([])
  for (const role of ['support', 'analyst', 'member']) {
    await world.admin('update users set role = $2 where user_id = $1', [budi.id, role])
    expect(await search(budi, {})).toEqual([])
  }
  await world.admin("update users set role = 'admin', status = 'suspended' where user_id = $1", [budi.id])
  expect(await search(budi, {})).toEqual([])
})

test('of what people wrote and recorded only the names of columns are told, of accounts their state', async () => {
  const events = await search(admin, { concerned: leila.id })
  const actions = events.map((event) => event.action_type)
  expect(actions).toEqual(
    expect.arrayContaining([
      'deeds.created',
      'deed_items.created',
      'entries.created',
      'reflection_messages.created',
      'users.created',
    ]),
  )
  expect(JSON.stringify(events)).not.toContain('A private')
  const ofDiary = events.filter((event) => event.table_name !== 'users')
  for (const event of ofDiary) expect([event.old_values ?? {}, event.new_values ?? {}]).toEqual([{}, {}])
  expect(events.find((event) => event.table_name === 'entries')?.changed).toEqual(['count_value'])
  expect(events.find((event) => event.table_name === 'users')).toMatchObject({
    changed: expect.arrayContaining(['full_name', 'role', 'time_zone']),
    new_values: {
      email: 'leila@kitaab.example',
      username: 'leila',
      email_verified: true,
      role: 'member',
      status: 'active',
    },
  })
})

test('by person, actor, action, table and time', async () => {
  const only = async (asked: Search) => [...new Set((await search(admin, asked)).map((event) => event.action_type))]
  expect(await only({ concerned: leila.id, action: 'deeds.created' })).toEqual(['deeds.created'])
  expect(await only({ concerned: leila.id, table: 'entries' })).toEqual(['entries.created'])
  expect(await only({ table: 'entries' })).toEqual(['entries.created'])
  expect(await only({ acting: leila.id, action: 'entries.created' })).toEqual(['entries.created'])
  expect(await only({ acting: budi.id, table: 'entries' })).toEqual([])
  expect(await only({ acting: leila.id, table: 'reflection_messages' })).toEqual(['reflection_messages.created'])
  expect(await only({ acting: admin.id })).toEqual([])
  expect(await only({ until: '2026-01-01' })).toEqual([])
  expect(await only({ concerned: leila.id, since: '2100-01-01' })).toEqual([])
})

test('page by page, from one end to the other, nothing twice and nothing left out', async () => {
  const all = await search(admin, { concerned: leila.id })
  const found: Row[] = []
  for (let behind: Search['behind']; ; ) {
    const [next] = await search(admin, { concerned: leila.id, most: 1, ...(behind && { behind }) })
    if (!next) break
    found.push(next)
    behind = [next.at, next.source, next.event_id]
  }
  const places = (rows: readonly Row[]) => rows.map((row) => `${row.at} ${row.source} ${row.event_id}`)
  expect(places(found)).toEqual(places(all))
  expect(new Set(places(all)).size).toBe(all.length)
})

/** So many changes of Budi's in his own diary, and one of his in Leila's before them all. */
async function manyChanges(count: number) {
  await world.database.superuser.query(
    `begin;
     set local session_replication_role = replica;
     insert into entry_history (user_id, deed_item_id, entry_date, action, new_values, changed_by_user_id, changed_at, origin, version)
     select ${leila.id}, 1, date '2026-03-02', 'updated'::entry_action, '{"count_value": 5}'::jsonb, ${budi.id}, now() - interval '1 day', 'manual'::entry_origin, 1
     union all
     select ${budi.id}, 2, '2026-03-02', 'created', '{"count_value": 6}', ${budi.id}, now() - n * interval '1 second', 'bulk', 1
     from generate_series(1, ${count}) as n;
     commit;
     analyze entry_history`,
  )
}

test('the history of entries is found over everybody, by few pages of indexes', async () => {
  await manyChanges(20_000)
  const found = await search(admin, { acting: budi.id, action: 'entries.updated' })
  expect(found.map((event) => [event.user_id, event.actor_id, event.changed, event.new_values])).toEqual([
    [leila.id, budi.id, ['count_value'], {}],
  ])
  expect(await search(admin, { table: 'entries', most: 3 })).toHaveLength(3)
  const since = new Date(Date.now() - 60_000).toISOString()
  expect(await search(admin, { table: 'entries', since, action: 'entries.updated' })).toEqual([])
  for (const [concerned, acting] of [
    [null, null],
    [null, budi.id],
    [null, leila.id],
    [budi.id, null],
    [leila.id, budi.id],
  ]) {
    const [plan] = await admin.query(
      `explain (analyze, buffers, format json)
       select from audit_events_for_admins($1, $2, null, 'entries', null, null, null, null, null, 20)`,
      [concerned, acting],
    )
    const read = plan?.['QUERY PLAN'][0].Plan
    expect([concerned, acting, read['Shared Hit Blocks'] + read['Shared Read Blocks'] < 200]).toEqual([
      concerned,
      acting,
      true,
    ])
  }
})
