import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { changesByKeys, changesOfEntry } from '../../../src/domains/entries/queries/changes.ts'
import { entriesOfItem, entriesOfOwner } from '../../../src/domains/entries/queries.ts'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { befriend, type Grant, grant, only, revoke } from '../../db/world.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf, refusalOf } from './world.ts'

let world: DiaryWorld
let leila: Diarist
let budi: Diarist
let shelf: Awaited<ReturnType<typeof newShelf>>
let relation: string
let day: string
let count = 0
beforeAll(async () => {
  world = await newDiaryWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newDiarist(`leila_${count}`, 'Pacific/Kiritimati')
  budi = await world.newDiarist(`budi_${count}`, 'Pacific/Pago_Pago')
  shelf = await newShelf(leila)
  relation = await befriend(budi.person, leila.person)
  day = only(await world.admin('select owner_today($1)', [leila.id]))
})

const share = (itemId: string, terms: Grant = {}) => grant(leila.person, budi.person, relation, itemId, terms)
const forLeila = (itemId: string) => ({ ownerId: leila.id, itemId })
const recordFor = (itemId: string, amount: string, more = {}) =>
  budi.record({ ...forLeila(itemId), count: amount, date: day, ...more })
const seenBy = async ({ db, id }: Diarist) =>
  (await entriesOfOwner(db.reading([leila.id]), id, leila.id, { first: 500 })).rows
const historySeenBy = async ({ db, id }: Diarist, itemId: string) =>
  (await changesOfEntry(db.reading([leila.id]), id, { ...forLeila(itemId), date: day }, { first: 100 })).rows

test("ENT-7 a delegate's record stands in the owner's diary, under the delegate's name", async () => {
  await share(shelf.chapter, { type: 'write' })
  const recorded = await recordFor(shelf.page, '7')
  expect(recorded).toMatchObject({
    status: 'CREATED',
    ownerId: leila.id,
    entry: { ownerId: leila.id, recordedById: budi.id },
  })
  const [row] = await world.admin('select created_by_user_id, updated_by_user_id from entries where user_id = $1', [
    leila.id,
  ])
  expect(row).toEqual({ created_by_user_id: budi.id, updated_by_user_id: budi.id })
  const updated = await leila.record({ itemId: shelf.page, date: day, count: '8' })
  expect(updated).toMatchObject({ status: 'UPDATED', previous: { count: '7.000' }, entry: { recordedById: leila.id } })
})

test('ENT-7 a delegate overwrites and clears what a delegate wrote last', async () => {
  await share(shelf.book, { type: 'write' })
  await recordFor(shelf.book, '1')
  expect(await recordFor(shelf.book, '2')).toMatchObject({ status: 'UPDATED', previous: { count: '1.000' } })
  const cleared = await budi.clear({ ...forLeila(shelf.book), date: day })
  expect(cleared.previous).toMatchObject({ count: '2.000' })
  expect(await seenBy(leila)).toEqual([])
})

test("ENT-7 over the owner's own value a delegate sends its version, else OWNER_VALUE_PROTECTED", async () => {
  await share(shelf.book, { type: 'write' })
  await leila.record({ itemId: shelf.book, date: day, count: '5' })
  const refused = { code: 'CONFLICT', reason: 'OWNER_VALUE_PROTECTED', currentVersion: 1 }
  expect(await refusalOf(recordFor(shelf.book, '6'))).toMatchObject(refused)
  expect(await refusalOf(budi.clear({ ...forLeila(shelf.book), date: day }))).toMatchObject(refused)
  expect(await recordFor(shelf.book, '5')).toMatchObject({ status: 'UNCHANGED' })
  expect(await recordFor(shelf.book, '6', { expectedVersion: 1 })).toMatchObject({ status: 'UPDATED' })
  expect(await recordFor(shelf.book, '7')).toMatchObject({ status: 'UPDATED' })
})

test('ENT-7 a day that the owner cleared holds no value to protect', async () => {
  await share(shelf.book, { type: 'write' })
  await leila.record({ itemId: shelf.book, date: day, count: '5', notes: 'mine' })
  await leila.clear({ itemId: shelf.book, date: day })
  expect(await recordFor(shelf.book, '6')).toMatchObject({ status: 'CREATED', previous: null, entry: { notes: null } })
})

test("DAY-5 a delegate's omitted date is the owner's today, and reaches back backfill_days", async () => {
  await share(shelf.book, { type: 'write', backfillDays: 2 })
  expect((await budi.record({ ...forLeila(shelf.book), count: '1' })).date).toBe(day)
  for (const days of [-2, -1, 1]) {
    expect(await recordFor(shelf.book, '1', { date: addDays(day, days) })).toMatchObject({ status: 'CREATED' })
  }
  for (const days of [-3, 2]) {
    const date = addDays(day, days)
    expect(await refusalOf(recordFor(shelf.book, '1', { date }))).toMatchObject({ reason: 'DATE_OUT_OF_RANGE' })
    const cleared = budi.clear({ ...forLeila(shelf.book), date })
    expect(await refusalOf(cleared)).toMatchObject({ reason: 'DATE_OUT_OF_RANGE', field: 'input.entryId' })
  }
})

