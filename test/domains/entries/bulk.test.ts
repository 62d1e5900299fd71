import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { befriend, grant, only } from '../../db/world.ts'
import { statuses, storedOf } from './bulk-answers.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newScaleVersion, newShelf } from './world.ts'

let world: DiaryWorld
let leila: Diarist
let shelf: Awaited<ReturnType<typeof newShelf>>
let count = 0
beforeAll(async () => {
  world = await newDiaryWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newDiarist(`leila_${count}`)
  shelf = await newShelf(leila)
  world.announced.length = 0
  world.sent.length = 0
})

const day = '2026-03-01'
const next = '2026-03-02'
const stored = () => storedOf(world, leila)
const changes = () => world.admin('select count(*)::int from entry_history where user_id = $1', [leila.id]).then(only)

test('ENT-5 rows answer in the order given, each by itself, with what stood there before', async () => {
  await leila.record({ itemId: shelf.book, date: day, count: '1', notes: 'n' })
  await leila.record({ itemId: shelf.page, date: day, count: '2' })
  const rows = await leila.recordAll([
    { itemId: shelf.page, date: day, count: '2.000' },
    { itemId: shelf.fajr, date: next, scaleValueId: shelf.late },
    { itemId: shelf.book, date: day, count: '5' },
    { itemId: shelf.book, date: next, count: '-1' },
    { itemId: '9223372036854775807', date: day, count: '1' },
    { itemId: shelf.chapter, count: '3' },
  ])
  expect(statuses(rows)).toEqual(['UNCHANGED', 'CREATED', 'UPDATED', 'INVALID_AMOUNT', 'NOT_FOUND', 'CREATED'])
  expect(rows[0]).toMatchObject({ entry: { count: '2.000', version: 1 }, previous: { count: '2.000' } })
  expect(rows[1]).toMatchObject({ entry: { scaleValueId: shelf.late, date: next, origin: 'bulk' }, previous: null })
  expect(rows[2]).toMatchObject({
    entry: { count: '5.000', notes: 'n', version: 2 },
    previous: { count: '1.000', notes: 'n' },
  })
  expect(rows[3]).toEqual({
    status: 'ERROR',
    entry: null,
    previous: null,
    error: {
      code: 'BAD_USER_INPUT',
      reason: 'INVALID_AMOUNT',
      field: 'input.rows[3].count',
      message: expect.any(String),
    },
  })
  expect(await stored()).toHaveLength(4)
})

test('ENT-5 however many rows, one statement reads and one writes, and what changed is announced once', async () => {
  const rows = Array.from({ length: 40 }, (_, index) => ({
    itemId: shelf.book,
    date: addDays(day, -index),
    count: '1',
  }))
  await leila.recordAll([...rows, { itemId: shelf.book, date: day, count: '2' }])
  expect(world.sent.flat()).toHaveLength(2)
  const change = (date: string) => ({ ownerId: leila.id, itemId: shelf.book, deedId: shelf.reading, date })
  expect(world.announced).toHaveLength(1)
  expect(new Set(world.announced[0])).toEqual(new Set(rows.map(({ date }) => change(date))))
})

