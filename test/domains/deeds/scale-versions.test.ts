import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, newBook } from '../progress/book.ts'
import { extensionsOf, PUBLISH, publishScale, recordValue, two } from './scale-requests.ts'

let service: TestService
let book: Book
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  book = await newBook(service, { measure: 'SCALE' })
})

const DELETE_ITEM = /* GraphQL */ `
  mutation DeleteItem($id: ID!) { deleteDeedItem(input: { itemId: $id }) { deletion { id } } }`

const publish = (values: object[], over: object = {}) => publishScale(book, values, over)
const record = (scaleValueId: string | undefined, day?: number, item?: string) =>
  recordValue(book, scaleValueId, day, item)

describe('when a version begins', () => {
  test("SCA-2 without a date on the first possible day: the owner's today while nothing is recorded", async () => {
    const { scale, deed } = (await publish(two)).data.publishScale
    expect(scale).toMatchObject({ versionNumber: 2, effectiveFrom: book.today, effectiveTo: null, isLocked: false })
    expect(deed.scales).toMatchObject([
      { versionNumber: 1, effectiveFrom: null, effectiveTo: addDays(book.today, -1) },
      { versionNumber: 2, effectiveFrom: book.today, effectiveTo: null },
    ])
  })

  test.each([
    ['yesterday', -1, 0],
    ['today', 0, 1],
    ['tomorrow', 1, 2],
  ])('SCA-2 after the last recorded day, which is %s', async (_, recorded, first) => {
    expect((await record(book.values.late, recorded)).errors).toBeUndefined()
    const day = addDays(book.today, first)
    const early = await publish(two, { effectiveFrom: addDays(day, -1) })
    expect(extensionsOf(early)).toEqual({
      code: 'CONFLICT',
      reason: 'SCALE_IN_USE',
      field: 'input.effectiveFrom',
      firstPossibleDate: day,
    })
    expect((await publish(two, { effectiveFrom: day })).data.publishScale.scale.effectiveFrom).toBe(day)
  })

  test('SCA-2 after what is recorded for a deleted item too, as that may come back; not after what was cleared', async () => {
    await record(book.values.late, 0, 'Hadith')
    await book.ask(DELETE_ITEM, { id: book.items.Hadith })
    const { entryId } = await book.record('Page', 1, { scaleValueId: book.values.late })
    await book.ask('mutation Clear($id: ID!) { clearEntry(input: { entryId: $id }) { date } }', { id: entryId })
    expect((await publish(two)).data.publishScale.scale.effectiveFrom).toBe(addDays(book.today, 1))
  })

  test('SCA-1 after the version before has had a day, and at most 3,660 days ahead', async () => {
    const ahead = (days: number) => ({ effectiveFrom: addDays(book.today, days) })
    expect(extensionsOf(await publish(two, ahead(3661)))).toMatchObject({
      code: 'BAD_USER_INPUT',
      reason: 'DATE_OUT_OF_RANGE',
      field: 'input.effectiveFrom',
    })
    expect((await publish(two, ahead(10))).errors).toBeUndefined()
    expect(extensionsOf(await publish(two, ahead(10)))).toMatchObject({
      reason: 'SCALE_IN_USE',
      firstPossibleDate: addDays(book.today, 11),
    })
    const { deed } = (await publish(two)).data.publishScale
    expect(deed.scales).toMatchObject([
      { effectiveFrom: null, effectiveTo: addDays(book.today, 9) },
      { effectiveFrom: addDays(book.today, 10), effectiveTo: addDays(book.today, 10) },
      { effectiveFrom: addDays(book.today, 11), effectiveTo: null },
    ])
  })

  test('SCA-2 published and recorded at once, the entry is of the version of its day', async () => {
    for (let round = 0; round < 5; round += 1) {
      book = await newBook(service, { measure: 'SCALE' })
      const [version, entry] = await Promise.all([
        publish(two, { effectiveFrom: book.today }),
        record(book.values.late),
      ])
      const refused = [version, entry].filter(({ errors }) => errors)
      expect(refused).toHaveLength(1)
      expect(['SCALE_IN_USE', 'SCALE_VERSION_MISMATCH']).toContain(refused[0]?.errors?.[0]?.extensions.reason)
    }
  })
})

describe('what a version holds', () => {
  const lineages = /* GraphQL */ `query Scale($id: ID!) { node(id: $id) { ... on Deed { scales { values { name lineageKey } } } } }`

  test('SCA-3 values that continue earlier ones carry their lineage on, by id or by key, past versions between', async () => {
    const firsts = (await book.ask(lineages, { id: book.deedId })).data.node.scales[0].values
    const keyOf = Object.fromEntries(
      firsts.map((value: { name: string; lineageKey: string }) => [value.name, value.lineageKey]),
    )
    await publish([{ name: 'skipped' }, { name: 'done', continues: book.values['on time'] }])
    await publish([
      { name: 'never', lineageKey: keyOf.missed.toUpperCase() },
      { name: 'a little', continues: book.values.late },
      { name: 'fully', continues: book.values['on time'] },
    ])
    const { scales } = (await book.ask(lineages, { id: book.deedId })).data.node
    expect(scales[1].values).toEqual([
      { name: 'skipped', lineageKey: expect.any(String) },
      { name: 'done', lineageKey: keyOf['on time'] },
    ])
    expect(Object.values(keyOf)).not.toContain(scales[1].values[0].lineageKey)
    expect(scales[2].values.map((value: { lineageKey: string }) => value.lineageKey)).toEqual([
      keyOf.missed,
      keyOf.late,
      keyOf['on time'],
    ])
  })

  test('SCA-3 at most one value continues another, which is of the same deed', async () => {
    const other = await newBook(service, { measure: 'SCALE' })
    const wrong = { code: 'BAD_USER_INPUT' }
    const late = book.values.late
    expect(
      extensionsOf(
        await publish([
          { name: 'a', continues: late },
          { name: 'b', continues: late },
        ]),
      ),
    ).toEqual({
      ...wrong,
      reason: 'CONTRADICTORY',
      field: 'input.values[1]',
    })
    const both = { name: 'a', continues: late, lineageKey: crypto.randomUUID() }
    expect(extensionsOf(await publish([both]))).toMatchObject({ ...wrong, field: 'input.values[0].lineageKey' })
    expect(extensionsOf(await publish([{ name: 'a', lineageKey: crypto.randomUUID() }]))).toMatchObject({
      ...wrong,
      reason: 'INVALID_ID',
      field: 'input.values[0].lineageKey',
    })
    expect(extensionsOf(await publish([{ name: 'a', continues: other.values.late }]))).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(extensionsOf(await publish([]))).toMatchObject({ ...wrong, field: 'input.values' })
    expect(extensionsOf(await publish([{ name: 'a', score: '1' }, { name: 'b' }]))).toMatchObject(wrong)
  })

  test("a deed that is counted, or somebody else's, gets no version", async () => {
    const counted = await newBook(service)
    expect(extensionsOf(await counted.ask(PUBLISH, { input: { deedId: counted.deedId, values: two } }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      reason: 'WRONG_MEASURE',
    })
    expect(extensionsOf(await publish(two, { deedId: counted.deedId }))).toMatchObject({ code: 'NOT_FOUND' })
  })
})
