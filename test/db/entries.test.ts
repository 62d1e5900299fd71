import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import {
  befriend,
  grant,
  newDeed,
  newItem,
  newScale,
  newWorld,
  only,
  type Person,
  record,
  refusal,
  type World,
} from './world.ts'

let world: World
let leila: Person
let budi: Person
let deedId: string
let pages: string
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newPerson(`leila_${count}`)
  budi = await world.newPerson(`budi_${count}`)
  deedId = await newDeed(leila, 'Reading')
  pages = await newItem(leila, deedId, 'Pages')
})

const insert = (values: Record<string, unknown>) => {
  const row: Record<string, unknown> = { user_id: leila.id, deed_item_id: pages, entry_date: '2026-03-01', ...values }
  const names = Object.keys(row)
  return refusal(
    leila.query(`insert into entries (${names}) values (${names.map((_, n) => `$${n + 1}`)})`, Object.values(row)),
  )
}
const clear = (date: string) =>
  leila.query(
    'update entries set deleted_at = now(), updated_by_user_id = $2 where deed_item_id = $1 and entry_date = $3',
    [pages, leila.id, date],
  )
const history = (person = leila) =>
  person.query(
    'select action, old_values, new_values, changed_by_user_id as by, origin, version from entry_history order by changed_at, entry_history_id',
    [],
    [leila],
  )
const number = async () =>
  Number(only(await leila.query('select change_seq from owner_state where user_id = $1', [leila.id])))

test('ENT-1 an entry has exactly one of count and scale value, by its deed’s measure', async () => {
  const scaled = await newDeed(leila, 'Prayer', 'scale')
  const fajr = await newItem(leila, scaled, 'Fajr')
  const { scaleId, valueIds } = await newScale(leila, scaled, ['no', 'yes'])
  const value = { scale_id: scaleId, scale_value_id: valueIds[1] }
  expect(await insert({})).toBe('23514 entries_value_check')
  expect(await insert({ count_value: 1, ...value })).toBe('23514 entries_value_check')
  expect(await insert({ scale_value_id: valueIds[1] })).toBe('23514 entries_scale_check')
  expect(await insert(value)).toBe('KT400 measure_mismatch')
  expect(await insert({ deed_item_id: fajr, count_value: 1 })).toBe('KT400 measure_mismatch')
  expect(await insert({ deed_item_id: fajr, ...value })).toBe('accepted')
  expect(await insert({ count_value: 0 })).toBe('accepted')
})

test('ENT-1 counts are from 0, notes at most 4000 characters, days from 1900 to what there are partitions for', async () => {
  expect(await insert({ count_value: -0.001 })).toBe('23514 entries_count_check')
  expect(await insert({ count_value: '1000000000' })).toMatch(/^22003/)
  expect(await insert({ count_value: 1, notes: 'x'.repeat(4001) })).toBe('23514 entries_notes_check')
  expect(await insert({ count_value: 1, entry_date: '1899-12-31' })).toBe('23514 entries_date_check')
  expect(await insert({ count_value: 1, entry_date: '2999-01-01' })).toBe('23514')
  expect(await insert({ count_value: '999999999.999', entry_date: '1900-01-01', notes: 'x'.repeat(4000) })).toBe(
    'accepted',
  )
})

test('ENT-1 a measure is fixed once the deed has an entry, be it a cleared one', async () => {
  const change = (to: string) =>
    refusal(leila.query('update deeds set measure_type = $2 where deed_id = $1', [deedId, to]))
  expect(await change('scale')).toBe('accepted')
  expect(await change('count')).toBe('accepted')
  await record(leila, leila, pages, '2026-03-01', 1)
  expect(await change('scale')).toBe('KT409 measure_fixed')
  await clear('2026-03-01')
  expect(await change('scale')).toBe('KT409 measure_fixed')
})

test('ENT-2 one entry per item and day, and an unchanged write changes nothing', async () => {
  expect(await record(leila, leila, pages, '2026-03-01', 5)).toMatchObject([{ version: 1, count_value: '5.000' }])
  const before = await number()
  expect(await record(leila, leila, pages, '2026-03-01', 5)).toEqual([])
  expect(await number()).toBe(before)
  expect(await record(leila, leila, pages, '2026-03-01', 6, 'more')).toMatchObject([{ version: 2 }])
  expect(await number()).toBe(before + 1)
  expect(await history()).toHaveLength(2)
  expect(await insert({ count_value: 1 })).toMatch(/^23505 entries_2026_pkey/)
})