test('SHA-7 who may read may not record; who may not read meets nothing', async () => {
  await share(shelf.book)
  expect(await refusalOf(recordFor(shelf.book, '1'))).toMatchObject({ code: 'FORBIDDEN' })
  expect(await refusalOf(budi.clear({ ...forLeila(shelf.book), date: day }))).toMatchObject({ code: 'FORBIDDEN' })
  const nowhere = await refusalOf(recordFor('999999999', '1'))
  expect(nowhere).toMatchObject({ code: 'NOT_FOUND' })
  expect(await refusalOf(recordFor(shelf.magazine, '1'))).toEqual(nowhere)
  expect(await refusalOf(recordFor(shelf.fajr, '1', { scaleValueId: shelf.late, expectedVersion: 9 }))).toEqual(nowhere)
  expect(await seenBy(leila)).toEqual([])
})

test('SHA-9 write that was revoked, or has run out, writes no more', async () => {
  const permission = await share(shelf.book, { type: 'write' })
  await recordFor(shelf.book, '1')
  await revoke(leila.person, permission)
  expect(await refusalOf(recordFor(shelf.book, '2'))).toMatchObject({ code: 'NOT_FOUND' })
  const another = await share(shelf.book, { type: 'write', expiresAt: '2099-01-01' })
  await recordFor(shelf.book, '2')
  await world.admin("update item_access set write_expires_at = now() - interval '1 second' where viewer_id = $1", [
    budi.id,
  ])
  expect(await refusalOf(recordFor(shelf.book, '3'))).toMatchObject({ code: 'FORBIDDEN' })
  await world.admin("update item_access set expires_at = now() - interval '1 second' where viewer_id = $1", [budi.id])
  expect(await refusalOf(recordFor(shelf.book, '3'))).toMatchObject({ code: 'NOT_FOUND' })
  expect(await seenBy(budi)).toEqual([])
  await revoke(leila.person, another)
})

test('SHA-7 the database itself lets no delegate write past their grant, whatever the service decides', async () => {
  await share(shelf.book)
  const write = (values: object) =>
    budi.transaction(
      (tx) =>
        tx
          .insertInto('entries')
          .values({ user_id: leila.id, entry_date: day, count_value: '1', deed_item_id: shelf.book, ...values })
          .execute(),
      {
        owners: [leila.id],
      },
    )
  expect(await refusalOf(write({}))).toMatchObject({ code: 'NOT_FOUND' })
  await share(shelf.page, { type: 'write' })
  expect(await refusalOf(write({ deed_item_id: shelf.page, updated_by_user_id: leila.id }))).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await refusalOf(write({ deed_item_id: shelf.magazine }))).toMatchObject({ code: 'NOT_FOUND' })
  await write({ deed_item_id: shelf.page })
})

test('SHA-6 notes show only where they are shared: in entries, payloads and history', async () => {
  await leila.record({ itemId: shelf.book, date: day, count: '1', notes: 'secret' })
  await leila.record({ itemId: shelf.book, date: day, count: '2', notes: 'more secret' })
  await leila.record({ itemId: shelf.book, date: day, notes: 'most secret' })
  const permission = await share(shelf.book, { type: 'write' })
  expect(await seenBy(budi)).toMatchObject([{ count: '2.000', notes: null }])
  const overwritten = await recordFor(shelf.book, '3', { expectedVersion: 2 })
  expect(overwritten).toMatchObject({ entry: { notes: null }, previous: { count: '2.000', notes: null } })
  expect(JSON.stringify(await historySeenBy(budi, shelf.book))).not.toContain('secret')
  expect(await seenBy(leila)).toMatchObject([{ count: '3.000', notes: 'most secret' }])
  await revoke(leila.person, permission)
  await share(shelf.book, { notes: true })
  expect(await seenBy(budi)).toMatchObject([{ notes: 'most secret' }])
  const changes = await historySeenBy(budi, shelf.book)
  expect(changes.map(({ newValue }) => newValue?.notes)).toEqual([
    'most secret',
    'most secret',
    'more secret',
    'secret',
  ])
})

