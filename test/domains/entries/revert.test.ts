import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { changesOfEntry } from '../../../src/domains/entries/queries/changes.ts'
import { befriend, grant, only, revoke } from '../../db/world.ts'
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
})

const day = '2026-03-01'
const bookDay = () => ({ itemId: shelf.book, date: day })
/** The changes of a day as the writer sees them, the first one first. */
const changesOf = async (reader: Diarist, place: { itemId: string; date: string } = bookDay(), ownerId = leila.id) => {
  const page = await changesOfEntry(reader.db.reading([ownerId]), reader.id, { ownerId, ...place }, { first: 100 })
  return page.rows.reverse()
}
const changeId = async (nth: number, reader = leila, place = bookDay()) =>
  (await changesOf(reader, place))[nth]?.changeId ?? ''

test('ENT-6 an earlier value comes back as a new change of its own, and the history stays', async () => {
  await leila.record({ ...bookDay(), count: '1.5', notes: 'first' })
  await leila.record({ ...bookDay(), count: '2', notes: null })
  await leila.record({ ...bookDay(), count: '3', notes: 'third' })
  world.announced.length = 0
  const reverted = await leila.revert({ ...bookDay(), changeId: await changeId(0), expectedVersion: 3 })
  expect(reverted).toMatchObject({
    ...bookDay(),
    ownerId: leila.id,
    entry: { count: '1.500', notes: 'first', version: 4, origin: 'revert' },
    previous: { count: '3.000', notes: 'third' },
  })
  expect(world.announced).toEqual([[{ ownerId: leila.id, deedId: shelf.reading, ...bookDay() }]])
  await leila.revert({ ...bookDay(), changeId: await changeId(1) })
  const changes = await changesOf(leila)
  expect(changes.map(({ action, origin, newValue }) => [action, origin, newValue?.count, newValue?.notes])).toEqual([
    ['created', 'manual', '1.500', 'first'],
    ['updated', 'manual', '2.000', null],
    ['updated', 'manual', '3.000', 'third'],
    ['updated', 'revert', '1.500', 'first'],
    ['updated', 'revert', '2.000', null],
  ])
})

test('ENT-6 a cleared day gets its value back, and a change that cleared it clears it again', async () => {
  await leila.record({ ...bookDay(), count: '1', notes: 'n' })
  await leila.clear(bookDay())
  const restored = await leila.revert({ ...bookDay(), changeId: await changeId(0), expectedVersion: 0 })
  expect(restored).toMatchObject({ entry: { count: '1.000', notes: 'n', version: 3 }, previous: null })
  const cleared = await leila.revert({ ...bookDay(), changeId: await changeId(1) })
  expect(cleared).toMatchObject({ entry: null, previous: { count: '1.000', notes: 'n' } })
  const changes = await changesOf(leila)
  expect(changes.map(({ action, origin }) => `${action} ${origin}`)).toEqual([
    'created manual',
    'cleared manual',
    'restored revert',
    'cleared revert',
  ])
  expect(await leila.revert({ ...bookDay(), changeId: await changeId(1) })).toMatchObject({
    entry: null,
    previous: null,
  })
  expect(await changesOf(leila)).toHaveLength(4)
})

test('ENT-2 to bring back what is there changes nothing', async () => {
  await leila.record({ ...bookDay(), count: '1' })
  const reverted = await leila.revert({ ...bookDay(), changeId: await changeId(0) })
  expect(reverted).toMatchObject({ entry: { version: 1, origin: 'manual' }, previous: { count: '1.000' } })
  expect(await changesOf(leila)).toHaveLength(1)
})

test('ENT-8 a stale version brings nothing back', async () => {
  await leila.record({ ...bookDay(), count: '1' })
  await leila.record({ ...bookDay(), count: '2' })
  const request = { ...bookDay(), changeId: await changeId(0), expectedVersion: 1 }
  expect(await refusalOf(leila.revert(request))).toEqual({
    code: 'CONFLICT',
    reason: 'STALE_VERSION',
    currentVersion: 2,
    field: 'input.expectedVersion',
  })
})

test('ENT-4 with a key it is done once and answered alike', async () => {
  await leila.record({ ...bookDay(), count: '1' })
  await leila.record({ ...bookDay(), count: '2' })
  const request = { ...bookDay(), changeId: await changeId(0) }
  const first = await leila.revert(request, 'k')
  await leila.record({ ...bookDay(), count: '3' })
  expect(await leila.revert(request, 'k')).toEqual(first)
  const other = { ...bookDay(), changeId: await changeId(1) }
  expect(await refusalOf(leila.revert(other, 'k'))).toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  expect(only(await world.admin('select count_value from entries where user_id = $1', [leila.id]))).toBe('3.000')
})

