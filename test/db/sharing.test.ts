import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import {
  answer,
  befriend,
  grant,
  newDeed,
  newItem,
  newScale,
  newWorld,
  type Person,
  record,
  refusal,
  request,
  revoke,
  type World,
} from './world.ts'

let world: World
let leila: Person
let budi: Person
let stranger: Person
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila_${count}`)
  budi = await world.newPerson(`budi_${count}`)
  stranger = await world.newPerson(`stranger_${count}`)
})

const removed = (person: Person, relationId: string, by = person) =>
  refusal(
    person.query('update relations set deleted_at = now(), deleted_by = $2 where relation_id = $1', [
      relationId,
      by.id,
    ]),
  )

/** A deed of Leila's with a three-level tree: prayer > fajr > sunnah, and evening beside it. */
async function prayers() {
  const deedId = await newDeed(leila, 'Prayer')
  const prayer = await newItem(leila, deedId, 'Prayer')
  const fajr = await newItem(leila, deedId, 'Fajr', prayer)
  const sunnah = await newItem(leila, deedId, 'Sunnah', fajr)
  const evening = await newItem(leila, deedId, 'Evening')
  return { deedId, prayer, fajr, sunnah, evening }
}

const itemsSeen = async (viewer: Person, owners: Person[] = [leila]) =>
  (await viewer.query('select deed_item_id from deed_items order by deed_item_id', [], owners)).map(
    (row) => row.deed_item_id,
  )

test('SHA-3 only the owner grants, on an item of theirs, in an accepted relation', async () => {
  const { fajr } = await prayers()
  const pending = await request(stranger, leila)
  expect(await refusal(grant(leila, stranger, pending, fajr))).toBe('KT409 relation_not_accepted')
  const relationId = await befriend(budi, leila)
  expect(await refusal(grant({ ...budi, id: leila.id }, budi, relationId, fajr))).toBe('42501')
  const his = await newItem(budi, await newDeed(budi, 'Running'), 'Run')
  expect(await refusal(grant(leila, budi, relationId, his))).toBe('KT404 item_not_found')
  expect(await refusal(grant(leila, stranger, relationId, fajr))).toBe('23503 permissions_relation_fkey')
  expect(await refusal(grant(leila, budi, relationId, fajr, { backfillDays: -1 }))).toBe(
    '23514 permissions_backfill_check',
  )
  expect(await refusal(grant(leila, budi, relationId, fajr, { expiresAt: '2020-01-01' }))).toBe(
    '23514 permissions_expires_check',
  )
})

test('SHA-3 a permission is closed and followed by its next version', async () => {
  const { fajr } = await prayers()
  const relationId = await befriend(budi, leila)
  const first = await grant(leila, budi, relationId, fajr)
  expect(await refusal(grant(leila, budi, relationId, fajr))).toBe('23505 permissions_active_key')
  expect(await refusal(world.admin("update permissions set permission_type = 'write'"))).toBe('KT409 permission_closed')
  await revoke(leila, first)
  expect(await refusal(world.admin('update permissions set is_active = true, revoked_at = null'))).toBe(
    'KT409 permission_closed',
  )
  const second = await grant(leila, budi, relationId, fajr, { type: 'write' })
  expect(await leila.query('select version_number from permissions where permission_id = $1', [second])).toEqual([
    { version_number: 2 },
  ])
})

test('a relation has at most 100 permissions', async () => {
  const deedId = await newDeed(leila, 'Many')
  const relationId = await befriend(budi, leila)
  await leila.query(
    "insert into deed_items (user_id, deed_id, name) select $1, $2, 'item ' || n from generate_series(1, 101) as n",
    [leila.id, deedId],
  )
  const grantAll = (limit: number) =>
    leila.query(
      `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type)
       select user_id, $2, $3, deed_item_id, 'read' from deed_items where user_id = $1 and deed_item_id not in (select deed_item_id from permissions) limit $4`,
      [leila.id, relationId, budi.id, limit],
    )
  expect(await refusal(grantAll(101))).toBe('KT409 too_many_permissions')
  expect(await refusal(grantAll(100))).toBe('accepted')
  expect(await refusal(grantAll(1))).toBe('KT409 too_many_permissions')
})

test('SHA-4 a private item is not granted, a granted one not made private; one below a private one may be', async () => {
  const { prayer, fajr, sunnah } = await prayers()
  const relationId = await befriend(budi, leila)
  const hide = (itemId: string, isPrivate = true) =>
    refusal(leila.query('update deed_items set is_private = $2 where deed_item_id = $1', [itemId, isPrivate]))
  expect(await hide(fajr)).toBe('accepted')
  expect(await refusal(grant(leila, budi, relationId, fajr))).toBe('KT409 item_is_private')
  await grant(leila, budi, relationId, prayer)
  expect(await hide(prayer)).toBe('KT409 item_is_private')
  expect(await itemsSeen(budi)).toEqual([prayer])
  const below = await grant(leila, budi, relationId, sunnah)
  expect(await itemsSeen(budi)).toEqual([prayer, sunnah])
  await revoke(leila, below)
  expect(await hide(fajr, false)).toBe('accepted')
  expect(await itemsSeen(budi)).toEqual([prayer, fajr, sunnah])
})

test('SHA-6 a grant shows the item, what is below it, its deed and scales, and nothing beside', async () => {
  const { prayer, fajr, sunnah } = await prayers()
  const scaled = await newDeed(leila, 'Mood', 'scale')
  const { scaleId, valueIds } = await newScale(leila, scaled, ['low', 'high'])
  const mood = await newItem(leila, scaled, 'Mood')
  await newDeed(leila, 'Unshared')
  const relationId = await befriend(budi, leila)
  await grant(leila, budi, relationId, fajr)
  await grant(leila, budi, relationId, mood, { descendants: false })
  await newItem(leila, scaled, 'Below', mood)
  expect(await itemsSeen(budi)).toEqual([fajr, sunnah, mood])
  expect((await budi.query('select name from deeds order by deed_id', [], [leila])).map((row) => row.name)).toEqual([
    'Prayer',
    'Mood',
  ])
  expect(await budi.query('select scale_id from scales', [], [leila])).toEqual([{ scale_id: scaleId }])
  expect(
    (await budi.query('select scale_value_id from scale_values order by 1', [], [leila])).map(
      (row) => row.scale_value_id,
    ),
  ).toEqual(valueIds)
  await record(leila, leila, sunnah, '2026-03-01', 2)
  await record(leila, leila, prayer, '2026-03-01', 3)
  for (const table of ['entries', 'entry_history'])
    expect(await budi.query(`select deed_item_id from ${table}`, [], [leila])).toEqual([{ deed_item_id: sunnah }])
  for (const table of ['goals', 'goal_items', 'deletions', 'change_log', 'audit_log', 'sessions'])
    expect(await budi.query(`select from ${table} where user_id = $1`, [leila.id], [leila])).toEqual([])
})

test('SHA-8 an owner not declared shows nothing, and a stranger sees nothing of a declared one', async () => {
  const { prayer } = await prayers()
  await record(leila, leila, prayer, '2026-03-01', 2)
  const relationId = await befriend(budi, leila)
  await grant(leila, budi, relationId, prayer, { type: 'write' })
  expect(await itemsSeen(budi, [])).toEqual([])
  expect(await itemsSeen(budi, [stranger])).toEqual([])
  expect(await itemsSeen(stranger)).toEqual([])
  for (const table of [
    'deeds',
    'deed_items',
    'scales',
    'scale_values',
    'entries',
    'entry_history',
    'item_access',
    'permissions',
    'relations',
  ])
    expect(await stranger.query(`select from ${table}`, [], [leila, budi])).toEqual([])
  expect(await stranger.query('select lock_owner($1) as seq', [leila.id], [leila])).toEqual([{ seq: null }])
})

test('SHA-7 write is recording: not items, deeds, scales, grants or goals', async () => {
  const { deedId, fajr, evening } = await prayers()
  const relationId = await befriend(budi, leila)
  await grant(leila, budi, relationId, fajr, { type: 'write' })
  expect(await refusal(record(budi, leila, fajr, '2026-03-01', 1))).toBe('accepted')
  expect(await refusal(record(budi, leila, evening, '2026-03-01', 1))).toBe('42501')
  expect(await budi.query("update deed_items set name = 'x' returning 1", [], [leila])).toEqual([])
  expect(await budi.query("update deeds set name = 'x' returning 1", [], [leila])).toEqual([])
  const insertItem = budi.query(
    "insert into deed_items (user_id, deed_id, parent_deed_item_id, name) values ($1, $2, $3, 'x')",
    [leila.id, deedId, fajr],
    [leila],
  )
  expect(await refusal(insertItem)).toBe('42501')
  const reader = await befriend(stranger, leila)
  await grant(leila, stranger, reader, fajr)
  expect(await refusal(record(stranger, leila, fajr, '2026-03-02', 1))).toBe('42501')
  expect(
    await stranger.query(
      'update entries set count_value = 9, updated_by_user_id = $1 returning 1',
      [stranger.id],
      [leila],
    ),
  ).toEqual([])
})

test('SHA-9 revoking, blocking, removing and the clock each end access at once', async () => {
  const { prayer, fajr, sunnah } = await prayers()
  const all = [prayer, fajr, sunnah]
  const first = await befriend(budi, leila)
  await revoke(
    leila,
    await grant(leila, budi, first, prayer).then(async (id) => {
      expect(await itemsSeen(budi)).toEqual(all)
      return id
    }),
  )
  expect(await itemsSeen(budi)).toEqual([])
  await grant(leila, budi, first, prayer)
  expect(await itemsSeen(budi)).toEqual(all)
  await removed(budi, first)
  expect(await itemsSeen(budi)).toEqual([])
  const second = await befriend(budi, leila)
  expect(await itemsSeen(budi)).toEqual([])
  await grant(leila, budi, second, prayer)
  await answer(leila, second, 'blocked')
  expect(await itemsSeen(budi)).toEqual([])
  expect(await leila.query('select is_active from permissions where is_active')).toEqual([])

  const third = await befriend(stranger, leila)
  const permission = await grant(leila, stranger, third, fajr, { type: 'write', notes: true })
  await world.admin(
    "update item_access set expires_at = now() - interval '1 second', write_expires_at = now() - interval '1 second', notes_expires_at = now() - interval '1 second'",
  )
  expect(await itemsSeen(stranger)).toEqual([])
  expect(
    await stranger.query(
      'select app_writable_items() as w, app_items_with_notes() as n, app_readable_deeds() as d, lock_owner($1) as l',
      [leila.id],
      [leila],
    ),
  ).toEqual([{ w: [], n: [], d: [], l: null }])
  await revoke(leila, permission)

  // A job that erases somebody deletes rows outright.
  await grant(leila, stranger, third, prayer)
  expect(await itemsSeen(stranger)).toEqual(all)
  await world.admin('delete from permissions where relation_id = $1', [third])
  expect(await itemsSeen(stranger)).toEqual([])
})

test('SHA-6 who reads notes is those with whom they are shared', async () => {
  const { fajr, evening } = await prayers()
  const relationId = await befriend(budi, leila)
  await grant(leila, budi, relationId, fajr, { notes: true, descendants: false })
  await grant(leila, budi, relationId, evening)
  expect(await budi.query('select app_items_with_notes() as items', [], [leila])).toEqual([{ items: [fajr] }])
  expect(await budi.query('select app_items_with_notes() as items')).toEqual([{ items: [] }])
})
