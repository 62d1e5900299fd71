import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  newDeed,
  newItem,
  newScale,
  newValues,
  newWorld,
  only,
  type Person,
  type Query,
  refusal,
  type World,
} from './world.ts'

let world: World
let maryam: Person
let deedId: string
let count = 0
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  maryam = await world.newPerson(`maryam_${count}`)
  deedId = await newDeed(maryam, 'Prayer', 'scale')
})

const version = (query: Query, number: number, days: string) =>
  query('insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, $3, $4) returning scale_id', [
    maryam.id,
    deedId,
    number,
    days,
  ])
const setDays = (query: Query, scaleId: string, days: string) =>
  query('update scales set effective = $2 where scale_id = $1', [scaleId, days])

/** Ends version 1 the day before, and makes the next from that day on. */
function publish(scaleId: string, from: string) {
  return maryam.transaction(async (query) => {
    await setDays(query, scaleId, `(,${from})`)
    return only(await version(query, 2, `[${from},)`))
  })
}

const recordValue = (itemId: string, date: string, scaleId: string, valueId: string) =>
  maryam.query(
    'insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id) values ($1, $2, $3, $4, $5)',
    [maryam.id, itemId, date, scaleId, valueId],
  )

test('SCA-1 versions are numbered 1, 2, 3, the first without a lower bound, exactly one per day', async () => {
  expect(
    await refusal(
      maryam.query(
        "insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, 1, '[2026-01-01,)')",
        [maryam.id, deedId],
      ),
    ),
  ).toBe('23514 scales_effective_check')
  expect(await refusal(maryam.transaction((query) => version(query, 2, '[2026-01-01,)')))).toBe(
    'KT400 scale_version_gap',
  )
  expect(await refusal(maryam.transaction((query) => version(query, 1, '(,2026-01-01)')))).toBe(
    'KT400 scale_days_uncovered',
  )
  const { scaleId } = await newScale(maryam, deedId, ['no', 'yes'])
  expect(await refusal(maryam.transaction((query) => version(query, 2, '[2026-01-01,)')))).toBe(
    '23P01 scales_effective_excl',
  )
  const withGap = maryam.transaction(async (query) => {
    await setDays(query, scaleId, '(,2026-01-01)')
    await version(query, 2, '[2026-01-02,)')
  })
  expect(await refusal(withGap)).toBe('KT400 scale_days_uncovered')
  expect(await refusal(publish(scaleId, '2026-01-01'))).toBe('accepted')
  expect(await refusal(maryam.transaction((query) => version(query, 2, '[2030-01-01,)')))).toMatch(/^23/)
})

test('a scale is of a live deed that is measured by one', async () => {
  const counted = await newDeed(maryam, 'Charity', 'count')
  expect(await refusal(newScale(maryam, counted, ['no']))).toBe('KT400 measure_mismatch')
  const budi = await world.newPerson(`budi_${count}`)
  expect(await refusal(newScale(budi, deedId, ['no']))).toMatch(/^23503/)
})

test('a deed has at most 200 versions, a version at most 50 values', async () => {
  const versions = (to: number) =>
    maryam.query(
      `insert into scales (user_id, deed_id, version_number, effective)
       select $1, $2, n, daterange(case when n > 1 then date '2020-01-01' + n end, case when n < $3 then date '2020-01-01' + n + 1 end)
       from generate_series(1, $3::int) as n`,
      [maryam.id, deedId, to],
    )
  expect(await refusal(versions(201))).toBe('KT409 too_many_scales')
  expect(await refusal(versions(200))).toBe('accepted')
  const other = await newDeed(maryam, 'Other', 'scale')
  const names = Array.from({ length: 51 }, (_, n) => `value ${n}`)
  expect(await refusal(newScale(maryam, other, names))).toBe('KT409 too_many_scale_values')
  expect(await refusal(newScale(maryam, other, names.slice(1)))).toBe('accepted')
})

test('SCA-1 the first entry locks a version: names and colours may still change, nothing else', async () => {
  const { scaleId, valueIds } = await newScale(maryam, deedId, ['missed', 'late', 'on time'])
  const set = (assignment: string) =>
    refusal(maryam.query(`update scale_values set ${assignment} where scale_value_id = $1`, [valueIds[0]]))
  expect(await set('value_order = 9')).toBe('accepted')
  expect(await maryam.query('select locked_at from scales')).toEqual([{ locked_at: null }])
  await recordValue(await newItem(maryam, deedId, 'Fajr'), '2026-03-01', scaleId, valueIds[1] ?? '')
  expect(await maryam.query('select locked_at is null as open from scales')).toEqual([{ open: false }])
  expect(await set("value_name = 'skipped', color = '#00ff00'")).toBe('accepted')
  expect(await set('value_order = 1')).toBe('KT409 scale_locked')
  expect(await set(`deleted_at = now(), deleted_by = ${maryam.id}`)).toBe('KT409 scale_locked')
  expect(await refusal(maryam.transaction((query) => newValues(query, maryam, deedId, scaleId, ['another'])))).toBe(
    'KT409 scale_locked',
  )
  expect(await set("color = 'green'")).toBe('23514 scale_values_color_check')
})

test('SCA-2 a version keeps the days on which it was recorded, and says from when the next may start', async () => {
  const { scaleId, valueIds } = await newScale(maryam, deedId, ['no', 'yes'])
  const itemId = await newItem(maryam, deedId, 'Fajr')
  await recordValue(itemId, '2026-03-01', scaleId, valueIds[1] ?? '')
  await recordValue(itemId, '2026-03-04', scaleId, valueIds[1] ?? '')
  await expect(publish(scaleId, '2026-03-04')).rejects.toMatchObject({
    code: 'KT409',
    constraint: 'scale_in_use',
    detail: '2026-03-05',
  })
  await maryam.query("update entries set deleted_at = now() where entry_date = '2026-03-04'")
  expect(await refusal(publish(scaleId, '2026-03-02'))).toBe('accepted')
})

