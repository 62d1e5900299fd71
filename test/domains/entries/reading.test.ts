import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { entryLoaders } from '../../../src/domains/entries/loaders.ts'
import { changesOfEntry } from '../../../src/domains/entries/queries/changes.ts'
import {
  type EntryConditions,
  type EntryOrder,
  type EntryRow,
  entriesOfItem,
  entriesOfOwner,
} from '../../../src/domains/entries/queries.ts'
import { addDays } from '../../../src/platform/civil-dates.ts'
import type { Page } from '../../../src/platform/database/page.ts'
import { only } from '../../db/world.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf, refusalOf } from './world.ts'

let world: DiaryWorld
let leila: Diarist
let shelf: Awaited<ReturnType<typeof newShelf>>
let today: string

/** Leila has recorded a year and more of everything, every third day with a note, some of it cleared again. */
beforeAll(async () => {
  world = await newDiaryWorld()
  leila = await world.newDiarist('leila', 'Africa/Cairo')
  shelf = await newShelf(leila)
  today = only(await world.admin('select owner_today($1)', [leila.id]))
  await leila.person.query(
    `insert into entries (user_id, deed_item_id, entry_date, count_value, scale_id, scale_value_id, notes)
     select $1, item, day::date, case when item <> $4 then n % 7 end, case when item = $4 then $5::bigint end,
       case when item = $4 then ($6::bigint[])[1 + n % 3] end, case when n % 3 = 0 then 'note ' || n end
     from unnest($2::bigint[]) as item, generate_series($3::date - 419, $3::date, '1 day') with ordinality as days (day, n)`,
    [
      leila.id,
      [shelf.book, shelf.chapter, shelf.page, shelf.magazine, shelf.fajr],
      today,
      shelf.fajr,
      shelf.scaleId,
      [shelf.late, shelf.onTime, shelf.inCongregation],
    ],
  )
  await leila.person.query(
    'update entries set deleted_at = now(), updated_by_user_id = $1 where user_id = $1 and deed_item_id = $2 and entry_date > $3',
    [leila.id, shelf.magazine, addDays(today, -10)],
  )
})
afterAll(() => world.stop())

const loadersOf = ({ id, db }: Diarist) => entryLoaders(db, { userId: id, sessionId: '', role: 'member', scopes: [] })

/** Every page after the other, each of `first`. */
async function walked<Row>(first: number, page: (after: string | null) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = []
  for (let after: string | null = null; ; ) {
    const { rows: some, cursors, hasNextPage, hasPreviousPage } = await page(after)
    expect(hasPreviousPage).toBe(after !== null)
    expect(some.length).toBeLessThanOrEqual(first)
    rows.push(...some)
    if (!hasNextPage) return rows
    after = cursors.at(-1) ?? null
  }
}

const placeOf = ({ itemId, date }: { itemId: string; date: string }) => `${date} ${itemId}`

