import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { type DeedsWorld, deedsWorld, itemIdOf, refusalOf } from '../../support/deeds.ts'
import type { TestPerson } from '../../support/people.ts'
import { CLEAR, type Diary, globalId, NODE, newDiary, RECORD } from './entry-requests.ts'

let world: DeedsWorld
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())

let leila: Diary['leila']
let budi: Diary['budi']
let today: Diary['today']
let items: Diary['items']
let values: Diary['values']
beforeEach(async () => {
  ;({ leila, budi, today, items, values } = await newDiary(world))
})

const record = (as: TestPerson, input: object) => world.ask(as, RECORD, { input })

test('every field of an entry, its history and its payloads answers', async () => {
  await record(leila, { itemId: items.Fajr, scaleValueId: values.late, notes: 'overslept' })
  const { data, errors } = await record(leila, { itemId: items.Fajr, scaleValueId: values['on time'], notes: null })
  expect(errors).toBeUndefined()
  const late = { count: null, scaleValue: { id: values.late, name: 'late' }, notes: 'overslept' }
  const onTime = { count: null, scaleValue: { id: values['on time'], name: 'on time' }, notes: null }
  const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
  const change = { id: expect.any(String), origin: 'MANUAL', changedAt: instant, changedBy: { id: leila.globalId } }
  expect(data.recordEntry).toEqual({
    status: 'UPDATED',
    entry: {
      id: globalId(`Entry:${leila.userId}:${itemIdOf(items.Fajr ?? '')}:${today}`),
      date: today,
      ...onTime,
      version: 2,
      origin: 'MANUAL',
      createdAt: instant,
      updatedAt: instant,
      owner: { id: leila.globalId, fullName: 'leila' },
      item: { id: items.Fajr, name: 'Fajr', deed: { name: 'Prayer' } },
      recordedBy: { id: leila.globalId },
      history: {
        totalCount: 2,
        nodes: [
          { ...change, action: 'UPDATED', oldValue: late, newValue: onTime },
          { ...change, action: 'CREATED', oldValue: null, newValue: late },
        ],
      },
    },
    previous: late,
    goals: [],
  })
  const cleared = await world.ask(leila, CLEAR, { input: { entryId: data.recordEntry.entry.id, expectedVersion: 2 } })
  expect(cleared.data.clearEntry).toEqual({
    item: { id: items.Fajr, name: 'Fajr' },
    date: today,
    previous: onTime,
    goals: [],
  })
})

test('ENT-4 an answer that was kept reads the same when it is sent again', async () => {
  const input = { itemId: items.Page, incrementBy: '2.50', notes: 'x', idempotencyKey: 'k' }
  const first = await record(leila, input)
  expect(first.data.recordEntry).toMatchObject({ status: 'CREATED', entry: { count: '2.5' } })
  expect((await record(leila, { ...input, incrementBy: 2.5 })).data).toEqual(first.data)
})

describe('input', () => {
  test('ENT-4 incrementBy without a key is IDEMPOTENCY_KEY_REQUIRED', async () => {
    const refused = refusalOf(await record(leila, { itemId: items.Page, incrementBy: '1' }))
    expect(refused).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'IDEMPOTENCY_KEY_REQUIRED',
      field: 'input.idempotencyKey',
    })
  })

  test.each([
    ['notes', ''],
    ['notes', ' \n '],
    ['notes', 'x'.repeat(4001)],
    ['notes', 'a\u0007b'],
    ['idempotencyKey', ''],
    ['idempotencyKey', 'k'.repeat(101)],
  ])('a text that can not be stored is INVALID_TEXT: %s %j', async (field, text) => {
    const refused = refusalOf(await record(leila, { itemId: items.Page, count: '1', [field]: text }))
    expect(refused).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_TEXT', field: `input.${field}` })
  })

  test('4,000 characters of notes are kept, composed and of any script', async () => {
    const notes = `${'🕌'.repeat(3998)}e\u0301ن`
    const { data } = await record(leila, { itemId: items.Page, count: '1', notes })
    expect(data.recordEntry.entry.notes).toBe(notes.normalize('NFC'))
  })

  test.each([
    '',
    'x',
    'DeedItem:1',
    'DeedItem:1:0',
    'DeedItem:1:99999999999999999999',
    "DeedItem:1:1'",
    'DeedItem:1:-1',
  ])('an item id that is none is INVALID_ID: %j', async (text) => {
    const refused = refusalOf(await record(leila, { itemId: globalId(text), count: '1' }))
    expect(refused).toEqual({ code: 'BAD_USER_INPUT', reason: 'INVALID_ID', field: 'input.itemId' })
  })

  test.each(['2026-02-30', '2026-13-01', '0000-01-01', '2026-1-1', 'infinity', '294277-01-01'])(
    'an entry id with the date %s is INVALID_ID',
    async (date) => {
      const { userId } = leila
      const entryId = globalId(`Entry:${userId}:${itemIdOf(items.Page ?? '')}:${date}`)
      expect(refusalOf(await world.ask(leila, CLEAR, { input: { entryId } }))).toMatchObject({ reason: 'INVALID_ID' })
      expect(refusalOf(await world.ask(leila, NODE, { id: entryId }))).toMatchObject({ reason: 'INVALID_ID' })
    },
  )

  test('SHA-8 the scale value of somebody else reads as one of nobody', async () => {
    const value = (owner: string, id: string) =>
      record(leila, { itemId: items.Fajr, scaleValueId: globalId(`ScaleValue:${owner}:${id}`) })
    const { scaleValueId } = fromGlobalId('ScaleValue', values.late ?? '')
    const refused = { code: 'NOT_FOUND', field: 'input.scaleValueId' }
    expect(refusalOf(await value(budi.userId, scaleValueId))).toEqual(refused)
    expect(refusalOf(await value(leila.userId, '9223372036854775807'))).toEqual(refused)
  })
})
