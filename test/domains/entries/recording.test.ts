import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { only } from '../../db/world.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newScaleVersion, newShelf, refusalOf } from './world.ts'

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
const today = ({ id }: Diarist) => world.admin('select owner_today($1)', [id]).then(only)
const changeSeq = () => world.admin('select change_seq from owner_state where user_id = $1', [leila.id]).then(only)
const history = (itemId: string, date = day) =>
  world.admin(
    `select action, old_values, new_values, changed_by_user_id, origin, version from entry_history
     where user_id = $1 and deed_item_id = $2 and entry_date = $3 order by entry_history_id`,
    [leila.id, itemId, date],
  )

test('ENT-1 a count and a value of a scale come back as they were recorded', async () => {
  const counted = await leila.record({ itemId: shelf.book, date: day, count: '12.5', notes: 'at night' })
  expect(counted).toMatchObject({ status: 'CREATED', previous: null, ownerId: leila.id, itemId: shelf.book, date: day })
  expect(counted.entry).toMatchObject({
    count: '12.500',
    scaleValueId: null,
    notes: 'at night',
    version: 1,
    origin: 'manual',
  })
  const scaled = await leila.record({ itemId: shelf.fajr, date: day, scaleValueId: shelf.onTime })
  expect(scaled.entry).toMatchObject({ count: null, scaleValueId: shelf.onTime, notes: null, recordedById: leila.id })
})

test('ENT-1 what does not fit the measure or has a fourth place is refused, and nothing is written', async () => {
  const wrong = await refusalOf(leila.record({ itemId: shelf.book, date: day, scaleValueId: shelf.onTime }))
  expect(wrong).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'WRONG_MEASURE', field: 'input.scaleValueId' })
  const fourth = await refusalOf(leila.record({ itemId: shelf.book, date: day, count: '0.0001' }))
  expect(fourth).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'INVALID_AMOUNT', field: 'input.count' })
  expect(await history(shelf.book)).toEqual([])
  expect(world.announced).toEqual([])
})

test('ENT-1 a measure that changed behind the decision is WRONG_MEASURE too', async () => {
  const written = leila.transaction(async (tx) => {
    await world.admin("update deeds set measure_type = 'scale' where user_id = $1 and deed_id = $2", [
      leila.id,
      shelf.reading,
    ])
    await tx
      .insertInto('entries')
      .values({ user_id: leila.id, deed_item_id: shelf.book, entry_date: day, count_value: '1' })
      .execute()
  })
  expect(await refusalOf(written)).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'WRONG_MEASURE' })
})