test('SHA-6 who may not read notes may not send or remove them', async () => {
  await share(shelf.book, { type: 'write' })
  const refused = { code: 'FORBIDDEN', reason: 'NOTES_NOT_SHARED', field: 'input.notes' }
  expect(await refusalOf(recordFor(shelf.book, '1', { notes: 'x' }))).toMatchObject(refused)
  expect(await refusalOf(recordFor(shelf.book, '1', { notes: null }))).toMatchObject(refused)
  await share(shelf.magazine, { type: 'write', notes: true })
  expect((await recordFor(shelf.magazine, '1', { notes: 'x' })).entry.notes).toBe('x')
})

test('SHA-6 recordedBy and changedBy are the owner, oneself or nobody; the owner is told whoever it was', async () => {
  const maryam = await world.newDiarist(`maryam_${count}`)
  const hers = await befriend(maryam.person, leila.person)
  await grant(leila.person, maryam.person, hers, shelf.book, { type: 'write' })
  await share(shelf.book, { type: 'write' })
  await leila.record({ itemId: shelf.book, date: day, count: '1' })
  await recordFor(shelf.book, '2', { expectedVersion: 1 })
  await maryam.record({ ...forLeila(shelf.book), date: day, count: '3' })
  const by = async (who: Diarist) => (await historySeenBy(who, shelf.book)).map(({ changedById }) => changedById)
  expect(await by(leila)).toEqual([maryam.id, budi.id, leila.id])
  expect(await by(budi)).toEqual([null, budi.id, leila.id])
  expect(await by(maryam)).toEqual([maryam.id, null, leila.id])
  expect((await seenBy(budi))[0]?.recordedById).toBeNull()
  expect((await seenBy(maryam))[0]?.recordedById).toBe(maryam.id)
})

test('SHA-8 lists, totals, history and filters show a delegate what they would show had the rest never been', async () => {
  await share(shelf.chapter)
  const bare = { date: day, count: '1' }
  await leila.record({ itemId: shelf.page, ...bare, notes: 'hidden' })
  await leila.record({ itemId: shelf.chapter, ...bare })
  await leila.record({ itemId: shelf.book, ...bare, notes: 'hidden too' })
  await leila.record({ itemId: shelf.magazine, ...bare })
  const found = async (conditions: object) => {
    const page = await entriesOfOwner(budi.db.reading([leila.id]), budi.id, leila.id, { conditions, first: 500 })
    expect(await page.countAll()).toBe(page.rows.length)
    return page.rows.map(({ itemId }) => itemId).sort()
  }
  const both = [shelf.chapter, shelf.page].sort()
  expect(await found({})).toEqual(both)
  expect(await found({ hasNotes: true })).toEqual([])
  expect(await found({ hasNotes: false })).toEqual(both)
  expect(await found({ itemIds: [shelf.book] })).toEqual([])
  expect(await found({ itemIds: [shelf.book, shelf.magazine], includeDescendants: false })).toEqual([])
  expect(await found({ itemIds: [shelf.chapter] })).toEqual(both)
  expect(await found({ deedIds: [shelf.reading] })).toEqual(both)
  const ofBook = await entriesOfItem(budi.db.reading([leila.id]), budi.id, forLeila(shelf.book), { first: 5 })
  expect([ofBook.rows, await ofBook.countAll()]).toEqual([[], 0])
  expect(await historySeenBy(budi, shelf.book)).toEqual([])
  const ids = await world.admin('select entry_history_id as id from entry_history where user_id = $1', [leila.id])
  const keys = ids.map(({ id }) => ({ ownerId: leila.id, changeId: id }))
  expect(await changesByKeys(budi.db.reading([leila.id]), budi.id, keys)).toHaveLength(2)
  expect(await changesByKeys(budi.db, budi.id, keys)).toEqual([])
})

test('SHA-8 a change of notes alone is no change to those who may not read notes', async () => {
  await share(shelf.book)
  await leila.record({ itemId: shelf.book, date: day, count: '1' })
  await leila.record({ itemId: shelf.book, date: day, notes: 'a secret' })
  await leila.record({ itemId: shelf.book, date: day, count: '2' })
  expect((await historySeenBy(budi, shelf.book)).map(({ action }) => action)).toEqual(['updated', 'created'])
  expect(await historySeenBy(leila, shelf.book)).toHaveLength(3)
})

test('SHA-8 a private item leads to nothing below it, though a grant there shows it', async () => {
  await world.admin('update deed_items set is_private = true where user_id = $1 and deed_item_id = $2', [
    leila.id,
    shelf.chapter,
  ])
  await share(shelf.book)
  await share(shelf.page)
  await leila.record({ itemId: shelf.page, date: day, count: '1' })
  const found = async (itemIds: string[]) =>
    (await entriesOfOwner(budi.db.reading([leila.id]), budi.id, leila.id, { conditions: { itemIds }, first: 5 })).rows
      .length
  expect(await found([shelf.page])).toBe(1)
  expect(await found([shelf.book])).toBe(0)
})