test('ENT-2 the key of an entry never changes, nor who made it', async () => {
  await record(leila, leila, pages, '2026-03-01', 5)
  expect(await refusal(leila.query("update entries set entry_date = '2026-03-02'"))).toBe('42501')
  expect(
    await refusal(world.admin("update entries set entry_date = '2026-03-02' where user_id = $1", [leila.id])),
  ).toBe('KT400 entry_key_fixed')
  await world.admin('update entries set created_by_user_id = $2, version = 9, count_value = 7 where user_id = $1', [
    leila.id,
    budi.id,
  ])
  expect(await leila.query('select created_by_user_id as by, version from entries')).toEqual([
    { by: leila.id, version: 2 },
  ])
})

test('ENT-2 a cleared day keeps its row, and recording it again revives that', async () => {
  await record(leila, leila, pages, '2026-03-01', 5)
  await clear('2026-03-01')
  expect(await leila.query('select count_value, deleted_at is null as live, version from entries')).toEqual([
    { count_value: '5.000', live: false, version: 2 },
  ])
  expect(await record(leila, leila, pages, '2026-03-01', 5)).toMatchObject([{ version: 3 }])
})

test('ENT-6 every change writes who, what it was and what it is', async () => {
  await record(leila, leila, pages, '2026-03-01', 5)
  await record(leila, leila, pages, '2026-03-01', 6, 'on the train')
  await clear('2026-03-01')
  await record(leila, leila, pages, '2026-03-01', 2)
  const change = { by: leila.id, origin: 'manual' }
  expect(await history()).toEqual([
    { ...change, action: 'created', old_values: null, new_values: { count_value: 5 }, version: 1 },
    {
      ...change,
      action: 'updated',
      old_values: { count_value: 5 },
      new_values: { count_value: 6, notes: 'on the train' },
      version: 2,
    },
    {
      ...change,
      action: 'cleared',
      old_values: { count_value: 6, notes: 'on the train' },
      new_values: null,
      version: 3,
    },
    { ...change, action: 'restored', old_values: null, new_values: { count_value: 2 }, version: 4 },
  ])
})

test('ENT-6 one statement over many entries writes the history of each that changed, and numbers them without a gap', async () => {
  const before = await number()
  const write = (factor: number) =>
    leila.transaction(async (query) => {
      await query("select set_config('app.origin', 'imported', true)")
      await query(
        `insert into entries (user_id, deed_item_id, entry_date, count_value) select $1, $2, date '2025-12-01' + n, n % $3 from generate_series(0, 299) as n
         on conflict (user_id, deed_item_id, entry_date) do update set count_value = excluded.count_value, updated_by_user_id = excluded.updated_by_user_id, origin = excluded.origin
         where entries.count_value is distinct from excluded.count_value`,
        [leila.id, pages, factor],
      )
    })
  await write(2)
  await write(3)
  const [row] = await leila.query(
    `select count(*)::int as rows, count(distinct entry_date)::int as days, count(*) filter (where action = 'updated')::int as updated, min(origin::text) as origin from entry_history`,
  )
  // n % 2 and n % 3 differ for two of six.
  const changed = Array.from({ length: 300 }, (_, n) => n).filter((n) => n % 2 !== n % 3).length
  expect(row).toEqual({ rows: 300 + changed, days: 300, updated: changed, origin: 'imported' })
  expect(await number()).toBe(before + 300 + changed)
  const numbers = (await leila.query('select seq::int from change_log order by seq')).map((change) => change.seq)
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => n + 1))
})

test('ENT-7 a delegate’s entry is the owner’s, and names who wrote it', async () => {
  const relationId = await befriend(budi, leila)
  await grant(leila, budi, relationId, pages, { type: 'write' })
  expect(await record(budi, leila, pages, '2026-03-01', 1)).toMatchObject([
    { created_by_user_id: budi.id, updated_by_user_id: budi.id },
  ])
  expect(await record(leila, leila, pages, '2026-03-01', 2)).toMatchObject([
    { created_by_user_id: budi.id, updated_by_user_id: leila.id },
  ])
  expect(await record(budi, leila, pages, '2026-03-01', 3)).toMatchObject([
    { created_by_user_id: budi.id, updated_by_user_id: budi.id },
  ])
  const asLeila = (column: string) =>
    refusal(
      budi.query(
        `insert into entries (user_id, deed_item_id, entry_date, count_value, ${column}) values ($1, $2, '2026-03-05', 1, $1)`,
        [leila.id, pages],
        [leila],
      ),
    )
  expect(await asLeila('created_by_user_id')).toBe('42501')
  expect(await asLeila('updated_by_user_id')).toBe('42501')
  expect(
    await refusal(budi.query('update entries set count_value = 8, updated_by_user_id = $1', [leila.id], [leila])),
  ).toBe('42501')
  expect(await history(budi)).toHaveLength(3)
})