describe('ENT-5 several rows for one day of an item', () => {
  test('ENT-5 the earlier is superseded: the day changes once, and keeps what the later leaves out', async () => {
    const rows = await leila.recordAll([
      { itemId: shelf.book, date: day, count: '5', notes: 'first' },
      { itemId: shelf.page, date: day, count: '1' },
      { itemId: shelf.book, date: day, count: '7' },
    ])
    expect(statuses(rows)).toEqual(['SUPERSEDED', 'CREATED', 'CREATED'])
    const entry = { count: '7.000', notes: 'first', version: 1 }
    expect([rows[0], rows[2]]).toMatchObject([
      { entry, previous: null },
      { entry, previous: null },
    ])
    expect(await changes()).toBe(2)
  })

  test('ENT-5 increments add up, onto what is there and onto what a row before them set', async () => {
    await leila.record({ itemId: shelf.book, date: day, count: '10' })
    const add = (itemId: string, incrementBy: string) => ({ itemId, date: day, incrementBy })
    const rows = await leila.recordAll(
      [
        add(shelf.book, '0.125'),
        add(shelf.book, '-2'),
        { itemId: shelf.page, date: day, count: '3' },
        add(shelf.book, '1'),
        add(shelf.page, '2'),
      ],
      { key: 'k' },
    )
    expect(statuses(rows)).toEqual(['SUPERSEDED', 'SUPERSEDED', 'SUPERSEDED', 'UPDATED', 'CREATED'])
    expect(rows[3]).toMatchObject({ entry: { count: '9.125', version: 2 }, previous: { count: '10.000' } })
    expect(rows[4]).toMatchObject({ entry: { count: '5.000' } })
  })

  test('ENT-5 a refused row leaves no trace, be it the first, one between or the last', async () => {
    const rows = await leila.recordAll(
      [
        { itemId: shelf.book, date: day, incrementBy: '-1' },
        { itemId: shelf.book, date: day, incrementBy: '3' },
        { itemId: shelf.book, date: day, count: '1', scaleValueId: shelf.late },
        { itemId: shelf.book, date: day, incrementBy: '1' },
        { itemId: shelf.book, date: day, incrementBy: '-5' },
      ],
      { key: 'k' },
    )
    const expected = ['INVALID_AMOUNT', 'SUPERSEDED', 'WRONG_MEASURE', 'CREATED', 'INVALID_AMOUNT']
    expect(statuses(rows)).toEqual(expected)
    expect(await stored()).toMatchObject([{ count: '4.000', version: 1 }])
  })

  test("ENT-5 an omitted date and the owner's today are the same day", async () => {
    const today = only(await world.admin('select owner_today($1)', [leila.id]))
    const rows = await leila.recordAll([
      { itemId: shelf.book, count: '1' },
      { itemId: shelf.book, date: today, count: '2' },
    ])
    expect(statuses(rows)).toEqual(['SUPERSEDED', 'CREATED'])
  })

  test('ENT-5 rows that come back to what is stored change nothing', async () => {
    await leila.record({ itemId: shelf.book, date: day, count: '1' })
    const rows = await leila.recordAll([
      { itemId: shelf.book, date: day, count: '2' },
      { itemId: shelf.book, date: day, count: '1' },
    ])
    expect(statuses(rows)).toEqual(['SUPERSEDED', 'UNCHANGED'])
    expect(await changes()).toBe(1)
  })

  test('ENT-8 each row may name the version that all of them began with', async () => {
    await leila.record({ itemId: shelf.book, date: day, count: '1' })
    const row = (amount: string, expectedVersion: number) => ({
      itemId: shelf.book,
      date: day,
      count: amount,
      expectedVersion,
    })
    const rows = await leila.recordAll([row('2', 1), row('3', 1), row('4', 2)])
    expect(statuses(rows)).toEqual(['SUPERSEDED', 'UPDATED', 'STALE_VERSION'])
    expect(rows[2]?.error).toMatchObject({ currentVersion: 1, field: 'input.rows[2].expectedVersion' })
  })
})

