import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { startService, type TestService } from '../../support/service.ts'
import { newBook, pages } from './book.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

describe('its completion', () => {
  test('GOAL-6 it comes with the entry that reaches it, names the day in order of dates, and is taken back', async () => {
    const book = await newBook(service)
    const id = await book.newMerit({
      startDate: addDays(book.today, -4),
      durationDays: 9,
      items: [{ itemId: book.items.Quran, ...pages('3') }],
    })
    await book.record('Quran', 0, { count: '2' })
    const reached = await book.record('Quran', -1, { count: '2' })
    expect(reached.goals).toEqual([{ id, completedOn: book.today, completedAt: expect.any(String) }])
    await book.record('Page', -3, { count: '1' })
    expect((await book.merits())[0]).toMatchObject({ completedOn: addDays(book.today, -1) })
    await book.record('Page', -4, { count: '2' })
    expect((await book.merits())[0]).toMatchObject({ completedOn: addDays(book.today, -3) })
    const lowered = await book.record('Quran', -1, { count: '0' })
    await book.record('Page', -4, { count: '0' })
    expect(lowered.goals).toHaveLength(1)
    await book.record('Quran', 0, { count: '0' })
    expect((await book.merits())[0]).toMatchObject({ completedOn: null, completedAt: null })
  })

  test('GOAL-6 sealed from 7 days after the window, completedAt neither comes nor goes, and progress still says what entries say', async () => {
    const book = await newBook(service)
    const items = [{ itemId: book.items.Quran, ...pages('3') }]
    await book.record('Quran', -20, { count: '3' })
    await book.newMerit({ title: 'open', startDate: addDays(book.today, -9), durationDays: 3, items })
    await book.newMerit({ title: 'sealed', startDate: addDays(book.today, -20), durationDays: 3, items })
    await book.record('Quran', -8, { count: '3' })
    await book.record('Quran', -19, { count: '3' })
    const [open, sealed] = await book.merits()
    expect(open).toMatchObject({ isSealed: false, completedOn: addDays(book.today, -8) })
    expect(sealed).toMatchObject({ isSealed: true, completedAt: null, progress: { state: 'MET' } })
  })

  test('GOAL-4 a deleted item suspends a merit that needs it', async () => {
    const book = await newBook(service)
    await book.newMerit({
      startDate: book.today,
      durationDays: 3,
      items: [{ itemId: book.items.Hadith, ...pages('3') }],
    })
    await service.database.admin.query('begin')
    const { rows } = await service.database.admin.query(
      "insert into deletions (user_id, kind, root_id, label, deleted_by) values ($1, 'deed_item', 1, 'Hadith', $1) returning deletion_id",
      [book.leila.userId],
    )
    await service.database.admin.query(
      "update deed_items set deleted_at = now(), deleted_by = user_id, deletion_id = $2 where user_id = $1 and name = 'Hadith'",
      [book.leila.userId, rows[0]?.deletion_id],
    )
    await service.database.admin.query('commit')
    expect((await book.merits())[0]?.progress).toMatchObject({ state: 'SUSPENDED', ratio: 0 })
  })

  test('GOAL-5 moving an item out of the subtree takes its entries with it', async () => {
    const book = await newBook(service)
    await book.newMerit({
      startDate: book.today,
      durationDays: 3,
      items: [{ itemId: book.items.Quran, ...pages('3') }],
    })
    await book.record('Page', 0, { count: '3' })
    expect((await book.merits())[0]).toMatchObject({ completedOn: book.today })
    const move = /* GraphQL */ `mutation Move($input: MoveDeedItemInput!) { moveDeedItem(input: $input) { item { level } } }`
    await book.ask(move, { input: { itemId: book.items.Page, parentId: book.items.Hadith } })
    expect((await book.merits())[0]).toMatchObject({ completedOn: null, progress: { state: 'PENDING' } })
  })

  test('GOAL-5 two writers at once never miss the completion that they reach together', async () => {
    const book = await newBook(service)
    await book.newMerit({
      startDate: addDays(book.today, -9),
      durationDays: 10,
      items: [{ itemId: book.items.Quran, ...pages('10') }],
    })
    await Promise.all(Array.from({ length: 10 }, (_, day) => book.record('Quran', -day, { count: '1' })))
    expect((await book.merits())[0]).toMatchObject({ completedOn: book.today })
  })

  test('GOAL-5 after random edits at once, what is stored is what judging all goals anew says', async () => {
    const items = ['Quran', 'Juz', 'Page', 'Hadith']
    const edit = fc.record({
      item: fc.constantFrom(...items),
      day: fc.integer({ min: -6, max: 0 }),
      count: fc.integer({ min: 0, max: 4 }),
    })
    const asked = fc.record({
      item: fc.constantFrom(...items),
      target: fc.integer({ min: 1, max: 9 }),
      includesDescendants: fc.boolean(),
      comparator: fc.constantFrom('AT_LEAST', 'AT_MOST'),
    })
    const merit = fc.record({
      start: fc.integer({ min: -7, max: 1 }),
      days: fc.integer({ min: 1, max: 6 }),
      match: fc.constantFrom('AND', 'OR'),
      items: fc.array(asked, { minLength: 1, maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(merit, { minLength: 1, maxLength: 3 }),
        fc.array(edit, { maxLength: 24 }),
        async (goals, edits) => {
          const book = await newBook(service)
          for (const goal of goals) {
            await book.newMerit({
              startDate: addDays(book.today, goal.start),
              durationDays: goal.days,
              match: goal.match,
              items: goal.items.map(({ item, target, ...over }) => ({
                itemId: book.items[item],
                ...pages(String(target), over),
              })),
            })
          }
          await Promise.all(edits.map(({ item, day, count }) => book.record(item, day, { count: String(count) })))
          for (const { completedOn, progress } of await book.merits()) {
            expect({ progress, isCompleted: completedOn !== null }).toMatchObject({
              isCompleted: (progress as { state: string }).state === 'MET',
            })
          }
        },
      ),
      { numRuns: 12 },
    )
  })
})