describe('ENT-2 one row per item and day', () => {
  test('ENT-2 a record reads once and writes once', async () => {
    await leila.record({ itemId: shelf.book, date: day, count: '1' })
    expect(world.sent.flat()).toHaveLength(2)
    expect(world.announced).toEqual([[{ ownerId: leila.id, itemId: shelf.book, deedId: shelf.reading, date: day }]])
  })

  test('ENT-2 the same again is UNCHANGED: no history, no version, no sequence, nothing announced', async () => {
    const first = await leila.record({ itemId: shelf.book, date: day, count: '3', notes: 'one' })
    const seq = await changeSeq()
    world.announced.length = 0
    const again = await leila.record({ itemId: shelf.book, date: day, count: '3.000', notes: 'one' })
    expect(again).toMatchObject({
      ...first,
      status: 'UNCHANGED',
      previous: expect.objectContaining({ count: '3.000', notes: 'one' }),
    })
    expect(await history(shelf.book)).toHaveLength(1)
    expect(await changeSeq()).toBe(seq)
    expect(world.announced).toEqual([])
  })

  test('ENT-2 another value is UPDATED, with what was there before', async () => {
    await leila.record({ itemId: shelf.fajr, date: day, scaleValueId: shelf.late, notes: 'slept' })
    const updated = await leila.record({ itemId: shelf.fajr, date: day, scaleValueId: shelf.inCongregation })
    expect(updated).toMatchObject({
      status: 'UPDATED',
      entry: { scaleValueId: shelf.inCongregation, version: 2, notes: 'slept' },
    })
    expect(updated.previous).toEqual({ ownerId: leila.id, count: null, scaleValueId: shelf.late, notes: 'slept' })
  })

  test('ENT-2 a cleared day comes back as the same row, without its old note', async () => {
    const first = await leila.record({ itemId: shelf.book, date: day, count: '3', notes: 'gone' })
    const cleared = await leila.clear({ itemId: shelf.book, date: day })
    expect(cleared.previous).toEqual({ ownerId: leila.id, count: '3.000', scaleValueId: null, notes: 'gone' })
    expect((await leila.clear({ itemId: shelf.book, date: day })).previous).toBeNull()
    const restored = await leila.record({ itemId: shelf.book, date: day, count: '3' })
    expect(restored).toMatchObject({ status: 'CREATED', previous: null })
    expect(restored.entry).toMatchObject({ version: 3, notes: null, createdAt: first.entry.createdAt })
    expect((await history(shelf.book)).map((change) => change.action)).toEqual(['created', 'cleared', 'restored'])
  })

  test('ENT-2 clearing what never was recorded changes nothing', async () => {
    expect(await leila.clear({ itemId: shelf.book, date: day })).toMatchObject({
      previous: null,
      itemId: shelf.book,
      date: day,
    })
    expect(world.announced).toEqual([])
  })

  test('ENT-2 twenty first records of a day at once: one is CREATED, the others UPDATED', async () => {
    const counts = Array.from({ length: 20 }, (_, index) => String(index + 1))
    const answers = await Promise.all(
      counts.map((amount) => leila.record({ itemId: shelf.book, date: day, count: amount })),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual(['CREATED', ...Array(19).fill('UPDATED')])
    expect(answers.map(({ entry }) => entry.version).sort((a, b) => a - b)).toEqual(counts.map(Number))
    const changes = await history(shelf.book)
    for (const [index, change] of changes.entries())
      expect(change.old_values).toEqual(changes[index - 1]?.new_values ?? null)
    const previous = answers.map((answer) => answer.previous?.count ?? null)
    expect(new Set(previous).size).toBe(20)
  })
})

describe('ENT-3 notes', () => {
  test('ENT-3 left out they stay, null removes them, alone they edit', async () => {
    await leila.record({ itemId: shelf.book, date: day, count: '3', notes: 'first' })
    expect((await leila.record({ itemId: shelf.book, date: day, count: '4' })).entry.notes).toBe('first')
    const edited = await leila.record({ itemId: shelf.book, date: day, notes: 'second' })
    expect(edited).toMatchObject({ status: 'UPDATED', entry: { count: '4.000', notes: 'second', version: 3 } })
    expect((await leila.record({ itemId: shelf.book, date: day, notes: null })).entry).toMatchObject({
      count: '4.000',
      notes: null,
    })
  })

  test('ENT-3 alone they are nothing on a day that is empty or cleared', async () => {
    const expected = { code: 'CONFLICT', reason: 'NOTHING_RECORDED' }
    expect(await refusalOf(leila.record({ itemId: shelf.book, date: day, notes: 'lost' }))).toMatchObject(expected)
    await leila.record({ itemId: shelf.book, date: day, count: '3' })
    await leila.clear({ itemId: shelf.book, date: day })
    expect(await refusalOf(leila.record({ itemId: shelf.book, date: day, notes: 'lost' }))).toMatchObject(expected)
  })
})

describe('DAY-5 dates', () => {
  test("DAY-5 an omitted date is the owner's today, wherever that is", async () => {
    const [ahead, behind] = [
      await world.newDiarist(`ahead_${count}`, 'Pacific/Kiritimati'),
      await world.newDiarist(`behind_${count}`, 'Pacific/Pago_Pago', 180),
    ]
    for (const person of [ahead, behind]) {
      const { book } = await newShelf(person)
      expect((await person.record({ itemId: book, count: '1' })).date).toBe(await today(person))
    }
    expect(await today(ahead)).not.toBe(await today(behind))
  })

  test("DAY-5 from 1900-01-01 to the owner's tomorrow", async () => {
    const tomorrow = addDays(await today(leila), 1)
    for (const date of ['1900-01-01', tomorrow]) {
      expect(await leila.record({ itemId: shelf.book, date, count: '1' })).toMatchObject({ status: 'CREATED' })
    }
    for (const date of ['1899-12-31', '0001-01-01', addDays(tomorrow, 1), '9999-12-31']) {
      const refused = await refusalOf(leila.record({ itemId: shelf.book, date, count: '1' }))
      expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'DATE_OUT_OF_RANGE', field: 'input.date' })
      expect(await refusalOf(leila.clear({ itemId: shelf.book, date }))).toMatchObject({ field: 'input.entryId' })
    }
  })
})

test('ENT-6 every change is in the history, with old and new, who, version and origin', async () => {
  await leila.record({ itemId: shelf.book, date: day, count: '3', notes: 'n' })
  await leila.record({ itemId: shelf.book, date: day, count: '4.125' })
  await leila.clear({ itemId: shelf.book, date: day })
  const by = { changed_by_user_id: leila.id, origin: 'manual' }
  expect(await history(shelf.book)).toEqual([
    { ...by, action: 'created', version: 1, old_values: null, new_values: { count_value: 3, notes: 'n' } },
    {
      ...by,
      action: 'updated',
      version: 2,
      old_values: { count_value: 3, notes: 'n' },
      new_values: { count_value: 4.125, notes: 'n' },
    },
    { ...by, action: 'cleared', version: 3, old_values: { count_value: 4.125, notes: 'n' }, new_values: null },
  ])
})