test('ENT-7 pinning the writer alone is not enough: nobody writes into a diary that is not shared', async () => {
  expect(await refusal(record(budi, leila, pages, '2026-03-01', 1))).toBe('42501')
  const plain = 'insert into entries (user_id, deed_item_id, entry_date, count_value) values ($1, $2, $3, 1)'
  expect(await refusal(budi.query(plain, [leila.id, pages, '2026-03-01'], [leila]))).toBe('42501')
  await record(leila, leila, pages, '2026-03-01', 1)
  expect(await refusal(record(budi, leila, pages, '2026-03-01', 2))).toBe('42501')
  expect(
    await budi.query('update entries set count_value = 2, updated_by_user_id = $1 returning 1', [budi.id], [leila]),
  ).toEqual([])
})

test('SCA-4 an entry uses a value of the version that is effective on its day', async () => {
  const scaled = await newDeed(leila, 'Prayer', 'scale')
  const fajr = await newItem(leila, scaled, 'Fajr')
  const first = await newScale(leila, scaled, ['no', 'yes'])
  const second = await leila.transaction(async (query) => {
    await query("update scales set effective = '(,2026-03-10)' where scale_id = $1", [first.scaleId])
    const id = only(
      await query(
        "insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, 2, '[2026-03-10,)') returning scale_id",
        [leila.id, scaled],
      ),
    )
    const values = await query(
      "insert into scale_values (user_id, deed_id, scale_id, value_name, value_order) values ($1, $2, $3, 'no', 1), ($1, $2, $3, 'yes', 2) returning scale_value_id",
      [leila.id, scaled, id],
    )
    return { scaleId: id, valueIds: values.map((row) => row.scale_value_id) }
  })
  const on = (date: string, scaleId: string, valueId: string | undefined) =>
    insert({ deed_item_id: fajr, entry_date: date, scale_id: scaleId, scale_value_id: valueId })
  expect(await on('2026-03-09', first.scaleId, first.valueIds[0])).toBe('accepted')
  expect(await on('2026-03-10', first.scaleId, first.valueIds[0])).toBe('KT409 scale_version_mismatch')
  expect(await on('2026-03-08', second.scaleId, second.valueIds[0])).toBe('KT409 scale_version_mismatch')
  expect(await on('2026-03-10', second.scaleId, second.valueIds[0])).toBe('accepted')
  expect(await on('2026-03-11', second.scaleId, first.valueIds[0])).toMatch(/^23503/)
  const other = await newDeed(leila, 'Fasting', 'scale')
  const foreign = await newScale(leila, other, ['no', 'yes'])
  expect(await on('2026-03-08', foreign.scaleId, foreign.valueIds[0])).toBe('KT409 scale_version_mismatch')
})

test('TREE-4 nothing is recorded on a deleted item, and its entries stay as they are', async () => {
  await record(leila, leila, pages, '2026-03-01', 1)
  await leila.transaction(async (query) => {
    const id = only(
      await query(
        "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed_item', $2, 'it', $1) returning deletion_id",
        [leila.id, pages],
      ),
    )
    await query('update deed_items set deleted_at = now(), deleted_by = $1, deletion_id = $2 where deed_item_id = $3', [
      leila.id,
      id,
      pages,
    ])
  })
  expect(await refusal(record(leila, leila, pages, '2026-03-02', 1))).toBe('KT404 item_deleted')
  expect(await refusal(record(leila, leila, pages, '2026-03-01', 2))).toBe('KT404 item_deleted')
  expect(await leila.query('select count_value, deleted_at from entries')).toEqual([
    { count_value: '1.000', deleted_at: null },
  ])
})

test('GOAL-5 who records at the same time waits at the owner’s row, whichever the item', async () => {
  const other = await newItem(leila, deedId, 'Chapters')
  const [one, two] = [await world.elsewhere(leila), await world.elsewhere(leila)]
  const before = await number()
  let second: Promise<unknown> | undefined
  let committed = false
  await one.transaction(async (query) => {
    await query(
      "insert into entries (user_id, deed_item_id, entry_date, count_value) values ($1, $2, '2026-03-01', 1)",
      [leila.id, pages],
    )
    second = record(two, leila, other, '2026-03-01', 1).then(() => expect(committed).toBe(true))
    await world.someoneWaits()
    committed = true
  })
  await second
  expect(await number()).toBe(before + 2)
})

test('ENT-6 a measure changed and an entry recorded at the same time do not both go through', async () => {
  const [one, two] = [await world.elsewhere(leila), await world.elsewhere(leila)]
  let second: Promise<string> | undefined
  await one.transaction(async (query) => {
    await query("update deeds set measure_type = 'scale' where deed_id = $1", [deedId])
    second = refusal(record(two, leila, pages, '2026-03-01', 1))
    await world.someoneWaits()
  })
  expect(await second).toBe('KT400 measure_mismatch')
})
