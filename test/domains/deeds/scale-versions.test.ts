import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, newBook } from '../progress/book.ts'

let service: TestService
let book: Book
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  book = await newBook(service, { measure: 'SCALE' })
})

const PUBLISH = /* GraphQL */ `
  mutation Publish($input: PublishScaleInput!) {
    publishScale(input: $input) {
      scale { versionNumber effectiveFrom effectiveTo isLocked values { id name order score normalizedScore color lineageKey } }
      deed { scales { versionNumber effectiveFrom effectiveTo values { name lineageKey } } }
    }
  }`
const UPDATE = /* GraphQL */ `
  mutation Update($input: UpdateScaleValueInput!) {
    updateScaleValue(input: $input) { scaleValue { name color } scale { values { name normalizedScore } } }
  }`
const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { entry { scaleValue { id name } } } }`
const DELETE_ITEM = /* GraphQL */ `
  mutation DeleteItem($id: ID!) { deleteDeedItem(input: { itemId: $id }) { deletion { id } } }`

const publish = (values: object[], over: object = {}) =>
  book.ask(PUBLISH, { input: { deedId: book.deedId, values, ...over } })
const update = (name: string, over: object) => book.ask(UPDATE, { input: { scaleValueId: book.values[name], ...over } })
const record = (scaleValueId: string | undefined, day = 0, item = 'Page') =>
  book.ask(RECORD, { input: { itemId: book.items[item], date: addDays(book.today, day), scaleValueId } })
const two = [{ name: 'no' }, { name: 'yes' }]

function extensionsOf({ errors }: Awaited<ReturnType<Book['ask']>>) {
  expect(errors).toHaveLength(1)
  return errors?.[0]?.extensions
}

/** The new version's values by name. */
async function published(values: object[], over: object = {}): Promise<Record<string, string>> {
  const { data, errors } = await publish(values, over)
  if (errors) throw new Error(JSON.stringify(errors))
  return Object.fromEntries(
    data.publishScale.scale.values.map(({ id, name }: { id: string; name: string }) => [name, id]),
  )
}

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

describe('a value', () => {
  test('SCA-1 is renamed and recoloured even when its version has entries', async () => {
    await record(book.values.late)
    const change = { name: 'a bit late', color: '#FFAA00' }
    expect((await update('late', change)).data.updateScaleValue.scaleValue).toEqual(change)
    const plain = (await update('late', { color: null })).data.updateScaleValue.scaleValue
    expect(plain).toEqual({ name: 'a bit late', color: null })
  })

  test('SCA-4 is retired, and taken back in, until its version has entries; the others are ranked anew', async () => {
    const without = (await update('late', { isRetired: true })).data.updateScaleValue
    expect(without).toEqual({
      scaleValue: null,
      scale: {
        values: [
          { name: 'missed', normalizedScore: '0' },
          { name: 'on time', normalizedScore: '1' },
        ],
      },
    })
    expect(extensionsOf(await record(book.values.late))).toMatchObject({ code: 'CONFLICT' })
    const back = (await update('late', { isRetired: false })).data.updateScaleValue
    expect(back.scale.values[1]).toEqual({ name: 'late', normalizedScore: '0.5' })
    await record(book.values.missed)
    expect(extensionsOf(await update('late', { isRetired: true }))).toEqual({
      code: 'CONFLICT',
      reason: 'SCALE_IN_USE',
    })
  })

  test('SCA-4 the last one of a version stays', async () => {
    await update('late', { isRetired: true })
    await update('missed', { isRetired: true })
    expect(extensionsOf(await update('on time', { isRetired: true }))).toEqual({
      code: 'CONFLICT',
      field: 'input.isRetired',
    })
  })

  test('has a name of its own in its version, unless it is retired', async () => {
    const taken = { code: 'CONFLICT', reason: 'DUPLICATE_NAME', field: 'input.name' }
    expect(extensionsOf(await update('late', { name: 'ON TIME' }))).toEqual(taken)
    await update('late', { isRetired: true, name: 'on time' })
    expect(extensionsOf(await update('late', { isRetired: false }))).toEqual(taken)
    expect((await update('late', { isRetired: false, name: 'late' })).errors).toBeUndefined()
  })

  test('is changed by its owner alone, and not once its deed is counted or deleted', async () => {
    const other = await newBook(service, { measure: 'SCALE' })
    const nobody = { code: 'NOT_FOUND' }
    const input = { scaleValueId: book.values.late, name: 'x' }
    expect(extensionsOf(await other.ask(UPDATE, { input }))).toMatchObject(nobody)
    const measure = 'mutation Measure($id: ID!) { updateDeed(input: { deedId: $id, measure: COUNT }) { deed { id } } }'
    expect((await book.ask(measure, { id: book.deedId })).errors).toBeUndefined()
    expect(extensionsOf(await update('late', { name: 'x' }))).toMatchObject(nobody)
  })

  test('that was retired with its scale finds another in its place', async () => {
    const measure = 'mutation Measure($input: UpdateDeedInput!) { updateDeed(input: $input) { deed { id } } }'
    await book.ask(measure, { input: { deedId: book.deedId, measure: 'COUNT' } })
    await book.ask(measure, { input: { deedId: book.deedId, measure: 'SCALE', scale: two } })
    const late = { code: 'CONFLICT', field: 'input.isRetired' }
    expect(extensionsOf(await update('missed', { isRetired: false }))).toEqual(late)
  })
})
