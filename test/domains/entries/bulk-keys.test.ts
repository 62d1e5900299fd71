import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { befriend, grant, revoke } from '../../db/world.ts'
import { statuses, storedOf } from './bulk-answers.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf, type Row, refusalOf } from './world.ts'

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
const next = '2026-03-02'
const stored = () => storedOf(world, leila)

describe('ENT-4 a bulk with a key', () => {
  test('ENT-4 the same rows with the same key are recorded once and answered alike, refused ones too', async () => {
    const rows = [
      { itemId: shelf.book, date: day, incrementBy: '2' },
      { itemId: shelf.book, date: next, notes: 'alone' },
      { itemId: shelf.book, date: day, incrementBy: '3' },
    ]
    const first = await leila.recordAll(rows, { key: 'k' })
    expect(statuses(first)).toEqual(['SUPERSEDED', 'NOTHING_RECORDED', 'CREATED'])
    await leila.record({ itemId: shelf.book, date: next, count: '1' })
    expect(await leila.recordAll(rows, { key: 'k' })).toEqual(first)
    expect(await stored()).toMatchObject([{ count: '5.000' }, { count: '1.000' }])
    const reused = { code: 'CONFLICT', reason: 'IDEMPOTENCY_KEY_REUSED' }
    expect(await refusalOf(leila.recordAll(rows.slice(1), { key: 'k' }))).toMatchObject(reused)
    expect(await refusalOf(leila.recordAll(rows, { key: 'k', atomic: true }))).toMatchObject(reused)
    expect(await refusalOf(leila.record(rows[0] as Row, 'k'))).toMatchObject(reused)
  })

  test('ENT-4 twenty twins at once count once', async () => {
    const rows = [shelf.book, shelf.page].map((itemId) => ({ itemId, date: day, incrementBy: '1' }))
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => leila.recordAll(rows, { key: 'k' })))
    const first = await leila.recordAll(rows, { key: 'k' })
    for (const answer of answers) {
      if (answer.status === 'fulfilled') expect(answer.value).toEqual(first)
      else expect(answer.reason.extensions).toMatchObject({ reason: 'IN_PROGRESS' })
    }
    expect(await stored()).toMatchObject([{ count: '1.000' }, { count: '1.000' }])
  })

  test('SHA-9 an answer kept for a delegate shows no more than they may see now', async () => {
    const budi = await world.newDiarist(`budi_${count}`)
    const his = await newShelf(budi)
    const relation = await befriend(budi.person, leila.person)
    const withNotes = await grant(leila.person, budi.person, relation, shelf.book, { type: 'write', notes: true })
    const rows = [
      { ownerId: leila.id, itemId: shelf.book, count: '1', notes: 'between us' },
      { itemId: his.book, count: '1', notes: 'mine' },
    ]
    expect((await budi.recordAll(rows, { key: 'k' }))[0]?.entry?.notes).toBe('between us')
    await revoke(leila.person, withNotes)
    const unseen = await budi.recordAll(rows, { key: 'k' })
    expect(statuses(unseen)).toEqual(['NOT_FOUND', 'CREATED'])
    expect(unseen[1]?.entry?.notes).toBe('mine')
    await grant(leila.person, budi.person, relation, shelf.book, { type: 'write' })
    expect((await budi.recordAll(rows, { key: 'k' }))[0]).toMatchObject({ status: 'CREATED', entry: { notes: null } })
  })
})
