import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, CLEAR, CREATE_DEED, CREATE_MERIT, MERITS, newBook, pages } from './book.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

describe('what a merit asks for', () => {
  test('GOAL-1 the comparator is at least for hasanaat and at most for saiyyiaat, unless it is said', async () => {
    const item = (book: Book, over = {}) => ({ itemId: book.items.Quran, ...pages('3'), ...over })
    const comparators = async (book: Book) => {
      const input = {
        deedId: book.deedId,
        title: 'Both',
        durationDays: 3,
        items: [item(book), item(book, { comparator: 'AT_LEAST' })],
      }
      const { data } = await book.ask(CREATE_MERIT, { input })
      return data.createMerit.merit.items.map((asked: { comparator: string }) => asked.comparator)
    }
    expect(await comparators(await newBook(service))).toEqual(['AT_LEAST', 'AT_LEAST'])
    expect(await comparators(await newBook(service, { category: 'SAIYYIAAT' }))).toEqual(['AT_MOST', 'AT_LEAST'])
  })

  test.each([
    ['an item of another deed', (_book: Book, other: Book) => ({ itemId: other.items.Quran, ...pages('1') }), 'itemId'],
    ['a target of 0', (book: Book) => ({ itemId: book.items.Quran, ...pages('0') }), 'target'],
    ['a target of 1000000000', (book: Book) => ({ itemId: book.items.Quran, ...pages('1000000000') }), 'target'],
    [
      'a scale value for a count',
      (book: Book) => ({ itemId: book.items.Quran, metric: 'SCALE_MATCH', target: '1' }),
      'metric',
    ],
    [
      'a value where none is matched',
      (book: Book) => ({ itemId: book.items.Quran, ...pages('1'), scaleMatch: 'EXACT' }),
      'scaleValueId',
    ],
  ])('GOAL-1 refused: %s', async (_title, item, field) => {
    const book = await newBook(service)
    const input = { deedId: book.deedId, title: 'No', durationDays: 3, items: [item(book, book)] }
    if (field === 'itemId') {
      const { data } = await book.ask(CREATE_DEED, {
        input: { category: 'HASANAAT', name: 'Other', measure: 'COUNT', items: [{ name: 'Elsewhere' }] },
      })
      input.items = [{ itemId: data.createDeed.deed.itemTree[0].id, ...pages('1') }]
    }
    const { errors } = await book.ask(CREATE_MERIT, { input })
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      reason: 'INVALID_GOAL',
      field: `input.items[0].${field}`,
    })
  })

  test('GOAL-1 51 items are refused, 50 are taken', async () => {
    const book = await newBook(service)
    const items = Array.from({ length: 51 }, () => ({ itemId: book.items.Quran, ...pages('1') }))
    const input = { deedId: book.deedId, title: 'Many', durationDays: 3 }
    expect((await book.ask(CREATE_MERIT, { input: { ...input, items } })).errors?.[0]?.extensions).toMatchObject({
      reason: 'INVALID_GOAL',
    })
    expect((await book.ask(CREATE_MERIT, { input: { ...input, items: items.slice(1) } })).errors).toBeUndefined()
  })
})

describe('its value', () => {
  test('GOAL-2 counts are summed exactly over the subtree, within the window, without cleared days', async () => {
    const book = await newBook(service)
    await book.newMerit({
      startDate: addDays(book.today, -2),
      durationDays: 3,
      items: [{ itemId: book.items.Quran, ...pages('10') }],
    })
    await book.record('Quran', -2, { count: '0.1' })
    await book.record('Page', -1, { count: '0.2' })
    await book.record('Hadith', -1, { count: '5' })
    await book.record('Page', -3, { count: '7' })
    const { entryId } = await book.record('Juz', 0, { count: '4' })
    await book.ask(CLEAR, { id: entryId })
    const [merit] = await book.merits()
    expect(merit?.progress).toMatchObject({
      items: [{ value: '0.3', remaining: '9.7', contributions: { totalCount: 2 } }],
    })
  })

  test('GOAL-1 without the subtree only the item itself counts', async () => {
    const book = await newBook(service)
    const items = [{ itemId: book.items.Quran, includesDescendants: false, ...pages('10') }]
    await book.newMerit({ startDate: addDays(book.today, -2), durationDays: 3, items })
    await book.record('Quran', -1, { count: '1' })
    await book.record('Juz', -1, { count: '2' })
    expect((await book.merits())[0]?.progress).toMatchObject({ items: [{ value: '1' }] })
  })

  test('GOAL-2 a scale matches exactly, or at or above; days are counted once', async () => {
    const book = await newBook(service, { measure: 'SCALE' })
    const of = (over: object) => ({ itemId: book.items.Quran, target: '9', ...over })
    const late = book.values.late
    await book.newMerit({
      startDate: addDays(book.today, -5),
      durationDays: 6,
      items: [
        of({ metric: 'SCALE_MATCH', scaleValueId: late }),
        of({ metric: 'SCALE_MATCH', scaleValueId: late, scaleMatch: 'AT_OR_ABOVE' }),
        of({ metric: 'DAYS_RECORDED' }),
      ],
    })
    await book.record('Quran', -1, { scaleValueId: late })
    await book.record('Juz', -1, { scaleValueId: book.values['on time'] })
    await book.record('Juz', -2, { scaleValueId: book.values.missed })
    const [merit] = await book.merits()
    expect(merit?.progress).toMatchObject({ items: [{ value: '1' }, { value: '2' }, { value: '2' }] })
    expect(merit?.progress).toMatchObject({
      items: [
        { contributions: { totalCount: 1 } },
        { contributions: { totalCount: 2 } },
        { contributions: { totalCount: 3 } },
      ],
    })
  })

  test('GOAL-7 progress as of a day knows what was dated up to it, and judges as if it were today', async () => {
    const book = await newBook(service)
    await book.newMerit({
      startDate: addDays(book.today, -4),
      durationDays: 3,
      items: [{ itemId: book.items.Quran, ...pages('3') }],
    })
    await book.record('Quran', -4, { count: '1' })
    await book.record('Quran', -2, { count: '2' })
    const asOf = async (day: number) => (await book.merits({ asOf: addDays(book.today, day) }))[0]?.progress
    expect(await asOf(-5)).toMatchObject({ state: 'UPCOMING', ratio: 0, daysLeft: 3 })
    expect(await asOf(-3)).toMatchObject({ state: 'PENDING', daysLeft: 2, items: [{ value: '1' }] })
    expect(await asOf(-2)).toMatchObject({ state: 'MET', ratio: 1 })
    const { errors } = await book.ask(MERITS, { asOf: addDays(book.today, 1) })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'DATE_OUT_OF_RANGE' })
  })

  test('merits are listed by their state, the latest first', async () => {
    const book = await newBook(service)
    const items = [{ itemId: book.items.Quran, ...pages('3') }]
    const pending = await book.newMerit({ startDate: book.today, durationDays: 3, items })
    const failed = await book.newMerit({ startDate: addDays(book.today, -9), durationDays: 3, items })
    const upcoming = await book.newMerit({ startDate: addDays(book.today, 2), durationDays: 3, items })
    const ids = async (state?: string) => (await book.merits({ state })).map(({ id }) => id)
    expect(await ids()).toEqual([upcoming, pending, failed])
    expect(await ids('FAILED')).toEqual([failed])
    expect(await ids('MET')).toEqual([])
  })
})
