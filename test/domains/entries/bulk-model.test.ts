// The same rows, all at once in one diary and one by one in another.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { AnsweredRow } from '../../../src/domains/entries/rules/bulk.ts'
import { decideDay } from '../../../src/domains/entries/rules/days.ts'
import type { RecordRequest, Situation } from '../../../src/domains/entries/rules.ts'
import { befriend, grant } from '../../db/world.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf } from './world.ts'

let world: DiaryWorld
beforeAll(async () => {
  world = await newDiaryWorld()
})
afterAll(() => world.stop())

interface Step {
  item: number
  day: number
  kind: 'record' | 'increment' | 'note' | 'scale' | 'both'
  amount: number
  notes: string | null | undefined
  expected: 'none' | 'current' | 'stale'
}

const rows = fc.array(
  fc.record<Step>({
    item: fc.integer({ min: 0, max: 2 }),
    day: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom('record', 'record', 'increment', 'increment', 'note', 'scale', 'both'),
    amount: fc.integer({ min: -2, max: 3 }),
    notes: fc.constantFrom(undefined, undefined, undefined, null, 'a', ''),
    expected: fc.constantFrom('none', 'none', 'none', 'none', 'current', 'stale'),
  }),
  { minLength: 1, maxLength: 30 },
)

const days = ['2026-02-27', '2026-02-28', '2026-03-01']

async function newDiary(name: string) {
  const owner = await world.newDiarist(name)
  const shelf = await newShelf(owner)
  const items = [shelf.book, shelf.page, shelf.fajr]
  const values = [shelf.late, shelf.onTime, shelf.inCongregation]
  await owner.record({ itemId: shelf.book, date: '2026-02-28', count: '2', notes: 'before' })
  await owner.record({ itemId: shelf.fajr, date: '2026-02-28', scaleValueId: shelf.onTime })
  await owner.record({ itemId: shelf.page, date: '2026-03-01', count: '1', notes: 'cleared' })
  await owner.clear({ itemId: shelf.page, date: '2026-03-01' })
  return { owner, items, values }
}

type Diary = Awaited<ReturnType<typeof newDiary>>

function requestOf({ owner, items, values }: Diary, step: Step, current: number) {
  const amount = String(step.amount)
  const scaleValueId = values[Math.abs(step.amount) % 3]
  const value = {
    record: { count: amount },
    increment: { incrementBy: amount },
    note: {},
    scale: { scaleValueId },
    both: { count: amount, scaleValueId },
  }[step.kind]
  const expectedVersion = { none: undefined, current, stale: current + 7 }[step.expected]
  const notes = step.notes === undefined ? {} : { notes: step.notes }
  return {
    ownerId: owner.id,
    itemId: items[step.item] ?? '',
    date: days[step.day] ?? '',
    ...value,
    ...notes,
    expectedVersion,
  }
}

const contents = async ({ owner, items, values }: Diary) => {
  const recorded = await world.admin(
    'select * from entries where user_id = $1 and deleted_at is null order by deed_item_id, entry_date',
    [owner.id],
  )
  return recorded.map((row) => [
    items.indexOf(row.deed_item_id),
    row.entry_date,
    row.count_value,
    row.scale_value_id && values.indexOf(row.scale_value_id),
    row.notes,
    row.updated_by_user_id === owner.id,
  ])
}

const versionsOf = async ({ owner }: Diary) => {
  const recorded = await world.admin('select * from entries where user_id = $1 and deleted_at is null', [owner.id])
  return new Map(recorded.map((row) => [`${row.deed_item_id}:${row.entry_date}`, Number(row.version)]))
}

async function oneByOne(writer: Diarist, diary: Diary, steps: readonly Step[]): Promise<string[]> {
  const refusals: string[] = []
  for (const [index, step] of steps.entries()) {
    const place = `${diary.items[step.item]}:${days[step.day]}`
    const current = (await versionsOf(diary)).get(place) ?? 0
    const refusal = await writer.record(requestOf(diary, step, current), `k${index}`).then(
      () => 'taken',
      (error) => `${error.extensions.code} ${error.extensions.reason} ${error.extensions.field}`,
    )
    refusals.push(refusal)
  }
  return refusals
}

async function allAtOnce(writer: Diarist, diary: Diary, steps: readonly Step[]): Promise<readonly AnsweredRow[]> {
  const versions = await versionsOf(diary)
  const requests = steps.map((step) =>
    requestOf(diary, step, versions.get(`${diary.items[step.item]}:${days[step.day]}`) ?? 0),
  )
  return writer.recordAll(requests, { key: 'all' })
}