describe('ENT-5 atomic: all or nothing', () => {
  const good = () => ({ itemId: shelf.book, date: day, count: '1' })
  const bad = () => ({ itemId: shelf.book, date: next, count: '-1' })

  test('ENT-5 with one row refused nothing is written, and every row says why', async () => {
    const rows = await leila.recordAll([good(), bad(), { ...good(), count: '2' }], { atomic: true })
    expect(statuses(rows)).toEqual(['OTHER_ROWS_REFUSED', 'INVALID_AMOUNT', 'OTHER_ROWS_REFUSED'])
    expect(rows.map(({ entry, previous }) => [entry, previous])).toEqual(Array(3).fill([null, null]))
    expect(await stored()).toEqual([])
    expect(await changes()).toBe(0)
    expect(statuses(await leila.recordAll([good()], { atomic: true }))).toEqual(['CREATED'])
  })

  test('ENT-4 an atomic request that was refused keeps no key: it may be sent again', async () => {
    const rows = [
      { ...good(), incrementBy: '1', count: null },
      { itemId: shelf.page, date: day, notes: 'alone' },
    ]
    const options = { atomic: true, key: 'k' }
    expect(statuses(await leila.recordAll(rows, options))).toEqual(['OTHER_ROWS_REFUSED', 'NOTHING_RECORDED'])
    await leila.record({ itemId: shelf.page, date: day, count: '1' })
    expect(statuses(await leila.recordAll(rows, options))).toEqual(['CREATED', 'UPDATED'])
  })
})

describe('ENT-7 in one diary and the other', () => {
  test("ENT-7 rows of several owners go in together, each under its owner's rules", async () => {
    const budi = await world.newDiarist(`budi_${count}`, 'Pacific/Kiritimati')
    const maryam = await world.newDiarist(`maryam_${count}`)
    const [his, hers] = [await newShelf(budi), await newShelf(maryam)]
    const relation = await befriend(budi.person, leila.person)
    await grant(leila.person, budi.person, relation, shelf.chapter, { type: 'write' })
    await leila.record({ itemId: shelf.page, count: '1' })
    const today = async ({ id }: Diarist) => only(await world.admin('select owner_today($1)', [id]))
    const of = leila.id
    const rows = await budi.recordAll([
      { itemId: his.book, count: '4' },
      { ownerId: of, itemId: shelf.chapter, count: '2' },
      { ownerId: of, itemId: shelf.page, count: '9' },
      { ownerId: of, itemId: shelf.page, count: '9', expectedVersion: 1 },
      { ownerId: of, itemId: shelf.page, count: '8' },
      { ownerId: of, itemId: shelf.chapter, date: '2020-01-01', count: '2' },
      { ownerId: of, itemId: shelf.book, count: '2' },
      { ownerId: maryam.id, itemId: hers.book, count: '2' },
      { ownerId: of, itemId: shelf.chapter, count: '2', notes: 'not mine to write' },
    ])
    const expected = ['CREATED', 'CREATED', 'OWNER_VALUE_PROTECTED', 'SUPERSEDED', 'UPDATED', 'DATE_OUT_OF_RANGE']
    expect(statuses(rows)).toEqual([...expected, 'NOT_FOUND', 'NOT_FOUND', 'NOTES_NOT_SHARED'])
    expect(rows[0]).toMatchObject({ date: await today(budi), ownerId: budi.id })
    expect(rows[4]).toMatchObject({
      date: await today(leila),
      entry: { count: '8.000', recordedById: budi.id, version: 2 },
    })
    const recorded = await world.admin('select created_by_user_id from entries where user_id = $1 order by 1', [of])
    expect(recorded.map((row) => row.created_by_user_id).sort()).toEqual([of, budi.id].sort())
  })
})

describe('SCA-4 in bulk', () => {
  test('SCA-4 a row with a value of another version names the one that continues it', async () => {
    const [lateAgain] = await newScaleVersion(leila, shelf.prayer, shelf.scaleId, '2026-06-01')
    const rows = await leila.recordAll([
      { itemId: shelf.fajr, date: '2026-06-01', scaleValueId: shelf.late },
      { itemId: shelf.fajr, date: '2026-06-01', scaleValueId: lateAgain },
      { itemId: shelf.fajr, date: '2026-05-31', scaleValueId: shelf.late },
    ])
    expect(statuses(rows)).toEqual(['SCALE_VERSION_MISMATCH', 'CREATED', 'CREATED'])
    const suggested = Buffer.from(`ScaleValue:${leila.id}:${lateAgain}`).toString('base64url')
    expect(rows[0]?.error).toMatchObject({ field: 'input.rows[0].scaleValueId', suggestedScaleValueId: suggested })
  })
})