test('SCA-3 an order and a lineage are unique in a version, scores all or none, from 0 to 1', async () => {
  const { scaleId } = await newScale(maryam, deedId, ['no', 'yes'])
  const add = (order: number, score: number | null, lineage = 'gen_random_uuid()') =>
    refusal(
      maryam.query(
        `insert into scale_values (user_id, deed_id, scale_id, value_name, value_order, score, lineage_key) values ($1, $2, $3, 'x', $4, $5, ${lineage})`,
        [maryam.id, deedId, scaleId, order, score],
      ),
    )
  expect(await add(2, null)).toBe('23505 scale_values_order_key')
  expect(await add(3, null, '(select lineage_key from scale_values limit 1)')).toBe('23505 scale_values_lineage_key')
  expect(await add(3, 0.5)).toBe('KT400 scores_all_or_none')
  expect(await add(3, 1.1)).toBe('23514 scale_values_score_check')
  expect(await add(3, null)).toBe('accepted')
})

test('SCA-3 a value is of its own deed’s scale', async () => {
  const { scaleId } = await newScale(maryam, deedId, ['no', 'yes'])
  const other = await newDeed(maryam, 'Fasting', 'scale')
  const add = (ofDeed: string) =>
    refusal(
      maryam.query(
        "insert into scale_values (user_id, deed_id, scale_id, value_name, value_order) values ($1, $2, $3, 'x', 3)",
        [maryam.id, ofDeed, scaleId],
      ),
    )
  expect(await add(other)).toBe('23503 scale_values_user_id_deed_id_scale_id_fkey')
  expect(await add(deedId)).toBe('accepted')
})

test('SCA-3 the normalized score is the score, else (rank - 1)/(n - 1), 1 when there is one value', async () => {
  const orders = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 8 })
  const scored = orders.chain((order) =>
    fc.tuple(
      fc.constant(order),
      fc.option(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: order.length, maxLength: order.length })),
    ),
  )
  await fc.assert(
    fc.asyncProperty(scored, fc.boolean(), async ([order, millionths], oneByOne) => {
      const stored = await maryam.transaction(async (query) => {
        await query(
          "insert into deeds (user_id, category_type, name, measure_type) values ($1, 'hasanaat', gen_random_uuid()::text, 'scale')",
          [maryam.id],
        )
        const id = only(await query('select max(deed_id) from deeds'))
        const scaleId = only(
          await query(
            "insert into scales (user_id, deed_id, version_number, effective) values ($1, $2, 1, '(,)') returning scale_id",
            [maryam.id, id],
          ),
        )
        const scores = millionths?.map((score) => (score / 1e6).toFixed(6)) ?? []
        const insert = (from: number, to: number) =>
          query(
            `insert into scale_values (user_id, deed_id, scale_id, value_name, value_order, score)
             select $1, $2, $3, 'x', place, score from unnest($4::int[], $5::numeric[]) as value (place, score)`,
            [maryam.id, id, scaleId, order.slice(from, to), scores.slice(from, to)],
          )
        if (oneByOne) for (let n = 0; n < order.length; n += 1) await insert(n, n + 1)
        else await insert(0, order.length)
        const rows = await query(
          'select value_order, normalized_score, version from scale_values where scale_id = $1',
          [scaleId],
        )
        // One deed at a time, so that their number stays within its bound.
        await query(
          "with gone as (insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed', $2, 'x', $1) returning deletion_id) select deletion_id from gone",
          [maryam.id, id],
        )
        await query(
          'update deeds set deleted_at = now(), deleted_by = $1, deletion_id = (select deletion_id from deletions where root_id = $2) where deed_id = $2',
          [maryam.id, id],
        )
        await query(
          'update scales set deleted_at = now(), deleted_by = $1, deletion_id = (select deletion_id from deletions where root_id = $2) where scale_id = $3',
          [maryam.id, id, scaleId],
        )
        return rows
      })
      const sorted = [...order].sort((a, b) => a - b)
      const expected = order.map((place, n) => {
        if (millionths !== null) return ((millionths[n] ?? 0) / 1e6).toFixed(6)
        return order.length === 1 ? '1.000000' : (sorted.indexOf(place) / (order.length - 1)).toFixed(6)
      })
      expect(order.map((place) => stored.find((row) => row.value_order === place)?.normalized_score)).toEqual(expected)
      expect(stored.every((row) => row.version === 1)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('SCA-4 a version with entries goes only with its deed', async () => {
  const { scaleId, valueIds } = await newScale(maryam, deedId, ['no', 'yes'])
  await recordValue(await newItem(maryam, deedId, 'Fajr'), '2026-03-01', scaleId, valueIds[1] ?? '')
  const remove = (tables: string[]) =>
    maryam.transaction(async (query) => {
      const deletionId = only(
        await query(
          "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed', $2, 'x', $1) returning deletion_id",
          [maryam.id, deedId],
        ),
      )
      for (const table of tables)
        await query(`update ${table} set deleted_at = now(), deleted_by = $1, deletion_id = $2 where deed_id = $3`, [
          maryam.id,
          deletionId,
          deedId,
        ])
    })
  expect(await refusal(remove(['scales']))).toBe('KT409 scale_locked')
  expect(await refusal(remove(['deeds', 'deed_items']))).toBe('KT409 deletion_incomplete')
  expect(await refusal(remove(['deeds', 'deed_items', 'scales']))).toBe('accepted')
})
