import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, newBook } from '../progress/book.ts'
import { extensionsOf, publishScale, recordValue } from './scale-requests.ts'

let service: TestService
let book: Book
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  book = await newBook(service, { measure: 'SCALE' })
})

const record = (scaleValueId: string | undefined, day?: number) => recordValue(book, scaleValueId, day)

/** The new version's values by name. */
async function published(values: object[]): Promise<Record<string, string>> {
  const { data, errors } = await publishScale(book, values)
  if (errors) throw new Error(JSON.stringify(errors))
  return Object.fromEntries(
    data.publishScale.scale.values.map(({ id, name }: { id: string; name: string }) => [name, id]),
  )
}

describe('entries and versions', () => {
  test("SCA-4 an entry takes a value of its day's version; another is refused with the one that continues it", async () => {
    expect((await record(book.values.late)).errors).toBeUndefined()
    const next = await published([{ name: 'some', continues: book.values.late }, { name: 'all' }])
    expect(extensionsOf(await record(book.values.late, 1))).toMatchObject({
      code: 'CONFLICT',
      reason: 'SCALE_VERSION_MISMATCH',
      field: 'input.scaleValueId',
      suggestedScaleValueId: next.some,
    })
    expect(extensionsOf(await record(next.some))).toMatchObject({
      reason: 'SCALE_VERSION_MISMATCH',
      suggestedScaleValueId: book.values.late,
    })
    expect(extensionsOf(await record(book.values.missed, 1))).not.toHaveProperty('suggestedScaleValueId')
    expect((await record(next.some, 1)).data.recordEntry.entry.scaleValue).toEqual({ id: next.some, name: 'some' })
  })

  test('SCA-1 an entry keeps its version for ever, and may be changed to another value of it', async () => {
    await record(book.values.late, -2)
    await published([{ name: 'some' }, { name: 'all' }])
    const { data } = await record(book.values['on time'], -2)
    expect(data.recordEntry.entry.scaleValue.name).toBe('on time')
  })

  test('SCA-3 averages over versions go by normalized scores alone', async () => {
    await record(book.values.late, -2)
    await record(book.values['on time'], -1)
    const next = await published([
      { name: 'none', score: '0.2' },
      { name: 'much', score: '0.9' },
    ])
    await record(next.much, 0)
    const { data } = await book.ask(/* GraphQL */ `
      query Averages {
        me { user { dashboard {
          totals { averageScore } deeds { averageScore } items { item { name } averageScore }
          series(by: DEED) { points { date averageScore } }
        } } }
      }`)
    const { totals, deeds, items, series } = data.me.user.dashboard
    // (0.5 + 1 + 0.9) / 3
    expect([totals[0].averageScore, deeds[0].averageScore]).toEqual(['0.8', '0.8'])
    expect(items.find(({ item }: { item: { name: string } }) => item.name === 'Page').averageScore).toBe('0.8')
    expect(series[0].points.slice(-3)).toEqual([
      { date: addDays(book.today, -2), averageScore: '0.5' },
      { date: addDays(book.today, -1), averageScore: '1' },
      { date: book.today, averageScore: '0.9' },
    ])
  })

  test('GOAL-1 a goal that asks for a value counts those that continue it', async () => {
    const asked = { metric: 'SCALE_MATCH', scaleValueId: book.values['on time'], scaleMatch: 'EXACT', target: '2' }
    await book.newMerit({
      startDate: addDays(book.today, -3),
      durationDays: 7,
      items: [{ itemId: book.items.Quran, ...asked }],
    })
    await record(book.values['on time'], -1)
    const next = await published([{ name: 'never' }, { name: 'always', continues: book.values['on time'] }])
    expect((await book.merits())[0]).toMatchObject({ completedOn: null })
    await record(next.always, 0)
    expect((await book.merits())[0]).toMatchObject({ completedOn: book.today })
  })
})