describe('ENT-8 expectedVersion', () => {
  test('ENT-8 of many who know the same version one writes, the others learn the current one', async () => {
    await leila.record({ itemId: shelf.book, date: day, count: '0' })
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) =>
        leila.record({ itemId: shelf.book, date: day, count: String(index + 1), expectedVersion: 1 }),
      ),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers) {
      if (answer.status === 'fulfilled') continue
      expect(answer.reason.extensions).toMatchObject({ code: 'CONFLICT', reason: 'STALE_VERSION', currentVersion: 2 })
    }
  })

  test('ENT-8 0 lets one of many first records through', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, () => leila.record({ itemId: shelf.book, date: day, count: '1', expectedVersion: 0 })),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await history(shelf.book)).toHaveLength(1)
  })

  test('ENT-8 a stale clear is refused, and a cleared day has version 0', async () => {
    await leila.record({ itemId: shelf.book, date: day, count: '1' })
    expect(await refusalOf(leila.clear({ itemId: shelf.book, date: day, expectedVersion: 4 }))).toMatchObject({
      currentVersion: 1,
    })
    await leila.clear({ itemId: shelf.book, date: day, expectedVersion: 1 })
    const stale = await refusalOf(leila.record({ itemId: shelf.book, date: day, count: '1', expectedVersion: 2 }))
    expect(stale).toMatchObject({ reason: 'STALE_VERSION', currentVersion: 0 })
    const restored = await leila.record({ itemId: shelf.book, date: day, count: '1', expectedVersion: 0 })
    expect(restored.entry.version).toBe(3)
  })
})

describe('SCA-4 the version of the scale in effect', () => {
  test('SCA-4 each day takes values of its version, and names what continues a value of another', async () => {
    const [lateAgain, onTimeAgain] = await newScaleVersion(leila, shelf.prayer, shelf.scaleId, '2026-06-01')
    const mismatch = { code: 'CONFLICT', reason: 'SCALE_VERSION_MISMATCH', field: 'input.scaleValueId' }
    const asId = (scaleValueId: unknown) => Buffer.from(`ScaleValue:${leila.id}:${scaleValueId}`).toString('base64url')
    const record = (date: string, scaleValueId = '') => leila.record({ itemId: shelf.fajr, date, scaleValueId })
    expect(await refusalOf(record('2026-06-01', shelf.onTime))).toEqual({
      ...mismatch,
      suggestedScaleValueId: asId(onTimeAgain),
    })
    expect(await refusalOf(record('2026-05-31', lateAgain))).toEqual({
      ...mismatch,
      suggestedScaleValueId: asId(shelf.late),
    })
    expect(await refusalOf(record('2026-06-01', shelf.inCongregation))).toEqual(mismatch)
    expect((await record('2026-05-31', shelf.onTime)).entry.scaleValueId).toBe(shelf.onTime)
    expect((await record('2026-06-01', onTimeAgain)).entry.scaleValueId).toBe(onTimeAgain)
  })

  test('SCA-4 values of another deed or person, and ids of nobody, are NOT_FOUND', async () => {
    const budi = await world.newDiarist(`budi_${count}`)
    const his = await newShelf(budi)
    for (const scaleValueId of [his.onTime, '0', '9223372036854775807']) {
      const refused = await refusalOf(leila.record({ itemId: shelf.fajr, date: day, scaleValueId }))
      expect(refused).toMatchObject({ code: 'NOT_FOUND', field: 'input.scaleValueId' })
    }
  })
})

test('TREE-4 on a deleted item nothing is recorded or cleared: it is not there', async () => {
  await leila.record({ itemId: shelf.page, date: day, count: '1' })
  await leila.person.transaction(async (query) => {
    const [deletion] = await query(
      "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed_item', $2, 'Chapter', $1) returning deletion_id",
      [leila.id, shelf.chapter],
    )
    await query(
      `update deed_items set deleted_at = now(), deleted_by = $1, deletion_id = $2 where user_id = $1 and deed_item_id = any($3)`,
      [leila.id, deletion?.deletion_id, [shelf.chapter, shelf.page]],
    )
  })
  expect(await refusalOf(leila.record({ itemId: shelf.page, date: day, count: '2' }))).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await refusalOf(leila.clear({ itemId: shelf.page, date: day }))).toMatchObject({ code: 'NOT_FOUND' })
})