test('SHA-8 a change of another day, item, person or of nobody is none of the entry', async () => {
  await leila.record({ ...bookDay(), count: '1' })
  await leila.record({ itemId: shelf.page, date: day, count: '1' })
  await leila.record({ itemId: shelf.book, date: '2026-03-02', count: '1' })
  const budi = await world.newDiarist(`budi_${count}`)
  const his = await newShelf(budi)
  await budi.record({ itemId: his.book, date: day, count: '1' })
  const others = [
    await changeId(0, leila, { itemId: shelf.page, date: day }),
    await changeId(0, leila, { itemId: shelf.book, date: '2026-03-02' }),
    (await changesOf(budi, { itemId: his.book, date: day }, budi.id))[0]?.changeId ?? '',
    '9223372036854775807',
  ]
  for (const other of others) {
    const refused = await refusalOf(leila.revert({ ...bookDay(), changeId: other }))
    expect(refused).toEqual({ code: 'NOT_FOUND', field: 'input.changeId' })
  }
  const hidden = budi.revert({ ownerId: leila.id, ...bookDay(), changeId: await changeId(0) })
  expect(await refusalOf(hidden)).toEqual({ code: 'NOT_FOUND' })
})

test('SCA-4 a value that is of another version by now is refused, with the one that continues it', async () => {
  const fajr = { itemId: shelf.fajr, date: '2026-06-01' }
  await leila.record({ ...fajr, scaleValueId: shelf.onTime })
  await leila.clear(fajr)
  const [, onTimeAgain] = await newScaleVersion(leila, shelf.prayer, shelf.scaleId, '2026-06-01')
  const refused = await refusalOf(leila.revert({ ...fajr, changeId: await changeId(0, leila, fajr) }))
  expect(refused).toEqual({
    code: 'CONFLICT',
    reason: 'SCALE_VERSION_MISMATCH',
    field: 'input.changeId',
    suggestedScaleValueId: Buffer.from(`ScaleValue:${leila.id}:${onTimeAgain}`).toString('base64url'),
  })
})

describe('for somebody else', () => {
  let budi: Diarist
  let today: string
  let place: { itemId: string; date: string }
  let relation: string
  beforeEach(async () => {
    budi = await world.newDiarist(`budi_${count}`)
    relation = await befriend(budi.person, leila.person)
    today = only(await world.admin('select owner_today($1)', [leila.id]))
    place = { itemId: shelf.book, date: today }
  })
  const asBudi = (nth: string, more: object = {}) =>
    budi.revert({ ownerId: leila.id, ...place, changeId: nth, ...more })

  test("ENT-7 a delegate takes back their own value freely, the owner's only knowing it", async () => {
    await grant(leila.person, budi.person, relation, shelf.book, { type: 'write' })
    const write = (amount: string) => budi.record({ ownerId: leila.id, ...place, count: amount })
    await write('1')
    await write('2')
    const first = await changeId(0, leila, place)
    expect(await asBudi(first)).toMatchObject({ entry: { count: '1.000', recordedById: budi.id } })
    await leila.record({ ...place, count: '5' })
    expect(await refusalOf(asBudi(first))).toMatchObject({ reason: 'OWNER_VALUE_PROTECTED', currentVersion: 4 })
    expect(await asBudi(first, { expectedVersion: 4 })).toMatchObject({ entry: { count: '1.000', version: 5 } })
  })

  test('SHA-7 who may only read takes nothing back, nor does a delegate beyond the days of their grant', async () => {
    const reading = await grant(leila.person, budi.person, relation, shelf.book)
    await leila.record({ ...place, count: '1' })
    await leila.record({ ...bookDay(), count: '1' })
    expect(await refusalOf(asBudi(await changeId(0, leila, place)))).toEqual({ code: 'FORBIDDEN' })
    await revoke(leila.person, reading)
    await grant(leila.person, budi.person, relation, shelf.book, { type: 'write' })
    const before = budi.revert({ ownerId: leila.id, ...bookDay(), changeId: await changeId(0) })
    expect(await refusalOf(before)).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'DATE_OUT_OF_RANGE',
      field: 'input.entryId',
    })
  })

  test('SHA-6 whoever may not read notes leaves them as they are', async () => {
    await grant(leila.person, budi.person, relation, shelf.book, { type: 'write' })
    await leila.record({ ...place, count: '1', notes: 'secret of then' })
    await leila.record({ ...place, count: '2', notes: 'secret of now' })
    const reverted = await asBudi(await changeId(0, leila, place), { expectedVersion: 2 })
    expect(reverted).toMatchObject({ entry: { count: '1.000', notes: null }, previous: { notes: null } })
    const notes = await world.admin('select notes from entries where user_id = $1 and entry_date = $2', [
      leila.id,
      today,
    ])
    expect(only(notes)).toBe('secret of now')
  })
})