function told({ error }: AnsweredRow): string {
  return error ? `${error.code} ${error.reason} ${error.field?.replace(/rows\[\d+\]\./, '')}` : 'taken'
}

async function expectTheSame(steps: readonly Step[], writers: (one: Diary, all: Diary) => Promise<[Diarist, Diarist]>) {
  run += 1
  const [one, all] = [await newDiary(`one_${run}`), await newDiary(`all_${run}`)]
  const [writerOfOne, writerOfAll] = await writers(one, all)
  const refusals = await oneByOne(writerOfOne, one, steps)
  const answers = await allAtOnce(writerOfAll, all, steps)
  expect(answers.map(told)).toEqual(refusals)
  expect(await contents(all)).toEqual(await contents(one))
  const last = new Map(
    steps.map(({ item, day }, index) => [`${item}:${day}`, refusals[index] === 'taken' ? index : -1]),
  )
  for (const [index, { item, day }] of steps.entries())
    if (refusals[index] === 'taken') last.set(`${item}:${day}`, index)
  for (const [index, { status }] of answers.entries()) {
    const isLast = [...last.values()].includes(index)
    if (refusals[index] === 'taken') expect(status === 'SUPERSEDED').toBe(!isLast)
  }
}
let run = 0

test('ENT-5 rows recorded together leave and refuse what the same rows do one after the other', async () => {
  const own = async (one: Diary, all: Diary): Promise<[Diarist, Diarist]> => [one.owner, all.owner]
  await fc.assert(
    fc.asyncProperty(rows, (steps) => expectTheSame(steps, own)),
    { numRuns: 30 },
  )
}, 60_000)

test('ENT-5 ENT-7 so do the rows of a delegate, beside what the owner wrote', async () => {
  const asDelegate = async (one: Diary, all: Diary): Promise<[Diarist, Diarist]> => {
    const budi = await world.newDiarist(`budi_${run}`)
    for (const { owner, items } of [one, all]) {
      const relation = await befriend(budi.person, owner.person)
      for (const itemId of items) {
        await grant(owner.person, budi.person, relation, itemId, {
          type: 'write',
          backfillDays: 3650,
          descendants: false,
        })
      }
    }
    return [budi, budi]
  }
  await fc.assert(
    fc.asyncProperty(rows, (steps) => expectTheSame(steps, asDelegate)),
    { numRuns: 15 },
  )
}, 60_000)

test('ENT-5 whatever the rows of a day, the status compares the day after them with the day before', () => {
  const situation: Situation = {
    ownerId: '1',
    itemId: '10',
    deedId: '5',
    date: '2026-11-20',
    measure: 'count',
    isOwner: true,
    mayWrite: true,
    sharesNotes: true,
    earliestDate: '1900-01-01',
    latestDate: '2026-11-21',
    effectiveScaleId: null,
    requestedScaleId: null,
    requestedIsRetired: false,
    sameLineageValueId: null,
    entry: null,
  }
  const entry = { version: 3, isWrittenByOwner: true, count: '2.000', scaleId: null, scaleValueId: null, notes: null }
  const requests = fc.array(
    fc.oneof(
      fc.record({ count: fc.integer({ min: -1, max: 3 }).map(String) }),
      fc.record({ incrementBy: fc.integer({ min: -2, max: 2 }).map(String) }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  fc.assert(
    fc.property(requests, fc.boolean(), (wanted, isRecorded) => {
      const given = wanted.map((request: Partial<RecordRequest>) => ({
        request: { ownerId: '1', itemId: '10', ...request },
        situation: { ...situation, entry: isRecorded ? entry : null },
      }))
      const { taken, refusals } = decideDay(given)
      let amount = isRecorded ? 2 : null
      for (const { count, incrementBy } of wanted as Partial<RecordRequest>[]) {
        const after = count == null ? (amount ?? 0) + Number(incrementBy) : Number(count)
        if (after >= 0) amount = after
      }
      expect(taken?.value.count ?? null).toEqual(refusals.size === given.length ? null : expect.anything())
      if (taken) expect(Number(taken.value.count)).toBe(amount)
      const expected = isRecorded ? (amount === 2 ? 'UNCHANGED' : 'UPDATED') : 'CREATED'
      if (taken) expect(taken.status).toBe(expected)
    }),
  )
})
