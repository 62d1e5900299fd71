import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { recordEntry } from '../../../src/domains/entries/recording.ts'
import { befriend, grant, only, revoke } from '../../db/world.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf, refusalOf } from './world.ts'

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
const recorded = () =>
  world
    .admin('select count_value, version from entries where user_id = $1 and deed_item_id = $2', [leila.id, shelf.book])
    .then(([row]) => row)
const changes = () => world.admin('select count(*)::int from entry_history where user_id = $1', [leila.id]).then(only)

test('ENT-4 the same request with the same key is done once and answered alike', async () => {
  const request = { itemId: shelf.book, date: day, incrementBy: '2.5', notes: 'twice' }
  const first = await leila.record(request, 'k')
  expect(first).toMatchObject({ status: 'CREATED', entry: { count: '2.500' } })
  expect(await leila.record(request, 'k')).toEqual(first)
  await leila.record({ itemId: shelf.book, date: day, count: '9' })
  expect(await leila.record(request, 'k')).toEqual(first)
  expect(await recorded()).toEqual({ count_value: '9.000', version: 2 })
})

test('ENT-4 a clear too is done once', async () => {
  await leila.record({ itemId: shelf.book, date: day, count: '1' })
  const first = await leila.clear({ itemId: shelf.book, date: day }, 'k')
  await leila.record({ itemId: shelf.book, date: day, count: '2' })
  expect(await leila.clear({ itemId: shelf.book, date: day }, 'k')).toEqual(first)
  expect(await recorded()).toEqual({ count_value: '2.000', version: 3 })
})

test('ENT-4 a key stands for one request: any other is IDEMPOTENCY_KEY_REUSED', async () => {
  await leila.record({ itemId: shelf.book, date: day, incrementBy: '1' }, 'k')
  const reused = { code: 'CONFLICT', reason: 'IDEMPOTENCY_KEY_REUSED' }
  const others = [
    () => leila.record({ itemId: shelf.book, date: day, incrementBy: '2' }, 'k'),
    () => leila.record({ itemId: shelf.magazine, date: day, incrementBy: '1' }, 'k'),
    () => leila.record({ itemId: shelf.book, date: day, incrementBy: '1', notes: null }, 'k'),
    () => leila.clear({ itemId: shelf.book, date: day }, 'k'),
  ]
  for (const other of others) expect(await refusalOf(other())).toMatchObject(reused)
  expect(await changes()).toBe(1)
})

test('ENT-4 a key is of its writer: what somebody else sends under it is theirs', async () => {
  const budi = await world.newDiarist(`budi_${count}`)
  const his = await newShelf(budi)
  await leila.record({ itemId: shelf.book, date: day, incrementBy: '1' }, 'k')
  expect(await budi.record({ itemId: his.book, date: day, incrementBy: '5' }, 'k')).toMatchObject({ status: 'CREATED' })
})

test('ENT-4 a request that failed keeps no key: it may be sent again', async () => {
  const request = { itemId: shelf.book, date: day, notes: 'alone' }
  expect(await refusalOf(leila.record(request, 'k'))).toMatchObject({ reason: 'NOTHING_RECORDED' })
  await leila.record({ itemId: shelf.book, date: day, count: '1' })
  expect(await leila.record(request, 'k')).toMatchObject({ status: 'UPDATED', entry: { notes: 'alone' } })
})

test('ENT-4 after 48 hours a key is new again', async () => {
  const request = { itemId: shelf.book, date: day, incrementBy: '1' }
  await leila.record(request, 'k')
  const kept = await world.admin(
    "select expires_at - created_at = interval '48 hours' from idempotency_keys where user_id = $1",
    [leila.id],
  )
  expect(only(kept)).toBe(true)
  await world.admin("update idempotency_keys set expires_at = now() - interval '1 second' where user_id = $1", [
    leila.id,
  ])
  expect(await leila.record(request, 'k')).toMatchObject({ status: 'UPDATED', entry: { count: '2.000' } })
  expect(await leila.record(request, 'k')).toMatchObject({ entry: { count: '2.000' } })
})

test('ENT-4 a twin in flight is IN_PROGRESS at once, and answered alike when the first is done', async () => {
  const request = { ownerId: leila.id, itemId: shelf.book, date: day, incrementBy: '1' }
  let twin: Record<string, unknown> = {}
  const first = await leila.transaction(async (tx) => {
    const answer = await recordEntry(tx, leila.id, request, 'k')
    twin = await refusalOf(leila.record(request, 'k'))
    return answer
  })
  expect(twin).toMatchObject({ code: 'CONFLICT', reason: 'IN_PROGRESS', retryAfter: 1 })
  expect(await leila.record(request, 'k')).toEqual(first)
})

test('ENT-4 when the first of two twins rolls back, the second does the work', async () => {
  const request = { ownerId: leila.id, itemId: shelf.book, date: day, incrementBy: '1' }
  const broken = leila.transaction(async (tx) => {
    await recordEntry(tx, leila.id, request, 'k')
    throw new Error('broken off')
  })
  await expect(broken).rejects.toThrow('broken off')
  expect(await leila.record(request, 'k')).toMatchObject({ status: 'CREATED', entry: { count: '1.000' } })
})

test('ENT-4 fifty increments at once, each with its key, come to their sum', async () => {
  const keys = Array.from({ length: 50 }, (_, index) => `k${index}`)
  const answers = await Promise.all(
    keys.map((key) => leila.record({ itemId: shelf.book, date: day, incrementBy: '0.125' }, key)),
  )
  expect(answers.filter(({ status }) => status === 'CREATED')).toHaveLength(1)
  const sums = answers.map(({ entry }) => Number(entry.count)).sort((a, b) => a - b)
  expect(sums).toEqual(keys.map((_, index) => (index + 1) * 0.125))
  expect(await recorded()).toEqual({ count_value: '6.250', version: 50 })
  expect(await changes()).toBe(50)
})

test('ENT-4 fifty twins at once count once: each is answered alike or told to come back', async () => {
  const request = { itemId: shelf.book, date: day, incrementBy: '1' }
  const answers = await Promise.allSettled(Array.from({ length: 50 }, () => leila.record(request, 'k')))
  const first = await leila.record(request, 'k')
  for (const answer of answers) {
    if (answer.status === 'fulfilled') expect(answer.value).toEqual(first)
    else expect(answer.reason.extensions).toMatchObject({ reason: 'IN_PROGRESS' })
  }
  expect(answers.some(({ status }) => status === 'fulfilled')).toBe(true)
  expect(await recorded()).toEqual({ count_value: '1.000', version: 1 })
})

test('SHA-9 an answer kept for a delegate shows no more than they may see now', async () => {
  const budi = await world.newDiarist(`budi_${count}`)
  const relation = await befriend(budi.person, leila.person)
  const withNotes = await grant(leila.person, budi.person, relation, shelf.book, { type: 'write', notes: true })
  const request = { ownerId: leila.id, itemId: shelf.book, incrementBy: '1', notes: 'between us' }
  expect((await budi.record(request, 'k')).entry.notes).toBe('between us')
  const update = { ...request, notes: 'still' }
  expect((await budi.record(update, 'k2')).previous?.notes).toBe('between us')
  await revoke(leila.person, withNotes)
  expect(await refusalOf(budi.record(request, 'k'))).toMatchObject({ code: 'NOT_FOUND' })
  await grant(leila.person, budi.person, relation, shelf.book, { type: 'write' })
  expect(await budi.record(update, 'k2')).toMatchObject({
    entry: { notes: null, count: '2.000' },
    previous: { notes: null },
  })
})