describe('lists', () => {
  const conditions = () =>
    fc.record<EntryConditions>(
      {
        range: fc
          .tuple(fc.integer({ min: -430, max: 5 }), fc.integer({ min: 0, max: 200 }))
          .map(([from, length]) => ({ from: addDays(today, from), to: addDays(today, from + length) })),
        deedIds: fc.subarray([shelf.reading, shelf.prayer, '0']),
        itemIds: fc.subarray([shelf.book, shelf.chapter, shelf.page, shelf.magazine, shelf.fajr, '0']),
        includeDescendants: fc.boolean(),
        category: fc.constantFrom('hasanaat' as const, 'saiyyiaat' as const),
        scaleValueIds: fc.subarray([shelf.late, shelf.onTime, '0']),
        minCount: fc.constantFrom('0', '2', '6.5'),
        maxCount: fc.constantFrom('0', '4.999', '100'),
        hasNotes: fc.boolean(),
        recordedByOwner: fc.boolean(),
      },
      { requiredKeys: [] },
    )

  /** The same conditions, judged row by row in the test. */
  function fits(row: EntryRow, wanted: EntryConditions): boolean {
    const below = { [shelf.book]: [shelf.chapter, shelf.page], [shelf.chapter]: [shelf.page] }
    const branch = wanted.itemIds?.flatMap((id) => [
      id,
      ...(wanted.includeDescendants === false ? [] : (below[id] ?? [])),
    ])
    const deedId = row.itemId === shelf.fajr ? shelf.prayer : shelf.reading
    return (
      (!wanted.range || (row.date >= wanted.range.from && row.date <= wanted.range.to)) &&
      (!wanted.deedIds || wanted.deedIds.includes(deedId)) &&
      (!branch || branch.includes(row.itemId)) &&
      wanted.category !== 'saiyyiaat' &&
      (!wanted.scaleValueIds || wanted.scaleValueIds.includes(row.scaleValueId ?? 'none')) &&
      (wanted.minCount == null || (row.count !== null && Number(row.count) >= Number(wanted.minCount))) &&
      (wanted.maxCount == null || (row.count !== null && Number(row.count) <= Number(wanted.maxCount))) &&
      (wanted.hasNotes == null || (row.notes !== null) === wanted.hasNotes) &&
      wanted.recordedByOwner !== false
    )
  }

  const inOrder: Record<EntryOrder, (a: EntryRow, b: EntryRow) => number> = {
    DATE_ASC: (a, b) => a.date.localeCompare(b.date) || Number(a.itemId) - Number(b.itemId),
    DATE_DESC: (a, b) => inOrder.DATE_ASC(b, a),
    UPDATED_DESC: (a, b) => b.updatedAt.localeCompare(a.updatedAt) || inOrder.DATE_ASC(b, a),
  }

  test('pages over any filter and order come to the whole list, and so does totalCount', async () => {
    const all = await walked(500, (after) => entriesOfOwner(leila.db, leila.id, leila.id, { first: 500, after }))
    expect(all).toHaveLength(420 * 5 - 10)
    const orders = fc.constantFrom<EntryOrder>('DATE_ASC', 'DATE_DESC', 'UPDATED_DESC')
    await fc.assert(
      fc.asyncProperty(conditions(), orders, fc.integer({ min: 40, max: 500 }), async (wanted, orderBy, first) => {
        const page = (after: string | null) =>
          entriesOfOwner(leila.db, leila.id, leila.id, { conditions: wanted, orderBy, first, after })
        const expected = all.filter((row) => fits(row, wanted)).sort(inOrder[orderBy])
        expect((await walked(first, page)).map(placeOf)).toEqual(expected.map(placeOf))
        expect(await (await page(null)).countAll()).toBe(expected.length)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('rows that come and go between two pages move no other row', async () => {
    const first = await entriesOfItem(leila.db, leila.id, { ownerId: leila.id, itemId: shelf.page }, { first: 3 })
    await leila.record({ itemId: shelf.page, date: addDays(today, 1), count: '1' })
    await leila.clear({ itemId: shelf.page, date: addDays(today, -1) })
    const after = first.cursors.at(-1)
    const second = await entriesOfItem(
      leila.db,
      leila.id,
      { ownerId: leila.id, itemId: shelf.page },
      { first: 2, after },
    )
    expect(second.rows.map(({ date }) => date)).toEqual([addDays(today, -3), addDays(today, -4)])
    await leila.clear({ itemId: shelf.page, date: addDays(today, 1) })
    await leila.record({ itemId: shelf.page, date: addDays(today, -1), count: '1' })
  })

  test('DAY-6 a range limits the entries of an item at both ends', async () => {
    const range = { from: addDays(today, -5), to: addDays(today, -3) }
    const page = await entriesOfItem(
      leila.db,
      leila.id,
      { ownerId: leila.id, itemId: shelf.page },
      { range, first: 500 },
    )
    expect(page.rows.map(({ date }) => date)).toEqual([-3, -4, -5].map((days) => addDays(today, days)))
    expect(page.hasNextPage).toBe(false)
  })

  test('a cursor of another list, filter or order, broken or forged, is INVALID_CURSOR', async () => {
    const list = (options: object) => entriesOfOwner(leila.db, leila.id, leila.id, { first: 2, ...options })
    const { cursors } = await list({})
    const [cursor = ''] = cursors
    const [scope] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const forged = (...place: unknown[]) => Buffer.from(JSON.stringify([scope, ...place])).toString('base64url')
    const hostile = [
      '',
      'x',
      '%00',
      cursor.slice(1),
      forged('2026-02-30', '1'),
      forged("2026-01-01'; drop table entries; --", '1'),
      forged('2026-01-01', '99999999999999999999'),
      forged('2026-01-01', '1', '1'),
      forged('2026-01-01', null),
      forged('\u0000', '1'),
      'A'.repeat(100_000),
    ]
    for (const after of hostile) {
      expect(await refusalOf(list({ after }))).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'INVALID_CURSOR' })
    }
    for (const options of [{ orderBy: 'DATE_ASC' }, { conditions: { hasNotes: true } }]) {
      expect(await refusalOf(list({ ...options, after: cursor }))).toMatchObject({ reason: 'INVALID_CURSOR' })
    }
    const budi = await world.newDiarist('budi')
    const his = entriesOfOwner(budi.db, budi.id, budi.id, { first: 2, after: cursor })
    expect(await refusalOf(his)).toMatchObject({ reason: 'INVALID_CURSOR' })
  })

  test.each([0, -1, 501, 1.5, Number.NaN])('first is 1..500: %d is INVALID_PAGE_SIZE', async (first) => {
    expect(await refusalOf(entriesOfOwner(leila.db, leila.id, leila.id, { first }))).toMatchObject({
      reason: 'INVALID_PAGE_SIZE',
    })
  })

  test('history pages come to the whole history', async () => {
    const place = { ownerId: leila.id, itemId: shelf.book, date: addDays(today, -400) }
    for (let value = 10; value < 22; value += 1) await leila.record({ ...place, count: String(value) })
    const changes = await walked(5, (after) => changesOfEntry(leila.db, leila.id, place, { first: 5, after }))
    expect(changes.map(({ newValue }) => Number(newValue?.count)).slice(0, 12)).toEqual(
      Array.from({ length: 12 }, (_, index) => 21 - index),
    )
    expect(changes).toHaveLength(13)
  })
})

describe('by day', () => {
  test('days, todays and latest entries of many items are one statement each', async () => {
    world.sent.length = 0
    const loaders = loadersOf(leila)
    const items = [shelf.book, shelf.chapter, shelf.page, shelf.magazine, shelf.fajr]
    const key = (itemId: string) => ({ ownerId: leila.id, itemId })
    const [todays, past, latest] = await Promise.all([
      loaders.entryOnDay.loadMany(items.map((itemId) => ({ ...key(itemId), date: null }))),
      loaders.entryOnDay.loadMany(items.map((itemId) => ({ ...key(itemId), date: addDays(today, -7) }))),
      loaders.latestEntry.loadMany(items.map(key)),
    ])
    expect(world.sent).toHaveLength(1)
    expect(world.sent[0]).toHaveLength(2)
    const dates = (rows: readonly unknown[]) => rows.map((row) => (row as EntryRow | null)?.date)
    expect(dates(todays)).toEqual([today, today, today, undefined, today])
    expect(dates(past)).toEqual([1, 1, 1, 0, 1].map((there) => (there ? addDays(today, -7) : undefined)))
    expect(dates(latest)).toEqual([today, today, today, addDays(today, -10), today])
  })

  test('ids of nobody and days of no entry are null', async () => {
    const loaders = loadersOf(leila)
    const nobody = { ownerId: '9223372036854775807', itemId: '9223372036854775807' }
    expect(await loaders.entryOnDay.load({ ...nobody, date: null })).toBeNull()
    expect(await loaders.entryOnDay.load({ ownerId: leila.id, itemId: shelf.book, date: '0001-01-01' })).toBeNull()
    expect(await loaders.latestEntry.load(nobody)).toBeNull()
    expect(await loaders.entryChange.load({ ownerId: leila.id, changeId: '9223372036854775807' })).toBeNull()
  })

  test("SHA-8 somebody else's entries are not there, by id as in lists", async () => {
    const budi = await world.newDiarist('budi_2')
    const loaders = loadersOf(budi)
    const key = { ownerId: leila.id, itemId: shelf.book }
    expect(await loaders.entryOnDay.load({ ...key, date: today })).toBeNull()
    expect(await loaders.entryOnDay.load({ ...key, date: null })).toBeNull()
    expect(await loaders.latestEntry.load(key)).toBeNull()
    const page = await entriesOfOwner(budi.db.reading([leila.id]), budi.id, leila.id, { first: 5 })
    expect([page.rows, await page.countAll()]).toEqual([[], 0])
  })
})

test('TREE-4 entries of deleted items are hidden, and there again when those are restored', async () => {
  const stamp = (deletedAt: string) =>
    leila.person.transaction(async (query) => {
      const [deletion] = await query(
        "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed_item', $2, 'Chapter', $1) returning deletion_id",
        [leila.id, shelf.chapter],
      )
      await query(
        `update deed_items set deleted_at = ${deletedAt}, deleted_by = case when ${deletedAt} is not null then $1::bigint end,
           deletion_id = case when ${deletedAt} is not null then $2::uuid end
         where user_id = $1 and deed_item_id = any($3)`,
        [leila.id, deletion?.deletion_id, [shelf.chapter, shelf.page]],
      )
    })
  const place = { ownerId: leila.id, itemId: shelf.page, date: addDays(today, -20) }
  const seen = async () => {
    const list = await entriesOfOwner(leila.db, leila.id, leila.id, { conditions: { itemIds: [shelf.book] }, first: 1 })
    const changes = await changesOfEntry(leila.db, leila.id, place, { first: 1 })
    return [await list.countAll(), changes.rows.length, (await loadersOf(leila).entryOnDay.load(place)) !== null]
  }
  const before = await seen()
  await stamp('now()')
  expect(await seen()).toEqual([420, 0, false])
  await stamp('null::timestamptz')
  expect(await seen()).toEqual(before)
  expect(before).toEqual([1260, 1, true])
})
